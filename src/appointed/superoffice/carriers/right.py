"""TableRight and FieldProperties: what the caller may do with a record and its members."""

from appointed.domain.directory import CustomField, CustomFieldType
from appointed.domain.rights import Access
from appointed.superoffice.carriers.shape import Field, Json, Shape, number

TABLE_RIGHT: Shape = (
    Field("Mask", "string", lambda right, _ctx: right["Mask"]),
    Field("Reason", "string", lambda right, _ctx: right["Reason"]),
)
FIELD_RIGHT: Shape = TABLE_RIGHT
FIELD_PROPERTY: Shape = (
    Field("FieldRight", "FieldRight", number("right")),
    Field("FieldType", "string", number("type")),
    Field("FieldLength", "int32", number("length")),
)

MANDATORY = ("Update, UIHintMandatory", "[SR_ACCESS_MANDATORY]")
UPDATE = ("Update", "")
# Screens leave it alone; whoever calls may change it.
READ_ONLY_HINT = "Update, UIHintReadOnly"

# `Delete` follows where the caller may.
TABLE_MASKS = {
    Access.NOTHING: "None",
    Access.TIMES: "Filtering",
    Access.READ: "Select",
    Access.ANSWER: "Select, RestrictedUpdate",
    Access.ANNOTATE: "Select, RestrictedUpdate",
    Access.CHANGE: "Select, Update, Insert",
    Access.OWN: "Select, Update, Insert",
}

INT, SMALL, TEXT, TIME = ("System.Int32", 4), ("System.Int16", 2), "System.String", ("System.DateTime", 16)

# FieldType and FieldLength of a user-defined field; a length of 0 here is the field's own.
CUSTOM_TYPES: dict[CustomFieldType, tuple[str, int]] = {
    CustomFieldType.NUMBER: ("Number", 10),
    CustomFieldType.SHORT_TEXT: ("ShortText", 0),
    CustomFieldType.LONG_TEXT: ("LongText", 0),
    CustomFieldType.DATE: ("Date", 12),
    CustomFieldType.UNLIMITED_DATE: ("UnlimitedDate", 12),
    CustomFieldType.CHECKBOX: ("Checkbox", 2),
    CustomFieldType.LIST: ("List", 15),
    CustomFieldType.DECIMAL: ("Decimal", 14),
}


def table_right(mask: str, reason: str = "") -> dict[str, Json]:
    """Write a TableRight."""
    return {"Mask": mask, "Reason": reason}


def field_property(mask: str, reason: str, type_name: str, length: int) -> dict[str, Json]:
    """Write a FieldProperty."""
    return {"FieldRight": {"Mask": mask, "Reason": reason}, "FieldType": type_name, "FieldLength": length}


Row = tuple[str, tuple[str, int]] | tuple[str, tuple[str, int], tuple[str, str]]


def custom_properties(custom: CustomField, mask: str) -> dict[str, Json]:
    """Write the two entries of a user-defined field, one per dictionary it stands in."""
    type_name, length = CUSTOM_TYPES[custom.type]
    reason = ""
    if mask == UPDATE[0] and custom.is_mandatory:
        mask, reason = MANDATORY
    elif mask == UPDATE[0] and custom.is_read_only:
        mask = READ_ONLY_HINT
    entry = field_property(mask, reason, type_name, custom.length or length)
    return {f"UserDefinedFields.{custom.prog_id}": entry, f"CustomFields.{custom.prog_id}": entry}
