"""Dates that somebody took out of a series, under the rules that follow."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.recurrence import Pattern, Rule, days_left
from appointed.domain.series import Plan, Reach, delete, left_out_along
from tests.domain.test_series import MONDAYS, WEEKLY, Diary, head, later, ruled


def without_the_third(**rule: Any) -> Diary:
    diary = Diary(head(replace(WEEKLY, **rule)))
    row = diary.sorted()[2]
    diary.keep(delete(diary.series(row), row, Reach.THIS))
    return diary


TUESDAYS = ["2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07"]
LATER = ["2026-04-13", "2026-04-20"]


@pytest.mark.parametrize(
    ("place", "rule", "days"),
    [
        (0, {"count": 6}, [*MONDAYS[:2], MONDAYS[3], *LATER]),
        (1, {"count": 6}, [*MONDAYS[:2], MONDAYS[3], *LATER]),
        (0, {"count": None, "ends_on": date(2026, 4, 20)}, [*MONDAYS[:2], MONDAYS[3], *LATER]),
        (0, {"weekdays": 0b11, "count": 5}, ["2026-03-16", "2026-03-17", "2026-03-23", "2026-03-24"]),
        (0, {"weekdays": 0b10}, [*TUESDAYS[:2], TUESDAYS[3]]),
        (
            1,
            {"weekdays": 0b10, "count": 6},
            [MONDAYS[0], TUESDAYS[1], TUESDAYS[3], "2026-04-14", "2026-04-21"],
        ),
        (0, {"weekdays": 0b10, "count": None, "ends_on": date(2026, 4, 6)}, TUESDAYS[:2]),
        (0, {"pattern": Pattern.DAILY}, ["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19"]),
        (0, {"count": 3}, MONDAYS[:2]),
        (0, {"count": 6, "left_out": ()}, [*MONDAYS, *LATER]),
    ],
    ids=[
        "more times",
        "from the second",
        "a later end",
        "another weekday",
        "Tuesdays",
        "Tuesdays from the second",
        "Tuesdays until the last Monday",
        "every day",
        "fewer times",
        "asked for",
    ],
)
def test_what_somebody_took_out_stays_out_under_a_new_rule(
    place: int, rule: dict[str, Any], days: list[str]
) -> None:
    diary = without_the_third()
    series = diary.sorted()[place].series
    assert series
    diary.change(place, ruled(replace(series.rule, **rule)))
    assert diary.days() == days
    for row in diary.sorted():
        assert row.series is None or row.series.on in days_left(row.series.rule)


@pytest.mark.parametrize("out", range(1, 5))
def test_every_date_keeps_its_week_under_another_weekday_whatever_is_out(out: int) -> None:
    """Mondays and Wednesdays become Mondays and Thursdays, or Tuesdays and Fridays."""
    for weekdays in (0b1001, 0b10010):
        diary = Diary(head(replace(WEEKLY, weekdays=0b101, count=6)))
        for place, row in enumerate(diary.sorted()):
            diary.rows[row.id] = replace(row, location=f"Room {place}")
        gone = diary.sorted()[out]
        diary.keep(delete(diary.series(gone), gone, Reach.THIS))
        places, series = [row.location for row in diary.sorted()], diary.sorted()[0].series
        assert series
        diary.change(0, ruled(replace(series.rule, weekdays=weekdays)))
        assert [row.location for row in diary.sorted()] == places
        whole = Diary(head(replace(WEEKLY, weekdays=0b101, count=6)))
        whole.change(0, ruled(replace(WEEKLY, weekdays=weekdays, count=6)))
        assert diary.days() == [day for place, day in enumerate(whole.days()) if place != out]


def test_what_is_taken_out_goes_along_to_another_day() -> None:
    diary = without_the_third()
    diary.change(0, later(days=1))
    assert diary.days() == ["2026-03-17", "2026-03-24", "2026-04-07"]
    series = diary.sorted()[0].series
    assert series
    diary.change(0, lambda row: later(days=1)(ruled(replace(series.rule, weekdays=0b100, count=5))(row)))
    assert diary.days() == ["2026-03-18", "2026-03-25", "2026-04-08", "2026-04-15"]


def test_days_that_are_picked_for_another_weekday_are_meant_as_they_are() -> None:
    # The third of the new days is left out, or all are asked for, whatever was out before.
    for picked, days in (((date(2026, 3, 31),), ["2026-03-17", "2026-03-24", "2026-04-07"]), ((), TUESDAYS)):
        diary = without_the_third() if not picked else Diary(head(WEEKLY))
        series = diary.sorted()[0].series
        assert series
        rule = replace(series.rule, weekdays=0b10, left_out=picked)
        diary.change(0, lambda row, rule=rule: later(days=1)(ruled(rule)(row)))
        assert diary.days() == days


def test_a_day_that_is_picked_may_lie_before_the_former_first() -> None:
    diary = Diary(head(Rule(pattern=Pattern.DAILY, starts_on=date(2026, 3, 16), count=5)))
    picked = (date(2026, 3, 11), date(2026, 3, 18))
    rule = Rule(pattern=Pattern.DAILY, starts_on=date(2026, 3, 9), count=12, left_out=picked)
    diary.change(0, lambda row: later(days=-7)(ruled(rule)(row)), Reach.ALL)
    assert diary.days() == [f"2026-03-{day:02}" for day in range(9, 21) if day not in (11, 18)]


def test_what_is_out_is_told_where_the_rule_goes() -> None:
    before = without_the_third().sorted()[0]
    assert before.series
    for by, gone in ((0, date(2026, 3, 30)), (1, date(2026, 3, 31))):
        after = later(days=by)(ruled(replace(before.series.rule, weekdays=1 << by))(before))
        assert left_out_along(before, after) == {gone}


def test_days_that_no_rule_says_are_out_do_not_come_back_either() -> None:
    # Rows of former times, whose rule still has the day that was deleted.
    diary = without_the_third()
    diary.rows = {
        number: replace(row, series=row.series and replace(row.series, rule=WEEKLY))
        for number, row in diary.rows.items()
    }
    diary.change(0, ruled(replace(WEEKLY, count=6)))
    assert diary.days() == [*MONDAYS[:2], MONDAYS[3], *LATER]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the first", "between", "the last"])
def test_the_next_date_that_is_deleted_has_the_rule_say_all_that_are(place: int) -> None:
    diary = without_the_third(count=5)
    diary.rows = {
        number: replace(row, series=row.series and replace(row.series, rule=replace(WEEKLY, count=5)))
        for number, row in diary.rows.items()
    }
    row = diary.sorted()[place]
    diary.keep(delete(diary.series(row), row, Reach.THIS))
    (rule,) = {row.series.rule for row in diary.sorted() if row.series}
    assert [day.isoformat() for day in days_left(rule)] == diary.days()


def test_a_rule_that_has_nothing_but_what_was_taken_out_goes_for_these_days() -> None:
    diary = without_the_third()
    series = diary.sorted()[0].series
    assert series
    diary.change(0, ruled(replace(series.rule, starts_on=date(2026, 3, 30), count=1)), Reach.ALL)
    assert diary.days() == ["2026-03-30"]


def test_a_day_is_taken_out_of_a_list_for_good() -> None:
    dates = tuple(date.fromisoformat(day) for day in MONDAYS)
    diary = without_the_third(pattern=Pattern.CUSTOM, dates=dates, count=None, weekdays=0)
    assert {row.series and row.series.rule.dates for row in diary.sorted()} == {(*dates[:2], dates[3])}


def test_the_only_date_that_there_is_leaves_none() -> None:
    row = Diary(head()).sorted()[0]
    assert delete([row], row, Reach.THIS) == Plan(deletions=(row.id,))
