"""Whole days, weeks, months, quarters, halves and years around today (OData, Date range as criteria)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

DAY, WEEK, MONTH, QUARTER, HALF, YEAR = "day", "week", "month", "quarter", "half", "year"
MONTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}

# What callers write → the period; the numbers are the reference's own.
PERIODS = {
    "1": DAY,
    "2": WEEK,
    "3": MONTH,
    "4": QUARTER,
    "5": HALF,
    "6": YEAR,
    **dict.fromkeys(("day", "days"), DAY),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), WEEK),
    **dict.fromkeys(("month", "months", "mon", "mos"), MONTH),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), QUARTER),
    **dict.fromkeys(("half", "halfyear", "halfyears", "hyr", "hyrs"), HALF),
    **dict.fromkeys(("year", "years", "yr", "yrs"), YEAR),
}
# Operator → the first and the last period, counted from the one that today lies in; of n periods.
AROUND: dict[str, Callable[[int], tuple[int, int]]] = {
    "thisperiod": lambda _n: (0, 0),
    "nextperiod": lambda n: (1, n),
    "previousperiod": lambda n: (-n, -1),
    "thisandnext": lambda n: (0, n),
    "thisandprevious": lambda n: (-n, 0),
    "thispreviousandnext": lambda _n: (-1, 1),
}


class Days(NamedTuple):
    """The days from `first` up to but without `end`; None where there is no such end."""

    first: date | None = None
    end: date | None = None


def days_around(today: date, period: str, first: int, last: int) -> Days:
    """Give the days of the periods from `first` to `last`, counted from the one today lies in.

    Weeks begin on Monday (ISO 8601); what lies beyond the calendar has no end. `last` before `first` is no
    day at all.
    """
    if last < first:
        return Days(today, today)
    place = _place(today, period)
    return Days(_first_day(period, place + first), _first_day(period, place + last + 1))


def day_after(day: date) -> date | None:
    """Give the next day; None past the calendar's last."""
    return day + timedelta(days=1) if day < date.max else None


def _place(day: date, period: str) -> int:
    if period == DAY:
        return day.toordinal()
    # The calendar's first day is a Monday.
    if period == WEEK:
        return (day.toordinal() - 1) // 7
    return (day.year * 12 + day.month - 1) // MONTHS[period]


def _first_day(period: str, place: int) -> date | None:
    try:
        if period == DAY:
            return date.fromordinal(place)
        if period == WEEK:
            return date.fromordinal(place * 7 + 1)
        year, month = divmod(place * MONTHS[period], 12)
        return date(year, month + 1, 1)
    except (ValueError, OverflowError):
        return None
