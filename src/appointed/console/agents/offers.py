"""Free times that an appointment could be moved to, by days."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory, View
from appointed.domain.errors import Forbidden, InvalidRequest, RecordNotFound
from appointed.domain.free_time import Wish
from appointed.domain.hours import Slot
from appointed.domain.principal import Principal
from appointed.domain.recurrence import instant_on, shifted
from appointed.usecases.free_time import free_time
from appointed.usecases.ports import Store

COUNT: Final = 36
DAYS: Final = 14


class Day(msgspec.Struct, frozen=True):
    """The free times of one day."""

    at: datetime
    slots: tuple[Slot, ...]


async def offers(
    store: Store,
    principal: Principal,
    row: Appointment,
    directory: Directory,
    length: timedelta,
    since: date,
    zone: ZoneInfo,
    now: datetime,
) -> tuple[Day, ...]:
    """Find times for this row's owner from a day on; none where nobody can be asked."""
    start = instant_on(since, time(), zone)
    wish = Wish(
        since=max(start, now),
        until=max(instant_on(shifted(since, DAYS), time(), zone), now + timedelta(minutes=1)),
        length=length,
        lead=timedelta(minutes=row.lead_minutes),
        lag=timedelta(minutes=row.lag_minutes),
    )
    try:
        found = await free_time(
            store,
            principal,
            View(directory, now),
            (row.owner_id,),
            wish,
            COUNT,
            family_id=row.mother_id or row.id,
        )
    except (Forbidden, InvalidRequest, RecordNotFound):
        return ()
    return tuple(_days(found, zone))


def _days(slots: Sequence[Slot], zone: ZoneInfo) -> list[Day]:
    by_day = groupby(slots, key=lambda slot: slot.starts_at.astimezone(zone).date())
    days = [tuple(found) for _day, found in by_day]
    return [Day(found[0].starts_at, found) for found in days]
