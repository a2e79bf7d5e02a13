"""Reading single values of a request: natively typed or as text, never in doubt."""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from appointed.sqod.moments import read_day, read_instant
from appointed.sqod.validation import Broken, Reader

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# A dot-atom of RFC 6531 §3.3 before the at sign, a name of RFC 1034 §3.5 or its international form after it.
_ATOM = r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+"
_LABEL = r"(?!-)[^\W_](?:[^\W_]|-){0,62}(?<!-)"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_LOCAL_PART = 64

BOOLEANS = {
    **dict.fromkeys(("true", "1", "on", "yes"), True),
    **dict.fromkeys(("false", "0", "off", "no"), False),
}

DAY = timedelta(days=1)

# Beyond this a number without fraction is no longer exact.
_EXACT = 2.0**53


def read_boolean(value: Any) -> bool | Broken:
    """Read true, false, 1, 0, on, off, yes, no in any case, as text or natively."""
    if isinstance(value, bool):
        return value
    key = value.lower() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return BOOLEANS.get(key, Broken("boolean"))


def integer(low: int, high: int) -> Reader:
    """Make a reader of whole numbers, `low` to `high` inclusive: 30, 30.0 or "30", not "30.0" or true."""

    def read(value: Any) -> int | Broken:
        number = _whole(value)
        if number is None:
            return Broken("integer")
        return number if low <= number <= high else Broken("between", (low, high))

    return read


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(longest: int) -> Reader:
    """Make a reader of texts up to `longest` characters; numbers become their digits."""

    def read(value: Any) -> str | Broken:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = _digits(value)
        if not isinstance(value, str):
            return Broken("string")
        return value if len(value) <= longest else Broken("max", longest)

    return read


def answer(longest: int) -> Reader:
    """Make a reader of answers to data fields: texts, or true or false, which only their field can judge."""
    plain = text(longest)

    def read(value: Any) -> str | bool | Broken:
        return value if isinstance(value, bool) else plain(value)

    return read


def _digits(number: float) -> str:
    # JSON writers may turn 123456789 into 123456789.0; the digits were meant.
    return str(int(number)) if abs(number) <= _EXACT and number == int(number) else str(number)


def email(longest: int) -> Reader:
    """Make a reader of e-mail addresses up to `longest` characters."""

    def read(value: Any) -> str | Broken:
        if not isinstance(value, str):
            return Broken("email")
        if len(value) > longest:
            return Broken("max", longest)
        is_address = len(value.partition("@")[0]) <= _LOCAL_PART and _EMAIL.fullmatch(value)
        return value if is_address else Broken("email")

    return read


def read_uuid(value: Any) -> UUID | Broken:
    """Read a UUID in its five groups, in any case."""
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else Broken("uuid")


def read_reference(value: Any) -> int | str | Broken:
    """Take the name of a thing to be looked up: an integer or a text."""
    is_name = isinstance(value, int | str) and not isinstance(value, bool)
    return value if is_name else Broken("exists")


def read_moment(value: Any) -> datetime | Broken:
    """Read an instant as aware UTC."""
    return (read_instant(value) if isinstance(value, str) else None) or Broken("date")


def read_end(value: Any) -> datetime | Broken:
    """Read the instant that ends a time, as aware UTC; a day without a time of day counts whole."""
    is_day = isinstance(value, str) and read_day(value) is not None
    found = read_moment(value)
    return found + DAY if is_day and isinstance(found, datetime) else found


def read_birthday(value: Any) -> date | Broken:
    """Read a day."""
    return (read_day(value) if isinstance(value, str) else None) or Broken("date")


def one_of(choices: type[StrEnum]) -> Reader:
    """Make a reader of one of a fixed set of words."""
    by_word: dict[Any, StrEnum] = {choice.value: choice for choice in choices}

    def read(value: Any) -> StrEnum | Broken:
        return by_word.get(value, Broken("in")) if isinstance(value, str) else Broken("in")

    return read
