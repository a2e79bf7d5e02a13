"""ListEntity, ListItemEntity, SoTask, LanguageInfo: lists as records of their own (GET List; Agents List)."""

from typing import Final

import msgspec

from appointed.superoffice.carriers.list_items import PRIORITY, TASK_LIST_ITEM
from appointed.superoffice.carriers.shape import Field, Shape, fixed, number, text
from appointed.superoffice.texts import KEYS

RIGHTS: Final = (
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


class ListEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A list: its number, name and what it is for."""

    id: int = 0
    name: str | None = None
    tooltip: str | None = None
    list_type: str | None = None
    has_groups: bool = True
    is_of_field: bool = False


class ListItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a list, the same for all lists."""

    id: int = 0
    name: str | None = None
    tooltip: str | None = None
    is_deleted: bool = False
    list_id: int = 0
    rank: int = 0


class Tongue(msgspec.Struct, frozen=True, kw_only=True):
    """A language that texts can be answered in; `lcid` is Microsoft's number for it."""

    id: int
    code: str
    code3: str
    lcid: int
    english_name: str
    native_name: str


LIST_ENTITY: Shape = (
    Field("Id", "int32", number("id")),
    Field("Name", "string", number("name")),
    Field("Tooltip", "string", text("tooltip")),
    Field("Deleted", "bool", fixed(False)),
    Field("Rank", "int32", number("id")),
    Field("IsCustomList", "bool", number("is_of_field")),
    Field("IsMDOList", "bool", fixed(False)),
    Field("UseGroupsAndHeadings", "bool", number("has_groups")),
    Field("ListType", "string", number("list_type")),
    Field("InUseByUserDefinedFields", "bool", number("is_of_field")),
    *RIGHTS,
)

LIST_ITEM_ENTITY: Shape = (
    Field("Id", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("Tooltip", "string", text("tooltip")),
    Field("Deleted", "bool", number("is_deleted")),
    Field("UdListDefinitionId", "int32", number("list_id")),
    Field("Rank", "int32", number("rank")),
    *RIGHTS,
)

SO_TASK: Shape = (
    Field("Id", "int32", number("id")),
    Field("Value", "string", text("value")),
    Field("Tooltip", "string", text("tooltip")),
    *RIGHTS,
)

LANGUAGE_INFO: Shape = (
    Field("LanguageInfoId", "int32", number("id")),
    Field("LCID", "int32", number("lcid")),
    Field("EnglishName", "string", number("english_name")),
    Field("NativeName", "string", number("native_name")),
    Field("ThreeLetterISOLanguageName", "string", number("code3")),
    Field("TwoLetterISOLanguageName", "string", number("code")),
    Field("IsBuiltIn", "bool", fixed(True)),
    *RIGHTS,
)

_TONGUES: Final = (
    ("da", "dan", 0x06, "Danish", "dansk"),
    ("de", "deu", 0x07, "German", "Deutsch"),
    ("en", "eng", 0x09, "English", "English"),
    ("es", "spa", 0x0A, "Spanish", "español"),
    ("fi", "fin", 0x0B, "Finnish", "suomi"),
    ("fr", "fra", 0x0C, "French", "français"),
    ("it", "ita", 0x10, "Italian", "italiano"),
    ("ja", "jpn", 0x11, "Japanese", "日本語"),
    ("nl", "nld", 0x13, "Dutch", "Nederlands"),
    ("no", "nor", 0x14, "Norwegian", "norsk"),
    ("sv", "swe", 0x1D, "Swedish", "svenska"),
)
TONGUES: Final = tuple(
    Tongue(id=one, code=code, code3=code3, lcid=lcid, english_name=english, native_name=native)
    for one, (code, code3, lcid, english, native) in enumerate(_TONGUES, start=1)
    if code in KEYS
)

LIST_SHAPES: dict[str, Shape] = {
    "ListEntity": LIST_ENTITY,
    "ListItemEntity": LIST_ITEM_ENTITY,
    "SoTask": SO_TASK,
    "LanguageInfo": LANGUAGE_INFO,
    "TaskListItem": TASK_LIST_ITEM,
    "Priority": PRIORITY,
}
