"""The Targets port: judges addresses, and calls one to see whether anybody answers."""

from collections.abc import Mapping

import msgspec

from appointed.domain.errors import Problem, UrlNotAllowed
from appointed.domain.webhook import Contract, Delivery, Signal, Webhook
from appointed.usecases.ports import Clock, IdSource
from appointed.usecases.webhook_ports import CallResult, Writer
from appointed.webhooks.rounds import Post, send
from appointed.webhooks.signing import TEST
from appointed.webhooks.targets import Guard, TargetRefused


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """Looks at targets before they are used."""

    guard: Guard
    post: Post
    writers: Mapping[Contract, Writer]
    clock: Clock
    ids: IdSource

    async def demand_allowed(self, url: str) -> None:
        """Raise UrlNotAllowed unless calls may go there; names are looked up."""
        try:
            await self.guard.demand(url)
        except TargetRefused as error:
            problem = Problem("target_url", error.rule, allowed=error.allowed)
            raise UrlNotAllowed((problem,)) from error

    async def test(self, webhook: Webhook, by: int) -> CallResult:
        """Send a test event to the webhook's target, once."""
        now = self.clock()
        delivery = Delivery(
            tenant_id=webhook.tenant_id,
            id=0,
            webhook_id=webhook.id,
            appointment_id=0,
            revision=0,
            event_id=self.ids.uuid7(now),
            topic=TEST,
            at=now,
            signal=Signal(name=TEST, id=0, by=by),
        )
        message = self.writers[webhook.contract](webhook, delivery, None)
        if message is None:
            raise TypeError("a contract without a test event")
        return await send(self.post, webhook, delivery, message, retry=0, now=now)
