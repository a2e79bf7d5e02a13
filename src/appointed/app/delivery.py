"""Webhooks put together: who may be called, by whom; and letters with them, as long as a process runs."""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import msgspec
from prometheus_client import CollectorRegistry

from appointed.app.mail import Letters, letters_of
from appointed.domain.retries import QUICK_WAITS
from appointed.domain.webhook import Contract
from appointed.sealing.sealer import Sealer
from appointed.settings import Settings
from appointed.sqod.webhooks.event_body import writer as sqod_writer
from appointed.superoffice.webhooks.event_body import write_event
from appointed.superoffice.webhooks.members import error_addresses
from appointed.usecases.manage_webhooks import WebhookDesk
from appointed.usecases.ports import Clock, IdSource, Store
from appointed.usecases.tell_of_failing import tell_of_failing
from appointed.usecases.webhook_ports import Writer
from appointed.webhooks.caller import Caller
from appointed.webhooks.dispatcher import Dispatcher, Pace, pausing
from appointed.webhooks.metrics import Tally
from appointed.webhooks.probe import Probe
from appointed.webhooks.rounds import Rounds
from appointed.webhooks.targets import Guard, TargetRules

# A test event is answered while its caller waits.
PROBE_SECONDS = 5.0
# A claim outlasts the longest round of calls by so much.
LEASE_SECONDS = 60.0


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """One process's webhooks: the desk that both contracts use, and what delivers them and letters."""

    desk: WebhookDesk
    dispatcher: Dispatcher
    stop: asyncio.Event
    callers: tuple[Caller, ...]
    delivers: bool
    letters: Letters


def webhooks_of(
    settings: Settings,
    store: Store,
    sealer: Sealer,
    clock: Clock,
    ids: IdSource,
    registry: CollectorRegistry,
) -> Webhooks:
    """Put the parts together; nothing is opened yet. Raises MailUnusable."""
    guard = Guard(
        TargetRules(
            networks=settings.webhook_networks,
            ports=settings.webhook_ports,
            allows_http=settings.webhook_plain_http,
        )
    )
    base_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    writers: Mapping[Contract, Writer] = {
        Contract.SUPEROFFICE: write_event,
        Contract.SQOD: sqod_writer(base_url.rstrip("/")),
    }
    seconds, trusted = settings.webhook_seconds, settings.webhook_ca
    caller, prober = Caller(guard, seconds, trusted), Caller(guard, min(PROBE_SECONDS, seconds), trusted)
    probe = Probe(guard=guard, post=prober.post, writers=writers, clock=clock, ids=ids)
    stop = asyncio.Event()
    rounds = Rounds(
        store=store.webhooks,
        writers=writers,
        post=caller.post,
        clock=clock,
        pause=pausing(stop),
        share=random.random,
        tally=Tally(registry),
    )

    async def tell(tenant_id: int, webhook_id: int, at: datetime) -> None:
        await tell_of_failing(store.webhooks, store.mail, ids, error_addresses, tenant_id, webhook_id, at)

    longest_round = (1 + len(QUICK_WAITS)) * seconds + sum(QUICK_WAITS)
    pace = Pace(poll=settings.webhook_poll_seconds, lease=longest_round + LEASE_SECONDS)
    return Webhooks(
        desk=WebhookDesk(store=store, targets=probe, clock=clock, ids=ids),
        dispatcher=Dispatcher(store.webhooks, rounds, clock, ids, pace, stop, tell),
        stop=stop,
        callers=(caller, prober),
        delivers=settings.webhook_delivery,
        letters=letters_of(settings, store, sealer, clock, ids, registry, stop),
    )


async def deliver(webhooks: Webhooks, store: Store) -> None:
    """Deliver until told to stop by a signal (SIGTERM, SIGINT)."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, webhooks.stop.set)
    async with delivering(msgspec.structs.replace(webhooks, delivers=True), store):
        await webhooks.stop.wait()


@contextlib.asynccontextmanager
async def delivering(webhooks: Webhooks, store: Store) -> AsyncIterator[None]:
    """Deliver while the context is open, where this process is to; then let calls under way end."""
    serving = []
    if webhooks.delivers:
        store.webhooks.listen(webhooks.dispatcher.wake)
        works = [webhooks.dispatcher.serve()]
        if webhooks.letters.postman is not None:
            # Letters are few among changes, and may be a moment late: nobody wakes the postman.
            works.append(webhooks.letters.postman.serve())
        serving = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        webhooks.stop.set()
        await asyncio.gather(*serving)
        for caller in webhooks.callers:
            await caller.close()
        if webhooks.letters.texter is not None:
            await webhooks.letters.texter.close()
