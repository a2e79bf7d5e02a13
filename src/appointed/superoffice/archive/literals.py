"""Values of a filter, read as what their column holds."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from appointed.domain.rights import may_see_user
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.periods import PERIODS
from appointed.superoffice.archive.tokens import Token, wrong
from appointed.superoffice.durations import read_minutes
from appointed.superoffice.wiretime import read_instant

LARGEST = 2**53
MOST_PERIODS = 10_000
TRUE, FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
# Samples of the reference write 2014.3.4 too, and put a Z where the T belongs.
_DAY = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})(?:$|[TtZz ](?=[0-9]))", re.ASCII)
_ISO_DAY = len("yyyy-mm-dd")

Reader = Callable[[Token, Asked], Any]


def read_integer(token: Token, _asked: Asked) -> int:
    """Read a whole number."""
    if not _NUMBER.fullmatch(token.text):
        raise wrong("a whole number is expected here", token)
    return int(token.text)


def read_decimal(token: Token, _asked: Asked) -> float:
    """Read a number, with a decimal point."""
    try:
        value = float(token.text)
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise wrong("a number is expected here", token)
    return value


def read_boolean(token: Token, _asked: Asked) -> bool:
    """Read a truth value."""
    word = token.text.lower()
    if word not in TRUE | FALSE:
        raise wrong("true or false is expected here", token)
    return word in TRUE


def read_text(token: Token, _asked: Asked) -> str:
    """Read a text, with or without quotes."""
    if "\0" in token.text:
        raise wrong("this character cannot be searched for", token)
    return token.text


def read_item(token: Token, asked: Asked) -> int:
    """Read the id of a list's item."""
    if not _NUMBER.fullmatch(token.text):
        raise wrong("the id of the list's item is expected here, a whole number", token)
    return read_integer(token, asked)


def read_associate(token: Token, asked: Asked) -> int:
    """Read an associate: the id, or the login name."""
    if _NUMBER.fullmatch(token.text):
        return int(token.text)
    folded = token.text.lower()
    known = asked.directory.associates.values()
    found = next((one for one in known if one.name.lower() == folded), None)
    if found is None or not may_see_user(asked.manner.principal, found, asked.directory):
        raise wrong("there is no such associate", token)
    return found.id


def read_seconds(token: Token, asked: Asked) -> int:
    """Read a time span: whole seconds, or in the form of a duration (01:30:00, PT1H30M)."""
    if _NUMBER.fullmatch(token.text):
        return read_integer(token, asked)
    try:
        return read_minutes(token.text) * 60
    except ValueError:
        raise wrong("a time span is expected here", token) from None


def read_day(token: Token, asked: Asked) -> date:
    """Read a date; of a date and time the day it is in the caller's zone."""
    if has_time(token):
        return local_day(read_moment(token, asked), asked)
    match = _DAY.fullmatch(token.text)
    if match is None:
        raise wrong("a date is expected here, as yyyy-mm-dd", token)
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise wrong("there is no such date", token) from None


def read_moment(token: Token, asked: Asked) -> datetime:
    """Read a date and time, aware UTC; without an offset it is the caller's wall time."""
    try:
        return read_instant(_in_iso(token.text), asked.style)
    except ValueError:
        raise wrong("a date and time is expected here, as yyyy-mm-ddThh:mm:ss", token) from None


def has_time(token: Token) -> bool:
    """Tell whether a date comes with a time of day."""
    return len(_in_iso(token.text)) > _ISO_DAY


def _in_iso(text: str) -> str:
    match = _DAY.match(text)
    if match is None:
        return text
    time = text[match.end() :]
    return f"{match[1]}-{match[3]:0>2}-{match[4]:0>2}{f'T{time}' if time else ''}"


def local_day(at: datetime, asked: Asked) -> date:
    """Give the day that an instant falls on in the caller's zone."""
    try:
        return at.astimezone(asked.style.zone).date()
    except OverflowError:
        return at.date()


def midnight(day: date, asked: Asked) -> datetime | None:
    """Give the instant a day begins in the caller's zone, aware UTC; None outside the calendar."""
    try:
        return datetime(day.year, day.month, day.day, tzinfo=asked.style.zone).astimezone(UTC)
    except OverflowError:
        return None


def read_period(token: Token) -> str:
    """Read the name or number of a period."""
    period = PERIODS.get(token.text.lower())
    if period is None:
        raise wrong("a period is expected here: day, week, month, quarter, halfyear or year", token)
    return period


def read_count(token: Token) -> int:
    """Read how many periods."""
    if not _NUMBER.fullmatch(token.text) or not 0 <= int(token.text) <= MOST_PERIODS:
        raise wrong(f"a number of periods is expected here, 0 to {MOST_PERIODS}", token)
    return int(token.text)
