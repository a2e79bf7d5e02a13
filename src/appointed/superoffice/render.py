"""The entity as an answer: as JSON bytes, quickly, or as a tree for other forms."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import compress
from operator import attrgetter, ne
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.rights import Access
from appointed.superoffice.context import Context
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.members import RIGHTS, shown

LINKS = "_Links"

# Members that hang on few members of the row alone. Most rows have their usual values, whose form on the wire
# is then written once per zone and language.
SINGLE: dict[str, tuple[str, ...]] = {
    "UpdatedBy": ("updated_by",),
    "Contact": ("contact_id",),
    "Description": ("description",),
    "Agenda": ("agenda",),
    "InternalNotes": ("internal_notes",),
    "Person": ("person_id",),
    "Priority": ("priority_id",),
    "Private": ("privacy",),
    "Project": ("project_id",),
    "Type": ("kind",),
    "Completed": ("status",),
    "ActiveLinks": ("links",),
    "Links": ("links",),
    "AlarmLeadTime": ("alarm_minutes",),
    "HasAlarm": ("has_alarm",),
    "ColorIndex": ("color_index",),
    "IsFree": ("is_free",),
    "IsAlldayEvent": ("is_all_day",),
    "LagTime": ("lag_minutes",),
    "LeadTime": ("lead_minutes",),
    "Location": ("location",),
    "RejectCounter": ("reject_counter",),
    "RejectReason": ("reject_reason",),
    "AssignmentStatus": ("assignment_status",),
    "InvitationStatus": ("invitation_status",),
    "BookingType": ("booking_type",),
    "AssignedBy": ("assigned_by",),
    "PreferredTZLocation": ("preferred_zone",),
    "PreferredTZLocationData": ("preferred_zone",),
    "Sale": ("sale_id",),
    "SuggestedAppointmentId": ("suggested_appointment_id",),
    "IsMileStone": ("is_milestone",),
    "CautionWarning": ("caution",),
    "OwnedExternally": ("external_owner",),
    "UserDefinedFields": ("custom_fields",),
    "ExtraFields": ("extra_fields",),
    "PublishEventDate": ("publication",),
    "PublishTo": ("publication",),
    "PublishFrom": ("publication",),
    "IsPublished": ("publication",),
    "VisibleFor": ("visible_for",),
    "MotherId": ("mother_id",),
    "Task": ("task_id",),
    "JoinVideomeetUrl": ("video_url", "meeting"),
    "CentralserviceVideomeetId": ("video_meeting_id", "meeting"),
}

Write = Callable[[Appointment, Context], Any]

_WRITE: dict[str, Write] = {member.name: member.raw or member.write for member in MEMBERS}
_ASKED = tuple((name, attribute) for name, attributes in SINGLE.items() for attribute in attributes)
_values = attrgetter(*(attribute for _name, attribute in _ASKED))
_encode = msgspec.json.Encoder().encode


def entity(row: Appointment, ctx: Context, *, with_links: bool = True) -> bytes:
    """Write the whole entity as JSON; `GET /default` has no links yet."""
    if ctx.access < Access.READ or not with_links:
        return _encode(entity_tree(row, ctx, with_links=with_links))
    parts = _usual_parts(ctx).copy()
    for place, write in compress(_SINGLE, map(ne, _values(row), _USUAL)):
        parts[place] = _encode(write(row, ctx))
    for place, write in _MANIFOLD:
        parts[place] = _encode(write(row, ctx))
    return b"".join(parts)


def entity_tree(row: Appointment, ctx: Context, *, with_links: bool = True) -> dict[str, Any]:
    """Write the whole entity as a tree; its nested carriers are shared, so nobody may change it."""
    return {member.name: shown(member, row, ctx) for member in MEMBERS if with_links or member.name != LINKS}


def _usual_parts(ctx: Context) -> list[bytes]:
    """Give the answer in pieces, each member's value at its place: the single ones of a row that sets none.

    Nobody may change it.
    """
    found: list[bytes] | None = ctx.cache.get(("usual", ctx.rights))
    if found is None:
        usual = _usual_row(ctx.directory.tenant.id, ctx.view.now)
        found = []
        for name, write in _WRITE.items():
            found.append(b'%b"%b":' % (b"," if found else b"{", name.encode()))
            is_usual = name in SINGLE or name in RIGHTS
            found.append(_encode(write(usual, ctx)) if is_usual else b"null")
        found.append(b"}")
        ctx.cache["usual", ctx.rights] = found
    return found


def _usual_row(tenant_id: int, at: datetime) -> Appointment:
    return Appointment(
        tenant_id=tenant_id,
        id=0,
        uid=UUID(int=0),
        reference="",
        link_key="",
        owner_id=0,
        department_id=0,
        starts_at=at,
        ends_at=at,
        created_at=at,
        created_by=0,
    )


_PLACES = {name: 2 * index + 1 for index, name in enumerate(_WRITE)}
_USUAL = _values(_usual_row(0, datetime.min.replace(tzinfo=UTC)))
_SINGLE = tuple((_PLACES[name], _WRITE[name]) for name, _attribute in _ASKED)
_MANIFOLD = tuple(
    (_PLACES[name], write) for name, write in _WRITE.items() if name not in SINGLE and name not in RIGHTS
)
