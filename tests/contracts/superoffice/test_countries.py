"""Countries in the caller's language, wherever they are named (ADR 213)."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


async def got(desk: Desk, path: str, language: str) -> Any:
    headers = {"SO-Language": language} if language else {}
    answer = await desk.served.so("GET", path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("SO-HEADER-012", "SO-HEADER-013")
@pytest.mark.parametrize(
    ("language", "norway", "britain", "zone"),
    [
        ("", "Norway", "United Kingdom", "Norway"),
        ("*", "Norway", "United Kingdom", "Norway"),
        ("en", "Norway", "United Kingdom", "Norway"),
        ("no", "Norge", "Storbritannia", "Norge"),
        ("de", "Norwegen", "Vereinigtes Königreich", "Norwegen"),
        ("fr", "Norvège", "Royaume-Uni", "Norvège"),
    ],
    ids=["none", "star", "en", "no", "de", "fr"],
)
async def test_a_country_is_said_in_the_callers_language(
    desk: Desk, language: str, norway: str, britain: str, zone: str
) -> None:
    assert (await got(desk, "Contact/2", language))["CountryName"] == norway
    wanted = {578: norway, 826: britain}
    for path in ("MDOList/country", "List/country/Items", "MDOList/country/selectable"):
        items = await got(desk, path, language)
        assert {one["Id"]: one["Name"] for one in items if one["Id"] in wanted} == wanted, path
        assert [one["Name"] for one in items] == sorted((one["Name"] for one in items), key=str.casefold)
    (found,) = await got(desk, f"MDOList/country?query={britain[-6:]}", language)
    assert found["Id"] == 826
    (row,) = (await got(desk, "Contact?$filter=contactId eq 3&$select=country", language))["value"]
    assert row["country"] == britain
    (first, *_rest) = (await got(desk, f"TimeZone?$filter=country eq '{zone}'", language))["value"]
    assert (first["timeZone"], first["country"]) == ("NO", zone)


async def test_what_is_sent_back_in_its_language_changes_nothing(desk: Desk) -> None:
    before = await got(desk, "Contact/2", "")
    headers = {"SO-Language": "de"}
    german = await got(desk, "Contact/2", "de")
    assert german["CountryName"] == "Norwegen"
    for method, body in (("PUT", german), ("PATCH", {"CountryName": "Norwegen"})):
        answer = await desk.served.so(method, "Contact/2", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    assert await got(desk, "Contact/2", "") == before


async def test_agents_say_it_so_too_and_the_companys_other_texts(desk: Desk) -> None:
    span = {"StartTime": "2020-01-01T00:00:00", "EndTime": "2040-01-01T00:00:00"}
    method, headers = "Agents/Appointment/GetMySyncAppointments", {"SO-Language": "de"}
    answer = await desk.served.so("POST", method, json=span, headers=headers)
    told = [part for row in answer.json() for part in row["Participants"] if part["ContactId"] == 1]
    said = {(part["ContactCountry"], part["Country"], part["ContactCategory"]) for part in told}
    assert said == {("Norwegen", "Norwegen", "Eigene Firma")}
    zone = await desk.served.so("POST", "Agents/TimeZone/GetDefaultTimeZoneInformation", headers=headers)
    assert zone.json()["Country"] == "Norwegen"
