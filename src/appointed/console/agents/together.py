"""Those who ask for the same at the same moment share one reading of it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Together(Generic[Key, Answer]):
    """Gives everybody what was read after they had asked: who comes while it is read waits for the next."""

    def __init__(self) -> None:
        self._next: dict[Key, asyncio.Task[Answer]] = {}
        self._under_way: dict[Key, asyncio.Task[Answer]] = {}

    async def ask(self, key: Key, read: Callable[[], Awaitable[Answer]]) -> Answer:
        """Give what `read` reads, or what another's does that has not begun yet; raises what that raises."""
        reading = self._next.get(key)
        if reading is None:
            reading = asyncio.create_task(self._read(key, read, self._under_way.get(key)))
            reading.add_done_callback(_heard)
            self._next[key] = reading
        # Whoever leaves takes nothing from the others.
        return await asyncio.shield(reading)

    async def _read(
        self, key: Key, read: Callable[[], Awaitable[Answer]], before: asyncio.Task[Answer] | None
    ) -> Answer:
        if before is not None:
            await asyncio.wait({before})
        self._under_way[key] = self._next.pop(key)
        try:
            return await read()
        finally:
            del self._under_way[key]


def _heard(reading: asyncio.Task[Answer]) -> None:
    # Nobody may be left to be told.
    if not reading.cancelled():
        reading.exception()
