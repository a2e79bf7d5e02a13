"""Does what is due, for as long as it runs: any number of processes, and one of them at a time per tenant.

Nothing here knows what has been done. What is due is read from the store, and each act looks again at what it
acts on, under its lock: whoever is second finds nothing to do.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from appointed.domain.errors import AppointedError, StoreFailed
from appointed.usecases.ports import Clock, Store

log = logging.getLogger(__name__)

# Of one tenant and job at once, so that others have their turn; and how many of them side by side, so that
# the store can write them together.
MOST_ITEMS: Final = 500
SIDE_BY_SIDE: Final = 50
# What fails is tried again after so long, twice as long each time.
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
MOST_FAILING: Final = 10_000


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of background work.

    `due` lists at most so many things that are due in a tenant, each a value that can be a key; `act` does
    one, once more if it must be, and raises AppointedError when it cannot. With a `pause` a tenant's due
    things are looked for no more often than that, by all processes together. `lease` is longer than a turn.
    """

    name: str
    due: Callable[[int, datetime, int], Awaitable[Sequence[Any]]]
    act: Callable[[int, Any, datetime], Awaitable[None]]
    pause: timedelta = timedelta(0)
    lease: timedelta = timedelta(minutes=2)


class Failing:
    """What has failed, and when it is tried again; kept by this process alone."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, Any], tuple[timedelta, datetime]] = {}

    def note(self, key: tuple[int, str, Any], now: datetime) -> None:
        """Put it off."""
        if len(self._known) >= MOST_FAILING:
            self._known.clear()
        wait = min(self._known[key][0] * 2, LONGEST_WAIT) if key in self._known else FIRST_WAIT
        self._known[key] = (wait, now + wait)

    def is_put_off(self, key: tuple[int, str, Any], now: datetime) -> bool:
        """Tell whether it is not to be tried yet."""
        return key in self._known and now < self._known[key][1]

    def forget(self, key: tuple[int, str, Any]) -> None:
        """Note that it went well."""
        self._known.pop(key, None)


class Runner:
    """One process's share of the background work."""

    def __init__(
        self,
        store: Store,
        jobs: Sequence[Job],
        clock: Clock,
        holder: UUID,
        stop: asyncio.Event,
        poll_seconds: float = 5.0,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._holder = holder
        self._stop = stop
        self._poll_seconds = poll_seconds
        self._failing = Failing()
        self._not_before: dict[tuple[int, str], datetime] = {}

    async def serve(self) -> None:
        """Work until told to stop; what is under way is finished."""
        while not self._stop.is_set():
            if not await self._round():
                await self._rest()

    async def turn(self) -> bool:
        """Do once what is due in all tenants; tells whether there was more than one turn can do."""
        has_more = False
        for tenant in await self._store.tenants():
            for job in self._jobs:
                if not self._stop.is_set():
                    has_more |= await self._attempt(tenant.id, job)
        return has_more

    async def _round(self) -> bool:
        try:
            return await self.turn()
        except AppointedError as error:
            # Everything is still due when the store is back.
            log.warning("background work waits for the store: %s", error.code)
        except Exception as error:
            # Whatever it is, background work must not end with it.
            log.error("a round of background work failed", exc_info=error)
        return False

    async def _attempt(self, tenant_id: int, job: Job) -> bool:
        try:
            return await self._take_up(tenant_id, job)
        except StoreFailed:
            raise
        except Exception as error:
            # Whatever it is, it must stop no other work.
            log.error("background work failed: %s in tenant %d", job.name, tenant_id, exc_info=error)
            return False

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _take_up(self, tenant_id: int, job: Job) -> bool:
        now = self._clock()
        if now < self._not_before.get((tenant_id, job.name), now):
            return False
        # Only who rarely looks asks first; for the others a look costs less than a lease.
        if job.pause and not await self._is_ours(tenant_id, job, now):
            return False
        items = await self._wanted(tenant_id, job, now)
        if not job.pause and not (items and await self._is_ours(tenant_id, job, now)):
            return False
        await self._do(tenant_id, job, items)
        has_more = len(items) == MOST_ITEMS
        until = self._clock() + (timedelta(0) if has_more else job.pause)
        await self._store.jobs.rest(tenant_id, job.name, self._holder, until)
        return has_more

    async def _wanted(self, tenant_id: int, job: Job, now: datetime) -> list[Any]:
        found = await job.due(tenant_id, now, MOST_ITEMS)
        return [item for item in found if not self._failing.is_put_off((tenant_id, job.name, item), now)]

    async def _is_ours(self, tenant_id: int, job: Job, now: datetime) -> bool:
        until = await self._store.jobs.take(tenant_id, job.name, self._holder, now, now + job.lease)
        if until is None:
            return True
        self._not_before[tenant_id, job.name] = until
        return False

    async def _do(self, tenant_id: int, job: Job, items: list[Any]) -> None:
        for start in range(0, len(items), SIDE_BY_SIDE):
            some = items[start : start + SIDE_BY_SIDE]
            await asyncio.gather(*(self._try(tenant_id, job, item) for item in some))

    async def _try(self, tenant_id: int, job: Job, item: Any) -> None:
        now = self._clock()
        key = (tenant_id, job.name, item)
        try:
            await job.act(tenant_id, item, now)
        except Exception as error:
            self._failing.note(key, now)
            # One thing must never stop the others.
            is_known = isinstance(error, AppointedError)
            log.warning(
                "background work failed: %s in tenant %d: %s",
                job.name,
                tenant_id,
                error.code if isinstance(error, AppointedError) else type(error).__name__,
                exc_info=None if is_known else error,
            )
        else:
            self._failing.forget(key)
