"""The addresses of user-defined fields, and what carries each out (Appointment/UdefLayout, CustomField)."""

from typing import Final

from appointed.superoffice.carriers.shape import Shape
from appointed.superoffice.fields import services as fields
from appointed.superoffice.fields.field_info import FIELD_INFO_BASE
from appointed.superoffice.fields.members import CARRIER, USER_DEFINED_FIELD_INFO
from appointed.superoffice.service import Service

_ONE, _ALL = CARRIER, f"{CARRIER}[]"
_TYPE: Final = "enum:UDefFieldType"
_LAYOUT: Final = "Appointment/UdefLayout"

# Records have no fields of their own; clients ask all the same.
_RECORDS: Final = ("Contact", "Person", "Project", "Sale")

# What stands first is found first: a label that is itself an address is reached by id or progId.
FIELD_ADDRESSES: Final[dict[str, dict[str, Service]]] = {
    "Appointment/CustomField": {"GET": Service(fields.custom_fields, "FieldInfoBase[]")},
    "Appointment/CustomField/{fieldName}": {"GET": Service(fields.custom_field, "FieldInfoBase")},
    _LAYOUT: {
        "GET": Service(fields.layout, _ALL),
        "PUT": Service(fields.save_layout, _ALL, raw=_ALL),
        "POST": Service(fields.add_field, _ONE, query=f"udefFieldType:{_TYPE}"),
    },
    f"{_LAYOUT}/Published": {"GET": Service(fields.published_layout, _ALL)},
    f"{_LAYOUT}/Published/{{progidOrLabel}}": {"GET": Service(fields.published_field, _ONE)},
    f"{_LAYOUT}/Changed": {"GET": Service(fields.has_changes, "bool", query="columnChangesOnly:bool")},
    f"{_LAYOUT}/Publish": {
        "GET": Service(fields.is_publishing, "bool"),
        "POST": Service(fields.publish, "int32"),
    },
    f"{_LAYOUT}/Revert": {"POST": Service(fields.revert)},
    f"{_LAYOUT}/{{progidOrLabel}}": {
        "GET": Service(fields.field, _ONE),
        "DELETE": Service(fields.drop_field),
    },
    f"{_LAYOUT}/{{progidOrLabel}}/ChangeTo/{{fieldType}}": {
        "POST": Service(fields.change_type, _ONE, query="isIndexed:bool")
    },
    **{f"{record}/CustomField": {"GET": Service(fields.none, "FieldInfoBase[]")} for record in _RECORDS},
    **{f"{record}/UdefLayout": {"GET": Service(fields.none, _ALL)} for record in _RECORDS},
    **{f"{record}/UdefLayout/Published": {"GET": Service(fields.none, _ALL)} for record in _RECORDS},
    **{f"{record}/UdefLayout/Changed": {"GET": Service(fields.no_changes, "bool")} for record in _RECORDS},
}

FIELD_SHAPES: Final[dict[str, Shape]] = {
    CARRIER: USER_DEFINED_FIELD_INFO,
    "FieldInfoBase": FIELD_INFO_BASE,
}
