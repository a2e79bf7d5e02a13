"""What a server does by itself while it runs: it forgets answers that need not be given again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from appointed.domain.errors import AppointedError
from appointed.usecases.ports import Clock, Store

ANSWERS_KEPT = timedelta(hours=24)
# Often, so that a busy store never has many to drop at once.
PAUSE_SECONDS = 300.0


@contextlib.asynccontextmanager
async def upkeep(store: Store, clock: Clock, pause_seconds: float = PAUSE_SECONDS) -> AsyncIterator[None]:
    """Forget old answers at once and after each pause, for as long as the context is open."""
    task = asyncio.create_task(_forget_old_answers(store, clock, pause_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _forget_old_answers(store: Store, clock: Clock, pause_seconds: float) -> None:
    while True:
        # A store that cannot be reached is asked again after the pause.
        with contextlib.suppress(AppointedError):
            await store.forget_idempotency(clock() - ANSWERS_KEPT)
        await asyncio.sleep(pause_seconds)
