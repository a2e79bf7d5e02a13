"""JSON Merge Patch (RFC 7396), turned into operations; an object meant for an array is appended to it."""

from typing import Any

import msgspec

from appointed.patching.identity import IdentitiesOf, identity_of, no_identities, places_of
from appointed.patching.operations import Operation, Shape, ShapeOf, Spell, plain
from appointed.patching.pointer import APPEND, Tokens, fold, write

Json = Any


class Merge(msgspec.Struct, frozen=True):
    """A merge patch as operations; `unknown` are the paths of members that a record does not have."""

    operations: tuple[Operation, ...]
    unknown: tuple[str, ...]


def operations_of(
    patch: dict[str, Json],
    target: dict[str, Json],
    *,
    shape_of: ShapeOf = plain,
    spell: Spell | None = None,
    identities_of: IdentitiesOf = no_identities,
) -> Merge:
    """Turn a merge patch for this target into operations that do the same to it.

    `shape_of`, `spell` and `identities_of` are those of `apply`. An object for an array whose members name
    elements (`AssociateId=17`) merges into those, adds them, or removes them by null. Any other object onto
    null replaces it, as onto any other value that is neither object nor array.
    """
    run = _Conversion(shape_of, spell, identities_of)
    run.merge(patch, target, ())
    return Merge(tuple(run.operations), tuple(run.unknown))


class _Conversion:
    """One merge patch on its way to operations."""

    def __init__(self, shape_of: ShapeOf, spell: Spell | None, identities_of: IdentitiesOf) -> None:
        self.shape_of = shape_of
        self.identities_of = identities_of
        self.spell = spell
        self.operations: list[Operation] = []
        self.unknown: list[str] = []

    def merge(self, patch: dict[str, Json], target: dict[str, Json], at: Tokens) -> None:
        for name, value in self.spelt(patch, target, at).items():
            current = target.get(name)
            if type(value) is not dict:
                self.set(name, value, target, at)
            elif type(current) is dict:
                self.merge(value, current, (*at, name))
            elif type(current) is list and self.names_elements(value, (*at, name)):
                self.merge_elements(value, current, (*at, name))
            elif type(current) is list:
                self.emit("add", (*at, name, APPEND), without_nulls(value))
            else:
                self.set(name, without_nulls(value), target, at)

    def names_elements(self, value: dict[str, Json], at: Tokens) -> bool:
        """Tell whether an object's members name elements of the array at a place."""
        identities = self.identities_of(at)
        return bool(identities and value) and all(identity_of(key, identities) for key in value)

    def merge_elements(self, value: dict[str, Json], current: list[Json], at: Tokens) -> None:
        """Merge into the elements that an object's members name."""
        for key, item in value.items():
            identity = identity_of(key, self.identities_of(at))
            places = places_of(current, identity) if identity else []
            if item is not None:
                stood = current[places[0]] if places else {}
                merged = stood | self.spelt(item, stood, (*at, APPEND)) if type(item) is dict else item
                self.emit("add", (*at, key), without_nulls(merged))
            elif places:
                self.emit("remove", (*at, key), None)

    def spelt(self, patch: dict[str, Json], target: dict[str, Json], at: Tokens) -> dict[str, Json]:
        """Give the patch in the target's spelling; of two names for one member the last counts."""
        if patch.keys() <= target.keys():
            return patch
        names = {fold(name): name for name in reversed(target)}
        found: dict[str, Json] = {}
        for name, value in patch.items():
            known = name if name in target else names.get(fold(name))
            if known is None:
                known = self.new_name(name, at)
            if known is None:
                self.unknown.append(write((*at, name))[1:])
            else:
                names.setdefault(fold(name), known)
                found[known] = value
        return found

    def new_name(self, name: str, at: Tokens) -> str | None:
        if self.shape_of(at) is not Shape.RECORD:
            return name
        return self.spell(at, name) if self.spell else None

    def set(self, name: str, value: Json, target: dict[str, Json], at: Tokens) -> None:
        if value is not None:
            self.emit("replace" if name in target else "add", (*at, name), value)
        elif name in target:
            self.emit("remove", (*at, name), None)

    def emit(self, op: str, tokens: Tokens, value: Json) -> None:
        self.operations.append(Operation(op, tokens, value, len(self.operations), write(tokens), exact=True))


def without_nulls(value: Json) -> Json:
    """Give what a merge patch makes of nothing: itself without the members it would remove (RFC 7396 §2)."""
    if type(value) is not dict:
        return value
    return {name: without_nulls(item) for name, item in value.items() if item is not None}
