"""The rule of a series: which days it falls on, by the calendar on the wall (RFC 5545 §3.3.10)."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import count as counting
from itertools import islice, takewhile

import msgspec

# A series is written in one transaction and shown whole in every answer.
MOST_OCCURRENCES = 2_000
LAST_WEEK = 5
EVERY_DAY = 0b111_1111
WORKDAYS = 0b001_1111
MONTHS = 12
# Whoever looks for a day that a rule never meets (31 February) must find an end.
LONGEST_GAP_YEARS = 40


class Pattern(StrEnum):
    """What a rule counts in."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    CUSTOM = "custom"


class DayStep(StrEnum):
    """How a daily rule steps: every so many days, or on the days people work."""

    CYCLE = "cycle"
    WORKDAY = "workday"
    WEEKDAY = "weekday"


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a series happens. `weekdays` are bits, Monday the lowest; `week` 5 is the last of a month.

    `cycle` counts days, weeks or months by the pattern; a yearly rule comes every year in `month`. In months
    and years `week` 0 means the `day`, else the weekday in that week. A day that a month lacks is left out.
    Weeks begin on Monday. The rule ends after `count` days or on `ends_on`, whichever comes first; CUSTOM
    has its days in `dates`. `left_out` are days between that somebody took out; `count` counts them.
    """

    pattern: Pattern
    starts_on: date
    ends_on: date | None = None
    count: int | None = None
    cycle: int = 1
    step: DayStep = DayStep.CYCLE
    weekdays: int = 0
    day: int = 0
    week: int = 0
    month: int = 0
    dates: tuple[date, ...] = ()
    left_out: tuple[date, ...] = ()


def days_of(rule: Rule, most: int = MOST_OCCURRENCES) -> list[date]:
    """List the days of a rule in order, each once, at most `most` of them; those left out are among them."""
    limit = most if rule.count is None else min(most, rule.count)
    return list(islice(endless_days(rule), limit))


def days_left(rule: Rule) -> list[date]:
    """List the days of a rule in order without those that somebody took out."""
    gone, days = set(rule.left_out), days_of(rule)
    return [day for day in days if day not in gone] if gone else days


def leaving_out(rule: Rule, days: Iterable[date]) -> Rule:
    """Take days out of a rule besides those that are out; the rule as it is where none would be left."""
    gone = {*rule.left_out, *days}
    every = days_of(rule)
    left = [day for day in every if day not in gone]
    if not left:
        return rule
    if rule.pattern is Pattern.CUSTOM:
        return rule if len(left) == len(every) else of_dates(left)
    return msgspec.structs.replace(rule, left_out=tuple(day for day in every if day in gone))


def endless_days(rule: Rule) -> Iterator[date]:
    """Give the days of a rule in order without regard to `count`; ends at `ends_on` or with the calendar."""
    first, last = rule.starts_on, rule.ends_on or date.max
    if rule.pattern is Pattern.CUSTOM:
        return (day for day in sorted(set(rule.dates)) if day <= last)
    days = _WALKS[rule.pattern](rule)
    return takewhile(lambda day: day <= last, (day for day in days if day >= first))


def _daily(rule: Rule) -> Iterator[date]:
    if rule.step is not DayStep.CYCLE:
        return _weekdays(rule.starts_on, 1, WORKDAYS)
    return _every(rule.starts_on, max(rule.cycle, 1))


def _every(first: date, days: int) -> Iterator[date]:
    for ordinal in range(first.toordinal(), date.max.toordinal() + 1, days):
        yield date.fromordinal(ordinal)


def _weekly(rule: Rule) -> Iterator[date]:
    chosen = rule.weekdays & EVERY_DAY or 1 << rule.starts_on.weekday()
    return _weekdays(rule.starts_on, max(rule.cycle, 1), chosen)


def _weekdays(first: date, cycle: int, chosen: int) -> Iterator[date]:
    offsets = [weekday for weekday in range(7) if chosen >> weekday & 1]
    monday = first.toordinal() - first.weekday()
    end = date.max.toordinal()
    for week in range(monday, end + 1, 7 * cycle):
        for offset in offsets:
            if 0 < week + offset <= end:
                yield date.fromordinal(week + offset)


def _monthly(rule: Rule) -> Iterator[date]:
    start = rule.starts_on.year * MONTHS + rule.starts_on.month - 1
    return _in_months(rule, range(start, (date.max.year + 1) * MONTHS, max(rule.cycle, 1)))


def _yearly(rule: Rule) -> Iterator[date]:
    start = rule.starts_on.year * MONTHS + (rule.month or rule.starts_on.month) - 1
    return _in_months(rule, range(start, (date.max.year + 1) * MONTHS, MONTHS))


def _in_months(rule: Rule, months: range) -> Iterator[date]:
    barren = counting(1)
    for number in months:
        year, month = divmod(number, MONTHS)
        found = _days_in(rule, year, month + 1)
        if found:
            barren = counting(1)
        elif next(barren) * months.step > LONGEST_GAP_YEARS * MONTHS:
            return
        yield from found


def _days_in(rule: Rule, year: int, month: int) -> list[date]:
    first_weekday, length = monthrange(year, month)
    if not rule.week:
        day = rule.day or rule.starts_on.day
        return [date(year, month, day)] if day <= length else []
    chosen = rule.weekdays & EVERY_DAY or 1 << rule.starts_on.weekday()
    return sorted(
        date(year, month, _day_in_week(rule.week, (weekday - first_weekday) % 7 + 1, length))
        for weekday in range(7)
        if chosen >> weekday & 1
    )


def _day_in_week(week: int, first: int, length: int) -> int:
    if week >= LAST_WEEK:
        return first + (length - first) // 7 * 7
    return first + (week - 1) * 7


_WALKS: dict[Pattern, Callable[[Rule], Iterator[date]]] = {
    Pattern.DAILY: _daily,
    Pattern.WEEKLY: _weekly,
    Pattern.MONTHLY: _monthly,
    Pattern.YEARLY: _yearly,
}


def instant_on(day: date, wall: time, zone: tzinfo) -> datetime:
    """Give the instant (UTC) of a wall time on a day.

    A time that the clock skips counts with the offset before the gap, one that comes twice is the first
    (RFC 5545 §3.3.5).
    """
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def shifted(day: date, days: int) -> date:
    """Move a day, as far as the calendar goes."""
    ordinal = min(max(day.toordinal() + days, 1), date.max.toordinal())
    return date.fromordinal(ordinal)


class Series(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One appointment's place in its series: the rule, whose wall clock counts, and the rule's day it is for.

    `on` stays when the appointment is moved to another day. `meant` is its time of day where the clock skips
    that on the day on which it was put; elsewhere it says nothing (`time_of_day`).
    """

    rule: Rule
    zone: str
    on: date
    meant: time | None = None


class Wall(msgspec.Struct, frozen=True):
    """When on a day something happens: an all-day event is as long on the wall, all else in true time."""

    start: time
    length: timedelta
    is_all_day: bool

    def on(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        """Give both instants (UTC) on a day."""
        starts_at = instant_on(day, self.start, zone)
        if not self.is_all_day:
            return starts_at, starts_at + self.length
        end = datetime.combine(day, self.start) + self.length
        return starts_at, instant_on(end.date(), end.time(), zone)


def wall_of(starts_at: datetime, ends_at: datetime, zone: tzinfo, *, is_all_day: bool) -> Wall:
    """Read when on its day something happens."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    length = end.replace(tzinfo=None) - start.replace(tzinfo=None) if is_all_day else ends_at - starts_at
    return Wall(start.time(), length, is_all_day)


def moved(rule: Rule, days: int) -> Rule:
    """Move a whole rule by some days; what no pattern can say becomes a list of dates."""
    wanted = [shifted(day, days) for day in days_of(rule)]
    turned = rule.weekdays << days % 7
    guess = msgspec.structs.replace(
        rule,
        starts_on=shifted(rule.starts_on, days),
        ends_on=shifted(rule.ends_on, days) if rule.ends_on else None,
        weekdays=(turned | turned >> 7) & EVERY_DAY,
        day=rule.day + days if rule.day else 0,
        dates=tuple(shifted(day, days) for day in rule.dates),
        left_out=tuple(shifted(day, days) for day in rule.left_out),
    )
    if 0 <= guess.day <= 31 and days_of(guess) == wanted:
        return guess
    return of_dates([shifted(day, days) for day in days_left(rule)])


def of_dates(days: list[date]) -> Rule:
    """Make the rule of days that follow no pattern; there must be one at least."""
    return Rule(pattern=Pattern.CUSTOM, starts_on=days[0], ends_on=days[-1], dates=tuple(days))


def ended(rule: Rule, last: date) -> Rule:
    """Let a rule end on a day, that day included."""
    dates = tuple(day for day in rule.dates if day <= last)
    left_out = tuple(day for day in rule.left_out if day <= last)
    return msgspec.structs.replace(rule, ends_on=last, count=None, dates=dates, left_out=left_out)


def narrowed(rule: Rule, left: list[date]) -> Rule:
    """Let a rule have only these of its days, in order: it begins and ends with them."""
    days = days_left(rule)
    if days[:1] < left[:1]:
        rule = begun(rule, left[0])
    if days[-1:] > left[-1:]:
        rule = ended(rule, left[-1])
    return leaving_out(rule, set(days) - set(left))


def begun(rule: Rule, first: date) -> Rule:
    """Let a rule begin on a day, or on its own next one; a count has the days before it counted off.

    The steps of a cycle count on from where the rule began.
    """
    days = days_of(rule)
    left = [day for day in days if day >= first]
    return msgspec.structs.replace(
        rule,
        starts_on=left[0] if left else first,
        count=None if rule.count is None else rule.count - (len(days) - len(left)),
        dates=tuple(day for day in rule.dates if day >= first),
        left_out=tuple(day for day in rule.left_out if day >= first),
    )
