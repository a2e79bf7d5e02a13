"""Whether an answer is what a department's data field asks for."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from appointed.domain.directory import DataField, DataFieldType

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FLAGS: Final = frozenset({"true", "false", "1", "0", "on", "off", "yes", "no"})


def broken_rule(field: DataField, value: str | None) -> str | None:
    """Name the rule that an answer breaks, None for none; who need not answer may leave it empty."""
    if value is None or not value.strip():
        return "required" if field.is_required else None
    rule, is_kept = RULES[field.type]
    return None if is_kept(field, value) else rule


def is_day(value: str) -> bool:
    """Tell whether this is a day as answers write it: YYYY-MM-DD."""
    if not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


# The rule's name, and whether an answer keeps it.
RULES: Final[Mapping[DataFieldType, tuple[str, Callable[[DataField, str], bool]]]] = {
    DataFieldType.TEXT: ("string", lambda _field, _value: True),
    DataFieldType.NUMBER: ("numeric", lambda _field, value: _NUMBER.fullmatch(value) is not None),
    DataFieldType.DATE: ("date", lambda _field, value: is_day(value)),
    DataFieldType.BOOLEAN: ("boolean", lambda _field, value: value.lower() in FLAGS),
    DataFieldType.SELECT: ("in", lambda field, value: value in field.choices),
}
