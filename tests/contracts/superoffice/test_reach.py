"""How far in a series each method goes under each mode, in both contracts (§10.4; `?updateMode=`, `?series=`)."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DAYS = ("2031-06-02", "2031-06-03", "2031-06-04")
OLD, NEW, GONE, OFF = "Daily", "New", "gone", "off"
# Mode → what becomes of the three dates when the first, and when the second of them is changed.
REACHED = {
    "": ([NEW, OLD, OLD], [OLD, NEW, OLD]),
    "OnlyThis": ([NEW, OLD, OLD], [OLD, NEW, OLD]),
    "Unknown": ([NEW, OLD, OLD], [OLD, NEW, OLD]),
    "ThisAndForward": ([NEW, NEW, NEW], [OLD, NEW, NEW]),
    "StopRecurrence": ([NEW, GONE, GONE], [OLD, NEW, GONE]),
}
# What every other method does as well; the rest are other names of the first.
OTHERWISE = ("", "ThisAndForward", "StopRecurrence")
DELETED = {
    "": ([GONE, OLD, OLD], [OLD, GONE, OLD]),
    "OnlyThis": ([GONE, OLD, OLD], [OLD, GONE, OLD]),
    "Unknown": ([GONE, OLD, OLD], [OLD, GONE, OLD]),
    "ThisAndForward": ([GONE, GONE, GONE], [OLD, GONE, GONE]),
    "StopRecurrence": ([OLD, GONE, GONE], [OLD, OLD, GONE]),
}
# The other contract's ways; what is called off stays, and says so.
THERE = {
    "": ([NEW, OLD, OLD], [OLD, NEW, OLD]),
    "this": ([NEW, OLD, OLD], [OLD, NEW, OLD]),
    "following": ([NEW, NEW, NEW], [OLD, NEW, NEW]),
    "all": ([NEW, NEW, NEW], [NEW, NEW, NEW]),
}
Way = Callable[[Desk, int, str], Awaitable[httpx.Response]]


async def merge(desk: Desk, number: int, query: str) -> httpx.Response:
    return await desk.call("PATCH", number, {"Title": NEW}, query=query)


async def operations(desk: Desk, number: int, query: str) -> httpx.Response:
    return await desk.call("PATCH", number, [step("replace", "/Title", NEW)], query=query)


async def put(desk: Desk, number: int, query: str) -> httpx.Response:
    entity = await desk.read(number)
    return await desk.call("PUT", number, entity | {"Title": NEW}, query=query)


async def delete(desk: Desk, number: int, query: str) -> httpx.Response:
    return await desk.call("DELETE", number, query=query)


async def batch(desk: Desk, number: int, query: str) -> httpx.Response:
    item: dict[str, Any] = {"AppointmentId": number, "Patch": {"Title": NEW}}
    mode = query.rpartition("=")[2]
    return await desk.call("POST", "Batch", [item | ({"UpdateMode": mode} if mode else {})])


async def there(desk: Desk, number: int, query: str) -> httpx.Response:
    uid = (await desk.stored(number)).uid
    return await desk.served.sq("PATCH", f"/{uid}{query}", json={"duration_in_minutes": 20})


async def there_by_post(desk: Desk, number: int, query: str) -> httpx.Response:
    uid = (await desk.stored(number)).uid
    form = {"_method": "PATCH", "duration_in_minutes": "20"}
    return await desk.served.sq("POST", f"/{uid}{query}", data=form)


async def there_in_a_batch(desk: Desk, number: int, query: str) -> httpx.Response:
    item: dict[str, Any] = {
        "id": str((await desk.stored(number)).uid),
        "patch": {"duration_in_minutes": 20},
    }
    reach = query.rpartition("=")[2]
    return await desk.served.sq(
        "POST", "/batch", json={"items": [item | ({"series": reach} if reach else {})]}
    )


async def called_off(desk: Desk, number: int, query: str) -> httpx.Response:
    uid = (await desk.stored(number)).uid
    return await desk.served.sq("POST", f"/{uid}/cancel{query}", json={})


async def series(desk: Desk) -> list[int]:
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    made = await desk.made(
        Title=OLD, StartDate=f"{DAYS[0]}T10:00:00", EndDate=f"{DAYS[0]}T11:00:00", Recurrence=rule
    )
    return [made["AppointmentId"] + place for place in range(3)]


async def became(desk: Desk, number: int) -> tuple[str, bool]:
    """Say what became of one date, and whether it is one of several."""
    answer = await desk.call("GET", number)
    if answer.status_code == 404:
        return GONE, False
    entity = answer.json()
    is_short = entity["EndDate"][11:16] == "10:20"
    state = OFF if entity["Completed"] == "Completed" else NEW if is_short else str(entity["Title"])
    return state, entity["Recurrence"]["IsRecurrence"]


async def check(desk: Desk, way: Way, query: str, expected: tuple[list[str], list[str]]) -> None:
    for place, wanted in enumerate(expected):
        dates = await series(desk)
        answer = await way(desk, dates[place], query)
        assert answer.status_code in (200, 204), answer.text
        # A date that is left alone is in no series.
        is_series = len(wanted) - wanted.count(GONE) > 1
        found = [await became(desk, number) for number in dates]
        assert found == [(state, is_series and state != GONE) for state in wanted], (way, query, place)


@pytest.mark.clause("SO-PROP-Recurrence")
@pytest.mark.parametrize(
    ("way", "mode"),
    [
        *((merge, mode) for mode in REACHED),
        *((way, mode) for way in (operations, put, batch) for mode in OTHERWISE),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
async def test_a_change_goes_as_far_as_its_mode_says(desk: Desk, way: Way, mode: str) -> None:
    await check(desk, way, f"?updateMode={mode}" if mode else "", REACHED[mode])


@pytest.mark.parametrize("mode", DELETED)
async def test_a_delete_goes_as_far_as_its_mode_says(desk: Desk, mode: str) -> None:
    await check(desk, delete, f"?updateMode={mode}" if mode else "", DELETED[mode])


@pytest.mark.parametrize("reach", THERE)
@pytest.mark.parametrize("way", [there, there_by_post, there_in_a_batch], ids=lambda way: way.__name__)
async def test_the_other_contract_reaches_as_far_as_it_says(desk: Desk, way: Way, reach: str) -> None:
    await check(desk, way, f"?series={reach}" if reach else "", THERE[reach])


@pytest.mark.parametrize("reach", THERE)
async def test_the_other_contract_calls_off_as_far_as_it_says(desk: Desk, reach: str) -> None:
    ends = tuple([OFF if one == NEW else one for one in row] for row in THERE[reach])
    await check(desk, called_off, f"?series={reach}" if reach else "", (ends[0], ends[1]))


@pytest.mark.parametrize("query", ["", "?updateMode=ThisAndForward", "?updateMode=StopRecurrence"])
async def test_what_recurs_no_more_ends_its_series(desk: Desk, query: str) -> None:
    for place, left in enumerate(([OLD, GONE, GONE], [OLD, OLD, GONE])):
        dates = await series(desk)
        answer = await desk.patch(dates[place], {"Recurrence": {"IsRecurrence": False}}, query=query)
        assert answer["Recurrence"]["IsRecurrence"] is False
        assert [await became(desk, number) for number in dates] == [(state, False) for state in left]


async def test_a_series_that_is_stopped_on_its_first_date_is_one_date(desk: Desk) -> None:
    for body in ([], {}, {"Title": OLD}):
        dates = await series(desk)
        answer = await desk.patch(dates[0], body, query="?updateMode=StopRecurrence")
        assert answer["Recurrence"]["IsRecurrence"] is False
        assert [(await became(desk, number))[0] for number in dates] == [OLD, GONE, GONE]
    dates = await series(desk)
    entity = await desk.read(dates[0])
    answer_put = await desk.call("PUT", dates[0], entity, query="?updateMode=StopRecurrence")
    assert answer_put.status_code == 200, answer_put.text
    assert [(await became(desk, number))[0] for number in dates] == [OLD, GONE, GONE]
