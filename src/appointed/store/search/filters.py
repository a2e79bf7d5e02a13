"""A filter tree as one condition: every value bound, every node true or false, never unknown."""

from collections.abc import Sequence
from typing import Any

from appointed.domain.errors import InvalidRequest
from appointed.store.search.engines import TEXTS, Engine, Type, plain
from appointed.store.search.fields import SPARSE, Field, find
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, ShownTo, Test

SIGNS = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}
PATTERNS = {Operator.BEGINS: "begins", Operator.CONTAINS: "contains", Operator.ENDS: "ends"}
OPPOSITES = {Operator.NE: Operator.EQ, Operator.NOT_IN: Operator.IN}
# Far more than anyone asks in earnest, and no more than the engines can take.
DEEPEST = 100
MOST_TESTS = 2_000


class Statement:
    """Values bound so far, numbered from $1, the tenant first; and conditions over them."""

    def __init__(self, engine: Engine, tenant_id: int) -> None:
        self.engine = engine
        self.values: list[Any] = []
        self._tests = 0
        self._tenant = self.put(tenant_id)
        self.tenant = f"a.tenant_id = {self._tenant}"

    def put(self, value: Any) -> str:
        """Bind a value as it is and give its place."""
        self.values.append(value)
        return f"${len(self.values)}"

    def bind(self, kind: Type, value: Any) -> str:
        """Bind one value of a field's type; raises InvalidRequest."""
        cast, bound = self.engine.bind(kind, plain(kind, value))
        return f"{self.put(bound)}{cast}"

    def find(self, name: str) -> Field:
        """Find a field; raises InvalidRequest."""
        return find(name, self.engine, lambda key: self.bind(Type.WORD, key))

    def comparable(self, field: Field) -> str:
        """Write a field so that it compares by code points, a TEXT in lower case."""
        sql = self.engine.folded.format(x=field.sql) if field.kind is Type.TEXT else field.sql
        return self.engine.by_code.format(x=sql) if field.kind in TEXTS else sql

    def condition(self, node: Node, depth: int = 0) -> str:
        """Write a node; raises InvalidRequest when it asks too much."""
        if depth > DEEPEST:
            raise InvalidRequest("depth")
        if isinstance(node, Test):
            return self._test(node)
        if isinstance(node, ShownTo):
            return self._shown_to(node)
        if isinstance(node, Not):
            return f"NOT coalesce({self.condition(node.node, depth + 1)}, FALSE)"
        word, empty = ("AND", "TRUE") if isinstance(node, AllOf) else ("OR", "FALSE")
        parts = [self.condition(inner, depth + 1) for inner in flat(node)]
        return _joined(parts, f" {word} ") if parts else empty

    def _test(self, test: Test) -> str:
        self._tests += 1
        if self._tests > MOST_TESTS:
            raise InvalidRequest("tests")
        bound = len(self.values)
        field = self.find(test.field)
        opposite = OPPOSITES.get(test.operator)
        found = self._positive(field, test.field, opposite or test.operator, test.value)
        if found == "FALSE":
            # An entry's key may be bound already, and engines take no value that stands nowhere.
            del self.values[bound:]
        if opposite is None:
            return found
        return f"NOT coalesce({found}, FALSE)" if field.is_nullable else f"NOT {found}"

    def _shown_to(self, node: ShownTo) -> str:
        cast, bound = self.engine.bind_all(Type.INTEGER, node.keys)
        among = self.engine.is_in("v.viewer", Type.INTEGER, f"{self.put(bound)}{cast}")
        # Found once, by its key: hardly any row names others.
        own = f"v.tenant_id = {self._tenant} AND {among}"
        return f"(a.id IN (SELECT v.appointment_id FROM viewer v WHERE {own}))"

    def _positive(self, field: Field, name: str, operator: Operator, value: Any) -> str:
        if operator is Operator.IN:
            return self._in(field, name, value)
        if value is None:
            return f"({field.sql} IS NULL)" if operator is Operator.EQ and field.is_nullable else "FALSE"
        if operator in PATTERNS:
            return self._pattern(field, operator, value)
        # An index is ordered as the database sorts; what it is asked for must be, too.
        is_plain = operator is Operator.EQ and field.kind is Type.WORD
        sql = field.sql if is_plain else self.comparable(field)
        found = f"{sql} {SIGNS[operator]} {self.bind(field.kind, value)}"
        has_one = operator is Operator.EQ and name in SPARSE and value != 0
        return f"({found} AND {sql} <> 0)" if has_one else f"({found})"

    def _in(self, field: Field, name: str, values: Sequence[Any]) -> str:
        if len(values) == 1:
            return self._positive(field, name, Operator.EQ, values[0])
        if not values:
            return "FALSE"
        sql = field.sql if field.kind is Type.WORD else self.comparable(field)
        cast, bound = self.engine.bind_all(field.kind, tuple(plain(field.kind, value) for value in values))
        found = self.engine.is_in(sql, field.kind, f"{self.put(bound)}{cast}")
        return f"({found} AND {sql} <> 0)" if name in SPARSE and 0 not in values else f"({found})"

    def _pattern(self, field: Field, operator: Operator, value: Any) -> str:
        if field.kind not in TEXTS:
            raise InvalidRequest(operator)
        pattern: str = getattr(self.engine, PATTERNS[operator])
        return f"({pattern.format(x=self.comparable(field), n=self.bind(field.kind, value))})"


def flat(node: AllOf | AnyOf) -> list[Node]:
    """List what is joined, through nodes that only join the same way."""
    found: list[Node] = []
    waiting = list(reversed(node.nodes))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, type(node)):
            waiting.extend(reversed(inner.nodes))
        else:
            found.append(inner)
    return found


def _joined(parts: list[str], word: str) -> str:
    """Join in halves, since a long chain is a deep tree to an engine."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word)}{word}{_joined(parts[middle:], word)})"
