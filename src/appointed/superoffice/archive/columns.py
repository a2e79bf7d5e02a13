"""What a column is: its name and restriction type, its value in a row, and how a store is asked for it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from appointed.superoffice.archive.meaning import ALWAYS, NEVER, Asked, Meaning
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, Order, Test
from appointed.usecases.query_fields import FieldKind

Json = Any
Value = str | int | float | bool | datetime | tuple[int, ...] | None
ValueOf = Callable[[Any, Asked], Any]
Where = Callable[[Meaning, Asked], Node]
Ordering = Callable[[Asked], tuple[Order, ...]]

# The type of a column that the reference has as a list, and of which only the items' names are kept here.
NAMED = "listOfNames"
# What stands where there is nothing, or nothing that the caller may see.
EMPTY: dict[FieldKind, Value] = {
    FieldKind.TEXT: "",
    FieldKind.WORD: "",
    FieldKind.NUMBER: 0,
    FieldKind.FLAG: False,
    FieldKind.INSTANT: None,
}
KINDS = {
    "bool": FieldKind.FLAG,
    "int": FieldKind.NUMBER,
    "decimal": FieldKind.NUMBER,
    "listAny": FieldKind.NUMBER,
    "associate": FieldKind.NUMBER,
    "userGroup": FieldKind.NUMBER,
    "timeSpan": FieldKind.NUMBER,
    "date": FieldKind.INSTANT,
    "datetime": FieldKind.INSTANT,
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column. `value` is what conditions speak of and `RawValue` shows; `shown` is what people read.

    `where` asks a store for it and `order` puts rows in its order; without one, neither can be done.
    `is_open` columns are seen by whoever may see the row's times; the others are `empty` for them. `hint`
    names the record whose id the value is, `choices` the list that has its values by id. `is_day` columns are
    dates that are shown without a time of day, `is_stamp` columns tell when something was made or changed.
    """

    name: str
    type: str
    kind: FieldKind
    title: str
    value: ValueOf
    shown: ValueOf | None = None
    where: Where | None = None
    order: Ordering | None = None
    is_open: bool = False
    hint: str = ""
    choices: str = ""
    is_day: bool = False
    is_stamp: bool = False
    empty: Value = None


def column(
    name: str,
    type_name: str,
    title: str,
    value: ValueOf,
    **more: Any,
) -> Column:
    """Make a column whose kind follows from its restriction type; texts are the rest."""
    kind = more.pop("kind", KINDS.get(type_name, FieldKind.TEXT))
    more.setdefault("empty", EMPTY[kind])
    return Column(name=name, type=type_name, kind=kind, title=title, value=value, **more)


def stored(
    name: str, type_name: str, title: str, field: str, value: ValueOf | None = None, **more: Any
) -> Column:
    """Make a column of a field that the store keeps."""
    return column(
        name,
        type_name,
        title,
        value or (lambda row, _asked: getattr(row, field)),
        where=lambda meaning, _asked: meaning.on(field),
        order=lambda _asked: (Order(field=field),),
        **more,
    )


def chosen(
    name: str, type_name: str, title: str, field: str, values: Mapping[Any, Value], **more: Any
) -> Column:
    """Make a column that says something of each of a field's few words; `values` has them all."""
    return column(
        name,
        type_name,
        title,
        lambda row, _asked: values[getattr(row, field)],
        where=lambda meaning, _asked: among(field, values, meaning),
        order=lambda _asked: (Order(field=field, ranks=ranked(values.items())),),
        **more,
    )


def fixed(name: str, type_name: str, title: str, value: Value, **more: Any) -> Column:
    """Make a column that is the same in every row: this server keeps nothing for it."""
    return column(
        name,
        type_name,
        title,
        lambda _row, _asked: value,
        where=(lambda meaning, _asked: ALWAYS if meaning.holds(value) else NEVER) if type_name else None,
        order=lambda _asked: (),
        is_open=True,
        **more,
    )


def among(field: str, values: Mapping[Any, Value], meaning: Meaning) -> Node:
    """Say that a field holds one of the words whose value the meaning holds for."""
    matched = tuple(word for word, value in values.items() if meaning.holds(value))
    if len(matched) == len(values):
        return ALWAYS
    return Test(field, Operator.IN, matched) if matched else NEVER


def among_ids(field: str, values: Mapping[int, Value], missing: Value, meaning: Meaning) -> Node:
    """Say that a field names a record whose value the meaning holds for; `missing` is that of no record."""
    matched = [key for key, value in values.items() if meaning.holds(value)]
    if not meaning.holds(missing):
        return Test(field, Operator.IN, tuple(matched)) if matched else NEVER
    wanted = set(matched)
    others = tuple(key for key in values if key not in wanted)
    return Test(field, Operator.NOT_IN, others) if others else ALWAYS


def where_unset_is(empty: Any, meaning: Meaning, field: str) -> Node:
    """Ask for a field that may hold nothing, which counts as `empty`."""
    unset, asked = Test(field, Operator.EQ, None), meaning.on(field)
    if empty is None or meaning.holds(None) == meaning.holds(empty):
        return asked
    return AllOf((Not(unset), asked)) if meaning.holds(None) else AnyOf((unset, asked))


def ranked(values: Iterable[tuple[Any, Value]]) -> tuple[tuple[Any, int], ...]:
    """Give each key its value's rank; nothing at all has 0 and is left out, numbers below 0 rank below it."""
    found = [(key, value.lower() if isinstance(value, str) else value) for key, value in values]
    distinct = sorted({value for _key, value in found if value})
    below = sum(isinstance(value, int | float) and value < 0 for value in distinct)
    places = {value: place + (place >= 0) for place, value in enumerate(distinct, -below)}
    return tuple((key, places[value]) for key, value in found if value)


def all_of(nodes: Iterable[Node]) -> Node:
    """Join nodes that must all hold, without what always or never does."""
    kept = [node for node in nodes if node != ALWAYS]
    if NEVER in kept:
        return NEVER
    return kept[0] if len(kept) == 1 else AllOf(tuple(kept))


def any_of(nodes: Iterable[Node]) -> Node:
    """Join nodes of which one must hold, without what always or never does."""
    kept = [node for node in nodes if node != NEVER]
    if ALWAYS in kept:
        return ALWAYS
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def negated(node: Node) -> Node:
    """Turn a node round."""
    if node == ALWAYS:
        return NEVER
    return ALWAYS if node == NEVER else Not(node)
