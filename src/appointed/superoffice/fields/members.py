"""UserDefinedFieldInfo: the table of its members, and how each is read back (PUT Appointment/UdefLayout)."""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType
from appointed.domain.field_layout import retyped
from appointed.superoffice.carriers.encoded import LONGEST_TEXT, TEXTS
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed
from appointed.superoffice.context import Context
from appointed.superoffice.entities import Entity
from appointed.superoffice.enums import read_enum
from appointed.superoffice.given import fold
from appointed.superoffice.members import Member, Sent, flag, number, text
from appointed.superoffice.records.members import name_of

CARRIER: Final = "UserDefinedFieldInfo"
OWNER: Final = "Appointment"
# A position on a screen, and a place in an order.
MOST_PIXELS: Final = 32_767
# The lists of fields are numbered after the server's own.
FIRST_LIST: Final = 1_000

TYPES: Final[dict[str, CustomFieldType]] = {
    "Number": CustomFieldType.NUMBER,
    "ShortText": CustomFieldType.SHORT_TEXT,
    "LongText": CustomFieldType.LONG_TEXT,
    "Date": CustomFieldType.DATE,
    "UnlimitedDate": CustomFieldType.UNLIMITED_DATE,
    "Checkbox": CustomFieldType.CHECKBOX,
    "List": CustomFieldType.LIST,
    "Decimal": CustomFieldType.DECIMAL,
}
NAMES: Final = {kind: name for name, kind in TYPES.items()}


def list_number(field: CustomField) -> int:
    """Give the number of the list that a field's choices stand in; 0 for a field without one."""
    return FIRST_LIST + field.id if field.type is CustomFieldType.LIST else 0


def list_name(field: CustomField) -> str:
    """Name the list that a field's choices stand in; "" for a field without one."""
    return f"udlist{field.id}" if field.type is CustomFieldType.LIST else ""


def _pixels(name: str, attribute: str) -> Member[CustomField]:
    plain = number(name, attribute, -MOST_PIXELS, MOST_PIXELS)

    def read(sent: Sent, field: CustomField) -> CustomField:
        if plain.read is None:
            raise TypeError(name)
        return replace(field, place=plain.read(sent, field.place))

    return msgspec.structs.replace(
        plain, write=lambda field, _ctx: getattr(field.place, attribute), read=read
    )


def _read_type(sent: Sent, field: CustomField) -> CustomField:
    try:
        return retyped(field, TYPES[read_enum("UDefFieldType", sent.value)])
    except ValueError:
        sent.wrong("enum", tuple(TYPES))
        return field


def _write_length(field: CustomField, _ctx: Context) -> Json:
    return field.length if field.type in TEXTS else 0


def _read_length(sent: Sent, field: CustomField) -> CustomField:
    # A field of another type has none, and takes none.
    if field.type not in TEXTS or _LENGTH.read is None:
        return field
    return _LENGTH.read(sent, field)


def _read_name(sent: Sent, field: CustomField) -> CustomField:
    # Names ignore case: who writes it otherwise means the same, and does not rename it.
    is_same = isinstance(sent.value, str) and fold(sent.value) == fold(field.prog_id)
    return field if is_same or _NAME.read is None else _NAME.read(sent, field)


_NAME: Final[Member[CustomField]] = text("ProgId", "prog_id")
_LENGTH: Final[Member[CustomField]] = number("TextLength", "length", 0, LONGEST_TEXT)


def _kept(name: str, type_name: str, write: Any) -> Member[CustomField]:
    return Member(name=name, type=type_name, write=write)


MEMBERS: Final[tuple[Member[CustomField], ...]] = (
    _kept("UDefFieldId", "int32", lambda field, _ctx: field.id),
    _kept("ColumnId", "int32", lambda field, _ctx: field.id),
    text("FieldDefault", "default"),
    _pixels("FieldHeight", "field_height"),
    text("FieldLabel", "label"),
    _pixels("FieldLeft", "field_left"),
    _pixels("FieldTop", "field_top"),
    Member(
        name="FieldType",
        type="enum:UDefFieldType",
        write=lambda field, _ctx: NAMES[field.type],
        read=_read_type,
    ),
    _pixels("FieldWidth", "field_width"),
    text("FormatMask", "format_mask"),
    flag("HideLabel", "hides_label"),
    flag("IsIndexed", "is_indexed"),
    _pixels("LabelHeight", "label_height"),
    _pixels("LabelLeft", "label_left"),
    _pixels("LabelTop", "label_top"),
    _pixels("LabelWidth", "label_width"),
    _kept("LastVersionId", "int32", lambda field, _ctx: 0 if field.is_new else field.id),
    _kept("ListTableId", "int32", fixed(0)),
    flag("IsMandatory", "is_mandatory"),
    _kept("Type", "enum:UDefType", fixed(OWNER)),
    number("Page1LineNo", "page1_line", 0, MOST_PIXELS),
    msgspec.structs.replace(_NAME, read=_read_name),
    flag("IsReadOnly", "is_read_only"),
    text("ShortLabel", "short_label"),
    number("TabOrder", "rank", 0, MOST_PIXELS),
    Member(name="TextLength", type="int32", write=_write_length, read=_read_length),
    text("Tooltip", "tooltip"),
    _kept("UdefIdentity", "int32", lambda field, _ctx: field.id),
    _kept("UDListDefinitionId", "int32", lambda field, _ctx: list_number(field)),
    msgspec.structs.replace(
        name_of("Justification", "UdefJustification", "justification", "Default"),
        write=lambda field, _ctx: field.justification,
    ),
    _kept("Version", "int32", lambda field, _ctx: field.version),
    text("TemplateVariableName", "template_variable"),
    _kept("HasBeenPublished", "bool", lambda field, _ctx: not field.is_new),
    _kept("MdoListName", "string", lambda field, _ctx: list_name(field)),
    _kept("TableRight", "TableRight", fixed(None)),
    _kept("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

USER_DEFINED_FIELD_INFO: Final[Shape] = tuple(
    Field(member.name, member.type, member.write) for member in MEMBERS
)
FIELD: Final = Entity(CARRIER, MEMBERS, lambda _before, _after, _directory: ())
