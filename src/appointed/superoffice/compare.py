"""Whether a caller's value says the same as what stands on the wire: each type is compared as what it is."""

from collections.abc import Callable
from typing import Any

from appointed.domain.rights import Access
from appointed.patching.operations import equal
from appointed.patching.pointer import Tokens, fold
from appointed.superoffice.carriers.custom import custom_field, is_companion
from appointed.superoffice.carriers.encoded import decode
from appointed.superoffice.catalogue import ENTITY, is_carrier, member_type, type_at, value_type
from appointed.superoffice.context import Context
from appointed.superoffice.durations import read_minutes
from appointed.superoffice.enums import read_enum
from appointed.superoffice.references import KEYS
from appointed.superoffice.wiretime import read_open, read_wall

Json = Any
Same = Callable[[Json, Json, Context], bool]

CUSTOM = frozenset({"userdefinedfields", "customfields"})
COMPUTED = frozenset({"hasconflict"})
MASKS = {"TableRight": "enum:ETableRight", "FieldRight": "enum:EFieldRight"}
# These dates belong to a calendar: they are compared as they stand, whatever zone is told.
WALL = frozenset({"recurrence"})


def same_member(tokens: Tokens, actual: Json, expected: Json, ctx: Context, root: str = ENTITY) -> bool:
    """Compare what stands at a path with what a caller believes to stand there.

    What the caller may not read, and what nobody computed, is never the same: the answer tells nothing.
    """
    names = tuple(fold(token) for token in tokens)
    if ctx.access < Access.READ or (names[:1] and names[0] in COMPUTED and ctx.has_conflict is None):
        return False
    if len(names) == 2 and names[0] in CUSTOM:
        return _same_custom(names[1], actual, expected, ctx)
    if names and names[0] in WALL and type_at(names, root) == "date-time":
        return _same_wall(actual, expected, ctx)
    return same_as(type_at(names, root), actual, expected, ctx)


def same_as(kind: str, actual: Json, expected: Json, ctx: Context) -> bool:
    """Compare two values of a wire type; a value that is none of that type is never the same."""
    if actual is None or expected is None:
        return actual is expected
    if kind.startswith("enum:"):
        return _agree(lambda value: read_enum(kind[5:], value), actual, expected)
    if kind.endswith("[]"):
        return _same_list(kind[:-2], actual, expected, ctx)
    if kind.startswith("map<"):
        return _same_map(value_type(kind), actual, expected, ctx)
    if is_carrier(kind):
        return _same_record(kind, actual, expected, ctx)
    return BY_TYPE.get(kind, _same_json)(actual, expected, ctx)


def _agree(read: Callable[[Json], Any], actual: Json, expected: Json) -> bool:
    try:
        return bool(read(actual) == read(expected))
    except ValueError:
        return False


def _same_json(actual: Json, expected: Json, _ctx: Context) -> bool:
    return equal((), actual, expected)


def _same_instant(actual: Json, expected: Json, ctx: Context) -> bool:
    return _agree(lambda value: read_open(value, ctx.style), actual, expected)


def _same_wall(actual: Json, expected: Json, ctx: Context) -> bool:
    if actual is None or expected is None:
        return actual is expected
    return _agree(lambda value: read_wall(value, ctx.style), actual, expected)


def _same_minutes(actual: Json, expected: Json, _ctx: Context) -> bool:
    return _agree(read_minutes, actual, expected)


BY_TYPE: dict[str, Same] = {"date-time": _same_instant, "timespan": _same_minutes}


def _same_list(kind: str, actual: Json, expected: Json, ctx: Context) -> bool:
    if not (isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected)):
        return False
    return all(same_as(kind, one, other, ctx) for one, other in zip(actual, expected, strict=True))


def _same_map(kind: str, actual: Json, expected: Json, ctx: Context) -> bool:
    if not (isinstance(actual, dict) and isinstance(expected, dict)):
        return False
    believed = {fold(name): value for name, value in expected.items()}
    return len(actual) == len(believed) and all(
        fold(name) in believed and same_as(kind, value, believed[fold(name)], ctx)
        for name, value in actual.items()
    )


def _same_record(carrier: str, actual: Json, expected: Json, ctx: Context) -> bool:
    if not (isinstance(actual, dict) and isinstance(expected, dict)):
        return False
    believed = {fold(name): value for name, value in expected.items()}
    key = KEYS.get(carrier)
    if key is not None:
        return fold(key) in believed and equal((), actual.get(key), believed[fold(key)])
    return len(actual) == len(believed) and all(
        fold(name) in believed and same_as(_type_in(carrier, name), value, believed[fold(name)], ctx)
        for name, value in actual.items()
    )


def _type_in(carrier: str, name: str) -> str:
    # Clients send the masks back as numbers.
    return MASKS[carrier] if name == "Mask" and carrier in MASKS else member_type(carrier, name)


def _same_custom(name: str, actual: Json, expected: Json, ctx: Context) -> bool:
    custom = custom_field(name, ctx)
    if custom is None or expected is None or is_companion(name):
        return equal((), actual, expected)
    return _agree(lambda value: decode(custom, value), actual, expected)
