"""All columns by name: the fixed tables, and one per user-defined field (FindAppointment)."""

from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import CustomField, CustomFieldType, Directory
from appointed.superoffice.archive.appointment_columns import MORE, ROW
from appointed.superoffice.archive.columns import (
    EMPTY,
    Column,
    Ordering,
    column,
    ranked,
    where_unset_is,
)
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.own_columns import OWN
from appointed.superoffice.archive.record_columns import JOINED
from appointed.superoffice.carriers.encoded import held, item_of
from appointed.usecases.query import Order
from appointed.usecases.query_fields import FieldKind

Columns = dict[str, Column]

UDEF = "appointmentUdef"

# What a user-defined field is → its restriction type, and its kind where that does not say it.
TYPES: dict[CustomFieldType, tuple[str, FieldKind]] = {
    CustomFieldType.NUMBER: ("int", FieldKind.NUMBER),
    CustomFieldType.SHORT_TEXT: ("string", FieldKind.TEXT),
    CustomFieldType.LONG_TEXT: ("string", FieldKind.TEXT),
    CustomFieldType.DATE: ("date", FieldKind.TEXT),
    CustomFieldType.UNLIMITED_DATE: ("unlimitedDate", FieldKind.TEXT),
    CustomFieldType.CHECKBOX: ("bool", FieldKind.FLAG),
    CustomFieldType.LIST: ("listAny", FieldKind.NUMBER),
    CustomFieldType.DECIMAL: ("decimal", FieldKind.NUMBER),
}

_FIXED: Columns = {one.name.lower(): one for one in (*ROW, *MORE, *OWN, *JOINED)}


def find_appointment(directory: Directory) -> Columns:
    """Give all columns of appointments by lower-case name; made once per directory revision."""
    found: Columns | None = directory.memo.get("archive columns")
    if found is None:
        own = (_udef(one) for one in directory.custom_fields.values())
        found = _FIXED | {one.name.lower(): one for one in own}
        directory.memo["archive columns"] = found
    return found


def _udef(custom: CustomField) -> Column:
    type_name, kind = TYPES[custom.type]
    field = f"custom.{kind.value}.{custom.prog_id}"
    empty = None if type_name in ("date", "unlimitedDate") else EMPTY[kind]

    def value(row: Appointment, _asked: Asked) -> Any:
        found = held(custom, row.custom_fields.get(custom.prog_id))
        return empty if found is None else found

    def shown(row: Appointment, asked: Asked) -> str:
        item = item_of(custom, row.custom_fields.get(custom.prog_id))
        return asked.text(item.name) if item else ""

    made = column(
        f"{UDEF}/{custom.prog_id}",
        type_name,
        custom.label,
        value,
        kind=kind,
        empty=empty,
        shown=shown if custom.type is CustomFieldType.LIST else None,
        where=lambda meaning, _asked: where_unset_is(empty, meaning, field),
        order=_order(custom, field, kind),
    )
    return made if empty is not None else replace(made, shown=_shown_day(custom), is_day=True)


def _order(custom: CustomField, field: str, kind: FieldKind) -> Ordering:
    """Order by what is shown: lists by the names of their items, numbers with what is not set as 0."""
    if custom.type is CustomFieldType.LIST:
        return lambda asked: (
            Order(field=field, ranks=ranked((item.id, asked.text(item.name)) for item in custom.items)),
        )
    return lambda _asked: (Order(field=field, absent=0 if kind is FieldKind.NUMBER else None),)


def _shown_day(custom: CustomField) -> Any:
    def shown(row: Appointment, asked: Asked) -> str:
        day = held(custom, row.custom_fields.get(custom.prog_id))
        return asked.style.stamp(None) if day is None else f"{day}T00:00:00"

    return shown
