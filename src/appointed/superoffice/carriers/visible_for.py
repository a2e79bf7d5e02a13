"""VisibleFor: one user or group the record is visible for."""

from typing import Any

from appointed.domain.appointment import Visibility
from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number
from appointed.superoffice.context import Context

VISIBILITIES = {Visibility.ALL: "All", Visibility.ASSOCIATE: "Associate", Visibility.GROUP: "Group"}


def _display(row: Any, ctx: Context) -> Json:
    if row.visibility is Visibility.ALL:
        return ctx.text("[SR_VFC_ALL]")
    if row.visibility is Visibility.ASSOCIATE:
        return name_of(row.id, ctx)
    group = ctx.directory.departments.get(row.id)
    return group.name if group else ""


VISIBLE_FOR: Shape = (
    Field("VisibleId", "int32", number("id")),
    Field("Visibility", "enum:Visibility", lambda row, _ctx: VISIBILITIES[row.visibility]),
    Field("DisplayValue", "string", _display),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
