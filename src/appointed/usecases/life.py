"""What the agent, the claimant, the clock and the meeting server do to an appointment, as edits."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.call import Window, has_call
from appointed.domain.directory import View
from appointed.domain.errors import MoveRefused
from appointed.domain.principal import server
from appointed.domain.status import Happening, Mover, Status, after, step, steps
from appointed.domain.timers import tick
from appointed.usecases.change_appointment import Call, Edit, Edited, change_appointment
from appointed.usecases.ports import IdSource, Outcome, Store

CLOCK_DOOR: Final = "clock"
# What was said of a time that is not the appointment's any more.
EXPECTED_ANEW: Final = frozenset({Status.LATE, Status.NO_SHOW, Status.WAITING})
MARKS: Final = frozenset({Happening.MARKED_LATE, Happening.MARKED_NO_SHOW})


async def take_step(
    store: Store, call: Call, ref: int | UUID, happening: Happening, reason: str | None = None
) -> Outcome:
    """Do what an agent wants done: admit, mark as late or as no-show, complete, cancel (for a reason).

    What has come about already changes nothing. Raises MoveRefused, and what any change raises.
    """
    return await change_appointment(store, call, ref, stepping(happening, reason))


def stepping(happening: Happening, reason: str | None = None) -> Edit:
    """Make the edit that does what an agent wants done; it raises MoveRefused."""

    def edit(row: Appointment, _view: View) -> Edited:
        status = step(row.status, happening)
        if status is row.status:
            return Edited(row)
        reasons: dict[str, Any] = {"cancellation_reason": reason} if status is Status.CANCELLED else {}
        return Edited(replace(row, status=status, **reasons))

    return edit


def is_early(happening: Happening, row: Appointment, window: Window, now: datetime) -> bool:
    """Tell whether it is too early for a step of an agent.

    No session begins before the room opens: that stamp is set once. Nobody has missed what has not begun.
    """
    if happening in MARKS:
        return now < row.starts_at
    return happening is Happening.ADMITTED and window.is_before(row, now)


def stepping_in_time(happening: Happening, window: Window) -> Edit:
    """Make the edit that does what an agent wants done; it raises MoveRefused, also where it is too early."""
    stepped = stepping(happening)

    def edit(row: Appointment, view: View) -> Edited:
        wanted = after(row.status, happening)
        if wanted is not row.status and is_early(happening, row, window, view.now):
            others = steps(Mover.AGENT, row.status).items()
            allowed = tuple(status for one, status in others if not is_early(one, row, window, view.now))
            raise MoveRefused(row.status, wanted, allowed)
        return stepped(row, view)

    return edit


def rescheduling(edit: Edit, window: Window) -> Edit:
    """Make the edit that does what `edit` does, and expects the claimant anew where that gives a coming time.

    Who waits goes on waiting if the room is open for the new time already. Who asks for another time on a
    page means this; callers of an API say so by the status (ADR 177).
    """

    def rescheduled(row: Appointment, view: View) -> Edited:
        made = edit(row, view)
        after = made.appointment
        is_moved = after.starts_at != row.starts_at and after.starts_at > view.now
        is_here = after.status is Status.WAITING and not window.is_before(after, view.now)
        if not is_moved or is_here or after.status not in EXPECTED_ANEW:
            return made
        return replace(made, appointment=replace(after, status=Status.SCHEDULED))

    return rescheduled


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
        return Edited(_stamped(replace(row, status=status), when))

    return edit


def leaving(window: Window) -> Edit:
    """Make the edit for a claimant who leaves before being seen: expected again, or late, as the time is.

    Who has waited to the end did come, whenever they leave: what to make of it is for the agent.
    """

    def edit(row: Appointment, view: View) -> Edited:
        status = after(row.status, Happening.CLAIMANT_LEFT)
        if status is row.status or not has_call(row) or view.now >= row.ends_at:
            return Edited(row)
        return ticking(window)(replace(row, status=status), view)

    return edit


def ticking(window: Window) -> Edit:
    """Make the edit that lets the clock do what is due; a row that was moved meanwhile stays as it is.

    A call that nobody ended did so when its window closed.
    """

    def edit(row: Appointment, view: View) -> Edited:
        happening = tick(row, view.directory, window, view.now)
        if happening is None:
            return Edited(row)
        moved = replace(row, status=after(row.status, happening))
        return Edited(_stamped(moved, min(max(window.closes_at(row), row.created_at), view.now)))

    return edit


async def let_time_pass(store: Store, ids: IdSource, tenant_id: int, row_id: int, window: Window) -> None:
    """Move one appointment as the clock says; called again, or by several at once, it moves it once."""
    call = Call(principal=server(tenant_id), door=CLOCK_DOOR, ids=ids)
    await change_appointment(store, call, row_id, ticking(window))


def _stamped(row: Appointment, when: datetime) -> Appointment:
    """Stamp a session that begins or ends; what already stands is kept."""
    if row.status is Status.BEING_SEEN and row.session_started_at is None:
        return replace(row, session_started_at=when)
    began = row.session_started_at
    if row.status is Status.COMPLETE and began is not None and row.session_ended_at is None:
        return replace(row, session_ended_at=max(when, began))
    return row


def consenting(may_record: bool) -> Edit:
    """Make the edit that keeps a claimant's answer whether the call may be recorded."""

    def edit(row: Appointment, _view: View) -> Edited:
        return Edited(replace(row, recording_consent=may_record))

    return edit
