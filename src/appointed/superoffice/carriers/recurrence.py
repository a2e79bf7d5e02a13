"""RecurrenceInfo and its patterns: the rule a single appointment would follow, filled from its first day."""

from calendar import isleap
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from appointed.superoffice.carriers.shape import Field, Json, Rendered, Shape, fixed, number
from appointed.superoffice.wiretime import TimeStyle, write_wall

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKS = ("First", "Second", "Third", "Fourth", "Last")


class FirstDay(NamedTuple):
    """The day an appointment starts on in the base zone, and how dates are to be written."""

    day: date
    has_conflict: bool
    style: TimeStyle


def weekday_of(first: FirstDay) -> str:
    """Name the day of the week."""
    return WEEKDAYS[first.day.weekday()]


def week_of(first: FirstDay) -> str:
    """Name the week of the month; the fifth is the last."""
    return WEEKS[(first.day.day - 1) // 7]


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
    # Which appointments are in the way is not looked up: the text is there, and names none.
    Field("Tooltip", "string", lambda first, _ctx: "" if first.has_conflict else None),
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
