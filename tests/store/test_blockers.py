"""Which rows block a time, asked for many times in one statement, and what is busy in a diary."""

import random
from datetime import timedelta

import pytest

from appointed.domain.appointment import Appointment
from appointed.domain.hours import Span
from appointed.domain.status import Status
from appointed.store.conflict_sql import MOST_NAMED
from appointed.store.conflicts import overlaps, probe_of
from appointed.store.schema import busy_period
from appointed.usecases.ports import ById, NoRows, Time
from tests.store.world import (
    ADA,
    HOUR,
    KARI,
    NOW,
    START,
    AnyStore,
    a_change,
    a_draft,
    adding,
    create,
    nothing,
)

DAY = timedelta(days=1)


def time_of(row: Appointment) -> Time:
    return Time(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        owner_id=row.owner_id,
        family_id=row.mother_id or row.id,
        series_id=row.series_id,
    )


async def test_every_time_has_its_own_blockers_in_order(store: AnyStore) -> None:
    first, second = await create(store), await create(store, starts_at=START - HOUR)
    later = await create(store, starts_at=START + DAY, ends_at=START + 9 * DAY)
    await create(store, is_free=True)
    times = (
        Time(starts_at=START, ends_at=START + HOUR, owner_id=ADA),
        Time(starts_at=START, ends_at=START + HOUR, owner_id=KARI),
        Time(starts_at=START + 2 * DAY, ends_at=START + 2 * DAY + HOUR, owner_id=ADA),
        time_of(first),
    )
    assert await store.blockers(1, times) == ((first.id, second.id), (), (later.id,), (second.id,))
    assert await store.blockers(2, times) == ((),) * 4
    assert await store.blockers(1, ()) == ()


async def test_dates_of_one_series_do_not_conflict(store: AnyStore) -> None:
    row = await create(store, series_id=77)
    await create(store, series_id=77)
    for wants in (await store.read(1, ById((row.id,)), wants_conflict=True),):
        assert not wants.has_conflict
    change = a_change(nothing, ById((row.id,)), wants_conflicts=True)
    assert not (await store.change(change)).conflicts
    assert await store.blockers(1, (time_of(row),)) == ((),)
    other = await create(store, series_id=78)
    assert (await store.read(1, ById((row.id,)), wants_conflict=True)).has_conflict
    assert (await store.change(change)).conflicts == {row.id}
    assert await store.blockers(1, (time_of(row),)) == ((other.id,),)


async def test_a_dry_run_of_a_series_sees_no_conflict_among_its_dates(store: AnyStore) -> None:
    drafts = [a_draft(series_id=-9), a_draft(series_id=-9)]
    outcome = await store.change(a_change(adding(*drafts), NoRows(), dry_run=True, wants_conflicts=True))
    assert not outcome.conflicts


async def test_only_some_blockers_are_named(store: AnyStore) -> None:
    drafts = [a_draft() for _number in range(MOST_NAMED + 5)]
    await store.change(a_change(adding(*drafts), NoRows()))
    (found,) = await store.blockers(1, (Time(starts_at=START, ends_at=START + HOUR, owner_id=ADA),))
    assert len(found) == MOST_NAMED


@pytest.mark.parametrize("seed", range(5))
async def test_random_diaries_say_what_python_says(store: AnyStore, seed: int) -> None:
    luck = random.Random(seed)
    drafts = [_random(luck) for _number in range(40)]
    outcome = await store.change(a_change(adding(*drafts), NoRows()))
    rows = outcome.rows
    probes = [probe_of(row) for row in rows]
    expected = tuple(tuple(sorted(o.id for o in rows if overlaps(probe, o))) for probe in probes)
    assert await store.blockers(1, [time_of(row) for row in rows]) == expected
    window = Time(starts_at=START - DAY, ends_at=START + DAY)
    whole = Time(starts_at=START - 90 * DAY, ends_at=START + 90 * DAY)
    everything = await store.busy(1, (ADA, KARI), whole)
    kept = [row for row in rows if not row.is_free and row.status is not Status.CANCELLED]
    spans = sorted(Span(*busy_period(row)) for row in kept if row.starts_at < row.ends_at)
    assert everything == tuple(spans)
    near = tuple(s for s in spans if s.since < window.ends_at and s.until > window.starts_at)
    assert await store.busy(1, (ADA, KARI), window) == near


def _random(luck: random.Random) -> Appointment:
    starts_at = START + luck.randrange(-96, 96) * HOUR / 2
    return a_draft(
        owner_id=luck.choice((ADA, KARI)),
        starts_at=starts_at,
        ends_at=starts_at + luck.choice((0, 1, 2, 60, 200)) * HOUR / 2,
        lead_minutes=luck.choice((0, 0, 15, 1500)),
        lag_minutes=luck.choice((0, 0, 15)),
        is_free=luck.random() < 0.1,
        series_id=luck.choice((0, 0, 900, 901)),
        status=luck.choice((Status.SCHEDULED, Status.SCHEDULED, Status.CANCELLED)),
        created_at=NOW,
    )
