"""Durations in whole minutes (`AlarmLeadTime`, `LeadTime`, `LagTime`): hh:mm:ss out, three forms in."""

import re
from typing import Final

LONGEST_MINUTES: Final = 65_535

_DAY: Final = 24 * 60

# [d.]hh:mm[:ss[.fffffff]] as .NET writes a TimeSpan, hours up to 23.
_CLOCK = re.compile(
    r"(?:([0-9]{1,5})\.)?([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,9})?)?", re.ASCII
)
# ISO 8601 without years and months, whose length varies; a fraction only in the seconds, which are dropped.
_ISO = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,7})W)?(?:([0-9]{1,7})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,7})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,7})(?:[.,][0-9]{1,9})?S)?)?",
    re.ASCII | re.IGNORECASE,
)


def write_minutes(minutes: int) -> str:
    """Write whole minutes (0 to 65535) as `hh:mm:ss`, from one day on as `d.hh:mm:ss`."""
    days, rest = divmod(minutes, _DAY)
    text = f"{rest // 60:02}:{rest % 60:02}:00"
    return f"{days}.{text}" if days else text


def read_minutes(value: object) -> int:
    """Read a duration to whole minutes, seconds dropped, 0 to 65535. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(value)
    if match := _CLOCK.fullmatch(value):
        days, hours, minutes = (int(part or 0) for part in match.groups())
        total = days * _DAY + hours * 60 + minutes
    elif match := _ISO.fullmatch(value):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = (weeks * 7 + days) * _DAY + hours * 60 + minutes + seconds // 60
    else:
        raise ValueError(value)
    if total > LONGEST_MINUTES:
        raise ValueError(value)
    return total
