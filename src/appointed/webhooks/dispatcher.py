"""Takes events from the outbox to their receivers, for as long as it runs.

It sleeps until a commit of this process wakes it, and looks now and then for those of others. Whoever is
slow holds up nobody else: calls at once are bounded per webhook, and webhooks that fail have places apart.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

import msgspec

from appointed.domain.errors import AppointedError
from appointed.domain.webhook import Delivery, Signal, Webhook
from appointed.usecases.ports import Clock, IdSource
from appointed.usecases.webhook_ports import Ending, RoundResult, WebhookStore, Work
from appointed.usecases.worker import Worker
from appointed.webhooks.rounds import Pause, Rounds

log = logging.getLogger(__name__)

# Events of one transaction; many at once cost less, but others wait for their lock.
MOST_EVENTS: Final = 1000
# Calls at once: to webhooks that answer, to those that fail, and to one of either.
PLACES: Final = {False: 48, True: 16}
PLACES_OF_ONE: Final = {False: 8, True: 1}
Tell = Callable[[int, int, datetime], Awaitable[object]]
"""Tell those who want to know that a tenant's webhook has begun to fail at an instant."""
INTERRUPTED: Final = "the server stopped"


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds.

    To gather commits; between looks for work of others, and between sweeps of what nobody hears; that a
    claim lasts; for calls under way to end when stopping.
    """

    gather: float = 0.05
    poll: float = 2.0
    sweep: float = 10.0
    lease: float = 120.0
    grace: float = 5.0


class Dispatcher:
    """One process's share of the work; any number of them may run on one store.

    `tell` is called once each time that a webhook begins to fail.
    """

    def __init__(
        self,
        store: WebhookStore,
        rounds: Rounds,
        clock: Clock,
        ids: IdSource,
        pace: Pace,
        stop: asyncio.Event,
        tell: Tell,
    ) -> None:
        self._store = store
        self._rounds = rounds
        self._clock = clock
        self._ids = ids
        self._pace = pace
        self._tell = tell
        self._worker = Worker("webhooks", self._turn, stop, poll=pace.poll, gather=pace.gather)
        self._has_hooks = False
        self._swept_at: dict[int, float] = {}
        self._calls: dict[asyncio.Task[RoundResult], Delivery] = {}
        self._busy: Counter[tuple[int, int]] = Counter()
        self._places: Counter[bool] = Counter()
        self._results: list[RoundResult] = []

    def wake(self) -> None:
        """Say that something was committed; costs next to nothing while nobody listens."""
        if self._has_hooks:
            self._worker.wake()

    async def serve(self) -> None:
        """Work until told to stop, then let calls end, and write down what came of them."""
        await self._worker.serve()
        await self._finish()

    async def _turn(self) -> bool:
        await self._record()
        moved = False
        works = await self._store.work()
        self._has_hooks = any(work.has_webhooks for work in works)
        for work in self._sorted(works):
            moved |= await self._tend(work)
        return moved

    def _sorted(self, works: tuple[Work, ...]) -> Iterable[Work]:
        # Those whose calls are under way come last, so that nobody is always the last.
        busy = {delivery.tenant_id for delivery in self._calls.values()}
        return sorted(works, key=lambda work: work.tenant_id in busy)

    async def _tend(self, work: Work) -> bool:
        if not work.has_webhooks:
            return work.has_events and await self._sweep(work.tenant_id)
        moved = False
        if work.has_events:
            moved = await self._store.spread(work.tenant_id, self._clock(), MOST_EVENTS) == MOST_EVENTS
        hooks = await self._store.due(work.tenant_id, self._clock())
        for hook in sorted(hooks, key=lambda hook: self._busy[hook.tenant_id, hook.id]):
            await self._take(hook)
        return moved

    async def _sweep(self, tenant_id: int) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._swept_at.get(tenant_id, float("-inf")) < self._pace.sweep:
            return False
        if await self._store.drop(tenant_id, MOST_EVENTS) == MOST_EVENTS:
            return True
        self._swept_at[tenant_id] = now
        return False

    async def _take(self, hook: Webhook) -> None:
        is_failing = hook.usage.is_failing
        free = min(
            PLACES[is_failing] - self._places[is_failing],
            PLACES_OF_ONE[is_failing] - self._busy[hook.tenant_id, hook.id],
        )
        if free <= 0:
            return
        now, lease = self._clock(), self._ids.uuid4()
        until = now + timedelta(seconds=self._pace.lease)
        for delivery in await self._store.claim(hook.tenant_id, hook.id, now, until, lease, free):
            self._start(hook, delivery)

    def _start(self, hook: Webhook, delivery: Delivery) -> None:
        task = asyncio.create_task(self._rounds.run(hook, delivery))
        place, is_failing = (hook.tenant_id, hook.id), hook.usage.is_failing
        self._calls[task] = delivery
        self._busy[place] += 1
        self._places[is_failing] += 1

        def ended(task: asyncio.Task[RoundResult]) -> None:
            del self._calls[task]
            self._busy[place] -= 1
            self._places[is_failing] -= 1
            self._results.append(self._interrupted(delivery) if task.cancelled() else task.result())
            self._worker.wake()

        task.add_done_callback(ended)

    def _interrupted(self, delivery: Delivery) -> RoundResult:
        now = self._clock()
        return RoundResult(
            delivery=delivery,
            ending=Ending.LATER,
            at=now,
            due_at=now,
            is_round=False,
            last_error=INTERRUPTED,
        )

    async def _record(self) -> None:
        results = sorted(self._results, key=lambda result: result.delivery.tenant_id)
        self._results = []
        groups = [list(group) for _, group in groupby(results, lambda result: result.delivery.tenant_id)]
        failing: list[tuple[int, int]] = []
        try:
            while groups:
                tenant_id = groups[0][0].delivery.tenant_id
                failing += [(tenant_id, hook) for hook in await self._store.record(tenant_id, groups[0])]
                del groups[0]
        finally:
            self._results += [result for group in groups for result in group]
            for place in failing:
                await self._tell_failing(*place)

    async def _tell_failing(self, tenant_id: int, webhook_id: int) -> None:
        log.warning("a webhook fails: tenant %d, webhook %d", tenant_id, webhook_id)
        signal = Signal(name=f"webhook{webhook_id}.errors", id=webhook_id, by=0, shown_as="webhook.errors")
        now = self._clock()
        # One way that is shut does not close the other.
        await _tried(self._store.signal(tenant_id, signal, self._ids.uuid7(now), now))
        await _tried(self._tell(tenant_id, webhook_id, now))

    async def _finish(self) -> None:
        if self._calls:
            await asyncio.wait(self._calls, timeout=self._pace.grace)
        under_way = list(self._calls)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        try:
            await self._record()
        except AppointedError as error:
            # Their claims end by themselves; then they are made once more.
            log.warning("what became of webhooks' last calls is not written down: %s", error.code)


async def _tried(way: Awaitable[object]) -> None:
    try:
        await way
    except AppointedError as error:
        log.warning("that a webhook fails is not told by one way: %s", error.code)


def pausing(stop: asyncio.Event) -> Pause:
    """Make a way to wait that ends early, and says so, when it is time to stop."""

    async def pause(seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            return True
        return False

    return pause
