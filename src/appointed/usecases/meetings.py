"""Video calls: whom a link lets in, whether a room may open, and what its events do to an appointment."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.call import Side, Welcome, Window, has_call, place_of, room_of, welcome
from appointed.domain.directory import Directory, View
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.meeting import Place, invited_key, read_place
from appointed.domain.principal import server
from appointed.domain.rights import is_video_listed
from appointed.domain.status import Happening, Status, after
from appointed.usecases.change_appointment import Call, Edit, Edited, change_appointment
from appointed.usecases.ports import ById, ByUid, Clock, IdSource, Reading, Store

DOOR = "meetings"


class Meetings(Protocol):
    """Makes addresses at a meeting server."""

    @property
    def tells(self) -> bool:
        """Whether this server tells who comes and goes."""
        ...

    def address(self, row: Appointment, side: Side, now: datetime, until: datetime) -> str:
        """Give the address that takes one side into the room of this row, which has a meeting.

        `until` is when the call ends at the latest.
        """
        ...


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What an opened link leads to: with ENTER the `address`, unless there is no server."""

    row: Appointment
    directory: Directory
    welcome: Welcome
    opens_at: datetime
    address: str | None = None


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Everything around the calls of all tenants."""

    store: Store
    clock: Clock
    ids: IdSource
    window: Window
    meetings: Meetings | None = None

    async def visit(self, side: Side, key: str) -> Visit:
        """Tell what a link's key leads to now; writes nothing. Raises AppointmentNotFound for any other."""
        reading = await self._opened(key, KEYS[side])
        row, now = reading.row, self.clock()
        is_told = self.meetings is None or self.meetings.tells
        found = welcome(row, side, now, self.window, is_told=is_told)
        address = None
        if found is Welcome.ENTER and self.meetings is not None:
            address = self.meetings.address(row, side, now, self.window.closes_at(row))
        return Visit(
            row=row,
            directory=reading.directory,
            welcome=found,
            opens_at=self.window.opens_at(row),
            address=address,
        )

    async def arrive(self, key: str) -> None:
        """Note that the claimant is there; without effect outside the window. Raises AppointmentNotFound."""
        row = (await self._opened(key, KEYS[Side.CLAIMANT])).row
        if welcome(row, Side.CLAIMANT, self.clock(), self.window) is Welcome.ARRIVE:
            await self._happen(row, Happening.CLAIMANT_ARRIVED)

    async def seconds_open(self, room: str) -> int:
        """Tell for how many more seconds a room may be open; 0 when it may not open now.

        Raises AppointmentNotFound for a room that is none of ours.
        """
        reading = await self._opened_room(room)
        now = self.clock()
        if welcome(reading.row, Side.AGENT, now, self.window) is not Welcome.ENTER:
            return 0
        return int((self.window.closes_at(reading.row) - now).total_seconds())

    async def hear(self, room: str, happening: Happening, at: datetime) -> None:
        """Let what happened in a room at some instant move its appointment; told again it moves nothing.

        Raises AppointmentNotFound for a room that is none of ours.
        """
        await self._happen((await self._opened_room(room)).row, happening, at)

    async def _opened(self, key: str, secret_of: Callable[[Appointment], str]) -> Reading:
        return await self._looked_up(read_place(key), secret_of)

    async def _opened_room(self, room: str) -> Reading:
        return await self._looked_up(place_of(room), lambda row: _secret(room_of(row)))

    async def _looked_up(self, place: Place | None, secret_of: Callable[[Appointment], str]) -> Reading:
        if place is None:
            raise AppointmentNotFound("")
        named = place.appointment
        scope = ByUid(named) if isinstance(named, UUID) else ById((named,))
        reading = await self.store.read(place.tenant_id, scope)
        row = reading.row
        # The comparison comes first, so that its time tells nothing of the row.
        if not place.opens(secret_of(row)) or row.meeting is None or not is_video_listed(row):
            raise AppointmentNotFound("")
        return reading

    async def _happen(self, row: Appointment, happening: Happening, at: datetime | None = None) -> None:
        call = Call(principal=server(row.tenant_id), door=DOOR, ids=self.ids)
        await change_appointment(self.store, call, row.id, moving(happening, at))


def _secret(room: str) -> str:
    return room.split("-", 2)[2]


# Without a meeting no text is the agents' key: what is read from a link is never empty.
KEYS: dict[Side, Callable[[Appointment], str]] = {
    Side.AGENT: lambda row: row.meeting.agent_key if row.meeting else "",
    Side.CLAIMANT: lambda row: row.link_key,
    Side.INTERPRETER: lambda row: invited_key(row.meeting, Side.INTERPRETER) if row.meeting else "",
    Side.GUEST: lambda row: invited_key(row.meeting, Side.GUEST) if row.meeting else "",
}


def moving(happening: Happening, at: datetime | None = None) -> Edit:
    """Make the edit that moves an appointment as its table says; a new stamp is `at`, else the store's now.

    A call that ended before the session began was another one. No stamp lies in the future.
    """

    def edit(row: Appointment, view: View) -> Edited:
        status = after(row.status, happening)
        began = row.session_started_at
        is_earlier = at is not None and began is not None and at < began
        if status is row.status or not has_call(row) or (happening is Happening.CALL_ENDED and is_earlier):
            return Edited(row)
        when = view.now if at is None else min(max(at, row.created_at), view.now)
        if status is Status.BEING_SEEN and began is None:
            return Edited(replace(row, status=status, session_started_at=when))
        if status is Status.COMPLETE and began is not None and row.session_ended_at is None:
            return Edited(replace(row, status=status, session_ended_at=when))
        return Edited(replace(row, status=status))

    return edit
