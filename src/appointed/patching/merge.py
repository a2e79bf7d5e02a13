"""JSON Merge Patch (RFC 7396), turned into operations; an object meant for an array is appended to it."""

from typing import Any

import msgspec

from appointed.patching.operations import Operation, Shape, ShapeOf, plain
from appointed.patching.pointer import APPEND, Tokens, member_of, write

Json = Any


class Merge(msgspec.Struct, frozen=True):
    """A merge patch as operations; `unknown` are the paths of members that a record does not have."""

    operations: tuple[Operation, ...]
    unknown: tuple[str, ...]


def operations_of(patch: dict[str, Json], target: dict[str, Json], *, shape_of: ShapeOf = plain) -> Merge:
    """Turn a merge patch for this target into operations that do the same to it."""
    found: list[tuple[str, Tokens, Json]] = []
    unknown: list[str] = []
    _merge(patch, target, (), shape_of, found, unknown)
    operations = tuple(
        Operation(op, tokens, value, index, write(tokens)) for index, (op, tokens, value) in enumerate(found)
    )
    return Merge(operations, tuple(unknown))


def _merge(
    patch: dict[str, Json],
    target: dict[str, Json],
    at: Tokens,
    shape_of: ShapeOf,
    found: list[tuple[str, Tokens, Json]],
    unknown: list[str],
) -> None:
    for name, value in patch.items():
        known = member_of(target, name)
        if known is None:
            if shape_of(at) is Shape.RECORD:
                unknown.append(write((*at, name))[1:])
            elif value is not None:
                found.append(("add", (*at, name), without_nulls(value)))
            continue
        place = (*at, known)
        current = target[known]
        if value is None:
            found.append(("remove", place, None))
        elif type(value) is not dict:
            found.append(("replace", place, value))
        elif type(current) is list:
            found.append(("add", (*place, APPEND), value))
        elif type(current) is dict:
            _merge(value, current, place, shape_of, found, unknown)
        else:
            found.append(("replace", place, without_nulls(value)))


def without_nulls(value: Json) -> Json:
    """Give what a merge patch makes of nothing: itself without the members it would remove (RFC 7396 §2)."""
    if type(value) is not dict:
        return value
    return {name: without_nulls(item) for name, item in value.items() if item is not None}
