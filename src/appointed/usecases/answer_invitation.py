"""Answer an invitation or an assignment: see it, take it, refuse it, or acknowledge that it was refused."""

from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus
from appointed.domain.booking import Answer, answer, guests_of
from appointed.domain.diary import settle
from appointed.domain.directory import Directory, View
from appointed.domain.errors import Forbidden, InvalidRequest
from appointed.domain.participant import InvitationStatus
from appointed.domain.record_rules import record_access
from appointed.domain.rights import Access, access, demand_nameable
from appointed.domain.series import Reach
from appointed.usecases.change_appointment import (
    Call,
    Edited,
    change_appointment,
    family_for,
    judge,
    named,
    note_shown,
    run,
    to_change,
)
from appointed.usecases.change_many import Item, Part, change_many
from appointed.usecases.family import Family, concerned, expand, is_series
from appointed.usecases.ports import Decision, Outcome, Permit, Rows, Store

S, A = InvitationStatus, AssignmentStatus


class Said(StrEnum):
    """What can be said to an invitation or an assignment; the organiser or the sender acknowledges."""

    SEEN = "seen"
    ACCEPT = "accept"
    REJECT = "reject"
    ACKNOWLEDGE = "acknowledge"


ANSWERS = {
    Said.SEEN: Answer.SEE,
    Said.ACCEPT: Answer.ACCEPT,
    Said.REJECT: Answer.DECLINE,
    Said.ACKNOWLEDGE: Answer.HIDE,
}
# One answer goes for the dates of a series whose invitations have come as far.
SIMILAR = (
    frozenset({S.NONE, S.INVITATION, S.SEEN, S.MOVED, S.MOVED_SEEN}),
    frozenset({S.ACCEPTED}),
    frozenset({S.DECLINED, S.HIDDEN}),
    frozenset({S.CANCELLED}),
)
# What is said to an assignment → its state before → its state after; a refusal goes another way.
ASSIGNED: dict[Said, dict[AssignmentStatus, AssignmentStatus]] = {
    Said.SEEN: {A.ASSIGNING: A.SEEN},
    Said.ACCEPT: {A.ASSIGNING: A.NONE, A.SEEN: A.NONE},
    Said.REJECT: {},
    Said.ACKNOWLEDGE: {A.DECLINED: A.NONE},
}
PENDING = frozenset({A.ASSIGNING, A.SEEN})


async def answer_invitation(store: Store, call: Call, number: int, said: Said, reason: str = "") -> Outcome:
    """Answer for the row with this id: a guest's own, or the master's, where the caller's own is meant.

    The call's reach takes the later dates of a series along, as far as they were answered alike. A row that
    was assigned to its owner is answered as that. An answer that fits nothing changes nothing. Raises
    AppointmentNotFound, Forbidden, TimeHeld.
    """
    family = family_for(call)
    change = to_change(call, number, _answering(call, number, said, reason, family))
    outcome = await run(store, replace(change, permit=_permit(call, number, said)), call, family)
    note_shown(store, call, outcome)
    return outcome


async def answer_invitations(store: Store, call: Call, numbers: Iterable[int], said: Said) -> None:
    """Answer for each of these rows, as one change: all of them or none. Raises as change_many does."""
    items = [
        Item(
            number,
            Part(_permit(call, number, said), partial(_answering, call, number, said, "")),
            reach=call.reach,
        )
        for number in dict.fromkeys(numbers)
    ]
    if items:
        await change_many(store, replace(call, is_shown=False), items)


def _answering(
    call: Call, number: int, said: Said, reason: str, family: Family | None
) -> Callable[[Rows, View], Decision]:
    """Make the decision that answers for one row."""
    if family is None:
        raise TypeError("an answer may concern others and needs a source of names")

    def decide(rows: Rows, view: View) -> Decision:
        row = named(rows, number)
        if _is_assigned(row) and not _is_guest(row, call):
            return _assignment(rows, row, _Word(said, reason, call, family), view)
        is_far = call.reach is not Reach.THIS and row.series_id != 0
        family.demand(row.series_id if is_far else row.mother_id, is_series=is_far)
        changed: dict[int, Appointment] = {}
        for guest in _meant(rows, row, said, call, view.directory):
            date = [changed.get(one.id, one) for one in rows if one.mother_id == guest.mother_id]
            own = next(one for one in date if one.id == guest.id)
            changed |= {one.id: one for one in answer(date, own, ANSWERS[said], reason)}
        return Decision(replacements=tuple(changed.values()), first=number)

    return decide


async def assign(store: Store, call: Call, number: int, owner_id: int, person_id: int = 0) -> Outcome:
    """Hand an appointment over to another associate, who may refuse it. Raises as a change does."""

    def edit(row: Appointment, view: View) -> Edited:
        owner = view.directory.associates.get(owner_id)
        demand_nameable(call.principal, owner_id, view.directory)
        if owner is None or owner.is_deleted:
            raise InvalidRequest("Only an associate can be assigned an appointment.")
        is_new = person_id not in (0, owner.person_id, row.invited_person_id)
        if is_new and record_access(call.principal, view.directory) < Access.READ:
            raise Forbidden("person")
        invited = (person_id or owner.person_id) if row.invited_person_id else 0
        return Edited(replace(row, owner_id=owner_id, invited_person_id=invited))

    return await change_appointment(store, call, number, edit)


class _Word(NamedTuple):
    """What is said, why, by whom, and what its change needs."""

    said: Said
    reason: str
    call: Call
    family: Family


def _permit(call: Call, number: int, said: Said) -> Permit:
    def check(rows: Rows, view: View) -> None:
        row = named(rows, number)
        if said is Said.ACKNOWLEDGE and row.is_booking_row:
            # Their organiser may have no right to the row itself; that is judged where the master is at hand.
            return
        if access(call.principal, row, view.directory) < Access.ANSWER and not _is_guest(row, call):
            raise Forbidden

    return check


def _is_guest(row: Appointment, call: Call) -> bool:
    """Tell whether the caller is one of those that a master's owner invited."""
    me = call.principal.associate_id
    return (
        not row.is_booking_row
        and row.owner_id != me
        and any(one.associate_id == me for one in row.participants)
    )


def _meant(rows: Rows, row: Appointment, said: Said, call: Call, directory: Directory) -> list[Appointment]:
    """List the guests' rows that an answer goes for."""
    guests = _named_guests(rows, row, said, call)
    if call.reach is not Reach.THIS and row.series is not None:
        guests = _later(rows, row.series.on, guests)
    if said is Said.ACKNOWLEDGE:
        _demand_acknowledger(rows, guests, call, directory)
    return guests


def _later(rows: Rows, first: date, guests: list[Appointment]) -> list[Appointment]:
    later = [one for one in rows if one.series is not None and one.series.on >= first]
    return [
        one
        for one in later
        if one.is_booking_row
        and any(
            one.owner_id == guest.owner_id and _is_similar(one.invitation_status, guest.invitation_status)
            for guest in guests
        )
    ]


def _named_guests(rows: Rows, row: Appointment, said: Said, call: Call) -> list[Appointment]:
    if row.is_booking_row:
        return [row]
    guests = guests_of(rows, row)
    if said is Said.ACKNOWLEDGE:
        return [one for one in guests if one.invitation_status is S.DECLINED]
    return [one for one in guests if one.owner_id == call.principal.associate_id]


def _demand_acknowledger(rows: Rows, guests: list[Appointment], call: Call, directory: Directory) -> None:
    """Raise Forbidden unless it is the organiser who acknowledges a refusal, and the guest all else."""
    masters = {one.id: one for one in rows if not one.is_booking_row}
    for guest in guests:
        master = masters.get(guest.mother_id)
        if master is not None and guest.invitation_status is S.DECLINED:
            is_meant = access(call.principal, master, directory) >= Access.CHANGE
        else:
            is_meant = access(call.principal, guest, directory) >= Access.ANSWER
        if not is_meant:
            raise Forbidden


def _is_similar(one: InvitationStatus, other: InvitationStatus) -> bool:
    return one is other or any(one in group and other in group for group in SIMILAR)


def _is_assigned(row: Appointment) -> bool:
    return not row.is_booking_row and row.assigned_by != 0 and row.assignment_status in (*PENDING, A.DECLINED)


def _assignment(rows: Rows, row: Appointment, word: _Word, view: View) -> Decision:
    after = _assigned_after(row, word, view)
    if after is None:
        return Decision(first=row.id)
    call = word.call
    if access(call.principal, row, view.directory) < Access.CHANGE:
        raise Forbidden
    judge(call.principal, row, after, view)
    others = concerned(row, after, call.reach)
    if others is None:
        return Decision(replacements=(after,), first=row.id)
    family = word.family.demand(others, is_series=is_series(row, after, others))
    decision = expand(rows, row, after, view, family)
    standing = {one.id: one for one in rows}
    return replace(
        decision,
        replacements=tuple(_handed_back(standing.get(one.id), one, after) for one in decision.replacements),
    )


def _assigned_after(row: Appointment, word: _Word, view: View) -> Appointment | None:
    if word.said is Said.REJECT and row.assignment_status in PENDING:
        back = settle(row, replace(row, owner_id=row.assigned_by, reject_reason=word.reason), view)
        return replace(back, assignment_status=A.DECLINED)
    status = ASSIGNED[word.said].get(row.assignment_status)
    if status is None:
        return None
    if status is not A.NONE:
        return replace(row, assignment_status=status)
    return replace(row, assignment_status=status, assigned_by=0, reject_reason="")


def _handed_back(before: Appointment | None, row: Appointment, pattern: Appointment) -> Appointment:
    """Let the other dates of a series that go back say so too; settling them took it for a new assignment."""
    if before is None or before.owner_id == row.owner_id or row.is_booking_row:
        return row
    return replace(row, assignment_status=pattern.assignment_status)
