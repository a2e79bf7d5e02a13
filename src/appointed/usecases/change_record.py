"""Create or change one contact, person, project or sale: the one way in, as for appointments."""

from collections.abc import Callable

import msgspec

from appointed.domain.directory import Record, View
from appointed.domain.errors import Forbidden, RecordNotFound, invalid
from appointed.domain.record_rules import record_access, record_problems
from appointed.domain.rights import Access
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, RecordChange, RecordDecision, Store

NEW_ID = 0


class EditedRecord(msgspec.Struct, frozen=True):
    """What an edit made of a record; `ignored` names members it left alone, as written."""

    record: Record
    ignored: tuple[str, ...] = ()


RecordEdit = Callable[[Record, View], EditedRecord]
RecordDraft = Callable[[View], EditedRecord]


async def change_record(store: Store, call: Call, kind: str, record_id: int, edit: RecordEdit) -> Outcome:
    """Run `edit` on the newest revision of one record and keep the result.

    Raises RecordNotFound, Forbidden, PreconditionFailed, InvalidAppointment, or what `edit` raises; nothing
    is changed then.
    """

    def decide(before: Record | None, view: View) -> RecordDecision:
        if before is None:
            raise TypeError("the store found no record and did not say so")
        edited = edit(before, view)
        _judge(kind, before, edited.record, view)
        return RecordDecision(edited.record, edited.ignored)

    return await store.change_record(_change(call, kind, record_id, decide))


async def create_record(store: Store, call: Call, kind: str, draft: RecordDraft) -> Outcome:
    """Keep what `draft` makes, under a new id. Raises Forbidden, InvalidAppointment, what `draft` raises."""

    def decide(_before: Record | None, view: View) -> RecordDecision:
        made = draft(view)
        _judge(kind, None, made.record, view)
        return RecordDecision(made.record, made.ignored)

    return await store.change_record(_change(call, kind, NEW_ID, decide))


def read_record(call: Call, view: View, kind: str, record_id: int) -> Record:
    """Find one record; raises Forbidden, RecordNotFound, and PreconditionFailed as a write does."""
    demand_access(call, view, kind, Access.READ)
    found: Record | None = view.directory.records(kind).get(record_id)
    if found is None:
        raise RecordNotFound(kind, record_id)
    call.precondition.demand(found)
    return found


def demand_access(call: Call, view: View, kind: str, needed: Access) -> None:
    """Raise Forbidden unless the caller may go that far with records of a kind."""
    if record_access(call.principal, view.directory) < needed:
        raise Forbidden(kind)


def _change(
    call: Call, kind: str, record_id: int, decide: Callable[[Record | None, View], RecordDecision]
) -> RecordChange:
    return RecordChange(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        kind=kind,
        record_id=record_id,
        permit=lambda _record, view: demand_access(call, view, kind, Access.CHANGE),
        decide=decide,
        precondition=call.precondition,
        dry_run=call.dry_run,
        idempotency=call.idempotency,
    )


def _judge(kind: str, before: Record | None, after: Record, view: View) -> None:
    found = record_problems(kind, before, after, view.directory)
    if found:
        raise invalid(found)
