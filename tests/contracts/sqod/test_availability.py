"""GET /api/v1/availability: the next free times of a department."""

from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from appointed.domain.hours import Opening
from tests.contracts.sqod.caller import LEAST, Caller
from tests.contracts.sqod.test_held_time import a_desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

PATH = "/api/v1/availability"


async def ask(caller: Caller, **query: Any) -> Any:
    headers = {"Accept": "application/json", "Authorization": caller.authorization}
    return await caller.served.client.get(f"{PATH}?{urlencode(query)}", headers=headers)


async def free(caller: Caller, department: int, **query: Any) -> list[str]:
    values = {"department_id": department, "from": "2026-04-20T00:00:00Z", "duration_in_minutes": 60}
    answer = await ask(caller, **(values | query))
    assert answer.status_code == 200, answer.text
    return [one["appointment_at"] for one in answer.json()["data"]]


def at(*hours: int, day: int = 20) -> list[str]:
    return [f"2026-04-{day}T{hour:02}:00:00.000000Z" for hour in hours]


async def test_what_is_offered_can_be_taken_and_is_offered_no_more(caller: Caller) -> None:
    department = await a_desk(caller)
    # Eight o'clock in Oslo is six in UTC.
    assert await free(caller, department, to="2026-04-21T00:00:00Z") == at(*range(6, 14))
    answer = await ask(
        caller, **{"department_id": department, "from": "2026-04-20T00:00:00Z", "duration_in_minutes": "30"}
    )
    first = answer.json()["data"][0]
    assert first["ends_at"] == "2026-04-20T06:30:00.000000Z"
    body = LEAST | {"department_id": department}
    await caller.made(**(body | {name: first[name] for name in ("appointment_at", "duration_in_minutes")}))
    assert (await free(caller, department, count=2)) == [
        "2026-04-20T06:30:00.000000Z",
        "2026-04-20T07:30:00.000000Z",
    ]


async def test_opening_hours_and_the_past_count(caller: Caller) -> None:
    department, store = await a_desk(caller), caller.served.parts.store
    record = (await store.directory(1)).departments[department]
    agent = (await store.directory(1)).associates[record.default_associate_id]
    hours = (Opening(1, 9 * 60, 11 * 60),)
    await store.put_records(1, (replace(agent, working_hours=hours),))
    assert await free(caller, department, count=3) == at(7, 8, day=21) + at(7, day=28)
    past = await free(caller, department, **{"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"})
    assert past == []


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({"from": None}, "from"),
        ({"from": "soon"}, "from"),
        ({"to": "later"}, "to"),
        ({"to": "2026-04-19T00:00:00Z"}, "to"),
        ({"duration_in_minutes": None}, "duration_in_minutes"),
        ({"duration_in_minutes": 0}, "duration_in_minutes"),
        ({"duration_in_minutes": 99_999_999}, "duration_in_minutes"),
        ({"count": 0}, "count"),
        ({"count": 101}, "count"),
        ({"department_id": 99_999}, "department_id"),
        ({"department_id": "x"}, "department_id"),
    ],
)
async def test_bad_questions_are_refused(caller: Caller, query: dict[str, Any], member: str) -> None:
    good = {"department_id": 1, "from": "2026-04-20T00:00:00Z", "duration_in_minutes": 60}
    values = {name: value for name, value in (good | query).items() if value is not None}
    answer = await ask(caller, **values)
    assert answer.status_code == 422, answer.text
    assert list(answer.json()["errors"]) == [member]


async def test_a_day_without_a_time_counts_whole(caller: Caller) -> None:
    one_day = {"from": "2026-04-20", "to": "2026-04-20", "duration_in_minutes": 60, "department_id": 1}
    named = await ask(caller, **one_day)
    told = await ask(caller, **one_day | {"to": "2026-04-21T00:00:00Z"})
    assert (named.status_code, named.json()) == (200, told.json()), named.text
    assert named.json()["data"]


async def test_an_end_before_its_start_is_told_with_the_rest(caller: Caller) -> None:
    answer = await ask(caller, **{"from": "2026-04-20", "to": "2026-04-19", "duration_in_minutes": 0})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"] == {
        "duration_in_minutes": ["The duration in minutes field must be between 1 and 44640."],
        "to": ["The to field must be after from."],
    }


async def test_the_end_of_the_calendar_is_far_away(caller: Caller) -> None:
    for year in (1700, 9500):
        answer = await ask(caller, **{"from": f"{year}-01-01T00:00:00Z", "duration_in_minutes": 5})
        assert answer.status_code == 400, answer.text


async def test_nobody_and_other_verbs_are_refused(caller: Caller) -> None:
    client = caller.served.client
    assert (await client.get(PATH)).status_code == 401
    answer = await client.post(PATH, headers={"Authorization": caller.authorization})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    caller.served.assert_body("sqod", answer)
