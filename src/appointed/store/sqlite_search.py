"""Searches of a SQLite file: on connections of their own, a few at once, none for longer than allowed."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from appointed.domain.errors import SearchTooSlow, StoreBusy
from appointed.store.search.engines import FOLD, fold
from appointed.store.sqlite_files import open_reader

Answer = TypeVar("Answer")
AT_ONCE = 2
WAITING_SECONDS = 1.0
# So many steps of the engine take some milliseconds.
STEPS = 50_000


class Searchers:
    """Runs searches beside the writer; raises StoreBusy when none can begin in time, SearchTooSlow."""

    def __init__(self, path: Path, seconds: float, waiting_seconds: float = WAITING_SECONDS) -> None:
        self._idle = [open_searcher(path) for _number in range(AT_ONCE)]
        self._free = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, "appointed-search")
        self._seconds = seconds
        self._waiting_seconds = waiting_seconds

    async def run(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        """Run one search in a thread; nobody else has the connection until it ends."""
        try:
            async with asyncio.timeout(self._waiting_seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise StoreBusy from error
        limit = Limit(self._seconds)
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._run, work, limit)
        future.add_done_callback(self._ended)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            limit.end()
            raise

    def close(self) -> None:
        """Wait for the searches under way, then let go of the file; blocks."""
        self._threads.shutdown()
        for connection in self._idle:
            connection.close()

    def _run(self, work: Callable[[apsw.Connection], Answer], limit: "Limit") -> Answer:
        connection = self._idle.pop()
        try:
            connection.set_progress_handler(limit.is_over, STEPS)
            return work(connection)
        except apsw.InterruptError as error:
            raise SearchTooSlow from error
        finally:
            self._idle.append(connection)

    def _ended(self, future: "asyncio.Future[Any]") -> None:
        self._free.release()
        # Nobody may be left to be told.
        if not future.cancelled():
            future.exception()


class Limit:
    """The end of one search, on the clock that never jumps."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def end(self) -> None:
        """Let it end now."""
        self._until = 0.0

    def is_over(self) -> bool:
        """Tell the engine whether to give up."""
        return time.monotonic() >= self._until


def open_searcher(path: Path) -> apsw.Connection:
    """Open a connection that cannot write and that knows letters beyond ASCII."""
    connection = open_reader(path)
    # What is searched for decides which index is best.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 0)
    connection.create_scalar_function(FOLD, fold, 1, deterministic=True)
    return connection
