"""The agent UserDefinedFieldInfo: the same work on fields, by the methods that the official client calls.

Appointments alone have user-defined fields here: of other owners there are none, and none can be made.
"""

from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType
from appointed.domain.errors import InvalidRequest
from appointed.domain.field_layout import (
    Layout,
    drafted,
    drafts,
    dropped,
    edited,
    new_field,
    retyped,
)
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.fields import services
from appointed.superoffice.fields.field_info import FIELD_INFO_BASE, field_infos
from appointed.superoffice.fields.members import CARRIER, OWNER, TYPES, USER_DEFINED_FIELD_INFO
from appointed.superoffice.given import fold
from appointed.superoffice.service import Ask, Service
from appointed.usecases.change_field_layout import layout_of

_TABLE: Final = "appointment"
_NO_TYPE: Final = ""


async def default(ask: Ask) -> Json:
    """What a new user-defined field would be."""
    return _written(ask, replace(new_field(0, CustomFieldType.SHORT_TEXT), prog_id="", label=""))


async def get(ask: Ask) -> Json:
    """A user-defined field as it is worked on, null when there is none with this id."""
    number = ask.given.number("UserDefinedFieldInfoId")
    return _written(ask, next((one for one in _drafts(ask) if one.id == number), None))


async def listed(ask: Ask) -> Json:
    """The user-defined fields of an owner as they are worked on."""
    return await services.layout(ask) if _is_ours(ask) else []


async def listed_published(ask: Ask) -> Json:
    """The user-defined fields of an owner as they are published."""
    return await services.published_layout(ask) if _is_ours(ask) else []


async def by_label(ask: Ask) -> Json:
    """A user-defined field as it is worked on, by its label; null when there is none."""
    return _with_label(ask, _drafts(ask))


async def published_by_label(ask: Ask) -> Json:
    """A user-defined field as it is published, by its label; null when there is none."""
    return _with_label(ask, services.published_fields(ask.directory))


async def by_name(ask: Ask) -> Json:
    """A user-defined field as it is worked on, by its progId; null when there is none."""
    return _with_name(ask, _drafts(ask))


async def published_by_name(ask: Ask) -> Json:
    """A user-defined field as it is published, by its progId; null when there is none."""
    return _with_name(ask, services.published_fields(ask.directory))


async def by_ids(ask: Ask) -> Json:
    """User-defined fields as they are worked on, by their ids."""
    wanted = ask.given.numbers("Ids")
    return [_written(ask, one) for one in _drafts(ask) if one.id in wanted]


async def by_names(ask: Ask) -> Json:
    """User-defined fields as they are worked on, by their progIds."""
    wanted = {fold(name) for name in ask.given.texts("ProgIds")} if _is_ours(ask) else set()
    return [_written(ask, one) for one in _drafts(ask) if fold(one.prog_id) in wanted]


async def create(ask: Ask) -> Json:
    """Add a user-defined field of a type to what is worked on."""
    _demand_ours(ask)
    return await services.added(ask, TYPES[ask.given.choice("FieldType", "UDefFieldType", _NO_TYPE)])


async def save(ask: Ask) -> Json:
    """Save a user-defined field in what is worked on; one without an id is new."""
    directory, (number,) = await services.saved(ask, (ask.given.carrier(),))
    return _written(ask, drafted(layout_of(directory)[number]))


async def save_several(ask: Ask) -> None:
    """Save user-defined fields in what is worked on, all or none."""
    await services.saved(ask, ask.given.carriers("Infos"))


async def delete(ask: Ask) -> None:
    """Delete a user-defined field from what is worked on."""
    number = ask.given.number("UserDefinedFieldInfoId")
    await services.change(ask, lambda layout, _next: dropped(layout, services.field_at(layout, number).id))


async def change_type(ask: Ask) -> Json:
    """Give a user-defined field another type in what is worked on."""
    number = ask.given.carrier("Info").number("UDefFieldId")
    kind = TYPES[ask.given.choice("FieldType", "UDefFieldType", _NO_TYPE)]
    is_indexed = ask.given.flag("IsIndexed")

    def step(layout: Layout, _next: int) -> Layout:
        return edited(
            layout, replace(retyped(services.field_at(layout, number), kind), is_indexed=is_indexed)
        )

    return _written(ask, drafted(layout_of(await services.change(ask, step))[number]))


async def rank(ask: Ask) -> None:
    """Set the order of user-defined fields: those that are named come first, as they are named."""
    _demand_ours(ask)
    wanted = ask.given.numbers("RankedFieldsIds")

    def step(layout: Layout, _next: int) -> Layout:
        fields = {one.id: one for one in drafts(layout)}
        order = [*dict.fromkeys(number for number in wanted if number in fields)]
        order += [number for number in fields if number not in order]
        for place, number in enumerate(order, start=1):
            layout = edited(layout, replace(fields[number], rank=place))
        return layout

    await services.change(ask, step)


async def publish(ask: Ask) -> Json:
    """Publish what was worked on, and tell how many fields that changed."""
    _demand_ours(ask)
    return await services.publish(ask)


async def revert(ask: Ask) -> None:
    """Forget what was worked on since the last publishing."""
    _demand_ours(ask)
    await services.revert(ask)


async def has_changes(ask: Ask) -> Json:
    """Whether there is anything to publish."""
    return _is_ours(ask) and services.is_changed(ask, columns_only=False)


async def has_column_changes(ask: Ask) -> Json:
    """Whether publishing concerns values and not looks alone."""
    return _is_ours(ask) and services.is_changed(ask, columns_only=True)


async def infos(ask: Ask) -> Json:
    """The fields of a table beside the standard members: published user-defined ones, and the x_ fields."""
    return await services.custom_fields(ask) if fold(ask.given.text("TableName")) == _TABLE else []


async def info(ask: Ask) -> Json:
    """One field of a table beside the standard members; null when there is none."""
    is_ours, name = fold(ask.given.text("TableName")) == _TABLE, fold(ask.given.text("FieldName"))
    found = (one for one in field_infos(ask.directory) if is_ours and fold(one.name) == name)
    return ask.write(FIELD_INFO_BASE, next(found, None))


def _is_ours(ask: Ask) -> bool:
    return ask.given.choice("OwnerType", "UDefType", _NO_TYPE) == OWNER


def _demand_ours(ask: Ask) -> None:
    if not _is_ours(ask):
        raise InvalidRequest("OwnerType: only appointments have user-defined fields here.")


def _drafts(ask: Ask) -> tuple[CustomField, ...]:
    return drafts(layout_of(ask.directory))


def _with_label(ask: Ask, fields: tuple[CustomField, ...]) -> Json:
    label = ask.given.text("FieldLabel")
    found = (one for one in fields if label in (one.label, ask.ctx.text(one.label)))
    return _written(ask, next(found, None) if _is_ours(ask) else None)


def _with_name(ask: Ask, fields: tuple[CustomField, ...]) -> Json:
    name = fold(ask.given.text("ProgId"))
    found = (one for one in fields if fold(one.prog_id) == name)
    return _written(ask, next(found, None) if _is_ours(ask) else None)


def _written(ask: Ask, field: CustomField | None) -> Json:
    return ask.write(USER_DEFINED_FIELD_INFO, field)


_ALL, _OWNER = f"{CARRIER}[]", "OwnerType:enum:UDefType"
_ID: Final = "UserDefinedFieldInfoId:int32"
_LABEL, _NAME = f"FieldLabel:string {_OWNER}", f"ProgId:string {_OWNER}"

FIELD_METHODS: Final[dict[str, Service]] = {
    "CreateDefaultUserDefinedFieldInfo": Service(default, CARRIER),
    "GetUserDefinedFieldInfo": Service(get, CARRIER, query=_ID),
    "GetUserDefinedFieldList": Service(listed, _ALL, body=_OWNER),
    "GetPublishedUserDefinedFieldList": Service(listed_published, _ALL, body=_OWNER),
    "GetUserDefinedFieldFromFieldLabel": Service(by_label, CARRIER, body=_LABEL),
    "GetPublishedUserDefinedFieldFromFieldLabel": Service(published_by_label, CARRIER, body=_LABEL),
    "GetUserDefinedFieldFromProgId": Service(by_name, CARRIER, body=_NAME),
    "GetPublishedUserDefinedFieldFromProgId": Service(published_by_name, CARRIER, body=_NAME),
    "GetUserDefinedFieldFromIds": Service(by_ids, _ALL, body="Ids:int32[]"),
    "GetUserDefinedFieldFromProgIds": Service(by_names, _ALL, body=f"ProgIds:string[] {_OWNER}"),
    "CreateUserDefinedFieldInfo": Service(create, CARRIER, body=f"{_OWNER} FieldType:enum:UDefFieldType"),
    "SaveUserDefinedFieldInfo": Service(save, CARRIER, raw=CARRIER),
    "SaveUserDefinedFieldInfos": Service(save_several, body=f"Infos:{_ALL}"),
    "DeleteUserDefinedFieldInfo": Service(delete, query=_ID),
    "ChangeFieldType": Service(
        change_type, CARRIER, body=f"Info:{CARRIER} FieldType:enum:UDefFieldType IsIndexed:bool"
    ),
    "SetRankOnFields": Service(rank, body=f"{_OWNER} RankedFieldsIds:int32[]"),
    "Publish": Service(publish, "int32", body=_OWNER),
    "Revert": Service(revert, body=_OWNER),
    "DetectUnpublishedChanges": Service(has_changes, "bool", body=_OWNER),
    "DetectColumnIdChanges": Service(has_column_changes, "bool", body=_OWNER),
    "IsPublishEventActive": Service(services.is_publishing, "bool", body="Type:enum:UDefType"),
    "IsAnyPublishEventActive": Service(services.is_publishing, "bool"),
    "GetCustomFieldInfoList": Service(infos, "FieldInfoBase[]", body="TableName:string IncludeStandard:bool"),
    "GetCustomFieldInfo": Service(info, "FieldInfoBase", body="TableName:string FieldName:string"),
}
