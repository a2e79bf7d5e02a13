"""The entity as an answer: as JSON bytes, quickly, or as a tree for other forms."""

from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.rights import Access
from appointed.superoffice.context import Context
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.members import shown

LINKS = "_Links"

# Members that hang on one member of the row alone. Most rows have its usual value, whose form on the wire is
# then written once per zone and language.
SINGLE = {
    "UpdatedBy": "updated_by",
    "Contact": "contact_id",
    "Description": "description",
    "Agenda": "agenda",
    "InternalNotes": "internal_notes",
    "Person": "person_id",
    "Priority": "priority_id",
    "Private": "privacy",
    "Project": "project_id",
    "Type": "kind",
    "Completed": "status",
    "ActiveLinks": "links",
    "Links": "links",
    "AlarmLeadTime": "alarm_minutes",
    "HasAlarm": "has_alarm",
    "ColorIndex": "color_index",
    "IsFree": "is_free",
    "IsAlldayEvent": "is_all_day",
    "LagTime": "lag_minutes",
    "LeadTime": "lead_minutes",
    "Location": "location",
    "RejectCounter": "reject_counter",
    "RejectReason": "reject_reason",
    "AssignmentStatus": "assignment_status",
    "InvitationStatus": "invitation_status",
    "BookingType": "booking_type",
    "AssignedBy": "assigned_by",
    "PreferredTZLocation": "preferred_zone",
    "PreferredTZLocationData": "preferred_zone",
    "Sale": "sale_id",
    "SuggestedAppointmentId": "suggested_appointment_id",
    "IsMileStone": "is_milestone",
    "CautionWarning": "caution",
    "OwnedExternally": "external_owner",
    "UserDefinedFields": "custom_fields",
    "ExtraFields": "extra_fields",
    "PublishEventDate": "publication",
    "PublishTo": "publication",
    "PublishFrom": "publication",
    "IsPublished": "publication",
    "VisibleFor": "visible_for",
}

_WRITE = {member.name: member.raw or member.write for member in MEMBERS}
_values = attrgetter(*SINGLE.values())
_encode = msgspec.json.Encoder().encode


def entity(row: Appointment, ctx: Context, *, with_links: bool = True) -> bytes:
    """Write the whole entity as JSON; `GET /default` has no links yet."""
    if ctx.access < Access.READ or not with_links:
        return _encode(entity_tree(row, ctx, with_links=with_links))
    members = dict(_usual_members(ctx))
    for (name, usual, write), value in zip(_SINGLE, _values(row), strict=True):
        if value != usual:
            members[name] = write(row, ctx)
    for name, write in _MANIFOLD:
        members[name] = write(row, ctx)
    return _encode(members)


def entity_tree(row: Appointment, ctx: Context, *, with_links: bool = True) -> dict[str, Any]:
    """Write the whole entity as a tree; its nested carriers are shared, so nobody may change it."""
    return {member.name: shown(member, row, ctx) for member in MEMBERS if with_links or member.name != LINKS}


def _usual_members(ctx: Context) -> dict[str, Any]:
    """Give all members in their order, the single ones of a row that sets none; nobody may change it."""
    found: dict[str, Any] | None = ctx.cache.get("usual")
    if found is None:
        usual = _usual_row(ctx.view)
        found = {name: write(usual, ctx) if name in SINGLE else None for name, write in _WRITE.items()}
        ctx.cache["usual"] = found
    return found


def _usual_row(view: View) -> Appointment:
    return Appointment(
        tenant_id=view.directory.tenant.id,
        id=0,
        uid=UUID(int=0),
        reference="",
        link_key="",
        owner_id=0,
        department_id=0,
        starts_at=view.now,
        ends_at=view.now,
        created_at=view.now,
        created_by=0,
    )


_DEFAULTS = dict(
    zip(
        Appointment.__struct_fields__[-len(Appointment.__struct_defaults__) :],
        Appointment.__struct_defaults__,
        strict=True,
    )
)
_SINGLE = tuple((name, _DEFAULTS[attribute], _WRITE[name]) for name, attribute in SINGLE.items())
_MANIFOLD = tuple((name, write) for name, write in _WRITE.items() if name not in SINGLE)
