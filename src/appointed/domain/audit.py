"""The audit log: who looked at claimants' data, who administered what, and whether the record is whole."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec


class Act(StrEnum):
    """What somebody did."""

    CLAIMANT_READ = "claimant.read"
    CLAIMANTS_LISTED = "claimant.listed"
    CLAIMANT_FETCHED = "claimant.fetched"
    CLAIMANTS_SEARCHED = "claimant.searched"
    CLAIMANT_EXPORTED = "claimant.exported"
    CLAIMANT_ERASED = "claimant.erased"
    ERASURE_TRIED = "claimant.erasure_tried"
    SIGN_IN_FAILED = "signin.failed"
    FIXED_MEMBER = "appointment.fixed_member"
    RECORD_CHANGED = "record.changed"
    WEBHOOK_CHANGED = "webhook.changed"
    TENANT_CHANGED = "tenant.changed"
    COMMAND = "command"
    AUDIT_READ = "audit.read"
    ENTRIES_LOST = "audit.lost"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log; `id` is the reference by which people speak of it.

    `by` 0 is the server or its operator, `tenant_id` 0 what concerns no customer. Nothing of a claimant but
    ids stands here; `details` hold names of members, counts and ids.
    """

    id: UUID
    tenant_id: int
    at: datetime
    act: Act
    by: int = 0
    door: str = ""
    appointment_id: int = 0
    address: str = ""
    details: dict[str, Any] = {}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries somebody asks for, newest first; None leaves open. `before` is an entry's reference.

    `departments` are those that appointments are in now; what is about no appointment is in none. The first
    `offset` of what is found are passed over.
    """

    by: int | None = None
    acts: tuple[Act, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    appointment_id: int | None = None
    departments: tuple[int, ...] | None = None
    before: UUID | None = None
    limit: int = 50
    offset: int = 0


class Tampering(StrEnum):
    """How a sealed log differs from what was sealed."""

    ROW_CHANGED = "row changed"
    ROW_REMOVED = "row removed"
    ROW_INSERTED = "row inserted"
    SEAL_CHANGED = "seal changed"
    SEAL_REMOVED = "seal removed"


class Fault(msgspec.Struct, frozen=True):
    """One difference; `row_id` None when it is about the seal as a whole."""

    kind: Tampering
    seal: int
    row_id: UUID | None = None


class Anchor(msgspec.Struct, frozen=True):
    """A seal, named so that a copy kept elsewhere can be compared later."""

    log: str
    number: int
    hash: str

    def __str__(self) -> str:
        """Write it in one word."""
        return f"{self.log}:{self.number}:{self.hash}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What looking through one log of a tenant came to; `faults` are the first that were found."""

    tenant_id: int
    anchor: Anchor
    rows: int
    unsealed: int
    faults: tuple[Fault, ...]


def read_anchor(text: str) -> Anchor | None:
    """Read an anchor; None for any other text."""
    log, _colon, rest = text.strip().partition(":")
    number, colon, digest = rest.partition(":")
    if not colon or not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    return Anchor(log, int(number), digest)
