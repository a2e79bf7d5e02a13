"""Every carrier that the entity reaches, by name, with the wire types of its members."""

from collections.abc import Iterator
from typing import Any

from appointed.patching.pointer import fold
from appointed.superoffice.carriers.address import ADDRESS, LOCALIZED_FIELD, STRUCTURED_ADDRESS
from appointed.superoffice.carriers.associate import ASSOCIATE
from appointed.superoffice.carriers.contact import CONTACT
from appointed.superoffice.carriers.link import LINK
from appointed.superoffice.carriers.list_items import PRIORITY, TASK_LIST_ITEM
from appointed.superoffice.carriers.participant import PARTICIPANT_INFO
from appointed.superoffice.carriers.person import PERSON
from appointed.superoffice.carriers.project import PROJECT
from appointed.superoffice.carriers.recurrence import (
    DAY_PATTERN,
    MONTH_PATTERN,
    RECURRENCE_DATE,
    RECURRENCE_INFO,
    WEEK_PATTERN,
    YEAR_PATTERN,
)
from appointed.superoffice.carriers.right import FIELD_PROPERTY, FIELD_RIGHT, TABLE_RIGHT
from appointed.superoffice.carriers.sale import SALE
from appointed.superoffice.carriers.shape import Shape
from appointed.superoffice.carriers.time_zone import TIME_ZONE_DATA, TIME_ZONE_RULE
from appointed.superoffice.carriers.visible_for import VISIBLE_FOR
from appointed.superoffice.entity import MEMBERS

ENTITY = "AppointmentEntity"

SHAPES: dict[str, Shape] = {
    "Associate": ASSOCIATE,
    "Contact": CONTACT,
    "Address": ADDRESS,
    "LocalizedField": LOCALIZED_FIELD,
    "StructuredAddress": STRUCTURED_ADDRESS,
    "Person": PERSON,
    "Priority": PRIORITY,
    "Project": PROJECT,
    "Sale": SALE,
    "Link": LINK,
    "TaskListItem": TASK_LIST_ITEM,
    "RecurrenceInfo": RECURRENCE_INFO,
    "RecurrenceDayPattern": DAY_PATTERN,
    "RecurrenceWeekPattern": WEEK_PATTERN,
    "RecurrenceMonthPattern": MONTH_PATTERN,
    "RecurrenceYearPattern": YEAR_PATTERN,
    "RecurrenceDate": RECURRENCE_DATE,
    "ParticipantInfo": PARTICIPANT_INFO,
    "TimeZoneData": TIME_ZONE_DATA,
    "TimeZoneRule": TIME_ZONE_RULE,
    "VisibleFor": VISIBLE_FOR,
    "TableRight": TABLE_RIGHT,
    "FieldProperty": FIELD_PROPERTY,
    "FieldRight": FIELD_RIGHT,
}

# What a record's own entity has beside the members of the carrier that stands for it in other entities.
RECORDS = ("Contact", "Person", "Project", "Sale")
STAMPS = {
    "CreatedBy": "Associate",
    "CreatedDate": "date-time",
    "UpdatedBy": "Associate",
    "UpdatedDate": "date-time",
    "_Links": "map<string,string>",
}

# Carrier → member → wire type.
TYPES: dict[str, dict[str, str]] = {
    name: {field.name: field.type for field in shape} for name, shape in SHAPES.items()
} | {ENTITY: {member.name: member.type for member in MEMBERS}}
# Which carriers a record's own entity shows whole, by the names they have there too.
RECORD_REFERENCES = {
    "Contact": ("Associate",),
    "Person": ("Contact", "Associate"),
    "Project": ("Associate",),
    "Sale": ("Contact", "Person", "Project", "Associate"),
}
RECORD_TYPES = {
    f"{name}Entity": TYPES[name] | {one: one for one in RECORD_REFERENCES[name]} | STAMPS for name in RECORDS
}
RECORD_TYPES["SaleEntity"]["Heading"] = "string"

_ALL = TYPES | RECORD_TYPES
_NAMES = {carrier: {fold(name): name for name in members} for carrier, members in _ALL.items()}
_FOLDED = {carrier: {fold(name): kind for name, kind in members.items()} for carrier, members in _ALL.items()}


def type_at(tokens: tuple[str, ...], root: str = ENTITY) -> str:
    """Give the wire type of what stands at a path below an entity; "" where the contract names none."""
    kind = root
    for token in tokens:
        if kind.endswith("[]"):
            kind = kind[:-2]
        elif kind.startswith("map<"):
            kind = value_type(kind)
        else:
            kind = _FOLDED.get(kind, {}).get(fold(token), "")
    return kind


def is_carrier(kind: str) -> bool:
    """Tell whether a wire type is a carrier."""
    return kind in _ALL


def member_type(carrier: str, name: str) -> str:
    """Give the wire type of a carrier's member; "" when it has none of that name."""
    return _FOLDED.get(carrier, {}).get(fold(name), "")


def member_name(carrier: str, name: str) -> str | None:
    """Spell a carrier's member as the contract does; None when it has none of that name."""
    return _NAMES.get(carrier, {}).get(fold(name))


def unknown_parts(kind: str, value: Any, path: str = "") -> Iterator[str]:
    """Name what a value of a wire type holds beside its carriers' members, as far as it says anything."""
    if isinstance(value, list) and kind.endswith("[]"):
        for place, item in enumerate(value):
            yield from unknown_parts(kind[:-2], item, f"{path}.{place}")
    elif isinstance(value, dict) and is_carrier(kind):
        for name, part in value.items():
            where = f"{path}.{name}" if path else name
            known = member_type(kind, name)
            if known:
                yield from unknown_parts(known, part, where)
            elif part:
                yield where


def value_type(kind: str) -> str:
    """Give the type of a map's values."""
    return kind.removeprefix("map<string,").removesuffix(">")
