"""What the page of an agent's link is told while the meeting stands in it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from appointed.console.look.meeting import Meeting, meeting_of
from appointed.domain.appointment import Appointment
from appointed.domain.call import Side, Welcome
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.status import Status
from appointed.http.event_stream import ServerEvent
from appointed.usecases.live import Message, Topic
from appointed.usecases.meetings import Calls, Visit

STREAM: Final = "text/event-stream"


class RoomState(msgspec.Struct, frozen=True):
    """`page` says what the link leads to; a script that finds another one there reads its page anew."""

    page: str
    meeting: Meeting | None = None


# What no page is.
ELSEWHERE: Final = RoomState("")


def room_state(visit: Visit) -> RoomState:
    """Say how things stand."""
    return RoomState(visit.welcome.value, None if visit.address is None else meeting_of(visit.switches))


def is_led_on(visit: Visit) -> bool:
    """Tell whether an agent is led on without being asked: the call is over, and hosts are listed."""
    is_complete = visit.welcome is Welcome.OVER and visit.row.status is Status.COMPLETE
    return is_complete and visit.now < visit.closes_at and bool(visit.directory.tenant.redirect_hosts)


class RoomTelling:
    """Follows one appointment by its agents' key."""

    def __init__(self, calls: Calls, key: str, row: Appointment) -> None:
        self._calls = calls
        self._key = key
        self._told: RoomState | None = None
        self.topic = Topic(tenant_id=row.tenant_id, appointment_ids=frozenset({row.id}))

    async def first(self) -> Iterable[ServerEvent]:
        """Read how things stand."""
        try:
            state = room_state(await self._calls.visit(Side.AGENT, self._key))
        except AppointmentNotFound:
            state = ELSEWHERE
        if state == self._told:
            return ()
        self._told = state
        return (ServerEvent(msgspec.json.encode(state).decode(), "state"),)

    async def render(self, _batch: tuple[Message, ...]) -> Iterable[ServerEvent]:
        """Tell what has changed, if anything of it concerns the page."""
        return await self.first()
