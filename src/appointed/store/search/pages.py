"""One page of a search: where it begins, in which order, how many rows, and how many there are in all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from appointed.domain.errors import InvalidRequest
from appointed.store.scripts import Script, json_text
from appointed.store.search.engines import Engine, Type
from appointed.store.search.fields import Field
from appointed.store.search.filters import Statement, flat
from appointed.usecases.query import ORDERED_CHARACTERS, AllOf, Node, Operator, Order, Query, Test

SHORT = timedelta(days=62)
# No engine counts farther, and no store has as many rows.
FARTHEST = 2**62
Compiled = tuple[str, tuple[Any, ...]]


class Term(msgspec.Struct, frozen=True):
    """One term of an order: what is compared, of which type, which way, and whether it may be null."""

    sql: str
    kind: Type
    is_descending: bool
    is_nullable: bool


class Page:
    """Writes the statements of one query."""

    def __init__(self, query: Query, engine: Engine) -> None:
        self._statement = Statement(engine, query.tenant_id)
        self._where = f"{self._statement.tenant} AND {self._statement.condition(query.where)}"
        self._before: list[str] = []
        self._beside: list[str] = []
        self._query = query

    def count(self) -> Compiled:
        """Count all that match, wherever the page begins."""
        return f"SELECT count(*) FROM appointment a WHERE {self._where}", tuple(self._statement.values)

    def rows(self) -> Compiled:
        """Read the page: each row's document and its claimant's key.

        The ids are found first, so that no document is carried along while rows are sorted.
        """
        query = self._query
        terms = [self._term(number, order) for number, order in enumerate(query.order)]
        where = f"{self._where} AND {self._behind(terms, query.after)}" if query.after else self._where
        places = ", ".join(f"{term.sql} AS o{number}" for number, term in enumerate(terms))
        text = (
            f"{self._with()}SELECT a.body, k.wrapped FROM (SELECT a.id, {places}"
            f" FROM {' '.join(('appointment a', *self._beside))} WHERE {where}"
            f" ORDER BY {', '.join(term.sql + _direction(term) for term in terms)}"
            f" LIMIT {query.limit:d} OFFSET {min(query.offset, FARTHEST):d}) p"
            " JOIN appointment a ON a.tenant_id = $1 AND a.id = p.id"
            " LEFT JOIN claimant_key k ON k.tenant_id = a.tenant_id AND k.claimant_id = a.claimant_id"
            f" ORDER BY {', '.join(f'p.o{number}{_direction(term)}' for number, term in enumerate(terms))}"
        )
        return text, tuple(self._statement.values)

    def _with(self) -> str:
        return f"WITH {', '.join(self._before)} " if self._before else ""

    def _term(self, number: int, order: Order) -> Term:
        field = self._statement.find(order.field)
        if order.ranks is not None:
            field = Field(self._ranked(f"r{number}", field, order.ranks), Type.INTEGER)
        elif field.kind is Type.TEXT:
            field = Field(f"substr({field.sql}, 1, {ORDERED_CHARACTERS})", field.kind, field.is_nullable)
        sql, is_nullable = self._statement.comparable(field), field.is_nullable
        if number == 0 and order.field == "id" and order.ranks is None and _is_short(self._query.where):
            # Walking all ids up to those few days would take longer than sorting them.
            sql = "(a.id + 0)"
        if order.seen is not None:
            sql, is_nullable = f"(CASE WHEN {self._statement.condition(order.seen)} THEN {sql} END)", True
        if order.absent is not None:
            sql, is_nullable = f"coalesce({sql}, {order.absent:d})", False
        return Term(sql, field.kind, order.is_descending, is_nullable)

    def _ranked(self, name: str, field: Field, ranks: Sequence[tuple[int | str, int]]) -> str:
        place = self._statement.put(json_text({str(key): rank for key, rank in ranks}))
        ranking = self._statement.engine.ranking(field.sql, field.kind, place, name)
        self._before.extend(ranking.before)
        self._beside.extend(ranking.beside)
        return ranking.rank

    def _behind(self, terms: list[Term], after: tuple[Any, ...]) -> str:
        """Ask for what stands behind a place in the order."""
        if len(after) != len(terms):
            raise InvalidRequest("after")
        places = [self._bound(term, value) for term, value in zip(terms, after, strict=True)]
        if len({term.is_descending for term in terms}) == 1 and not any(t.is_nullable for t in terms):
            # One comparison of whole places is what an index can be entered by.
            sign = "<" if terms[0].is_descending else ">"
            sqls = ", ".join(term.sql for term in terms)
            return f"({sqls}) {sign} ({', '.join(filter(None, places))})"
        chain = "FALSE"
        for term, place in zip(reversed(terms), reversed(places), strict=True):
            chain = f"({_past(term, place)} OR ({_same(term, place)} AND {chain}))"
        return f"({_from(terms[0], places[0])} AND {chain})"

    def _bound(self, term: Term, value: Any) -> str | None:
        if value is None and not term.is_nullable:
            raise InvalidRequest("after")
        return None if value is None else self._statement.bind(term.kind, value)


def _is_short(where: Node) -> bool:
    """Tell whether a filter asks for the starts of a few weeks."""
    tests = [node for node in flat(AllOf((where,))) if isinstance(node, Test) and node.field == "starts_at"]
    known = [(test.operator, test.value) for test in tests if test.value is not None]
    lower = [value for operator, value in known if operator in (Operator.GT, Operator.GE)]
    upper = [value for operator, value in known if operator in (Operator.LT, Operator.LE)]
    return bool(lower and upper) and min(upper) - max(lower) <= SHORT


def _direction(term: Term) -> str:
    if not term.is_nullable:
        return " DESC" if term.is_descending else ""
    return " DESC NULLS LAST" if term.is_descending else " NULLS FIRST"


def _same(term: Term, place: str | None) -> str:
    return f"{term.sql} IS NULL" if place is None else f"{term.sql} = {place}"


def _past(term: Term, place: str | None) -> str:
    if place is None:
        return "FALSE" if term.is_descending else f"{term.sql} IS NOT NULL"
    if not term.is_descending:
        return f"{term.sql} > {place}"
    return f"({term.sql} < {place} OR {term.sql} IS NULL)" if term.is_nullable else f"{term.sql} < {place}"


def _from(term: Term, place: str | None) -> str:
    """Ask for what stands at a place of the first term or behind it; an index can be entered by that."""
    if term.is_nullable or place is None:
        return "TRUE"
    return f"{term.sql} {'<=' if term.is_descending else '>='} {place}"


def page(query: Query, engine: Engine) -> Script[tuple[list[tuple[str, bytes | None]], int]]:
    """Read one page of documents with their claimants' keys, and the total when asked for."""
    rows = yield Page(query, engine).rows()
    total = query.offset + len(rows)
    is_last = query.after is None and len(rows) < query.limit and (len(rows) > 0 or not query.offset)
    if query.wants_total and not is_last:
        ((total,),) = yield Page(query, engine).count()
    return [(body, wrapped) for body, wrapped in rows], total if query.wants_total else 0
