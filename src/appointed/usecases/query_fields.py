"""The fields a query may name, and what a query means, row by row: the measure for every store."""

from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter
from typing import Any

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import occupies
from appointed.domain.errors import InvalidRequest
from appointed.domain.meeting import SWITCHES
from appointed.domain.rights import viewers
from appointed.usecases.query import (
    ORDERED_CHARACTERS,
    AllOf,
    AnyOf,
    Node,
    Not,
    Operator,
    Order,
    ShownTo,
)


class FieldKind(StrEnum):
    """What a field's values are; `NUMBER` is an int or a float, `WORD` a text that compares exactly."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"


class Field(msgspec.Struct, frozen=True):
    """A field's kind, and its value in a row (None where the row has none)."""

    kind: FieldKind
    value: Callable[[Appointment], Any]


def _member(name: str) -> Callable[[Appointment], Any]:
    return lambda row: getattr(row, name)


def _members(kind: FieldKind, *names: str) -> dict[str, Field]:
    return {name: Field(kind, _member(name)) for name in names}


def _inside(kind: FieldKind, *paths: str) -> dict[str, Field]:
    """Give fields of the structs that an appointment has inside, by path."""
    return {path: Field(kind, attrgetter(path)) for path in paths}


FIELDS: dict[str, Field] = {
    **_members(
        FieldKind.NUMBER,
        "id",
        "revision",
        "owner_id",
        "department_id",
        "created_by",
        "updated_by",
        "mother_id",
        "series_id",
        "task_id",
        "priority_id",
        "contact_id",
        "person_id",
        "project_id",
        "sale_id",
        "suggested_appointment_id",
        "invited_person_id",
        "assigned_by",
        "reject_counter",
        "alarm_minutes",
        "lead_minutes",
        "lag_minutes",
        "color_index",
        "preferred_zone",
    ),
    **_members(
        FieldKind.TEXT,
        "title",
        "description",
        "agenda",
        "internal_notes",
        "location",
        "reject_reason",
        "video_url",
        "video_meeting_id",
    ),
    **_members(
        FieldKind.WORD,
        "uid",
        "reference",
        "kind",
        "status",
        "privacy",
        "booking_type",
        "invitation_status",
        "assignment_status",
        "caution",
        "external_owner",
    ),
    **_members(FieldKind.FLAG, "is_all_day", "is_free", "has_alarm", "is_milestone", "is_booking_row"),
    **_members(
        FieldKind.INSTANT,
        "starts_at",
        "ends_at",
        "created_at",
        "updated_at",
        "completed_at",
        "active_at",
    ),
    "has_claimant": Field(FieldKind.FLAG, lambda row: row.claimant is not None),
    "is_busy": Field(FieldKind.FLAG, occupies),
    "is_in_series": Field(FieldKind.FLAG, lambda row: row.series_id != 0),
    "is_in_booking": Field(FieldKind.FLAG, lambda row: row.mother_id != 0),
    # The same as `uid`, as a text that can be searched by its parts.
    "uid_text": Field(FieldKind.TEXT, lambda row: str(row.uid)),
    # What stands for the appointment in a list: the description, or else the title that was given.
    "text": Field(FieldKind.TEXT, lambda row: row.description or row.title or ""),
    # Whole seconds from start to end, rounded down.
    "duration_seconds": Field(FieldKind.NUMBER, lambda row: int(row.duration.total_seconds() // 1)),
    "publication.is_published": Field(FieldKind.FLAG, lambda row: row.publication.is_published),
    "publication.published_from": Field(FieldKind.INSTANT, lambda row: row.publication.published_from),
    "publication.published_to": Field(FieldKind.INSTANT, lambda row: row.publication.published_to),
    **_inside(FieldKind.FLAG, *(f"features.{one}" for one in SWITCHES)),
    **_inside(FieldKind.WORD, "features.bandwidth"),
    **_inside(FieldKind.FLAG, "redirects.is_custom"),
    **_inside(FieldKind.TEXT, "redirects.claimant_url", "redirects.agent_url"),
}

# "custom.<kind>.<progId>" is a user-defined field, "extra.<name>" one that nobody defined. What a row
# holds under that key in another kind counts as null; a flag that is not set is false.
CUSTOM, EXTRA = "custom.", "extra."
CUSTOM_TYPES: dict[FieldKind, type | tuple[type, ...]] = {
    FieldKind.TEXT: str,
    FieldKind.NUMBER: (int, float),
    FieldKind.FLAG: bool,
}


def field(name: str) -> Field:
    """Find a field by its name; raises InvalidRequest."""
    known = FIELDS.get(name)
    if known is not None:
        return known
    if name.startswith(EXTRA):
        key = name.removeprefix(EXTRA)
        return Field(FieldKind.TEXT, lambda row: row.extra_fields.get(key))
    kind, _dot, prog_id = name.removeprefix(CUSTOM).partition(".")
    if not name.startswith(CUSTOM) or kind not in CUSTOM_TYPES or not prog_id:
        raise InvalidRequest(name)
    return _custom(FieldKind(kind), prog_id)


def holds(node: Node, row: Appointment) -> bool:
    """Tell whether a filter holds for a row."""
    if isinstance(node, AllOf):
        return all(holds(inner, row) for inner in node.nodes)
    if isinstance(node, AnyOf):
        return any(holds(inner, row) for inner in node.nodes)
    if isinstance(node, Not):
        return not holds(node.node, row)
    if isinstance(node, ShownTo):
        return not viewers(row).isdisjoint(node.keys)
    asked = field(node.field)
    return compare(node.operator, asked.kind, asked.value(row), node.value)


def compare(operator: Operator, kind: FieldKind, value: Any, wanted: Any) -> bool:
    """Tell whether a value compares so with the wanted one."""
    opposite = OPPOSITES.get(operator)
    if opposite is not None:
        return not compare(opposite, kind, value, wanted)
    if value is None or wanted is None:
        return operator is Operator.EQ and value is wanted
    if kind is FieldKind.TEXT:
        value = value.lower()
        wanted = tuple(one.lower() for one in wanted) if operator is Operator.IN else wanted.lower()
    return COMPARE[operator](value, wanted)


def place(row: Appointment, order: tuple[Order, ...]) -> tuple[Any, ...]:
    """Give the row's place in an order, as `Query.after` takes it."""
    return tuple(_place(row, one) for one in order)


OPPOSITES = {Operator.NE: Operator.EQ, Operator.NOT_IN: Operator.IN}
COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda value, wanted: value == wanted,
    Operator.LT: lambda value, wanted: value < wanted,
    Operator.LE: lambda value, wanted: value <= wanted,
    Operator.GT: lambda value, wanted: value > wanted,
    Operator.GE: lambda value, wanted: value >= wanted,
    Operator.IN: lambda value, wanted: value in wanted,
    Operator.BEGINS: lambda value, wanted: value.startswith(wanted),
    Operator.CONTAINS: lambda value, wanted: wanted in value,
    Operator.ENDS: lambda value, wanted: value.endswith(wanted),
}


def _custom(kind: FieldKind, prog_id: str) -> Field:
    if kind is FieldKind.FLAG:
        return Field(kind, lambda row: row.custom_fields.get(prog_id) is True)
    types = CUSTOM_TYPES[kind]

    def value(row: Appointment) -> Any:
        found = row.custom_fields.get(prog_id)
        return found if isinstance(found, types) and not isinstance(found, bool) else None

    return Field(kind, value)


def _place(row: Appointment, order: Order) -> Any:
    value = _value(row, order)
    return order.absent if value is None else value


def _value(row: Appointment, order: Order) -> Any:
    if order.seen is not None and not holds(order.seen, row):
        return None
    asked = field(order.field)
    value = asked.value(row)
    if order.ranks is not None:
        return dict(order.ranks).get(value, 0)
    return value[:ORDERED_CHARACTERS] if asked.kind is FieldKind.TEXT and value is not None else value
