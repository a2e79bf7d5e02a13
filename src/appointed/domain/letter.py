"""Letters: what somebody is told of appointments by mail or SMS, and how far each has come."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from appointed.domain.recurrence import Wall

# What nobody reads as more than one address, or as another command.
_ADDRESS: Final = re.compile(
    r"[^\s<>()\[\],;:\\\"\x00-\x1f\x7f@]{1,64}@[^\s<>()\[\],;:\\\"\x00-\x1f\x7f@]{1,255}"
)


def is_address(text: str) -> bool:
    """Tell whether a text is one plain mail address."""
    return _ADDRESS.fullmatch(text) is not None


class Channel(StrEnum):
    """By what way somebody is told."""

    EMAIL = "email"
    SMS = "sms"


class Purpose(StrEnum):
    """Why somebody is told: a change, an invitation once more, the time is near, or they are asked in.

    WEBHOOK: one began to fail, and somebody wants to know.
    """

    CHANGE = "change"
    INVITATION = "invitation"
    REMINDER = "reminder"
    JOIN = "join"
    WEBHOOK = "webhook"


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept sealed of a mailing: words of the caller's own, "" leaves those of the template.

    `language` is the letter's. Who is asked to join stands in `to`, by which `channel` and in which `role`;
    and so does who hears that the webhook `webhook_id` fails.
    """

    subject: str = ""
    body: str = ""
    language: str = ""
    role: str = ""
    channel: str = ""
    to: str = ""
    webhook_id: int = 0


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


class SeriesTold(msgspec.Struct, frozen=True, kw_only=True):
    """What letters have told one receiver of a series: when it has which date, as its calendar has it.

    `usual` is the time of day that names its dates. `receiver` stands for the address that was told,
    `counted` is the highest SEQUENCE by which it was, or may have been. Without dates only that is known.
    `whole_days` are those of the dates that take whole days.
    """

    receiver: str
    usual: Wall
    dates: dict[date, tuple[datetime, datetime]]
    counted: int = 0
    whole_days: frozenset[date] = frozenset()


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


# Stands for all letters of a mailing that cannot be read, followed by purpose, way and number.
UNREAD: Final = "unread"


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
