"""Group commit on PostgreSQL: whatever waits goes into one transaction, answered after its commit."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from appointed.domain.errors import OutcomeUnknown, StoreBusy
from appointed.store.batch import Tools, run
from appointed.store.failed_commit import after_failure
from appointed.store.plan import Flow, Postponed, Result
from appointed.store.postgres_aside import Aside, HeldRow, Member, held_rows
from appointed.store.postgres_batch import DirectoryAt, PostgresBatch
from appointed.store.postgres_pool import (
    ACQUIRE_SECONDS,
    RACED,
    borrowed,
    commit,
    connect,
    is_gone,
    roll_back,
    told,
)
from appointed.usecases.ports import Change

MOST_MEMBERS = 256
TRIES = 4
# Large changes have connections of the pool, and so have those that wait for a lock; more of each at once
# would leave none for readers.
MOST_LARGE = 2
JITTER_SECONDS = 0.05
# While members of a batch are tried one by one because something is locked, none may hold up the others.
HURRY, PATIENCE = "SET lock_timeout = '10ms'", "RESET lock_timeout"
# After so many commits without an answer the rest is refused at once, but for a try each fifth of a deadline.
MOST_UNKNOWN = 3
TRIES_PER_DEADLINE = 5
log = logging.getLogger(__name__)


class PostgresWriter:
    """Owns the writing connection.

    `jitter` gives a random share (0–1) of the pause before a new try; a commit without an answer in
    `commit_seconds` is given up.
    """

    def __init__(
        self,
        dsn: str,
        pool: "asyncpg.Pool[asyncpg.Record]",
        tools: Tools,
        directory_at: DirectoryAt,
        jitter: Callable[[], float],
        commit_seconds: float,
    ) -> None:
        self._dsn = dsn
        self._pool = pool
        self._tools = tools
        self._directory_at = directory_at
        self._jitter = jitter
        self._commit_seconds = commit_seconds
        self._connection: asyncpg.Connection | None = None
        self._waiting: deque[Member] = deque()
        self._has_work = asyncio.Event()
        self._aside = Aside(pool, self._put_back)
        self._is_stopping = False
        self._large = asyncio.Semaphore(MOST_LARGE)
        self._patient = asyncio.Semaphore(MOST_LARGE)
        self._lone: set[asyncio.Task[None]] = set()
        self._unknown_in_a_row = 0
        self._shut_until = 0.0
        self._task = asyncio.create_task(self._serve())

    def submit(self, member: Member) -> None:
        """Put a member into the queue; its future gets the answer after the commit."""
        if member.change.alone:
            self._set_apart(member, Postponed(alone=True))
            return
        self._waiting.append(member)
        self._has_work.set()

    def _set_apart(self, member: Member, why: Postponed) -> None:
        lone = asyncio.create_task(self._run_alone(member, why))
        self._lone.add(lone)
        lone.add_done_callback(self._lone.discard)

    def _put_back(self, members: list[Member]) -> None:
        self._waiting.extendleft(reversed(members))
        self._has_work.set()

    async def stop(self) -> None:
        """Finish what waits, then disconnect."""
        self._is_stopping = True
        self._has_work.set()
        await self._task
        await self._aside.stop()
        if self._lone:
            await asyncio.wait(self._lone)
        if self._connection is not None:
            await self._connection.close()

    async def _serve(self) -> None:
        while self._waiting or self._aside.is_waited_for or not self._is_stopping:
            await self._has_work.wait()
            self._has_work.clear()
            while self._waiting:
                count = min(len(self._waiting), MOST_MEMBERS)
                await self._answer([self._waiting.popleft() for _member in range(count)])

    async def _answer(self, members: list[Member]) -> None:
        if self._aside:
            members = self._aside.divert(members)
        if not members:
            return
        results: Sequence[Result | HeldRow] = [StoreBusy() for _member in members]
        if not self._is_shut():
            results = await self._run([member.change for member in members])
        for member, result in zip(members, results, strict=True):
            if isinstance(result, Postponed):
                self._set_apart(member, result)
            elif isinstance(result, HeldRow):
                self._aside.add(result, member)
            else:
                _resolve(member, result)

    def _is_shut(self) -> bool:
        # When no commit gets an answer, callers are told at once, and one batch now and then tries again.
        now = asyncio.get_running_loop().time()
        return self._unknown_in_a_row >= MOST_UNKNOWN and now < self._shut_until

    async def _run(self, changes: Sequence[Change]) -> Sequence[Result | HeldRow]:
        try:
            return await self._on_own_connection(changes)
        except Exception as error:  # noqa: BLE001 - each member's answer must be found
            if is_gone(error):
                return [StoreBusy() for _change in changes]
            if isinstance(error, asyncpg.LockNotAvailableError):
                return await self._around_locks(changes)
            if len(changes) == 1:
                return [await self._retry(changes[0], error)]
        return [(await self._run([change]))[0] for change in changes]

    async def _around_locks(self, changes: Sequence[Change]) -> Sequence[Result | HeldRow]:
        """Find the members whose rows others hold, and run the rest."""
        try:
            held = await held_rows(await self._connected(), changes)
        except asyncpg.LockNotAvailableError:
            # No row, but the whole table is somebody else's.
            return [Postponed(is_locked=True) for _change in changes]
        except Exception as error:  # noqa: BLE001 - told to all members
            return [told(error) for _change in changes]
        rest = [index for index in range(len(changes)) if index not in held]
        if len(rest) == len(changes):
            return await self._hurried(changes)
        done = await self._run([changes[index] for index in rest]) if rest else ()
        results: dict[int, Result | HeldRow] = {**held, **dict(zip(rest, done, strict=True))}
        return [results[index] for index in range(len(changes))]

    async def _hurried(self, changes: Sequence[Change]) -> Sequence[Result | HeldRow]:
        # What is locked is no appointment: whoever needs it has to be found by trying.
        if len(changes) == 1:
            return [Postponed(is_locked=True)]
        await self._tell_connection(HURRY)
        results = [(await self._run([change]))[0] for change in changes]
        await self._tell_connection(PATIENCE)
        return results

    async def _tell_connection(self, setting: str) -> None:
        connection = self._connection
        try:
            if connection is not None and not connection.is_closed():
                await connection.execute(setting)
        except Exception as error:  # noqa: BLE001 - a new connection is as it should be
            log.warning("the writer's connection is dropped: %s", type(error).__name__)
            if connection is not None:
                connection.terminate()

    async def _retry(self, change: Change, error: Exception) -> Result:
        for _try in range(TRIES - 1):
            if not isinstance(error, RACED):
                break
            await asyncio.sleep(self._jitter() * JITTER_SECONDS)
            try:
                (result,) = await self._on_own_connection([change])
            except Exception as again:  # noqa: BLE001 - told to the member below
                error = again
            else:
                return result
        return told(error)

    async def _on_own_connection(self, changes: Sequence[Change]) -> list[Result]:
        try:
            return await self._transact(await self._connected(), changes)
        except Exception as error:
            if not is_gone(error):
                raise
            # Nothing was committed; the way may be open again, and the driver may not know that it was shut.
            if self._connection is not None:
                self._connection.terminate()
            return await self._transact(await self._connected(), changes)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._dsn)
        return self._connection

    async def _run_alone(self, member: Member, why: Postponed) -> None:
        places, seconds = (self._patient, ACQUIRE_SECONDS) if why.is_locked else (self._large, None)
        try:
            async with asyncio.timeout(seconds):
                await places.acquire()
        except TimeoutError:
            _resolve(member, StoreBusy())
            return
        try:
            _resolve(member, await self._alone(member.change))
        finally:
            places.release()

    async def _alone(self, change: Change) -> Result:
        """Run a member by itself: it is large, or rows joined it that were not locked, or it waits."""
        result: Result = StoreBusy()
        for _try in range(TRIES):
            try:
                async with borrowed(self._pool) as connection:
                    (result,) = await self._transact(connection, [change])
            except Exception as failed:  # noqa: BLE001 - told to the member
                result = told(failed)
                if not isinstance(failed, RACED):
                    break
            else:
                if not isinstance(result, Postponed):
                    break
        return StoreBusy() if isinstance(result, Postponed) else result

    async def _transact(self, connection: asyncpg.Connection, changes: Sequence[Change]) -> list[Result]:
        try:
            await connection.execute("BEGIN")
            results = await self._drive(connection, changes)
            await commit(connection, self._commit_seconds)
        except OutcomeUnknown:
            self._unknown_in_a_row += 1
            pause = self._commit_seconds / TRIES_PER_DEADLINE
            self._shut_until = asyncio.get_running_loop().time() + pause
            return after_failure(changes, results, OutcomeUnknown)
        except BaseException:
            await roll_back(connection)
            raise
        self._unknown_in_a_row = 0
        return results

    async def _drive(self, connection: asyncpg.Connection, changes: Sequence[Change]) -> list[Result]:
        batch = PostgresBatch(connection, self._directory_at)
        flow = run(changes, self._tools)
        # What thinks long must not keep the loop from everybody else.
        thinks_long = len(changes) == 1 and changes[0].alone
        request, results = _next(flow, None)
        while results is None:
            answer = await batch.perform(request)
            request, results = (
                await asyncio.to_thread(_next, flow, answer) if thinks_long else _next(flow, answer)
            )
        return results


def _next(flow: Flow, answer: Any) -> tuple[Any, list[Result] | None]:
    try:
        return flow.send(answer), None
    except StopIteration as done:
        return None, done.value


def _resolve(member: Member, result: Any) -> None:
    if member.future.done():
        return
    if isinstance(result, Exception):
        member.future.set_exception(result)
    else:
        member.future.set_result(result)
