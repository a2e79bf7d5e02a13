"""Random rows, filters and orders, and what a list of rows answers: the measure for every way to search.

`usecases.query_fields` says what a query means for one row; here it is asked of all rows.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Kind, Privacy, Publication
from appointed.domain.meeting import Bandwidth, Features, Redirects
from appointed.domain.status import Status
from appointed.usecases.query import AllOf, AnyOf, Node, Not, Operator, Order, Query, Test
from appointed.usecases.query_fields import FIELDS, FieldKind, field, holds, place

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
NUMBERS = (0, 0, 1, 2, 3, 7)
TEXTS = (
    "",
    "Møte",
    "MØTE",
    "møter",
    "Ærlig Ødegård",
    "ÆRLIG ØDEGÅRD",
    "ångström",
    "Ångström",
    "plain",
    "PLAIN text",
    "100% _sure_",
    "a\\b",
    "'; DROP TABLE appointment; --",
    'say "no"',
    "İstanbul",
    "STRASSE",
    "Straße",
    "ΟΔΟΣ",
    "οδός",
    "Ѐ Ждёт",
    "\U0001f389 fest",
    "x" * 99 + "ÅØ" + "y" * 20,
    "X" * 99 + "Åæ",
)
PIECES = (*TEXTS, "ø", "Ø", "m", "%", "_", "\\", '"', "'", "s", "ς", "å", "text", "zzz")
CUSTOM_KEYS = ("SuperOffice:1", "SuperOffice:2", "x_é", 'a"b', "$.c", "[0]", "d.e", "'f")
CUSTOM_VALUES = ("Møte", "7", "", 7, 7.5, 0, -3, 10**12, True, False, None)
FIELD_NAMES = (
    *FIELDS,
    *(f"custom.{kind}.{key}" for kind in ("text", "number", "flag") for key in CUSTOM_KEYS),
    *(f"extra.{key}" for key in CUSTOM_KEYS),
)
INDEXED_NAMES = ("owner_id", "department_id", "contact_id", "person_id", "mother_id", "starts_at", "id")
PATTERNS = (Operator.BEGINS, Operator.CONTAINS, Operator.ENDS)
PLAIN = tuple(operator for operator in Operator if operator not in PATTERNS)


def varied(luck: random.Random, row: Appointment) -> Appointment:
    """Give a row values that many share and that are hard to compare."""
    starts_at = START + timedelta(hours=luck.randrange(12), microseconds=luck.choice((0, 0, 1, 120_000)))
    completed_at = starts_at + timedelta(days=luck.choice((-1, 0, 1)), microseconds=luck.choice((0, 1)))
    is_published = luck.random() < 0.5
    return replace(
        row,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(seconds=luck.choice((0, 90, 5400)), microseconds=luck.choice((0, 5))),
        created_at=START - timedelta(microseconds=luck.choice((0, 1, 10**12))),
        kind=luck.choice(list(Kind)),
        status=luck.choice(list(Status)),
        privacy=luck.choice(list(Privacy)),
        is_free=luck.random() < 0.5,
        has_alarm=luck.random() < 0.5,
        title=luck.choice((None, *TEXTS)),
        completed_at=luck.choice((None, completed_at)),
        custom_fields={key: luck.choice(CUSTOM_VALUES) for key in CUSTOM_KEYS if luck.random() < 0.5},
        extra_fields={key: luck.choice(TEXTS) for key in CUSTOM_KEYS if luck.random() < 0.5},
        publication=Publication(is_published=is_published, published_from=luck.choice((None, starts_at))),
        features=Features(messages_chat=luck.random() < 0.5, bandwidth=luck.choice(list(Bandwidth))),
        redirects=Redirects(is_custom=luck.random() < 0.5, agent_url=luck.choice((None, *TEXTS))),
        **{name: luck.choice(TEXTS) for name in ("description", "agenda", "location")},
        **{name: luck.choice(NUMBERS) for name in ("contact_id", "person_id", "project_id", "sale_id")},
        **{name: luck.choice(NUMBERS) for name in ("task_id", "priority_id", "mother_id", "lead_minutes")},
        **{name: luck.choice((1, 2)) for name in ("owner_id", "department_id", "created_by")},
    )


def a_node(luck: random.Random, rows: list[Appointment], depth: int = 3) -> Node:
    """Make a filter whose values the rows have, most of the time."""
    shape = luck.randrange(8) if depth else 7
    if shape < 4:
        inner = tuple(a_node(luck, rows, depth - 1) for _number in range(luck.randrange(4)))
        return AllOf(inner) if shape < 2 else AnyOf(inner)
    if shape == 4:
        return Not(a_node(luck, rows, depth - 1))
    return a_test(luck, rows)


def a_test(luck: random.Random, rows: list[Appointment]) -> Test:
    """Make one comparison."""
    name = luck.choice(INDEXED_NAMES if luck.random() < 0.3 else FIELD_NAMES)
    is_text = field(name).kind is FieldKind.TEXT
    operator = luck.choice(PATTERNS if is_text and luck.random() < 0.6 else PLAIN)
    if operator in PATTERNS:
        return Test(name, operator, luck.choice(PIECES))
    if operator in (Operator.IN, Operator.NOT_IN):
        values = tuple(a_value(luck, name, rows) for _number in range(luck.randrange(4)))
        return Test(name, operator, tuple(value for value in values if value is not None))
    return Test(name, operator, a_value(luck, name, rows))


def a_value(luck: random.Random, name: str, rows: list[Appointment]) -> Any:
    """Give a row's value, or one that could be."""
    known = field(name)
    if known.kind is FieldKind.NUMBER and luck.random() < 0.2:
        return luck.choice((1.5, -1, 2**70, -(2**70), 1e300))
    if known.kind is FieldKind.TEXT and luck.random() < 0.5:
        return luck.choice(PIECES)
    return known.value(luck.choice(rows))


def an_order(luck: random.Random, rows: list[Appointment]) -> tuple[Order, ...]:
    """Make an order of up to three terms, the last of them the id."""
    terms = [_a_term(luck, rows) for _number in range(luck.randrange(3))]
    return (*terms, Order(field="id", is_descending=luck.random() < 0.3))


def _a_term(luck: random.Random, rows: list[Appointment]) -> Order:
    is_descending, seen = luck.random() < 0.5, a_node(luck, rows, 1) if luck.random() < 0.2 else None
    shape = luck.randrange(6)
    if shape == 0:
        ranks = tuple((number, luck.randrange(3)) for number in range(4))
        return Order(field="contact_id", ranks=ranks, is_descending=is_descending, seen=seen)
    if shape == 1:
        words = tuple((status.value, luck.randrange(3)) for status in Status if luck.random() < 0.7)
        return Order(field="status", ranks=words, is_descending=is_descending, seen=seen)
    name = luck.choice(FIELD_NAMES)
    absent = luck.choice((None, 0, 2)) if field(name).kind is FieldKind.NUMBER else None
    return Order(field=name, is_descending=is_descending, seen=seen, absent=absent)


def answer(query: Query, rows: list[Appointment]) -> list[Appointment]:
    """Give all rows that a query asks for, in its order; the page is for the caller to cut."""
    found = [row for row in rows if holds(query.where, row)]
    for number in reversed(range(len(query.order))):
        found.sort(key=lambda row: _key(row, query.order, number), reverse=query.order[number].is_descending)
    return found


def _key(row: Appointment, order: tuple[Order, ...], number: int) -> tuple[bool, Any]:
    value = place(row, order)[number]
    is_text = order[number].ranks is None and field(order[number].field).kind is FieldKind.TEXT
    return value is not None, 0 if value is None else value.lower() if is_text else value
