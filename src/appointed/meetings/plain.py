"""Meetings at any server that opens a room by its address alone."""

from datetime import datetime

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import Side, room_of
from appointed.usecases.meetings import Switches

ROOM = "{room}"


class PlainMeetings(msgspec.Struct, frozen=True):
    """Puts the room's name into an address; the switches have no effect there."""

    url: str

    @property
    def tells(self) -> bool:
        """Whether this server tells who comes and goes: it has no way to."""
        return False

    def address(self, row: Appointment, side: Side, now: datetime, until: datetime) -> str:
        """Give the same address to both sides."""
        return self.url.replace(ROOM, room_of(row))

    def framed(self, address: str) -> str:
        """Give the same address: nothing is known of how to talk with such a meeting."""
        return address

    def switches(self, row: Appointment, side: Side) -> Switches:
        """Say that there are none."""
        return Switches()
