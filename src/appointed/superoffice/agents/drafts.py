"""What a new appointment or pattern would be, and what is asked about one (Agents WebAPI, Appointment)."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidRequest, NotProvided
from appointed.domain.participant import InvitationStatus
from appointed.domain.record_rules import record_access
from appointed.domain.recurrence import wall_of
from appointed.domain.rights import Access, demand_nameable, may_create
from appointed.superoffice.agents.appointments import habits_of, names_of
from appointed.superoffice.agents.calls import needed_moment
from appointed.superoffice.agents.changes import uid_of
from appointed.superoffice.agents.invitations import GUESTS
from appointed.superoffice.agents.pages import every_row
from appointed.superoffice.answer import Seen, entity_answer
from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.recurrence import FirstDay, recurrence
from appointed.superoffice.defaults import TO_DO, default_appointment
from appointed.superoffice.habits import MEETING, SETS
from appointed.superoffice.request import wish_of
from appointed.superoffice.seen import seen_of
from appointed.superoffice.service import Ask
from appointed.usecases.ports import Reading
from appointed.usecases.query import AllOf, Operator, Test
from appointed.usecases.read_appointment import read_appointment

Json = Any


async def default_by_type(ask: Ask) -> ASGIApp:
    """What a new appointment of a TaskType would be."""
    return _drafted(await _default(ask), ask)


async def default_by_type_and_associate(ask: Ask) -> ASGIApp:
    """What a new appointment of a TaskType would be in somebody's diary."""
    row = await _default(ask)
    return _drafted(replace(row, owner_id=_owner(ask, row.owner_id)), ask)


async def from_existing(ask: Ask) -> ASGIApp:
    """A new appointment like one that stands: its task and participants, today at its time of the day."""
    reading, granted = await read_appointment(
        ask.door.store, ask.ctx.principal, ask.given.number("AppointmentId")
    )
    if granted < Access.READ:
        raise Forbidden
    like, draft = reading.row, await _default(ask)
    zone = ask.directory.zone
    wall = wall_of(like.starts_at, like.ends_at, zone, is_all_day=like.is_all_day)
    starts_at, ends_at = wall.on(ask.ctx.view.now.astimezone(zone).date(), zone)
    row = replace(
        draft,
        owner_id=_owner(ask, draft.owner_id),
        kind=like.kind,
        task_id=like.task_id,
        is_all_day=like.is_all_day,
        starts_at=starts_at,
        ends_at=ends_at,
        participants=tuple(
            replace(one, invitation_status=InvitationStatus.NONE) for one in like.participants
        ),
    )
    return _drafted(row, ask)


async def default_re_open(ask: Ask) -> ASGIApp:
    """A reminder to take up a sale again: a task about it, when it is due next if that is to come."""
    if record_access(ask.ctx.principal, ask.directory) < Access.READ:
        raise Forbidden
    number = ask.given.number("SaleId")
    sale = ask.directory.sales.get(number)
    if sale is None:
        raise InvalidRequest(f"There is no sale {number}.")
    draft = await _default(ask, TO_DO)
    due = sale.next_due_at
    starts_at = due if due is not None and due > ask.ctx.view.now else draft.starts_at
    row = replace(
        draft,
        title=sale.title,
        description=sale.description,
        starts_at=starts_at,
        ends_at=starts_at + draft.duration,
        sale_id=sale.id,
        contact_id=sale.contact_id,
        person_id=sale.person_id,
        project_id=sale.project_id,
    )
    return _drafted(row, ask)


async def default_recurrence(ask: Ask) -> Json:
    """The pattern that a series from today on would follow."""
    return _pattern(ask, ask.ctx.view.now)


async def default_recurrence_by_date(ask: Ask) -> Json:
    """The pattern that a series from a date on would follow."""
    return _pattern(ask, needed_moment(ask, ask.given, "StartDate"))


async def can_insert(ask: Ask) -> Json:
    """Whether the caller may write in each of these diaries."""
    known = ask.directory.associates
    return [
        number in known
        and not known[number].is_deleted
        and may_create(ask.ctx.principal, number, ask.directory)
        for number in ask.given.numbers("AssociateIds")
    ]


async def organizer_name(ask: Ask) -> Json:
    """The name of the one who invites; null when there is no such booking."""
    number = ask.given.number("MotherAppointmentId")
    reading = await _read(ask, number)
    if reading is not None:
        row = reading.row
    else:
        # Of one that is no more, its guests' rows still know who invited.
        left = AllOf((Test("mother_id", Operator.EQ, number), GUESTS))
        rows = await every_row(ask, left, 1, is_shown=False)
        if not rows:
            return None
        row = rows[0]
    return name_of(row.mother_owner_id if row.is_booking_row else row.owner_id, ask.ctx)


async def have_email(ask: Ask) -> Json:
    """Whether somebody takes part who is to get mail."""
    reading = await _read(ask, ask.given.number("AppointmentId"))
    return reading is not None and any(one.send_email for one in reading.row.participants)


async def from_uid(ask: Ask) -> ASGIApp | None:
    """The appointment with a UID, null when there is none."""
    try:
        reading, _granted = await read_appointment(
            ask.door.store, ask.ctx.principal, uid_of(ask.given.text("UID")), wants_conflict=True
        )
    except AppointmentNotFound:
        return None
    view = View(reading.directory, ask.door.clock())
    return entity_answer(await seen_of(ask.door.store, reading, view), ask.manner, wish_of(ask.request))


async def uid_from_id(ask: Ask) -> Json:
    """The UID of an appointment, or of its booking's master; null when there is none."""
    reading = await _read(ask, ask.given.number("AppointmentId"))
    if reading is not None and ask.given.flag("UseMotherId") and reading.row.is_booking_row:
        reading = await _read(ask, reading.row.mother_id)
    return str(reading.row.uid) if reading else None


def refuse(needs: str) -> Any:
    """Make a method that needs a system this product does not have."""

    async def refused(_ask: Ask) -> Json:
        raise NotProvided(needs)

    refused.__doc__ = f"Needs {needs}, which this server has not: always refused."
    return refused


async def _default(ask: Ask, wanted: str = MEETING) -> Appointment:
    type_ = ask.given.choice("Type", "TaskType", wanted)
    principal, view = ask.ctx.principal, ask.ctx.view
    habits = await habits_of(ask)
    return default_appointment(names_of(ask), principal, view, habits, type_ if type_ in SETS else MEETING)


def _owner(ask: Ask, default: int) -> int:
    number = ask.given.number("AssociateId", 0) or default
    found = ask.directory.associates.get(number)
    demand_nameable(ask.ctx.principal, number, ask.directory)
    if found is None or found.is_deleted:
        raise InvalidRequest(f"There is no associate {number}.")
    return number


def _drafted(row: Appointment, ask: Ask) -> ASGIApp:
    return entity_answer(Seen(row, ask.ctx.view, False), ask.manner, wish_of(ask.request))


def _pattern(ask: Ask, at: datetime) -> Json:
    day: date = at.astimezone(ask.directory.zone).date()
    return recurrence(FirstDay(day, has_conflict=False, style=ask.ctx.style))[0]


async def _read(ask: Ask, number: int) -> Reading | None:
    try:
        reading, granted = await read_appointment(ask.door.store, ask.ctx.principal, number)
    except AppointmentNotFound:
        return None
    if granted < Access.READ:
        raise Forbidden
    return reading
