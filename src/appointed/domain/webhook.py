"""Who wants to hear of changes (webhooks), and what is on its way to them (deliveries)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden
from appointed.domain.events import Event, EventKind, member_of, replaced
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import caller

# After so many failed calls in a row a webhook is shown as failing; its deliveries go on.
MOST_ERRORS_IN_A_ROW = 9
MOST_WEBHOOKS = 100


class Contract(StrEnum):
    """Whose words a webhook hears."""

    SUPEROFFICE = "superoffice"
    SQOD = "sqod"


class HookState(StrEnum):
    """Whether new events are recorded for a webhook, and old ones sent."""

    ACTIVE = "active"
    STOPPED = "stopped"


class SigningKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key that calls are signed with, until `ends_at` (aware UTC; None: until it is replaced)."""

    secret: bytes
    ends_at: datetime | None = None

    def __repr__(self) -> str:
        """Show no secret: this may end up in a log."""
        return f"SigningKey(ends_at={self.ends_at})"


class Secrets(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the receiver shares: signing keys, newest first, and the values of extra headers."""

    keys: tuple[SigningKey, ...] = ()
    headers: dict[str, str] = {}

    def __repr__(self) -> str:
        """Show no secret: this may end up in a log."""
        return f"Secrets(keys={len(self.keys)}, headers={sorted(self.headers)})"


class Usage(msgspec.Struct, frozen=True):
    """How calls went so far; `last_error` is "" after none."""

    calls: int = 0
    errors: int = 0
    errors_in_row: int = 0
    last_error: str = ""

    @property
    def is_failing(self) -> bool:
        """Whether so many calls failed in a row that it should be looked at."""
        return self.errors_in_row >= MOST_ERRORS_IN_A_ROW


class Webhook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription. `events` are the contract's own names, `kinds` the changes they speak of.

    `details` are members that only the contract itself reads. `usage` and `secrets` are kept beside it.
    """

    tenant_id: int
    id: int
    contract: Contract
    name: str
    target_url: str
    events: tuple[str, ...]
    kinds: tuple[EventKind, ...]
    created_at: datetime
    created_by: int
    state: HookState = HookState.ACTIVE
    updated_at: datetime | None = None
    updated_by: int = 0
    is_whole: bool = False
    details: dict[str, Any] = {}
    usage: Usage = Usage()
    secrets: Secrets = Secrets()


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that no change of an appointment made: `id` is the key of whatever it is about."""

    name: str
    id: int
    by: int
    changes: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    shown_as: str = ""


class DeliveryState(StrEnum):
    """Whether a delivery will be tried again by itself."""

    WAITING = "waiting"
    DEAD = "dead"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one webhook. `rounds` and `calls` count what was tried.

    `lease` names who is trying it now; `due_at` is None while it waits behind an earlier one.
    """

    tenant_id: int
    id: int
    webhook_id: int
    appointment_id: int
    revision: int
    event_id: UUID
    topic: str
    at: datetime
    signal: Signal | None = None
    state: DeliveryState = DeliveryState.WAITING
    due_at: datetime | None = None
    lease: UUID | None = None
    rounds: int = 0
    calls: int = 0
    last_error: str = ""
    tried_at: datetime | None = None


class Fact(msgspec.Struct, frozen=True):
    """What a delivery speaks of: the event, and the appointment as it stood then.

    A deleted one is as it was before. The claimant is in clear when that was asked for, else only an id.
    """

    event: Event
    row: Appointment
    directory: Directory

    def before(self) -> Appointment:
        """Give a changed appointment as it was before the change; its claimant's contents as they are now."""
        document = msgspec.to_builtins(msgspec.structs.replace(self.row, claimant=None))
        for step in self.event.inverse:
            if member_of(step["path"]) != "claimant":
                document = replaced(document, step["path"], step["value"])
        return msgspec.structs.replace(msgspec.convert(document, Appointment), claimant=self.row.claimant)


def demand_administrator(principal: Principal, directory: Directory) -> None:
    """Raise Forbidden unless the caller administers the tenant."""
    if caller(principal, directory).role is not Role.ADMINISTRATOR:
        raise Forbidden("webhook")
