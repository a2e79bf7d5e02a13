"""What webhooks need from outside: where they are kept, and who calls their targets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from appointed.domain.webhook import Contract, Delivery, DeliveryState, Fact, Signal, Webhook

Edit = Callable[[Webhook], Webhook]


class Work(msgspec.Struct, frozen=True):
    """What there is to do for a tenant: events to spread over its webhooks, and whether it has any."""

    tenant_id: int
    has_events: bool
    has_webhooks: bool


class Ending(StrEnum):
    """What a round of calls came to."""

    DELIVERED = "delivered"
    LATER = "later"
    DEAD = "dead"
    GONE = "gone"


class RoundResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried for one delivery: how many calls, how many of them failed, when it is due again.

    With `is_round` it counts as one of the rounds that a delivery has.
    """

    delivery: Delivery
    ending: Ending
    at: datetime
    due_at: datetime | None = None
    is_round: bool = True
    calls: int = 0
    errors: int = 0
    last_error: str = ""


class WebhookStore(Protocol):
    """Where webhooks and deliveries are kept; of the same suite of tests as the store itself."""

    def listen(self, notice: Callable[[], None]) -> None:
        """Have `notice` called too after each commit of this process; it must be quick."""
        ...

    async def create(self, webhook: Webhook) -> Webhook:
        """Add a webhook and give it with its id; it hears of what is committed from now on.

        Raises InvalidAppointment when the tenant has too many.
        """
        ...

    async def change(self, tenant_id: int, contract: Contract, webhook_id: int, edit: Edit) -> Webhook:
        """Run a pure function on a webhook, under its lock; raises RecordNotFound."""
        ...

    async def delete(self, tenant_id: int, contract: Contract, webhook_id: int) -> None:
        """Remove a webhook, its secrets, and whatever is on its way to it; raises RecordNotFound."""
        ...

    async def read(self, tenant_id: int, contract: Contract, webhook_id: int) -> Webhook:
        """Read one webhook with its secrets; raises RecordNotFound."""
        ...

    async def all(self, tenant_id: int, contract: Contract | None = None) -> tuple[Webhook, ...]:
        """List a tenant's webhooks, oldest first."""
        ...

    async def signal(self, tenant_id: int, signal: Signal, event_id: UUID, at: datetime) -> int:
        """Record an event for every active webhook that listens to its name; gives their number."""
        ...

    async def deliveries(
        self, tenant_id: int, webhook_id: int, state: DeliveryState, after: int = 0, limit: int = 100
    ) -> tuple[Delivery, ...]:
        """List deliveries that were not made, by id, past an id."""
        ...

    async def redeliver(self, tenant_id: int, webhook_id: int, at: datetime, delivery_id: int = 0) -> int:
        """Let one dead delivery (0: all) be tried again from the first round; gives their number."""
        ...

    async def work(self) -> tuple[Work, ...]:
        """Tell which tenants have events in the outbox, or webhooks."""
        ...

    async def spread(self, tenant_id: int, at: datetime, limit: int) -> int:
        """Turn the outbox's first rows into deliveries, and remove them; gives how many were taken.

        Both happen in one transaction, and in order per appointment.
        """
        ...

    async def drop(self, tenant_id: int, limit: int) -> int:
        """Remove the outbox's first rows of a tenant without active webhooks; gives how many."""
        ...

    async def due(self, tenant_id: int, at: datetime) -> tuple[Webhook, ...]:
        """List the active webhooks for which a delivery is due."""
        ...

    async def claim(
        self, tenant_id: int, webhook_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> tuple[Delivery, ...]:
        """Take due deliveries for oneself until an instant, then they are anybody's again; the oldest first.

        Of one appointment only the first that waits is ever due.
        """
        ...

    async def record(self, tenant_id: int, results: Sequence[RoundResult]) -> tuple[int, ...]:
        """Write down in one transaction what rounds came to; what another has claimed since stays as it is.

        Gives the ids of webhooks that began to fail with it.
        """
        ...

    async def fact(self, delivery: Delivery, *, opens_claimant: bool) -> Fact | None:
        """Read what a delivery speaks of; None when the event is not there."""
        ...


class Message(msgspec.Struct, frozen=True):
    """What a receiver is told: the event's name in its own contract, and the body."""

    event: str
    body: bytes


Writer = Callable[[Webhook, Delivery, Fact | None], Message | None]
"""Write what a webhook is told in its contract; None: this is nothing that it speaks of."""


class CallResult(msgspec.Struct, frozen=True):
    """What a target answered: its status (0: nothing), and what went wrong ("" when it said yes)."""

    status: int
    error: str = ""


class Targets(Protocol):
    """Knows where calls may go, and makes them."""

    async def demand_allowed(self, url: str) -> None:
        """Raise UrlNotAllowed unless calls may go there; names are looked up."""
        ...

    async def test(self, webhook: Webhook, by: int) -> CallResult:
        """Send a test event to the webhook's target, once."""
        ...
