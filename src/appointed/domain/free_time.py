"""Which times are free for everyone who is asked for: the one answer behind every door that offers a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.domain.directory import Associate, Directory
from appointed.domain.hours import (
    DAY,
    USUAL,
    Hours,
    Openings,
    Slot,
    Span,
    common,
    merged,
    whole_day,
    without,
)
from appointed.domain.recurrence import Wall

MINUTE = timedelta(minutes=1)
# Times of the day are laid out on one day that no clock has changed on.
ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
MOST_TRIES = 100


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a free time must be like: between two instants, so long, with time before and after.

    Lead and lag may lie outside of opening hours, but not in anybody's busy time. What takes whole days
    begins at midnight and takes as many as its length needs.
    """

    since: datetime
    until: datetime
    length: timedelta
    lead: timedelta = timedelta()
    lag: timedelta = timedelta()
    is_all_day: bool = False


def hours_of(associates: Iterable[Associate], directory: Directory) -> Hours:
    """Give the hours in which all of them work and their departments are open."""
    openings: list[Openings] = []
    closed: set[date] = set()
    for associate in associates:
        department = directory.departments.get(associate.group_id)
        if department is not None:
            closed.update(holiday.on for holiday in department.holidays)
        own = associate.working_hours
        given = [one for one in (own, department.opening_hours if department else None) if one is not None]
        openings.extend(given or [USUAL])
    return Hours(tuple(openings), frozenset(closed))


def slots(wish: Wish, hours: Hours, busy: Iterable[Span], zone: ZoneInfo) -> Iterator[Slot]:
    """Give free times in order, one after another without overlaps; each begins as early as it can.

    They begin on whole minutes.
    """
    taken = merged(Span(span.since - wish.lag, span.until + wish.lead) for span in busy)
    if wish.is_all_day:
        yield from _days(wish, hours, taken, zone)
        return
    opened = merged(span for day in _days_of(wish, zone) for span in hours.spans(day, zone))
    for free in without(opened, taken):
        starts_at = _whole_minute(max(free.since, wish.since))
        end = min(free.until, wish.until)
        while starts_at + wish.length <= end:
            yield Slot(starts_at, starts_at + wish.length, max(free.since, wish.since), end)
            starts_at = _whole_minute(starts_at + wish.length)


class SeriesWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a time of the day must be like that is free on each of some days, by the clock of a zone.

    None may begin before `since`.
    """

    days: tuple[date, ...]
    wall: Wall
    zone: ZoneInfo
    since: datetime
    lead: timedelta = timedelta()
    lag: timedelta = timedelta()


def walls(wish: SeriesWish, hours: Hours, busy: Iterable[Span], zone: ZoneInfo) -> Iterator[Wall]:
    """Give times of the day that are free on all of the days: from the wanted one on, then those before it.

    `zone` is that of the hours. The days are in order; one on which everything is closed is taken as open:
    it was wanted all the same.
    """
    past = Span(datetime.min.replace(tzinfo=UTC), wish.since)
    taken = merged([past, *(Span(span.since - wish.lag, span.until + wish.lead) for span in busy)])
    opened = [span for day in wish.days for span in hours.spans(day, zone) or [whole_day(day, zone)]]
    free: dict[date, list[Span]] = {day: [] for day in wish.days}
    for span in without(opened, taken):
        free[span.since.astimezone(zone).date()].append(span)
    starts = [Span(ANY_DAY, ANY_DAY + DAY)]
    for day, spans in free.items():
        starts = list(common(starts, merged(_starts(day, spans, wish))))
    wanted = datetime.combine(ANY_DAY, wish.wall.start, tzinfo=UTC)
    later = without(starts, [Span(ANY_DAY, wanted)])
    earlier = without(starts, [Span(wanted, ANY_DAY + DAY)])
    for at in islice(_steps((*later, *earlier), wish.wall.length), MOST_TRIES):
        wall = replace(wish.wall, start=at.time())
        # Where the clock changes the wall says less than the instants.
        if all(_is_inside(Span(*wall.on(day, wish.zone)), free[day]) for day in wish.days):
            yield wall


def _starts(day: date, free: Iterable[Span], wish: SeriesWish) -> Iterator[Span]:
    for span in free:
        first, last = (
            at.astimezone(wish.zone).replace(tzinfo=UTC) - datetime.combine(day, time(), tzinfo=UTC)
            for at in (_whole_minute(span.since), span.until - wish.wall.length)
        )
        if first <= last:
            yield Span(ANY_DAY + first, ANY_DAY + last + MINUTE)


def _steps(spans: Iterable[Span], length: timedelta) -> Iterator[datetime]:
    for span in spans:
        at = span.since
        while at < span.until:
            yield at
            at = _whole_minute(at + max(length, MINUTE))


def _is_inside(inner: Span, spans: Iterable[Span]) -> bool:
    return any(span.since <= inner.since and inner.until <= span.until for span in spans)


def _days(wish: Wish, hours: Hours, taken: list[Span], zone: ZoneInfo) -> Iterator[Slot]:
    free = [day for day in _days_of(wish, zone) if _is_free(day, wish, hours, taken, zone)]
    wanted = max(1, -(-wish.length // DAY))
    for run in _runs(free):
        whole = Span(whole_day(run[0], zone).since, whole_day(run[-1], zone).until)
        for place in range(0, len(run) - wanted + 1, wanted):
            first, last = whole_day(run[place], zone), whole_day(run[place + wanted - 1], zone)
            yield Slot(first.since, last.until, *whole)


def _is_free(day: date, wish: Wish, hours: Hours, taken: list[Span], zone: ZoneInfo) -> bool:
    whole = whole_day(day, zone)
    is_inside = wish.since <= whole.since and whole.until <= wish.until
    return is_inside and bool(hours.spans(day, zone)) and list(without([whole], taken)) == [whole]


def _runs(days: Sequence[date]) -> Iterator[list[date]]:
    run: list[date] = []
    for day in days:
        if run and day != run[-1] + DAY:
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _days_of(wish: Wish, zone: ZoneInfo) -> Iterator[date]:
    day, last = wish.since.astimezone(zone).date(), wish.until.astimezone(zone).date()
    while day <= last:
        yield day
        day += DAY


def _whole_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE
