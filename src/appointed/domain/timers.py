"""What the clock makes of an appointment: who is late, who did not come, which call was never ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import Window, has_call
from appointed.domain.directory import Department, Directory
from appointed.domain.status import Happening, Status, after

MINUTE: Final = timedelta(minutes=1)
# Of a department that is gone, the graces are those of one that set none.
UNKNOWN: Final = Department(id=0, uid=UUID(int=0), name="", default_associate_id=0)


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a row as the clock looks at to find what is due."""

    id: int
    status: Status
    department_id: int
    starts_at: datetime
    ends_at: datetime


IsDue = Callable[[Slot | Appointment, Department, Window, datetime], bool]


class Timer(msgspec.Struct, frozen=True):
    """What happens to an appointment at some time, and whether that time has come."""

    name: str
    happening: Happening
    is_due: IsDue


def _is_late(row: Slot | Appointment, department: Department, _window: Window, now: datetime) -> bool:
    return now - row.starts_at >= department.late_after_minutes * MINUTE


def _is_no_show(row: Slot | Appointment, department: Department, _window: Window, now: datetime) -> bool:
    return now - row.ends_at >= department.no_show_after_minutes * MINUTE


def _is_over(row: Slot | Appointment, _department: Department, window: Window, now: datetime) -> bool:
    return now - row.ends_at >= window.after


# The table; the first that is due counts, so that nobody becomes late who did not come.
TIMERS: Final = (
    Timer("no_show", Happening.NEVER_SEEN, _is_no_show),
    Timer("overdue", Happening.WINDOW_CLOSED, _is_over),
    Timer("late", Happening.GRACE_ENDED, _is_late),
)
# Rows in other states wait for no time.
TIMED: Final = tuple(
    status for status in Status if any(after(status, timer.happening) is not status for timer in TIMERS)
)


def due(row: Slot | Appointment, directory: Directory, window: Window, now: datetime) -> Happening | None:
    """Tell what the clock does to such a row now, if it is one that the clock moves; None: nothing."""
    department = directory.departments.get(row.department_id, UNKNOWN)
    for timer in TIMERS:
        moves = after(row.status, timer.happening) is not row.status
        if moves and timer.is_due(row, department, window, now):
            return timer.happening
    return None


def tick(row: Appointment, directory: Directory, window: Window, now: datetime) -> Happening | None:
    """Tell what the clock does to this very row now; None: nothing."""
    return due(row, directory, window, now) if has_call(row) else None
