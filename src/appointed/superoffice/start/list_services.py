"""What can be asked about lists (GET MDOList, GET List; Agents MDO, Agents List)."""

from collections.abc import Iterable
from typing import Any

from appointed.domain.directory import Priority, Task
from appointed.domain.errors import MethodNotAllowed, RecordNotFound
from appointed.superoffice.carriers.list_items import PRIORITY, TASK_LIST_ITEM
from appointed.superoffice.carriers.shape import Json, Shape
from appointed.superoffice.fields.members import FIRST_LIST
from appointed.superoffice.service import Ask
from appointed.superoffice.start.items import MDO_LIST_ITEM, SELECTABLE_MDO_LIST_ITEM
from appointed.superoffice.start.list_entities import (
    LANGUAGE_INFO,
    LIST_ENTITY,
    LIST_ITEM_ENTITY,
    SO_TASK,
    TONGUES,
    ListEntity,
    ListItem,
)
from appointed.superoffice.start.lists import (
    NamedList,
    Wanted,
    list_items,
    list_of,
    lists_of,
    may_read,
    one_item,
    seen_of,
)

# What the list is for, where that is not its own name.
_TYPES = {"contact_new": "contact", "person_new": "person", "project_new": "project", "sale_new": "sale"}
# Lists whose items are list items, and not records that have a carrier of their own.
_PLAIN = frozenset(
    {
        *("task", "priority", "rejectReason", "usergroup"),
        *("country", "projecttype", "projectstatus", "saletype"),
    }
)

# What can be done to items that nobody changes here.
_READ = ("GET", "HEAD")


async def list_names(ask: Ask) -> Json:
    """Names of the lists that there are."""
    return [one.name for one in lists_of(ask.directory)]


async def list_number(ask: Ask) -> Json:
    """The number of a list, 0 for a name that no list has."""
    try:
        return list_of(ask.given.text("Name"), ask.directory).number
    except RecordNotFound:
        return 0


async def rest_items(ask: Ask) -> Json:
    """The items of a list, flat or by their headings; `query` looks for words in their names."""
    return _written(ask, MDO_LIST_ITEM, _rest_wanted(ask), ask.given.text("listname"))


async def rest_selectable(ask: Ask) -> Json:
    """The items of a list as choices of which some may be selected."""
    return _written(ask, SELECTABLE_MDO_LIST_ITEM, _rest_wanted(ask), ask.given.text("listname"))


async def agent_items(ask: Ask) -> Json:
    """The items of a list, those of the history first, or alone."""
    return _written(ask, MDO_LIST_ITEM, _agent_wanted(ask), ask.given.text("Name"))


async def agent_selectable(ask: Ask) -> Json:
    """The items of a list as choices of which some may be selected."""
    return _written(ask, SELECTABLE_MDO_LIST_ITEM, _agent_wanted(ask), ask.given.text("Name"))


async def list_item(ask: Ask) -> Json:
    """One item of a list, null when it has none with this id."""
    return ask.write(MDO_LIST_ITEM, one_item(ask.given.text("ListName"), ask.given.number("Id"), ask.ctx))


def _rest_wanted(ask: Ask) -> Wanted:
    given = ask.given
    return Wanted(
        words=given.text("query", ""), additional=given.text("additional", ""), is_flat=given.flag("flat")
    )


def _agent_wanted(ask: Ask) -> Wanted:
    given = ask.given
    return Wanted(
        words=given.text("SearchValue", ""),
        additional=given.text("AdditionalInfo", ""),
        history=given.numbers("HistoryItems"),
        is_flat=given.flag("ForceFlatList"),
        only_history=given.flag("OnlyHistory"),
    )


def _written(ask: Ask, shape: Shape, wanted: Wanted, name: str) -> Json:
    return [ask.write(shape, item) for item in list_items(name, wanted, ask.ctx)]


# Lists as records.


async def list_entities(ask: Ask) -> Json:
    """The lists that there are, as records."""
    return [ask.write(LIST_ENTITY, _entity(one)) for one in lists_of(ask.directory)]


async def list_entity(ask: Ask) -> Json:
    """One list as a record, by its name or number; 404 when there is none."""
    return ask.write(LIST_ENTITY, _entity(_list_at(ask, ask.given.text("name"))))


async def list_entity_by_id(ask: Ask) -> Json:
    """One list as a record, null when there is none with this number."""
    number = ask.given.number("ListEntityId")
    return ask.write(
        LIST_ENTITY, next((_entity(one) for one in lists_of(ask.directory) if one.number == number), None)
    )


async def list_entity_by_name(ask: Ask) -> Json:
    """One list as a record, null when there is none with this name."""
    name = ask.given.text("Name").lower()
    return ask.write(
        LIST_ENTITY, next((_entity(one) for one in lists_of(ask.directory) if one.name.lower() == name), None)
    )


async def default_list_entity(ask: Ask) -> Json:
    """What a new list would be."""
    return ask.write(LIST_ENTITY, ListEntity())


async def default_list_item(ask: Ask) -> Json:
    """What a new item of a list would be."""
    return ask.write(LIST_ITEM_ENTITY, ListItem())


async def items_of(ask: Ask) -> Json:
    """The items of a list, deleted ones when asked for."""
    return _all(ask, _list_at(ask, ask.given.text("name")))


async def item_of(ask: Ask) -> Json:
    """One item of a list; 404 when it has none with this id."""
    found = _list_at(ask, ask.given.text("name"))
    written = _one(ask, found)
    if written is None:
        raise RecordNotFound(found.name, ask.given.number("id"))
    return written


async def new_item_of(ask: Ask) -> Json:
    """What a new item of a list would be."""
    return ask.write(LIST_ITEM_ENTITY, ListItem(list_id=_list_at(ask, ask.given.text("name")).number))


async def mdo_items_of(ask: Ask) -> Json:
    """The items of a list as choices."""
    found = _list_at(ask, ask.given.text("name"))
    return _written(ask, MDO_LIST_ITEM, _rest_wanted(ask), found.name)


async def all_by_name(ask: Ask) -> Json:
    """The items of the list with this name, deleted ones when asked for."""
    return _all(ask, list_of(ask.given.text("UdListDefinitionName"), ask.directory))


async def all_by_number(ask: Ask) -> Json:
    """The items of the list with this number, deleted ones when asked for."""
    return _all(ask, _list_at(ask, str(ask.given.number("UdListDefinitionId"))))


async def one_by_name(ask: Ask) -> Json:
    """One item of the list with this name, null when it has none with this id."""
    return _one(ask, list_of(ask.given.text("UdListDefinitionName"), ask.directory))


async def one_by_number(ask: Ask) -> Json:
    """One item of the list with this number, null when it has none with this id."""
    return _one(ask, _list_at(ask, str(ask.given.number("UdListDefinitionId"))))


def _entity(found: NamedList) -> ListEntity:
    return ListEntity(
        id=found.number,
        name=found.name,
        tooltip="",
        list_type=_TYPES.get(found.name, found.name),
        has_groups=found.name == "associateheadings",
        is_of_field=found.number > FIRST_LIST,
    )


def _list_at(ask: Ask, text: str) -> NamedList:
    by_number = (one for one in lists_of(ask.directory) if str(one.number) == text.strip())
    return next(by_number, None) or list_of(text, ask.directory)


def demand_choices(ask: Ask, text: str) -> None:
    """Raise MethodNotAllowed for a list whose items are fixed, RecordNotFound for one that has none."""
    found = _list_at(ask, text)
    _demand_items(found)
    if found.number < FIRST_LIST:
        raise MethodNotAllowed(ask.request.method, ask.request.url.path, _READ)


def _demand_items(found: NamedList) -> None:
    if found.name not in _PLAIN and found.number < FIRST_LIST:
        raise RecordNotFound("list", found.name)


def _plain_items(ask: Ask, found: NamedList) -> Iterable[ListItem]:
    _demand_items(found)
    if not may_read(found, ask.ctx):
        return ()
    return (
        ListItem(
            id=item.id,
            name=item.name,
            tooltip=item.tooltip,
            is_deleted=item.is_deleted,
            list_id=found.number,
            rank=item.rank,
        )
        for item in seen_of(found, found.items(ask.directory), ask.ctx)
    )


def _all(ask: Ask, found: NamedList) -> Json:
    with_deleted = ask.given.flag("IncludeDeleted")
    items = (item for item in _plain_items(ask, found) if with_deleted or not item.is_deleted)
    return [ask.write(LIST_ITEM_ENTITY, item) for item in items]


def _one(ask: Ask, found: NamedList) -> Json:
    number = ask.given.number("Id")
    return ask.write(
        LIST_ITEM_ENTITY, next((item for item in _plain_items(ask, found) if item.id == number), None)
    )


# Tasks, priorities and languages.


async def all_tasks(ask: Ask) -> Json:
    """The types of activity, deleted ones when asked for."""
    return _tasks(ask, TASK_LIST_ITEM, with_deleted=ask.given.flag("IncludeDeleted"))


async def task_or_404(ask: Ask) -> Json:
    """One type of activity; 404 when there is none with this id."""
    number = ask.given.number("id")
    found = ask.directory.tasks.get(number)
    if found is None:
        raise RecordNotFound("task", number)
    return ask.write(TASK_LIST_ITEM, found)


async def new_task(ask: Ask) -> Json:
    """What a new type of activity would be."""
    return ask.write(TASK_LIST_ITEM, Task(id=0, value=""))


async def tasks(ask: Ask) -> Json:
    """The types of activity, in short."""
    return _tasks(ask, SO_TASK, with_deleted=False)


async def task(ask: Ask) -> Json:
    """One type of activity in short, null when there is none."""
    return ask.write(SO_TASK, ask.directory.tasks.get(ask.given.number("SoTaskId")))


async def tasks_by_ids(ask: Ask) -> Json:
    """Types of activity by their ids, in short."""
    return _found(ask, SO_TASK, ask.directory.tasks)


async def priorities(ask: Ask) -> Json:
    """The priorities."""
    everyone = (one for one in ask.directory.priorities.values() if not one.is_deleted)
    return [ask.write(PRIORITY, one) for one in sorted(everyone, key=_by_rank)]


async def priority(ask: Ask) -> Json:
    """One priority, null when there is none."""
    return ask.write(PRIORITY, ask.directory.priorities.get(ask.given.number("PriorityId")))


async def priorities_by_ids(ask: Ask) -> Json:
    """Priorities by their ids."""
    return _found(ask, PRIORITY, ask.directory.priorities)


async def languages(ask: Ask) -> Json:
    """The languages that texts can be answered in."""
    return [ask.write(LANGUAGE_INFO, one) for one in TONGUES]


async def language(ask: Ask) -> Json:
    """One of the languages, null when there is none with this id."""
    number = ask.given.number("LanguageInfoId")
    return ask.write(LANGUAGE_INFO, next((one for one in TONGUES if one.id == number), None))


def _tasks(ask: Ask, shape: Shape, *, with_deleted: bool) -> Json:
    everyone = (one for one in ask.directory.tasks.values() if with_deleted or not one.is_deleted)
    return [ask.write(shape, one) for one in sorted(everyone, key=_by_rank)]


def _found(ask: Ask, shape: Shape, records: dict[int, Any]) -> Json:
    return [ask.write(shape, records[one]) for one in ask.given.numbers() if one in records]


def _by_rank(one: Task | Priority) -> tuple[int, int]:
    return one.rank, one.id
