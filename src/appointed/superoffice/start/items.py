"""MDOListItem and SelectableMDOListItem: one choice of a list (GET MDOList/{listname}, Response)."""

from typing import Any

import msgspec

from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, text, written
from appointed.superoffice.context import Context


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One choice; `full_name` is its name in its context, `extra` what clients find in ExtraInfo.

    `keys` are the records it belongs to, by the name that restricts a list to them ("contact_id").
    """

    id: int
    name: str
    full_name: str = ""
    tooltip: str = ""
    rank: int = 0
    type: str = ""
    extra: str = ""
    color: int = 0
    is_deleted: bool = False
    keys: dict[str, int] = {}
    children: tuple["Item", ...] = ()


def _full_name(item: Item, ctx: Context) -> Json:
    return ctx.text(item.full_name or item.name)


def _children(shape: str) -> Any:
    return lambda item, ctx: [written(SHAPES[shape], child, ctx) for child in item.children]


MDO_LIST_ITEM: Shape = (
    Field("Id", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("ToolTip", "string", text("tooltip")),
    Field("Deleted", "bool", number("is_deleted")),
    Field("Rank", "int32", number("rank")),
    Field("Type", "string", number("type")),
    Field("ChildItems", "MDOListItem[]", _children("MDOListItem")),
    Field("IconHint", "string", fixed("")),
    Field("ColorBlock", "int32", number("color")),
    Field("ExtraInfo", "string", number("extra")),
    Field("StyleHint", "string", fixed("")),
    Field("FullName", "string", _full_name),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

SELECTABLE_MDO_LIST_ITEM: Shape = (
    Field("Id", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("ToolTip", "string", text("tooltip")),
    Field("Deleted", "bool", number("is_deleted")),
    Field("Rank", "int32", number("rank")),
    Field("Type", "string", number("type")),
    Field("ColorBlock", "int32", number("color")),
    Field("IconHint", "string", fixed("")),
    Field("Selected", "bool", fixed(False)),
    Field("LastChanged", "date-time", lambda _item, ctx: ctx.style.stamp(None)),
    Field("ChildItems", "SelectableMDOListItem[]", _children("SelectableMDOListItem")),
    Field("ExtraInfo", "string", number("extra")),
    Field("StyleHint", "string", fixed("")),
    Field("Hidden", "bool", fixed(False)),
    Field("FullName", "string", _full_name),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

SHAPES: dict[str, Shape] = {
    "MDOListItem": MDO_LIST_ITEM,
    "SelectableMDOListItem": SELECTABLE_MDO_LIST_ITEM,
}
