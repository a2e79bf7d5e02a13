"""A row that was read, with what stands in its way (Response body, Recurrence.Dates, HasConflict)."""

from msgspec.structs import replace

from appointed.domain.directory import View
from appointed.superoffice.answer import Seen
from appointed.usecases.free_time import blockers_by_day
from appointed.usecases.ports import Outcome, Reading, Store


async def seen_of(store: Store, reading: Reading, view: View) -> Seen:
    """Look up which appointments stand in the way of a row, or of any date of its series."""
    zone, has_conflict = view.directory.zone, reading.has_conflict
    blockers = await blockers_by_day(store, reading.row, zone, has_conflict=has_conflict)
    return Seen(reading.row, view, has_conflict, blockers)


async def with_blockers(store: Store, outcome: Outcome) -> Outcome:
    """Look up after the commit what stands in the way of a row, so that its answer reads as a GET does.

    Only a row that clashes, or is one of a series, is worth the look. After a dry run the rows still stand
    where the change would take them away: none of them counts.
    """
    if outcome.replayed is not None or outcome.directory is None:
        return outcome
    row = outcome.rows[0]
    has_conflict = row.id in outcome.conflicts
    if row.series is None and not has_conflict:
        return outcome
    blockers = await blockers_by_day(store, row, outcome.directory.zone, has_conflict=has_conflict)
    changed = {before.id for before, _after in outcome.pairs or () if before is not None}
    if changed:
        blockers = {day: tuple(one for one in ids if one not in changed) for day, ids in blockers.items()}
    return replace(outcome, blockers=blockers)
