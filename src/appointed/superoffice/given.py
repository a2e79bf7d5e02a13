"""The arguments of a call: names in any case, values as clients write them (Agents WebAPI, arguments)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.enums import read_enum
from appointed.superoffice.members import read_flag
from appointed.superoffice.numbers import read_int32

LONGEST_TEXT: Final = 4_000
MOST_ITEMS: Final = 1_000

Json = Any
_NEEDED: Final = object()


class Given:
    """What a caller gave: arguments by name, and the raw body where the body is the argument.

    An argument that is null counts as not given. What cannot be read raises InvalidRequest, which names it.
    """

    def __init__(self, values: Mapping[str, Json] | Iterable[tuple[str, Json]], body: Json = None) -> None:
        pairs = values.items() if isinstance(values, Mapping) else values
        self._values = {fold(name): value for name, value in pairs}
        self.body = body

    def text(self, name: str, default: Json = _NEEDED) -> str:
        """Give a text; without a default it must be given."""
        value = self._value(name, default)
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise _wrong(name, f"a text of at most {LONGEST_TEXT} characters")
        return value

    def number(self, name: str, default: Json = _NEEDED) -> int:
        """Give a whole number of 32 bits; its digits may stand in a text."""
        value = read_int32(self._value(name, default))
        if value is None:
            raise _wrong(name, "a whole number of 32 bits")
        return value

    def flag(self, name: str) -> bool:
        """Give a true-or-false; false unless given."""
        value = read_flag(self._value(name, False))
        if value is None:
            raise _wrong(name, "true or false")
        return value

    def choice(self, name: str, enum: str, default: str) -> str:
        """Give a value of an enum by its name, sent as name or number."""
        try:
            return read_enum(enum, self._value(name, default))
        except ValueError:
            raise _wrong(name, f"a value of {enum}") from None

    def numbers(self, name: str = "") -> tuple[int, ...]:
        """Give a list of whole numbers; without a name the body itself."""
        found = tuple(read_int32(item) for item in self._items(name))
        numbers = tuple(number for number in found if number is not None)
        if len(numbers) != len(found):
            raise _wrong(name, "an array of whole numbers")
        return numbers

    def texts(self, name: str = "") -> tuple[str, ...]:
        """Give a list of texts; without a name the body itself."""
        items = self._items(name)
        if any(not isinstance(item, str) or len(item) > LONGEST_TEXT for item in items):
            raise _wrong(name, "an array of texts")
        return tuple(items)

    def values(self, name: str) -> tuple[str, ...]:
        """Give a list of texts, numbers and truth values, each as the text it is written as."""
        items = self._items(name)
        written = [str(item) if isinstance(item, int | float) else item for item in items]
        if any(not isinstance(item, str) or len(item) > LONGEST_TEXT for item in written):
            raise _wrong(name, "an array of texts or numbers")
        return tuple(written)

    def carriers(self, name: str) -> tuple["Given", ...]:
        """Give a list of carriers, each to be read like arguments; it must be given."""
        self._value(name, _NEEDED)
        return tuple(_carrier(name, item) for item in self._items(name))

    def some(self, name: str) -> tuple["Given", ...]:
        """Give a list of carriers that may be left out."""
        return tuple(_carrier(name, item) for item in self._items(name))

    def anything(self, name: str) -> Json:
        """Give an argument as it came; None when it is not given."""
        return self._values.get(fold(name))

    def has(self, name: str) -> bool:
        """Tell whether an argument is given."""
        return self._values.get(fold(name)) is not None

    def carrier(self, name: str = "") -> "Given":
        """Give a carrier, to be read like arguments; without a name the body itself."""
        return _carrier(name, self._value(name, _NEEDED) if name else self.body)

    def _items(self, name: str) -> list[Json]:
        items = self._value(name, []) if name else self.body
        if items is None:
            return []
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise _wrong(name, f"an array of at most {MOST_ITEMS}")
        return items

    def _value(self, name: str, default: Json) -> Json:
        value = self._values.get(fold(name))
        value = default if value is None else value
        if value is _NEEDED:
            raise InvalidRequest(f"The argument {name} is missing.")
        return value


def fold(name: str) -> str:
    """Fold ASCII letters to one case."""
    return name.lower() if name.isascii() else name


def _carrier(name: str, value: Json) -> Given:
    if not isinstance(value, dict):
        raise _wrong(name, "an object")
    return Given(value, value)


def _wrong(name: str, wanted: str) -> InvalidRequest:
    return InvalidRequest(f"{f'The argument {name}' if name else 'The body'} must be {wanted}.")
