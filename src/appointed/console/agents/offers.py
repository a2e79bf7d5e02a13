"""Free times of a diary's owner that an agent is offered, by days."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.directory import View
from appointed.domain.errors import Forbidden, InvalidRequest, RecordNotFound
from appointed.domain.free_time import Wish
from appointed.domain.hours import Slot
from appointed.domain.principal import Principal
from appointed.domain.recurrence import instant_on, shifted
from appointed.usecases.free_time import free_time
from appointed.usecases.ports import Store

COUNT: Final = 36
DAYS: Final = 14
LONGEST_MINUTES: Final = 1_440
LAST_YEAR: Final = 8_990


class Day(msgspec.Struct, frozen=True):
    """The free times of one day."""

    at: datetime
    slots: tuple[Slot, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which times are looked for: of whose diary, how long, from which day of a zone on.

    What the booking `family_id` holds does not count: it is what shall be moved.
    """

    owner_id: int
    length: timedelta
    since: date
    zone: ZoneInfo
    lead: timedelta = timedelta()
    lag: timedelta = timedelta()
    family_id: int = 0


async def offers(store: Store, principal: Principal, view: View, asked: Asked) -> tuple[Day, ...]:
    """Find times from a day on; none where nobody can be asked."""
    start = instant_on(asked.since, time(), asked.zone)
    wish = Wish(
        since=max(start, view.now),
        until=max(
            instant_on(shifted(asked.since, DAYS), time(), asked.zone), view.now + timedelta(minutes=1)
        ),
        length=asked.length,
        lead=asked.lead,
        lag=asked.lag,
    )
    found = await _found(store, principal, view, asked, wish, COUNT)
    return tuple(_days(found, asked.zone))


async def is_offered(
    store: Store, principal: Principal, view: View, asked: Asked, starts_at: datetime
) -> bool:
    """Tell whether a time that was offered is free still."""
    wish = Wish(
        since=starts_at,
        until=starts_at + asked.length,
        length=asked.length,
        lead=asked.lead,
        lag=asked.lag,
    )
    return any(slot.starts_at == starts_at for slot in await _found(store, principal, view, asked, wish, 1))


async def _found(
    store: Store, principal: Principal, view: View, asked: Asked, wish: Wish, count: int
) -> tuple[Slot, ...]:
    try:
        return await free_time(
            store, principal, view, (asked.owner_id,), wish, count, family_id=asked.family_id
        )
    except (Forbidden, InvalidRequest, RecordNotFound):
        return ()


def _days(slots: Sequence[Slot], zone: ZoneInfo) -> list[Day]:
    by_day = groupby(slots, key=lambda slot: slot.starts_at.astimezone(zone).date())
    days = [tuple(found) for _day, found in by_day]
    return [Day(found[0].starts_at, found) for found in days]


def read_minutes(text: str, otherwise: int) -> int:
    """Read how long a time shall be; what is no number is as if it had not been said."""
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return min(max(int(text), 1), LONGEST_MINUTES) if is_number else min(max(otherwise, 1), LONGEST_MINUTES)


def read_day(text: str) -> date | None:
    """Read a day that times are offered on; None for any other text."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= LAST_YEAR else None


def read_instant(slot: str) -> datetime | None:
    """Read a time that was offered; None for any other text, which will be refused."""
    try:
        found = datetime.fromisoformat(slot) if slot.endswith("Z") else None
    except ValueError:
        return None
    return found if found and found.year <= LAST_YEAR else None
