"""The agent Appointment, as far as it does what the addresses of Appointment do (Agents WebAPI, Appointment).

Conditions and keys of requests are the other contract's: an agent reads no If-Match and no Idempotency-Key.
"""

from typing import Any
from uuid import UUID

from msgspec.structs import replace
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound, MissingBody
from appointed.domain.letter import Note
from appointed.domain.series import Reach
from appointed.superoffice.agents.calls import call_of, entity_of
from appointed.superoffice.answer import Seen, entity_answer
from appointed.superoffice.carriers.simple import simple
from appointed.superoffice.context import Manner
from appointed.superoffice.defaults import default_appointment
from appointed.superoffice.dialect import asks_conflict, edit_of_entity, new_of_entity
from appointed.superoffice.dialect import validate as problems_of
from appointed.superoffice.given import Given
from appointed.superoffice.habits import Habits, read_habits
from appointed.superoffice.request import wish_of
from appointed.superoffice.seen import seen_of
from appointed.superoffice.sent_back import as_it_was_read
from appointed.superoffice.service import Ask
from appointed.usecases.change_appointment import Edited, change_appointment, delete_appointment
from appointed.usecases.create_appointment import Draft, NewNames, create_appointment, new_names
from appointed.usecases.ports import Outcome
from appointed.usecases.read_appointment import read_appointment

Json = Any


async def create_default(ask: Ask) -> ASGIApp:
    """What a new appointment would be."""
    habits = await habits_of(ask)
    row = default_appointment(names_of(ask), ask.ctx.principal, ask.ctx.view, habits)
    return entity_answer(Seen(row, ask.ctx.view, False), ask.manner, wish_of(ask.request))


async def get(ask: Ask) -> ASGIApp | None:
    """One appointment, null when there is none with this id."""
    number = ask.given.number("AppointmentEntityId")
    try:
        reading, _access = await read_appointment(
            ask.door.store, ask.ctx.principal, number, wants_conflict=True
        )
    except AppointmentNotFound:
        return None
    view = View(reading.directory, ask.door.clock())
    return entity_answer(await seen_of(ask.door.store, reading, view), ask.manner, wish_of(ask.request))


async def get_simple(ask: Ask) -> Json:
    """One appointment as the flat carrier, null when there is none with this id."""
    try:
        reading, _access = await read_appointment(
            ask.door.store, ask.ctx.principal, ask.given.number("AppointmentId")
        )
    except AppointmentNotFound:
        return None
    return simple(reading.row, ask.manner.context(reading.row, View(reading.directory, ask.door.clock())))


async def save(ask: Ask) -> ASGIApp:
    """Create the appointment when its id is 0, or else make it what the body says."""
    if ask.given.body is None:
        raise MissingBody
    return entity_of(await save_entity(ask, ask.given.carrier(), Reach.THIS), ask)


async def save_entity(
    ask: Ask,
    given: Given,
    reach: Reach,
    uid: UUID | None = None,
    mail: Note | None = None,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Create the appointment when its id is 0, under a UID if one is given, or else change it as said."""
    document = given.body
    call = call_of(ask, reach, wants_conflicts=True, mail=mail)
    call = replace(call, dry_run=dry_run)
    number = given.number("AppointmentId", 0)
    if number == 0 or uid is not None:
        draft = new_of_entity(document, ask.manner.context, ask.ctx.principal, await habits_of(ask))
        return await create_appointment(ask.door.store, call, names_of(ask), _under(uid, draft))
    manner = await _knowing(ask, document, number)
    was = await as_it_was_read(ask.door.store, document, manner, number)
    edit = edit_of_entity(document, manner.context, was)
    return await change_appointment(ask.door.store, call, number, edit)


async def delete(ask: Ask) -> None:
    """Delete an appointment."""
    await delete_appointment(ask.door.store, call_of(ask), ask.given.number("AppointmentEntityId"))


async def validate(ask: Ask) -> Json:
    """Say what is wrong with an appointment, by member; empty when it can be saved."""
    document = ask.given.carrier("AppointmentEntity").body
    return problems_of(document, ask.manner.context, ask.ctx.principal, names_of(ask), ask.ctx.view)


async def habits_of(ask: Ask) -> Habits:
    """Read how the caller's new appointments begin."""
    return await read_habits(ask.door.store, ask.ctx.principal, ask.directory)


def names_of(ask: Ask) -> NewNames:
    """Make the names of a new appointment."""
    return new_names(ask.door.ids, ask.ctx.view.now)


def _under(uid: UUID | None, draft: Draft) -> Draft:
    """Let a draft have this UID, whatever else names one."""
    if uid is None:
        return draft

    def named(names: NewNames, view: View) -> Edited:
        made = draft(replace(names, uid=uid), view)
        return replace(made, appointment=replace(made.appointment, uid=uid))

    return named


async def _knowing(ask: Ask, document: Json, number: int) -> Manner:
    if not asks_conflict(document):
        return ask.manner
    store, principal = ask.door.store, ask.ctx.principal
    reading, _access = await read_appointment(store, principal, number, wants_conflict=True, is_shown=False)
    return replace(ask.manner, has_conflict=reading.has_conflict)
