"""PATCH /api/v1/appointments/{appointment}: each member alone, every body form, what is absent (requestBody)."""

from typing import Any

import pytest
import pytest_asyncio

from tests.contracts.sqod.caller import CASE, FIRST, LEAST, PREFERRED, SECOND, Caller, data, parts
from tests.data import sqod as tables

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

CLAIMANT = {
    "name": "John Doe",
    "email": "john@claimant.example",
    "phone_number": "+442071234567",
    "date_of_birth": "1990-01-01",
}
SET = {
    "is_interpreter_needed": True,
    "interpreter_language": "Welsh",
    "features_bandwidth": "medium",
    "use_custom_post_call_redirect": True,
    "custom_user_post_call_redirect_url": "https://user.example/",
    "custom_agent_post_call_redirect_url": "https://agent.example/",
}
SWITCHES = [name for name in tables.RESOURCE if name.startswith("features_") and name.endswith("_enable")]
SECOND_SHOWN = {"id": 2, "name": "Second department"}


@pytest_asyncio.fixture(loop_scope="package")
async def before(caller: Caller) -> dict[str, Any]:
    """An appointment of which every optional member is set."""
    answers = [{"id": CASE, "value": "C-1"}, {"id": PREFERRED, "value": "Jack"}]
    return await caller.made(**SET, claimant=CLAIMANT | {"data": answers})


def one(clause: str, name: str, given: Any, shown: Any = None, **more: Any) -> Any:
    """Set `name` to `given`, which shows it as `shown` and changes `more` besides, and nothing else."""
    changes = {name: given if shown is None else shown} | more
    return pytest.param(name, given, changes, id=f"{name} {given}"[:60], marks=pytest.mark.clause(clause))


def moved(starts: str, ends: str) -> dict[str, Any]:
    return {"meeting": {"start_date": starts, "end_date": ends}}


TIME = "SQ-BODY-appointment_at"
LATER = "2026-04-21T10:30:00.000000Z"
LATER_MEETING = moved("2026-04-21T10:30:00Z", "2026-04-21T11:30:00Z")
LENGTH = "SQ-BODY-duration_in_minutes"
HALF = moved("2026-04-20T09:00:00Z", "2026-04-20T09:30:00Z")
NEEDED = "SQ-BODY-is_interpreter_needed-1"
URLS = ("custom_user_post_call_redirect_url", "custom_agent_post_call_redirect_url")

# Each member alone. The clauses of the switches are those of their names.
CASES = [
    *(
        one(TIME, "appointment_at", given, LATER, **LATER_MEETING)
        for given in (
            "2026-04-21T10:30:00.000Z",
            "2026-04-21T10:30:00.000000",
            "2026-04-21T12:30:00+02:00",
            "2026-04-21T05:30:00-0500",
            "2026-04-21 10:30",
            "2026-04-21t10:30:00z",
            " 2026-04-21T10:30:00.000000000Z ",
        )
    ),
    one(
        TIME,
        "appointment_at",
        "2026-04-21",
        "2026-04-21T00:00:00.000000Z",
        **moved("2026-04-21T00:00:00Z", "2026-04-21T01:00:00Z"),
    ),
    *(one(LENGTH, "duration_in_minutes", given, 30, **HALF) for given in (30, "30", 30.0, " 30 ")),
    one(
        LENGTH,
        "duration_in_minutes",
        525_600,
        **moved("2026-04-20T09:00:00Z", "2027-04-20T09:00:00Z"),
    ),
    *(
        one("SQ-BODY-department_id", "department_id", given, department=SECOND_SHOWN)
        for given in (2, "2", SECOND, SECOND.upper())
    ),
    *(
        one(NEEDED, "is_interpreter_needed", given, False)
        for given in (False, 0, "0", "false", "FALSE", "off", "no")
    ),
    one("SQ-BODY-is_interpreter_needed-2", "is_interpreter_needed", None, False),
    one("SQ-BODY-interpreter_language-1", "interpreter_language", "Norsk bokmål"),
    one("SQ-BODY-interpreter_language-1", "interpreter_language", 7, "7"),
    *(one("SQ-BODY-status-1", "status", given) for given in ("waiting", "late", "no_show")),
    *(one("SQ-BODY-features_bandwidth", "features_bandwidth", given) for given in ("low", "high")),
    *(
        one("SQ-BODY-use_custom_post_call_redirect", "use_custom_post_call_redirect", given, False)
        for given in (False, "0")
    ),
    one("SQ-BODY-custom_user_post_call_redirect_url-1", URLS[0], "https://new.example/a?b=c#d"),
    one("SQ-BODY-custom_agent_post_call_redirect_url-1", URLS[1], "https://new.example/a?b=c#d"),
]


def changed(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Write what an answer must be after these changes; `department_id` shows only as the department."""
    after = before | {name: value for name, value in changes.items() if name != "department_id"}
    return after | {"meeting": before["meeting"] | changes.get("meeting", {})}


@pytest.mark.parametrize(("name", "given", "changes"), CASES)
@pytest.mark.lenient(
    "body.appointment_at",
    "body.duration_in_minutes",
    "body.interpreter_language",
    "body.is_interpreter_needed",
    "body.use_custom_post_call_redirect",
)
async def test_one_member_changes_and_no_other(
    caller: Caller, before: dict[str, Any], name: str, given: Any, changes: dict[str, Any]
) -> None:
    after = await caller.patch(before["id"], {name: given})
    assert after == changed(before, changes)
    assert after != before
    assert await caller.read(before["id"]) == after


SWITCH_CLAUSES = (
    "SQ-BODY-features_call_recording_enable",
    "SQ-BODY-features_breakout_room_enable",
    "SQ-BODY-features_webcam_access_agent_enable",
    "SQ-BODY-features_webcam_access_claimant_enable",
    "SQ-BODY-features_webcam_background_blurring_enable",
    "SQ-BODY-features_microphone_access_enable",
    "SQ-BODY-features_screen_sharing_enable",
    "SQ-BODY-features_messages_chat_enable",
    "SQ-BODY-features_participant_list_enable",
)


@pytest.mark.parametrize(
    "name", [pytest.param(clause[8:], marks=pytest.mark.clause(clause)) for clause in SWITCH_CLAUSES]
)
@pytest.mark.lenient("body.features_")
async def test_each_switch_turns_on_and_off_alone(caller: Caller, before: dict[str, Any], name: str) -> None:
    is_on = before[name]
    for given in (not is_on, str(is_on).lower(), int(not is_on), str(int(is_on))):
        flag = given if isinstance(given, bool) else given in ("true", "1", 1)
        assert await caller.patch(before["id"], {name: given}) == before | {name: flag}


@pytest.mark.clause("SQ-ROUTE-update")
@pytest.mark.clause("SQ-PATCH-001", "SQ-PATCH-003", "SQ-PATCH-004", "SQ-PATCH-005", "SQ-METHOD-004")
async def test_it_changes_that_one_appointment(caller: Caller, before: dict[str, Any]) -> None:
    other = await caller.made()
    answer = await caller.call("PATCH", f"/{before['id']}", {"duration_in_minutes": 30})
    assert answer.status_code == 200
    assert data(answer)["duration_in_minutes"] == 30
    assert await caller.read(other["id"]) == other
    assert (await caller.stored(before["id"])).revision == 2


@pytest.mark.clause("SQ-INPUT-absent")
@pytest.mark.clause("SQ-CONV-005", "SQ-CONV-007")
async def test_several_members_change_together(caller: Caller, before: dict[str, Any]) -> None:
    changes = {"interpreter_language": "Irish", "status": "late", "features_bandwidth": "low"}
    assert await caller.patch(before["id"], changes) == before | changes
    assert len(await caller.history(before["id"])) == 2


@pytest.mark.clause("SQ-UPDATE-empty")
@pytest.mark.clause("SQ-CONV-007", "SQ-PATCH-002")
@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b"[]", b'{"unknown": 1, "_method": "PATCH"}'])
@pytest.mark.lenient
async def test_a_body_without_members_changes_nothing(
    caller: Caller, before: dict[str, Any], body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    assert await caller.patch(before["id"], content=body, headers=headers) == before
    assert len(await caller.history(before["id"])) == 1


@pytest.mark.clause("SQ-CONV-007")
async def test_what_stands_already_changes_nothing(caller: Caller, before: dict[str, Any]) -> None:
    answer = await caller.call("PATCH", f"/{before['id']}", SET | {"appointment_at": LEAST["appointment_at"]})
    assert (data(answer), answer.headers["etag"]) == (before, '"1"')
    assert len(await caller.history(before["id"])) == 1


async def test_every_appointment_can_be_sent_back_as_it_is_shown(caller: Caller) -> None:
    rows = await caller.listed()
    for row in rows:
        claimant = {name: value for name, value in row["claimant"].items() if value is not None}
        body = row | {"claimant": claimant, "department_id": row["department"]["id"]}
        assert await caller.patch(row["id"], body) == row
    assert await caller.listed() == rows


@pytest.mark.clause("SQ-NAME-reference-fixed", "SQ-INPUT-unknown")
@pytest.mark.parametrize(
    "name", ["id", "reference", "url", "created_at", "cancelled_at", "session_started_at"]
)
async def test_what_is_no_member_of_the_request_stays(
    caller: Caller, before: dict[str, Any], name: str
) -> None:
    assert await caller.patch(before["id"], {name: "2001-01-01T00:00:00Z"}) == before
    for value in ("x", None, {"id": 2}, {"room_url": "https://evil.example/"}):
        assert (
            await caller.patch(before["id"], {name: value, "meeting": value, "department": value}) == before
        )


CLEARED = [
    ("SQ-BODY-interpreter_language-2", "interpreter_language", None),
    ("SQ-BODY-is_interpreter_needed-2", "is_interpreter_needed", False),
    ("SQ-BODY-custom_user_post_call_redirect_url-2", "custom_user_post_call_redirect_url", None),
    ("SQ-BODY-custom_agent_post_call_redirect_url-2", "custom_agent_post_call_redirect_url", None),
]


class TestNulls:
    @pytest.mark.parametrize("nothing", [None, "", " \t"])
    @pytest.mark.parametrize(
        ("name", "cleared"),
        [pytest.param(*case, id=case[0], marks=pytest.mark.clause(clause)) for clause, *case in CLEARED],
    )
    @pytest.mark.lenient("body.is_interpreter_needed")
    async def test_null_clears(
        self, caller: Caller, before: dict[str, Any], name: str, cleared: Any, nothing: Any
    ) -> None:
        assert await caller.patch(before["id"], {name: nothing}) == before | {name: cleared}

    @pytest.mark.clause("SQ-UPDATE-status-null")
    @pytest.mark.clause("SQ-BODY-status-2")
    @pytest.mark.parametrize("nothing", [None, "", " "])
    @pytest.mark.parametrize("name", ["status", "features_bandwidth", "department_id"])
    @pytest.mark.lenient("body.department_id", "body.features_bandwidth")
    async def test_null_leaves_what_has_no_empty_value(self, caller: Caller, name: str, nothing: Any) -> None:
        made = await caller.made(department_id=2, features_bandwidth="low")
        before = await caller.patch(made["id"], {"status": "late"})
        assert await caller.patch(made["id"], {name: nothing}) == before

    @pytest.mark.clause("SQ-INPUT-null")
    @pytest.mark.clause("SQ-CONV-006")
    @pytest.mark.parametrize("nothing", [None, "", " "])
    @pytest.mark.parametrize(
        "name", ["appointment_at", "duration_in_minutes", "use_custom_post_call_redirect", *SWITCHES]
    )
    async def test_what_is_required_cannot_be_null(
        self, caller: Caller, before: dict[str, Any], name: str, nothing: Any
    ) -> None:
        text = f"The {name.replace('_', ' ')} field is required."
        body = await caller.refused(before["id"], {name: nothing, "interpreter_language": "x"})
        assert body == {"message": text, "errors": {name: [text]}}


class TestDepartment:
    @pytest.mark.clause("SQ-BODY-department_id")
    async def test_a_new_department_brings_its_owner_and_keeps_a_member(self, caller: Caller) -> None:
        uid = await caller.new()
        assert (await caller.stored(uid)).owner_id == 1
        await caller.patch(uid, {"department_id": 2})
        assert (await caller.stored(uid)).owner_id == 2
        answer = await caller.patch(uid, {"department_id": FIRST})
        assert answer["department"] == {"id": 1, "name": "Demo department"}
        assert (await caller.stored(uid)).owner_id == 1

    @pytest.mark.parametrize("given", [99, "99", "x", CASE, True, [1], 1.5])
    async def test_one_that_does_not_exist_is_refused(self, caller: Caller, given: Any) -> None:
        body = await caller.refused(await caller.new(), {"department_id": given})
        assert body["errors"] == {"department_id": ["The selected department id is invalid."]}

    async def test_one_of_another_tenant_does_not_exist(self, caller: Caller) -> None:
        directory = await caller.served.parts.store.directory(2)
        foreign = str(directory.departments[1].uid)
        body = await caller.refused(await caller.new(), {"department_id": foreign})
        assert body["errors"] == {"department_id": ["The selected department id is invalid."]}


FORM = {
    "appointment_at": "2026-04-21T10:30:00.000000",
    "duration_in_minutes": "30",
    "is_interpreter_needed": "false",
    "interpreter_language": "",
    "status": "late",
    "claimant[name]": "Jane Roe",
    "claimant[phone_number]": "",
    "claimant[data][0][id]": CASE,
    "claimant[data][0][value]": "C-2 æøå & =",
    "features_bandwidth": "",
    "features_messages_chat_enable": "off",
}


def filled(before: dict[str, Any]) -> dict[str, Any]:
    """Write what the form above makes of an appointment."""
    after = before | {
        "appointment_at": LATER,
        "duration_in_minutes": 30,
        "is_interpreter_needed": False,
        "interpreter_language": None,
        "status": "late",
        "features_messages_chat_enable": False,
    }
    first, second = before["claimant"]["data"]
    answers = [first | {"value": "C-2 æøå & ="}, second]
    claimant = before["claimant"] | {"name": "Jane Roe", "phone_number": None, "data": answers}
    times = {"start_date": "2026-04-21T10:30:00Z", "end_date": "2026-04-21T11:00:00Z"}
    return after | {"claimant": claimant, "meeting": before["meeting"] | times}


class TestForms:
    @pytest.mark.clause("SQ-WIRE-forms", "SQ-VERB-urlencoded")
    async def test_urlencoded_with_brackets(self, caller: Caller, before: dict[str, Any]) -> None:
        assert await caller.patch(before["id"], data=FORM) == filled(before)

    @pytest.mark.clause("SQ-VERB-multipart")
    async def test_multipart_with_brackets_by_patch_itself(
        self, caller: Caller, before: dict[str, Any]
    ) -> None:
        assert await caller.patch(before["id"], files=parts(FORM)) == filled(before)

    async def test_files_are_passed_over(self, caller: Caller, before: dict[str, Any]) -> None:
        files = parts({"status": "late"}) | {"interpreter_language": ("x.txt", "Irish")}
        assert await caller.patch(before["id"], files=files) == before | {"status": "late"}

    @pytest.mark.clause("SQ-INPUT-later")
    async def test_the_later_of_two_wins(self, caller: Caller, before: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = b"status=late&status=waiting&claimant%5Bname%5D=A+B&claimant[name]=C+D"
        after = await caller.patch(before["id"], content=content, headers=headers)
        assert (after["status"], after["claimant"]["name"]) == ("waiting", "C D")

    @pytest.mark.clause("SQ-INPUT-json")
    @pytest.mark.clause("SQ-PATCH-002")
    @pytest.mark.parametrize(
        "media_type",
        [
            "application/json",
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/vnd.x+json",
            "",
        ],
    )
    @pytest.mark.lenient("body")
    async def test_json_by_any_of_its_names(
        self, caller: Caller, before: dict[str, Any], media_type: str
    ) -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        content = '{"interpreter_language": "Føroyskt"}'.encode()
        after = await caller.patch(before["id"], content=content, headers=headers)
        assert after == before | {"interpreter_language": "Føroyskt"}

    @pytest.mark.clause("SQ-WIRE-chunked")
    async def test_in_pieces_and_without_a_length(self, caller: Caller, before: dict[str, Any]) -> None:
        async def pieces() -> Any:
            for piece in (b'{"status"', b": ", b'"late"}'):
                yield piece

        headers = {"Content-Type": "application/json"}
        assert await caller.patch(before["id"], content=pieces(), headers=headers) == before | {
            "status": "late"
        }

    @pytest.mark.clause("SQ-INPUT-trimmed")
    async def test_texts_are_trimmed(self, caller: Caller, before: dict[str, Any]) -> None:
        after = await caller.patch(before["id"], {"interpreter_language": " \u00a0Irish\u200b\n"})
        assert after == before | {"interpreter_language": "Irish"}
