"""Find free times, and say who stands in the way of a time: one lookup for every door."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.diary import occupies
from appointed.domain.directory import View
from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.domain.free_time import SeriesWish, Wish, hours_of, slots, walls
from appointed.domain.held import WantedTime
from appointed.domain.hours import Hours, Slot, whole_day
from appointed.domain.principal import Principal
from appointed.domain.recurrence import days_left, wall_of
from appointed.domain.rights import demand_nameable
from appointed.domain.time_of_day import time_of_day
from appointed.usecases.ports import Store, Time

MOST_ASSOCIATES = 50
MOST_SLOTS = 100
A_DAY = timedelta(days=1)
LONGEST = timedelta(days=31)
FARTHEST = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 1900, 9000
# Most find something soon; each look that does not goes farther.
LOOKS = (timedelta(days=14), timedelta(days=62), FARTHEST)


async def free_time(
    store: Store,
    principal: Principal,
    view: View,
    associate_ids: Sequence[int],
    wish: Wish,
    count: int = 1,
    *,
    family_id: int = 0,
) -> tuple[Slot, ...]:
    """Give the next times that are free for all of these associates, never one that has passed.

    What the booking `family_id` holds does not count: it is what shall be moved. Raises InvalidRequest,
    RecordNotFound, Forbidden.
    """
    ids = tuple(dict.fromkeys(associate_ids))
    _demand_sound(ids, wish, count)
    hours = _hours(principal, view, ids)
    since = max(wish.since, view.now)
    found: tuple[Slot, ...] = ()
    for look in LOOKS:
        until = min(wish.until, since + look)
        if since >= until:
            break
        near = replace(wish, since=since, until=until)
        window = Time(starts_at=since - wish.lead, ends_at=until + wish.lag, family_id=family_id)
        busy = await store.busy(principal.tenant_id, ids, window)
        found = tuple(islice(slots(near, hours, busy, view.directory.zone), count))
        # A free time that goes on past the window would be told too short.
        if until == wish.until or (len(found) == count and found[-1].free_until < until):
            break
    return found


async def free_walls(
    store: Store, principal: Principal, view: View, wanted: WantedTime, count: int
) -> tuple[Slot, ...]:
    """Give times of the day that are free on all dates of a series that is wanted, as times of one of them.

    Raises RecordNotFound, Forbidden.
    """
    hours, zone = _hours(principal, view, wanted.associate_ids), ZoneInfo(wanted.zone)
    lead, lag = timedelta(minutes=wanted.lead_minutes), timedelta(minutes=wanted.lag_minutes)
    wall = wall_of(wanted.starts_at, wanted.ends_at, zone, is_all_day=wanted.is_all_day)
    window = Time(
        starts_at=whole_day(min(wanted.days), zone).since - lead - A_DAY,
        ends_at=whole_day(max(wanted.days), zone).until + wall.length + lag + A_DAY,
        family_id=wanted.family_id,
        series_id=wanted.series_id,
    )
    busy = await store.busy(principal.tenant_id, wanted.associate_ids, window)
    wish = SeriesWish(days=wanted.days, wall=wall, zone=zone, since=view.now, lead=lead, lag=lag)
    shown = wanted.starts_at.astimezone(zone).date()
    # Where the clock skips midnight a date shows on the day after its own.
    on = max((day for day in wanted.days if day <= shown), default=shown)
    found = islice(walls(wish, hours, busy, view.directory.zone), count)
    return tuple(Slot(*one.on(on, zone), *one.on(on, zone)) for one in found)


def _hours(principal: Principal, view: View, associate_ids: Sequence[int]) -> Hours:
    associates = []
    for associate_id in associate_ids:
        associate = view.directory.associates.get(associate_id)
        demand_nameable(principal, associate_id, view.directory)
        if associate is None or associate.is_deleted:
            raise RecordNotFound("associate", associate_id)
        associates.append(associate)
    return hours_of(associates, view.directory)


def _demand_sound(ids: Sequence[int], wish: Wish, count: int) -> None:
    if not 1 <= len(ids) <= MOST_ASSOCIATES:
        raise InvalidRequest(f"1 to {MOST_ASSOCIATES} associates must be named")
    if not 1 <= count <= MOST_SLOTS:
        raise InvalidRequest(f"between 1 and {MOST_SLOTS} times can be asked for")
    if not timedelta() < wish.length <= LONGEST:
        raise InvalidRequest(f"a time must be longer than nothing and at most {LONGEST.days} days")
    if wish.since.year < FIRST_YEAR or wish.until.year > LAST_YEAR:
        raise InvalidRequest(f"free times are found from {FIRST_YEAR} to {LAST_YEAR}")
    if wish.until <= wish.since:
        raise InvalidRequest("the time to look in ends before it begins")


async def conflicts_on(
    store: Store, row: Appointment, days: Sequence[date], zone: ZoneInfo
) -> dict[date, tuple[int, ...]]:
    """Say which appointments stand in the way of a row on each of these days, at its own time of the day.

    Rows of its own booking and its own series are none.
    """
    if not occupies(row):
        return dict.fromkeys(days, ())
    wall = time_of_day(row, zone)
    found = await store.blockers(row.tenant_id, [_time(row, *wall.on(day, zone)) for day in days])
    return dict(zip(days, found, strict=True))


async def blockers_of(store: Store, row: Appointment) -> tuple[int, ...]:
    """Say which appointments overlap a row in its owner's diary."""
    if not occupies(row):
        return ()
    (found,) = await store.blockers(row.tenant_id, [_time(row, row.starts_at, row.ends_at)])
    return found


async def blockers_by_day(
    store: Store, row: Appointment, zone: ZoneInfo, *, has_conflict: bool
) -> dict[date, tuple[int, ...]]:
    """Say what stands in the way of a row as it stands, and of all dates of its series.

    `zone` is where a single row's day is.
    """
    if row.series is not None:
        return await conflicts_on(store, row, days_left(row.series.rule), ZoneInfo(row.series.zone))
    if not has_conflict:
        return {}
    return {row.starts_at.astimezone(zone).date(): await blockers_of(store, row)}


def _time(row: Appointment, starts_at: datetime, ends_at: datetime) -> Time:
    return Time(
        starts_at=starts_at,
        ends_at=ends_at,
        owner_id=row.owner_id,
        family_id=row.mother_id or max(row.id, 0),
        series_id=max(row.series_id, 0),
    )
