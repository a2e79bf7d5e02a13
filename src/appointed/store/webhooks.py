"""The WebhookStore port on either engine."""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.participant import Claimant
from appointed.domain.webhook import Contract, Delivery, DeliveryState, Fact, Signal, Webhook
from appointed.sealing.sealer import Sealer
from appointed.store.document import open_claimant
from appointed.store.scripted import ScriptedStore
from appointed.store.webhook_facts import fact
from appointed.store.webhook_scripts import WebhookScripts
from appointed.store.webhook_sql import WebhookSql
from appointed.usecases.webhook_ports import Edit, RoundResult, Work


class StoredWebhooks:
    """Runs the scripts of webhooks through a store of either engine."""

    def __init__(self, store: ScriptedStore, sql: WebhookSql, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._scripts = WebhookScripts(sql, sealer)
        self.notice: Callable[[], None] = _nobody

    def on(self, store: Any) -> "StoredWebhooks":
        """Give the same for another way to run scripts; nobody is told of what it does."""
        other = copy(self)
        other._store, other.notice = store, _nobody
        return other

    def listen(self, notice: Callable[[], None]) -> None:
        """Have `notice` called too after each commit of this process; it must be quick."""
        others = self.notice

        def all_of_them() -> None:
            others()
            notice()

        self.notice = notice if others is _nobody else all_of_them

    async def create(self, webhook: Webhook) -> Webhook:
        """Add a webhook and give it with its id; raises InvalidAppointment when there are too many."""
        made = await self._store._write(self._scripts.create(webhook))
        self.notice()
        return made

    async def change(self, tenant_id: int, contract: Contract, webhook_id: int, edit: Edit) -> Webhook:
        """Run a pure function on a webhook, under its lock; raises RecordNotFound."""
        changed = await self._store._write(self._scripts.change(tenant_id, contract, webhook_id, edit))
        self.notice()
        return changed

    async def delete(self, tenant_id: int, contract: Contract, webhook_id: int) -> None:
        """Remove a webhook and whatever is on its way to it; raises RecordNotFound."""
        await self._store._write(self._scripts.delete(tenant_id, contract, webhook_id))

    async def read(self, tenant_id: int, contract: Contract, webhook_id: int) -> Webhook:
        """Read one webhook with its secrets; raises RecordNotFound."""
        return await self._store._look(self._scripts.read(tenant_id, contract, webhook_id))

    async def all(self, tenant_id: int, contract: Contract | None = None) -> tuple[Webhook, ...]:
        """List a tenant's webhooks, oldest first."""
        return await self._store._scan(self._scripts.all(tenant_id, contract))

    async def signal(self, tenant_id: int, signal: Signal, event_id: UUID, at: datetime) -> int:
        """Record an event for every active webhook that listens to its name; gives their number."""
        count = await self._store._write(self._scripts.signal(tenant_id, signal, event_id, at))
        self.notice()
        return count

    async def deliveries(
        self, tenant_id: int, webhook_id: int, state: DeliveryState, after: int = 0, limit: int = 100
    ) -> tuple[Delivery, ...]:
        """List deliveries that were not made, by id, past an id."""
        return await self._store._scan(self._scripts.deliveries(tenant_id, webhook_id, state, after, limit))

    async def redeliver(self, tenant_id: int, webhook_id: int, at: datetime, delivery_id: int = 0) -> int:
        """Let one dead delivery (0: all) be tried again; gives their number."""
        count = await self._store._write(self._scripts.redeliver(tenant_id, webhook_id, at, delivery_id))
        self.notice()
        return count

    async def work(self) -> tuple[Work, ...]:
        """Tell which tenants have events in the outbox, or webhooks."""
        return await self._store._look(self._scripts.work())

    async def spread(self, tenant_id: int, at: datetime, limit: int) -> int:
        """Turn the outbox's first rows into deliveries, and remove them; gives how many were taken."""
        return await self._store._write(self._scripts.spread(tenant_id, at, limit))

    async def drop(self, tenant_id: int, limit: int) -> int:
        """Remove the outbox's first rows of a tenant without active webhooks; gives how many."""
        return await self._store._write(self._scripts.drop(tenant_id, limit))

    async def due(self, tenant_id: int, at: datetime) -> tuple[Webhook, ...]:
        """List the active webhooks for which a delivery is due."""
        return await self._store._look(self._scripts.due(tenant_id, at))

    async def claim(
        self, tenant_id: int, webhook_id: int, at: datetime, until: datetime, lease: UUID, limit: int
    ) -> tuple[Delivery, ...]:
        """Take due deliveries for oneself until an instant; the oldest first."""
        script = self._scripts.claim(tenant_id, webhook_id, at, until, lease, limit)
        return await self._store._write(script)

    async def record(self, tenant_id: int, results: Sequence[RoundResult]) -> tuple[int, ...]:
        """Write down what rounds came to; gives the ids of webhooks that began to fail."""
        return await self._store._write(self._scripts.record(tenant_id, results))

    async def fact(self, delivery: Delivery, *, opens_claimant: bool) -> Fact | None:
        """Read what a delivery speaks of; None when the event is not there."""
        script = fact(delivery.tenant_id, delivery.appointment_id, delivery.revision)
        found = await self._store._scan(script)
        if found is None:
            return None
        event, row, wrapped = found
        appointment = row.appointment
        if opens_claimant:
            appointment = open_claimant(row, wrapped, self._sealer).appointment
        elif row.claimant is not None:
            appointment = replace(appointment, claimant=Claimant(id=row.claimant.id))
        return Fact(event, appointment, await self._store.directory(delivery.tenant_id))


def _nobody() -> None:
    """Tell nobody of a commit."""
