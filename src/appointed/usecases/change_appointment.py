"""Change one appointment: the one way in for both contracts, the console and the command line."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import settle
from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidAppointment, StoreBusy, TimeHeld
from appointed.domain.letter import Note
from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access, is_video_listed, may_move, refused, rights
from appointed.domain.series import Reach
from appointed.domain.validity import problems
from appointed.usecases.family import (
    ConcernsOthers,
    Family,
    concerned,
    expand,
    family_of,
    is_series,
    withdraw,
)
from appointed.usecases.held_time import explain
from appointed.usecases.ports import (
    ById,
    ByUid,
    Change,
    Decision,
    Idempotency,
    IdSource,
    Outcome,
    Permit,
    Rows,
    Store,
)
from appointed.usecases.presumed import TimeLetGo
from appointed.usecases.trail import note_answered

# Once for the row, once for its family, and again when rows joined or rooms were taken or let go meanwhile.
TRIES = 8


class Edited(msgspec.Struct, frozen=True):
    """What an edit made of an appointment; `ignored` names members it left alone, as written."""

    appointment: Appointment
    ignored: tuple[str, ...] = ()


Edit = Callable[[Appointment, View], Edited]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a change, through which door, and under which conditions.

    `ids` name the rows that come with a series or a booking; without it none may. `reach` says how far in a
    series the change goes. `is_strict`: an invited resource without time refuses the whole change.
    `mail` has participants told by mail of what concerns them; without it nobody is. Where the answer shows
    no appointment (not `is_shown`), a change of nothing is no entry of the audit log.
    """

    principal: Principal
    door: str
    precondition: Precondition = NO_PRECONDITION
    idempotency: Idempotency | None = None
    dry_run: bool = False
    hides_foreign: bool = False
    wants_conflicts: bool = False
    ids: IdSource | None = None
    reach: Reach = Reach.THIS
    is_strict: bool = False
    mail: Note | None = None
    is_shown: bool = True


async def change_appointment(store: Store, call: Call, ref: int | UUID, edit: Edit) -> Outcome:
    """Run `edit` on the newest revision of one appointment and keep the result, with all that it concerns.

    The appointment is the first of the outcome's rows. Raises AppointmentNotFound, Forbidden,
    PreconditionFailed, InvalidAppointment, TimeHeld, or what `edit` raises; nothing is changed then.
    """
    family = family_for(call)
    outcome = await run(store, to_change(call, ref, edit_of(call, ref, edit, family)), call, family)
    note_shown(store, call, outcome)
    return outcome


async def delete_appointment(store: Store, call: Call, ref: int | UUID) -> Outcome:
    """Remove one appointment from both contracts; the event log keeps it, and its guests are told."""
    family = family_for(call)

    def decide(rows: Rows, view: View) -> Decision:
        row = named(rows, ref)
        family_id = family_of(row, call.reach)
        if not family_id:
            return Decision(deletions=(row.id,))
        whole = _named(family).demand(family_id, is_series=family_id == row.series_id)
        return withdraw(rows, row, view, whole)

    return await run(store, to_change(call, ref, decide, deletes=True), call, family)


async def run(store: Store, change: Change, call: Call, family: Family | None) -> Outcome:
    """Run a change on its row; where it concerns others, on all of its family.

    A resource that was invited and has no time declines that date, unless the call is strict.
    """
    for _try in range(TRIES):
        try:
            return await store.change(change)
        except ConcernsOthers as others:
            change = others.widen(change)
        except TimeHeld as held:
            if call.is_strict or family is None or not family.declines(held):
                raise await explain(store, call.principal, held) from None
        except TimeLetGo as freed:
            _named(family).asks_again(freed)
    raise StoreBusy


def note_shown(store: Store, call: Call, outcome: Outcome) -> None:
    """Note that somebody is shown the first row by a write that changed none."""
    # Whether it was only tried the store says: a rehearsal's call does not.
    if call.is_shown and (outcome.pairs is not None or not outcome.changed_ids):
        note_answered(store, call.principal, outcome, outcome.rows[:1])


def family_for(call: Call) -> Family | None:
    """Make what a change of more than one row needs; None where the call names nothing new."""
    return Family(call.ids, call.principal, call.reach) if call.ids is not None else None


def _named(family: Family | None) -> Family:
    if family is None:
        raise TypeError("a change that makes rows needs a source of names")
    return family


def named(rows: Rows, ref: int | UUID) -> Appointment:
    """Find the row that a call is about; raises AppointmentNotFound when it left its family meanwhile."""
    for row in rows:
        if ref in (row.id, row.uid):
            return row
    raise AppointmentNotFound(ref)


def to_change(
    call: Call, ref: int | UUID, decide: Callable[[Rows, View], Decision], *, deletes: bool = False
) -> Change:
    """Wrap a decision about one row with the caller's conditions; `deletes` asks for the right to."""
    return Change(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        scope=ByUid(ref) if isinstance(ref, UUID) else ById((ref,)),
        permit=permit(call, ref, deletes=deletes),
        decide=decide,
        preconditions=((ref, call.precondition),) if call.precondition is not NO_PRECONDITION else (),
        dry_run=call.dry_run,
        wants_conflicts=call.wants_conflicts,
        idempotency=call.idempotency,
        mail=call.mail,
    )


def permit(call: Call, ref: int | UUID, *, deletes: bool = False) -> Permit:
    """Make the check that comes before all others: may this caller change, or delete, this row at all?

    Where the contract hides what the caller may not see, such a row is AppointmentNotFound.
    """

    def check(rows: Rows, view: View) -> None:
        row = named(rows, ref)
        granted = rights(call.principal, row, view)
        if call.hides_foreign and (granted.access < Access.READ or not is_video_listed(row)):
            raise AppointmentNotFound(row.uid)
        if not (granted.may_delete if deletes else granted.access >= Access.ANSWER):
            raise Forbidden

    return check


def edit_of(
    call: Call, ref: int | UUID, edit: Edit, family: Family | None
) -> Callable[[Rows, View], Decision]:
    """Make the decision that edits one row: edit, settle, judge, and let it reach everyone it concerns."""

    def decide(rows: Rows, view: View) -> Decision:
        before = named(rows, ref)
        edited = edit(before, view)
        if edited.appointment == before and not (call.reach is Reach.STOP and before.series_id):
            return Decision(ignored=edited.ignored, first=before.id)
        beyond = refused(access(call.principal, before, view.directory), before, edited.appointment)
        if beyond:
            raise Forbidden(members=beyond)
        after = settle(before, edited.appointment, view)
        judge(call.principal, before, after, view)
        others = concerned(before, after, call.reach)
        if others is None:
            return Decision(replacements=(after,), ignored=edited.ignored, first=before.id)
        whole = _named(family).demand(others, is_series=is_series(before, after, others))
        return expand(rows, before, after, view, whole, edited.ignored)

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
