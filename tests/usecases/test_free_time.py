"""Who can be asked for free time, how far it is looked for, and what stands in the way of a row."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.domain.free_time import Wish
from appointed.domain.hours import Span
from appointed.domain.recurrence import Series
from appointed.usecases.free_time import (
    FARTHEST,
    LONGEST,
    LOOKS,
    MOST_ASSOCIATES,
    MOST_SLOTS,
    blockers_by_day,
    blockers_of,
    free_time,
)
from appointed.usecases.ports import Time
from tests.builders import KARI, NOW, OLA, PER, START, appointment, principal, view
from tests.usecases.families import HOUR, OSLO, WEEKLY

DAY = timedelta(days=1)


class Calendar:
    """A store in which all is taken until an instant, and which notes what it is asked."""

    def __init__(self, taken_until: datetime = NOW) -> None:
        self.taken_until = taken_until
        self.asked: list[Time] = []

    async def busy(self, _tenant_id: int, _owners: Sequence[int], time: Time) -> tuple[Span, ...]:
        self.asked.append(time)
        return (Span(time.starts_at, min(self.taken_until, time.ends_at)),)

    async def blockers(self, _tenant_id: int, times: Sequence[Time]) -> list[tuple[int, ...]]:
        self.asked += times
        return [(100 + place,) for place, _time in enumerate(times)]


def wish(**more: Any) -> Wish:
    plain: dict[str, Any] = {"since": START, "until": START + 2 * FARTHEST, "length": HOUR}
    return Wish(**(plain | more))


async def find(store: Any, *associates: int, count: int = 1, family_id: int = 0, **more: Any) -> Any:
    return await free_time(store, principal(), view(), associates, wish(**more), count, family_id=family_id)


async def test_nothing_that_has_passed_is_free() -> None:
    store = Calendar()
    (slot,) = await find(store, OLA, since=START - 9 * DAY, lead=HOUR, lag=2 * HOUR, family_id=7)
    assert slot.starts_at >= NOW
    # What is looked up is wide enough for what comes before and after, and leaves out the own booking.
    (time,) = store.asked
    assert (time.starts_at, time.ends_at, time.family_id) == (NOW - HOUR, NOW + LOOKS[0] + 2 * HOUR, 7)
    assert await find(store, OLA, since=NOW - 9 * DAY, until=NOW) == ()


async def test_it_looks_farther_as_long_as_too_little_is_found() -> None:
    store = Calendar(START + 100 * DAY)
    (slot,) = await find(store, OLA, KARI, OLA)
    assert slot.starts_at >= START + 100 * DAY
    assert [time.ends_at for time in store.asked] == [START + look for look in LOOKS]
    near = Calendar(START + 100 * DAY)
    assert await find(near, OLA, until=START + 3 * DAY) == ()
    assert len(near.asked) == 1


@pytest.mark.parametrize("associate_id", [99, PER])
async def test_who_is_not_there_has_no_time(associate_id: int) -> None:
    with pytest.raises(RecordNotFound):
        await find(Calendar(), OLA, associate_id)


UNSOUND: dict[str, tuple[Sequence[int], int, dict[str, Any]]] = {
    "nobody": ((), 1, {}),
    "too many": (range(1, MOST_ASSOCIATES + 2), 1, {}),
    "no times": ((OLA,), 0, {}),
    "too many times": ((OLA,), MOST_SLOTS + 1, {}),
    "no length": ((OLA,), 1, {"length": timedelta()}),
    "too long": ((OLA,), 1, {"length": LONGEST + HOUR}),
    "too early": ((OLA,), 1, {"since": datetime(1899, 12, 31, tzinfo=UTC)}),
    "too late": ((OLA,), 1, {"until": datetime(9001, 1, 1, tzinfo=UTC)}),
    "backwards": ((OLA,), 1, {"until": START}),
}


@pytest.mark.parametrize("name", UNSOUND)
async def test_what_makes_no_sense_is_not_looked_for(name: str) -> None:
    associates, count, more = UNSOUND[name]
    store = Calendar()
    with pytest.raises(InvalidRequest):
        await find(store, *associates, count=count, **more)
    assert store.asked == []


async def test_what_overlaps_a_row_is_none_of_its_own() -> None:
    store: Any = Calendar()
    row = appointment(mother_id=7, series_id=8)
    assert await blockers_of(store, row) == (100,)
    (time,) = store.asked
    assert (time.starts_at, time.ends_at) == (row.starts_at, row.ends_at)
    assert (time.owner_id, time.family_id, time.series_id) == (OLA, 7, 8)


async def test_a_new_row_has_nothing_of_its_own_yet() -> None:
    store: Any = Calendar()
    await blockers_of(store, appointment(id=-1, series_id=-2))
    (time,) = store.asked
    assert (time.family_id, time.series_id) == (0, 0)


async def test_a_series_is_told_date_by_date_at_its_own_time_of_the_day() -> None:
    store: Any = Calendar()
    starts_at = datetime(2026, 3, 16, 10, tzinfo=OSLO).astimezone(UTC)
    series = Series(rule=WEEKLY, zone="Europe/Oslo", on=WEEKLY.starts_on)
    row = appointment(starts_at=starts_at, ends_at=starts_at + HOUR, series=series)
    found = await blockers_by_day(store, row, OSLO, has_conflict=False)
    first = date(2026, 3, 16)
    assert found == {first + place * 7 * DAY: (100 + place,) for place in range(4)}
    # Summer time begins in between.
    assert [time.starts_at.astimezone(OSLO).hour for time in store.asked] == [10] * 4
    assert [time.starts_at.hour for time in store.asked] == [9, 9, 8, 8]


async def test_a_single_row_is_asked_for_only_when_it_conflicts() -> None:
    store: Any = Calendar()
    assert await blockers_by_day(store, appointment(), OSLO, has_conflict=False) == {}
    assert store.asked == []
    assert await blockers_by_day(store, appointment(), OSLO, has_conflict=True) == {START.date(): (100,)}
