"""One page of a list: its columns and rows, and where the next page begins (FindAppointment)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from appointed.domain.appointment import Appointment
from appointed.domain.errors import AppointmentNotFound, InvalidRequest
from appointed.domain.rights import Access
from appointed.superoffice.archive.appointment_columns import ROW
from appointed.superoffice.archive.catalogue import Columns, find_appointment
from appointed.superoffice.archive.columns import Column
from appointed.superoffice.archive.extra_columns import with_extras
from appointed.superoffice.archive.filtering import rows_to_find, tester
from appointed.superoffice.archive.meaning import NEVER, Asked
from appointed.superoffice.archive.options import Options, Sorted, Wanted
from appointed.superoffice.archive.ordering import (
    Continuation,
    Place,
    mark_of,
    order_of,
    read_token,
    write_token,
)
from appointed.superoffice.archive.parts import Provider, Source
from appointed.superoffice.archive.rows import Thing
from appointed.superoffice.carriers.entity_rights import table_right_of
from appointed.usecases.ports import ById, Page, Store
from appointed.usecases.query import Order, Query
from appointed.usecases.query_fields import place
from appointed.usecases.trail import note_listed

ENTITY = "appointment"
EVERY = frozenset({"*", "all"})


class Listing(NamedTuple):
    """A page: its rows and columns, how many rows there are in all (None: not counted), and the next page.

    `following` are options that the link to the next page says otherwise; None at the end.
    """

    things: list[Thing]
    columns: list[Column]
    total: int | None
    following: dict[str, str] | None


def selected(options: Options, columns: Columns, usual: Sequence[Column]) -> list[Column]:
    """Give the columns that are shown, each once; names that nobody knows show nothing."""
    if options.select is None:
        return list(usual)
    found = (columns.get(wanted.name.lower()) for wanted in options.select if not wanted.function)
    return list({one.name: one for one in found if one is not None}.values())


def counted(options: Options) -> tuple[Wanted, ...]:
    """Give the columns that are counted."""
    return tuple(wanted for wanted in options.select or () if wanted.function)


def hides_rows(options: Options) -> bool:
    """Tell whether only totals are wanted."""
    return any("hidedetail" in wanted.modifiers for wanted in options.select or ())


def is_asked_for(entity: str, options: Options) -> bool:
    """Tell whether rows of this entity are wanted."""
    return not options.entities or bool(options.entities & (EVERY | {entity.lower()}))


async def page_of_appointments(store: Store, options: Options, asked: Asked) -> Listing:
    """Read one page of appointments, as far as the caller may see them; raises InvalidRequest."""
    columns = with_extras(find_appointment(asked.directory), options)
    where, seen = rows_to_find(options.tree, columns, asked)
    order = order_of(options, columns, asked, seen)
    wants_total = options.wants_total or bool(counted(options))
    query = Query(
        tenant_id=asked.directory.tenant.id,
        where=where,
        order=order,
        after=await _after(store, options, asked, order) if options.token else None,
        # One more tells whether there is a next page.
        limit=options.top + 1,
        offset=0 if options.token else options.skip,
        wants_total=wants_total,
    )
    is_none = where == NEVER or not is_asked_for(ENTITY, options)
    page = Page((), asked.directory) if is_none else await store.page(query)
    rows = () if hides_rows(options) else page.rows[: options.top]
    note_listed(store, asked.manner.principal, asked.directory, rows)
    return Listing(
        [_thing(row, asked) for row in rows],
        selected(options, columns, ROW),
        page.total if wants_total else None,
        _following(rows[-1], options, asked, order) if rows and len(page.rows) > options.top else None,
    )


def _following(last: Appointment, options: Options, asked: Asked, order: tuple[Order, ...]) -> dict[str, str]:
    mark = mark_of(options, ENTITY)
    there = Continuation(mark, asked.directory.revision, last.id, place(last, order))
    return {"skiptoken": write_token(there), "skip": ""}


def page_of_parts(provider: Provider, sources: list[Source], options: Options, asked: Asked) -> Listing:
    """Give one page of what hangs on some appointments, as it stands there; raises InvalidRequest."""
    things = [thing for source in sources for thing in provider.things(source, asked)]
    return page_of_things(things, provider.columns, provider.usual, options, asked)


def page_of_things(
    things: Iterable[Thing],
    columns: Columns,
    usual: Sequence[Column],
    options: Options,
    asked: Asked,
) -> Listing:
    """Give one page of things that are at hand; raises InvalidRequest."""
    wanted = [thing for thing in things if is_asked_for(thing.entity, options)]
    test = tester(options.tree, columns, asked)
    found = [thing for thing in wanted if test(thing.item)]
    for one in reversed(options.orders):
        found.sort(key=_of_item(order_key(one, columns, asked)), reverse=one.is_descending)
    end = options.skip + options.top
    page = found[options.skip : end]
    is_hidden = hides_rows(options)
    return Listing(
        [] if is_hidden else page,
        selected(options, columns, usual),
        len(found) if options.wants_total or counted(options) else None,
        {"skip": str(end)} if page and len(found) > end and not is_hidden else None,
    )


def _of_item(key: Callable[[Any], tuple[bool, Any]]) -> Callable[[Thing], tuple[bool, Any]]:
    return lambda thing: key(thing.item)


def order_key(wanted: Sorted, columns: Columns, asked: Asked) -> Callable[[Any], tuple[bool, Any]]:
    """Make the function that gives a row's place in an order; raises InvalidRequest naming the column."""
    one = columns.get(wanted.name.lower())
    if one is None:
        raise InvalidRequest(f"$orderBy, '{wanted.name[:40]}': there is no such column")
    read = one.shown or one.value

    def key(item: Any) -> tuple[bool, Any]:
        value = read(item, asked)
        return value is not None, value.lower() if isinstance(value, str) else value

    return key


async def _after(store: Store, options: Options, asked: Asked, order: tuple[Order, ...]) -> Place:
    found = read_token(options.token, mark_of(options, ENTITY), order)
    if found.revision == asked.directory.revision or all(one.ranks is None for one in order):
        return found.place
    # The ranks have changed since: the last row tells where it stands now, if it still does.
    try:
        reading = await store.read(asked.directory.tenant.id, ById((found.row_id,)))
    except AppointmentNotFound:
        return found.place
    return place(reading.row, order)


def _thing(row: Appointment, asked: Asked) -> Thing:
    ctx = asked.context(row)
    mask: str = table_right_of(ctx)[0]["Mask"]
    return Thing(item=row, key=row.id, entity=ENTITY, mask=mask, is_read=ctx.access >= Access.READ)
