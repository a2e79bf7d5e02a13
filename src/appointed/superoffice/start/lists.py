"""The named lists of choices (GET MDOList/{listname}): one table, list → where its items come from."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType, CustomField, Directory
from appointed.domain.errors import RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.record_rules import record_access
from appointed.domain.rights import Access, may_see_department, may_see_user
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.context import Context
from appointed.superoffice.countries import country_in
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.fields.members import list_name, list_number
from appointed.superoffice.given import fold
from appointed.superoffice.listed_names import LISTED, Listed, names_by_id
from appointed.superoffice.start.items import Item
from appointed.superoffice.start.reject_reasons import REJECT_REASONS

# A list that goes on is searched, not read to its end.
LONGEST: Final = 1_000

Items = Callable[[Directory], Iterable[Item]]
# An item as far as the caller may know of it; None for what they may not.
Seen = Callable[[Item, Principal, Directory], Item | None]

_COLORS: Final = ENUMS["ColorIndex"].numbers
# Nobody is invited or asked on behalf of these: clients of the interface, and callers without a name.
_UNSEEN: Final = frozenset({AssociateType.SYSTEM, AssociateType.ANONYMOUS})
_RESTRICTION = re.compile(r"\s*([A-Za-z_]{1,40})\s*=\s*([0-9]{1,10}(?:\s*,\s*[0-9]{1,10}){0,200})\s*")


class NamedList(NamedTuple):
    """A list: its name, its number among the lists, and its items.

    Lists of records have no order of their own, and nothing for those who may not read records. `seen` keeps
    what a caller may know of; without it that is all.
    """

    name: str
    number: int
    items: Items
    has_records: bool = False
    seen: Seen | None = None


def _associate(who: Associate, directory: Directory) -> Item:
    person = directory.persons.get(who.person_id)
    return Item(
        id=who.id,
        name=who.full_name,
        tooltip=who.tooltip,
        rank=who.rank,
        type="associate",
        extra=f"person_id={who.person_id}&contact_id={person.contact_id if person else 0}",
        is_deleted=who.is_deleted,
        keys={"associate_id": who.id, "group_id": who.group_id, "person_id": who.person_id},
    )


def _associates(directory: Directory) -> Iterable[Item]:
    seen = (who for who in directory.associates.values() if who.type not in _UNSEEN)
    return (_associate(who, directory) for who in seen)


def _resources(directory: Directory) -> Iterable[Item]:
    rooms = (who for who in directory.associates.values() if who.type is AssociateType.RESOURCE)
    return (_associate(who, directory) for who in rooms)


def _user_groups(directory: Directory) -> Iterable[Item]:
    return (
        Item(id=group.id, name=group.name, type="usergroup", keys={"group_id": group.id})
        for group in directory.departments.values()
    )


def _associates_by_group(directory: Directory) -> Iterable[Item]:
    everyone = sorted(_associates(directory), key=_by_rank)
    for group in _user_groups(directory):
        members = tuple(
            item for item in everyone if item.keys["group_id"] == group.id and not item.is_deleted
        )
        yield Item(id=group.id, name=group.name, type="heading", keys=group.keys, children=members)


def _user_seen(item: Item, principal: Principal, directory: Directory) -> Item | None:
    return item if may_see_user(principal, directory.associates[item.id], directory) else None


def _group_seen(item: Item, principal: Principal, directory: Directory) -> Item | None:
    if not may_see_department(principal, item.id, directory):
        return None
    members = tuple(one for one in item.children if _user_seen(one, principal, directory))
    return replace(item, children=members) if len(members) < len(item.children) else item


def _tasks(directory: Directory) -> Iterable[Item]:
    return (
        Item(
            id=task.id,
            name=task.value,
            tooltip=task.tooltip,
            rank=task.rank,
            type="task",
            color=_COLORS[task.color_index],
            is_deleted=task.is_deleted,
        )
        for task in directory.tasks.values()
    )


def _priorities(directory: Directory) -> Iterable[Item]:
    return (
        Item(
            id=one.id,
            name=one.value,
            tooltip=one.tooltip,
            rank=one.rank,
            type="priority",
            is_deleted=one.is_deleted,
        )
        for one in directory.priorities.values()
    )


def _contacts(directory: Directory) -> Iterable[Item]:
    return (
        Item(
            id=contact.id,
            name=company_name(contact),
            type="Contact",
            extra=str(contact.id),
            keys={"contact_id": contact.id, "associate_id": contact.associate_id},
        )
        for contact in directory.contacts.values()
    )


def _persons(directory: Directory) -> Iterable[Item]:
    for person in directory.persons.values():
        company = company_name(directory.contacts.get(person.contact_id))
        name = full_name(person)
        yield Item(
            id=person.id,
            name=name,
            full_name=f"{name} ({company})" if company else name,
            rank=person.rank,
            type="Person",
            keys={"person_id": person.id, "contact_id": person.contact_id},
        )


def _projects(directory: Directory) -> Iterable[Item]:
    return (
        Item(
            id=project.id,
            name=project.name,
            tooltip=project.description,
            type="Project",
            keys={"project_id": project.id, "associate_id": project.associate_id},
        )
        for project in directory.projects.values()
    )


def _sales(directory: Directory) -> Iterable[Item]:
    for sale in directory.sales.values():
        company = company_name(directory.contacts.get(sale.contact_id))
        yield Item(
            id=sale.id,
            name=f"{sale.title} ({company})" if company else sale.title,
            type="Sale",
            extra=sale.title,
            keys={
                "sale_id": sale.id,
                "contact_id": sale.contact_id,
                "person_id": sale.person_id,
                "project_id": sale.project_id,
                "associate_id": sale.associate_id,
            },
        )


def _listed(name: str, listed: Listed) -> Items:
    def items(directory: Directory) -> Iterable[Item]:
        return (Item(id=key, name=text, type=name) for key, text in names_by_id(listed, directory).items())

    return items


LISTS: Final = (
    NamedList("associate", 1, _associates, seen=_user_seen),
    NamedList("associateheadings", 2, _associates_by_group, seen=_group_seen),
    NamedList("resource", 3, _resources, seen=_user_seen),
    NamedList("usergroup", 4, _user_groups, seen=_group_seen),
    NamedList("task", 5, _tasks),
    NamedList("priority", 6, _priorities),
    NamedList("rejectReason", 7, lambda _directory: REJECT_REASONS),
    NamedList("contact", 8, _contacts, has_records=True),
    NamedList("contact_new", 9, _contacts, has_records=True),
    NamedList("person", 10, _persons, has_records=True),
    NamedList("person_new", 11, _persons, has_records=True),
    NamedList("project", 12, _projects, has_records=True),
    NamedList("project_new", 13, _projects, has_records=True),
    NamedList("sale", 14, _sales, has_records=True),
    NamedList("sale_new", 15, _sales, has_records=True),
    *(
        NamedList(name, number, _listed(name, listed), has_records=True)
        for number, (name, listed) in enumerate(LISTED.items(), start=16)
    ),
)
COUNTRIES: Final = "country"
_BY_NAME: Final = {fold(one.name): one for one in LISTS}


def _choices(field: CustomField, _directory: Directory) -> tuple[Item, ...]:
    return tuple(
        Item(
            id=item.id,
            name=item.name,
            tooltip=item.tooltip,
            rank=rank,
            type=list_name(field),
            is_deleted=item.is_deleted,
        )
        for rank, item in enumerate(field.items, start=1)
    )


def lists_of(directory: Directory) -> tuple[NamedList, ...]:
    """Give all lists: the server's own, and those that user-defined fields choose from."""
    fields = (one for one in directory.records("custom_field").values() if list_number(one))
    return LISTS + tuple(
        NamedList(list_name(one), list_number(one), partial(_choices, one)) for one in fields
    )


class Wanted(NamedTuple):
    """Which items of a list are wanted.

    `words` must all be part of a name, `additional` restricts to records ("contact_id=5,4"), `history` are
    ids that come first, deleted ones included, or alone.
    """

    words: str = ""
    additional: str = ""
    history: tuple[int, ...] = ()
    is_flat: bool = False
    only_history: bool = False


def list_of(name: str, directory: Directory) -> NamedList:
    """Find a list by its name in any case; raises RecordNotFound."""
    found = _BY_NAME.get(fold(name)) or next(
        (one for one in lists_of(directory) if one.name == fold(name)), None
    )
    if found is None:
        raise RecordNotFound("list", name)
    return found


def list_items(name: str, wanted: Wanted, ctx: Context) -> list[Item]:
    """Give the wanted items of a list in order, at most LONGEST; raises RecordNotFound."""
    items = list(_readable(name, ctx))
    if wanted.is_flat or wanted.words:
        items = [inner for item in items for inner in (item.children or (item,))]
    items = _restricted(items, wanted.additional)
    history = frozenset(wanted.history)
    remembered = [item for item in items if item.id in history]
    if wanted.only_history:
        return remembered
    words = wanted.words.casefold().split()
    others = (item for item in items if not item.is_deleted and item.id not in history)
    found = (item for item in others if _has_words(item, words, ctx))
    return [*remembered, *islice(found, LONGEST - len(remembered))]


def may_read(found: NamedList, ctx: Context) -> bool:
    """Tell whether the caller may read a list at all: what comes out of records is not for guests."""
    return not found.has_records or record_access(ctx.principal, ctx.directory) >= Access.READ


def _readable(name: str, ctx: Context) -> tuple[Item, ...]:
    found = list_of(name, ctx.directory)
    if not may_read(found, ctx):
        return ()
    return tuple(seen_of(found, _ordered(found, ctx.directory), ctx))


def seen_of(found: NamedList, items: Iterable[Item], ctx: Context) -> Iterable[Item]:
    """Give those of a list's items that the caller may know of, as far as they may."""
    if found.name == COUNTRIES and ctx.language is not None:
        said = (replace(item, name=country_in(item.id, item.name, ctx.language)) for item in items)
        return sorted(said, key=_by_name)
    if found.seen is None:
        return items
    seen = (found.seen(item, ctx.principal, ctx.directory) for item in items)
    return (item for item in seen if item)


def _ordered(found: NamedList, directory: Directory) -> tuple[Item, ...]:
    # Made once per revision of the directory; the list of all companies may be long.
    key = ("list", found.name)
    items: tuple[Item, ...] | None = directory.memo.get(key)
    if items is None:
        order = _by_name if found.has_records else _by_rank
        items = directory.memo[key] = tuple(sorted(found.items(directory), key=order))
    return items


def one_item(name: str, item_id: int, ctx: Context) -> Item | None:
    """Find an item of a list by its id, also a deleted one; raises RecordNotFound for an unknown list."""
    return next((item for item in _readable(name, ctx) if item.id == item_id), None)


def _restricted(items: list[Item], additional: str) -> list[Item]:
    for piece in re.split("[&;]", additional):
        restriction = _RESTRICTION.fullmatch(piece)
        if restriction:
            key, wanted = restriction[1].lower(), {int(text) for text in restriction[2].split(",")}
            items = [item for item in items if key not in item.keys or item.keys[key] in wanted]
    return items


def _has_words(item: Item, words: list[str], ctx: Context) -> bool:
    if not words:
        return True
    name = ctx.text(item.full_name or item.name).casefold()
    return all(word in name for word in words)


def _by_rank(item: Item) -> tuple[int, str, int]:
    return item.rank, item.name.casefold(), item.id


def _by_name(item: Item) -> tuple[int, str, int]:
    return 0, item.name.casefold(), item.id
