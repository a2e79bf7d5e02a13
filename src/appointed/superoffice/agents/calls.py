"""What the methods that change appointments share: how far a call goes, its times, and its answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import InvalidRequest
from appointed.domain.letter import Note
from appointed.domain.series import Reach
from appointed.http.lost import lost_header
from appointed.http.preferences import heeds_strict
from appointed.superoffice.answer import Seen, entity_answer
from appointed.superoffice.given import Given
from appointed.superoffice.request import REACHES, wish_of
from appointed.superoffice.routes import DOOR
from appointed.superoffice.service import Ask
from appointed.superoffice.wiretime import read_open
from appointed.usecases.change_appointment import Call, Edited, change_appointment
from appointed.usecases.ports import Outcome
from appointed.usecases.read_appointment import read_appointment

MODE = "RecurrenceUpdateMode"


def call_of(
    ask: Ask,
    reach: Reach = Reach.THIS,
    *,
    wants_conflicts: bool = False,
    mail: Note | None = None,
    is_shown: bool = True,
) -> Call:
    """Make the call of an agent's method: without conditions, which belong to REST.

    What the caller prefers holds here too; of a dry run nothing stays whatever the call (`Ask.tried`).
    """
    return Call(
        principal=ask.ctx.principal,
        door=DOOR,
        wants_conflicts=wants_conflicts,
        ids=ask.door.ids,
        reach=reach,
        mail=mail,
        is_shown=is_shown,
        is_strict=heeds_strict(ask.request.scope),
    )


def mail_of(given: Given) -> Note | None:
    """Read SendEmailToParticipants: whether those who want mail are told by it."""
    return Note() if given.flag("SendEmailToParticipants") else None


def reach_of(given: Given) -> Reach:
    """Read UpdateMode: how far in a series the call goes; this one alone without it."""
    return REACHES.get(given.choice("UpdateMode", MODE, "OnlyThis"), Reach.THIS)


def moment(ask: Ask, given: Given, name: str) -> datetime | None:
    """Read a date and time; None when it is not given, or the lowest or highest there is."""
    if not given.has(name):
        return None
    try:
        return read_open(given.text(name), ask.ctx.style)
    except ValueError:
        raise InvalidRequest(f"The argument {name} must be a date and time.") from None


def needed_moment(ask: Ask, given: Given, name: str) -> datetime:
    """Read a date and time that must be given."""
    found = moment(ask, given, name)
    if found is None:
        raise InvalidRequest(f"The argument {name} is missing.")
    return found


async def booking_of(ask: Ask, number: int) -> int:
    """Give the id of the booking that a guest's row belongs to, and of any other row its own."""
    store, principal = ask.door.store, ask.ctx.principal
    reading, _granted = await read_appointment(store, principal, number, is_shown=False)
    return reading.row.mother_id if reading.row.is_booking_row else number


async def changed(
    ask: Ask,
    number: int,
    change: Callable[[Appointment, View], dict[str, Any]],
    reach: Reach = Reach.THIS,
    mail: Note | None = None,
    *,
    is_shown: bool = True,
) -> Outcome:
    """Set what `change` says of an appointment's members, as one change."""

    def edit(row: Appointment, view: View) -> Edited:
        return Edited(replace(row, **change(row, view)))

    call = call_of(ask, reach, wants_conflicts=True, mail=mail, is_shown=is_shown)
    return await change_appointment(ask.door.store, call, number, edit)


def row_of(outcome: Outcome) -> Appointment:
    """Give the appointment that a change was about."""
    return outcome.rows[0]


def entity_of(outcome: Outcome, ask: Ask) -> ASGIApp:
    """Answer a change with the entity as it stands after it, and name what a series lost by it."""
    row = row_of(outcome)
    if outcome.directory is None:
        raise TypeError("the store answered a change without its directory")
    view = View(outcome.directory, ask.door.clock())
    seen = Seen(row, view, row.id in outcome.conflicts)
    return entity_answer(seen, ask.manner, wish_of(ask.request), *lost_header(outcome))
