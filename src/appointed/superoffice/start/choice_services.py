"""What can be told about the choices of a list field (POST List/{name}/Items; PUT and DELETE of one).

They count at once. The lists that the server has of its own are kept elsewhere.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import CustomField, ListItem
from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.domain.field_layout import MOST_CHOICES, Layout, with_choices
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.fields.members import list_name, list_number
from appointed.superoffice.given import fold
from appointed.superoffice.service import Ask
from appointed.superoffice.start import list_entities as entities
from appointed.superoffice.start.list_services import demand_choices
from appointed.usecases.change_field_layout import Step, change_field_layout, layout_of

DOOR: Final = "superoffice"
LONGEST_NAME: Final = 254


async def add(ask: Ask) -> Json:
    """Add an item to the list of a user-defined field."""
    demand_choices(ask, ask.given.text("name"))
    name, tooltip = _texts(ask)
    added = 0

    def step(layout: Layout, _number: int) -> Layout:
        nonlocal added
        field = _field_at(layout, ask.given.text("name"))
        added = max((item.id for item in field.items), default=0) + 1
        if added > MOST_CHOICES:
            raise InvalidRequest(f"A list has {MOST_CHOICES} items at most.")
        return with_choices(layout, field.id, (*field.items, ListItem(added, name, tooltip)))

    return await _changed(ask, step, lambda: added)


async def save(ask: Ask) -> Json:
    """Change an item of the list of a user-defined field."""
    demand_choices(ask, ask.given.text("name"))
    name, tooltip = _texts(ask)
    number = ask.given.number("id")

    def step(layout: Layout, _number: int) -> Layout:
        field = _field_at(layout, ask.given.text("name"))
        wanted = replace(_item_at(field, number), name=name, tooltip=tooltip)
        return _with(layout, field, wanted)

    return await _changed(ask, step, lambda: number)


async def drop(ask: Ask) -> None:
    """Delete an item of the list of a user-defined field; it stays where it was chosen."""
    demand_choices(ask, ask.given.text("name"))
    number = ask.given.number("id")

    def step(layout: Layout, _number: int) -> Layout:
        field = _field_at(layout, ask.given.text("name"))
        return _with(layout, field, replace(_item_at(field, number), is_deleted=True))

    await change_field_layout(ask.door.store, ask.ctx.principal, DOOR, step)


async def _changed(ask: Ask, step: Step, number: Callable[[], int]) -> Json:
    directory = await change_field_layout(ask.door.store, ask.ctx.principal, DOOR, step)
    field = _field_at(layout_of(directory), ask.given.text("name"))
    item = _item_at(field, number())
    shown = entities.ListItem(
        id=item.id,
        name=item.name,
        tooltip=item.tooltip,
        is_deleted=item.is_deleted,
        list_id=list_number(field),
        rank=field.items.index(item) + 1,
    )
    return ask.write(entities.LIST_ITEM_ENTITY, shown)


def _texts(ask: Ask) -> tuple[str, str]:
    sent = ask.given.carrier()
    name, tooltip = sent.text("Name").strip(), sent.text("Tooltip", "")
    if not 0 < len(name) <= LONGEST_NAME or len(tooltip) > LONGEST_NAME:
        raise InvalidRequest(f"A Name of 1 to {LONGEST_NAME} characters is needed; a Tooltip is no longer.")
    return name, tooltip


def _field_at(layout: Layout, text: str) -> CustomField:
    wanted = fold(text.strip())
    fields = (one for one in layout.values() if list_number(one))
    found = next((one for one in fields if wanted in (list_name(one), str(list_number(one)))), None)
    if found is None:
        raise RecordNotFound("list", text[:LONGEST_NAME])
    return found


def _item_at(field: CustomField, number: int) -> ListItem:
    found = next((item for item in field.items if item.id == number), None)
    if found is None:
        raise RecordNotFound(list_name(field), number)
    return found


def _with(layout: Layout, field: CustomField, wanted: ListItem) -> Layout:
    items = tuple(wanted if item.id == wanted.id else item for item in field.items)
    return with_choices(layout, field.id, items)
