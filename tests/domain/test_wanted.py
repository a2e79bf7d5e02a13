"""What is looked for when a time was refused: one time, that of all dates of a series, or nothing."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import TimeHeld
from appointed.domain.held import WantedTime
from appointed.domain.recurrence import Pattern, Rule, Series, Wall
from appointed.domain.time_of_day import put
from appointed.domain.wanted import wanted_time
from tests.builders import KARI, NOW, OLA, START, appointment

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
RULE = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 3), count=4)


def dates(**changes: Any) -> list[Appointment]:
    rows = []
    for number in range(4):
        starts_at = START + number * WEEK
        series = Series(rule=RULE, zone="Europe/Oslo", on=starts_at.date())
        plain: dict[str, Any] = {
            "id": 10 + number,
            "series_id": 10,
            "series": series,
            "starts_at": starts_at,
            "ends_at": starts_at + HOUR,
        }
        rows.append(appointment(**(plain | changes)))
    return rows


def wanted(
    rows: list[Appointment], *clashing: int, named: int = 10, blocker: int = 99, **more: Any
) -> WantedTime | None:
    clashes = tuple(
        (rows[place].owner_id, rows[place].starts_at - timedelta(minutes=rows[place].lead_minutes), blocker)
        for place in clashing
    )
    return wanted_time(TimeHeld(clashes[0][0], blocker, clashes), rows, named, more.get("now", NOW))


def test_one_time_is_that_of_the_row() -> None:
    found = wanted([appointment(id=5, lead_minutes=15)], 0, named=5)
    assert found is not None
    assert (found.family_id, found.starts_at, found.lead_minutes, found.days) == (5, START, 15, ())


def test_two_times_that_are_no_series_are_none() -> None:
    rows = [appointment(id=5), appointment(id=6, starts_at=START + WEEK, ends_at=START + WEEK + HOUR)]
    assert wanted(rows, 0, 1, named=5) is None


def test_the_dates_of_a_series_are_looked_for_together() -> None:
    found = wanted(dates(), 1, 3, named=11)
    assert found is not None
    assert (found.starts_at, found.series_id, found.zone) == (START + WEEK, 10, "Europe/Oslo")
    assert found.days == tuple(date(2026, 3, 3) + n * WEEK for n in range(4))
    assert found.associate_ids == (OLA,)
    # In a room's rows of a booking the one of the date that was named counts, and its inviter must be free too.
    guests = dates(owner_id=KARI, mother_owner_id=OLA, mother_id=3)
    room = wanted(guests, 1, named=3)
    assert room is not None
    assert (room.associate_ids, room.family_id) == (tuple(sorted((OLA, KARI))), 3)


def test_dates_that_go_their_own_way_or_are_over_are_left_out() -> None:
    rows = dates()
    own = appointment(
        id=14, series_id=10, series=rows[3].series, starts_at=START + HOUR, ends_at=START + 2 * HOUR
    )
    found = wanted([*rows[:3], own], 1, now=START + HOUR)
    assert found is not None
    assert found.days == (date(2026, 3, 10), date(2026, 3, 17))
    assert wanted([*rows[:3], own], 1, 3) is None


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, {"named": 99}),
        ({}, {"now": START + 9 * WEEK}),
        ({}, {"blocker": 12}),
        ({"is_all_day": True}, {}),
    ],
    ids=["in nobody's name", "over", "in its own way", "whole days"],
)
def test_for_these_nothing_is_looked_for(changes: dict[str, Any], more: dict[str, Any]) -> None:
    assert wanted(dates(**changes), 1, **more) is None


@pytest.mark.parametrize("named", [10, 13])
def test_a_date_that_the_clock_puts_over_midnight_is_looked_for_on_its_own_day(named: int) -> None:
    # In Nuuk the clock goes from eleven to midnight on Saturday, 28 March 2026.
    nuuk, last = ZoneInfo("America/Nuuk"), date(2026, 3, 28)
    days, late = [last - n * WEEK for n in range(3, -1, -1)], Wall(time(23, 30), HOUR, is_all_day=False)
    rule = Rule(pattern=Pattern.WEEKLY, starts_on=days[0], count=4)
    rows = [
        put(replace(row, series=Series(rule=rule, zone=nuuk.key, on=day)), day, late, nuuk)
        for row, day in zip(dates(), days, strict=True)
    ]
    assert rows[3].starts_at.astimezone(nuuk) == datetime(2026, 3, 29, 0, 30, tzinfo=nuuk)
    found = wanted(rows, 1, named=named)
    assert found is not None
    assert found.days == tuple(days)
