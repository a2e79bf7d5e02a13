"""Checking a request against a table of rules, as Laravel does: no broken rule hides another."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Any

import msgspec

from appointed.domain.errors import Problem

Problems = list[Problem]


class Broken(msgspec.Struct, frozen=True):
    """What a reader gives for a value that breaks its rule; `allowed` is what the message names."""

    rule: str
    allowed: Any = None


Reader = Callable[[Any], Any]


def _as_is(value: Any) -> Any:
    return value


class Null(Enum):
    """What an explicit null (or '') means for a member."""

    REFUSED = auto()
    LEAVES = auto()
    CLEARS = auto()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How one member is read: by a reader, as an object of `members`, or as a list of objects of `rows`.

    `cleared` is the value that null stands for when it clears.
    """

    read: Reader = _as_is
    members: "Table | None" = None
    rows: "Table | None" = None
    null: Null = Null.REFUSED
    cleared: Any = None
    is_required: bool = False


Table = Mapping[str, Rule]
NOTHING = object()


def validate(given: Mapping[str, Any], table: Table, path: str = "") -> tuple[dict[str, Any], Problems]:
    """Read the members that the table names, in its order; others are passed over.

    Gives the readable values and every broken rule with its dotted path (`claimant.data.0.id`). An absent
    member is absent in the values too. The values given are not told in the problems: they may be personal.
    """
    values: dict[str, Any] = {}
    problems: Problems = []
    for name, rule in table.items():
        value = given.get(name, NOTHING)
        if value is not NOTHING:
            value = _take(rule, value, path + name, problems)
        elif rule.is_required:
            problems += _missing(rule, path + name)
        if value is not NOTHING:
            values[name] = value
    return values, problems


def _take(rule: Rule, value: Any, path: str, problems: Problems) -> Any:
    if value is None:
        return _null(rule, path, problems)
    if rule.members is not None:
        return _members(rule.members, value, path, problems)
    if rule.rows is not None:
        return _rows(rule.rows, value, path, problems)
    read = rule.read(value)
    if type(read) is Broken:
        problems.append(Problem(path, read.rule, allowed=read.allowed))
        return NOTHING
    return read


def _null(rule: Rule, path: str, problems: Problems) -> Any:
    if rule.null is Null.CLEARS:
        return rule.cleared
    if rule.null is Null.REFUSED:
        problems += _missing(rule, path)
    return NOTHING


def _missing(rule: Rule, path: str) -> Iterable[Problem]:
    # What a whole object lacks is told by the names of the members it must have.
    required = [name for name, inner in (rule.members or {}).items() if inner.is_required]
    return [Problem(f"{path}.{name}", "required") for name in required] or [Problem(path, "required")]


def _members(table: Table, value: Any, path: str, problems: Problems) -> Any:
    # PHP cannot tell [] from {}.
    if not isinstance(value, dict) and value != []:
        problems.append(Problem(path, "array"))
        return NOTHING
    values, found = validate(value or {}, table, f"{path}.")
    problems += found
    return values


def _rows(table: Table, value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, dict | list):
        problems.append(Problem(path, "array"))
        return NOTHING
    read = []
    # Forms bring lists as objects of their indexes.
    for index, row in value.items() if isinstance(value, dict) else enumerate(value):
        values = _members(table, row, f"{path}.{index}", problems)
        if values is not NOTHING:
            read.append((str(index), values))
    return read
