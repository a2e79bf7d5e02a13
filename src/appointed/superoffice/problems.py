"""What is wrong with an appointment, in words and under the names of the wire (POST Appointment/Validate)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from appointed.domain.errors import Problem
from appointed.superoffice.records.names import RECORD_NAMES

MOST_IN_A_SENTENCE: Final = 20

# Members of the domain whose name on the wire is another.
WIRE_NAMES: Final = {
    "agenda": "Agenda",
    "alarm_minutes": "AlarmLeadTime",
    "assigned_by": "AssignedBy",
    "assignment_status": "AssignmentStatus",
    "cancellation_reason": "CustomFields.x_status",
    "caution": "CautionWarning",
    "claimant": "CustomFields.x_claimant_name",
    "color_index": "ColorIndex",
    "contact_id": "Contact.ContactId",
    "custom_fields": "CustomFields",
    "department_id": "CustomFields.x_department",
    "description": "Description",
    "ends_at": "EndDate",
    "external_owner": "OwnedExternally",
    "extra_fields": "CustomFields",
    "features": "CustomFields",
    "has_alarm": "HasAlarm",
    "internal_notes": "InternalNotes",
    "invitation_status": "InvitationStatus",
    "invited_person_id": "InvitedPerson",
    "is_all_day": "IsAlldayEvent",
    "is_free": "IsFree",
    "is_milestone": "IsMileStone",
    "kind": "Type",
    "lag_minutes": "LagTime",
    "lead_minutes": "LeadTime",
    "links": "Links",
    "location": "Location",
    "owner_id": "Associate.AssociateId",
    "participants": "Participants",
    "person_id": "Person.PersonId",
    "preferred_zone": "PreferredTZLocation",
    "priority_id": "Priority.Id",
    "privacy": "Private",
    "project_id": "Project.ProjectId",
    "publication": "PublishEventDate",
    "redirects": "CustomFields",
    "reference": "CustomFields.x_reference",
    "reject_reason": "RejectReason",
    "sale_id": "Sale.SaleId",
    "starts_at": "StartDate",
    "status": "Completed",
    "suggested_appointment_id": "SuggestedAppointmentId",
    "target_url": "TargetUrl",
    "task_id": "Task.TaskListItemId",
    "title": "Title",
    "video_meeting_id": "CentralserviceVideomeetId",
    "series": "Recurrence",
    "video_url": "JoinVideomeetUrl",
    "visible_for": "VisibleFor",
}

# Rule → sentence; where two stand, the second is used when the rule says what it allows.
SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "answers": (
        "did not answer the test event with 200",
        "did not answer the test event with 200: {allowed}",
    ),
    "agrees": ("does not belong to the other ids of this participant",),
    "array": ("must be an array", "must be an array of at most {allowed} items"),
    "boolean": ("must be true or false",),
    "same_day": ("has the date on another day than the rule of the series",),
    "calendar": ("leads past an end of the calendar",),
    "characters": ("holds a character that cannot be kept",),
    "checkbox": ("must be true or false",),
    "date": ("is not a date or time that exists",),
    "decimal": ("must be a number",),
    "duration": ("is not a duration of 0 to 65535 minutes (hh:mm:ss or ISO 8601)",),
    "email": ("is not an e-mail address",),
    "empty": ("has no day at all",),
    "enum": ("is not a known value", "must be one of {allowed}"),
    "event": ("must be event names, each an entity and a verb joined by a dot",),
    "exists": ("names nothing that exists",),
    "header": ("must be a few plain headers, and none of the call's own",),
    "integer": ("must be a whole number",),
    "known": ("names whom or what the caller may not know of",),
    "list": ("is not an item of the list",),
    "long_text": ("is not a text that fits",),
    "longest": ("is too long", "is too long; the most is {allowed}"),
    "most": ("has too many items", "has too many items; the most is {allowed}"),
    "move": ("cannot be changed any more",),
    "number": ("must be a whole number",),
    "object": ("must be an object",),
    "permitted": ("is a diary in which the caller may not write",),
    "prog_id": ("must begin with a letter and hold letters, digits, and . : _ - alone, 99 at most",),
    "range": ("is out of range", "must be from {allowed[0]} to {allowed[1]}"),
    "required": ("must not be empty",),
    "reserved": ("is a name that the server gives",),
    "short_text": ("is not a text that fits",),
    "step": ("cannot become this now", "cannot become this now; it may become: {allowed}"),
    "string": ("must be a text", "must be a text of at most {allowed} characters"),
    "supported": ("asks for something that is not supported",),
    "unique": ("names more than one thing, or one that is taken",),
    "unlimited_date": ("is not a date that exists",),
    "widens": ("cannot become this while values are kept under it",),
    "url_form": ("must be a whole address as https://host/path, without a name or password",),
    "url_network": (
        "leads to an address that is not public; others need the operator's setting "
        "APPOINTED_WEBHOOK_NETWORKS",
    ),
    "url_plain_http": (
        "must begin with https://; plain http:// needs the operator's setting APPOINTED_WEBHOOK_PLAIN_HTTP",
    ),
    "url_port": (
        "names a port that may not be called",
        "names a port that may not be called; those that may are {allowed}, and others need the operator's "
        "setting APPOINTED_WEBHOOK_PORTS",
    ),
    "url_scheme": ("must begin with https://",),
    "url_not_allowed": ("is not an address that may be led to",),
}
OTHERWISE: Final = ("is not valid",)


def wire_path(problem: Problem) -> str:
    """Name the member as it stands on the wire; its parts are joined by dots."""
    return WIRE_NAMES.get(problem.path) or RECORD_NAMES.get(problem.path, problem.path)


def sentence(problem: Problem) -> str:
    """Say what is wrong, without the member's name and without the value."""
    plain, *telling = SENTENCES.get(problem.rule, OTHERWISE)
    if not telling or problem.allowed is None:
        return plain
    return telling[0].format(allowed=_shown(problem.allowed))


def messages(problems: Iterable[Problem]) -> dict[str, str]:
    """Say what is wrong by member; the first problem of each counts."""
    found: dict[str, str] = {}
    for problem in problems:
        found.setdefault(wire_path(problem), sentence(problem))
    return found


def summary(problems: Iterable[Problem]) -> str:
    """Say what is wrong in one text."""
    parts = [f"{path} {text}" for path, text in messages(problems).items()]
    more = len(parts) - MOST_IN_A_SENTENCE
    tail = f"; and {more} more" if more > 0 else ""
    return "; ".join(parts[:MOST_IN_A_SENTENCE]) + tail + "."


def _shown(allowed: Any) -> Any:
    if isinstance(allowed, tuple | list) and all(isinstance(item, str) for item in allowed):
        return ", ".join(allowed)
    return f"{allowed.days} days" if isinstance(allowed, timedelta) else allowed
