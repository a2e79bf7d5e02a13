"""Dates and times on the wire, and the `SO-TimeZone` header that says how (Request Headers, SO-TimeZone).

A stamp is kept by the server (created, updated), a wall date belongs to a calendar and never shifts, every
other date is an instant. Untagged ones are wall times of the header's zone, or of the base zone without one.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.errors import InvalidRequest
from appointed.superoffice import zones

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(microsecond=0, tzinfo=UTC)
NEVER: Final = "0001-01-01T00:00:00"
FOREVER: Final = "9999-12-31T23:59:59"

INCLUDE_OFFSET: Final = "includetzoffset"
LONGEST_HEADER: Final = 100

_SECONDS = len(NEVER)
_TAGGED = len(NEVER + "+00:00")

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]((?:[01][0-9]|2[0-3]):[0-5][0-9])(?:(:[0-5][0-9])(?:[.,][0-9]{0,9})?)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?)?"
)
# A client that reads an untagged bound as its own local time sends it back as the day before or after.
_BOUND = re.compile(r"(?:0001-01-01|9999-12-31|-?0{4,6}-12-31|\+?0?10000-01-01)(?:[Tt ][0-9:.,Zz+-]{5,30})?")


class TimeStyle(msgspec.Struct, frozen=True):
    """How dates are written for one request: in which zone's wall time, and whether an offset follows.

    `base` is the tenant's own zone; `zone` is the same unless the header names another.
    """

    zone: ZoneInfo
    tagged: bool
    base: ZoneInfo

    def instant(self, at: datetime) -> str:
        """Write an instant (aware) of the diary: `StartDate`, `EndDate`, `ActiveDate`."""
        try:
            text = _wall(at, self.zone)
        except OverflowError:
            return bound(self, is_last=at.year > date.min.year)
        if not self.tagged:
            return text[:_SECONDS]
        if self.zone is zones.UTC:
            return text[:_SECONDS] + "Z"
        return text if len(text) == _TAGGED else _whole_minutes(at, self.zone)

    def stamp(self, at: datetime | None) -> str:
        """Write an instant that the server keeps; always UTC when tagged, None is "never"."""
        if at is None:
            return NEVER + "Z" if self.tagged else NEVER
        if self.tagged:
            return at.astimezone(UTC).isoformat("T", "seconds")[:_SECONDS] + "Z"
        return self.instant(at)

    def open_start(self, at: datetime | None) -> str:
        """Write an instant, or the lowest date for None."""
        return bound(self, is_last=False) if at is None else self.instant(at)

    def open_end(self, at: datetime | None) -> str:
        """Write an instant, or the highest date for None."""
        return bound(self, is_last=True) if at is None else self.instant(at)


@lru_cache(maxsize=4096)
def _wall(at: datetime, zone: ZoneInfo) -> str:
    # An appointment's times are written again with every change of it, and its start twice.
    return at.astimezone(zone).isoformat("T", "seconds")


def _whole_minutes(at: datetime, zone: ZoneInfo) -> str:
    # Clocks before standard time differ from UTC by odd seconds, which an offset on the wire cannot say.
    offset = at.astimezone(zone).utcoffset() or timedelta()
    minutes = timedelta(minutes=round(offset / timedelta(minutes=1)))
    return at.astimezone(timezone(minutes)).isoformat("T", "seconds")


@lru_cache(maxsize=2048)
def bound(style: TimeStyle, *, is_last: bool) -> str:
    """Write the lowest or highest date; tagged, with the zone's standard offset.

    The lowest shifts by that offset where there is room, the highest never does.
    """
    text = FOREVER if is_last else NEVER
    if not style.tagged:
        return text
    if style.zone is zones.UTC:
        return text + "Z"
    last = LAST.replace(tzinfo=style.zone)
    offset = (last.utcoffset() or timedelta()) - (last.dst() or timedelta())
    wall = (LAST if is_last else FIRST).replace(tzinfo=timezone(offset))
    if not is_last and offset > timedelta():
        wall += offset
    return wall.isoformat("T", "seconds")


def write_wall(day: date, style: TimeStyle) -> str:
    """Write a wall date (or naive wall time) as it stands; tagged with what the zone's clock says there."""
    wall = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001 # a wall
    if not style.tagged:
        return wall.isoformat("T", "seconds")
    if style.zone is zones.UTC:
        return wall.isoformat("T", "seconds") + "Z"
    text = wall.replace(tzinfo=style.zone).isoformat("T", "seconds")
    return text[:_TAGGED]


def read_instant(value: object, style: TimeStyle) -> datetime:
    """Read an instant to the whole second, aware UTC; without an offset it is wall time in the style's zone.

    A time that the clock skips is read with the offset before the gap, one that comes twice is the first
    (RFC 5545 §3.3.5). What leaves the years 1 to 9999 in UTC is their end. Raises ValueError.
    """
    at = _read(value)
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=style.zone).astimezone(UTC)
    except OverflowError:
        return FIRST if at.year == date.min.year else LAST


def read_open(value: object, style: TimeStyle) -> datetime | None:
    """Read an instant; None for null and for the lowest and highest dates. Raises ValueError."""
    if value is None or (isinstance(value, str) and _BOUND.fullmatch(value)):
        return None
    return read_instant(value, style)


def read_wall(value: object, style: TimeStyle) -> datetime:
    """Read a wall time, naive; one with an offset as the style's zone shows it. Raises ValueError."""
    at = _read(value)
    try:
        return at.astimezone(style.zone).replace(tzinfo=None) if at.tzinfo else at
    except OverflowError:
        return at.replace(tzinfo=None)


def _read(value: object) -> datetime:
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(value)
    day, time, seconds, offset = match.groups()
    if time is None:
        return datetime.fromisoformat(day)
    return datetime.fromisoformat(f"{day}T{time}{seconds or ':00'}{offset.upper() if offset else ''}")


class TimeWish(NamedTuple):
    """What `SO-TimeZone` asks for; `zone` None means the base zone."""

    zone: ZoneInfo | None = None
    tagged: bool = False


def style_of(wish: TimeWish, base: ZoneInfo) -> TimeStyle:
    """Say how to write dates for a tenant with this base zone."""
    return TimeStyle(wish.zone or base, wish.tagged, base)


@lru_cache(maxsize=512)
def parse_zone_header(header: str) -> TimeWish:
    """Read `SO-TimeZone` ("" without one): a code or id, `includeTZOffset`, or both in either order.

    Case, spaces and empty parts do not matter. Raises InvalidRequest.
    """
    if len(header) > LONGEST_HEADER:
        raise InvalidRequest("SO-TimeZone is too long")
    parts = [part for part in (piece.strip() for piece in header.split(",")) if part]
    names = [part for part in parts if part.lower() != INCLUDE_OFFSET]
    if len(names) > 1:
        raise InvalidRequest("SO-TimeZone names more than one time zone")
    zone = zones.zone_of(names[0]).info if names else None
    return TimeWish(zone, tagged=len(names) < len(parts))
