"""What is refused, in which order, and Laravel's words for it (Other notes: 401, 403)."""

import json
from typing import Any

import pytest

from tests.contracts.sqod.caller import CASE, LEAST, MEMBER, UNKNOWN, Caller

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

UNAUTHENTICATED = {"message": "Unauthenticated."}
FORBIDDEN = {"message": "This action is unauthorized."}
BROKEN = {"duration_in_minutes": 0}


def no_model(uid: str) -> dict[str, str]:
    return {"message": rf"No query results for model [App\Models\Appointment] {uid}"}


class TestOrder:
    """Each request breaks several rules at once; the first of them in Laravel's order is answered."""

    @pytest.mark.clause("SQ-ORDER-route")
    async def test_an_unknown_address_comes_before_who_is_calling(self, callers: dict[str, Caller]) -> None:
        answer = await callers["nobody"].call("PATCH", f"/{UNKNOWN}/other", BROKEN)
        assert answer.status_code == 404
        assert answer.json() == {
            "message": f"The route api/v1/appointments/{UNKNOWN}/other could not be found."
        }

    @pytest.mark.clause("SQ-ORDER-route")
    @pytest.mark.clause("SQ-PATH-002")
    async def test_a_wrong_verb_comes_before_who_is_calling(self, callers: dict[str, Caller]) -> None:
        answer = await callers["nobody"].call("PATCH", "", BROKEN)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
        told = "The PATCH method is not supported for route api/v1/appointments."
        assert answer.json() == {"message": f"{told} Supported methods: GET, HEAD, POST."}
        for method in ("PUT", "DELETE", "POST"):
            answer = await callers["nobody"].call(method, f"/{UNKNOWN}", BROKEN)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PATCH")

    @pytest.mark.clause("SQ-ORDER-caller")
    @pytest.mark.clause("SQ-CONV-013")
    async def test_who_is_calling_comes_before_whether_it_is_there(self, callers: dict[str, Caller]) -> None:
        for uid in (UNKNOWN, "no-uuid", await callers["demo"].new()):
            answer = await callers["nobody"].call("PATCH", f"/{uid}", BROKEN)
            assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)

    @pytest.mark.clause("SQ-ORDER-caller")
    async def test_who_is_calling_comes_before_a_body_that_cannot_be_read(
        self, callers: dict[str, Caller]
    ) -> None:
        uid = await callers["demo"].new()
        broken: dict[str, Any] = {"content": b"{", "headers": {"Content-Type": "application/json"}}
        ways = (("PATCH", ""), ("POST", "?_method=PATCH"), ("POST", "/cancel"))
        for method, path in ways:
            answer = await callers["nobody"].call(method, f"/{uid}{path}", **broken)
            assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)
            answer = await callers["demo"].call(method, f"/{uid}{path}", **broken)
            assert answer.status_code == 400
            assert answer.headers["appointed-error"] == "malformed_json"
        # Only the body could have said what this POST stands for.
        answer = await callers["demo"].call("POST", f"/{uid}", **broken)
        assert (answer.status_code, answer.headers["appointed-error"]) == (400, "malformed_json")

    @pytest.mark.clause("SQ-ORDER-found")
    async def test_whether_it_is_there_comes_before_what_is_sent(self, callers: dict[str, Caller]) -> None:
        for uid in (UNKNOWN, "no-uuid", await callers["demo"].new(department_id=1)):
            answer = await callers["second"].call("PATCH", f"/{uid}", BROKEN)
            assert (answer.status_code, answer.json()) == (404, no_model(uid))

    @pytest.mark.clause("SQ-ORDER-allowed")
    @pytest.mark.clause("SQ-CONV-015")
    async def test_whether_one_may_comes_before_what_is_sent(self, callers: dict[str, Caller]) -> None:
        # A colleague of another department may read the row, and not change it.
        uid = await callers["demo"].new(department_id=1)
        assert (await callers["kari"].read(uid))["id"] == uid
        body = await callers["kari"].refused(uid, BROKEN, 403, "forbidden")
        assert body == FORBIDDEN
        answer = await callers["kari"].call("POST", f"/{uid}/cancel", {"cancellation_reason": ["x"]})
        assert (answer.status_code, answer.json()) == (403, FORBIDDEN)

    async def test_what_was_last_seen_comes_before_what_is_sent(self, caller: Caller) -> None:
        stale = {"If-Match": '"9"'}
        await caller.refused(await caller.new(), BROKEN, 412, "precondition_failed", headers=stale)

    async def test_what_cannot_be_read_comes_before_what_breaks_a_rule(self, caller: Caller) -> None:
        headers = {"Content-Type": "application/json"}
        content = b'{"duration_in_minutes": 0'
        body = await caller.refused(
            await caller.new(), status=400, code="malformed_json", content=content, headers=headers
        )
        assert body["message"].startswith("The request body is not valid JSON")


class TestWhoMay:
    @pytest.mark.clause("SQ-CONV-015")
    async def test_an_agent_may_not_give_a_row_to_another_department(
        self, callers: dict[str, Caller]
    ) -> None:
        uid = await callers["demo"].new(department_id=1)
        assert await callers["agent"].refused(uid, {"department_id": 2}, 403, "forbidden") == FORBIDDEN
        assert (await callers["agent"].patch(uid, {"status": "late"}))["status"] == "late"

    async def test_a_scheduler_may(self, callers: dict[str, Caller]) -> None:
        uid = await callers["demo"].new(department_id=2)
        after = await callers["second"].patch(uid, {"department_id": 1})
        assert after["department"]["id"] == 1
        answer = await callers["second"].call("GET", f"/{uid}")
        assert (answer.status_code, answer.json()) == (404, no_model(uid))

    async def test_outside_a_clients_departments_nothing_can_be_done(
        self, callers: dict[str, Caller]
    ) -> None:
        uid = await callers["demo"].new(department_id=1)
        for method, path in (("GET", ""), ("PATCH", ""), ("POST", "?_method=PATCH"), ("POST", "/cancel")):
            answer = await callers["second"].call(method, f"/{uid}{path}", {})
            assert (answer.status_code, answer.json()) == (404, no_model(uid))


def required(name: str) -> str:
    return f"The {name} field is required."


def boolean(name: str) -> str:
    return f"The {name} field must be true or false."


# One member of a PATCH, and what is said of it.
RULES: list[tuple[str, Any, str]] = [
    *(
        ("appointment_at", given, "The appointment at field must be a valid date.")
        for given in ("soon", "2026-02-30", "2026-01-01T25:00:00", 1_700_000_000, True, [], "10000-01-01")
    ),
    *(
        ("duration_in_minutes", given, "The duration in minutes field must be an integer.")
        for given in ("abc", "30.5", 30.5, True, [30], {"x": 1}, "1e3", "0x10", "٣")
    ),
    *(
        ("duration_in_minutes", given, "The duration in minutes field must be between 1 and 525600.")
        for given in (0, -1, 525_601, "525601")
    ),
    *(
        ("is_interpreter_needed", given, boolean("is interpreter needed"))
        for given in ("maybe", 2, 0.5, [], "truee")
    ),
    ("interpreter_language", ["x"], "The interpreter language field must be a string."),
    ("interpreter_language", True, "The interpreter language field must be a string."),
    (
        "interpreter_language",
        "x" * 256,
        "The interpreter language field must not be greater than 255 characters.",
    ),
    ("status", "gone", "The selected status is invalid."),
    ("features_screen_sharing_enable", "maybe", boolean("features screen sharing enable")),
    ("features_screen_sharing_enable", None, required("features screen sharing enable")),
    *(
        ("features_bandwidth", given, "The selected features bandwidth is invalid.")
        for given in ("huge", "LOW", 1, ["low"])
    ),
    ("use_custom_post_call_redirect", 7, boolean("use custom post call redirect")),
    (
        "custom_agent_post_call_redirect_url",
        ["x"],
        "The custom agent post call redirect url field must be a string.",
    ),
    ("department_id", 99, "The selected department id is invalid."),
]


@pytest.mark.clause(
    "SQ-TIME-refused",
    "SQ-WORD-integer",
    "SQ-WORD-boolean",
    "SQ-WORD-date",
    "SQ-WORD-string",
    "SQ-WORD-in",
    "SQ-WORD-name",
    "SQ-INPUT-integer",
)
@pytest.mark.parametrize(("name", "given", "text"), RULES)
async def test_a_broken_rule_is_worded_as_laravel_does(
    caller: Caller, name: str, given: Any, text: str
) -> None:
    uid = await caller.new()
    assert await caller.refused(uid, {"claimant": {"name": "x"}, name: given}) == {
        "message": text,
        "errors": {name: [text]},
    }


@pytest.mark.clause("SQ-WORD-url")
@pytest.mark.parametrize("url", ["http://plain.example/", "javascript:alert(1)", "https://127.0.0.1/", "x"])
async def test_a_redirect_that_may_not_be_is_worded_alike(caller: Caller, url: str) -> None:
    name = "custom_user_post_call_redirect_url"
    text = "The custom user post call redirect url field must be an allowed https URL."
    body = await caller.refused(await caller.new(), {name: url}, code="url_not_allowed")
    assert body == {"message": text, "errors": {name: [text]}}


@pytest.mark.clause("SQ-ERROR-422")
@pytest.mark.clause("SQ-BODY-features_bandwidth")
async def test_every_problem_comes_at_once_with_their_number(caller: Caller) -> None:
    uid = await caller.new()
    given = {
        "features_bandwidth": "huge",
        "claimant": {"data": [{"id": MEMBER}, {"id": CASE, "value": []}], "email": "x"},
        "status": "gone",
        "duration_in_minutes": "x",
        "interpreter_language": "Welsh",
    }
    body = await caller.refused(uid, given)
    assert body == {
        "message": "The duration in minutes field must be an integer. (and 5 more errors)",
        "errors": {
            "duration_in_minutes": ["The duration in minutes field must be an integer."],
            "status": ["The selected status is invalid."],
            "claimant.email": ["The claimant.email field must be a valid email address."],
            "claimant.data.1.value": ["The claimant.data.1.value field must be a string."],
            "claimant.data.0.id": ["The selected claimant.data.0.id is invalid."],
            "features_bandwidth": ["The selected features bandwidth is invalid."],
        },
    }
    two = await caller.refused(uid, {"status": "gone", "duration_in_minutes": 0})
    told = "The duration in minutes field must be between 1 and 525600. (and 1 more error)"
    assert two["message"] == told


async def test_what_the_row_and_the_request_break_together_is_told_at_once(caller: Caller) -> None:
    uid = await caller.new()
    await caller.cancel(uid)
    body = await caller.refused(uid, {"status": "late", "department_id": 99, "duration_in_minutes": 0})
    assert list(body["errors"]) == ["duration_in_minutes", "department_id", "status"]


async def test_what_was_sent_is_not_told_back(caller: Caller) -> None:
    personal = {"name": ["Secret Person"], "email": "secret person", "phone_number": ["+4711111111"]}
    body = await caller.refused(await caller.new(), {"claimant": personal})
    assert "ecret" not in json.dumps(body)
    assert "+47" not in json.dumps(body)


@pytest.mark.clause("SQ-INPUT-malformed")
@pytest.mark.parametrize(
    ("media_type", "content", "status", "code"),
    [
        ("application/json", b"{", 400, "malformed_json"),
        ("application/json", b'"x"', 400, "malformed_json"),
        ("application/json", b'[{"op":"replace","path":"/status","value":"late"}]', 400, "malformed_json"),
        ("application/json", b'{"status":"late","status":"late"}', 400, "duplicate_key"),
        ("application/xml", b"<status/>", 415, "unsupported_media_type"),
        ("text/plain", b"status=late", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", b"status=%ff", 400, "invalid_request"),
        ("multipart/form-data; boundary=b", b"--b\r\n", 400, "malformed_multipart"),
        ("application/x-www-form-urlencoded", b"a=1&" * 201, 413, "too_many_parts"),
        ("application/json", b'{"status":"' + b" " * 1_048_576 + b'"}', 413, "body_too_large"),
    ],
)
@pytest.mark.clause("SQ-PATCH-002")
async def test_what_cannot_be_read_is_refused(
    caller: Caller, media_type: str, content: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": media_type}
    uid = await caller.new()
    body = await caller.refused(uid, status=status, code=code, content=content, headers=headers)
    assert list(body) == ["message"]
    posted = await caller.call("POST", content=content, headers=headers)
    assert (posted.status_code, posted.headers["Appointed-Error"]) == (status, code)


@pytest.mark.parametrize("path", ["users/me/appointments", "userss"])
async def test_what_is_no_address_is_not_found(caller: Caller, path: str) -> None:
    answer = await caller.served.client.get(
        f"/api/v1/{path}", headers={"Authorization": caller.authorization}
    )
    assert answer.status_code == 404
    assert answer.json() == {"message": f"The route api/v1/{path} could not be found."}


@pytest.mark.clause("SQ-WIRE-json")
async def test_errors_too_are_json_for_browsers(callers: dict[str, Caller]) -> None:
    for name, status, body in (("nobody", 401, UNAUTHENTICATED), ("demo", 404, no_model(UNKNOWN))):
        answer = await callers[name].sending(Accept="text/html").call("PATCH", f"/{UNKNOWN}", LEAST)
        assert (answer.status_code, answer.json()) == (status, body)
        assert answer.headers["content-type"] == "application/json"
