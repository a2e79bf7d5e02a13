"""Saving, moving, updating and deleting, each as far in a series as asked (Agents WebAPI, Appointment)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec.structs import replace
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment, Kind
from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound, InvalidRequest
from appointed.domain.rights import demand_nameable
from appointed.domain.series import Reach
from appointed.domain.status import STATUS_OF, Completion
from appointed.http.lost import lost_header
from appointed.http.replies import WholeAnswer
from appointed.superoffice.agents.appointments import save_entity
from appointed.superoffice.agents.calls import (
    booking_of,
    call_of,
    changed,
    entity_of,
    mail_of,
    moment,
    needed_moment,
    reach_of,
    row_of,
)
from appointed.superoffice.carriers.simple import simple
from appointed.superoffice.choices import COMPLETION_OF, COMPLETIONS, KINDS
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.given import Given
from appointed.superoffice.request import wish_of
from appointed.superoffice.row_status import status_number
from appointed.superoffice.service import Ask, write_value
from appointed.usecases.change_appointment import Edited, delete_appointment
from appointed.usecases.change_many import Item, change_many
from appointed.usecases.ports import Outcome, Reply
from appointed.usecases.read_appointment import read_appointment

Json = Any
# How a UID of another system, which need not be a UUID, becomes one: the same text, the same UUID.
UID_SPACE = uuid5(NAMESPACE_URL, "urn:appointed:uid")
IDENTIFIER = "appointment_id"
MOST_IN_LIST = 2
STATUSES = ENUMS["AppointmentStatus"].names
KIND_OF = {wire: kind for kind, wire in KINDS.items()}


async def save(ask: Ask) -> ASGIApp:
    """Create or replace an appointment, with its participants and its series as far as asked."""
    document = ask.given.carrier("AppointmentEntity")
    outcome = await save_entity(ask, document, reach_of(ask.given), mail=mail_of(ask.given))
    return entity_of(outcome, ask)


async def delete(ask: Ask) -> ASGIApp:
    """Delete an appointment, and the rest of its series if asked; whoever was invited is told."""
    call = call_of(ask, reach_of(ask.given), mail=mail_of(ask.given))
    outcome = await delete_appointment(ask.door.store, call, ask.given.number("AppointmentId"))
    return WholeAnswer(Reply(204, lost_header(outcome), b""))


async def move(ask: Ask) -> ASGIApp:
    """Begin an appointment at another time; it lasts as long as before."""
    return await _moved(ask, ask.given)


async def move_extended(ask: Ask) -> ASGIApp:
    """Begin an appointment at another time, and say whether it takes all day and blocks."""
    return await _moved(ask, ask.given.carrier("AppointmentMoveData"))


async def update(ask: Ask) -> ASGIApp:
    """Change times, status, kind and owner at once; what is 0 or not set stays."""
    outcome = await _updated(ask)
    row = row_of(outcome)
    if outcome.directory is None:
        raise TypeError("the store answered a change without its directory")
    flat = simple(row, ask.manner.context(row, View(outcome.directory, ask.door.clock())))
    return write_value(flat, "Appointment", wish_of(ask.request), *lost_header(outcome))


async def toggle_status(ask: Ask) -> Json:
    """Complete an appointment, or start it again when it was complete; answers its new status."""
    return COMPLETIONS[row_of(await _toggled(ask, ask.given.number("AppointmentId"))).completion]


async def toggle_activity(ask: Ask) -> Json:
    """Complete an activity, or start it again when it was complete."""
    row = row_of(await _toggled(ask, _identified(ask.given.text("ActivityIdentifier"))))
    return COMPLETIONS[row.completion]


async def toggle_activities(ask: Ask) -> Json:
    """Complete each of at most 100 activities, or start it again; answers how far the first is then."""
    numbers = _all_identified(ask.given.texts("ActivityIdentifier"))
    rows = await _all_set(ask, numbers, _opposite)
    return COMPLETIONS[rows[numbers[0]].completion]


async def toggle_and_set(ask: Ask) -> Json:
    """Toggle the first of at most 100 activities, and bring the others there; names those left out: none."""
    numbers = _all_identified(ask.given.texts("ActivityIdentifiers"))
    lead: dict[int, Completion] = {}

    def wanted(row: Appointment) -> Completion:
        # The first comes first, and what another has made of it meanwhile is known here alone.
        if row.id == numbers[0]:
            lead[row.id] = _opposite(row)
        return lead[numbers[0]]

    await _all_set(ask, numbers, wanted)
    # Only appointments that suggest others when they are completed are left out, and none does here.
    return []


async def set_status(ask: Ask) -> None:
    """Set how far activities have come: all of them or none, at most 100."""
    wanted = COMPLETION_OF[ask.given.choice("ActivityStatus", "ActivityStatus", "NotStarted")]
    await _all_set(ask, _all_identified(ask.given.texts("ActivityIdentifier")), lambda _row: wanted)


async def convert_to_task(ask: Ask) -> ASGIApp:
    """Turn an appointment into a task of the checklist, where nobody else takes part."""

    def edit(row: Appointment, _view: View) -> dict[str, Any]:
        if len(row.participants) >= MOST_IN_LIST:
            raise InvalidRequest("Only an appointment without other participants becomes a task.")
        return {"kind": Kind.CHECKLIST}

    return entity_of(await changed(ask, ask.given.number("AppointmentId"), edit), ask)


async def create_for_uid(ask: Ask) -> ASGIApp | None:
    """Create an appointment under a UID of another system; null when an appointment has it."""
    document, uid = ask.given.carrier("AppointmentEntity"), uid_of(ask.given.text("UID"))
    try:
        await read_appointment(ask.door.store, ask.ctx.principal, uid, is_shown=False)
    except AppointmentNotFound:
        return entity_of(await save_entity(ask, document, Reach.THIS, uid=uid), ask)
    return None


def uid_of(text: str) -> UUID:
    """Read a UID: a UUID as it is, any other text as one that it alone gives."""
    try:
        return UUID(text)
    except ValueError:
        return uuid5(UID_SPACE, text)


def status_name(row: Appointment) -> str:
    """Name an appointment's status, which says a hand-over or an invitation before the work done."""
    return STATUSES[status_number(row)]


async def _moved(ask: Ask, given: Given) -> ASGIApp:
    starts_at = needed_moment(ask, given, "NewStartTime")
    flags = {"is_all_day": "IsAlldayEvent", "is_free": "IsFree"}
    more = {member: given.flag(name) for member, name in flags.items() if given.has(name)}

    def edit(row: Appointment, _view: View) -> dict[str, Any]:
        return {"starts_at": starts_at, "ends_at": _later(starts_at, row), **more}

    number = await booking_of(ask, given.number("AppointmentId"))
    return entity_of(await changed(ask, number, edit, reach_of(given), mail_of(given)), ask)


def _later(starts_at: datetime, row: Appointment) -> datetime:
    try:
        return starts_at + row.duration
    except OverflowError:
        raise InvalidRequest("The appointment would end after the last day there is.") from None


async def _updated(ask: Ask) -> Outcome:
    given = ask.given
    starts_at, ends_at = moment(ask, given, "StartTime"), moment(ask, given, "EndTime")
    kind = KIND_OF[given.choice("Type", "AppointmentType", "Unknown")]
    status = given.choice("Status", "AppointmentStatus", "UnknownOrPostIt")
    owner_id = given.number("AssociateId", 0)
    if owner_id:
        demand_nameable(ask.ctx.principal, owner_id, ask.directory)
    if owner_id and owner_id not in ask.directory.associates:
        raise InvalidRequest(f"There is no associate {owner_id}.")

    def edit(row: Appointment, _view: View) -> dict[str, Any]:
        members: dict[str, Any] = {
            "starts_at": starts_at,
            "ends_at": ends_at,
            "kind": None if kind is Kind.UNKNOWN else kind,
            "owner_id": owner_id or None,
            "status": _status_after(row, status),
        }
        if starts_at is not None and ends_at is None:
            members["ends_at"] = _later(starts_at, row)
        return {name: value for name, value in members.items() if value is not None}

    return await changed(ask, given.number("Id"), edit, reach_of(given), mail_of(given))


def _status_after(row: Appointment, wanted: str) -> Any:
    if wanted in ("UnknownOrPostIt", status_name(row)):
        return None
    completion = COMPLETION_OF.get(wanted)
    if completion is None:
        raise InvalidRequest("Invitations and assignments are answered by Accept, Reject and SetSeen.")
    return None if completion is row.completion else STATUS_OF[completion]


async def _toggled(ask: Ask, number: int) -> Outcome:
    def edit(row: Appointment, _view: View) -> dict[str, Any]:
        return {"status": STATUS_OF[_opposite(row)]}

    return await changed(ask, number, edit, is_shown=False)


def _opposite(row: Appointment) -> Completion:
    return Completion.STARTED if row.completion is Completion.COMPLETED else Completion.COMPLETED


async def _all_set(
    ask: Ask, numbers: tuple[int, ...], wanted: Callable[[Appointment], Completion]
) -> dict[int, Appointment]:
    """Bring each of these to where it is wanted, all of them or none; gives them by their ids."""

    def edit(row: Appointment, _view: View) -> Edited:
        step = wanted(row)
        return Edited(row if row.completion is step else replace(row, status=STATUS_OF[step]))

    items = [Item(one, edit) for one in numbers]
    outcome, _ids = await change_many(ask.door.store, call_of(ask, is_shown=False), items)
    return {row.id: row for row in outcome.rows}


def _all_identified(identifiers: tuple[str, ...]) -> tuple[int, ...]:
    if not identifiers:
        raise InvalidRequest("At least one activity must be named.")
    return tuple(dict.fromkeys(map(_identified, identifiers)))


def _identified(text: str) -> int:
    name, _equals, number = text.partition("=")
    if name.strip().lower() != IDENTIFIER or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise InvalidRequest(f'An activity is named as "{IDENTIFIER}=666".')
    return int(number)
