"""A new pattern in the middle of a series begins with the date that is changed."""

from datetime import date

import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidAppointment
from appointed.domain.recurrence import DayStep, Pattern, Rule, days_of, of_dates
from tests.domain.test_series import WEEKLY, Diary, head, ruled

FROM_A_MONDAY = {
    "daily": Rule(pattern=Pattern.DAILY, starts_on=WEEKLY.starts_on, count=5),
    "every-third-day": Rule(pattern=Pattern.DAILY, starts_on=WEEKLY.starts_on, cycle=3, count=5),
    "workdays": Rule(pattern=Pattern.DAILY, starts_on=WEEKLY.starts_on, step=DayStep.WORKDAY, count=5),
    "weekly": replace(WEEKLY, weekdays=0, count=5),
    "fortnightly-twice": replace(WEEKLY, weekdays=0b101, cycle=2, count=5),
    "monthly": Rule(pattern=Pattern.MONTHLY, starts_on=WEEKLY.starts_on, count=5),
    "yearly": Rule(pattern=Pattern.YEARLY, starts_on=WEEKLY.starts_on, count=5),
}
# What leaves its day to the first falls on whatever day it begins on, and the others where they say.
STAYS = ("daily", "every-third-day", "weekly", "monthly", "yearly")


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("new", FROM_A_MONDAY)
@pytest.mark.parametrize("old", FROM_A_MONDAY)
def test_a_new_pattern_begins_with_the_date_that_is_changed(old: str, new: str, place: int) -> None:
    diary = Diary(head(FROM_A_MONDAY[old]))
    former = diary.days()
    diary.change(place, ruled(FROM_A_MONDAY[new]))
    begun = replace(FROM_A_MONDAY[new], starts_on=date.fromisoformat(former[place]), count=5 - place)
    # Those before stay, and with them there are as many as the rule says.
    assert diary.days() == former[:place] + [day.isoformat() for day in days_of(begun)]
    assert new not in STAYS or diary.days()[place] == former[place]


def test_a_count_that_is_over_before_this_one_is_refused() -> None:
    diary = Diary(head())
    with pytest.raises(InvalidAppointment):
        diary.change(3, ruled(replace(FROM_A_MONDAY["daily"], count=2)))


def test_dates_by_hand_are_kept_from_the_date_that_is_changed() -> None:
    diary = Diary(head())
    chosen = [date(2026, 3, 16), date(2026, 3, 23), date(2026, 3, 26), date(2026, 5, 1)]
    diary.change(1, ruled(of_dates(chosen)))
    assert diary.days() == [day.isoformat() for day in chosen]
