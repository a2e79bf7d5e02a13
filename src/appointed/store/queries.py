"""Filter trees as SQL: one table says which fields there are, and every statement names its tenant."""

from typing import Any

from appointed.domain.errors import InvalidRequest
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Order, Query, Test

# Field → what stands for it in SQL; `a` is the appointment.
FIELDS = {
    "id": "a.id",
    "uid": "a.uid",
    "reference": "a.reference",
    "kind": "a.kind",
    "status": "a.status",
    "privacy": "a.privacy",
    "owner_id": "a.owner_id",
    "department_id": "a.department_id",
    "created_by": "a.created_by",
    "mother_id": "a.mother_id",
    "starts_at": "a.starts_at",
    "ends_at": "a.ends_at",
    "updated_at": "a.updated_at",
    "revision": "a.revision",
    "is_busy": "(a.busy_owner_id IS NOT NULL)",
    "is_booking_row": "(a.mother_id <> 0 AND a.mother_id <> a.id)",
}
SIGNS = {
    Operator.EQ: "=",
    Operator.NE: "<>",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}
COLUMNS = "a.body, k.wrapped"
SOURCE = (
    "appointment a LEFT JOIN claimant_key k ON k.tenant_id = a.tenant_id AND k.claimant_id = a.claimant_id"
)


class Compiled:
    """A filter in SQL with its values, numbered from $1, the tenant first."""

    def __init__(self, query: Query) -> None:
        self.values: list[Any] = []
        self.where = f"a.tenant_id = {self._value(query.tenant_id)} AND {self._node(query.where)}"

    def _value(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def _node(self, node: Node) -> str:
        if isinstance(node, Test):
            return self._test(node)
        if not isinstance(node, AllOf | AnyOf):
            return f"NOT {self._node(node.node)}"
        word, empty = (" AND ", "TRUE") if isinstance(node, AllOf) else (" OR ", "FALSE")
        return f"({word.join(map(self._node, node.nodes))})" if node.nodes else empty

    def _test(self, test: Test) -> str:
        field = _field(test.field)
        if test.operator is not Operator.IN:
            return f"{field} {SIGNS[test.operator]} {self._value(test.value)}"
        # One place per value: the same text on both engines, and each has few.
        places = [self._value(value) for value in test.value]
        return f"{field} IN ({', '.join(places)})" if places else "FALSE"


def compile_page(query: Query) -> tuple[str, tuple[Any, ...]]:
    """Write the statement that reads one page: each row's document and its claimant's key."""
    compiled = Compiled(query)
    order = ", ".join(map(_order, query.order))
    text = (
        f"SELECT {COLUMNS} FROM {SOURCE} WHERE {compiled.where}"
        f" ORDER BY {order} LIMIT {query.limit:d} OFFSET {query.offset:d}"
    )
    return text, tuple(compiled.values)


def compile_count(query: Query) -> tuple[str, tuple[Any, ...]]:
    """Write the statement that counts all that match."""
    compiled = Compiled(query)
    return f"SELECT count(*) FROM appointment a WHERE {compiled.where}", tuple(compiled.values)


def _order(order: Order) -> str:
    return f"{_field(order.field)} DESC" if order.is_descending else _field(order.field)


def _field(name: str) -> str:
    found = FIELDS.get(name)
    if found is None:
        raise InvalidRequest(name)
    return found
