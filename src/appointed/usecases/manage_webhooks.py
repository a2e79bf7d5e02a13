"""Subscribe to events, change and end subscriptions, and look after what could not be delivered."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from appointed.domain.audit import Act
from appointed.domain.directory import Directory
from appointed.domain.errors import InvalidAppointment, Problem, RecordNotFound, StoreBusy
from appointed.domain.principal import Principal
from appointed.domain.webhook import (
    Contract,
    Delivery,
    DeliveryState,
    HookState,
    Signal,
    Webhook,
    demand_administrator,
)
from appointed.usecases.ports import Clock, IdSource, Store
from appointed.usecases.webhook_ports import CallResult, Edit, Targets

# Signals that say how a webhook does; the dispatcher tells of errors.
STATES = {HookState.ACTIVE: "started", HookState.STOPPED: "stopped"}

NOT_CALLED = "nothing was sent: this was a dry run"


class WebhookDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What both contracts do with webhooks, for whoever `directory` lets pass.

    With `must_answer` a new target must answer a test event. A rehearsal calls nobody and notes nothing.
    """

    store: Store
    targets: Targets
    clock: Clock
    ids: IdSource
    is_rehearsal: bool = False

    async def directory(self, principal: Principal) -> Directory:
        """Give the tenant's records; raises Forbidden unless the caller administers it."""
        directory = await self.store.directory(principal.tenant_id)
        demand_administrator(principal, directory)
        return directory

    async def all(self, principal: Principal, contract: Contract | None) -> tuple[Webhook, ...]:
        """List a contract's webhooks, or those of all."""
        return await self.store.webhooks.all(principal.tenant_id, contract)

    async def read(self, principal: Principal, contract: Contract, webhook_id: int) -> Webhook:
        """Read one webhook; raises RecordNotFound."""
        return await self.store.webhooks.read(principal.tenant_id, contract, webhook_id)

    def blank(self, principal: Principal, contract: Contract) -> Webhook:
        """Make a webhook that listens to nothing yet."""
        return Webhook(
            tenant_id=principal.tenant_id,
            id=0,
            contract=contract,
            name="",
            target_url="",
            events=(),
            kinds=(),
            created_at=self.clock(),
            created_by=principal.associate_id,
        )

    async def create(self, principal: Principal, hook: Webhook, *, must_answer: bool) -> Webhook:
        """Store a webhook; raises InvalidAppointment, UrlNotAllowed."""
        await self._demand_target(principal, hook, must_answer=must_answer)
        made = await self.store.webhooks.create(hook)
        self._note(principal, made.contract, made.id, "created")
        return made

    async def change(
        self, principal: Principal, contract: Contract, webhook_id: int, edit: Edit, *, must_answer: bool
    ) -> Webhook:
        """Run a pure function on a webhook; raises what `create` does, and RecordNotFound."""
        before = await self.read(principal, contract, webhook_id)
        draft = edit(before)
        if draft == before:
            # Nothing was changed, so nobody is told that it was.
            return before
        if draft.target_url != before.target_url:
            await self._demand_target(principal, draft, must_answer=must_answer)
        stamped = self._stamping(principal, edit, (before.target_url, draft.target_url))
        after = await self.store.webhooks.change(principal.tenant_id, contract, webhook_id, stamped)
        self._note(principal, contract, webhook_id, "changed")
        if after.state is not before.state:
            await self._tell_state(principal, after)
        return after

    async def delete(self, principal: Principal, contract: Contract, webhook_id: int) -> None:
        """End a subscription; raises RecordNotFound."""
        await self.store.webhooks.delete(principal.tenant_id, contract, webhook_id)
        self._note(principal, contract, webhook_id, "deleted")

    def _note(self, principal: Principal, contract: Contract, webhook_id: int, change: str) -> None:
        if self.is_rehearsal:
            return
        told = {"id": webhook_id, "contract": contract, "change": change}
        self.store.audit.note(principal.tenant_id, Act.WEBHOOK_CHANGED, principal.associate_id, details=told)

    async def signal(self, principal: Principal, signal: Signal) -> int:
        """Tell every webhook that listens to this name; gives their number."""
        now = self.clock()
        return await self.store.webhooks.signal(principal.tenant_id, signal, self.ids.uuid7(now), now)

    async def test(self, principal: Principal, hook: Webhook) -> CallResult:
        """Send a test event to a webhook's target; raises UrlNotAllowed."""
        await self.targets.demand_allowed(hook.target_url)
        if self.is_rehearsal:
            return CallResult(0, NOT_CALLED)
        return await self.targets.test(hook, principal.associate_id)

    async def deliveries(
        self, principal: Principal, hook: Webhook, state: DeliveryState, after: int, limit: int
    ) -> tuple[Delivery, ...]:
        """List what could not be delivered yet, or not at all."""
        return await self.store.webhooks.deliveries(principal.tenant_id, hook.id, state, after, limit)

    async def redeliver(self, principal: Principal, hook: Webhook, delivery_id: int = 0) -> int:
        """Try dead deliveries (0: all) again; raises RecordNotFound when the one named is not dead."""
        count = await self.store.webhooks.redeliver(principal.tenant_id, hook.id, self.clock(), delivery_id)
        if delivery_id and not count:
            raise RecordNotFound("delivery", delivery_id)
        return count

    async def _demand_target(self, principal: Principal, hook: Webhook, *, must_answer: bool) -> None:
        await self.targets.demand_allowed(hook.target_url)
        if must_answer and not self.is_rehearsal and hook.state is HookState.ACTIVE:
            answer = await self.targets.test(hook, principal.associate_id)
            if answer.error:
                raise InvalidAppointment((Problem("target_url", "answers", allowed=answer.error),))

    def _stamping(self, principal: Principal, edit: Edit, known: tuple[str, str]) -> Edit:
        now: Callable[[], datetime] = self.clock

        def stamped(hook: Webhook) -> Webhook:
            after = edit(hook)
            if after.target_url not in known:
                # Somebody else changed it meanwhile, to where nobody looked.
                raise StoreBusy
            return replace(after, updated_at=now(), updated_by=principal.associate_id)

        return stamped

    async def _tell_state(self, principal: Principal, hook: Webhook) -> None:
        verb = STATES[hook.state]
        name, shown_as = f"webhook{hook.id}.{verb}", f"webhook.{verb}"
        await self.signal(
            principal, Signal(name=name, id=hook.id, by=principal.associate_id, shown_as=shown_as)
        )
