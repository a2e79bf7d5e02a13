"""One page of any archive by its name, whichever address asks for it (Archive/{provider}; Agents Archive)."""

import asyncio

from appointed.domain.appointment import Appointment
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidRequest, RecordNotFound
from appointed.domain.rights import Access, access
from appointed.superoffice.archive.catalogue import Columns, find_appointment
from appointed.superoffice.archive.grammar import Condition, Group, Tree
from appointed.superoffice.archive.listing import Listing, page_of_appointments, page_of_parts
from appointed.superoffice.archive.literals import read_integer
from appointed.superoffice.archive.meaning import NEVER, Asked
from appointed.superoffice.archive.options import Options
from appointed.superoffice.archive.parts import PROVIDERS, Provider, Source
from appointed.superoffice.archive.records import RECORD_ARCHIVES, page_of_records
from appointed.usecases.ports import Store
from appointed.usecases.query import Order, Query
from appointed.usecases.read_appointment import read_appointment

FIND_APPOINTMENT = "FindAppointment"
FIND = FIND_APPOINTMENT.lower()
LARGEST_ID = 2**53
# More than an appointment can have guests or links.
MOST_BESIDE = 1_000


def name_of(name: str) -> str:
    """Spell an archive's name as it is listed; raises RecordNotFound."""
    folded = name.lower()
    if folded == FIND:
        return FIND_APPOINTMENT
    found = RECORD_ARCHIVES.get(folded) or PROVIDERS.get(folded)
    if found is None:
        raise RecordNotFound("archive", name)
    return found.name


def columns_of(name: str, asked: Asked) -> Columns:
    """Give an archive's columns; raises RecordNotFound."""
    folded = name_of(name).lower()
    if folded == FIND:
        return find_appointment(asked.directory)
    return (RECORD_ARCHIVES.get(folded) or PROVIDERS[folded]).columns


async def page_of(name: str, store: Store, options: Options, asked: Asked) -> Listing:
    """Read one page of an archive; raises RecordNotFound, InvalidRequest, Forbidden."""
    folded = name_of(name).lower()
    if folded == FIND:
        return await page_of_appointments(store, options, asked)
    if folded in RECORD_ARCHIVES:
        # There may be many, and other requests go on meanwhile.
        return await asyncio.to_thread(page_of_records, RECORD_ARCHIVES[folded], options, asked)
    provider = PROVIDERS[folded]
    return page_of_parts(provider, await _sources(provider, store, options, asked), options, asked)


async def source_of(provider: Provider, row: Appointment, store: Store, asked: Asked) -> Source:
    """Read beside an appointment what its list tells of, as far as the caller may."""
    where = provider.beside(row)
    if where == NEVER:
        return Source(row)
    query = Query(
        tenant_id=asked.directory.tenant.id, where=where, order=(Order(field="id"),), limit=MOST_BESIDE
    )
    principal, page = asked.manner.principal, await store.page(query)
    # Nothing is shown of their claimants, so nothing is noted.
    rows = (one for one in page.rows if access(principal, one, page.directory) >= Access.READ)
    return Source(row, tuple(rows))


async def _sources(provider: Provider, store: Store, options: Options, asked: Asked) -> list[Source]:
    """Read the appointment that the filter names; what the caller may not see is as good as absent."""
    found = []
    for number in _named(options.tree, provider, asked):
        try:
            reading, granted = await read_appointment(store, asked.manner.principal, number)
        except (AppointmentNotFound, Forbidden):
            continue
        if granted >= Access.READ:
            found.append(await source_of(provider, reading.row, store, asked))
    return found


def _named(tree: Tree | None, provider: Provider, asked: Asked) -> tuple[int, ...]:
    """Give the appointment that a filter names in all its rows."""
    parts: tuple[Tree, ...] = () if tree is None else (tree,)
    if isinstance(tree, Group) and tree.is_all and not tree.is_not:
        parts = tree.nodes
    for part in parts:
        if not isinstance(part, Condition) or part.column.text.lower() != provider.source.lower():
            continue
        numbers = [read_integer(value, asked) for value in part.values[:1]]
        return tuple(number for number in numbers if 0 < number <= LARGEST_ID)
    raise InvalidRequest(f"$filter must name the appointment: {provider.source} eq 1")
