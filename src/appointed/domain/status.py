"""What an appointment can be in, what may follow, and which stamps a move sets."""

from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """The seven states (PATCH /api/v1/appointments/{appointment}, AppointmentResource.status)."""

    SCHEDULED = "scheduled"
    WAITING = "waiting"
    LATE = "late"
    BEING_SEEN = "being_seen"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Completion(StrEnum):
    """The three steps a diary shows; several states share one."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    COMPLETED = "completed"


COMPLETION = {
    Status.SCHEDULED: Completion.NOT_STARTED,
    Status.WAITING: Completion.NOT_STARTED,
    Status.LATE: Completion.NOT_STARTED,
    Status.BEING_SEEN: Completion.STARTED,
    Status.COMPLETE: Completion.COMPLETED,
    Status.NO_SHOW: Completion.COMPLETED,
    Status.CANCELLED: Completion.COMPLETED,
}

STATUS_OF = {
    Completion.NOT_STARTED: Status.SCHEDULED,
    Completion.STARTED: Status.BEING_SEEN,
    Completion.COMPLETED: Status.COMPLETE,
}

_ALL = frozenset(Status)

# Who asks by API may move anywhere but out of `cancelled`; what happens in a call has a table of its own.
MOVES: dict[Status, frozenset[Status]] = {
    status: frozenset({Status.CANCELLED}) if status is Status.CANCELLED else _ALL for status in Status
}

# Stamps are set once, when a state is first entered.
STAMPS: dict[Status, tuple[str, ...]] = {
    Status.SCHEDULED: (),
    Status.WAITING: (),
    Status.LATE: (),
    Status.BEING_SEEN: ("session_started_at",),
    Status.COMPLETE: ("session_ended_at", "completed_at"),
    Status.NO_SHOW: ("completed_at",),
    Status.CANCELLED: ("cancelled_at", "completed_at"),
}


class Happening(StrEnum):
    """What the claimant's page and the meeting server tell of a call."""

    CLAIMANT_ARRIVED = "claimant_arrived"
    AGENT_JOINED = "agent_joined"
    CALL_ENDED = "call_ended"


# What is not listed moves nothing: told twice, late or out of order, a happening does no harm.
HAPPENINGS: dict[Happening, dict[Status, Status]] = {
    Happening.CLAIMANT_ARRIVED: {Status.SCHEDULED: Status.WAITING, Status.LATE: Status.WAITING},
    Happening.AGENT_JOINED: {Status.WAITING: Status.BEING_SEEN},
    Happening.CALL_ENDED: {Status.BEING_SEEN: Status.COMPLETE},
}


def after(before: Status, happening: Happening) -> Status:
    """Give the state that something which happened leads to; the same one when it moves nothing."""
    return HAPPENINGS[happening].get(before, before)


def may_move(before: Status, after: Status) -> bool:
    """Tell whether a caller of either contract may move an appointment so."""
    return after in MOVES[before]


def stamps(
    before: Status, after: Status, stamped: dict[str, datetime | None], now: datetime
) -> dict[str, datetime]:
    """Give the stamps that entering `after` sets; one that already stands is kept.

    A session can only end that has begun: `session_ended_at` needs `session_started_at`.
    """
    if before is after:
        return {}
    names = [name for name in STAMPS[after] if stamped.get(name) is None]
    if stamped.get("session_started_at") is None:
        names = [name for name in names if name != "session_ended_at"]
    return dict.fromkeys(names, now)
