"""Letters: what somebody is told of appointments by mail or SMS, and how far each has come."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Channel(StrEnum):
    """By what way somebody is told."""

    EMAIL = "email"
    SMS = "sms"


class Purpose(StrEnum):
    """Why somebody is told: a change, the claimant's invitation once more, or that the time is near."""

    CHANGE = "change"
    INVITATION = "invitation"
    REMINDER = "reminder"


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words of the caller's own: "" leaves those of the template. `language` is the letter's."""

    subject: str = ""
    body: str = ""
    language: str = ""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """One appointment that a mailing tells of, as the change to this revision left it (0: as it is now)."""

    appointment_id: int
    revision: int = 0


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """What is told at once: one change, invitation or reminder; every receiver gets a letter each.

    `key` names what is told: it is told once. `is_asked` says that the caller wants participants told, not
    the claimant alone. `by` is who did it.
    """

    tenant_id: int
    id: UUID
    key: str
    purpose: Purpose
    at: datetime
    items: tuple[Item, ...]
    by: int = 0
    is_asked: bool = False
    note: Note | None = None


class LetterState(StrEnum):
    """How far a letter has come. SENDING: the server has it but for its end, which is on the way.

    UNSURE: nobody knows whether the server took it; it is sent again only by hand. VOID: there was nothing
    to send any more.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNSURE = "unsure"
    VOID = "void"


class LetterName(msgspec.Struct, frozen=True):
    """A letter's name in its mailing, and the lane in which letters leave in order; neither is personal."""

    name: str
    lane: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter of a mailing to one receiver; `lease` names who is sending it now."""

    tenant_id: int
    mailing_id: UUID
    name: str
    lane: str
    state: LetterState = LetterState.WAITING
    due_at: datetime | None = None
    lease: UUID | None = None
    rounds: int = 0
    last_error: str = ""
    tried_at: datetime | None = None
