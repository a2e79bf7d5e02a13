"""What a server does by itself while it runs: it forgets what nobody may ask for any more."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from appointed.app.repeating import attempt
from appointed.domain.errors import AppointedError
from appointed.store.schema import DemoPresent, StoreUnusable
from appointed.usecases.ports import Clock, Store

ANSWERS_KEPT = timedelta(hours=24)
# Longer than a letter is tried, and than any reminder comes before its appointment.
LETTERS_KEPT = timedelta(days=60)
# Often, so that a busy store never has many to drop at once.
PAUSE_SECONDS = 300.0
SENTRY_SECONDS = 5.0
log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def upkeep(store: Store, clock: Clock, pause_seconds: float = PAUSE_SECONDS) -> AsyncIterator[None]:
    """Forget old answers and tickets at once and after each pause, for as long as the context is open."""
    task = asyncio.create_task(_forget(store, clock, pause_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@contextlib.asynccontextmanager
async def sentry(
    store: Store, leave: Callable[[], None], pause_seconds: float = SENTRY_SECONDS
) -> AsyncIterator[None]:
    """Call `leave` once should the demo tenant appear in a store that is served beyond loopback."""
    task = asyncio.create_task(_watch_for_demo(store, leave, pause_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def end_process() -> None:
    """Stop this process in good order."""
    signal.raise_signal(signal.SIGTERM)


async def _watch_for_demo(store: Store, leave: Callable[[], None], pause_seconds: float) -> None:
    while True:
        await asyncio.sleep(pause_seconds)
        try:
            await store.keep_demo_out()
        except DemoPresent as error:
            log.error("%s: this server stops, since it is reached beyond loopback", error)
            leave()
            return
        except (AppointedError, StoreUnusable, OSError) as error:
            log.warning("whether the demo tenant has appeared cannot be told now: %s", type(error).__name__)
        except Exception as error:
            # Whatever it is, the watch must not end with it.
            log.error("whether the demo tenant has appeared cannot be told now", exc_info=error)


async def _forget(store: Store, clock: Clock, pause_seconds: float) -> None:
    works: dict[str, tuple[Callable[[datetime], Awaitable[None]], timedelta]] = {
        "answers": (store.forget_idempotency, ANSWERS_KEPT),
        "tickets": (store.forget_tickets, timedelta()),
        "attempts": (store.attempts.forget, timedelta()),
        "presences": (store.forget_presences, timedelta()),
        "letters": (store.mail.forget, LETTERS_KEPT),
    }
    while True:
        for name, (forget, kept) in works.items():
            # Each apart: what fails for one must not keep the others.
            await attempt(f"forgetting {name}", partial(forget, clock() - kept))
        await asyncio.sleep(pause_seconds)
