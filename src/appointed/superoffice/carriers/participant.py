"""ParticipantInfo: one row of the participant list, the claimant's own included."""

from functools import lru_cache
from typing import Any

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.participant import (
    ExternalReply,
    ExternalRole,
    InvitationStatus,
    Participant,
)
from appointed.superoffice.carriers.shape import Field, Json, Shape, number, written
from appointed.superoffice.context import Context

INVITATION_STATUSES = {
    InvitationStatus.UNKNOWN: "Unknown",
    InvitationStatus.NONE: "None",
    InvitationStatus.ACCEPTED: "Accepted",
    InvitationStatus.HIDDEN: "Hidden",
    InvitationStatus.INVITATION: "Invitation",
    InvitationStatus.MOVED: "Moved",
    InvitationStatus.SEEN: "Seen",
    InvitationStatus.MOVED_SEEN: "MovedSeen",
    InvitationStatus.DECLINED: "Declined",
    InvitationStatus.CANCELLED: "Cancelled",
}
EXTERNAL_ROLES = {
    ExternalRole.UNKNOWN: "Unknown",
    ExternalRole.ORGANIZER: "Organizer",
    ExternalRole.REQUIRED: "Required",
    ExternalRole.OPTIONAL: "Optional",
    ExternalRole.RESOURCE: "Resource",
}
EXTERNAL_REPLIES = {
    ExternalReply.UNKNOWN: "Unknown",
    ExternalReply.TENTATIVE: "TentativelyAccepted",
    ExternalReply.ACCEPTED: "Accepted",
    ExternalReply.DECLINED: "Declined",
    ExternalReply.NOT_RESPONDED: "NotResponded",
}

PARTICIPANT_INFO: Shape = (
    Field("AssociateId", "int32", number("associate_id")),
    Field("PersonId", "int32", number("person_id")),
    Field("ContactId", "int32", number("contact_id")),
    Field("EmailId", "int32", number("email_id")),
    Field("SendEmail", "bool", number("send_email")),
    Field(
        "InvitationStatus",
        "enum:InvitationStatus",
        lambda row, _ctx: INVITATION_STATUSES[row.invitation_status],
    ),
    Field("EmailAddress", "string", number("email_address")),
    Field("Description", "string", number("description")),
    Field(
        "ExternallyOwnedType",
        "enum:ExternallyOwnedType",
        lambda row, _ctx: EXTERNAL_ROLES[row.external_role],
    ),
    Field(
        "ExternallyOwnedStatus",
        "enum:ExternallyOwnedStatus",
        lambda row, _ctx: EXTERNAL_REPLIES[row.external_reply],
    ),
)

CLAIMANT_KEY = 0


def participants(row: Appointment, ctx: Context) -> list[dict[str, Json]]:
    """Write the participant list; the claimant comes last."""
    rows = [written(PARTICIPANT_INFO, participant, ctx) for participant in row.participants]
    claimant = claimant_row(row)
    return rows if claimant is None else [*rows, written(PARTICIPANT_INFO, claimant, ctx)]


def participants_json(row: Appointment, ctx: Context) -> msgspec.Raw:
    """Write the same as JSON; owners' rows are alike, so what is written is kept for a while."""
    if row.claimant is not None:
        return msgspec.Raw(msgspec.json.encode(participants(row, ctx)))
    return msgspec.Raw(b"[%b]" % b",".join([_info(one) for one in row.participants]))


@lru_cache(maxsize=1024)
def _info(participant: Participant) -> bytes:
    nobody: Any = None  # All members are the participant's own, the same for every caller.
    return msgspec.json.encode(written(PARTICIPANT_INFO, participant, nobody))


def claimant_row(row: Appointment) -> Participant | None:
    """Make the list's row of the claimant, who is no stored participant."""
    if row.claimant is None:
        return None
    return Participant(
        key=CLAIMANT_KEY,
        invitation_status=InvitationStatus.ACCEPTED,
        email_address=row.claimant.email or "",
        description=row.claimant.name or "",
    )
