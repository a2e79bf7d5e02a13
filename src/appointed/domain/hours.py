"""When people work and departments are open, and the free time that follows from it; no I/O.

Every time is half open: its end is not part of it. A day is one of the tenant's zone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.recurrence import instant_on

DAY_MINUTES = 24 * 60
WORKDAYS = range(5)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """From an instant until another (aware UTC)."""

    since: datetime
    until: datetime


class Slot(NamedTuple):
    """A free time of the wanted length, and the whole free time that it lies in."""

    starts_at: datetime
    ends_at: datetime
    free_from: datetime
    free_until: datetime


class Opening(msgspec.Struct, frozen=True):
    """Open on a weekday (0 is Monday) from a minute of the day until another; 1440 is midnight."""

    weekday: int
    opens: int
    closes: int


Openings = tuple[Opening, ...]

# What holds where nobody said otherwise: Monday to Friday, 08:00 to 16:00.
USUAL: Openings = tuple(Opening(weekday, 8 * 60, 16 * 60) for weekday in WORKDAYS)


class Holiday(msgspec.Struct, frozen=True):
    """A day on which a department is closed."""

    on: date
    name: str = ""


class Hours(msgspec.Struct, frozen=True):
    """Every opening that must be kept at once, and the days without any."""

    openings: tuple[Openings, ...]
    closed: frozenset[date]

    def spans(self, day: date, zone: ZoneInfo) -> list[Span]:
        """List when a day is open, in order."""
        if day in self.closed:
            return []
        found = [whole_day(day, zone)]
        for openings in self.openings:
            kept = [
                Span(_instant(day, one.opens, zone), _instant(day, one.closes, zone))
                for one in openings
                if one.weekday == day.weekday()
            ]
            found = list(common(found, merged(kept)))
        return found


def whole_day(day: date, zone: ZoneInfo) -> Span:
    """Give a day from midnight to midnight."""
    return Span(_instant(day, 0, zone), _instant(day, DAY_MINUTES, zone))


@lru_cache(maxsize=4096)
def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == DAY_MINUTES:
        return instant_on(day + DAY, time(), zone)
    return instant_on(day, time(minute // 60, minute % 60), zone)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Join spans that touch or overlap; those without length are none."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.since >= span.until:
            continue
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        else:
            found.append(span)
    return found


def common(some: list[Span], others: list[Span]) -> Iterator[Span]:
    """Give what both cover; each is in order and without overlaps."""
    left, right = 0, 0
    while left < len(some) and right < len(others):
        since = max(some[left].since, others[right].since)
        until = min(some[left].until, others[right].until)
        if since < until:
            yield Span(since, until)
        if some[left].until <= others[right].until:
            left += 1
        else:
            right += 1


def without(spans: list[Span], taken: list[Span]) -> Iterator[Span]:
    """Give what is left of spans; both are in order and without overlaps."""
    place = 0
    for span in spans:
        since = span.since
        while place < len(taken) and taken[place].until <= since:
            place += 1
        at = place
        while at < len(taken) and taken[at].since < span.until:
            if since < taken[at].since:
                yield Span(since, taken[at].since)
            since = max(since, taken[at].until)
            at += 1
        if since < span.until:
            yield Span(since, span.until)
