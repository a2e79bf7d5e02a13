"""Whether an answer is what a department's data field asks for."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from appointed.domain.directory import DataField, DataFieldType

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FLAGS: Final = {
    **dict.fromkeys(("true", "1", "on", "yes"), "true"),
    **dict.fromkeys(("false", "0", "off", "no"), "false"),
}

Given = str | bool | None
"""An answer as it is sent: a text, or true or false itself."""


def broken_rule(field: DataField | None, value: Given) -> str | None:
    """Name the rule that an answer breaks, None for none; who need not answer may leave it empty.

    Without a field, which is gone or another department's, any text will do.
    """
    if field is None:
        return "string" if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None if field.type is DataFieldType.BOOLEAN else RULES[field.type][0]
    if value is None or not value.strip():
        return "required" if field.is_required else None
    rule, is_kept = RULES[field.type]
    return None if is_kept(field, value) else rule


def kept(field: DataField | None, value: Given) -> str | None:
    """Give an answer that breaks no rule as it is kept: one spelling for true and one for false."""
    if field is None or field.type is not DataFieldType.BOOLEAN or value is None:
        return None if value is None else str(value)
    return FLAGS.get(str(value).lower(), None)


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
