"""Filters and order of the list of appointments (ours: the conventions name page and per_page alone)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from appointed.domain.department import find_department
from appointed.domain.directory import Directory
from appointed.domain.errors import Problem, invalid
from appointed.domain.status import Status
from appointed.domain.validity import TEXT_LIMITS
from appointed.sqod.readers import one_of, read_end, read_moment, read_reference, text
from appointed.sqod.validation import Broken, Null, Reader, Rule, Table, validate
from appointed.usecases.list_appointments import IN_ORDER, Listing, Select
from appointed.usecases.query import AllOf, Node, Operator, Order, Test

FILTER: Final = "filter"
SORT: Final = "sort"
SEPARATOR: Final = ","
MOST_VALUES: Final = 100

# What a list can be ordered by, each in an index; a minus before it turns it round.
SORTABLE: Final[Mapping[str, str]] = {
    "appointment_at": "starts_at",
    "created_at": "created_at",
}


def _several(read_one: Reader, *, is_split: bool = True) -> Reader:
    """Make a reader of one value, some between commas, or a list of them."""

    def read(given: Any) -> tuple[Any, ...] | Broken:
        values = list(given.values()) if isinstance(given, dict) else [given]
        if is_split and isinstance(given, str):
            values = [value.strip() for value in given.split(SEPARATOR)]
        if len(values) > MOST_VALUES:
            return Broken("most", MOST_VALUES)
        found = [read_one(value) for value in values]
        broken = next((one for one in found if isinstance(one, Broken)), None)
        return broken or tuple(dict.fromkeys(found))

    return read


def _order(word: Any) -> Order | Broken:
    name = str(word).removeprefix("-")
    if name not in SORTABLE:
        return Broken("in")
    return Order(field=SORTABLE[name], is_descending=str(word).startswith("-"))


def _filter(read: Reader) -> Rule:
    return Rule(read=read, null=Null.LEAVES)


FILTERS: Final[Table] = {
    "status": _filter(_several(one_of(Status))),
    "reference": _filter(_several(text(TEXT_LIMITS["reference"]), is_split=False)),
    "department_id": _filter(_several(read_reference)),
    "from": _filter(read_moment),
    "to": _filter(read_end),
}
QUERY: Final[Table] = {
    FILTER: Rule(members=FILTERS, null=Null.LEAVES),
    SORT: Rule(read=_several(_order), null=Null.LEAVES),
}
# The same filter under the name that answers have.
ALIASES: Final = {"department": "department_id"}

TESTS: Final[Mapping[str, Callable[[Any], Test]]] = {
    "status": lambda values: Test("status", Operator.IN, values),
    "reference": lambda values: Test("reference", Operator.IN, values),
    "department_id": lambda values: Test("department_id", Operator.IN, values),
    "from": lambda value: Test("starts_at", Operator.GE, value),
    "to": lambda value: Test("starts_at", Operator.LT, value),
}


def to_select(query: Mapping[str, Any]) -> Select:
    """Make what a list asks for, out of its trimmed query; it raises InvalidAppointment with every problem.

    What no filter is called is a problem too: a misspelt one would show everything.
    """
    given = _by_own_name(query)
    values, problems = validate(given, QUERY)
    filters = given.get(FILTER)
    if isinstance(filters, dict):
        problems += [Problem(f"{FILTER}.{name}", "in") for name in filters if name not in FILTERS]

    def select(directory: Directory) -> Listing:
        wanted = dict(values.get(FILTER, {}))
        found = [*problems]
        if "department_id" in wanted:
            ids = [find_department(directory, reference) for reference in wanted["department_id"]]
            wanted["department_id"] = tuple(one.id for one in ids if one is not None)
            found += [Problem(f"{FILTER}.department_id", "exists")] if None in ids else []
        if found:
            raise invalid(found)
        nodes: tuple[Node, ...] = tuple(TESTS[name](value) for name, value in wanted.items())
        return Listing(AllOf(nodes), _whole_order(values.get(SORT, ())))

    return select


def _by_own_name(query: Mapping[str, Any]) -> Mapping[str, Any]:
    filters = query.get(FILTER)
    if not isinstance(filters, dict):
        return query
    return {**query, FILTER: {ALIASES.get(name, name): value for name, value in filters.items()}}


def _whole_order(asked: Iterable[Order]) -> tuple[Order, ...]:
    """End an order with the one that settles it; of two for a field the first counts."""
    orders: dict[str, Order] = {}
    for order in asked:
        orders.setdefault(order.field, order)
    if not orders:
        return IN_ORDER
    # An index is walked one way.
    last = list(orders.values())[-1]
    return (*orders.values(), Order(field="id", is_descending=last.is_descending))
