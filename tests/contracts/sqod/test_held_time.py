"""A department whose agent has an exclusive diary: 409 with the next free times, ready to send."""

from uuid import UUID

import pytest

from appointed.domain.directory import Associate, Department
from tests.contracts.sqod.caller import LEAST, Caller

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


async def a_desk(caller: Caller) -> int:
    """Give a department whose default agent is in one place at a time."""
    store = caller.served.parts.store
    (agent,) = await store.put_records(
        1, (Associate(id=0, name="a", full_name="A", group_id=1, is_exclusive=True),)
    )
    number = max((await store.directory(1)).departments) + 1
    department = Department(id=0, uid=UUID(int=7_000 + number), name="One", default_associate_id=agent)
    (number,) = await store.put_records(1, (department,))
    return number


async def test_a_held_time_is_refused_and_the_offer_is_taken(caller: Caller) -> None:
    department = await a_desk(caller)
    first = await caller.made(department_id=department)
    answer = await caller.call("POST", body=LEAST | {"department_id": department})
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (409, "time_held")
    told = answer.json()
    caller.served.assert_body("sqod", answer)
    assert told["held"] == {
        "appointment_id": first["id"],
        "appointment_at": "2026-04-20T09:00:00.000000Z",
        "ends_at": "2026-04-20T10:00:00.000000Z",
    }
    starts = [offer["appointment_at"] for offer in told["offers"]]
    assert starts == [f"2026-04-20T{hour}:00:00.000000Z" for hour in (10, 11, 12)]
    second = await caller.made(department_id=department, appointment_at="2026-04-20T13:00:00Z")
    refused = await caller.refused(second["id"], {"appointment_at": "2026-04-20T09:30:00Z"}, 409, "time_held")
    moved = await caller.patch(second["id"], refused["offers"][0]["patch"])
    assert moved["appointment_at"] == "2026-04-20T10:00:00.000000Z"
