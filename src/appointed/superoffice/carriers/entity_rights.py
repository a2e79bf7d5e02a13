"""TableRight and FieldProperties of the entity itself, by the very rule that refuses a change."""

from appointed.domain.rights import Access, Rights, may_set
from appointed.superoffice.carriers.right import (
    INT,
    SMALL,
    TABLE_MASKS,
    TEXT,
    TIME,
    custom_properties,
    field_property,
    table_right,
)
from appointed.superoffice.carriers.shape import Json, Rendered, kept
from appointed.superoffice.context import Context

_CARRIER, _DATA = "SuperOffice.CRM.Services.", "SuperOffice.Data."


def _carrier(name: str, length: int = 4) -> tuple[str, int]:
    return _CARRIER + name, length


def _data(name: str, length: int = 0) -> tuple[str, int]:
    return _DATA + name, length


_SPAN = ("System.TimeSpan", 2)

# FieldType and FieldLength of the standard members, in the contract's order.
STANDARD: tuple[tuple[str, tuple[str, int]], ...] = (
    ("CreatedDate", TIME),
    ("AppointmentId", INT),
    ("StartDate", TIME),
    ("EndDate", TIME),
    ("MotherId", INT),
    ("UpdatedDate", TIME),
    ("ColorIndex", SMALL),
    ("Location", (TEXT, 254)),
    ("RejectCounter", SMALL),
    ("RejectReason", (TEXT, 254)),
    ("ActiveDate", TIME),
    ("SuggestedAppointmentId", INT),
    ("CautionWarning", _data("AppointmentCautionWarning", 2)),
    ("Associate", _carrier("Associate")),
    ("Contact", _carrier("Contact")),
    ("CreatedBy", _carrier("Associate")),
    ("UpdatedBy", _carrier("Associate")),
    ("Description", (TEXT, 4000)),
    ("InvitedPerson", _carrier("Person")),
    ("Person", _carrier("Person")),
    ("Priority", _carrier("Priority")),
    ("Private", _data("AppointmentPrivate")),
    ("Project", _carrier("Project")),
    ("Type", _data("AppointmentType")),
    ("Completed", _data("ActivityStatus")),
    ("ActiveLinks", INT),
    ("Links", INT),
    ("AlarmLeadTime", _SPAN),
    ("HasAlarm", ("System.Boolean", 2)),
    ("IsFree", ("System.Boolean", 1)),
    ("IsAlldayEvent", ("System.Boolean", 1)),
    ("LagTime", _SPAN),
    ("LeadTime", _SPAN),
    ("Recurrence", _carrier("RecurrenceInfo", 0)),
    ("Participants", _carrier("ParticipantInfo[]")),
    ("AssignmentStatus", _data("AssignmentStatus")),
    ("InvitationStatus", _data("InvitationStatus")),
    ("BookingType", _data("BookingType", 4)),
    ("HasConflict", ("System.Boolean", 0)),
    ("AssignedBy", _carrier("Associate")),
    ("MotherAssociate", _carrier("Associate")),
    ("Task", ("", 4)),
    ("PreferredTZLocation", INT),
    ("Sale", _carrier("Sale")),
    ("IsMileStone", ("System.Boolean", 2)),
    ("JoinVideomeetUrl", (TEXT, 2000)),
    ("CentralserviceVideomeetId", (TEXT, 100)),
    ("Title", (TEXT, 4000)),
    ("Agenda", (TEXT, 0)),
    ("InternalNotes", (TEXT, 0)),
)

VISIBLE_FOR = ("VisibleFor", ("System.Int32", 0))

# What the server keeps: nobody changes it, whatever they may do with the rest.
SERVER_KEPT = frozenset(
    {
        "ActiveDate",
        "ActiveLinks",
        "AppointmentId",
        "BookingType",
        "CreatedBy",
        "CreatedDate",
        "HasConflict",
        "MotherAssociate",
        "MotherId",
        "RejectCounter",
        "UpdatedBy",
        "UpdatedDate",
    }
)
# What is shown as it is to those who may see the times alone.
OPEN = frozenset({"AppointmentId", "EndDate", "Private", "Recurrence", "StartDate"})
# What a member sets, by the domain's name, where rights tell members apart; all others go with the row.
SETS = {
    "AlarmLeadTime": "alarm_minutes",
    "Completed": "status",
    "Contact": "contact_id",
    "HasAlarm": "has_alarm",
    "InternalNotes": "internal_notes",
    "IsFree": "is_free",
    "Participants": "participants",
    "Priority": "priority_id",
    "Project": "project_id",
    "Sale": "sale_id",
    "Type": "kind",
}

# Why the caller may do no more, as a resource.
REASONS = {
    Access.TIMES: "[SR_ACCESS_PRIVATE]",
    Access.READ: "[SR_ACCESS_READ_ONLY]",
    Access.ANSWER: "[SR_ACCESS_INVITED]",
    Access.ANNOTATE: "[SR_ACCESS_EXTERNAL]",
}


def table_right_of(ctx: Context) -> Rendered:
    """Render what the caller may do with the row."""

    def make() -> dict[str, Json]:
        return table_right(table_mask(ctx.rights), ctx.text(REASONS.get(ctx.access, "")))

    return kept("table right", ctx.rights, ctx, make)


def table_mask(granted: Rights) -> str:
    """Write a caller's rights on a row as the contract's flags."""
    mask = TABLE_MASKS[granted.access]
    return f"{mask}, Delete" if granted.may_delete else mask


def field_mask(granted: Access, name: str) -> str:
    """Write what the caller may do with one member of a row."""
    if granted < Access.READ:
        return "Read" if granted is Access.TIMES and name in OPEN else "None"
    is_theirs = name not in SERVER_KEPT and may_set(granted, SETS.get(name, name))
    return "Update" if is_theirs else "Read"


def field_properties_of(ctx: Context) -> Rendered:
    """Render what the caller may do with each member, user-defined ones included."""
    return kept("field properties", ctx.access, ctx, lambda: _properties(ctx))


def _properties(ctx: Context) -> dict[str, Json]:
    granted = ctx.access
    properties = {name: field_property(field_mask(granted, name), "", *kind) for name, kind in STANDARD}
    for custom in ctx.directory.custom_fields.values():
        properties |= custom_properties(custom, field_mask(granted, "custom_fields"))
    name, kind = VISIBLE_FOR
    return properties | {name: field_property(field_mask(granted, name), "", *kind)}
