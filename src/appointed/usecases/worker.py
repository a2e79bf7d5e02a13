"""A loop that does what waits in the store, for as long as it runs.

It sleeps until a commit of this process wakes it, and looks now and then for those of others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from appointed.domain.errors import AppointedError

log = logging.getLogger(__name__)

Turn = Callable[[], Awaitable[bool]]
"""Do what there is to do now; tells whether there is more, so that nobody sleeps."""


class Worker:
    """Takes turns until told to stop; `name` is what it delivers, for the log. Times are in seconds."""

    def __init__(
        self, name: str, turn: Turn, stop: asyncio.Event, *, poll: float, gather: float = 0.0
    ) -> None:
        self._name = name
        self._turn = turn
        self._stop = stop
        self._poll = poll
        self._gather = gather
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._awake.set()

    async def serve(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            self._awake.clear()
            if not await self._taken():
                await self._rest()

    async def _taken(self) -> bool:
        try:
            return await self._turn()
        except AppointedError as error:
            # The store is away; everything stays where it is until it is back.
            log.warning("%s wait for the store: %s", self._name, error.code)
        except Exception as error:
            # Whatever it is, deliveries must not end with it.
            log.error("a turn of %s failed", self._name, exc_info=error)
        return False

    async def _rest(self) -> None:
        stopping = asyncio.ensure_future(self._stop.wait())
        waking = asyncio.ensure_future(self._awake.wait())
        done, _pending = await asyncio.wait(
            {stopping, waking}, timeout=self._poll, return_when=asyncio.FIRST_COMPLETED
        )
        if waking in done:
            await asyncio.wait({stopping}, timeout=self._gather)
        for task in (stopping, waking):
            task.cancel()
