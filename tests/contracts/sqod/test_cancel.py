"""POST /api/v1/appointments/{appointment}/cancel, and what moving between the statuses leaves behind."""

from typing import Any

import pytest

from tests.contracts.sqod.caller import Caller, Hands, data, parts, written
from tests.data import sqod as tables

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

REASON = "Booking declined — unable to fulfil"
INVALID, KEPT = (
    {"message": text, "errors": {"status": [text]}}
    for text in (
        "The selected status is invalid.",
        "The status cannot become this now; it may become: cancelled.",
    )
)


@pytest.mark.clause("SQ-ROUTE-cancel", "SQ-CANCEL-effect")
@pytest.mark.clause("SQ-ANSWER-cancelled_at", "SQ-ANSWER-cancellation_reason", "SQ-ANSWER-status")
async def test_it_stays_with_the_time_and_the_reason(caller: Caller, clock: Hands) -> None:
    made = await caller.made()
    now = clock.move(seconds=5)
    after = await caller.cancel(made["id"], REASON)
    stamps = {"status": "cancelled", "cancelled_at": written(now), "cancellation_reason": REASON}
    assert after == made | stamps
    assert await caller.read(made["id"]) == after
    assert made["id"] in {row["id"] for row in await caller.listed()}


BODIES: dict[str, dict[str, Any]] = {
    "form": {"data": {"cancellation_reason": REASON}},
    "multipart": {"files": parts({"cancellation_reason": REASON})},
    "JSON": {"json": {"cancellation_reason": f"  {REASON}\n"}},
}


@pytest.mark.parametrize("form", BODIES)
async def test_the_reason_comes_in_any_body(caller: Caller, form: str) -> None:
    answer = await caller.call("POST", f"/{await caller.new()}/cancel", **BODIES[form])
    assert data(answer)["cancellation_reason"] == REASON


@pytest.mark.clause("SQ-CANCEL-reason")
@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"cancellation_reason": null}', b'{"cancellation_reason": " "}']
)
async def test_a_reason_may_be_missing(caller: Caller, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await caller.call("POST", f"/{await caller.new()}/cancel", content=body, headers=headers)
    assert (data(answer)["status"], data(answer)["cancellation_reason"]) == ("cancelled", None)


@pytest.mark.clause("SQ-CANCEL-reason")
async def test_the_reason_is_a_text_of_some_length(caller: Caller) -> None:
    uid = await caller.new()
    for given, text in (
        (["x"], "The cancellation reason field must be a string."),
        ("x" * 4001, "The cancellation reason field must not be greater than 4000 characters."),
    ):
        answer = await caller.call("POST", f"/{uid}/cancel", {"cancellation_reason": given})
        assert (answer.status_code, answer.json()["errors"]) == (422, {"cancellation_reason": [text]})
    assert (await caller.read(uid))["status"] == "scheduled"


@pytest.mark.clause("SQ-CANCEL-twice")
async def test_cancelling_twice_keeps_the_first_time_and_reason(caller: Caller, clock: Hands) -> None:
    uid = await caller.new()
    first = await caller.cancel(uid, "first")
    clock.move(seconds=5)
    for reason in ("second", None):
        answer = await caller.call("POST", f"/{uid}/cancel", {"cancellation_reason": reason})
        assert (data(answer), answer.headers["etag"]) == (first, '"2"')
    assert len(await caller.history(uid)) == 2


@pytest.mark.clause("SQ-LIFE-cancelled")
async def test_cancelling_by_status_stamps_alike_but_has_no_reason(caller: Caller, clock: Hands) -> None:
    made = await caller.made()
    after = await caller.patch(made["id"], {"status": "cancelled", "cancellation_reason": "x"})
    assert after == made | {"status": "cancelled", "cancelled_at": written(clock())}
    clock.move(seconds=5)
    assert await caller.cancel(made["id"], "too late") == after


@pytest.mark.clause("SQ-LIFE-cancelled")
@pytest.mark.parametrize("status", sorted(set(tables.STATUSES) - {"cancelled"}))
async def test_nothing_leaves_cancelled(caller: Caller, status: str) -> None:
    uid = await caller.new()
    before = await caller.cancel(uid)
    assert await caller.refused(uid, {"status": status}) == KEPT
    assert await caller.patch(uid, {"status": "cancelled"}) == before


async def test_what_is_cancelled_can_still_be_corrected(caller: Caller) -> None:
    uid = await caller.new()
    before = await caller.cancel(uid)
    after = await caller.patch(uid, {"interpreter_language": "Welsh"})
    assert after == before | {"interpreter_language": "Welsh"}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_only_post_cancels(caller: Caller, method: str) -> None:
    uid = await caller.new()
    answer = await caller.call(method, f"/{uid}/cancel")
    told = f"The {method} method is not supported for route api/v1/appointments/{uid}/cancel."
    assert answer.json() == {"message": f"{told} Supported methods: POST."}
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert (await caller.read(uid))["status"] == "scheduled"


class TestMoves:
    @pytest.mark.clause("SQ-LIFE-waiting", "SQ-LIFE-late", "SQ-LIFE-no-show")
    @pytest.mark.clause("SQ-BODY-status-1", "SQ-ANSWER-status")
    @pytest.mark.parametrize("before", sorted(set(tables.STATUSES) - {"cancelled"}))
    async def test_any_status_may_become_any_other(self, caller: Caller, before: str) -> None:
        for after in tables.STATUSES:
            uid = await caller.new()
            await caller.patch(uid, {"status": before})
            assert (await caller.patch(uid, {"status": after}))["status"] == after

    @pytest.mark.clause("SQ-LIFE-seven")
    @pytest.mark.clause("SQ-BODY-status-1")
    @pytest.mark.parametrize("given", ["Waiting", "done", "being seen", 1, True, ["late"], {"x": 1}])
    async def test_no_other_word_is_a_status(self, caller: Caller, given: Any) -> None:
        assert await caller.refused(await caller.new(), {"status": given}) == INVALID

    @pytest.mark.clause("SQ-LIFE-being-seen", "SQ-LIFE-complete")
    @pytest.mark.clause("SQ-ANSWER-session_started_at", "SQ-ANSWER-session_ended_at")
    async def test_a_session_starts_and_ends_once(self, caller: Caller, clock: Hands) -> None:
        made = await caller.made()
        started = written(clock.move(seconds=5))
        after = await caller.patch(made["id"], {"status": "being_seen"})
        assert after == made | {"status": "being_seen", "session_started_at": started}
        clock.move(seconds=5)
        for status in ("waiting", "being_seen"):
            after = await caller.patch(made["id"], {"status": status})
            assert after == made | {"status": status, "session_started_at": started}
        ended = written(clock.move(seconds=5))
        stamps = {"session_started_at": started, "session_ended_at": ended}
        assert await caller.patch(made["id"], {"status": "complete"}) == made | stamps | {
            "status": "complete"
        }
        clock.move(seconds=5)
        for status in ("being_seen", "complete"):
            assert await caller.patch(made["id"], {"status": status}) == made | stamps | {"status": status}

    @pytest.mark.clause("SQ-ANSWER-session_ended_at")
    async def test_a_session_that_never_began_has_no_end(self, caller: Caller) -> None:
        made = await caller.made()
        assert await caller.patch(made["id"], {"status": "complete"}) == made | {"status": "complete"}

    @pytest.mark.parametrize("status", ["waiting", "late", "no_show", "scheduled"])
    async def test_other_statuses_stamp_nothing(self, caller: Caller, status: str) -> None:
        made = await caller.made()
        assert await caller.patch(made["id"], {"status": status}) == made | {"status": status}
