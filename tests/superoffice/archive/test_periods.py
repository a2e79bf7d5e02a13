"""Periods around a day, as the reference's own examples have them (Date range as criteria)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.superoffice.archive.periods import AROUND, PERIODS, Days, day_after, days_around

TODAY = date(2025, 10, 15)


@pytest.mark.parametrize(
    ("operator", "count", "period", "first", "last"),
    [
        # The examples of the reference; where its weeks begin on a Tuesday, ours begin on Monday.
        ("thisandnext", 10, "days", "2025-10-15", "2025-10-25"),
        ("thisandnext", 2, "weeks", "2025-10-13", "2025-11-02"),
        ("thisandnext", 2, "months", "2025-10-01", "2025-12-31"),
        ("thisandnext", 1, "quarter", "2025-10-01", "2026-03-31"),
        ("thisandnext", 2, "years", "2025-01-01", "2027-12-31"),
        ("thisandprevious", 5, "days", "2025-10-10", "2025-10-15"),
        ("thisandprevious", 3, "weeks", "2025-09-22", "2025-10-19"),
        ("thisandprevious", 4, "months", "2025-06-01", "2025-10-31"),
        ("thisandprevious", 2, "quarters", "2025-04-01", "2025-12-31"),
        ("thisandprevious", 2, "years", "2023-01-01", "2025-12-31"),
        ("previousperiod", 14, "days", "2025-10-01", "2025-10-14"),
        ("previousperiod", 2, "weeks", "2025-09-29", "2025-10-12"),
        ("previousperiod", 6, "months", "2025-04-01", "2025-09-30"),
        ("previousperiod", 1, "quarter", "2025-07-01", "2025-09-30"),
        ("previousperiod", 2, "years", "2023-01-01", "2024-12-31"),
        ("thisperiod", 1, "week", "2025-10-13", "2025-10-19"),
        ("thisperiod", 1, "month", "2025-10-01", "2025-10-31"),
        ("thisperiod", 1, "quarter", "2025-10-01", "2025-12-31"),
        ("thisperiod", 1, "halfyear", "2025-07-01", "2025-12-31"),
        ("thisperiod", 1, "year", "2025-01-01", "2025-12-31"),
        ("nextperiod", 3, "days", "2025-10-16", "2025-10-18"),
        ("nextperiod", 4, "weeks", "2025-10-20", "2025-11-16"),
        ("nextperiod", 1, "month", "2025-11-01", "2025-11-30"),
        ("nextperiod", 2, "quarters", "2026-01-01", "2026-06-30"),
        ("nextperiod", 3, "years", "2026-01-01", "2028-12-31"),
        ("thispreviousandnext", 1, "days", "2025-10-14", "2025-10-16"),
        ("thispreviousandnext", 1, "week", "2025-10-06", "2025-10-26"),
        ("thispreviousandnext", 1, "month", "2025-09-01", "2025-11-30"),
        ("thispreviousandnext", 1, "quarter", "2025-07-01", "2026-03-31"),
        ("thispreviousandnext", 1, "hyr", "2025-01-01", "2026-06-30"),
        ("thispreviousandnext", 1, "yrs", "2024-01-01", "2026-12-31"),
    ],
)
def test_periods(operator: str, count: int, period: str, first: str, last: str) -> None:
    days = days_around(TODAY, PERIODS[period], *AROUND[operator](count))
    assert days == Days(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(sorted(set(PERIODS.values()))))
def test_a_day_lies_in_its_own_period_and_periods_follow_each_other(day: date, period: str) -> None:
    before, this, after = (days_around(day, period, place, place) for place in (-1, 0, 1))
    assert this.first is not None
    assert this.end is not None
    assert this.first <= day < this.end
    assert (before.end, after.first) == (this.first, this.end)


def test_no_period_is_no_day() -> None:
    assert days_around(TODAY, "day", *AROUND["nextperiod"](0)) == Days(TODAY, TODAY)


@pytest.mark.parametrize("period", sorted(set(PERIODS.values())))
def test_the_calendar_has_ends(period: str) -> None:
    assert days_around(date.max, period, 1, 10_000).end is None
    assert days_around(date.min, period, -10_000, 0).first is None
    assert day_after(date.max) is None
    assert day_after(date(2024, 2, 28)) == date(2024, 2, 29)
