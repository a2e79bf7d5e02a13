"""The one thread that writes to a SQLite file: it takes whatever waits into one durable transaction."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import apsw
import msgspec

from appointed.domain.directory import Directory
from appointed.domain.errors import OutcomeUnknown, StorageFull, StoreBusy
from appointed.store.batch import Tools, run
from appointed.store.failed_commit import after_failure
from appointed.store.plan import Flow, LostRace, Postponed, Result
from appointed.store.sqlite_batch import SqliteBatch
from appointed.store.sqlite_checkpoint import Checkpointer
from appointed.store.sqlite_files import open_writer
from appointed.usecases.ports import Change

MOST_MEMBERS = 256
TRIES = 4
# What the engine says → what the caller is told; nothing was changed then.
ERRORS: tuple[tuple[type[Exception], type[Exception]], ...] = (
    (apsw.FullError, StorageFull),
    (apsw.IOError, StoreBusy),
    (apsw.BusyError, StoreBusy),
    (apsw.CantOpenError, StoreBusy),
    (apsw.ReadOnlyError, StoreBusy),
    (LostRace, StoreBusy),
)


class Member(msgspec.Struct, frozen=True):
    """A change and whoever waits for it."""

    change: Change
    future: "asyncio.Future[Any]"


class Task(msgspec.Struct, frozen=True):
    """Something else to write, in a transaction of its own."""

    work: Callable[[apsw.Connection], Any]
    future: "asyncio.Future[Any]"


class CommitFailed(Exception):
    """The commit was tried and ended in an error; `result` is what it would have made true."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


Answers = list[tuple["asyncio.Future[Any]", Any]]
DirectoryOf = Callable[[apsw.Connection, int], Directory | None]


class SqliteWriter:
    """Owns the writing connection and its thread. `is_failing`: the disk failed and took no commit since."""

    def __init__(self, path: Path, tools: Tools, directory_of: DirectoryOf) -> None:
        self.is_failing = False
        self._path = path
        self._tools = tools
        self._directory_of = directory_of
        self._jobs: SimpleQueue[Member | Task | None] = SimpleQueue()
        self._checkpointer = Checkpointer(path)
        self._loop = asyncio.get_running_loop()
        self._connect()
        self._thread = threading.Thread(target=self._serve, name="appointed-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Member | Task) -> None:
        """Put a job into the queue; its future gets the answer after the commit."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Finish what waits, then close; blocks."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()
        self._checkpointer.stop()

    def _connect(self) -> None:
        connection = self._connection = open_writer(self._path)
        connection.set_wal_hook(self._checkpointer.notice)
        self._is_distrusted = False
        self._batch = SqliteBatch(connection, lambda tenant_id: self._directory_of(connection, tenant_id))

    def _serve(self) -> None:
        is_open = True
        while is_open:
            jobs = [self._jobs.get()]
            while len(jobs) < MOST_MEMBERS and not self._jobs.empty():
                jobs.append(self._jobs.get())
            is_open = None not in jobs
            for kind, group in groupby((job for job in jobs if job is not None), type):
                work = self._members if kind is Member else self._tasks
                self._loop.call_soon_threadsafe(_resolve, work(list(group)))

    def _members(self, members: list[Any]) -> Answers:
        results = self._run([member.change for member in members])
        return [(member.future, result) for member, result in zip(members, results, strict=True)]

    def _tasks(self, tasks: list[Any]) -> Answers:
        return [(task.future, self._task(task)) for task in tasks]

    def _run(self, changes: Sequence[Change]) -> list[Result]:
        try:
            results = self._run_once(changes)
        except CommitFailed as failed:
            results = after_failure(changes, failed.result, partial(_told, failed))
        except Exception as error:  # noqa: BLE001 - each member's answer must be found
            if len(changes) == 1 or _told(error) is not error:
                return [_told(error) for _change in changes]
            return [self._run([change])[0] for change in changes]
        return [
            self._alone(change) if isinstance(result, Postponed) else result
            for change, result in zip(changes, results, strict=True)
        ]

    def _run_once(self, changes: Sequence[Change]) -> list[Result]:
        results: list[Result] = self._transact(lambda: _drive(run(changes, self._tools), self._batch))
        return results

    def _alone(self, change: Change) -> Result:
        for _try in range(TRIES):
            try:
                (result,) = self._run_once([change])
            except CommitFailed as failed:
                (result,) = after_failure([change], failed.result, partial(_told, failed))
            except Exception as error:  # noqa: BLE001 - the member's own answer
                return _told(error)
            if not isinstance(result, Postponed):
                return result
        return StoreBusy()

    def _task(self, task: Task) -> Any:
        try:
            return self._transact(lambda: task.work(self._connection))
        except Exception as error:  # noqa: BLE001 - raised again where the task is awaited
            return _told(error)

    def _transact(self, work: Callable[[], Any]) -> Any:
        with self._checkpointer.gate:
            try:
                if self._is_distrusted:
                    self._connect()
                self._connection.execute("BEGIN IMMEDIATE")
                result = work()
            except Exception as error:
                self._recover(error)
                raise
            try:
                self._connection.execute("COMMIT")
            except Exception as error:
                self._recover(error)
                raise CommitFailed(result) from error
        self.is_failing = False
        return result

    def _recover(self, error: Exception) -> None:
        self.is_failing |= isinstance(error, apsw.IOError | apsw.FullError)
        if isinstance(error, apsw.IOError):
            # After a failed sync nothing that this connection believes can be trusted.
            self._is_distrusted = True
            self._connection.close()
        elif not self._is_distrusted and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _drive(flow: Flow, batch: SqliteBatch) -> list[Result]:
    answer: Any = None
    while True:
        try:
            request = flow.send(answer)
        except StopIteration as done:
            results: list[Result] = done.value
            return results
        answer = batch.perform(request)


def _told(error: Exception) -> Exception:
    if isinstance(error, CommitFailed):
        return StorageFull() if isinstance(error.__cause__, apsw.FullError) else OutcomeUnknown()
    return next((told() for known, told in ERRORS if isinstance(error, known)), error)


def _resolve(answers: Answers) -> None:
    for future, result in answers:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
