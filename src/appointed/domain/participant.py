"""Who takes part in an appointment besides its diary: rows with a stable key, and the claimant."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class InvitationStatus(StrEnum):
    """How far an invitation has come."""

    UNKNOWN = "unknown"
    NONE = "none"
    ACCEPTED = "accepted"
    HIDDEN = "hidden"
    INVITATION = "invitation"
    MOVED = "moved"
    SEEN = "seen"
    MOVED_SEEN = "moved_seen"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class ExternalRole(StrEnum):
    """What an outside calendar says the participant is."""

    UNKNOWN = "unknown"
    ORGANIZER = "organizer"
    REQUIRED = "required"
    OPTIONAL = "optional"
    RESOURCE = "resource"


class ExternalReply(StrEnum):
    """What an outside calendar says the participant answered."""

    UNKNOWN = "unknown"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_RESPONDED = "not_responded"


class Participant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One row of the participant list; `key` never changes and is never used twice in one appointment.

    The collector of garbage passes it over: nothing in it refers to anything that could refer back, and a
    booking of hundreds has so many of them that looking at all of them again cost most of its time.
    """

    key: int
    associate_id: int = 0
    person_id: int = 0
    contact_id: int = 0
    email_id: int = 0
    send_email: bool = False
    invitation_status: InvitationStatus = InvitationStatus.NONE
    email_address: str = ""
    description: str = ""
    external_role: ExternalRole = ExternalRole.UNKNOWN
    external_reply: ExternalReply = ExternalReply.UNKNOWN


class Answer(msgspec.Struct, frozen=True):
    """A claimant's answer to one data field of the department; the value is text."""

    field_id: UUID
    value: str | None


class Message(msgspec.Struct, frozen=True):
    """What an agent (an associate's id) has told a claimant, at which instant."""

    at: datetime
    by: int
    text: str


class Claimant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outside person a video appointment is for. All but `id` is sealed wherever it is stored."""

    id: UUID
    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    born_on: date | None = None
    answers: tuple[Answer, ...] = ()
    messages: tuple[Message, ...] = ()
