"""FieldInfoBase: what there is beside the standard members (GET Appointment/CustomField, Response)."""

from typing import Final, NamedTuple

from appointed.domain.directory import CustomField, CustomFieldType, Directory
from appointed.domain.field_layout import place_of
from appointed.superoffice.carriers.extra import EXTRAS
from appointed.superoffice.carriers.shape import Field, Shape, fixed, number, text

TYPES: Final[dict[CustomFieldType, str]] = {
    CustomFieldType.NUMBER: "Integer",
    CustomFieldType.SHORT_TEXT: "ShortText",
    CustomFieldType.LONG_TEXT: "LongText",
    CustomFieldType.DATE: "Date",
    CustomFieldType.UNLIMITED_DATE: "Date",
    CustomFieldType.CHECKBOX: "Checkbox",
    CustomFieldType.LIST: "MdoList",
    CustomFieldType.DECIMAL: "Decimal",
}


class FieldInfo(NamedTuple):
    """One field that values can stand under."""

    type: str
    name: str
    label: str
    rank: int
    tooltip: str = ""
    short_label: str = ""
    hides_label: bool = False
    is_indexed: bool = False
    is_mandatory: bool = False
    is_read_only: bool = False
    template_variable: str | None = None


FIELD_INFO_BASE: Final[Shape] = (
    Field("FieldType", "enum:CustomFieldType", number("type")),
    Field("FieldName", "string", number("name")),
    Field("DisplayName", "string", text("label")),
    Field("Description", "string", text("tooltip")),
    Field("ShortLabel", "string", text("short_label")),
    Field("HideLabel", "bool", number("hides_label")),
    Field("HideField", "bool", fixed(False)),
    Field("IsIndexed", "bool", number("is_indexed")),
    Field("IsMandatory", "bool", number("is_mandatory")),
    Field("IsReadOnly", "bool", number("is_read_only")),
    Field("IsExternal", "bool", fixed(False)),
    Field("IsDisplayField", "bool", fixed(False)),
    Field("Rank", "int32", number("rank")),
    Field("TemplateVariableName", "string", number("template_variable")),
)


def field_infos(directory: Directory) -> tuple[FieldInfo, ...]:
    """List the published user-defined fields in their order, then the `x_` fields of every appointment."""
    fields = sorted(directory.custom_fields.values(), key=place_of)
    own = tuple(_of_field(field) for field in fields)
    last = max((info.rank for info in own), default=0)
    return own + tuple(
        FieldInfo("ShortText", extra.name, extra.name, last + number, is_read_only=extra.write is None)
        for number, extra in enumerate(EXTRAS, start=1)
    )


def _of_field(field: CustomField) -> FieldInfo:
    return FieldInfo(
        type=TYPES[field.type],
        name=field.prog_id,
        label=field.label,
        rank=place_of(field)[0],
        tooltip=field.tooltip,
        short_label=field.short_label,
        hides_label=field.hides_label,
        is_indexed=field.is_indexed,
        is_mandatory=field.is_mandatory,
        is_read_only=field.is_read_only,
        template_variable=field.template_variable,
    )
