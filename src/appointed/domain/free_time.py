"""Which times are free for everyone who is asked for: the one answer behind every door that offers a time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.directory import Associate, Directory
from appointed.domain.hours import DAY, USUAL, Hours, Openings, Slot, Span, merged, whole_day, without

MINUTE = timedelta(minutes=1)


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
