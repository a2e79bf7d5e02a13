"""Deadlines by the thousand: one tick for all of them instead of a timer for each.

A timer of the event loop costs as much as reading a whole patch; a deadline here costs a set entry, and
may pass up to one tick late.
"""

import asyncio
from types import TracebackType
from typing import Protocol
from weakref import WeakKeyDictionary

TICK_SECONDS = 0.25
NEVER = float("inf")


class Watched(Protocol):
    """Something with a deadline: `due` is in the loop's own time, NEVER while there is none."""

    due: float

    def expire(self) -> None:
        """Act on the deadline; called once for each time `due` passes."""
        ...


class Watch:
    """Looks at everything that has a deadline, a few times a second, while there is anything."""

    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._is_ticking = False

    def add(self, watched: Watched) -> None:
        """Keep an eye on it from now on."""
        self._watched.add(watched)
        if not self._is_ticking:
            self._is_ticking = True
            asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def discard(self, watched: Watched) -> None:
        """Forget it."""
        self._watched.discard(watched)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for watched in tuple(self._watched):
            if watched.due <= now:
                watched.due = NEVER
                watched.expire()
        self._is_ticking = bool(self._watched)
        if self._is_ticking:
            loop.call_later(TICK_SECONDS, self._tick)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch_of(loop: asyncio.AbstractEventLoop) -> Watch:
    """Give the loop's one watch."""
    watch = _watches.get(loop)
    if watch is None:
        watch = _watches[loop] = Watch()
    return watch


class Deadline:
    """`with Deadline(seconds):` raises TimeoutError inside when the time is over, as asyncio.timeout does."""

    __slots__ = ("_cancelling", "_loop", "_seconds", "_task", "_watch", "due", "is_expired")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.is_expired = False
        self.due = NEVER

    def __enter__(self) -> "Deadline":
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task")
        self._task = task
        self._cancelling = task.cancelling()
        self._loop = task.get_loop()
        self._watch = watch_of(self._loop)
        self.due = self._loop.time() + self._seconds
        self._watch.add(self)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._watch.discard(self)
        if not self.is_expired:
            return
        is_ours = self._task.uncancel() <= self._cancelling
        if is_ours and exception_type is asyncio.CancelledError:
            raise TimeoutError from exception

    def restart(self, seconds: float) -> None:
        """Let the time begin anew, from now."""
        self.due = self._loop.time() + seconds

    def expire(self) -> None:
        """Interrupt the task."""
        self.is_expired = True
        self._task.cancel()
