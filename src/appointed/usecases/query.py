"""The filter tree that contracts build and stores compile; `query_fields` has the fields and the meaning.

Every node is true or false for a row, never unknown. A null value (None) satisfies no comparison: EQ, LT,
LE, GT, GE, IN, BEGINS, CONTAINS and ENDS are false for it. NE, NOT_IN and Not are the exact opposite of EQ,
IN and the node inside, and so are true for it. EQ None holds for null alone, NE None for all else.

Texts compare by their lower-case form, code point by code point. An order looks at their first
ORDERED_CHARACTERS only, so that a place in it stays short. In an order null stands before every value (last
when descending).
"""

from enum import StrEnum
from typing import Any

import msgspec

ORDERED_CHARACTERS = 100


class Operator(StrEnum):
    """How a field is compared; `IN` and `NOT_IN` take a tuple without None, which may be empty or long."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    NOT_IN = "not_in"
    BEGINS = "begins"
    CONTAINS = "contains"
    ENDS = "ends"


class Test(msgspec.Struct, frozen=True):
    """One field compared with one value (aware UTC instants, ints, floats, booleans, texts).

    BEGINS, CONTAINS and ENDS are for text fields; their value is plain text, no pattern.
    """

    field: str
    operator: Operator
    value: Any
    __test__ = False


class AllOf(msgspec.Struct, frozen=True):
    """Every node holds; an empty one always does."""

    nodes: "tuple[Node, ...]" = ()


class AnyOf(msgspec.Struct, frozen=True):
    """At least one node holds; an empty one never does."""

    nodes: "tuple[Node, ...]" = ()


class Not(msgspec.Struct, frozen=True):
    """The node does not hold."""

    node: "Node"


class ShownTo(msgspec.Struct, frozen=True):
    """The row names one of these among its readers (`rights.viewers`, `rights.viewer_keys`)."""

    keys: tuple[int, ...]


Node = Test | AllOf | AnyOf | Not | ShownTo


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One field that rows are ordered by.

    With `ranks` the field holds ids or words, and rows stand by the rank of theirs: (id, rank) pairs, 0 for
    one without. With `seen`, rows for which it does not hold stand as if the value were null: whoever may
    not read a value must not learn it from the order. `absent` is the number that null stands as.
    """

    field: str
    is_descending: bool = False
    ranks: tuple[tuple[int | str, int], ...] | None = None
    seen: Node | None = None
    absent: int | None = None


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a tenant's appointments. The last field of `order` is unique.

    `after` has one value per field of `order` (a rank where there are ranks): the page begins behind that
    place, whether or not a row stands there. `offset` rows are left out after it.
    """

    tenant_id: int
    where: Node = AllOf()
    order: tuple[Order, ...] = (Order(field="starts_at"), Order(field="id"))
    after: tuple[Any, ...] | None = None
    limit: int = 50
    offset: int = 0
    wants_total: bool = False
