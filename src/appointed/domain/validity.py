"""What makes an appointment allowed, whichever contract asked for it; one table of rules."""

import re
from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime, timedelta

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import Problem
from appointed.domain.status import move_problem

TEXT_LIMITS = {
    "title": 4000,
    "description": 4000,
    "agenda": 65_536,
    "internal_notes": 65_536,
    "location": 254,
    "reject_reason": 254,
    "video_url": 2000,
    "video_meeting_id": 100,
    "reference": 255,
    "interpreter_language": 255,
    "cancellation_reason": 4000,
}

NUMBER_RANGES = {
    "alarm_minutes": (0, 65_535),
    "lead_minutes": (0, 65_535),
    "lag_minutes": (0, 65_535),
    "color_index": (-32_768, 32_767),
    "preferred_zone": (0, 2_147_483_647),
    "suggested_appointment_id": (0, 2_147_483_647),
}

# Member → where its id must be known; 0 means none.
REFERENCES: dict[str, Callable[[Directory], Container[int]]] = {
    "task_id": lambda d: d.tasks,
    "priority_id": lambda d: d.priorities,
    "contact_id": lambda d: d.contacts,
    "person_id": lambda d: d.persons,
    "project_id": lambda d: d.projects,
    "sale_id": lambda d: d.sales,
    "owner_id": lambda d: d.associates,
    "department_id": lambda d: d.departments,
}

# People follow it with one click, so it may be nothing that a browser would run.
VIDEO_URL = re.compile(r"https?://\S+", re.IGNORECASE)
LONGEST = timedelta(minutes=525_600)
# Zones, time to get there and occurrences lead past what is said: the outermost years leave them room.
FIRST = datetime(2, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 1, 1, tzinfo=UTC)
MOST_PARTICIPANTS = 500


def problems(before: Appointment | None, after: Appointment, directory: Directory) -> tuple[Problem, ...]:
    """List every broken rule of what the change touched; paths are domain names.

    Members that did not change are not judged again, so an old row never blocks an unrelated edit.
    """
    found = [
        *_texts(before, after),
        *_video_url(before, after),
        *_numbers(before, after),
        *_references(before, after, directory),
        *_times(before, after),
        *_participants(before, after),
        *_moves(before, after),
    ]
    return tuple(found)


def _changed(
    before: Appointment | None, after: Appointment, names: Iterable[str]
) -> Iterable[tuple[str, object]]:
    for name in names:
        value = getattr(after, name)
        if before is None or getattr(before, name) != value:
            yield name, value


def _texts(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    for name, value in _changed(before, after, TEXT_LIMITS):
        if isinstance(value, str) and len(value) > TEXT_LIMITS[name]:
            yield Problem(name, "longest", len(value), TEXT_LIMITS[name])


def _video_url(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    for name, value in _changed(before, after, ("video_url",)):
        if value and VIDEO_URL.fullmatch(str(value)) is None:
            yield Problem(name, "url_not_allowed")


def _numbers(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    for name, value in _changed(before, after, NUMBER_RANGES):
        low, high = NUMBER_RANGES[name]
        if not isinstance(value, int) or not low <= value <= high:
            yield Problem(name, "range", value, NUMBER_RANGES[name])


def _references(before: Appointment | None, after: Appointment, directory: Directory) -> Iterable[Problem]:
    for name, value in _changed(before, after, REFERENCES):
        if value != 0 and value not in REFERENCES[name](directory):
            yield Problem(name, "exists", value)


def _times(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    is_same = before is not None and (before.starts_at, before.ends_at) == (after.starts_at, after.ends_at)
    if is_same:
        return
    if after.duration > LONGEST:
        yield Problem("ends_at", "longest", after.ends_at, LONGEST)
    yield from outside_calendar(after)


def outside_calendar(row: Appointment) -> Iterable[Problem]:
    """List which ends of an appointment are in the outermost years."""
    for name, at in (("starts_at", row.starts_at), ("ends_at", row.ends_at)):
        if not FIRST <= at < LAST:
            yield Problem(name, "calendar", at)


def _participants(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    is_same = before is not None and before.participants == after.participants
    if not is_same and len(after.participants) > MOST_PARTICIPANTS:
        yield Problem("participants", "most", len(after.participants), MOST_PARTICIPANTS)


def _moves(before: Appointment | None, after: Appointment) -> Iterable[Problem]:
    found = move_problem(before.status, after.status) if before is not None else None
    if found is not None:
        yield found
