"""Video rooms that are reserved before their appointment is saved (Agents WebAPI, Appointment).

Nothing is kept of a reservation: its address holds all, and saving an appointment with it makes the room.
"""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import AssociateType, View
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidRequest
from appointed.domain.meeting import agent_url
from appointed.domain.meeting import reserve as room_of
from appointed.domain.rights import Access, caller
from appointed.superoffice.agents.calls import call_of
from appointed.superoffice.agents.lists import mine
from appointed.superoffice.agents.pages import every_row
from appointed.superoffice.carriers.shape import Field, Shape, fixed
from appointed.superoffice.service import Ask
from appointed.usecases.change_appointment import Edited, change_appointment
from appointed.usecases.query import AllOf, Operator, Test
from appointed.usecases.read_appointment import read_appointment

Json = Any

USER_CONNECTED_STATE: Shape = (
    Field("IsConnected", "bool", fixed(None)),
    Field("ProviderId", "string", fixed(None)),
    Field("LoginUrl", "string", fixed(None)),
)
VIDEO_MEETING_RESERVATION: Shape = (
    Field("VideoMeetingId", "string", fixed(None)),
    Field("VideoMeetingUrl", "string", fixed(None)),
)


async def connected_state(ask: Ask) -> Json:
    """Whether the caller can hold video meetings: not without a meeting server; nobody signs in there."""
    is_connected = ask.door.has_meetings and not _is_system(ask)
    return {"IsConnected": is_connected, "ProviderId": "Appointed", "LoginUrl": ""}


async def reserve(ask: Ask) -> Json:
    """Reserve a video room: saved as JoinVideomeetUrl it becomes the appointment's; not for system users."""
    if _is_system(ask):
        raise Forbidden
    uid = ask.door.ids.uuid7(ask.ctx.view.now)
    room = room_of(uid, ask.door.ids.token(16))
    url = agent_url(room, ask.ctx.principal.tenant_id, uid, ask.ctx.base_url)
    return {"VideoMeetingId": room.id, "VideoMeetingUrl": url}


async def release(ask: Ask) -> None:
    """Give a reserved room back: the appointment saved with it has no video meeting; not for system users."""
    if _is_system(ask):
        raise Forbidden
    meeting_id = ask.given.text("VideoMeetingId")
    number = await _holder(ask, meeting_id)
    if number is None:
        return

    def edit(row: Appointment, _view: View) -> Edited:
        if row.meeting is None or row.meeting.id != meeting_id:
            return Edited(row)
        if row.claimant is not None:
            raise InvalidRequest("A claimant has a link to this meeting: cancel the appointment instead.")
        return Edited(replace(row, meeting=None))

    await change_appointment(ask.door.store, call_of(ask, is_shown=False), number, edit)


async def _holder(ask: Ask, meeting_id: str) -> int | None:
    """Find the appointment that a room belongs to: by its UUID, or among those to come in the own diary."""
    try:
        reading, granted = await read_appointment(
            ask.door.store, ask.ctx.principal, UUID(meeting_id), is_shown=False
        )
        if granted >= Access.READ and reading.row.meeting and reading.row.meeting.id == meeting_id:
            return reading.row.id
    except (ValueError, AppointmentNotFound):
        pass
    to_come = Test("ends_at", Operator.GT, ask.ctx.view.now)
    rows = await every_row(ask, AllOf((mine(ask), to_come)), is_shown=False)
    return next((row.id for row in rows if row.meeting and row.meeting.id == meeting_id), None)


def _is_system(ask: Ask) -> bool:
    return caller(ask.ctx.principal, ask.directory).type is AssociateType.SYSTEM
