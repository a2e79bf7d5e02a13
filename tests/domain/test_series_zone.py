"""A series whose zone is changed: what follows, what stays, and what cannot be."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment
from appointed.domain.recurrence import days_of
from appointed.domain.series import Reach
from appointed.domain.series_zone import rezoned
from tests.builders import appointment
from tests.domain.test_series import MONDAYS, WEEKLY, Diary, head, later, ruled

NEW_YORK = ZoneInfo("America/New_York")


def zoned(zone: str) -> Callable[[Appointment], Appointment]:
    def edit(row: Appointment) -> Appointment:
        assert row.series is not None
        return replace(row, preferred_zone=1, series=replace(row.series, zone=zone))

    return edit


def afternoon() -> Diary:
    """Mondays from the 16th of March at 16:00 in Oslo: the clocks of New York changed a week before."""
    diary = Diary(head())
    diary.change(0, later(hours=6), Reach.ALL)
    return diary


def zones(diary: Diary) -> list[str]:
    return [row.series.zone.partition("/")[2] for row in diary.sorted() if row.series]


def there(diary: Diary) -> list[str]:
    return [row.starts_at.astimezone(NEW_YORK).strftime("%m-%d %H:%M") for row in diary.sorted()]


def test_all_of_a_series_keep_its_time_of_day_by_the_new_clock() -> None:
    diary = afternoon()
    diary.change(2, later(minutes=5), Reach.THIS)
    numbers, first = [row.series_id for row in diary.sorted()], diary.sorted()[0].starts_at
    diary.change(0, zoned("America/New_York"), Reach.ALL)
    # 16:00 in Oslo on the 16th is 11:00 there; the date by itself stays when it is.
    assert diary.sorted()[0].starts_at == first
    assert there(diary) == ["03-16 11:00", "03-23 11:00", "03-30 10:05", "04-06 11:00"]
    assert diary.times()[3] == "2026-04-06 17:00"
    assert zones(diary) == ["New_York"] * 4
    assert [row.series_id for row in diary.sorted()] == numbers
    assert [row.preferred_zone for row in diary.sorted()] == [1] * 4


def test_from_one_date_on_another_clock_makes_another_series() -> None:
    diary = afternoon()
    diary.change(1, zoned("America/New_York"))
    assert zones(diary) == ["New_York"] * 3
    one, two, three, _four = diary.sorted()
    assert (one.series, one.series_id) == (None, 0)
    assert two.series_id == three.series_id != 8
    assert two.series is not None
    assert days_of(two.series.rule) == [date(2026, 3, 23), date(2026, 3, 30), date(2026, 4, 6)]
    assert there(diary)[1:] == ["03-23 11:00", "03-30 11:00", "04-06 11:00"]


@pytest.mark.parametrize("reach", [Reach.THIS, Reach.STOP])
def test_the_clock_of_a_series_is_not_for_one_date_to_change(reach: Reach) -> None:
    diary = afternoon()
    before = diary.times()
    diary.change(1, zoned("America/New_York"), reach)
    left = 4 if reach is Reach.THIS else 2
    assert (diary.times(), zones(diary)) == (before[:left], ["Oslo"] * left)
    assert [row.preferred_zone for row in diary.sorted()] == [0, 1, 0, 0][:left]


def test_another_clock_and_another_time_or_rule_at_once() -> None:
    diary = afternoon()
    diary.change(0, lambda row: zoned("America/New_York")(later(hours=1)(row)), Reach.ALL)
    assert there(diary) == [f"{day[5:]} 12:00" for day in MONDAYS]
    diary = afternoon()
    diary.change(1, lambda row: zoned("America/New_York")(ruled(replace(WEEKLY, count=3))(row)))
    assert there(diary)[1:] == ["03-23 11:00", "03-30 11:00"]
    assert zones(diary)[-1] == "New_York"
    diary = afternoon()
    diary.change(2, lambda row: zoned("America/New_York")(later(days=1)(row)))
    assert there(diary)[2:] == ["03-31 10:00", "04-07 10:00"]


def test_a_clock_by_which_the_day_is_another_is_refused() -> None:
    diary = Diary(head())
    diary.change(0, later(hours=-8), Reach.ALL)
    before = dict(diary.rows)
    with pytest.raises(InvalidAppointment) as refused:
        diary.change(0, zoned("America/New_York"), Reach.ALL)
    assert [(one.path, one.rule) for one in refused.value.problems] == [("preferred_zone", "same_day")]
    assert diary.rows == before


def test_a_date_that_was_moved_to_another_day_stays_there_under_a_new_clock() -> None:
    diary = afternoon()
    diary.change(1, later(days=1), Reach.THIS)
    moved = diary.sorted()[1].starts_at
    diary.change(0, zoned("America/New_York"), Reach.ALL)
    assert diary.sorted()[1].starts_at == moved
    diary.change(1, zoned("Europe/London"), Reach.ALL)
    assert diary.sorted()[1].starts_at == moved
    single = appointment()
    with pytest.raises(ValueError, match="no series"):
        rezoned([single], single, "Europe/Oslo")
