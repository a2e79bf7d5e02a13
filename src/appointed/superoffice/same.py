"""Whether two JSON values of the wire are one: exactly, and by the type of the member they stand in."""

from typing import Any

_UPPER_TO_LOWER = {code: code + 32 for code in range(65, 91)}


def fold(name: str) -> str:
    """Fold ASCII letters to lower case and leave all others: K (Kelvin) is not k."""
    return name.lower() if name.isascii() else name.translate(_UPPER_TO_LOWER)


def identical(one: Any, other: Any) -> bool:
    """Compare JSON values: true is not 1, "60" is not 60, 1.0 is 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(identical(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(one == other)
