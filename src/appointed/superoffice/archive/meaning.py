"""What a condition means, apart from the column it is about: a filter over one value."""

from datetime import datetime
from typing import Any

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, Directory, View
from appointed.domain.rights import caller
from appointed.superoffice.context import Context, Manner
from appointed.superoffice.texts import localized
from appointed.superoffice.wiretime import TimeStyle
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, ShownTo, Test
from appointed.usecases.query_fields import FieldKind, compare

# The place of the value in a meaning's filter.
VALUE = ""

ALWAYS, NEVER = AllOf(), AnyOf()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, when, and in which zone and language: what a condition depends on besides its text."""

    who: Associate
    view: View
    style: TimeStyle
    manner: Manner

    @property
    def directory(self) -> Directory:
        """The tenant's small records."""
        return self.view.directory

    @property
    def now(self) -> datetime:
        """Now, aware UTC."""
        return self.view.now

    def text(self, value: str) -> str:
        """Pick the caller's language out of a text."""
        language = self.manner.language
        return value if language is None else localized(value, language)

    def context(self, row: Appointment) -> Context:
        """Give what the entity's own carriers need to know to show a row."""
        return self.manner.context(row, self.view)


def asked_by(manner: Manner, view: View) -> Asked:
    """Say who asks, and how; raises Unauthenticated for one who is gone."""
    who = caller(manner.principal, view.directory)
    return Asked(who=who, view=view, style=manner.style(view.directory), manner=manner)


class Meaning(msgspec.Struct, frozen=True):
    """A filter over VALUE, which is of this kind."""

    node: Node
    kind: FieldKind

    def on(self, field: str) -> Node:
        """Say it of a query's field."""
        return _on(self.node, field)

    def holds(self, value: Any) -> bool:
        """Tell whether it holds for a value."""
        return _holds(self.node, self.kind, value)


def either(*values: Any) -> Node:
    """Say that the value is one of these, None among them."""
    return AnyOf(tuple(Test(VALUE, Operator.EQ, value) for value in values))


def _on(node: Node, field: str) -> Node:
    if isinstance(node, Test):
        return Test(field, node.operator, node.value)
    if isinstance(node, ShownTo):
        return node
    if isinstance(node, Not):
        return Not(_on(node.node, field))
    return type(node)(tuple(_on(inner, field) for inner in node.nodes))


def _holds(node: Node, kind: FieldKind, value: Any) -> bool:
    if isinstance(node, Test):
        # Of a column with several values one will do.
        values = value if isinstance(value, tuple) else (value,)
        return any(compare(node.operator, kind, one, node.value) for one in values)
    if isinstance(node, ShownTo):
        raise TypeError("what a row names is no value of a column")
    if isinstance(node, Not):
        return not _holds(node.node, kind, value)
    every = all if isinstance(node, AllOf) else any
    return every(_holds(inner, kind, value) for inner in node.nodes)
