"""A row that was read, with what stands in its way (Response body, Recurrence.Dates, HasConflict)."""

from appointed.domain.directory import View
from appointed.superoffice.answer import Seen
from appointed.usecases.free_time import blockers_by_day
from appointed.usecases.ports import Reading, Store


async def seen_of(store: Store, reading: Reading, view: View) -> Seen:
    """Look up which appointments stand in the way of a row, or of any date of its series."""
    zone, has_conflict = view.directory.zone, reading.has_conflict
    blockers = await blockers_by_day(store, reading.row, zone, has_conflict=has_conflict)
    return Seen(reading.row, view, has_conflict, blockers)
