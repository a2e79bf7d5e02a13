"""A series under another clock: what happened at one time of day goes on doing so where it is now at home."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment, Problem
from appointed.domain.recurrence import Series, Wall
from appointed.domain.time_of_day import day_of, put, time_of_day


def rezoned(rows: Sequence[Appointment], before: Appointment, zone: str) -> list[Appointment]:
    """Put dates of a series under the clock of another zone (IANA name); `before` stays when it is.

    Dates at its time of day keep to it by the new clock, all others stay as well. Raises InvalidAppointment
    where the new clock has it on another day, which the rule is not for.
    """
    old, new = _wall(before), _wall(before, zone)
    if _day(before) != _day(before, zone):
        raise InvalidAppointment((Problem("preferred_zone", "same_day"),))
    return [_under(row, zone, None if row.id == before.id or _wall(row) != old else new) for row in rows]


def _under(row: Appointment, zone: str, wall: Wall | None) -> Appointment:
    series = _series(row)
    placed = replace(row, series=replace(series, zone=zone))
    if wall is None or _day(row) != series.on:
        return placed
    return put(placed, series.on, wall, ZoneInfo(zone))


def _wall(row: Appointment, zone: str = "") -> Wall:
    clock = ZoneInfo(zone or _series(row).zone)
    return time_of_day(row, clock)


def _day(row: Appointment, zone: str = "") -> date:
    return day_of(row, ZoneInfo(zone or _series(row).zone))


def _series(row: Appointment) -> Series:
    if row.series is None:
        raise ValueError("the appointment is in no series")
    return row.series
