"""Change one appointment: the one way in for both contracts, the console and the command line."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment
from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access, is_video_listed, may_move, refused, rights
from appointed.domain.validity import problems
from appointed.usecases.ports import ById, ByUid, Change, Decision, Idempotency, Outcome, Permit, Rows, Store


class Edited(msgspec.Struct, frozen=True):
    """What an edit made of an appointment; `ignored` names members it left alone, as written."""

    appointment: Appointment
    ignored: tuple[str, ...] = ()


Edit = Callable[[Appointment, View], Edited]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a change, through which door, and under which conditions."""

    principal: Principal
    door: str
    precondition: Precondition = NO_PRECONDITION
    idempotency: Idempotency | None = None
    dry_run: bool = False
    hides_foreign: bool = False
    wants_conflicts: bool = False


async def change_appointment(store: Store, call: Call, ref: int | UUID, edit: Edit) -> Outcome:
    """Run `edit` on the newest revision of one appointment and keep the result.

    Raises AppointmentNotFound, Forbidden, PreconditionFailed, InvalidAppointment, or what `edit` raises;
    nothing is changed then.
    """
    return await store.change(to_change(call, ref, edit_of(call.principal, edit)))


async def delete_appointment(store: Store, call: Call, ref: int | UUID) -> Outcome:
    """Remove one appointment from both contracts; the event log keeps it."""

    def decide(rows: Rows, _view: View) -> Decision:
        return Decision(deletions=tuple(row.id for row in rows))

    return await store.change(to_change(call, ref, decide, deletes=True))


def to_change(
    call: Call, ref: int | UUID, decide: Callable[[Rows, View], Decision], *, deletes: bool = False
) -> Change:
    """Wrap a decision about one row with the caller's conditions; `deletes` asks for the right to."""
    return Change(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        scope=ByUid(ref) if isinstance(ref, UUID) else ById((ref,)),
        permit=permit(call, deletes=deletes),
        decide=decide,
        preconditions=((ref, call.precondition),) if call.precondition is not NO_PRECONDITION else (),
        dry_run=call.dry_run,
        wants_conflicts=call.wants_conflicts,
        idempotency=call.idempotency,
    )


def permit(call: Call, *, deletes: bool = False) -> Permit:
    """Make the check that comes before all others: may this caller change, or delete, these rows at all?

    Where the contract hides what the caller may not see, such a row is AppointmentNotFound.
    """

    def check(rows: Rows, view: View) -> None:
        for row in rows:
            granted = rights(call.principal, row, view)
            if call.hides_foreign and (granted.access < Access.READ or not is_video_listed(row)):
                raise AppointmentNotFound(row.uid)
            if not (granted.may_delete if deletes else granted.access >= Access.ANSWER):
                raise Forbidden

    return check


def edit_of(principal: Principal, edit: Edit) -> Callable[[Rows, View], Decision]:
    """Make the decision that edits one row: edit, settle, judge."""

    def decide(rows: Rows, view: View) -> Decision:
        (before,) = rows
        edited = edit(before, view)
        if edited.appointment == before:
            return Decision(ignored=edited.ignored)
        beyond = refused(access(principal, before, view.directory), before, edited.appointment)
        if beyond:
            raise Forbidden(members=beyond)
        after = settle(before, edited.appointment, view)
        judge(principal, before, after, view)
        return Decision(replacements=(after,), ignored=edited.ignored)

    return decide


def judge(principal: Principal, before: Appointment | None, after: Appointment, view: View) -> None:
    """Raise InvalidAppointment with every broken rule, or Forbidden when the row leaves their reach."""
    found = problems(before, after, view.directory)
    if found:
        raise InvalidAppointment(found)
    if before is None or before.department_id == after.department_id:
        return
    if not may_move(principal, before, after, view.directory):
        raise Forbidden
