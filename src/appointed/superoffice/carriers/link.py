"""Link: a thing linked to the appointment."""

from appointed.superoffice.carriers.shape import Field, Shape, fixed, number

LINK: Shape = (
    Field("EntityName", "string", number("entity")),
    Field("Id", "int32", number("id")),
    Field("Description", "string", number("description")),
    Field("ExtraInfo", "string", number("extra_info")),
    Field("LinkId", "int32", number("key")),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
