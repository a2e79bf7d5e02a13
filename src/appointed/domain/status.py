"""What state an appointment can be in, who moves it where, and which stamps a move sets."""

from datetime import datetime
from enum import StrEnum

from appointed.domain.errors import MoveRefused, Problem


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

# Who sets a state by an API may set any but out of `cancelled`; everything else moves by HAPPENINGS.
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


class Mover(StrEnum):
    """Whose doing a happening is. Callers of an API are not among them: they set states by `MOVES`."""

    AGENT = "agent"
    CLAIMANT = "claimant"
    CLOCK = "clock"
    MEETING_SERVER = "meeting server"


class Happening(StrEnum):
    """What moves an appointment from state to state, besides callers who set one."""

    ADMITTED = "admitted"
    MARKED_LATE = "marked_late"
    MARKED_NO_SHOW = "marked_no_show"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    CLAIMANT_ARRIVED = "claimant_arrived"
    CLAIMANT_LEFT = "claimant_left"
    GRACE_ENDED = "grace_ended"
    NEVER_SEEN = "never_seen"
    WINDOW_CLOSED = "window_closed"
    AGENT_JOINED = "agent_joined"
    CALL_ENDED = "call_ended"


MOVERS: dict[Happening, Mover] = {
    Happening.ADMITTED: Mover.AGENT,
    Happening.MARKED_LATE: Mover.AGENT,
    Happening.MARKED_NO_SHOW: Mover.AGENT,
    Happening.COMPLETED: Mover.AGENT,
    Happening.CANCELLED: Mover.AGENT,
    Happening.CLAIMANT_ARRIVED: Mover.CLAIMANT,
    Happening.CLAIMANT_LEFT: Mover.CLAIMANT,
    Happening.GRACE_ENDED: Mover.CLOCK,
    Happening.NEVER_SEEN: Mover.CLOCK,
    Happening.WINDOW_CLOSED: Mover.CLOCK,
    Happening.AGENT_JOINED: Mover.MEETING_SERVER,
    Happening.CALL_ENDED: Mover.MEETING_SERVER,
}

_EXPECTED = (Status.SCHEDULED, Status.LATE)
_UNSEEN = (*_EXPECTED, Status.WAITING)

# The table: happening, state before, state after. What is not listed moves nothing: told twice, late or out
# of order, a happening does no harm. Agents alone are told so, for they want to see it happen.
HAPPENINGS: dict[Happening, dict[Status, Status]] = {
    Happening.ADMITTED: dict.fromkeys(_UNSEEN, Status.BEING_SEEN),
    Happening.MARKED_LATE: {Status.SCHEDULED: Status.LATE},
    Happening.MARKED_NO_SHOW: dict.fromkeys(_UNSEEN, Status.NO_SHOW),
    Happening.COMPLETED: {Status.BEING_SEEN: Status.COMPLETE},
    Happening.CANCELLED: dict.fromkeys((*_UNSEEN, Status.BEING_SEEN), Status.CANCELLED),
    Happening.CLAIMANT_ARRIVED: dict.fromkeys(_EXPECTED, Status.WAITING),
    Happening.CLAIMANT_LEFT: {Status.WAITING: Status.SCHEDULED},
    Happening.GRACE_ENDED: {Status.SCHEDULED: Status.LATE},
    # Who waits has come: that nobody has seen them is no fault of theirs.
    Happening.NEVER_SEEN: dict.fromkeys(_EXPECTED, Status.NO_SHOW),
    Happening.WINDOW_CLOSED: {Status.BEING_SEEN: Status.COMPLETE},
    Happening.AGENT_JOINED: {Status.WAITING: Status.BEING_SEEN},
    Happening.CALL_ENDED: {Status.BEING_SEEN: Status.COMPLETE},
}


def after(before: Status, happening: Happening) -> Status:
    """Give the state that something which happened leads to; the same one when it moves nothing."""
    return HAPPENINGS[happening].get(before, before)


def steps(mover: Mover, before: Status) -> dict[Happening, Status]:
    """List what a mover can make happen from a state, and what it leads to, in the table's order."""
    return {
        happening: moves[before]
        for happening, moves in HAPPENINGS.items()
        if MOVERS[happening] is mover and before in moves
    }


def step(before: Status, happening: Happening) -> Status:
    """Give the state that a wanted happening leads to; the same one when it has come about already.

    Raises MoveRefused, which names what its mover can do instead.
    """
    moves = HAPPENINGS[happening]
    if before in moves:
        return moves[before]
    if before in moves.values():
        return before
    allowed = tuple(dict.fromkeys(steps(MOVERS[happening], before).values()))
    raise MoveRefused(before, next(iter(moves.values())), allowed)


def move_problem(before: Status, wanted: Status) -> Problem | None:
    """Tell what keeps a caller of either contract from setting a state, and which can be set; None: none."""
    if wanted in MOVES[before]:
        return None
    allowed = ", ".join(status for status in Status if status in MOVES[before])
    return Problem("status", "step", wanted, allowed)


def stamps(
    before: Status, after: Status, stamped: dict[str, datetime | None], now: datetime
) -> dict[str, datetime]:
    """Give the stamps that entering `after` sets; one that already stands is kept.

    A session can only end that has begun: `session_ended_at` needs `session_started_at`.
    The clock of who waits begins anew each time that they come (ADR 211).
    """
    if before is after:
        return {}
    if after is Status.WAITING:
        return {"arrived_at": now}
    names = [name for name in STAMPS[after] if stamped.get(name) is None]
    if stamped.get("session_started_at") is None:
        names = [name for name in names if name != "session_ended_at"]
    return dict.fromkeys(names, now)
