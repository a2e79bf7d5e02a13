"""RecurrenceInfo and its patterns: a series' rule, or the one a single appointment would follow.

What a rule does not say is filled from the appointment's day, as in the answer of a single one: a pattern
that is chosen on a later date of a series then has that date.
"""

from calendar import isleap
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from appointed.domain.recurrence import LAST_WEEK, DayStep, Pattern, Rule, days_left, days_of
from appointed.superoffice.carriers.shape import Field, Json, Rendered, Shape, fixed, number
from appointed.superoffice.wiretime import TimeStyle, write_wall

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKS = ("First", "Second", "Third", "Fourth", "Last")
PATTERNS = {
    Pattern.DAILY: "Daily",
    Pattern.WEEKLY: "Weekly",
    Pattern.MONTHLY: "Monthly",
    Pattern.YEARLY: "Yearly",
    Pattern.CUSTOM: "Custom",
}
STEPS = {DayStep.CYCLE: "EveryCyclicDay", DayStep.WORKDAY: "EveryWorkday", DayStep.WEEKDAY: "EveryWeekday"}


class FirstDay(NamedTuple):
    """The day an appointment starts on in the base zone, and how dates are to be written.

    `blockers` are the appointments in the way, as far as somebody asked for their names.
    """

    day: date
    has_conflict: bool
    style: TimeStyle
    blockers: tuple[int, ...] = ()


def weekday_of(first: FirstDay) -> str:
    """Name the day of the week."""
    return WEEKDAYS[first.day.weekday()]


def week_of(first: FirstDay) -> str:
    """Name the week of the month; the fifth is the last."""
    return WEEKS[(first.day.day - 1) // 7]


def _blockers_text(first: FirstDay) -> str:
    # A change tells that something is in the way; what it is, is looked up when the row is read.
    named = "&".join(f"conflict_id={number}" for number in first.blockers)
    return f"{{{named}}}" if named else ""


def _year_later(day: date) -> date:
    if day.year == date.max.year:
        return date.max
    is_lost = (day.month, day.day) == (2, 29) and not isleap(day.year + 1)
    return day.replace(year=day.year + 1, day=28 if is_lost else day.day)


DAY_PATTERN: Shape = (
    Field("Pattern", "enum:RecurrenceDailyPattern", fixed("EveryCyclicDay")),
    Field("Cycle", "int32", fixed(1)),
)
WEEK_PATTERN: Shape = (
    Field("Weekdays", "enum:Weekday", lambda first, _ctx: weekday_of(first)),
    Field("Cycle", "int32", fixed(1)),
)
MONTH_PATTERN: Shape = (
    Field("Pattern", "enum:RecurrenceMonthlyPattern", fixed("DayOfMonth")),
    Field("Cycle", "int32", fixed(1)),
    Field("Day", "int32", lambda first, _ctx: first.day.day),
    Field("Weekday", "enum:Weekday", lambda first, _ctx: weekday_of(first)),
    Field("WeekOfMonth", "enum:WeekOfMonth", lambda first, _ctx: week_of(first)),
)
YEAR_PATTERN: Shape = (
    Field("Pattern", "enum:RecurrenceYearlyPattern", fixed("DayOfMonth")),
    Field("Cycle", "int32", lambda first, _ctx: first.day.month),
    Field("Day", "int32", lambda first, _ctx: first.day.day),
    Field("Weekday", "enum:Weekday", lambda first, _ctx: weekday_of(first)),
    Field("WeekOfMonth", "enum:WeekOfMonth", lambda first, _ctx: week_of(first)),
)
RECURRENCE_DATE: Shape = (
    Field("Date", "date-time", lambda first, _ctx: write_wall(first.day, first.style)),
    Field("IsConflict", "bool", number("has_conflict")),
    Field("Description", "string", fixed(None)),
    Field("DescriptionStyleHint", "string", lambda first, _ctx: "conflict" if first.has_conflict else ""),
    Field("Tooltip", "string", lambda first, _ctx: _blockers_text(first) if first.has_conflict else None),
)
RECURRENCE_INFO: Shape = (
    Field("RecurrenceId", "int32", fixed(0)),
    Field("StartDate", "date-time", lambda first, _ctx: write_wall(first.day, first.style)),
    Field("EndDate", "date-time", lambda first, _ctx: write_wall(_year_later(first.day), first.style)),
    Field("RecurrenceCounter", "int32", fixed(1)),
    Field("RecurrenceEndType", "enum:RecurrenceEndType", fixed("EndDate")),
    Field("Pattern", "enum:RecurrencePattern", fixed("Weekly")),
    Field("DayPattern", "RecurrenceDayPattern", lambda first, _ctx: _part(DAY_PATTERN, first)),
    Field("WeekPattern", "RecurrenceWeekPattern", lambda first, _ctx: _part(WEEK_PATTERN, first)),
    Field("MonthPattern", "RecurrenceMonthPattern", lambda first, _ctx: _part(MONTH_PATTERN, first)),
    Field("YearPattern", "RecurrenceYearPattern", lambda first, _ctx: _part(YEAR_PATTERN, first)),
    Field("Dates", "RecurrenceDate[]", lambda first, _ctx: [_part(RECURRENCE_DATE, first)]),
    Field("IsRecurrence", "bool", fixed(False)),
)


def _part(shape: Shape, first: FirstDay) -> dict[str, Json]:
    # No member of these tables looks at the context: the first day says it all.
    return {field.name: field.render(first, None) for field in shape}  # type: ignore[arg-type] # see above


@lru_cache(maxsize=4096)
def recurrence(first: FirstDay) -> Rendered:
    """Render the rule of an appointment that does not recur; the tree is shared, nobody may change it."""
    tree = _part(RECURRENCE_INFO, first)
    return tree, msgspec.Raw(msgspec.json.encode(tree))


def series_info(
    series_id: int,
    rule: Rule,
    on: date,
    conflict_on: date | None,
    style: TimeStyle,
    blockers: Mapping[date, tuple[int, ...]],
) -> dict[str, Json]:
    """Write the rule of a series with all its days, for the date `on`; `conflict_on` is known to clash."""
    days = days_of(rule)
    start = FirstDay(rule.starts_on, has_conflict=False, style=style)
    last = rule.ends_on or (days[-1] if days else rule.starts_on)
    return _part(RECURRENCE_INFO, FirstDay(on, has_conflict=False, style=style)) | {
        # A dry run's series is not made: its id is the store's to give.
        "RecurrenceId": max(series_id, 0),
        "StartDate": write_wall(rule.starts_on, style),
        "EndDate": write_wall(last, style),
        "RecurrenceCounter": len(days),
        "RecurrenceEndType": "EndDate" if rule.count is None else "Counter",
        "Pattern": PATTERNS[rule.pattern],
        **_pattern_said(rule, start),
        "Dates": dates_info(days_left(rule) if rule.left_out else days, conflict_on, style, blockers),
        "IsRecurrence": True,
    }


def dates_info(
    days: Iterable[date],
    conflict_on: date | None,
    style: TimeStyle,
    blockers: Mapping[date, tuple[int, ...]],
) -> list[dict[str, Json]]:
    """Write days with the appointments that stand in their way."""
    return [
        _part(
            RECURRENCE_DATE,
            FirstDay(day, day == conflict_on or bool(blockers.get(day)), style, blockers.get(day, ())),
        )
        for day in days
    ]


def _pattern_said(rule: Rule, start: FirstDay) -> dict[str, Json]:
    if rule.pattern is Pattern.DAILY:
        return {"DayPattern": {"Pattern": STEPS[rule.step], "Cycle": rule.cycle}}
    if rule.pattern is Pattern.WEEKLY:
        days = weekdays_text(rule.weekdays) or weekday_of(start)
        return {"WeekPattern": {"Weekdays": days, "Cycle": rule.cycle}}
    named = {Pattern.MONTHLY: ("MonthPattern", MONTH_PATTERN), Pattern.YEARLY: ("YearPattern", YEAR_PATTERN)}
    if rule.pattern not in named:
        return {}
    name, shape = named[rule.pattern]
    part = _part(shape, start) | {"Cycle": rule.cycle if rule.pattern is Pattern.MONTHLY else rule.month}
    if rule.week:
        week = WEEKS[min(rule.week, LAST_WEEK) - 1]
        days = weekdays_text(rule.weekdays) or part["Weekday"]
        return {name: part | {"Pattern": "WeekdayOfMonth", "WeekOfMonth": week, "Weekday": days}}
    return {name: part | {"Day": rule.day or part["Day"]}}


def weekdays_text(bits: int) -> str:
    """Write a set of weekdays as the contract's flags; "" for none."""
    return ", ".join(name for number, name in enumerate(WEEKDAYS) if bits >> number & 1)
