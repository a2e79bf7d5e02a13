"""ETag, If-Match, If-Unmodified-Since and If-None-Match on this contract (RFC 9110 §13)."""

from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest

from tests.contracts.sqod.caller import Caller, Hands, data

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

LATE = {"status": "late"}


def http_date(instant: Any) -> str:
    return format_datetime(instant, usegmt=True)


async def test_every_answer_carries_the_revision_as_its_tag(caller: Caller) -> None:
    made = await caller.made()
    uid = made["id"]
    for tag, method, path, body in (
        ('"1"', "GET", "", None),
        ('"2"', "PATCH", "", LATE),
        ('"2"', "PATCH", "", LATE),
        ('"3"', "POST", "?_method=PATCH", {"status": "waiting"}),
        ('"4"', "POST", "/cancel", {}),
        ('"4"', "HEAD", "", None),
    ):
        answer = await caller.call(method, f"/{uid}{path}", body)
        assert (answer.status_code, answer.headers["etag"]) == (200, tag)
        assert answer.headers["last-modified"].endswith(" GMT")
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "cookie" in answer.headers["vary"]


async def test_the_date_of_an_answer_is_a_condition_of_the_next(caller: Caller) -> None:
    uid = await caller.new()
    first = (await caller.call("GET", f"/{uid}")).headers["last-modified"]
    same = await caller.call("GET", f"/{uid}", headers={"If-Modified-Since": first})
    assert (same.status_code, same.headers["last-modified"]) == (304, first)
    changed = await caller.call("PATCH", f"/{uid}", LATE, headers={"If-Unmodified-Since": first})
    assert changed.status_code == 200
    assert parsedate_to_datetime(changed.headers["last-modified"]) > parsedate_to_datetime(first)
    again = await caller.call("PATCH", f"/{uid}", LATE, headers={"If-Unmodified-Since": first})
    assert again.status_code == 412


async def test_a_change_of_what_was_seen_goes_through_once(caller: Caller) -> None:
    uid = await caller.new()
    first = {"headers": {"If-Match": '"1"'}}
    assert (await caller.patch(uid, LATE, **first))["status"] == "late"
    answer = await caller.call("PATCH", f"/{uid}", {"status": "waiting"}, **first)
    assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')
    assert answer.json() == {"message": "The appointment was changed since it was last read."}
    assert (await caller.read(uid))["status"] == "late"


@pytest.mark.parametrize(
    ("value", "is_met"),
    [
        ('"1"', True),
        ("*", True),
        ('"7", "1"', True),
        ('"1-xml"', True),
        ('"2"', False),
        ('W/"1"', False),
        ('"other"', False),
        ("1", False),
        ("", False),
    ],
)
async def test_if_match(caller: Caller, value: str, is_met: bool) -> None:
    uid = await caller.new()
    headers = {"If-Match": value}
    if is_met:
        assert (await caller.patch(uid, LATE, headers=headers))["status"] == "late"
    else:
        await caller.refused(uid, LATE, 412, "precondition_failed", headers=headers)


@pytest.mark.parametrize(("value", "is_met"), [("*", False), ('"1"', False), ('W/"1"', False), ('"2"', True)])
async def test_if_none_match_of_a_change(caller: Caller, value: str, is_met: bool) -> None:
    uid = await caller.new()
    headers = {"If-None-Match": value}
    if is_met:
        assert (await caller.patch(uid, LATE, headers=headers))["status"] == "late"
    else:
        await caller.refused(uid, LATE, 412, "precondition_failed", headers=headers)


async def test_if_unmodified_since_sees_every_change_even_within_a_second(
    caller: Caller, clock: Hands
) -> None:
    uid = await caller.new()
    seen = http_date(clock().replace(microsecond=0))
    since = {"headers": {"If-Unmodified-Since": seen}}
    assert (await caller.patch(uid, LATE, **since))["status"] == "late"
    await caller.refused(uid, {"status": "waiting"}, 412, "precondition_failed", **since)
    modified = http_date((await caller.stored(uid)).modified_at)
    after = await caller.patch(uid, {"status": "waiting"}, headers={"If-Unmodified-Since": modified})
    assert after["status"] == "waiting"


async def test_a_date_that_is_none_or_beside_a_tag_does_not_count(caller: Caller) -> None:
    uid = await caller.new()
    long_ago = "Mon, 01 Jan 2001 00:00:00 GMT"
    await caller.patch(uid, LATE, headers={"If-Unmodified-Since": "yesterday"})
    await caller.patch(
        uid, {"status": "waiting"}, headers={"If-Unmodified-Since": long_ago, "If-Match": '"2"'}
    )
    await caller.refused(uid, LATE, 412, "precondition_failed", headers={"If-Unmodified-Since": long_ago})


async def test_conditions_hold_for_cancelling_and_for_posts_that_patch(caller: Caller) -> None:
    uid = await caller.new()
    stale = {"If-Match": '"9"'}
    for path in ("/cancel", "?_method=PATCH"):
        answer = await caller.call("POST", f"/{uid}{path}", LATE, headers=stale)
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (412, "precondition_failed")
    assert len(await caller.history(uid)) == 1
    assert (
        data(await caller.call("POST", f"/{uid}/cancel", {}, headers={"If-Match": '"1"'}))["status"]
        == "cancelled"
    )


class TestReading:
    @pytest.mark.parametrize("value", ['"1"', 'W/"1"', '"5", "1"', "*"])
    async def test_what_one_has_is_not_sent_again(self, caller: Caller, value: str) -> None:
        uid = await caller.new()
        for method in ("GET", "HEAD"):
            answer = await caller.call(method, f"/{uid}", headers={"If-None-Match": value})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == '"1"'

    @pytest.mark.parametrize("value", ['"2"', '"1-xml"', "1", '"other"'])
    async def test_what_one_has_not_is_sent(self, caller: Caller, value: str) -> None:
        made = await caller.made()
        assert data(await caller.call("GET", f"/{made['id']}", headers={"If-None-Match": value})) == made

    async def test_after_a_change_it_is_sent_again(self, caller: Caller) -> None:
        uid = await caller.new()
        await caller.patch(uid, LATE)
        answer = await caller.call("GET", f"/{uid}", headers={"If-None-Match": '"1"'})
        assert data(answer)["status"] == "late"

    async def test_if_modified_since(self, caller: Caller, clock: Hands) -> None:
        uid = await caller.new()
        headers = {"If-Modified-Since": http_date(clock().replace(microsecond=0))}
        assert (await caller.call("GET", f"/{uid}", headers=headers)).status_code == 304
        await caller.patch(uid, LATE)
        assert (await caller.call("GET", f"/{uid}", headers=headers)).status_code == 200

    async def test_a_read_that_demands_another_revision_fails(self, caller: Caller) -> None:
        uid = await caller.new()
        answer = await caller.call("GET", f"/{uid}", headers={"If-Match": '"2"'})
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (412, "precondition_failed")
