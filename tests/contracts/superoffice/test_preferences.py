"""Preferences: read from the nearest level, set by whom they concern (Preference; Agents Preference)."""

from itertools import count
from typing import Any

import httpx
import pytest

from appointed.domain.preference import LONGEST_NAME, LONGEST_VALUE
from appointed.superoffice.start.preferences import KNOWN, LABELS, Known
from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

_sections = count(1)


@pytest.fixture
def section() -> str:
    """A section that no other test speaks of."""
    return f"Test {next(_sections)}"


async def call(served: Served, method: str, path: str, login: str = "kari", **more: Any) -> httpx.Response:
    return await served.client.request(method, f"/api/v1/{path}", headers=served.basic(login), **more)


async def read(served: Served, path: str, login: str = "kari") -> tuple[str, str]:
    answer = await call(served, "GET", f"Preference/{path}", login)
    assert answer.status_code == 200, answer.text
    return answer.json()["Level"], answer.json()["RawValue"]


async def done(served: Served, method: str, path: str, login: str = "kari", **more: Any) -> None:
    answer = await call(served, method, path, login, **more)
    assert (answer.status_code, answer.content) == (204, b""), answer.text


async def asked(served: Served, method: str, body: Any = None, login: str = "kari") -> Any:
    answer = await call(served, "POST", f"Agents/Preference/{method}", login, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("SO-PREF-001", "SO-PREF-002")
async def test_what_nobody_set(served: Served, section: str) -> None:
    answer = await call(served, "GET", "preference/diaryview/defaultalarmtime")
    known = answer.json()
    assert (known["Level"], known["RawValue"], known["DisplayValue"]) == ("HardDefault", "15", "15")
    assert known["Specification"]["Section"] == "DiaryView"
    assert known["DisplayType"] == "Number"
    assert await read(served, f"{section}/Key") == ("Undefined", "")


@pytest.mark.clause("SO-PREF-001", "SO-PREF-003")
async def test_a_preference_is_its_owners(served: Served, section: str) -> None:
    for verb, value in (("PUT", "first"), ("POST", "second é")):
        await done(served, verb, f"Preference/{section}/Key", json={"rawValue": value})
        assert await read(served, f"{section.upper()}/KEY") == ("Individual", value)
    assert await read(served, f"{section}/Key", "ola") == ("Undefined", "")


@pytest.mark.clause("SO-PREF-001", "SO-PREF-004")
async def test_levels(served: Served, section: str) -> None:
    path = f"Preference/{section}/Key"
    levels = (("SystemWide", "demo"), ("3", "demo"), ("Group", "demo"), ("individual", "ola"))
    for value, (level, login) in enumerate(levels):
        await done(served, "PUT", f"{path}/{level}?value={value}", login, content=b"{}")
    # Ola is in the administrator's group, Kari in another.
    assert await read(served, f"{section}/Key", "ola") == ("Individual", "3")
    assert await read(served, f"{section}/Key", "demo") == ("Group", "2")
    assert await read(served, f"{section}/Key", "kari") == ("Database", "1")
    at = {
        level: (await call(served, "GET", f"{path}/{level}", "ola")).json()
        for level in ("0", "HardDefault", "SystemWide", "Database", "Group", "Individual", "PC")
    }
    assert at == {
        "0": "3",
        "HardDefault": "",
        "SystemWide": "0",
        "Database": "1",
        "Group": "2",
        "Individual": "3",
        "PC": "",
    }


@pytest.mark.clause("SO-PREF-004")
async def test_others_levels_are_the_administrators(served: Served, section: str) -> None:
    path = f"Preference/{section}/Key"
    for level in ("SystemWide", "Database", "Group"):
        answer = await call(served, "POST", f"{path}/{level}?value=1")
        assert (answer.status_code, answer.headers["appointed-error"]) == (403, "forbidden")
        assert "preference" in answer.json()["Message"]
        answer = await call(served, "PUT", path, json={"RawValue": "1", "Level": level})
        assert answer.status_code == 403
    assert await read(served, f"{section}/Key", "demo") == ("Undefined", "")


@pytest.mark.clause("SO-PREF-005")
async def test_sections_and_keys(served: Served, section: str) -> None:
    await done(served, "PUT", f"Preference/{section}/Mine", json={"RawValue": "1"})
    names = [item["Name"] for item in (await call(served, "GET", "Preference")).json()]
    assert {"Defaults", "DiaryView", section} <= set(names)
    keys = (await call(served, "GET", f"Preference/{section}")).json()
    assert [(item["Id"], item["Name"], item["Type"]) for item in keys] == [(1, "Mine", "preferencekey")]
    assert (await call(served, "GET", f"Preference/{section}", "ola")).json() == []


@pytest.mark.clause("SO-PREF-006")
async def test_the_agent_saves_and_reads(served: Served, section: str) -> None:
    specification = {"section": section, "key": "Key"}
    sent = {"preference": {"rawValue": "a", "level": 5, "specification": specification}}
    await done(served, "POST", "Agents/Preference/SavePreference", json=sent)
    name = {"prefSection": section, "prefKey": "key", "prefLevel": "Undefined"}
    found = await asked(served, "GetPreferenceByName", name)
    assert (found["Level"], found["RawValue"], found["TargetId"]) == ("Individual", "a", 2)
    assert (await asked(served, "GetPreferenceByName", name | {"prefLevel": 4}))["Level"] == "Undefined"
    await done(
        served,
        "POST",
        "Agents/Preference/SavePreferences",
        json={
            "Preferences": [
                {"RawValue": value, "Specification": {"Section": section, "Key": value}} for value in "bc"
            ]
        },
    )
    wanted = {"Specifications": [{"Section": section, "Key": key} for key in ("c", "b", "Key", "nothing")]}
    for method in ("GetPreferences", "GetPreferencesWithDisplayValues"):
        assert [one["RawValue"] for one in await asked(served, method, wanted)] == ["c", "b", "a", ""]
    sent["preference"]["rawValue"] = "z"
    assert (await asked(served, "SavePreferenceEntity", sent))["RawValue"] == "z"
    assert await read(served, f"{section}/Key") == ("Individual", "z")
    assert (await asked(served, "CreateDefaultPreference"))["Level"] == "Undefined"


@pytest.mark.clause("SO-PREF-006")
async def test_an_owner_by_id(served: Served, section: str) -> None:
    await done(served, "PUT", f"Preference/{section}/Key", json={"RawValue": "karis"})
    body = {"PrefSection": section, "PrefKey": "Key", "PrefLevel": "Individual", "OwnerId": 2}
    assert (await asked(served, "GetPreferenceByNameAndId", body, "demo"))["RawValue"] == "karis"
    assert (await asked(served, "GetPreferenceByNameAndId", body))["RawValue"] == "karis"
    answer = await call(served, "POST", "Agents/Preference/GetPreferenceByNameAndId", "ola", json=body)
    assert answer.status_code == 403


@pytest.mark.clause("SO-PREF-009")
async def test_nearer_levels_can_be_removed(served: Served, section: str) -> None:
    for login in ("kari", "ola"):
        await done(served, "PUT", f"Preference/{section}/Key", login, json={"RawValue": login})
    carrier = {
        "RawValue": "all",
        "Level": "Database",
        "Specification": {"Section": section, "Key": "Key"},
    }
    await asked(served, "SavePreferenceEntity", {"Preference": carrier, "RemoveLowerLevels": False}, "demo")
    assert await read(served, f"{section}/Key") == ("Individual", "kari")
    body = {"Preferences": [carrier], "RemoveLowerLevels": True}
    answer = await call(served, "POST", "Agents/Preference/SavePreferenceEntities", "kari", json=body)
    assert answer.status_code == 403
    await done(served, "POST", "Agents/Preference/SavePreferenceEntities", "demo", json=body)
    for login in ("kari", "ola"):
        assert await read(served, f"{section}/Key", login) == ("Database", "all")


@pytest.mark.clause("SO-PREF-007")
async def test_descriptions(served: Served) -> None:
    everything = await asked(served, "GetAll")
    assert await asked(served, "GetAllFromSection", {"Section": "diaryview"}) == [
        one for one in everything if one["Section"] == "DiaryView"
    ]
    one = await asked(served, "GetFromSectionAndKey", {"Section": "DiaryView", "Key": "DefaultAlarmTime"})
    assert one in everything
    assert (one["ValueType"], one["MaxLevel"]) == ("Number", "Individual")
    assert await asked(served, "GetFromSectionAndKey", {"Section": "DiaryView", "Key": "Nothing"}) is None


@pytest.mark.clause("SO-PREF-007")
@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "Length of a meeting"),
        ("no", "Varighet av et møte"),
        ("sv", "Längd på ett möte"),
        ("da", "Varighed af et møde"),
        ("de", "Dauer einer Besprechung"),
        ("fr", "Durée d'une réunion"),
        ("nl", "Duur van een vergadering"),
    ],
)
async def test_preferences_are_called_in_the_callers_language(
    served: Served, language: str, wanted: str
) -> None:
    names = {"Section": "Defaults", "Key": "DefaultAppointmentAppointLength"}
    headers = served.basic("kari") | {"SO-Language": language}
    path = f"/api/v1/Preference/{names['Section']}/{names['Key']}"
    answer = await served.client.get(path, headers=headers)
    assert answer.json()["DisplayTooltip"] == wanted
    agent = "/api/v1/Agents/Preference/GetFromSectionAndKey"
    told = (await served.client.post(agent, json=names, headers=headers)).json()
    assert (told["Name"], told["Description"]) == (wanted, wanted)


@pytest.mark.parametrize("known", KNOWN, ids=[one.key for one in KNOWN])
async def test_every_preference_has_its_name_in_seven_languages(known: Known) -> None:
    assert LABELS[known.label].keys() == {"en", "no", "sv", "da", "de", "fr", "nl"}


@pytest.mark.clause("SO-PREF-008")
async def test_the_xsrf_value(served: Served) -> None:
    assert (await asked(served, "GetXsrfValue"))["Value"] == ""
    cookies, value = await served.session("kari")
    answer = await served.client.post(
        "/api/v1/Agents/Preference/GetXsrfValue", headers={"Cookie": cookies, "X-XSRF-TOKEN": value}
    )
    assert answer.json()["Value"] == value


BAD = [
    ("PUT", "Preference/S/K", None, 400),
    ("PUT", "Preference/S/K", [], 400),
    ("PUT", "Preference/S/K", {}, 400),
    ("PUT", "Preference/S/K", {"RawValue": 5}, 400),
    ("PUT", "Preference/S/K", {"RawValue": "x" * (LONGEST_VALUE + 1)}, 400),
    ("PUT", "Preference/S/K", {"RawValue": "1", "Level": "PC"}, 400),
    ("PUT", "Preference/S/K", {"RawValue": "1", "Level": "Nothing"}, 400),
    ("PUT", f"Preference/S/{'k' * (LONGEST_NAME + 1)}", {"RawValue": "1"}, 400),
    ("PUT", "Preference/S/K%0AK", {"RawValue": "1"}, 400),
    ("GET", "Preference/%20/%20", None, 400),
    ("GET", "Preference/S/K/9", None, 400),
    ("PUT", "Preference/S/K/HardDefault?value=1", None, 400),
    ("PUT", "Preference/S/K/Individual", None, 400),
    ("PUT", "Preference/S/K/Individual?value=%00", None, 400),
    ("DELETE", "Preference/S/K", None, 405),
    ("POST", "Agents/Preference/SavePreference", {"Preference": {"RawValue": "1"}}, 400),
    ("POST", "Agents/Preference/SavePreferences", {"Preferences": [None]}, 400),
    ("POST", "Agents/Preference/GetPreferences", {"Specifications": {}}, 400),
    ("POST", "Agents/Preference/GetPreferenceByName", {"PrefSection": "S"}, 400),
]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"), BAD, ids=[str(number) for number in range(len(BAD))]
)
async def test_bad_input(served: Served, verb: str, path: str, body: Any, status: int) -> None:
    answer = await call(served, verb, path, json=body)
    assert answer.status_code == status, answer.text
    served.assert_body("superoffice", answer)
    assert await read(served, "S/K") == ("Undefined", "")
