"""Lists of contacts, persons, projects and sales, out of the tenant's snapshot (FindContact and its like)."""

from operator import attrgetter
from typing import Any, NamedTuple

from msgspec.structs import replace

from appointed.domain.errors import Forbidden
from appointed.domain.record_rules import record_access
from appointed.domain.rights import OUTSIDERS, Access
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.columns import Column
from appointed.superoffice.archive.filtering import tester
from appointed.superoffice.archive.listing import (
    Listing,
    counted,
    hides_rows,
    is_asked_for,
    order_key,
    selected,
)
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.options import Options
from appointed.superoffice.archive.record_columns import CONTACT, PERSON, PROJECT, SALE, Block
from appointed.superoffice.archive.rows import Thing
from appointed.superoffice.carriers.right import TABLE_MASKS

# Orders are kept per snapshot; their number is bounded.
MOST_ORDERS_KEPT = 8


class RecordArchive(NamedTuple):
    """One kind of record as a list: the archive's name, the directory's name of the kind, its columns."""

    name: str
    kind: str
    columns: Columns
    usual: tuple[Column, ...]


def _archive(kind: str, block: Block) -> RecordArchive:
    # The rows are at hand: whatever a column reads, they can be ordered by it.
    columns = tuple(replace(one, order=lambda _asked: ()) for one in block)
    usual = tuple(one for one in columns if "/" not in one.name)
    by_name = {one.name.lower(): one for one in columns}
    return RecordArchive(f"Find{kind.capitalize()}", kind, by_name, usual)


RECORD_LISTS = (
    _archive("contact", CONTACT),
    _archive("person", PERSON),
    _archive("project", PROJECT),
    _archive("sale", SALE),
)
# Each answers to its archive's name and to that of its records.
RECORD_ARCHIVES = {name: one for one in RECORD_LISTS for name in (one.kind, one.name.lower())}


def page_of_records(archive: RecordArchive, options: Options, asked: Asked) -> Listing:
    """Give one page of records; raises Forbidden for guests, InvalidRequest for what cannot be understood."""
    access = record_access(asked.manner.principal, asked.directory)
    if access < Access.READ:
        raise Forbidden(archive.kind)
    found = _found(archive, options, asked)
    end = options.skip + options.top
    page = found[options.skip : end]
    is_hidden = hides_rows(options)
    mask = TABLE_MASKS[access]
    return Listing(
        [] if is_hidden else [Thing(item=one, key=one.id, entity=archive.kind, mask=mask) for one in page],
        selected(options, archive.columns, archive.usual),
        len(found) if options.wants_total or counted(options) else None,
        {"skip": str(end)} if page and len(found) > end and not is_hidden else None,
    )


def _found(archive: RecordArchive, options: Options, asked: Asked) -> list[Any]:
    test = tester(options.tree, archive.columns, asked)
    ordered = _ordered(archive, options, asked)
    if not is_asked_for(archive.kind, options):
        return []
    return ordered if options.tree is None else [one for one in ordered if test(one)]


def _ordered(archive: RecordArchive, options: Options, asked: Asked) -> list[Any]:
    """Give all records in their order, made once for the pages of a snapshot; nobody may change it.

    What is told of users differs between the programs that ask, and so may what follows from it.
    """
    memo: dict[Any, list[Any]] = asked.directory.memo.setdefault("record orders", {})
    asker = asked.who.id if asked.who.type in OUTSIDERS else 0
    name = (archive.kind, options.orders, asked.manner.language, asker)
    found = memo.get(name)
    if found is None:
        found = sorted(asked.directory.records(archive.kind).values(), key=attrgetter("id"))
        for one in reversed(options.orders):
            found.sort(key=order_key(one, archive.columns, asked), reverse=one.is_descending)
        if len(memo) >= MOST_ORDERS_KEPT:
            memo.clear()
        memo[name] = found
    return found
