"""Keep up with the key file while a server runs."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from appointed.app.repeating import repeat
from appointed.sealing.keys import KeyFileError
from appointed.sealing.ring import KeyRing

KEYS_SECONDS = 15.0
log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def keeping(ring: KeyRing, keys_seconds: float = KEYS_SECONDS) -> AsyncIterator[None]:
    """Follow the key file for as long as the context is open."""

    async def follow_keys() -> None:
        try:
            ring.refresh()
        except (KeyFileError, OSError) as error:
            log.error("the key file cannot be read now: %s", type(error).__name__)

    task = asyncio.create_task(repeat("following the key file", follow_keys, keys_seconds, keys_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
