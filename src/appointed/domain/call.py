"""When a video call may be entered, by whom, and what its room is called at the meeting server."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.meeting import Features, Place, read_place
from appointed.domain.status import Status


class Side(StrEnum):
    """Whose link was opened."""

    AGENT = "agent"
    CLAIMANT = "claimant"
    INTERPRETER = "interpreter"
    GUEST = "guest"


class Welcome(StrEnum):
    """What a link leads to: the meeting, or a page that says why not yet, or no more.

    ARRIVE: the claimant is asked to say that they are here. WAIT: the other side has a step to take.
    """

    ENTER = "enter"
    EARLY = "early"
    ARRIVE = "arrive"
    WAIT = "wait"
    OVER = "over"


_OVER: Final = dict.fromkeys((Status.COMPLETE, Status.NO_SHOW, Status.CANCELLED), Welcome.OVER)

# Whom an agent asks to join; each role has a link of its own.
INVITED: Final = (Side.INTERPRETER, Side.GUEST)

_INVITED: Final = {
    Status.SCHEDULED: Welcome.WAIT,
    Status.LATE: Welcome.WAIT,
    Status.WAITING: Welcome.WAIT,
    Status.BEING_SEEN: Welcome.ENTER,
    **_OVER,
}

# The table. Agents come in when somebody waits for them, everybody else when an agent is there.
WELCOMES: Final[Mapping[Side, Mapping[Status, Welcome]]] = {
    Side.AGENT: {
        Status.SCHEDULED: Welcome.WAIT,
        Status.LATE: Welcome.WAIT,
        Status.WAITING: Welcome.ENTER,
        Status.BEING_SEEN: Welcome.ENTER,
        **_OVER,
    },
    Side.CLAIMANT: {
        Status.SCHEDULED: Welcome.ARRIVE,
        Status.LATE: Welcome.ARRIVE,
        Status.WAITING: Welcome.WAIT,
        Status.BEING_SEEN: Welcome.ENTER,
        **_OVER,
    },
    **dict.fromkeys(INVITED, _INVITED),
}

# Where the meeting server tells nothing of agents who come, claimants may wait for them in the room.
UNTOLD: Final[Mapping[Side, Mapping[Status, Welcome]]] = {
    **WELCOMES,
    Side.CLAIMANT: {**WELCOMES[Side.CLAIMANT], Status.WAITING: Welcome.ENTER},
    **{side: {**_INVITED, Status.WAITING: Welcome.ENTER} for side in INVITED},
}


class Window(msgspec.Struct, frozen=True):
    """How long before its start and after its end an appointment's links work."""

    before: timedelta
    after: timedelta

    def opens_at(self, row: Appointment) -> datetime:
        """Give the first instant."""
        return row.starts_at - self.before

    def is_before(self, row: Appointment, now: datetime) -> bool:
        """Tell whether it has not opened yet."""
        return now < self.opens_at(row)

    def closes_at(self, row: Appointment) -> datetime:
        """Give the instant from which it is closed."""
        return row.ends_at + self.after


def opening(window: Window, minutes_before: int) -> Window:
    """Give the window that opens so many minutes before the start, and closes as ever."""
    return Window(timedelta(minutes=minutes_before), window.after)


def welcome(row: Appointment, side: Side, now: datetime, window: Window, *, is_told: bool = True) -> Welcome:
    """Tell what a side's link leads to now; `is_told`: the meeting server tells who comes and goes."""
    found = (WELCOMES if is_told else UNTOLD)[side][row.status]
    if found is Welcome.OVER or now >= window.closes_at(row):
        return Welcome.OVER
    if window.is_before(row, now):
        return Welcome.EARLY
    # Where there is no claimant, nobody presses a button that others could wait for (ADR 95).
    return Welcome.ENTER if side is not Side.CLAIMANT and row.claimant is None else found


def has_call(row: Appointment) -> bool:
    """Tell whether the meeting server and the claimant's page may move this appointment.

    It needs a claimant and a room, and was not entered after its own end.
    """
    return row.claimant is not None and row.meeting is not None and row.created_at <= row.ends_at


def asks_consent(row: Appointment) -> bool:
    """Tell whether the call is to be recorded and its claimant has not said yet whether it may be."""
    return row.features.call_recording and row.claimant is not None and row.recording_consent is None


def allowed(row: Appointment) -> Features:
    """Give the switches that count: a claimant is not recorded without their yes."""
    if row.claimant is None or row.recording_consent or not row.features.call_recording:
        return row.features
    return replace(row.features, call_recording=False)


def room_of(row: Appointment) -> str:
    """Name the room at the meeting server, which compares names in lower case; the row has a meeting."""
    secret = row.meeting.room_name.lower() if row.meeting else ""
    return str(Place(row.tenant_id, row.id, secret))


def place_of(room: str) -> Place | None:
    """Read the name of a room; None for one that is none of ours."""
    return read_place(room.lower())
