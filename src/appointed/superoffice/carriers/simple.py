"""Appointment: the flat carrier of lists (GET Appointment/{id}/Simple)."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from appointed.domain.appointment import Appointment
from appointed.domain.recurrence import days_left
from appointed.domain.rights import Access
from appointed.domain.time_of_day import time_of_day
from appointed.superoffice.carriers.associate import login_of, name_of
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.entity_rights import field_properties_of, table_right_of
from appointed.superoffice.carriers.participant import INVITATION_STATUSES
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.carriers.recurrence import PATTERNS
from appointed.superoffice.carriers.shape import Field, Json, Shape, number, text
from appointed.superoffice.choices import (
    ASSIGNMENT_STATUSES,
    BOOKING_TYPES,
    CAUTIONS,
    COMPLETIONS,
    EXTERNAL_OWNERS,
    KINDS,
    PRIVACIES,
)
from appointed.superoffice.context import Context
from appointed.superoffice.durations import write_minutes
from appointed.superoffice.specials import title
from appointed.superoffice.video_part import join_url
from appointed.superoffice.wiretime import NEVER

Write = Callable[[Any, Context], Json]

# What stands for a member whose row's times alone may be seen, by wire type.
EMPTY: dict[str, Json] = {"int32": 0, "string": "", "bool": False, "date-time": NEVER, "timespan": "00:00:00"}
OPEN = frozenset({"AppointmentId", "StartDate", "EndDate", "Private", "TableRight"})
# Enums whose members have no Unknown, or that say of an ordinary row what an empty one is.
EMPTY_ENUMS = {
    "BookingType": "None",
    "AssignmentStatus": "None",
    "AppointmentCautionWarning": "OK",
    "AppointmentExternalOwner": "None",
}


def _of(kind: str, field: str, attribute: str) -> Write:
    def write(row: Any, ctx: Context) -> Json:
        found = getattr(ctx.directory, kind).get(getattr(row, field))
        return ctx.text(getattr(found, attribute)) if found else ""

    return write


def _task_type(row: Any, ctx: Context) -> Json:
    task = ctx.directory.tasks.get(row.task_id)
    return task.type if task else "Unknown"


def _end_of_series(place: int) -> Write:
    """Write when the first date of the series begins (0) or its last one ends (-1); never, without one.

    Of the other dates the row knows the days alone: they are taken to be at its own time of the day.
    """

    def write(row: Any, ctx: Context) -> Json:
        days = days_left(row.series.rule) if row.series else ()
        if not days:
            return ctx.style.open_start(None)
        zone = ZoneInfo(row.series.zone)
        wall = time_of_day(row, zone)
        return ctx.style.instant(wall.on(days[place], zone)[place])

    return write


_JOIN_URL = join_url()

SIMPLE: Shape = (
    Field("AppointmentId", "int32", number("id")),
    Field("StartDate", "date-time", lambda row, ctx: ctx.style.instant(row.starts_at)),
    Field("EndDate", "date-time", lambda row, ctx: ctx.style.instant(row.ends_at)),
    Field("Type", "enum:AppointmentType", lambda row, _ctx: KINDS[row.kind]),
    Field("Task", "string", _of("tasks", "task_id", "value")),
    Field("AssociateFullName", "string", lambda row, ctx: name_of(row.owner_id, ctx)),
    Field("ContactName", "string", lambda row, ctx: company_name(ctx.directory.contacts.get(row.contact_id))),
    Field("Description", "string", text("description")),
    Field("PersonFullName", "string", lambda row, ctx: full_name(ctx.directory.persons.get(row.person_id))),
    Field("PersonId", "int32", number("person_id")),
    Field("ContactId", "int32", number("contact_id")),
    Field("ProjectId", "int32", number("project_id")),
    Field("ProjectName", "string", _of("projects", "project_id", "name")),
    Field("IsPublished", "bool", lambda row, _ctx: row.publication.is_published),
    Field("AssociateId", "int32", number("owner_id")),
    Field("ColorIndex", "int32", number("color_index")),
    Field("IsFree", "bool", number("is_free")),
    Field("HasAlarm", "bool", number("has_alarm")),
    Field("IsAlldayEvent", "bool", number("is_all_day")),
    Field("Private", "enum:AppointmentPrivate", lambda row, _ctx: PRIVACIES[row.privacy]),
    Field("PriorityId", "int32", number("priority_id")),
    Field("PriorityName", "string", _of("priorities", "priority_id", "value")),
    Field("TaskType", "enum:TaskType", _task_type),
    Field("IsBookingMain", "bool", lambda row, _ctx: row.id > 0 and row.mother_id == row.id),
    Field("IsRecurrence", "bool", lambda row, _ctx: row.series_id != 0),
    Field("IsBooking", "bool", lambda row, _ctx: row.mother_id != 0),
    Field("ActiveDate", "date-time", lambda row, ctx: ctx.style.instant(row.active_at)),
    Field(
        "AssignmentStatus",
        "enum:AssignmentStatus",
        lambda row, _ctx: ASSIGNMENT_STATUSES[row.assignment_status],
    ),
    Field(
        "InvitationStatus",
        "enum:InvitationStatus",
        lambda row, _ctx: INVITATION_STATUSES[row.invitation_status],
    ),
    Field("BookingType", "enum:BookingType", lambda row, _ctx: BOOKING_TYPES[row.booking_type]),
    Field("Completed", "enum:ActivityStatus", lambda row, _ctx: COMPLETIONS[row.completion]),
    Field(
        "RecurringPattern",
        "enum:RecurrencePattern",
        lambda row, _ctx: PATTERNS[row.series.rule.pattern] if row.series else "Unknown",
    ),
    Field("RecurringStartDate", "date-time", _end_of_series(0)),
    Field("RecurringEndDate", "date-time", _end_of_series(-1)),
    Field("MotherId", "int32", number("mother_id")),
    Field("AssignedBy", "int32", number("assigned_by")),
    Field("AssignedByFullName", "string", lambda row, ctx: name_of(row.assigned_by, ctx)),
    Field("RejectReason", "string", text("reject_reason")),
    Field("Location", "string", text("location")),
    Field("AlarmLeadTime", "timespan", lambda row, _ctx: write_minutes(row.alarm_minutes)),
    Field("SaleId", "int32", number("sale_id")),
    Field("SaleName", "string", _of("sales", "sale_id", "title")),
    Field("AssociateName", "string", lambda row, ctx: login_of(row.owner_id, ctx)),
    Field("CreatedDate", "date-time", lambda row, ctx: ctx.style.stamp(row.created_at)),
    Field("CreatedBy", "string", lambda row, ctx: login_of(row.created_by, ctx)),
    Field("CreatedByFullName", "string", lambda row, ctx: name_of(row.created_by, ctx)),
    Field("CreatedByAssociateId", "int32", number("created_by")),
    Field("CautionWarning", "enum:AppointmentCautionWarning", lambda row, _ctx: CAUTIONS[row.caution]),
    Field(
        "OwnedExternally",
        "enum:AppointmentExternalOwner",
        lambda row, _ctx: EXTERNAL_OWNERS[row.external_owner],
    ),
    Field(
        "MotherAssociateId",
        "int32",
        lambda row, _ctx: row.mother_owner_id if row.is_booking_row else row.owner_id,
    ),
    Field("JoinVideomeetUrl", "string", _JOIN_URL.write),
    Field("PreferredTZLocation", "int32", number("preferred_zone")),
    Field("Title", "string", title),
    Field("Agenda", "string", text("agenda")),
    Field("InternalNotes", "string", text("internal_notes")),
    Field("TaskId", "int32", number("task_id")),
    Field("TableRight", "TableRight", lambda _row, ctx: table_right_of(ctx)[0]),
    Field("FieldProperties", "map<string,FieldProperty>", lambda _row, ctx: field_properties_of(ctx)[0]),
)


def simple(row: Appointment, ctx: Context) -> dict[str, Json]:
    """Write the flat carrier, as far as the caller may see the row."""
    return {field.name: _shown(field, row, ctx) for field in SIMPLE}


def _shown(field: Field, row: Appointment, ctx: Context) -> Json:
    if field.name in OPEN or ctx.access >= Access.READ:
        return field.render(row, ctx)
    if field.type == "date-time":
        return ctx.style.stamp(None)
    if field.type.startswith("enum:"):
        return EMPTY_ENUMS.get(field.type.removeprefix("enum:"), "Unknown")
    return EMPTY.get(field.type, {})
