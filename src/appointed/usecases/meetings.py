"""Video calls: whom a link lets in, whether a room may open, and what its events do to an appointment."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import Side, Welcome, Window, opening, place_of, room_of, welcome
from appointed.domain.directory import Directory
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.meeting import Place, invited_key, read_place
from appointed.domain.principal import server
from appointed.domain.rights import is_video_listed
from appointed.domain.status import Happening
from appointed.domain.waiting_area import waiting_area_of
from appointed.usecases.change_appointment import Call, Edit, change_appointment
from appointed.usecases.life import consenting, leaving, moving
from appointed.usecases.ports import ById, ByUid, Clock, IdSource, Reading, Store

DOOR = "meetings"


class Switches(msgspec.Struct, frozen=True):
    """What a meeting can take over while somebody is in it (`live`), and what tells another entering apart.

    Where `joining` changes, whoever is inside has to come in again. `moderated` is for moderators alone: by
    medium ("audio", "video"), whether they are to keep everybody else from sending it.
    """

    live: Mapping[str, Any] = {}
    joining: str = ""
    moderated: Mapping[str, bool] = {}


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

    def framed(self, address: str) -> str:
        """Give an address as a page opens it in a frame that it wants to talk with."""
        ...

    def switches(self, row: Appointment, side: Side) -> Switches:
        """Give what the switches of this row mean to one side that is in its room."""
        ...


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What an opened link leads to at `now`: with ENTER the `address`, unless there is no server.

    `framed` is the same for a page that holds the meeting in a frame.
    """

    row: Appointment
    directory: Directory
    welcome: Welcome
    now: datetime
    opens_at: datetime
    closes_at: datetime
    address: str | None = None
    framed: str | None = None
    switches: Switches = Switches()


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
        row, now, window = reading.row, self.clock(), self._window(side, reading)
        is_told = self.meetings is None or self.meetings.tells
        found = welcome(row, side, now, window, is_told=is_told)
        closes_at = window.closes_at(row)
        address, framed, switches = None, None, Switches()
        if found is Welcome.ENTER and self.meetings is not None:
            address = self.meetings.address(row, side, now, closes_at)
            framed = self.meetings.framed(address)
            switches = self.meetings.switches(row, side)
        return Visit(
            row=row,
            directory=reading.directory,
            welcome=found,
            now=now,
            opens_at=window.opens_at(row),
            closes_at=closes_at,
            address=address,
            framed=framed,
            switches=switches,
        )

    async def arrive(self, key: str) -> None:
        """Note that the claimant is there; without effect outside the window. Raises AppointmentNotFound."""
        reading = await self._opened(key, KEYS[Side.CLAIMANT])
        window = self._window(Side.CLAIMANT, reading)
        if welcome(reading.row, Side.CLAIMANT, self.clock(), window) is Welcome.ARRIVE:
            await self._change(reading.row, moving(Happening.CLAIMANT_ARRIVED))

    async def leave(self, key: str) -> None:
        """Note that the claimant has gone before being seen; raises AppointmentNotFound."""
        await self._change((await self._opened(key, KEYS[Side.CLAIMANT])).row, leaving(self.window))

    async def consent(self, key: str, may_record: bool) -> None:
        """Keep the claimant's answer whether the call may be recorded; without effect once it is over.

        Raises AppointmentNotFound.
        """
        row = (await self._opened(key, KEYS[Side.CLAIMANT])).row
        if welcome(row, Side.CLAIMANT, self.clock(), self.window) is not Welcome.OVER:
            await self._change(row, consenting(may_record))

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
        await self._change((await self._opened_room(room)).row, moving(happening, at))

    def _window(self, side: Side, reading: Reading) -> Window:
        # A waiting area says by itself when it opens to those who are to wait there.
        area = (
            waiting_area_of(reading.row.department_id, reading.directory) if side is Side.CLAIMANT else None
        )
        return self.window if area is None else opening(self.window, area.opens_before_minutes)

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

    async def _change(self, row: Appointment, edit: Edit) -> None:
        call = Call(principal=server(row.tenant_id), door=DOOR, ids=self.ids)
        await change_appointment(self.store, call, row.id, edit)


def _secret(room: str) -> str:
    return room.split("-", 2)[2]


# Without a meeting no text is the agents' key: what is read from a link is never empty.
KEYS: dict[Side, Callable[[Appointment], str]] = {
    Side.AGENT: lambda row: row.meeting.agent_key if row.meeting else "",
    Side.CLAIMANT: lambda row: row.link_key,
    Side.INTERPRETER: lambda row: invited_key(row.meeting, Side.INTERPRETER) if row.meeting else "",
    Side.GUEST: lambda row: invited_key(row.meeting, Side.GUEST) if row.meeting else "",
}
