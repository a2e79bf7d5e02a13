"""A series keeps its time of day also through the date on which the clock skips that time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.recurrence import Series
from appointed.domain.series import Reach, is_exception
from appointed.domain.time_of_day import days_zone, time_of_day
from tests.domain.test_series import OSLO, WEEKLY, Diary, head, later

# In Oslo the clock goes from two to three on Sunday, 29 March 2026; in Cairo from midnight to one on 24 April;
# in Nuuk from eleven in the evening of Saturday, 28 March, to midnight.
SUNDAYS = replace(WEEKLY, starts_on=date(2026, 3, 22), weekdays=1 << 6, count=3)
SKIPPED = ["2026-03-22 02:30", "2026-03-29 03:30", "2026-04-05 02:30"]


def nights() -> Diary:
    starts_at = datetime(2026, 3, 22, 2, 30, tzinfo=OSLO).astimezone(UTC)
    return Diary(replace(head(SUNDAYS), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)))


def minutes(by: int) -> Callable[[Appointment], Appointment]:
    """Move by true time, as a client does that adds to what it reads."""
    shift = timedelta(minutes=by)
    return lambda row: replace(row, starts_at=row.starts_at + shift, ends_at=row.ends_at + shift)


def longer(row: Appointment) -> Appointment:
    return replace(row, ends_at=row.ends_at + timedelta(minutes=30))


def daily(row: Appointment) -> Appointment:
    assert row.series is not None
    rule = replace(WEEKLY, starts_on=row.series.on, weekdays=0b1111, count=4)
    return replace(row, series=replace(row.series, rule=rule))


@pytest.mark.parametrize("place", [0, 2])
def test_the_skipped_date_takes_a_new_time_of_day_with_the_others(place: int) -> None:
    diary = nights()
    assert diary.times() == SKIPPED
    diary.change(place, minutes(-90), Reach.ALL)
    assert diary.times() == ["2026-03-22 01:00", "2026-03-29 01:00", "2026-04-05 01:00"]


def test_the_others_take_a_new_time_of_day_from_the_skipped_date() -> None:
    diary = nights()
    diary.change(1, minutes(30), Reach.ALL)
    assert diary.times() == ["2026-03-22 04:00", "2026-03-29 04:00", "2026-04-05 04:00"]


def test_another_length_of_the_skipped_date_is_no_other_time() -> None:
    diary = nights()
    diary.change(1, longer, Reach.ALL)
    assert diary.times() == SKIPPED
    assert {row.ends_at - row.starts_at for row in diary.sorted()} == {timedelta(minutes=90)}


def test_a_series_that_goes_through_the_gap_and_back_is_what_it_was() -> None:
    diary = nights()
    diary.change(0, later(days=1), Reach.ALL)
    assert diary.times() == ["2026-03-23 02:30", "2026-03-30 02:30", "2026-04-06 02:30"]
    before = diary.sorted()
    diary.change(0, later(days=-1), Reach.ALL)
    assert diary.times() == SKIPPED
    diary.change(0, later(days=1), Reach.ALL)
    assert diary.sorted() == before


def test_the_skipped_date_on_another_day_of_a_new_rule_is_at_the_time_that_is_meant() -> None:
    diary = nights()
    diary.change(1, daily, Reach.ALL)
    assert [text[11:] for text in diary.times()] == ["02:30"] * 4


def test_the_skipped_date_is_no_exception_and_one_with_a_time_of_its_own_is() -> None:
    diary = nights()
    first, skipped, _last = diary.sorted()
    assert not is_exception(skipped, first)
    moved = minutes(15)(skipped)
    assert is_exception(moved, first)
    assert time_of_day(moved, OSLO).start == time(3, 45)
    diary.change(1, minutes(15), Reach.THIS)
    diary.change(0, minutes(60), Reach.ALL)
    assert diary.times() == ["2026-03-22 03:30", "2026-03-29 03:45", "2026-04-05 03:30"]


def test_the_skipped_date_goes_along_to_another_clock() -> None:
    diary = nights()

    def to_utc(row: Appointment) -> Appointment:
        assert row.series is not None
        return replace(row, series=replace(row.series, zone="UTC"))

    diary.change(0, to_utc, Reach.ALL)
    found = [row.starts_at.strftime("%m-%d %H:%M") for row in diary.sorted()]
    assert found == ["03-22 01:30", "03-29 01:30", "04-05 01:30"]
    assert [row.series.meant for row in diary.sorted() if row.series] == [None] * 3


def test_a_whole_day_that_begins_in_the_gap_is_as_long_as_the_others() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    fridays = replace(WEEKLY, starts_on=date(2026, 4, 17), weekdays=1 << 4, count=3)
    starts_at = datetime(2026, 4, 17, tzinfo=cairo).astimezone(UTC)
    row = head(fridays)
    diary = Diary(
        replace(
            row,
            is_all_day=True,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=1),
            series=Series(rule=fridays, zone="Africa/Cairo", on=fridays.starts_on),
        )
    )
    walls = {time_of_day(row, cairo) for row in diary.sorted()}
    assert {(wall.start, wall.length) for wall in walls} == {(time(0), timedelta(days=1))}
    assert diary.sorted()[1].starts_at.astimezone(cairo).time() == time(1)


NUUK = ZoneInfo("America/Nuuk")


def eves() -> Diary:
    saturdays = replace(WEEKLY, starts_on=date(2026, 3, 21), weekdays=1 << 5, count=3)
    starts_at = datetime(2026, 3, 21, 23, 30, tzinfo=NUUK).astimezone(UTC)
    series = Series(rule=saturdays, zone="America/Nuuk", on=saturdays.starts_on)
    ends_at = starts_at + timedelta(hours=1)
    return Diary(replace(head(saturdays), starts_at=starts_at, ends_at=ends_at, series=series))


def in_nuuk(diary: Diary) -> list[str]:
    return [row.starts_at.astimezone(NUUK).strftime("%m-%d %H:%M") for row in diary.sorted()]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_date_that_is_put_over_midnight_goes_along_from_its_own_day(place: int) -> None:
    diary = eves()
    assert in_nuuk(diary) == ["03-21 23:30", "03-29 00:30", "04-04 23:30"]
    assert not is_exception(diary.sorted()[1], diary.sorted()[0])
    assert {time_of_day(row, NUUK).start for row in diary.sorted()} == {time(23, 30)}
    diary.change(place, minutes(-60), Reach.ALL)
    assert in_nuuk(diary) == ["03-21 22:30", "03-28 22:30", "04-04 22:30"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_series_whose_date_is_put_over_midnight_goes_by_days_and_back(place: int) -> None:
    diary = eves()
    before = diary.sorted()
    diary.change(place, minutes(24 * 60), Reach.ALL)
    moved = in_nuuk(diary)
    diary.change(place, minutes(-24 * 60), Reach.ALL)
    assert diary.sorted() == before, moved


def test_a_date_that_is_put_over_midnight_brings_the_others_to_another_clock() -> None:
    diary, zone = eves(), "America/Sao_Paulo"

    def to_zone(row: Appointment) -> Appointment:
        assert row.series is not None
        return replace(row, series=replace(row.series, zone=zone))

    diary.change(1, to_zone, Reach.ALL)
    found = [row.starts_at.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M") for row in diary.sorted()]
    assert found == ["03-21 22:30", "03-28 22:30", "04-04 22:30"]


@pytest.mark.parametrize(
    ("starts", "minutes", "day", "last"),
    [
        ("2026-05-04T22:00", 24 * 60, "2026-05-05", "2026-05-05"),
        ("2026-05-04T15:00", 24 * 60, "2026-05-05", "2026-05-05"),
        ("2026-05-04T18:30", 48 * 60 - 1, "2026-05-05", "2026-05-06"),
        ("2026-05-05T07:00", 24 * 60, "2026-05-05", "2026-05-05"),
        ("2026-05-05T00:00", 24 * 60, "2026-05-05", "2026-05-05"),
        ("2026-05-04T11:00", 24 * 60, "2026-05-05", "2026-05-05"),
        # No whole days anywhere: they stay those of the tenant's clock.
        ("2026-05-04T15:00", 8 * 60, "2026-05-04", "2026-05-05"),
        ("2026-05-04T15:00", 0, "2026-05-04", "2026-05-04"),
        ("2026-05-04T15:07", 24 * 60, "2026-05-04", "2026-05-05"),
    ],
)
def test_whole_days_are_those_of_the_clock_that_shows_midnight(
    starts: str, minutes: int, day: str, last: str
) -> None:
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    row = replace(
        head(SUNDAYS), series=None, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes)
    )
    zone = days_zone(row, OSLO)
    end = max(row.ends_at.astimezone(zone) - timedelta(seconds=1), row.starts_at.astimezone(zone))
    assert (f"{row.starts_at.astimezone(zone).date()}", f"{end.date()}") == (day, last)


def test_whole_days_of_a_series_are_those_of_its_clock() -> None:
    starts_at = datetime(2026, 5, 4, 15, tzinfo=UTC)
    row = replace(head(SUNDAYS), starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
    assert row.series is not None
    assert days_zone(row, OSLO) == OSLO
    elsewhere = replace(row, series=replace(row.series, zone="Asia/Tokyo"))
    assert days_zone(elsewhere, OSLO) == ZoneInfo("Asia/Tokyo")
