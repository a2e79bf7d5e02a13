"""Keep up with the key file, and erase claimants who are kept no longer, while a server runs."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import partial

from appointed.app.repeating import attempt, repeat
from appointed.sealing.keys import KeyFileError
from appointed.sealing.ring import KeyRing
from appointed.usecases.ports import Clock, Store
from appointed.usecases.retain import retain

KEYS_SECONDS = 15.0
RETENTION_SECONDS = 6 * 3600.0
# A server that starts has better things to do.
FIRST_RETENTION_SECONDS = 60.0
log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def keeping(
    store: Store,
    clock: Clock,
    ring: KeyRing,
    keys_seconds: float = KEYS_SECONDS,
    retention_seconds: tuple[float, float] = (FIRST_RETENTION_SECONDS, RETENTION_SECONDS),
) -> AsyncIterator[None]:
    """Look after keys and retention for as long as the context is open."""

    async def follow_keys() -> None:
        try:
            ring.refresh()
        except (KeyFileError, OSError) as error:
            log.error("the key file cannot be read now: %s", type(error).__name__)

    async def run_retention() -> None:
        for tenant in await store.tenants():
            # What fails in one tenant must not keep the claimants of the others.
            await attempt(f"retention in tenant {tenant.id}", partial(retain, store, clock, tenant.id))

    first_seconds, pause_seconds = retention_seconds
    tasks = {
        asyncio.create_task(repeat("following the key file", follow_keys, keys_seconds, keys_seconds)),
        asyncio.create_task(repeat("retention", run_retention, pause_seconds, first_seconds)),
    }
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
