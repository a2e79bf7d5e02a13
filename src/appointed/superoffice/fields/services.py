"""What can be asked and told about user-defined fields (Appointment/UdefLayout, Appointment/CustomField)."""

from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType, Directory
from appointed.domain.errors import InvalidRequest, Problem, RecordNotFound, invalid
from appointed.domain.field_layout import (
    MOST_FIELDS,
    Layout,
    changes,
    drafted,
    drafts,
    dropped,
    edited,
    find_field,
    moves_values,
    new_field,
    place_of,
    published,
    retyped,
    reverted,
)
from appointed.superoffice.carriers.encoded import decode
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.context import Context
from appointed.superoffice.fields.field_info import FIELD_INFO_BASE, field_infos
from appointed.superoffice.fields.members import FIELD, TYPES, USER_DEFINED_FIELD_INFO
from appointed.superoffice.given import Given, fold
from appointed.superoffice.service import Ask
from appointed.usecases.change_field_layout import Step, change_field_layout, layout_of

DOOR: Final = "superoffice"
THING: Final = "user-defined field"
LONGEST_REF: Final = 100
_NO_TYPE: Final = ""


async def custom_fields(ask: Ask) -> Json:
    """The fields beside the standard members: published user-defined ones, and the x_ fields."""
    return [ask.write(FIELD_INFO_BASE, info) for info in field_infos(ask.directory)]


async def custom_field(ask: Ask) -> Json:
    """One field beside the standard members, by its progId or name."""
    name = ask.given.text("fieldName")
    found = next((info for info in field_infos(ask.directory) if fold(info.name) == fold(name)), None)
    if found is None:
        raise _missing(name)
    return ask.write(FIELD_INFO_BASE, found)


async def layout(ask: Ask) -> Json:
    """The user-defined fields as they are worked on."""
    return _all(ask, drafts(layout_of(ask.directory)))


async def published_layout(ask: Ask) -> Json:
    """The user-defined fields as they are published."""
    return _all(ask, published_fields(ask.directory))


async def field(ask: Ask) -> Json:
    """A user-defined field as it is worked on, by its id, progId or label."""
    return ask.write(USER_DEFINED_FIELD_INFO, _drafted_at(layout_of(ask.directory), _ref(ask)))


async def published_field(ask: Ask) -> Json:
    """A user-defined field as it is published, by its id, progId or label."""
    return ask.write(USER_DEFINED_FIELD_INFO, _found(published_fields(ask.directory), _ref(ask)))


async def add_field(ask: Ask) -> Json:
    """Add a user-defined field of a type to what is worked on."""
    return await added(ask, TYPES[ask.given.choice("udefFieldType", "UDefFieldType", _NO_TYPE)])


async def save_layout(ask: Ask) -> Json:
    """Change user-defined fields in what is worked on, and add those that are new; others stay."""
    directory, _ids = await saved(ask, ask.given.some(""))
    return _all(ask, drafts(layout_of(directory)))


async def drop_field(ask: Ask) -> None:
    """Delete a user-defined field from what is worked on."""
    ref = _ref(ask)
    await change(ask, lambda stands, _number: dropped(stands, _drafted_at(stands, ref).id))


async def change_type(ask: Ask) -> Json:
    """Give a user-defined field another type in what is worked on."""
    ref, is_indexed = _ref(ask), ask.given.flag("isIndexed")
    kind = TYPES[ask.given.choice("fieldType", "UDefFieldType", _NO_TYPE)]
    changed = 0

    def step(stands: Layout, _number: int) -> Layout:
        nonlocal changed
        found = _drafted_at(stands, ref)
        changed = found.id
        return edited(stands, replace(retyped(found, kind), is_indexed=is_indexed))

    return _one(ask, await change(ask, step), changed)


async def has_changes(ask: Ask) -> Json:
    """Whether there is anything to publish, or anything that concerns values and not looks alone."""
    return is_changed(ask, columns_only=ask.given.flag("columnChangesOnly"))


async def none(_ask: Ask) -> Json:
    """The user-defined fields of such a record: there are none."""
    return []


async def no_changes(_ask: Ask) -> Json:
    """Whether there is anything to publish: never, since such a record has no user-defined fields."""
    return False


async def is_publishing(_ask: Ask) -> Json:
    """Whether publishing is under way: never, since it is one step."""
    return False


async def publish(ask: Ask) -> Json:
    """Publish what was worked on, and tell how many fields that changed."""
    count = 0

    def step(stands: Layout, _number: int) -> Layout:
        nonlocal count
        count = len(changes(stands))
        return published(stands)

    await change(ask, step)
    return count


async def revert(ask: Ask) -> None:
    """Forget what was worked on since the last publishing."""
    await change(ask, lambda stands, _number: reverted(stands))


async def change(ask: Ask, step: Step) -> Directory:
    """Take one step of work on the layout, as the caller; see `change_field_layout`."""
    return await change_field_layout(ask.door.store, ask.ctx.principal, DOOR, step)


async def added(ask: Ask, kind: CustomFieldType) -> Json:
    """Add a field of a type to what is worked on, and write it."""
    made = 0

    def step(stands: Layout, number: int) -> Layout:
        nonlocal made
        made = number
        return edited(stands, new_field(number, kind))

    return _one(ask, await change(ask, step), made)


async def saved(ask: Ask, sent: tuple[Given, ...]) -> tuple[Directory, list[int]]:
    """Lay what a client sent over the fields it names, and give what stands then, and the fields' ids.

    Raises InvalidRequest for no fields or too many.
    """
    if not sent or len(sent) > MOST_FIELDS:
        raise InvalidRequest(f"An array of 1 to {MOST_FIELDS} fields is needed.")
    ids: list[int] = []
    return await change(ask, saving(sent, ask.ctx, ids)), ids


def is_changed(ask: Ask, *, columns_only: bool) -> bool:
    """Tell whether there is anything to publish, or anything that concerns values and not looks alone."""
    found = changes(layout_of(ask.directory))
    return any(moves_values(one) for one in found) if columns_only else bool(found)


def saving(sent: tuple[Given, ...], ctx: Context, ids: list[int]) -> Step:
    """Make the step that lays what a client sent over the fields it names; `ids` are then theirs."""

    def step(stands: Layout, number: int) -> Layout:
        ids.clear()
        for one in sent:
            before = _named(stands, number, one)
            after = FIELD.part(one.body)(before, ctx).row
            _demand_default(after)
            stands = edited(stands, after)
            ids.append(after.id)
            number += before.id == number
        return stands

    return step


def published_fields(directory: Directory) -> tuple[CustomField, ...]:
    """List the published fields in their order."""
    return tuple(sorted(directory.custom_fields.values(), key=place_of))


def field_at(stands: Layout, number: int) -> CustomField:
    """Find a field as it is worked on by its id; raises RecordNotFound."""
    found = next((one for one in drafts(stands) if one.id == number), None)
    if found is None:
        raise _missing(str(number))
    return found


def _named(stands: Layout, number: int, sent: Given) -> CustomField:
    """Find the field that a client means: by id, else by progId; one without either is new."""
    known = drafts(stands)
    wanted, name = sent.number("UDefFieldId", 0), sent.text("ProgId", "")
    if wanted:
        return field_at(stands, wanted)
    found = next((one for one in known if name and fold(one.prog_id) == fold(name)), None)
    if found is not None:
        return found
    return new_field(number, TYPES[sent.choice("FieldType", "UDefFieldType", _NO_TYPE)])


def _demand_default(after: CustomField) -> None:
    try:
        decode(after, after.default)
    except ValueError:
        raise invalid([Problem("field.default", after.type.value, after.default)]) from None


def _all(ask: Ask, fields: tuple[CustomField, ...]) -> Json:
    return [ask.write(USER_DEFINED_FIELD_INFO, one) for one in fields]


def _one(ask: Ask, directory: Directory, number: int) -> Json:
    return ask.write(USER_DEFINED_FIELD_INFO, drafted(layout_of(directory)[number]))


def _ref(ask: Ask) -> str:
    return ask.given.text("progidOrLabel")


def _drafted_at(stands: Layout, ref: str) -> CustomField:
    return _found(drafts(stands), ref)


def _found(fields: tuple[CustomField, ...], ref: str) -> CustomField:
    found = find_field(fields, ref)
    if found is None:
        raise _missing(ref)
    return found


def _missing(ref: str) -> RecordNotFound:
    return RecordNotFound(THING, ref[:LONGEST_REF])
