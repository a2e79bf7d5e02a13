"""Whole numbers in requests: JSON numbers and numeric texts, within 32 bits."""

import re
from typing import Any

LOW, HIGH = -(2**31), 2**31 - 1

_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,10}\s*", re.ASCII)


def read_int32(value: Any) -> int | None:
    """Read a whole number; None for anything else, true and false included."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        number = int(value) if _INTEGER.fullmatch(value) else None
    elif isinstance(value, float):
        number = int(value) if value.is_integer() else None
    else:
        number = value if isinstance(value, int) else None
    return number if number is not None and LOW <= number <= HIGH else None
