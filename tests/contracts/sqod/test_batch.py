"""POST /api/v1/appointments/batch: several updates in one atomic change."""

from typing import Any

import pytest

from tests.contracts.sqod.caller import NOTHING, UNKNOWN, Caller
from tests.contracts.sqod.test_held_time import a_desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

NINE, TEN = (f"2026-04-20T{hour}:00:00.000000Z" for hour in ("09", "10"))


async def two(caller: Caller) -> tuple[str, str]:
    """Give two appointments of one exclusive diary."""
    desk = await a_desk(caller)
    first = await caller.new(department_id=desk, appointment_at=NINE)
    return first, await caller.new(department_id=desk, appointment_at=TEN)


async def batch(caller: Caller, *items: Any, **options: Any) -> Any:
    return await caller.call("POST", "/batch", {"items": list(items)}, **options)


def item(uid: str, **patch: Any) -> dict[str, Any]:
    return {"id": uid, "patch": patch}


async def test_two_that_clash_alone_trade_places(caller: Caller) -> None:
    first, second = await two(caller)
    swap = item(first, appointment_at=TEN), item(second, appointment_at=NINE)
    assert (await caller.call("PATCH", f"/{first}", {"appointment_at": TEN})).status_code == 409
    dry = await batch(caller, *swap, headers={"Prefer": "dry-run"})
    assert (dry.status_code, len(dry.json()["changes"])) == (200, 2)
    answer = await batch(caller, *swap, headers={"Idempotency-Key": first})
    assert answer.status_code == 200, answer.text
    told = answer.json()["data"]
    assert [one["appointment"]["appointment_at"] for one in told] == [TEN, NINE]
    assert [one["appointment"] for one in told] == [await caller.read(first), await caller.read(second)]
    assert {one["etag"] for one in told} == {'"2"'}
    again = await batch(caller, *swap, headers={"Idempotency-Key": first})
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (answer.json(), "true")


async def test_a_form_brings_several_too(caller: Caller) -> None:
    first, second = await two(caller)
    form = {
        "items[0][id]": first,
        "items[0][patch][duration_in_minutes]": "40",
        "items[1][id]": second,
        "items[1][patch][claimant][name]": "Ann",
    }
    answer = await caller.call("POST", "/batch", data=form)
    assert answer.status_code == 200, answer.text
    one, other = (told["appointment"] for told in answer.json()["data"])
    assert (one["duration_in_minutes"], other["claimant"]["name"]) == (40, "Ann")


async def test_all_or_nothing(caller: Caller) -> None:
    first, second = await two(caller)
    good = item(first, is_interpreter_needed=True)
    for bad, status in (
        (item(second, duration_in_minutes=0), 422),
        (item(UNKNOWN, status="waiting"), 404),
        (item(second, is_interpreter_needed=True) | {"if_match": '"7"'}, 412),
        (item(second, is_interpreter_needed=True) | {"series": "some"}, 422),
        (item("x", status="waiting"), 422),
        ({"id": second}, 400),
    ):
        answer = await batch(caller, good, bad)
        assert (answer.status_code, answer.json().get("item")) == (status, 1), answer.text
        caller.served.assert_body("sqod", answer)
        assert len(await caller.history(first)) == 1


@pytest.mark.parametrize("body", [NOTHING, {}, {"items": []}, {"items": 1}, {"items": [1]}])
async def test_bad_batches_are_refused(caller: Caller, body: Any) -> None:
    answer = await caller.call("POST", "/batch", body)
    assert answer.status_code == 400, answer.text


async def test_an_appointment_is_named_once(caller: Caller) -> None:
    first, _second = await two(caller)
    answer = await batch(caller, item(first, status="waiting"), item(first, status="waiting"))
    assert answer.status_code == 400
