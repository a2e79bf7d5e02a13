"""What a receiver is told: type, time and data in one envelope (Standard Webhooks 1.0.0; ADR 0072)."""

from typing import Any, Final

import msgspec

from appointed.domain.appointment import Appointment, Privacy
from appointed.domain.events import Event, EventKind, member_of
from appointed.domain.rights import EVERY_KEY, is_video_listed
from appointed.domain.status import Status
from appointed.domain.webhook import Delivery, Fact, Webhook
from appointed.sqod.carrier import AppointmentResource, DepartmentResource, minutes_of, render
from appointed.sqod.moments import write_instant
from appointed.usecases.webhook_ports import Message, Writer

CREATED: Final = "appointment.created"
UPDATED: Final = "appointment.updated"
CANCELLED: Final = "appointment.cancelled"
DELETED: Final = "appointment.deleted"
# Event → the kind of change that can be one.
EVENTS: Final = {
    CREATED: EventKind.CREATED,
    UPDATED: EventKind.CHANGED,
    CANCELLED: EventKind.CHANGED,
    DELETED: EventKind.DELETED,
}

DURATION: Final = "duration_in_minutes"
# Member of the appointment → the member of AppointmentResource that shows it.
MEMBERS: Final = {
    "starts_at": ("appointment_at", DURATION),
    "ends_at": (DURATION,),
    "department_id": ("department",),
    "status": ("status",),
    "reference": ("reference",),
    "is_interpreter_needed": ("is_interpreter_needed",),
    "interpreter_language": ("interpreter_language",),
    "cancelled_at": ("cancelled_at",),
    "cancellation_reason": ("cancellation_reason",),
    "claimant": ("claimant",),
    "meeting": ("meeting",),
    "features": ("features",),
    "redirects": ("redirects",),
    "session_started_at": ("session_started_at",),
    "session_ended_at": ("session_ended_at",),
}
# What shows only where there is no room of ours: an address, and beside one its id.
ADDRESS: Final = {"video_url": ("meeting",)}
ELSEWHERE: Final = ADDRESS | {"video_meeting_id": ("meeting",)}


class EventData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told of an appointment to everybody: nothing about its claimant, and no link into its room."""

    id: str
    reference: str
    appointment_at: str
    duration_in_minutes: int
    status: str
    department: DepartmentResource | None
    revision: int
    changed: list[str]
    appointment: AppointmentResource | msgspec.UnsetType | None = msgspec.UNSET


class EventEnvelope(msgspec.Struct, frozen=True):
    """The whole body."""

    type: str
    timestamp: str
    data: EventData | dict[str, Any]


def writer(base_url: str) -> Writer:
    """Make the function that writes bodies; `base_url` starts the links of whole appointments."""

    def write(hook: Webhook, delivery: Delivery, fact: Fact | None) -> Message | None:
        at = write_instant(delivery.at)
        if delivery.signal is not None:
            name = f"webhook.{delivery.signal.name}"
            return Message(name, msgspec.json.encode(EventEnvelope(name, at, {})))
        if fact is None or not _is_told(fact.row):
            return None
        name = _name(fact.event)
        if name not in hook.events:
            return None
        data = _data(fact, base_url if hook.is_whole else None)
        return Message(name, msgspec.json.encode(EventEnvelope(name, at, data)))

    return write


def _is_told(row: Appointment) -> bool:
    return is_video_listed(row) and row.privacy is Privacy.PUBLIC


def _name(event: Event) -> str:
    if event.kind is not EventKind.CHANGED:
        return CREATED if event.kind is EventKind.CREATED else DELETED
    is_cancelled = any(
        step["path"] == "/status" and step["value"] == Status.CANCELLED for step in event.patch
    )
    return CANCELLED if is_cancelled else UPDATED


def _data(fact: Fact, base_url: str | None) -> EventData:
    row, directory = fact.row, fact.directory
    department = directory.departments.get(row.department_id)
    whole: Any = msgspec.UNSET
    if base_url is not None:
        is_gone = fact.event.kind is EventKind.DELETED
        whole = None if is_gone else render(row, directory, base_url, EVERY_KEY)
    return EventData(
        id=str(row.uid),
        reference=row.reference,
        appointment_at=write_instant(row.starts_at),
        duration_in_minutes=minutes_of(row),
        status=row.status,
        department=DepartmentResource(department.id, department.name) if department else None,
        revision=fact.event.revision,
        changed=_changed(fact),
        appointment=whole,
    )


def _changed(fact: Fact) -> list[str]:
    event, row = fact.event, fact.row
    if event.kind is not EventKind.CHANGED:
        return []
    shown_by = MEMBERS if row.meeting else MEMBERS | (ELSEWHERE if row.video_url else ADDRESS)
    members = (member_of(step["path"]) for step in event.patch)
    named = dict.fromkeys(name for member in members for name in shown_by.get(member, ()))
    # What is moved whole stays as long; a start that moves alone makes it longer or shorter.
    if DURATION in named and minutes_of(fact.before()) == minutes_of(row):
        del named[DURATION]
    return list(named)
