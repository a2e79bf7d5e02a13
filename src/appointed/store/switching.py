"""Whether a change of records makes a diary exclusive, or not so any more."""

from collections.abc import Sequence
from datetime import datetime

from appointed.domain.directory import Associate, Directory, Record, View
from appointed.domain.errors import AppointedError
from appointed.usecases.ports import RecordChange


def switches(records: Sequence[Record], known: Directory | None) -> bool:
    """Tell whether records that take others' places differ in this, as far as is known."""
    return any(_differs(one, known) for one in records if isinstance(one, Associate) and one.id)


def may_switch(change: RecordChange, known: Directory | None, now: datetime) -> bool:
    """Tell whether a change would, asked of what is known; where nothing is, it might."""
    if change.kind != "associate" or not change.record_id or change.dry_run:
        return False
    before = known.associates.get(change.record_id) if known is not None else None
    if known is None or before is None:
        return True
    try:
        after = change.decide(before, View(known, now)).record
    except AppointedError:
        # Whatever refuses it will do so again where it counts.
        return False
    return isinstance(after, Associate) and _differs(after, known)


def _differs(one: Associate, known: Directory | None) -> bool:
    before = known.associates.get(one.id) if known is not None else None
    return before is None or before.is_exclusive != one.is_exclusive
