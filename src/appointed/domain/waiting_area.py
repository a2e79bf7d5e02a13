"""Where a claimant waits: the waiting area of a department, and when it is open."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from appointed.domain.directory import Directory, WaitingArea
from appointed.domain.hours import USUAL, Hours, Span

KIND: Final = "waiting_area"


def waiting_areas(directory: Directory) -> dict[int, WaitingArea]:
    """Give all waiting areas by their ids."""
    return directory.records(KIND)


def waiting_area_of(department_id: int, directory: Directory) -> WaitingArea | None:
    """Give the waiting area of a department, of several the first; None when it has none."""
    found = (one for one in waiting_areas(directory).values() if one.department_id == department_id)
    return min(found, key=lambda one: one.id, default=None)


def hours_today(area: WaitingArea, directory: Directory, now: datetime) -> tuple[Span, ...]:
    """Tell when a waiting area is open today: its own hours, else its department's, and no holiday."""
    department = directory.departments.get(area.department_id)
    openings = area.opening_hours
    if openings is None and department is not None:
        openings = department.opening_hours
    closed = frozenset(day.on for day in department.holidays) if department else frozenset()
    day = now.astimezone(directory.zone).date()
    return tuple(Hours((USUAL if openings is None else openings,), closed).spans(day, directory.zone))


def is_open(hours: Iterable[Span], now: datetime) -> bool:
    """Tell whether it is open now."""
    return any(span.since <= now < span.until for span in hours)
