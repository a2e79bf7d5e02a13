"""A parsed filter over columns: as a query that a store runs, or asked of rows that are at hand."""

from collections.abc import Callable
from typing import Any, NamedTuple

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.columns import Column, all_of, any_of, negated
from appointed.superoffice.archive.grammar import Condition, Group, Tree
from appointed.superoffice.archive.meaning import ALWAYS, NEVER, Asked, Meaning
from appointed.superoffice.archive.operators import meaning_of
from appointed.superoffice.archive.tokens import Token, wrong
from appointed.usecases.list_appointments import readable_rows, visible_rows
from appointed.usecases.query import Node, Not


class Both(NamedTuple):
    """What a filter asks of a row that is read in full, and of one of which only the times are seen."""

    full: Node
    times: Node


class Found(NamedTuple):
    """The rows to look for, and those among them whose contents may decide their place (None: all)."""

    where: Node
    seen: Node | None


def rows_to_find(tree: Tree | None, columns: Columns, asked: Asked) -> Found:
    """Make the query of a filter, no further than the caller may see.

    Every row is judged by what its caller sees of it: a condition on what is hidden meets an empty value.
    Raises InvalidRequest naming the place.
    """
    readable, visible = readable_rows(asked.who), visible_rows(asked.who)
    parts = [_compiled(part, columns, asked) for part in _conjuncts(tree)]
    shared = [part.full for part in parts if part.full == part.times]
    own = [part for part in parts if part.full != part.times]
    full = all_of(part.full for part in own)
    times = all_of(part.times for part in own)
    if full == times:
        return Found(all_of((*shared, full, visible)), readable)
    if times == NEVER:
        return Found(all_of((*shared, full, readable)), None)
    seen_by_times = all_of((times, visible, Not(readable)))
    return Found(all_of((*shared, any_of((all_of((full, readable)), seen_by_times)))), readable)


def tester(tree: Tree | None, columns: Columns, asked: Asked) -> Callable[[Any], bool]:
    """Make the function that tells whether a filter holds for a row; raises InvalidRequest."""
    if tree is None:
        return lambda _row: True
    if isinstance(tree, Condition):
        one, meaning = _understood(tree, columns, asked)
        return lambda row: meaning.holds(one.value(row, asked))
    tests = [tester(inner, columns, asked) for inner in tree.nodes]
    every = all if tree.is_all else any
    wanted = not tree.is_not
    return lambda row: every(test(row) for test in tests) is wanted


def _conjuncts(tree: Tree | None) -> tuple[Tree, ...]:
    if tree is None:
        return ()
    is_all = isinstance(tree, Group) and tree.is_all and not tree.is_not
    return tree.nodes if is_all and isinstance(tree, Group) else (tree,)


def _compiled(tree: Tree, columns: Columns, asked: Asked) -> Both:
    if isinstance(tree, Condition):
        return _condition(tree, columns, asked)
    parts = [_compiled(inner, columns, asked) for inner in tree.nodes]
    join = all_of if tree.is_all else any_of
    full, times = join(part.full for part in parts), join(part.times for part in parts)
    return Both(negated(full), negated(times)) if tree.is_not else Both(full, times)


def _condition(condition: Condition, columns: Columns, asked: Asked) -> Both:
    one, meaning = _understood(condition, columns, asked)
    if one.where is None:
        raise wrong("the column cannot be searched by", condition.column)
    full = one.where(meaning, asked)
    if one.is_open:
        return Both(full, full)
    return Both(full, ALWAYS if meaning.holds(one.empty) else NEVER)


def _understood(condition: Condition, columns: Columns, asked: Asked) -> tuple[Column, Meaning]:
    one = columns.get(condition.column.text.lower())
    if one is None:
        raise _unknown(condition.column)
    return one, meaning_of(condition, one.type, one.kind, asked)


def _unknown(name: Token) -> InvalidRequest:
    return wrong("there is no such column", name)
