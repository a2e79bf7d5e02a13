"""Answering invitations and assignments, and clearing away what was called off (Agents WebAPI)."""

from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.errors import AppointmentNotFound, InvalidRequest
from appointed.domain.letter import Note
from appointed.domain.participant import InvitationStatus
from appointed.domain.rights import Access, demand_nameable
from appointed.domain.series import Reach
from appointed.superoffice.agents.calls import booking_of, call_of, entity_of, reach_of
from appointed.superoffice.agents.pages import every_row
from appointed.superoffice.service import Ask
from appointed.usecases.answer_invitation import Said, answer_invitation, answer_invitations, assign
from appointed.usecases.clear_away import clear_away
from appointed.usecases.query import AllOf, Node, Operator, Test
from appointed.usecases.read_appointment import read_appointment

Json = Any
CANCELLED = Test("invitation_status", Operator.EQ, InvitationStatus.CANCELLED)
GUESTS = Test("is_booking_row", Operator.EQ, True)


async def accept(ask: Ask) -> None:
    """Accept an invitation, or an appointment that was assigned."""
    await _answer(ask, Said.ACCEPT)


async def reject(ask: Ask) -> None:
    """Decline an invitation, or give back an appointment that was assigned; the reason is told."""
    await _answer(ask, Said.REJECT, ask.given.text("RejectReason", ""))


async def accept_by_mail(ask: Ask) -> None:
    """Accept an invitation, and tell who invited by mail."""
    await _answer(ask, Said.ACCEPT, mail=Note())


async def reject_by_mail(ask: Ask) -> None:
    """Decline an invitation, and tell who invited by mail."""
    await _answer(ask, Said.REJECT, ask.given.text("RejectReason", ""), mail=Note())


async def set_seen(ask: Ask) -> None:
    """Say that an invitation or an assignment was seen."""
    await _answer(ask, Said.SEEN)


async def set_seen_many(ask: Ask) -> None:
    """Say that invitations or assignments were seen: all of them or none, at most 100."""
    call, numbers = call_of(ask, reach_of(ask.given)), ask.given.numbers("AppointmentIds")
    await answer_invitations(ask.door.store, call, numbers, Said.SEEN)


async def accept_rejected(ask: Ask) -> ASGIApp:
    """Take note, as the organiser, that an invitation was declined, or an assignment given back."""
    number = ask.given.number("AppointmentId")
    call = call_of(ask, reach_of(ask.given), wants_conflicts=True)
    return entity_of(await answer_invitation(ask.door.store, call, number, Said.ACKNOWLEDGE), ask)


async def assign_to(ask: Ask) -> ASGIApp:
    """Hand an appointment over to another associate."""
    to = ask.given.carrier("Participant")
    person_id, owner_id = to.number("PersonId", 0), to.number("AssociateId", 0)
    if not owner_id:
        users = ask.directory.associates.values()
        owner_id = next((who.id for who in users if person_id and who.person_id == person_id), 0)
    if not owner_id:
        if person_id:
            # Else the answer tells which persons are users.
            demand_nameable(ask.ctx.principal, owner_id, ask.directory)
        raise InvalidRequest("Only an associate can be assigned an appointment.")
    call = call_of(ask, reach_of(ask.given), wants_conflicts=True)
    number = await booking_of(ask, ask.given.number("AppointmentId"))
    return entity_of(await assign(ask.door.store, call, number, owner_id, person_id), ask)


async def clean_up(ask: Ask) -> Json:
    """Delete those of the caller's rows that tell of a booking called off; answers how many."""
    return await _cleaned(ask, await _cancelled(ask, Reach.THIS))


async def clean_up_with_mode(ask: Ask) -> None:
    """Delete rows that tell of a booking called off, later dates of a series too if asked for."""
    await _cleaned(ask, await _cancelled(ask, reach_of(ask.given)))


async def clean_up_all(ask: Ask) -> Json:
    """Delete all of the caller's rows that tell of a booking or a series called off; answers how many."""
    mine = Test("owner_id", Operator.EQ, ask.ctx.principal.associate_id)
    return await _cleaned(ask, await every_row(ask, AllOf((mine, GUESTS, CANCELLED)), is_shown=False))


async def _answer(ask: Ask, said: Said, reason: str = "", mail: Note | None = None) -> None:
    call = call_of(ask, reach_of(ask.given), mail=mail, is_shown=False)
    await answer_invitation(ask.door.store, call, ask.given.number("AppointmentId"), said, reason)


async def _cancelled(ask: Ask, reach: Reach) -> list[Appointment]:
    """Find the named rows that were called off; with a reach the same diary's later ones of their series."""
    found: dict[int, Appointment] = {}
    store, principal = ask.door.store, ask.ctx.principal
    for number in dict.fromkeys(ask.given.numbers("AppointmentIds")):
        try:
            reading, granted = await read_appointment(store, principal, number, is_shown=False)
        except AppointmentNotFound:
            continue
        row = reading.row
        if granted < Access.ANSWER or row.invitation_status is not InvitationStatus.CANCELLED:
            continue
        found[row.id] = row
        if reach is not Reach.THIS and row.series_id:
            found |= {one.id: one for one in await every_row(ask, _later(row), is_shown=False)}
    return list(found.values())


def _later(row: Appointment) -> Node:
    return AllOf(
        (
            Test("owner_id", Operator.EQ, row.owner_id),
            Test("series_id", Operator.EQ, row.series_id),
            Test("starts_at", Operator.GE, row.starts_at),
            GUESTS,
            CANCELLED,
        )
    )


async def _cleaned(ask: Ask, rows: Iterable[Appointment]) -> int:
    return await clear_away(ask.door.store, call_of(ask), (row.id for row in rows))
