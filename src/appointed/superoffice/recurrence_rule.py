"""Reading RecurrenceInfo back as a rule (Response body, AppointmentEntity.Recurrence).

The pattern that is named counts, with its own part; what that part leaves out follows from the first day.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, Protocol

from msgspec.structs import replace

from appointed.domain.recurrence import (
    MOST_OCCURRENCES,
    DayStep,
    Pattern,
    Rule,
    days_left,
    days_of,
    leaving_out,
    of_dates,
)
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.recurrence import PATTERNS, STEPS, WEEKS
from appointed.superoffice.enums import ENUMS, read_enum, read_flags
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.wiretime import TimeStyle, read_wall

Said = dict[str | bytes, Any]


class Wrong(Protocol):
    """Notes a value that breaks a rule, and what the rule would allow."""

    def __call__(self, path: str, rule: str, value: Any, allowed: Any = None, /) -> None:
        """Note it."""


PATTERN_OF = {name: pattern for pattern, name in PATTERNS.items()}
STEP_OF = {name: step for step, name in STEPS.items()}
PARTS = {
    Pattern.DAILY: "DayPattern",
    Pattern.WEEKLY: "WeekPattern",
    Pattern.MONTHLY: "MonthPattern",
    Pattern.YEARLY: "YearPattern",
}
YEAR = timedelta(days=365)
MOST_CYCLE = 1_000


class RuleReader:
    """Reads one RecurrenceInfo; what cannot be read goes to `wrong(path, rule, value)`."""

    def __init__(self, value: dict[str, Any], first: date, style: TimeStyle, wrong: Wrong) -> None:
        self._said = _folded(value)
        self._first = first
        self._style = style
        self._wrong = wrong
        self._path = ""

    def rule(self) -> Rule | None:
        """Give the rule, without regard to `Dates` unless there is no other; None when it cannot be read."""
        starts_on = self._day("StartDate") or self._first
        pattern = PATTERN_OF.get(self._enum("RecurrencePattern", "Pattern", "Weekly"))
        if pattern is None:
            self._wrong("Pattern", "enum", self._said.get("pattern"), tuple(PATTERN_OF))
            return None
        if pattern is Pattern.CUSTOM:
            days = self.dates()
            if not days:
                self._wrong("Dates", "required", self._said.get("dates"))
                return None
            return of_dates(sorted(set(days)))
        rule = self._ended(Rule(pattern=pattern, starts_on=starts_on))
        name = PARTS[pattern]
        part = self._said.get(fold(name))
        if part is not None and not isinstance(part, dict):
            self._wrong(name, "object", part)
            return None
        inner = RuleReader(part or {}, self._first, self._style, self._within(name))
        return _PARTS[pattern](inner, rule)

    def dates(self) -> list[date]:
        """List the days of `Dates`."""
        given = self._said.get("dates") or []
        if not isinstance(given, list) or len(given) > MOST_OCCURRENCES:
            self._wrong("Dates", "array", len(given) if isinstance(given, list) else given)
            return []
        found = (self._date_of(index, item) for index, item in enumerate(given))
        return [day for day in found if day is not None]

    def _date_of(self, index: int, item: Any) -> date | None:
        text = _folded(item).get("date") if isinstance(item, dict) else item
        try:
            return read_wall(text, self._style).date()
        except ValueError:
            self._wrong(f"Dates.{index}.Date", "date", text)
            return None

    def _ended(self, rule: Rule) -> Rule:
        if self._enum("RecurrenceEndType", "RecurrenceEndType", "EndDate") == "Counter":
            return replace(rule, count=self._number("RecurrenceCounter", 1, 1, MOST_OCCURRENCES))
        return replace(rule, ends_on=self._day("EndDate") or _year_after(rule.starts_on))

    def daily(self, rule: Rule) -> Rule:
        """Read RecurrenceDayPattern."""
        step = STEP_OF.get(self._enum("RecurrenceDailyPattern", "Pattern", "EveryCyclicDay"), DayStep.CYCLE)
        return replace(rule, step=step, cycle=self._cycle())

    def weekly(self, rule: Rule) -> Rule:
        """Read RecurrenceWeekPattern."""
        return replace(rule, weekdays=self._weekdays("Weekdays", rule), cycle=self._cycle())

    def monthly(self, rule: Rule) -> Rule:
        """Read RecurrenceMonthPattern."""
        return replace(self._in_month("RecurrenceMonthlyPattern", rule), cycle=self._cycle())

    def yearly(self, rule: Rule) -> Rule:
        """Read RecurrenceYearPattern; its cycle is the month."""
        month = self._number("Cycle", rule.starts_on.month, 1, 12)
        return replace(self._in_month("RecurrenceYearlyPattern", rule), month=month)

    def _in_month(self, enum: str, rule: Rule) -> Rule:
        if self._enum(enum, "Pattern", "DayOfMonth") != "WeekdayOfMonth":
            return replace(rule, day=self._number("Day", rule.starts_on.day, 1, 31))
        week = self._enum("WeekOfMonth", "WeekOfMonth", WEEKS[(rule.starts_on.day - 1) // 7])
        number = WEEKS.index(week) + 1 if week in WEEKS else (rule.starts_on.day - 1) // 7 + 1
        return replace(rule, week=number, weekdays=self._weekdays("Weekday", rule))

    def _cycle(self) -> int:
        return self._number("Cycle", 1, 1, MOST_CYCLE)

    def _weekdays(self, name: str, rule: Rule) -> int:
        value = self._said.get(fold(name))
        if value is not None:
            try:
                bits = read_flags("Weekday", value)
            except ValueError:
                self._unknown(name, "Weekday", value)
                bits = 0
            if bits:
                return bits
        return 1 << rule.starts_on.weekday()

    def _enum(self, enum: str, name: str, usual: str) -> str:
        value = self._said.get(fold(name))
        if value is None:
            return usual
        try:
            found = read_enum(enum, value)
        except ValueError:
            self._unknown(name, enum, value)
            return usual
        return usual if found == "Unknown" else found

    def _unknown(self, name: str, enum: str, value: Any) -> None:
        self._wrong(name, "enum", value, tuple(one for one in ENUMS[enum].numbers if one != "Unknown"))

    def _number(self, name: str, usual: int, low: int, high: int) -> int:
        value = self._said.get(fold(name))
        if value is None or value == 0:
            return usual
        number = read_int32(value)
        if number is None or not low <= number <= high:
            self._wrong(name, "range", value)
            return usual
        return number

    def _day(self, name: str) -> date | None:
        value = self._said.get(fold(name))
        if value is None:
            return None
        try:
            found = read_wall(value, self._style).date()
        except ValueError:
            self._wrong(name, "date", value)
            return None
        # The lowest and the highest date mean that none was chosen.
        return None if found.year in (date.min.year, date.max.year) else found

    def _within(self, name: str) -> Wrong:
        def wrong(path: str, rule: str, value: Any, allowed: Any = None, /) -> None:
            self._wrong(f"{name}.{path}", rule, value, allowed)

        return wrong


_PARTS: dict[Pattern, Callable[[RuleReader, Rule], Rule]] = {
    Pattern.DAILY: RuleReader.daily,
    Pattern.WEEKLY: RuleReader.weekly,
    Pattern.MONTHLY: RuleReader.monthly,
    Pattern.YEARLY: RuleReader.yearly,
}


def with_dates(rule: Rule, days: Iterable[date]) -> Rule:
    """Give the rule of days that a caller picked by hand.

    It is the rule itself when they are its own, and it leaves out what is missing between its first and last.
    """
    chosen, every = sorted(set(days)), days_of(rule)
    if not chosen:
        return rule
    if chosen == days_left(rule):
        # Of what the former rule left out, only what this one has is told: the days are picked as they are.
        return leaving_out(rule, ())
    missing = set(every) - set(chosen)
    if len(every) - len(missing) < len(chosen) or missing & {every[0], every[-1]}:
        return of_dates(chosen)
    return leaving_out(replace(rule, left_out=()), missing)


def _year_after(day: date) -> date:
    return date.fromordinal(min(day.toordinal() + YEAR.days, date.max.toordinal()))


def _folded(value: dict[str, Any]) -> Said:
    return {fold(name): member for name, member in value.items()}
