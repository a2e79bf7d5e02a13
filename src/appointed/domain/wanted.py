"""Which time a caller wanted who was refused it, of one appointment or of the dates of a series."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import TimeHeld
from appointed.domain.held import WantedTime
from appointed.domain.recurrence import Wall
from appointed.domain.time_of_day import day_of, time_of_day


def wanted_time(
    held: TimeHeld, changed: Sequence[Appointment], named: int, now: datetime
) -> WantedTime | None:
    """Say which time was wanted, of all rows that a change would write; None where no offer could be sent.

    An offer for a date of a series (`named`, the caller's) goes for all dates that have the same time of day,
    so they are looked for together, and there is none where a date with a time of its own clashes.
    """
    starts = {starts_at for _resource, starts_at, _blocker in held.clashes}
    rows = [row for row in changed if row.owner_id == held.resource]
    dates = [row for row in rows if row.series is not None]
    if len(dates) > 1:
        return _wanted_days(held, dates, starts, named, now)
    found = next((row for row in rows if _held_from(row) in starts), None)
    return _wanted(found, now) if found is not None and len(starts) == 1 else None


def _wanted_days(
    held: TimeHeld, dates: Sequence[Appointment], starts: set[datetime], named: int, now: datetime
) -> WantedTime | None:
    own = next((row for row in dates if named in (row.id, row.mother_id)), None)
    if own is None or own.series is None or own.is_all_day:
        return None
    zone = ZoneInfo(own.series.zone)
    alike = [row for row in dates if _wall(row, zone) == _wall(own, zone)]
    # What has been is not looked for again: it could no longer be free.
    days = {day_of(row, zone) for row in alike if row.starts_at >= now}
    # Dates that meet each other do so at every time of the day.
    own_ids = {row.id for row in dates}
    is_own = any(blocker in own_ids for _resource, _starts_at, blocker in held.clashes)
    if is_own or not days or not starts <= {_held_from(row) for row in alike}:
        return None
    resources = {resource for resource, _starts_at, _blocker in held.clashes}
    wanted = _wanted(own, now)
    return replace(
        wanted,
        associate_ids=tuple(sorted(resources.union(wanted.associate_ids))),
        series_id=max(own.series_id, 0),
        days=tuple(sorted(days)),
        zone=own.series.zone,
    )


def _wanted(row: Appointment, now: datetime) -> WantedTime:
    return WantedTime(
        associate_ids=tuple(sorted({row.owner_id, row.mother_owner_id} - {0})),
        family_id=max(row.mother_id or row.id, 0),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        lead_minutes=row.lead_minutes,
        lag_minutes=row.lag_minutes,
        is_all_day=row.is_all_day,
        at=now,
    )


def _held_from(row: Appointment) -> datetime:
    return row.starts_at - timedelta(minutes=row.lead_minutes)


def _wall(row: Appointment, zone: ZoneInfo) -> tuple[Wall, int, int]:
    return time_of_day(row, zone), row.lead_minutes, row.lag_minutes
