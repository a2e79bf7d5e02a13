"""GET /api/v1/appointments/{appointment}: all members always, for those who may see the row."""

import re
from typing import Any

import pytest
import pytest_asyncio

from appointed.domain.appointment import Appointment, Kind
from appointed.usecases.ports import ById
from tests.contracts.served import HOST, Served
from tests.contracts.sqod.caller import CASE, LEAST, UNKNOWN, Caller, data
from tests.data import sqod as tables

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

TYPES = {str: "string", int: "integer", bool: "boolean", type(None): "null", dict: "object", list: "array"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
TEXT = re.compile(r"\S.*", re.DOTALL)


def typed(value: dict[str, Any], table: dict[str, tuple[str, ...]]) -> None:
    """Check that exactly these members are there, each of its type."""
    assert list(value) == list(table)
    for name, allowed in table.items():
        assert TYPES[type(value[name])] in allowed, name


# Every member: its clause, and what its value looks like. The dots lead into nested objects.
MEMBERS = [
    ("SQ-ANSWER-id", "id", UUID),
    ("SQ-UUID-001", "id", UUID),
    ("SQ-ANSWER-reference", "reference", TEXT),
    ("SQ-ANSWER-appointment_at", "appointment_at", INSTANT),
    ("SQ-ANSWER-duration_in_minutes", "duration_in_minutes", range(1, 10_000)),
    ("SQ-ANSWER-is_interpreter_needed", "is_interpreter_needed", (True, False)),
    ("SQ-ANSWER-interpreter_language", "interpreter_language", TEXT),
    ("SQ-ANSWER-status", "status", tables.STATUSES),
    ("SQ-ANSWER-url", "url", re.compile(HOST + r"/\S+")),
    ("SQ-ANSWER-created_at", "created_at", INSTANT),
    ("SQ-ANSWER-cancelled_at", "cancelled_at", INSTANT),
    ("SQ-ANSWER-cancellation_reason", "cancellation_reason", TEXT),
    ("SQ-DEPARTMENT-id", "department.id", (1, 2)),
    ("SQ-DEPARTMENT-name", "department.name", TEXT),
    ("SQ-ANSWER-claimant-name", "claimant.name", TEXT),
    ("SQ-ANSWER-claimant-phone_number", "claimant.phone_number", TEXT),
    ("SQ-ANSWER-claimant-email", "claimant.email", re.compile(r"\S+@\S+")),
    ("SQ-ANSWER-claimant-date_of_birth", "claimant.date_of_birth", DAY),
    ("SQ-ANSWER-claimant-data-id", "claimant.data.id", UUID),
    ("SQ-ANSWER-claimant-data-value", "claimant.data.value", TEXT),
    ("SQ-ANSWER-claimant-data-name", "claimant.data.name", TEXT),
    ("SQ-ANSWER-claimant-data-type", "claimant.data.type", ("text",)),
    ("SQ-ANSWER-claimant-data-required", "claimant.data.required", (True, False)),
    ("SQ-MEETING-id", "meeting.id", TEXT),
    ("SQ-MEETING-room_name", "meeting.room_name", TEXT),
    ("SQ-MEETING-room_url", "meeting.room_url", re.compile(HOST + r"/agent-web/room/\S+")),
    ("SQ-MEETING-start_date", "meeting.start_date", SECOND),
    ("SQ-MEETING-end_date", "meeting.end_date", SECOND),
    ("SQ-ANSWER-session_started_at", "session_started_at", INSTANT),
    ("SQ-ANSWER-session_ended_at", "session_ended_at", INSTANT),
    ("SQ-ANSWER-features_call_recording_enable", "features_call_recording_enable", (True, False)),
    ("SQ-ANSWER-features_breakout_room_enable", "features_breakout_room_enable", (True, False)),
    ("SQ-ANSWER-features_webcam_access_agent_enable", "features_webcam_access_agent_enable", (True, False)),
    (
        "SQ-ANSWER-features_webcam_access_claimant_enable",
        "features_webcam_access_claimant_enable",
        (True, False),
    ),
    (
        "SQ-ANSWER-features_webcam_background_blurring_enable",
        "features_webcam_background_blurring_enable",
        (True, False),
    ),
    ("SQ-ANSWER-features_microphone_access_enable", "features_microphone_access_enable", (True, False)),
    ("SQ-ANSWER-features_screen_sharing_enable", "features_screen_sharing_enable", (True, False)),
    ("SQ-ANSWER-features_messages_chat_enable", "features_messages_chat_enable", (True, False)),
    ("SQ-ANSWER-features_participant_list_enable", "features_participant_list_enable", (True, False)),
    ("SQ-ANSWER-features_bandwidth", "features_bandwidth", ("low", "medium", "high")),
    ("SQ-ANSWER-use_custom_post_call_redirect", "use_custom_post_call_redirect", (True, False)),
    (
        "SQ-ANSWER-custom_user_post_call_redirect_url",
        "custom_user_post_call_redirect_url",
        re.compile(r"https://\S+"),
    ),
    (
        "SQ-ANSWER-custom_agent_post_call_redirect_url",
        "custom_agent_post_call_redirect_url",
        re.compile(r"https://\S+"),
    ),
]


def shown(clause: str, *case: Any) -> Any:
    return pytest.param(*case, id=clause, marks=pytest.mark.clause(clause))


@pytest.mark.parametrize(("path", "expected"), [shown(*row) for row in MEMBERS])
async def test_every_member_of_a_full_appointment(
    full: dict[str, Any], path: str, expected: re.Pattern[str] | tuple[Any, ...]
) -> None:
    value: Any = full
    for name in path.split("."):
        value = value[0][name] if isinstance(value, list) else value[name]
    if isinstance(expected, re.Pattern):
        assert expected.fullmatch(value)
    else:
        assert value in expected
        assert isinstance(value, type(expected[0]))


@pytest_asyncio.fixture(loop_scope="package")
async def full(caller: Caller) -> dict[str, Any]:
    """An appointment that has everything, read again."""
    claimant = {
        "name": "John Doe",
        "email": "john@claimant.example",
        "phone_number": "+442071234567",
        "date_of_birth": "1990-01-01",
        "data": [{"id": CASE, "value": "C-1"}],
    }
    uid = await caller.new(
        claimant=claimant,
        interpreter_language="Welsh",
        is_interpreter_needed=True,
        use_custom_post_call_redirect=True,
        custom_user_post_call_redirect_url="https://user.example/",
        custom_agent_post_call_redirect_url="https://agent.example/",
    )
    for status in ("being_seen", "complete"):
        await caller.patch(uid, {"status": status})
    await caller.cancel(uid, "Moved away")
    return await caller.read(uid)


@pytest.mark.clause("SQ-WIRE-keys")
@pytest.mark.clause(
    "SQ-CONV-002",
    "SQ-CONV-004",
    "SQ-ANSWER-department",
    "SQ-ANSWER-claimant",
    "SQ-ANSWER-claimant-data",
    "SQ-ANSWER-meeting",
)
async def test_all_members_are_there_with_their_types_whatever_the_appointment(
    caller: Caller, full: dict[str, Any]
) -> None:
    rows = [full, *await caller.listed()]
    assert {row["status"] for row in rows} >= {"scheduled", "complete", "cancelled"}
    for row in rows:
        typed(row, tables.RESOURCE)
        typed(row["claimant"], tables.CLAIMANT)
        for answer in row["claimant"]["data"]:
            typed(answer, tables.ANSWER)
        for name, table in (("department", tables.DEPARTMENT), ("meeting", tables.MEETING)):
            if row[name] is not None:
                typed(row[name], table)
    assert len(tables.RESOURCE) == 29


@pytest.mark.clause("SQ-ANSWER-status")
async def test_the_demo_shows_every_status(caller: Caller) -> None:
    assert {row["status"] for row in await caller.listed()} == set(tables.STATUSES)


@pytest.mark.clause("SQ-WIRE-keys")
@pytest.mark.clause("SQ-CONV-003", "SQ-ANSWER-cancelled_at", "SQ-ANSWER-session_started_at")
async def test_what_has_no_value_is_null(caller: Caller) -> None:
    made = await caller.made()
    for name in ("cancelled_at", "cancellation_reason", "session_started_at", "session_ended_at"):
        assert made[name] is None


@pytest.mark.clause("SQ-TIME-meeting")
@pytest.mark.clause("SQ-MEETING-start_date", "SQ-MEETING-end_date")
async def test_the_meeting_is_when_the_appointment_is(caller: Caller) -> None:
    made = await caller.made(appointment_at="2026-04-20T23:30:00.500Z", duration_in_minutes=45)
    assert made["meeting"]["start_date"] == "2026-04-20T23:30:00Z"
    assert made["meeting"]["end_date"] == "2026-04-21T00:15:00Z"


@pytest.mark.clause("SQ-WIRE-envelope", "SQ-NAME-uuid", "SQ-ROUTE-read")
@pytest.mark.clause("SQ-PATH-001", "SQ-PATCH-004", "SQ-PATCH-005")
async def test_it_is_read_by_its_uuid_in_any_case(caller: Caller) -> None:
    made = await caller.made()
    for uid in (made["id"], made["id"].upper()):
        assert data(await caller.call("GET", f"/{uid}")) == made


@pytest.mark.clause("SQ-UPDATE-not-found", "SQ-ERROR-404-model")
@pytest.mark.parametrize(
    "uid",
    [
        UNKNOWN,
        "1",
        "nobody",
        "{0f000000-0000-4000-8000-0000000000ff}",
        UNKNOWN.replace("-", ""),
        "%20",
        "..;",
    ],
)
async def test_an_id_that_is_unknown_or_none_is_not_found(caller: Caller, uid: str) -> None:
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/cancel"), ("POST", "?_method=PATCH")):
        answer = await caller.call(method, f"/{uid}{path}")
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (404, "not_found")
        told = uid.replace("%20", " ")
        assert answer.json() == {"message": rf"No query results for model [App\Models\Appointment] {told}"}


@pytest.mark.clause("SQ-SERVER-001")
async def test_links_start_with_the_address_that_the_customer_calls(caller: Caller) -> None:
    uid = await caller.new()
    for host in ("video.customer.example", "other.customer.example:8443"):
        row = await caller.sending(Host=host).read(uid)
        assert row["url"].startswith(f"http://{host}/client-web/")
        assert row["meeting"]["room_url"].startswith(f"http://{host}/agent-web/")


@pytest.mark.clause("SQ-WIRE-json")
@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/xml", "text/html,application/xml;q=0.9"])
async def test_whatever_is_accepted_the_answer_is_json(caller: Caller, accept: str) -> None:
    uid = await caller.new()
    browser = caller.sending(Accept=accept)
    assert (await browser.read(uid))["id"] == uid
    assert (await browser.patch(uid, {"duration_in_minutes": 30}))["duration_in_minutes"] == 30
    assert (await browser.page())["data"] != []
    wrong = await browser.call("PATCH", f"/{uid}", {"duration_in_minutes": 0})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/json")


async def test_reading_writes_nothing(caller: Caller) -> None:
    uid = await caller.new()
    before = await caller.history(uid)
    await caller.read(uid)
    await caller.page()
    await caller.call("HEAD", f"/{uid}")
    assert await caller.history(uid) == before
    assert len(before) == 1


class TestVerbs:
    @pytest.mark.clause("SQ-ERROR-head")
    async def test_head_says_what_get_would(self, caller: Caller) -> None:
        uid = await caller.new()
        for path in ("", f"/{uid}"):
            got, headed = await caller.call("GET", path), await caller.call("HEAD", path)
            assert headed.status_code == got.status_code == 200
            for name in ("content-type", "content-length", "etag"):
                assert headed.headers.get(name) == got.headers.get(name)
        assert (await caller.call("HEAD", f"/{UNKNOWN}")).status_code == 404

    @pytest.mark.clause("SQ-ERROR-options")
    async def test_options_lists_the_verbs_and_asks_for_no_token(self, callers: dict[str, Caller]) -> None:
        uid = await callers["demo"].new()
        for path, verbs in (
            ("", {"GET", "HEAD", "POST"}),
            (f"/{uid}", {"GET", "HEAD", "PATCH", "POST"}),
            (f"/{uid}/cancel", {"POST"}),
        ):
            answer = await callers["nobody"].call("OPTIONS", path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert set(answer.headers["allow"].split(", ")) == verbs


class TestWhoSees:
    async def test_a_row_outside_a_clients_departments_looks_absent(self, callers: dict[str, Caller]) -> None:
        first, second = [await callers["demo"].new(department_id=number) for number in (1, 2)]
        await looks_absent(callers["second"], first)
        await looks_absent(callers["agent"], second)
        assert (await callers["second"].read(second))["id"] == second

    async def test_another_tenants_row_looks_absent(self, callers: dict[str, Caller]) -> None:
        uid = await callers["demo"].new()
        await looks_absent(callers["other"], uid)

    async def test_private_rows_of_others_look_absent(self, callers: dict[str, Caller]) -> None:
        served = callers["demo"].served
        reading = await served.parts.store.read(1, ById((await served.private_of_kari(),)))
        uid = str(reading.row.uid)
        for name in ("demo", "head", "second"):
            await looks_absent(callers[name], uid)
        assert (await callers["kari"].read(uid))["id"] == uid

    async def test_to_dos_look_absent(self, caller: Caller) -> None:
        todos = [row for row in await demo_rows(caller.served) if row.kind is Kind.CHECKLIST]
        assert todos != []
        for row in todos:
            await looks_absent(caller, str(row.uid))

    @pytest.mark.parametrize("kind", ["Note", "Document", "inCheckList", "MergeDraft"])
    async def test_what_is_no_diary_appointment_looks_absent(self, caller: Caller, kind: str) -> None:
        answer = await caller.served.so("POST", "Appointment", json={"Title": "x", "Type": kind})
        assert answer.status_code == 200, answer.text
        await looks_absent(caller, answer.json()["CustomFields"]["x_uid"])


async def looks_absent(caller: Caller, uid: str) -> None:
    """Check that a row cannot be told from one that was never made."""
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"duration_in_minutes": 0}),
        ("POST", "?_method=PATCH", {"status": "late"}),
        ("POST", "/cancel", {}),
    ):
        answers = [await caller.call(method, f"/{name}{path}", body) for name in (uid, UNKNOWN)]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].text.replace(uid, UNKNOWN) == answers[1].text
    assert uid not in {row["id"] for row in await caller.listed()}


async def demo_rows(served: Served) -> list[Appointment]:
    return [(await served.parts.store.read(1, ById((number,)))).row for number in range(1, 61)]


async def test_a_slash_at_the_end_is_nothing(caller: Caller) -> None:
    uid = await caller.new()
    assert (await caller.call("GET", f"/{uid}/")).json() == (await caller.call("GET", f"/{uid}")).json()
    assert (await caller.call("GET", "/")).json()["data"]
    for method, path, body, status in (
        ("POST", "/", LEAST, 201),
        ("PATCH", f"/{uid}/", {"status": "late"}, 200),
        ("POST", f"/{uid}/?_method=PATCH", {"status": "waiting"}, 200),
        ("POST", f"/{uid}/cancel/", {}, 200),
    ):
        answer = await caller.call(method, path, body)
        assert answer.status_code == status, answer.text
    assert (await caller.call("GET", f"/{uid}//")).status_code == 404
