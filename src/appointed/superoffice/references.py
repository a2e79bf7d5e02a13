"""What a reference in a request means: by its id, and by name only when there is no id."""

from collections.abc import Callable
from typing import Any, NamedTuple

from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden
from appointed.domain.record_rules import record_access
from appointed.domain.rights import Access, caller, may_name
from appointed.patching.operations import equal
from appointed.patching.pointer import fold
from appointed.superoffice.carriers import associate, contact, list_items, person, project, sale
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name as person_name
from appointed.superoffice.carriers.shape import Shape
from appointed.superoffice.context import Context
from appointed.superoffice.notes import Notes
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.texts import KEYS as LANGUAGES
from appointed.superoffice.texts import Language, is_localized, localized


class Kind(NamedTuple):
    """One kind of reference: its carrier's key and shape, where the records are, and what names them."""

    carrier: str
    key: str
    records: Callable[[Directory], dict[int, Any]]
    names: dict[str, Callable[[Any], str]]
    shape: Shape


ASSOCIATE = Kind(
    "Associate",
    "AssociateId",
    lambda directory: directory.associates,
    {"Name": lambda who: who.name, "FullName": lambda who: who.full_name},
    associate.ASSOCIATE,
)
CONTACT = Kind(
    "Contact",
    "ContactId",
    lambda directory: directory.contacts,
    {"FullName": company_name, "Name": lambda company: company.name},
    contact.CONTACT,
)
PERSON = Kind(
    "Person",
    "PersonId",
    lambda directory: directory.persons,
    {"FullName": person_name, "Email": lambda p: p.email},
    person.PERSON,
)
PROJECT = Kind(
    "Project",
    "ProjectId",
    lambda directory: directory.projects,
    {"Name": lambda one: one.name},
    project.PROJECT,
)
SALE = Kind(
    "Sale",
    "SaleId",
    lambda directory: directory.sales,
    {"Title": lambda one: one.title},
    sale.SALE,
)
TASK = Kind(
    "TaskListItem",
    "TaskListItemId",
    lambda directory: directory.tasks,
    {"Value": lambda one: one.value},
    list_items.TASK_LIST_ITEM,
)
PRIORITY = Kind(
    "Priority",
    "Id",
    lambda directory: directory.priorities,
    {"Value": lambda one: one.value},
    list_items.PRIORITY,
)

KINDS = (ASSOCIATE, CONTACT, PERSON, PROJECT, SALE, TASK, PRIORITY)
# Of whom and of what guests know nothing but what their appointments show; lists of choices are everybody's.
RECORDS = frozenset({CONTACT.carrier, PERSON.carrier, PROJECT.carrier, SALE.carrier})
KEYS = {kind.carrier: kind.key for kind in KINDS}
BY_CARRIER = {kind.carrier: kind for kind in KINDS}

UNREADABLE = -1


def resolve(kind: Kind, value: Any, before: Any, path: str, ctx: Context, notes: Notes) -> int:
    """Give the id that a reference means, 0 for none; UNREADABLE when it is noted as wrong.

    Who sets nothing but the id to 0 clears the reference: the texts that still stand beside it are stale.
    """
    if value is None:
        return 0
    if not isinstance(value, dict):
        notes.wrong(path, "object", value)
        return UNREADABLE
    members = {fold(name): member for name, member in value.items()}
    given = members.get(fold(kind.key))
    key = 0 if given is None else read_int32(given)
    if key is None or key < 0:
        notes.wrong(f"{path}.{kind.key}", "integer", given)
        return UNREADABLE
    if key == 0:
        is_cleared = isinstance(before, dict) and equal((), value, before | {kind.key: given})
        return 0 if is_cleared else _by_name(kind, members, path, ctx, notes)
    stands = isinstance(before, dict) and before.get(kind.key) == key
    if not stands and not is_there(kind, key, path, ctx):
        notes.wrong(f"{path}.{kind.key}", "exists", given)
        return UNREADABLE
    return key


def is_there(kind: Kind, key: int, path: str, ctx: Context) -> bool:
    """Tell whether a record that the caller names in a member is there.

    Raises Forbidden for whoever may not know of it, whether or not it is (ADR 0229).
    """
    if not _may_know(kind, key, ctx):
        raise Forbidden(members=(path,))
    return key in kind.records(ctx.directory)


def _may_know(kind: Kind, key: int, ctx: Context) -> bool:
    if kind is ASSOCIATE:
        return may_name(ctx.principal, key, ctx.directory)
    if kind.carrier not in RECORDS or record_access(ctx.principal, ctx.directory) >= Access.READ:
        return True
    # Guests know of themselves.
    me = ctx.directory.persons.get(caller(ctx.principal, ctx.directory).person_id)
    return me is not None and (kind.carrier, key) in (("Person", me.id), ("Contact", me.contact_id))


def _by_name(kind: Kind, members: dict[str, Any], path: str, ctx: Context, notes: Notes) -> int:
    for member in kind.names:
        name = members.get(fold(member))
        if not name:
            continue
        if not isinstance(name, str):
            notes.wrong(f"{path}.{member}", "string", name)
            return UNREADABLE
        found = _index(kind, member, ctx.directory).get(name.strip().casefold(), ())
        if len(found) == 1 and is_there(kind, found[0], path, ctx):
            return found[0]
        # None, or too many of them: whoever may not know is told neither.
        is_there(kind, UNREADABLE, path, ctx)
        notes.wrong(f"{path}.{member}", "unique" if found else "exists", name)
        return UNREADABLE
    if members and fold(kind.key) not in members:
        notes.wrong(f"{path}.{kind.key}", "required")
        return UNREADABLE
    return 0


def _index(kind: Kind, member: str, directory: Directory) -> dict[str, tuple[int, ...]]:
    memo = ("superoffice names", kind.carrier, member)
    index: dict[str, tuple[int, ...]] | None = directory.memo.get(memo)
    if index is None:
        index = {}
        for key, record in kind.records(directory).items():
            if getattr(record, "is_deleted", False):
                continue
            for spelling in _spellings(kind.names[member](record)):
                # Two tell as well as thousands that the name is not one's own.
                index[spelling] = (*index.get(spelling, ())[:1], key)
        directory.memo[memo] = index
    return index


def _spellings(text: str) -> set[str]:
    """List a text in every language it has, and as it stands."""
    if not is_localized(text):
        return {text.casefold()}
    return {text.casefold()} | {localized(text, Language((code,))).casefold() for code in LANGUAGES}
