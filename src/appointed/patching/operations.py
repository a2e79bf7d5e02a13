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
    PathNotFound,
    TestFailed,
    TooManyOperations,
)
from appointed.patching.pointer import APPEND, Tokens, fold, index_of, member_of, parse

MOST_OPERATIONS = 100
MOST_NODES = 20_000

Json = Any
Same = Callable[[Tokens, Json, Json], bool]


class Shape(Enum):
    """What kind of object stands at a place."""

    PLAIN = auto()
    RECORD = auto()
    DICTIONARY = auto()


ShapeOf = Callable[[Tokens], Shape]


class Operation(msgspec.Struct, frozen=True):
    """One step of a patch; `index` counts from 0, `path` is the caller's own spelling."""

    op: str
    tokens: Tokens
    value: Json
    index: int
    path: str


SUPPORTED = frozenset({"add", "replace", "remove", "test"})
UNSUPPORTED = frozenset({"move", "copy"})
_ABSENT = object()


def read_operations(document: list[Json]) -> tuple[Operation, ...]:
    """Read a JSON Patch document; the members' names ignore ASCII case.

    Raises InvalidPatch, OperationNotSupported, TooManyOperations or InvalidPointer, with the index.
    """
    if len(document) > MOST_OPERATIONS:
        raise TooManyOperations(reason=f"at most {MOST_OPERATIONS}")
    return tuple(_read(index, item) for index, item in enumerate(document))


def _read(index: int, item: Json) -> Operation:
    if type(item) is not dict:
        raise InvalidPatch(index, None, "an operation must be an object")
    op, path, value = _member(item, "op"), _member(item, "path"), _member(item, "value")
    shown = path if type(path) is str else None
    if type(op) is str and op in UNSUPPORTED:
        raise OperationNotSupported(index, shown, op)
    if type(op) is not str or op not in SUPPORTED:
        raise InvalidPatch(index, shown, "op must be add, replace, remove or test")
    if type(path) is not str:
        raise InvalidPatch(index, None, "path must be a string")
    if value is _ABSENT:
        if op != "remove":
            raise InvalidPatch(index, path, "value is missing")
        value = None
    return Operation(op, parse(path, index), value, index, path)


def _member(item: dict[str, Json], name: str) -> Json:
    found = item.get(name, _ABSENT)
    if found is not _ABSENT:
        return found
    key = member_of(item, name)
    return _ABSENT if key is None else item[key]


def touched(operations: Iterable[Operation]) -> set[str]:
    """Name the top-level members that operations touch, folded; "" stands for the root."""
    return {fold(operation.tokens[0]) if operation.tokens else "" for operation in operations}


def equal(_tokens: Tokens, one: Json, other: Json) -> bool:
    """Compare JSON values: true is not 1, "60" is not 60, 1.0 is 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            equal((), value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
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
    budget: int = MOST_NODES,
) -> Json:
    """Give what the operations make of a value, which itself is never changed.

    `same` compares for `test`, `shape_of` tells an object's shape; both get the place's real names.
    `budget` bounds the members copied. Raises PatchRejected's leaves.
    """
    run = _Run(same, shape_of, budget)
    for operation in operations:
        value = run.step(value, operation)
    return value


class _Run:
    """One application: the rules, and what is left of the budget."""

    def __init__(self, same: Same, shape_of: ShapeOf, budget: int) -> None:
        self._same = same
        self._shape_of = shape_of
        self._left = budget

    def step(self, value: Json, operation: Operation) -> Json:
        if operation.op == "test":
            at, actual = _resolve(value, operation)
            if not self._same(at, actual, operation.value):
                raise TestFailed(operation.index, operation.path)
            return value
        return self._at(value, operation, ())

    def _spend(self, nodes: int, operation: Operation) -> None:
        self._left -= nodes
        if self._left < 0:
            raise TooManyOperations(operation.index, operation.path, "too much work")

    def _at(self, node: Json, operation: Operation, at: Tokens) -> Json:
        if len(at) == len(operation.tokens):
            return self._root(node, operation)
        if type(node) is dict:
            return self._in_object(node, operation, at)
        if type(node) is list:
            return self._in_array(node, operation, at)
        raise PathNotFound(operation.index, operation.path)

    def _root(self, node: Json, operation: Operation) -> Json:
        if operation.op == "remove":
            raise InvalidPatch(operation.index, operation.path, "the root cannot be removed")
        if self._shape_of(()) is Shape.PLAIN:
            return operation.value
        raise InvalidPatch(operation.index, operation.path, "the root cannot be replaced")

    def _in_object(self, node: dict[str, Json], operation: Operation, at: Tokens) -> Json:
        self._spend(len(node), operation)
        token = operation.tokens[len(at)]
        name = member_of(node, token)
        if len(at) + 1 < len(operation.tokens):
            if name is None:
                raise PathNotFound(operation.index, operation.path)
            return {**node, name: self._at(node[name], operation, (*at, name))}
        shape = self._shape_of(at)
        if operation.op == "remove":
            return _without(node, name, shape, operation)
        if name is None:
            if shape is Shape.RECORD or (shape is Shape.PLAIN and operation.op == "replace"):
                raise PathNotFound(operation.index, operation.path)
            return {**node, token: operation.value}
        return {**node, name: self._put(node[name], operation, (*at, name))}

    def _put(self, current: Json, operation: Operation, at: Tokens) -> Json:
        value = operation.value
        is_subset = type(current) is dict and type(value) is dict and self._shape_of(at) is Shape.DICTIONARY
        if not is_subset:
            return value
        self._spend(len(current) + len(value), operation)
        merged = dict(current)
        for name, item in value.items():
            merged[member_of(current, name) or name] = item
        return merged

    def _in_array(self, node: list[Json], operation: Operation, at: Tokens) -> Json:
        self._spend(len(node), operation)
        token = operation.tokens[len(at)]
        is_last = len(at) + 1 == len(operation.tokens)
        if token == APPEND:
            if is_last and operation.op == "add":
                return [*node, operation.value]
            raise InvalidPointer(operation.index, operation.path, "- is past the end")
        index = _position(token, operation)
        if is_last and operation.op == "add" and index <= len(node):
            return [*node[:index], operation.value, *node[index:]]
        if index >= len(node):
            raise PathNotFound(operation.index, operation.path)
        if not is_last:
            new = self._at(node[index], operation, (*at, token))
        elif operation.op == "remove":
            return [*node[:index], *node[index + 1 :]]
        else:
            new = operation.value
        return [*node[:index], new, *node[index + 1 :]]


def _without(node: dict[str, Json], name: str | None, shape: Shape, operation: Operation) -> Json:
    if name is None:
        raise PathNotFound(operation.index, operation.path)
    if shape is Shape.RECORD:
        return {**node, name: None}
    return {key: value for key, value in node.items() if key != name}


def _position(token: str, operation: Operation) -> int:
    index = index_of(token)
    if index is None:
        raise InvalidPointer(operation.index, operation.path, "not an array index")
    return index


def _resolve(node: Json, operation: Operation) -> tuple[Tokens, Json]:
    at: Tokens = ()
    for token in operation.tokens:
        if type(node) is dict:
            name = member_of(node, token)
            if name is None:
                raise PathNotFound(operation.index, operation.path)
            node, at = node[name], (*at, name)
        elif type(node) is list:
            if token == APPEND:
                raise InvalidPointer(operation.index, operation.path, "- is past the end")
            index = _position(token, operation)
            if index >= len(node):
                raise PathNotFound(operation.index, operation.path)
            node, at = node[index], (*at, token)
        else:
            raise PathNotFound(operation.index, operation.path)
    return at, node
