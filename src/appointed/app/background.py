"""Background work put together: which jobs there are, and for how long they run."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from appointed.domain.call import Window
from appointed.jobs.life import life_job
from appointed.jobs.reminders import reminder_job
from appointed.jobs.retention import retention_job
from appointed.jobs.runner import Job, Runner
from appointed.settings import Settings
from appointed.usecases.ports import Clock, IdSource, Store


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """One process's background work."""

    runners: tuple[Runner, ...]
    stop: asyncio.Event
    runs: bool


def jobs_of(store: Store, ids: IdSource, window: Window) -> tuple[tuple[Job, ...], ...]:
    """List all jobs, together those that may wait for one another. New work is one more line here."""
    reminders = [reminder_job(store, ids)] if store.mail.channels else []
    # Retention reads through years of appointments: nobody's clock stands still for that.
    return (life_job(store, ids, window), *reminders), (retention_job(store),)


def background_of(
    settings: Settings, store: Store, clock: Clock, ids: IdSource, window: Window
) -> Background:
    """Put the parts together; nothing runs yet."""
    stop = asyncio.Event()
    runners = tuple(
        Runner(store, jobs, clock, ids.uuid4(), stop, settings.background_poll_seconds)
        for jobs in jobs_of(store, ids, window)
    )
    return Background(runners=runners, stop=stop, runs=settings.background_work)


@contextlib.asynccontextmanager
async def working(background: Background) -> AsyncIterator[None]:
    """Do background work while the context is open, where this process is to; finish what is under way."""
    tasks = [asyncio.create_task(runner.serve()) for runner in background.runners if background.runs]
    try:
        yield
    finally:
        background.stop.set()
        await asyncio.gather(*tasks)
