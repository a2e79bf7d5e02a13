"""Instants and days as SQOD writes them (AppointmentResource; Claimant.date_of_birth)."""

import re
from datetime import UTC, date, datetime

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?[0-5]\d)?)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

# Outside these years a year's duration or another zone could leave the calendar.
FIRST_YEAR = 2
LAST_YEAR = 9997


def read_instant(text: str) -> datetime | None:
    """Read a date with or without time, fraction and offset as aware UTC; None when it is no date.

    No offset means UTC. Digits past the microsecond are cut off.
    """
    if not _INSTANT.fullmatch(text):
        return None
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def read_day(text: str) -> date | None:
    """Read `YYYY-MM-DD`; None when it is no day."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_instant(instant: datetime) -> str:
    """Write an aware UTC instant with six digits: `2025-08-19T16:50:00.000000Z`."""
    return instant.isoformat("T", "microseconds")[:26] + "Z"


def write_second(instant: datetime) -> str:
    """Write an aware UTC instant in whole seconds: `2021-01-30T08:30:00Z` (Meeting.start_date)."""
    return instant.isoformat("T", "seconds")[:19] + "Z"
