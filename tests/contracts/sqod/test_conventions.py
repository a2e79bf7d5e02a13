"""Conventions of the product around the documented page that no other file here is about."""

from pathlib import Path
from typing import Any

import pytest

from tests.contracts.served import HOST, serving
from tests.contracts.sqod.caller import LEAST, Caller, Hands, signed_in

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.clause("SQ-ROUTE-create-status")
async def test_a_create_may_answer_200(tmp_path: Path) -> None:
    async with serving(tmp_path, "sqlite:", {"sqod_created_status": 200}) as served:
        answer = await served.sq("POST", json=LEAST)
        assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


@pytest.mark.clause("SQ-UPDATE-contact-null")
@pytest.mark.parametrize("nothing", [None, "", "  "])
@pytest.mark.lenient("body.claimant.email", "body.claimant.phone_number")
async def test_contact_details_are_cleared_by_null_and_by_nothing(caller: Caller, nothing: Any) -> None:
    claimant = {"name": "Jane Roe", "email": "jane@example.org", "phone_number": "+447700900123"}
    made = await caller.made(claimant=claimant)
    after = await caller.patch(made["id"], {"claimant": {"email": nothing, "phone_number": nothing}})
    assert after["claimant"] == made["claimant"] | {"email": None, "phone_number": None}


@pytest.mark.clause("SQ-INPUT-string")
@pytest.mark.lenient("body.claimant.phone_number")
async def test_a_phone_number_may_come_as_a_number(caller: Caller) -> None:
    made = await caller.made(claimant={"name": "Jane Roe", "phone_number": 1234567890})
    assert made["claimant"]["phone_number"] == "1234567890"


@pytest.mark.clause("SQ-ERROR-429", "SQ-ERROR-limits", "SQ-ORDER-throttled")
async def test_who_asks_too_often_is_told_when_to_ask_again(tmp_path: Path) -> None:
    clock = Hands()
    async with serving(tmp_path, "sqlite:", {"requests_per_minute": 3}, clock=clock) as served:
        caller = await signed_in(served, "demo")
        missing = "/00000000-0000-4000-8000-000000000000"
        statuses = []
        for path, left in (("", "2"), (missing, "1"), ("?filter[none]=1", "0")):
            answer = await caller.call("GET", path)
            statuses.append(answer.status_code)
            limits = answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]
            assert limits == ("3", left)
        assert statuses == [200, 404, 422]
        # Who is calling is told before, whether it is there after.
        assert (await Caller(served, "Bearer none").call("GET", missing)).status_code == 401
        answer = await caller.call("GET", missing)
        assert (answer.status_code, answer.json()) == (429, {"message": "Too Many Attempts."})
        ends = str(int(clock().timestamp()) + 60)
        named = ("retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
        assert [answer.headers[name] for name in named] == ["60", "3", "0", ends]
        clock.move(seconds=60)
        assert (await caller.call("GET")).status_code == 200
        assert (await served.client.get(f"{HOST}/healthz/live")).headers.get("x-ratelimit-limit") is None
