"""The filter tree that contracts build and stores compile; fields are domain names."""

from enum import StrEnum
from typing import Any

import msgspec


class Operator(StrEnum):
    """How a field is compared; `IN` takes a tuple."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"


class Test(msgspec.Struct, frozen=True):
    """One field compared with one value (aware UTC instants, ints, texts)."""

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


Node = Test | AllOf | AnyOf


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a tenant's appointments, ordered by fields ("-" before a name turns it round)."""

    tenant_id: int
    where: Node = AllOf()
    order: tuple[str, ...] = ("starts_at", "id")
    limit: int = 50
    offset: int = 0
    wants_total: bool = False
