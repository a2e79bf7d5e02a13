"""The time of day of an occurrence, also on the day on which the clock of its series skips that time."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.recurrence import Wall, instant_on, wall_of

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
# No clock shows another quarter, and next to nobody lives further east.
QUARTER: Final = timedelta(minutes=15)
FURTHEST_EAST: Final = timedelta(hours=13)


def day_of(row: Appointment, zone: tzinfo) -> date:
    """Give the day on which a row begins, by a zone's clock; that which was meant if it skips midnight."""
    day = row.starts_at.astimezone(zone).date()
    if row.series is None or row.series.meant is None:
        return day
    eve = day - timedelta(1)
    return eve if instant_on(eve, row.series.meant, zone) == row.starts_at else day


def time_of_day(row: Appointment, zone: tzinfo) -> Wall:
    """Read when on its day a row happens, by a zone's clock; where that was skipped, what was meant."""
    wall = wall_of(row.starts_at, row.ends_at, zone, is_all_day=row.is_all_day)
    if row.series is None or row.series.meant is None:
        return wall
    day, shown = day_of(row, zone), row.starts_at.astimezone(zone).replace(tzinfo=None)
    skipped = shown - datetime.combine(day, row.series.meant)
    length = wall.length + skipped if row.is_all_day else wall.length
    meant = Wall(row.series.meant, length, row.is_all_day)
    # It was put somewhere else since.
    return meant if meant.on(day, zone) == (row.starts_at, row.ends_at) else wall


def put(row: Appointment, day: date, wall: Wall, zone: ZoneInfo) -> Appointment:
    """Put an occurrence on a day at a time of day, and remember that time if the clock skips it."""
    starts_at, ends_at = wall.on(day, zone)
    is_skipped = starts_at.astimezone(zone).time() != wall.start
    series = row.series and replace(row.series, meant=wall.start if is_skipped else None)
    return replace(row, starts_at=starts_at, ends_at=ends_at, series=series)


def days_zone(row: Appointment, base: ZoneInfo) -> tzinfo:
    """Give the clock by which a whole day is one, wherever it is read (ADR 0230).

    It is that of the row's series or of the tenant (`base`), whichever shows midnight at its start; for a
    single one else whichever shows midnight at both of its ends.
    """
    zones = [ZoneInfo(row.series.zone), base] if row.series else [base]
    named = next((zone for zone in zones if row.starts_at.astimezone(zone).time() == time.min), None)
    return named or _elsewhere(row) or zones[0]


def _elsewhere(row: Appointment) -> timezone | None:
    length = row.ends_at - row.starts_at
    # Some say the last minute of a day for its end.
    has_whole_days = length % DAY in (timedelta(), DAY - MINUTE) and length > timedelta()
    since_midnight = row.starts_at - datetime.combine(row.starts_at.date(), time.min, UTC)
    if row.series or not has_whole_days or since_midnight % QUARTER:
        return None
    ahead = DAY - since_midnight
    return timezone(ahead if ahead <= FURTHEST_EAST else ahead - DAY)
