"""How one user-defined field's value stands on the wire, and how it is read back (CustomFields encoding).

Values are kept plain: numbers as int or float, dates as `YYYY-MM-DD` text, list items as their id.
"""

import math
import re
from collections.abc import Callable
from datetime import date

from appointed.domain.appointment import CustomValue
from appointed.domain.directory import CustomField, CustomFieldType, Directory, ListItem

Json = object

NO_DATE = "01/01/0001 00:00:00.0000000"
LONGEST_TEXT = 4000
INT_LOW, INT_HIGH = -(2**31), 2**31 - 1

_TAGGED = re.compile(r"\[([A-Z]{1,2}):([^\]]*)\]", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?: ([\d:.]{8,16}))?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.]{5,18}(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?", re.ASCII)

_STORED_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

DATE_TAGS = frozenset({"D", "DT"})
TEXTS = frozenset({CustomFieldType.SHORT_TEXT, CustomFieldType.LONG_TEXT})
DATES = frozenset({CustomFieldType.DATE, CustomFieldType.UNLIMITED_DATE})
TRUE, FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off", ""})


def _date_text(value: CustomValue) -> str:
    if not isinstance(value, str) or not value:
        return NO_DATE
    year, month, day = value.split("-")
    return f"{month}/{day}/{year} 00:00:00.0000000"


def number_text(value: CustomValue) -> str:
    """Write a whole number."""
    return f"[I:{int(value or 0)}]"


def decimal_text(value: CustomValue) -> str:
    """Write a number with decimals, as short as it is."""
    plain = float(value or 0)
    return f"[F:{int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain!r}]"


def _plain_text(value: CustomValue) -> str:
    return "" if value is None else str(value)


def _flag_text(value: CustomValue) -> str:
    return "True" if value else "False"


Writer = Callable[[CustomValue], str]

# How a value stands in UserDefinedFields, and in CustomFields.
WRITERS: dict[CustomFieldType, tuple[Writer, Writer]] = {
    CustomFieldType.NUMBER: (number_text, number_text),
    CustomFieldType.SHORT_TEXT: (_plain_text, _plain_text),
    CustomFieldType.LONG_TEXT: (_plain_text, _plain_text),
    CustomFieldType.DATE: (lambda v: f"[D:{_date_text(v)}]", lambda v: f"[DT:{_date_text(v)}]"),
    CustomFieldType.UNLIMITED_DATE: (lambda v: f"[D:{_date_text(v)}]", lambda v: f"[DT:{_date_text(v)}]"),
    CustomFieldType.CHECKBOX: (_flag_text, number_text),
    CustomFieldType.LIST: (number_text, number_text),
    CustomFieldType.DECIMAL: (decimal_text, decimal_text),
}


# What a stored value must be to count as one of the type.
HELD: dict[CustomFieldType, type | tuple[type, ...]] = {
    CustomFieldType.NUMBER: (int, float),
    CustomFieldType.SHORT_TEXT: str,
    CustomFieldType.LONG_TEXT: str,
    CustomFieldType.DATE: str,
    CustomFieldType.UNLIMITED_DATE: str,
    CustomFieldType.CHECKBOX: bool,
    CustomFieldType.LIST: (int, float),
    CustomFieldType.DECIMAL: (int, float),
}


def held(custom: CustomField, value: CustomValue) -> CustomValue:
    """Give a stored value; None for one that was stored when the field, or one of its name, was another."""
    if not isinstance(value, HELD[custom.type]):
        return None
    if isinstance(value, bool) and custom.type is not CustomFieldType.CHECKBOX:
        return None
    if custom.type in DATES and not _STORED_DAY.fullmatch(str(value)):
        return None
    return value


def defaults(directory: Directory) -> dict[str, CustomValue]:
    """Give what new appointments hold in user-defined fields; a default that fits no more is left out."""
    found: dict[str, CustomValue] = {}
    for custom in directory.custom_fields.values():
        try:
            value = decode(custom, custom.default)
        except ValueError:
            continue
        if value is not None:
            found[custom.prog_id] = value
    return found


def decode(custom: CustomField, value: Json) -> CustomValue:
    """Read a value in plain or encoded form; None for one that is cleared. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, str | int | float):
        raise ValueError(value)
    is_text = custom.type in TEXTS
    return READERS[custom.type](custom, value if is_text else untagged(value))


def untagged(value: str | int | float) -> str | int | float:
    """Take a value out of its encoding, `[I:5]`; plain ones stay."""
    match = _TAGGED.fullmatch(value) if isinstance(value, str) else None
    return match[2] if match else value


def sought(value: str) -> str:
    """Take a value that is searched for out of its encoding: `[D:01/15/2026 00:00:00]` is `2026-01-15`."""
    match = _TAGGED.fullmatch(value)
    if match is None:
        return value
    tag, text = match.groups()
    if tag not in DATE_TAGS:
        return text
    if match := _MONTH_FIRST.fullmatch(text):
        month, day, year, time = match.groups()
        text = f"{year}-{month}-{day}{f'T{time}' if time else ''}"
    is_day = tag == "D" and _ISO_DAY.fullmatch(text)
    return text[: len("yyyy-mm-dd")] if is_day else text


def _read_number(_custom: CustomField, value: str | int | float) -> CustomValue:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        if not value.strip():
            return None
        if not _NUMBER.fullmatch(value.strip()):
            raise ValueError(value)
        value = int(value)
    if isinstance(value, float) or not INT_LOW <= value <= INT_HIGH:
        raise ValueError(value)
    return int(value) or None


def _read_decimal(_custom: CustomField, value: str | int | float) -> CustomValue:
    if isinstance(value, str):
        if not value.strip():
            return None
        if not _DECIMAL.fullmatch(value.strip()):
            raise ValueError(value)
    plain = float(value)
    if not math.isfinite(plain):
        raise ValueError(value)
    return plain or None


def _read_text(custom: CustomField, value: str | int | float) -> CustomValue:
    text = str(value)
    if len(text) > (custom.length or LONGEST_TEXT):
        raise ValueError(value)
    return text or None


def _read_date(_custom: CustomField, value: str | int | float) -> CustomValue:
    if not isinstance(value, str):
        raise ValueError(value)
    if not value.strip():
        return None
    if match := _MONTH_FIRST.fullmatch(value):
        day = date(int(match[3]), int(match[1]), int(match[2]))
    elif match := _ISO_DAY.fullmatch(value):
        day = date.fromisoformat(match[1])
    else:
        raise ValueError(value)
    return None if day == date.min else day.isoformat()


def _read_flag(_custom: CustomField, value: str | int | float) -> CustomValue:
    word = str(value).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return None
    raise ValueError(value)


def _read_item(custom: CustomField, value: str | int | float) -> CustomValue:
    choices = [item for item in custom.items if not item.is_deleted]
    found = next((item.id for item in choices if item.name == value), None)
    if found is None:
        number = _read_number(custom, value)
        if number is not None and all(item.id != number for item in choices):
            raise ValueError(value)
        return number
    return found


def item_of(custom: CustomField, value: CustomValue) -> ListItem | None:
    """Find the list item that a value names."""
    return next((item for item in custom.items if item.id == value), None)


Reader = Callable[[CustomField, str | int | float], CustomValue]

READERS: dict[CustomFieldType, Reader] = {
    CustomFieldType.NUMBER: _read_number,
    CustomFieldType.SHORT_TEXT: _read_text,
    CustomFieldType.LONG_TEXT: _read_text,
    CustomFieldType.DATE: _read_date,
    CustomFieldType.UNLIMITED_DATE: _read_date,
    CustomFieldType.CHECKBOX: _read_flag,
    CustomFieldType.LIST: _read_item,
    CustomFieldType.DECIMAL: _read_decimal,
}
