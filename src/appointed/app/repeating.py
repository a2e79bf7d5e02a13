"""What a server does again and again by itself: whatever goes wrong once is told, and it goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from appointed.domain.errors import AppointedError

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


async def repeat(
    name: str, work: Callable[[], Awaitable[object]], pause_seconds: float, first_seconds: float = 0.0
) -> None:
    """Do `work` after a first wait and again after each pause, for ever; `name` is for the log."""
    await asyncio.sleep(first_seconds)
    while True:
        await attempt(name, work)
        await asyncio.sleep(pause_seconds)


async def attempt(name: str, work: Callable[[], Awaitable[Answer]]) -> Answer | None:
    """Do `work` once; a failure is logged, and None is given."""
    try:
        return await work()
    except AppointedError as error:
        # A store that cannot be reached is asked again the next time.
        log.warning("%s: not done now: %s", name, error.code)
    except Exception as error:
        # A task that ended here would be missed by nobody.
        log.error("%s failed", name, exc_info=error)
    return None
