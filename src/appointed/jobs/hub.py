"""The live feed of one process: one reader of the event log, however many pages listen."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Container, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from appointed.domain.errors import AppointedError, InvalidRequest
from appointed.usecases.live import Again, LiveStore, Message, Moved, Topic

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.2
# Between two reads, however much this process commits.
GAP_SECONDS: Final = 0.05
# Of one read; and how many reads one tenant may lag behind before its pages are to look for themselves.
MOST_READ: Final = 1_000
MOST_READS: Final = 5
# What waits for one page; and how far back a page's stream can go on.
MOST_PENDING: Final = 50
MOST_RESUMED: Final = 500

Key = tuple[int, str, int]
DEPARTMENT: Final = "department"
APPOINTMENT: Final = "appointment"


class Subscriber:
    """What waits for one page: of each appointment the newest, and never many."""

    def __init__(self, topic: Topic, wake: Callable[[], None], leave: Callable[["Subscriber"], None]) -> None:
        self.topic = topic
        self._wake = wake
        self._leave = leave
        self._pending: dict[int, Moved] = {}
        self._is_lost = False
        self._is_over = False
        self._position = ""
        self._told_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def put(self, changes: Mapping[int, Moved], position: str, *, may_wait: bool = False) -> None:
        """Have changes told; what was to be told of the same appointments before is not told any more."""
        if self._is_lost or len(changes) > MOST_PENDING:
            self.lose(position, may_wait=may_wait)
            return
        for number, moved in changes.items():
            self._pending[number] = _newer(self._pending.get(number), moved)
        self._position = position
        self._call(may_wait)
        if len(self._pending) > MOST_PENDING:
            self.lose(position, may_wait=may_wait)

    def lose(self, position: str, *, may_wait: bool = False) -> None:
        """Have the page read anew, instead of all that waits."""
        self._pending.clear()
        self._is_lost = True
        self._position = position
        self._call(may_wait)

    def end(self) -> None:
        """Tell no more."""
        self._is_over = True
        self._call_now()

    def _call(self, may_wait: bool) -> None:
        loop = asyncio.get_running_loop()
        at = self._told_at + self.topic.patience
        if not may_wait or at <= loop.time():
            self._call_now()
        elif self._later is None:
            self._later = loop.call_at(at, self._call_now)

    def _call_now(self) -> None:
        self._call_off()
        self._wake()

    def _call_off(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def take(self) -> tuple[Message, ...] | None:
        """Give what waits; behind the last of it stands where to go on."""
        if self._is_over:
            return None
        if not self._is_lost and not self._pending:
            return ()
        self._told_at = asyncio.get_running_loop().time()
        self._call_off()
        if self._is_lost:
            self._is_lost = False
            return (Again(self._position),)
        *told, last = self._pending.values()
        self._pending.clear()
        return (*told, replace(last, position=self._position))

    def close(self) -> None:
        """Listen no more."""
        self._call_off()
        self._leave(self)


class Hub:
    """Follows the event log of the tenants that somebody listens to, for as long as somebody does."""

    def __init__(self, store: LiveStore, poll_seconds: float = POLL_SECONDS) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._positions: dict[int, str] = {}
        self._listeners: dict[Key, set[Subscriber]] = {}
        self._counts: dict[int, int] = {}
        self._nudged = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._is_closed = False

    async def position(self, tenant_id: int) -> str:
        """Give where the feed is now."""
        return await self._store.position(tenant_id)

    async def listen(self, topic: Topic, after: str, wake: Callable[[], None]) -> Subscriber:
        """Listen to what happens after a position."""
        subscriber = Subscriber(topic, wake, self._leave)
        now = await self._store.position(topic.tenant_id)
        self._enter(subscriber, now)
        try:
            if after:
                await self._resume(subscriber, after, now)
        except BaseException:
            self._leave(subscriber)
            raise
        return subscriber

    async def subscribe(self, topic: Topic, after: str = "") -> AsyncIterator[tuple[Message, ...]]:
        """Give the same batch by batch."""
        awake = asyncio.Event()
        subscriber = await self.listen(topic, after, awake.set)
        try:
            while True:
                await awake.wait()
                awake.clear()
                told = subscriber.take()
                if told is None:
                    return
                if told:
                    yield told
        finally:
            subscriber.close()

    def nudge(self) -> None:
        """Say that this process has committed something; costs next to nothing while nobody listens."""
        if self._reader is not None:
            self._nudged.set()

    def close(self) -> None:
        """End all subscriptions, and take no more."""
        self._is_closed = True
        for subscriber in {one for some in self._listeners.values() for one in some}:
            subscriber.end()

    async def stop(self) -> None:
        """Close, and read no more."""
        self.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})

    def _enter(self, subscriber: Subscriber, now: str) -> None:
        tenant_id = subscriber.topic.tenant_id
        self._counts[tenant_id] = self._counts.get(tenant_id, 0) + 1
        # Whoever is followed already stands further back, never further on.
        self._positions.setdefault(tenant_id, now)
        for key in _keys(subscriber.topic):
            self._listeners.setdefault(key, set()).add(subscriber)
        if self._is_closed:
            subscriber.end()
        elif self._reader is None:
            self._reader = asyncio.create_task(self._follow())

    async def _resume(self, subscriber: Subscriber, after: str, now: str) -> None:
        try:
            missed, position = await self._store.after(subscriber.topic.tenant_id, after, MOST_RESUMED)
        except InvalidRequest:
            subscriber.lose(now)
            return
        if len(missed) == MOST_RESUMED:
            subscriber.lose(now)
            return
        keys = set(_keys(subscriber.topic))
        for changes in _by_key(subscriber.topic.tenant_id, missed, keys).values():
            subscriber.put(changes, position)

    def _leave(self, subscriber: Subscriber) -> None:
        tenant_id = subscriber.topic.tenant_id
        for key in _keys(subscriber.topic):
            self._listeners[key].discard(subscriber)
            if not self._listeners[key]:
                del self._listeners[key]
        self._counts[tenant_id] -= 1
        if not self._counts[tenant_id]:
            del self._counts[tenant_id], self._positions[tenant_id]

    async def _follow(self) -> None:
        try:
            while self._counts:
                self._nudged.clear()
                await self._round()
                await asyncio.sleep(GAP_SECONDS)
                await self._rest()
        finally:
            self._reader = None

    async def _rest(self) -> None:
        # What others commit is found by looking.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds - GAP_SECONDS):
                await self._nudged.wait()

    async def _round(self) -> None:
        try:
            for tenant_id in tuple(self._positions):
                await self._read(tenant_id)
        except AppointedError as error:
            # What is committed stays in the log until the store is back.
            log.warning("the live feed waits for the store: %s", error.code)
        except Exception as error:
            # Whatever it is, pages must not go silent for it.
            log.error("a read of the live feed failed", exc_info=error)

    async def _read(self, tenant_id: int) -> None:
        for _read in range(MOST_READS):
            if tenant_id not in self._positions:
                return
            moved, position = await self._store.after(tenant_id, self._positions[tenant_id], MOST_READ)
            if tenant_id not in self._positions:
                return
            self._positions[tenant_id] = position
            # Hundreds may listen to one department: what there is to tell is gathered once for all of them.
            for key, changes in _by_key(tenant_id, moved, self._listeners).items():
                may_wait = key[1] == DEPARTMENT
                for subscriber in self._listeners[key]:
                    subscriber.put(changes, position, may_wait=may_wait)
            if len(moved) < MOST_READ:
                return
        await self._skip(tenant_id)

    async def _skip(self, tenant_id: int) -> None:
        now = await self._store.position(tenant_id)
        if tenant_id in self._positions:
            self._positions[tenant_id] = now
        for key, subscribers in self._listeners.items():
            if key[0] == tenant_id:
                for subscriber in subscribers:
                    subscriber.lose(now)


def _keys(topic: Topic) -> list[Key]:
    departments = [(topic.tenant_id, DEPARTMENT, one) for one in topic.department_ids]
    return departments + [(topic.tenant_id, APPOINTMENT, one) for one in topic.appointment_ids]


def _by_key(tenant_id: int, moved: Iterable[Moved], listened: Container[Key]) -> dict[Key, dict[int, Moved]]:
    """Gather changes by who listens; of one appointment the newest."""
    found: dict[Key, dict[int, Moved]] = {}
    for one in moved:
        for key in {
            (tenant_id, DEPARTMENT, one.department_id),
            (tenant_id, DEPARTMENT, one.former_department_id),
            (tenant_id, APPOINTMENT, one.appointment_id),
        }:
            if key in listened:
                changes = found.setdefault(key, {})
                changes[one.appointment_id] = _newer(changes.get(one.appointment_id), one)
    return found


def _newer(one: Moved | None, other: Moved) -> Moved:
    """Give the newer of two changes of an appointment; that it has left a department is not forgotten."""
    if one is None:
        return other
    newest = max(one, other, key=lambda moved: moved.revision)
    left = other.former_department_id or one.former_department_id
    return replace(newest, former_department_id=left)
