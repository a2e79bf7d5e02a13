"""What a webhook calls things: the columns of the row behind an appointment (table `appointment`)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from appointed.domain.appointment import Appointment
from appointed.domain.events import member_of
from appointed.domain.status import Completion
from appointed.domain.webhook import Fact
from appointed.superoffice.choices import KINDS, PRIVACIES
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.row_status import status_number

NEVER: Final = "0001-01-01T00:00:00"
# What every change of the row changes too.
STAMPS: Final = ("updated", "updated_associate_id", "updatedCount")
CUSTOM: Final = ("userdef_id",)
NONE: Final = ()

# Member of the appointment → the columns that hold it; those of other tables are not told.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "tenant_id": NONE,
    "id": ("appointment_id",),
    "uid": NONE,
    "reference": CUSTOM,
    "link_key": NONE,
    "owner_id": ("associate_id",),
    "department_id": ("group_idx",),
    "starts_at": ("do_by", "activeDate"),
    "ends_at": ("endDate",),
    "created_at": ("registered",),
    "created_by": ("registered_associate_id",),
    "revision": ("updatedCount",),
    "updated_at": ("updated",),
    "updated_by": ("updated_associate_id",),
    "is_second_shared": NONE,
    "kind": ("type",),
    "status": ("status", "done", "activeDate"),
    "is_all_day": ("alldayEvent",),
    "is_free": ("freeBusy",),
    "privacy": ("private",),
    "title": ("text_id",),
    "description": ("text_id",),
    "agenda": ("agenda_text_id",),
    "internal_notes": ("internal_notes_text_id",),
    "location": ("location",),
    "task_id": ("task_idx",),
    "priority_id": ("priority_idx",),
    "contact_id": ("contact_id",),
    "person_id": ("person_id",),
    "project_id": ("project_id",),
    "sale_id": ("sale_id",),
    "suggested_appointment_id": ("suggestedAppointmentId",),
    "invited_person_id": ("invitedPersonId",),
    "mother_id": ("mother_id",),
    "mother_owner_id": ("mother_associate_id",),
    "booking_type": ("mother_id",),
    "invitation_status": ("status",),
    "assignment_status": ("status",),
    "assigned_by": ("assignedBy",),
    "reject_counter": ("rejectCounter",),
    "reject_reason": ("rejectReason",),
    "participants": ("external_participants",),
    "last_participant_key": NONE,
    "has_alarm": ("hasAlarm",),
    "alarm_minutes": ("alarm",),
    "lead_minutes": ("leadtime",),
    "lag_minutes": ("lagTime",),
    "color_index": ("color_index",),
    "is_milestone": ("isMilestone",),
    "preferred_zone": ("preferredTZLocation",),
    "caution": ("cautionWarning",),
    "external_owner": ("owned_externally",),
    "video_url": ("join_videomeet_url",),
    "video_meeting_id": ("centralservice_videomeet_id",),
    "links": ("activeLinks",),
    "last_link_key": NONE,
    "publication": NONE,
    "visible_for": NONE,
    "custom_fields": CUSTOM,
    "extra_fields": NONE,
    "series": ("recurrenceRuleId",),
    "series_id": ("recurrenceRuleId",),
    "claimant": ("external_participants", *CUSTOM),
    "is_interpreter_needed": CUSTOM,
    "interpreter_language": CUSTOM,
    "meeting": ("join_videomeet_url", "centralservice_videomeet_id"),
    "features": CUSTOM,
    "redirects": CUSTOM,
    "recording_consent": NONE,
    "arrived_at": NONE,
    "session_started_at": CUSTOM,
    "session_ended_at": CUSTOM,
    "completed_at": ("done", "activeDate"),
    "cancelled_at": CUSTOM,
    "cancellation_reason": CUSTOM,
}
# What a new row fills, in the order of the table.
CREATED: Final = tuple(dict.fromkeys(column for columns in COLUMNS.values() for column in columns))


def changed_columns(fact: Fact) -> list[str]:
    """Name the columns that a change touched, the key first."""
    members = [member_of(step["path"]) for step in fact.event.patch]
    named = dict.fromkeys(("appointment_id", *_columns(members), *STAMPS))
    # The start of what is complete does not show there, nor in `done` what was not complete and is not.
    for name in SHOWN.keys() & named.keys():
        if SHOWN[name](fact.before()) == SHOWN[name](fact.row):
            del named[name]
    return list(named)


def _done(row: Appointment) -> datetime | None:
    return row.completed_at if row.completion is Completion.COMPLETED else None


# Columns that several members make up.
SHOWN: Final[dict[str, Callable[[Appointment], datetime | None]]] = {
    "activeDate": lambda row: row.active_at,
    "done": _done,
}


def _columns(members: Iterable[str]) -> Iterable[str]:
    return (column for member in members for column in COLUMNS.get(member, NONE))


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return NEVER if at is None else at.astimezone(zone).isoformat("T", "seconds")


def _number(enum: str, name: str) -> int:
    return ENUMS[enum].numbers[name]


# Column → its value, for the columns that every webhook of an activity tells.
VALUES: Final[dict[str, Callable[[Appointment, ZoneInfo], Any]]] = {
    "activeDate": lambda row, zone: _moment(row.active_at, zone),
    "associate_id": lambda row, _zone: row.owner_id,
    "contact_id": lambda row, _zone: row.contact_id,
    "do_by": lambda row, zone: _moment(row.starts_at, zone),
    "document_id": lambda _row, _zone: 0,
    "endDate": lambda row, zone: _moment(row.ends_at, zone),
    "modified_appointment_fields": lambda _row, _zone: 0,
    "mother_id": lambda row, _zone: row.mother_id,
    "person_id": lambda row, _zone: row.person_id,
    "private": lambda row, _zone: _number("AppointmentPrivate", PRIVACIES[row.privacy]),
    "project_id": lambda row, _zone: row.project_id,
    "sale_id": lambda row, _zone: row.sale_id,
    "status": lambda row, _zone: status_number(row),
    "task_idx": lambda row, _zone: row.task_id,
    "type": lambda row, _zone: _number("AppointmentType", KINDS[row.kind]),
    "updated": lambda row, zone: _moment(row.updated_at, zone),
    "userdef2_id": lambda _row, _zone: 0,
    "userdef_id": lambda _row, _zone: 0,
}


def field_values(row: Appointment, zone: ZoneInfo) -> dict[str, Any]:
    """Give the columns that an event tells with their values; times carry the tenant's own offset."""
    return {name: value(row, zone) for name, value in VALUES.items()}


def deleted_values(row: Appointment) -> dict[str, int]:
    """Give what is told of a row that is no more."""
    return {
        "appointment_id": row.id,
        "contact_id": row.contact_id,
        "person_id": row.person_id,
        "project_id": row.project_id,
        "sale_id": row.sale_id,
    }
