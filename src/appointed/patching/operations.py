"""JSON Patch (RFC 6902) on plain JSON values: add, replace, remove, test; all of a list or nothing.

Objects come in three shapes. PLAIN ones behave as the RFC says. A RECORD has fixed members: one that is
null exists all the same, removing makes null, and no member can be added. A DICTIONARY takes any member,
and replacing it by an object sets just the members given (PATCH Appointment/{id}, Request Body).
"""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any

import msgspec

from appointed.domain.errors import (
    InvalidPatch,
    InvalidPointer,
    OperationNotSupported,
    PatchRejected,
    PathNotFound,
    TestFailed,
    TooManyOperations,
)
from appointed.patching.identity import (
    SIGN,
    IdentitiesOf,
    identity_of,
    is_one,
    named,
    no_identities,
    places_of,
)
from appointed.patching.pointer import APPEND, Tokens, fold, index_of, member_of, parse

MOST_OPERATIONS = 100
MOST_WORK = 20_000

Json = Any
Same = Callable[[Tokens, Json, Json], bool]
Spell = Callable[[Tokens, str], str | None]


class Shape(Enum):
    """What kind of object stands at a place."""

    PLAIN = auto()
    RECORD = auto()
    DICTIONARY = auto()


ShapeOf = Callable[[Tokens], Shape]


class Operation(msgspec.Struct, frozen=True):
    """One step of a patch; `index` counts from 0, `path` is the caller's own spelling.

    The tokens of an `exact` one are the members' own names: their case counts.
    """

    op: str
    tokens: Tokens
    value: Json
    index: int
    path: str
    exact: bool = False


SUPPORTED = frozenset({"add", "replace", "remove", "test"})
UNSUPPORTED = frozenset({"move", "copy"})


def read_operations(document: list[Json], *, exact: bool = False) -> tuple[Operation, ...]:
    """Read a JSON Patch document; the names `op`, `path` and `value` ignore ASCII case as well.

    Raises InvalidPatch, OperationNotSupported, TooManyOperations or InvalidPointer, with the index.
    """
    if len(document) > MOST_OPERATIONS:
        raise TooManyOperations(MOST_OPERATIONS, reason=f"at most {MOST_OPERATIONS}")
    return tuple([_read(index, item, exact) for index, item in enumerate(document)])


def _read(index: int, item: Json, exact: bool) -> Operation:
    if type(item) is not dict:
        raise InvalidPatch(index, None, "an operation must be an object")
    if not ("op" in item and "path" in item and "value" in item):
        item = _folded(index, item)
    op, path = item.get("op"), item.get("path")
    shown = path if type(path) is str else None
    if type(op) is not str or op not in SUPPORTED:
        raise _unknown(index, shown, op)
    if shown is None:
        raise InvalidPatch(index, None, "path must be a string")
    if "value" not in item and op != "remove":
        raise InvalidPatch(index, shown, "value is missing")
    return Operation(op, parse(shown, index), item.get("value"), index, shown, exact)


def _folded(index: int, item: dict[str, Json]) -> dict[str, Json]:
    folded = {fold(name): value for name, value in item.items()}
    if len(folded) < len(item):
        raise InvalidPatch(index, None, "a member is named twice")
    return folded


def _unknown(index: int, path: str | None, op: Json) -> PatchRejected:
    if type(op) is str and op in UNSUPPORTED:
        return OperationNotSupported(index, path, op)
    return InvalidPatch(index, path, "op must be add, replace, remove or test")


def touched(operations: Iterable[Operation]) -> set[str]:
    """Name the top-level members that operations touch, folded; "" stands for the root."""
    return {fold(operation.tokens[0]) if operation.tokens else "" for operation in operations}


def equal(_tokens: Tokens, one: Json, other: Json) -> bool:
    """Compare JSON values: true is not 1, "60" is not 60, 1.0 is 1 (RFC 6902 §4.6)."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal((), item, other[name]) for name, item in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(equal((), *pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


def plain(_tokens: Tokens) -> Shape:
    """Take every object for what the RFC takes it."""
    return Shape.PLAIN


def apply(
    value: Json,
    operations: Iterable[Operation],
    *,
    same: Same = equal,
    shape_of: ShapeOf = plain,
    spell: Spell | None = None,
    identities_of: IdentitiesOf = no_identities,
    budget: int = MOST_WORK,
) -> Json:
    """Give what the operations make of a value, which itself is never changed; both share what is equal.

    `same` compares for `test`, `shape_of` tells an object's shape, and `spell` names a member that the record
    at a place can have but this one lacks (it counts as null); `identities_of` tells by which members the
    elements of an array can be named. All get the place's real names.
    `budget` bounds the members copied and searched. Raises PatchRejected's leaves.
    """
    run = _Run(value, shape_of, spell, identities_of, budget)
    for operation in operations:
        run.operation = operation
        if operation.op == "test":
            run.test(same)
        elif operation.tokens:
            run.change()
        else:
            run.replace_root()
    return run.root


class _Run:
    """One application: the rules, the value so far, and what is left of the budget.

    `owned` holds the containers made here, which alone are changed; a container is copied once at most.
    """

    __slots__ = ("at", "identities_of", "left", "operation", "owned", "root", "shape_of", "spell")

    operation: Operation

    def __init__(
        self, root: Json, shape_of: ShapeOf, spell: Spell | None, identities_of: IdentitiesOf, budget: int
    ) -> None:
        self.root = root
        self.shape_of = shape_of
        self.spell = spell
        self.identities_of = identities_of
        self.left = budget
        self.owned: dict[int, Json] = {}
        self.at: Tokens = ()

    def test(self, same: Same) -> None:
        actual = self.root
        self.at = ()
        for token in self.operation.tokens:
            key = self.key_of(actual, token)
            actual = _get(actual, key)
            self.at = (*self.at, str(key))
        if not same(self.at, actual, self.operation.value):
            raise self.refusal(TestFailed)

    def replace_root(self) -> None:
        value = self.operation.value
        if self.operation.op == "remove":
            raise self.refusal(InvalidPatch, "the root cannot be removed")
        if type(value) is not dict and self.shape_of(()) is not Shape.PLAIN:
            raise self.refusal(InvalidPatch, "the root must be an object")
        self.root = value

    def change(self) -> None:
        operation = self.operation
        self.at = ()
        self.root = node = self.own(self.root)
        for token in operation.tokens[:-1]:
            key = self.key_of(node, token)
            child = _get(node, key)
            if type(child) is dict or type(child) is list:
                child = node[key] = self.own(child)
            self.at = (*self.at, str(key))
            node = child
        key = self.key_of(node, operation.tokens[-1], is_last=True)
        if type(node) is dict:
            self.change_member(node, key)
        elif SIGN in operation.tokens[-1]:
            self.change_named(node, key)
        else:
            _change_element(node, key, operation)

    def change_member(self, node: dict[str, Json], name: str) -> None:
        value = self.operation.value
        if self.operation.op != "remove":
            current = node.get(name) if type(value) is dict else None
            node[name] = value if current is None else self.replacement(current, (*self.at, name))
        elif self.shape_of(self.at) is Shape.RECORD:
            node[name] = None
        else:
            del node[name]

    def change_named(self, node: list[Json], index: int) -> None:
        """Change the element that is named: adding one that is there already replaces it."""
        identity = identity_of(self.operation.tokens[-1], self.identities_of(self.at))
        if self.operation.op == "remove" or identity is None:
            del node[index]
            return
        value = named(self.operation.value, identity)
        if not is_one(value, identity):
            raise self.refusal(InvalidPatch, "the value is not what the path names")
        node[index : index + 1] = [value]

    def replacement(self, current: Json, at: Tokens) -> Json:
        """Give what an object makes of what stands at a place: only a dictionary keeps the rest."""
        value = self.operation.value
        if type(current) is not dict or self.shape_of(at) is not Shape.DICTIONARY:
            return value
        self.spend(len(current))
        names = {fold(name): name for name in current}
        merged = dict(current)
        for name, item in value.items():
            merged[name if name in merged else names.setdefault(fold(name), name)] = item
        return merged

    def key_of(self, node: Json, token: str, *, is_last: bool = False) -> Any:
        """Find the name or index that a token means; a new one only where the operation may make it."""
        if type(node) is dict:
            return token if token in node else self.name_of(node, token, is_last)
        if type(node) is list:
            return self.index_of(node, token, is_last)
        raise self.refusal(PathNotFound)

    def name_of(self, node: dict[str, Json], token: str, is_last: bool) -> str:
        if not self.operation.exact:
            self.spend(len(node))
            name = member_of(node, token)
            if name is not None:
                return name
        shape = self.shape_of(self.at)
        if shape is Shape.RECORD:
            name = self.spell(self.at, token) if self.spell else None
            if name is not None:
                return name
        elif is_last and self.operation.op in _MAKES[shape]:
            return token
        raise self.refusal(PathNotFound)

    def index_of(self, node: list[Json], token: str, is_last: bool) -> int:
        adds = is_last and self.operation.op == "add"
        if adds and token == APPEND:
            return len(node)
        index = index_of(token)
        if index is None and SIGN in token:
            return self.place_of(node, token, adds)
        if index is None:
            raise self.refusal(InvalidPointer, "not an array index")
        if index >= len(node) + adds:
            raise self.refusal(PathNotFound)
        return index

    def place_of(self, node: list[Json], token: str, adds: bool) -> int:
        """Find the element that a token names; where one may be added, the place behind the last."""
        identity = identity_of(token, self.identities_of(self.at))
        if identity is None:
            raise self.refusal(InvalidPointer, "neither an array index nor what names an element")
        self.spend(len(node))
        places = places_of(node, identity)
        if not places and adds:
            return len(node)
        if len(places) != 1:
            raise self.refusal(PathNotFound, "several are named so" if places else "")
        return places[0]

    def own(self, container: Json) -> Json:
        if id(container) in self.owned or type(container) not in (dict, list):
            return container
        self.spend(len(container))
        copy = container.copy()
        self.owned[id(copy)] = copy
        return copy

    def spend(self, members: int) -> None:
        self.left -= members
        if self.left < 0:
            raise self.refusal(TooManyOperations, "too much work")

    def refusal(self, error: type[PatchRejected], reason: str = "") -> PatchRejected:
        return error(self.operation.index, self.operation.path, reason)


# The operations that make a member where there is none.
_MAKES = {Shape.PLAIN: ("add",), Shape.DICTIONARY: ("add", "replace")}


def _get(container: Json, key: Any) -> Json:
    # A record may lack a member that it can have: that one is null.
    return container.get(key) if type(container) is dict else container[key]


def _change_element(node: list[Json], index: int, operation: Operation) -> None:
    if operation.op == "add":
        node.insert(index, operation.value)
    elif operation.op == "remove":
        del node[index]
    else:
        node[index] = operation.value
