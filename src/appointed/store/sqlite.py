"""The embedded engine: one SQLite file, one process, one writing thread."""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import apsw

from appointed.domain.directory import Directory
from appointed.domain.errors import StoreBusy
from appointed.domain.events import Event
from appointed.domain.letter import Channel
from appointed.sealing.sealer import Sealer
from appointed.store import audit_sql, directory_scripts, live, scripts
from appointed.store.attempts import StoredAttempts
from appointed.store.audit import StoredAudit
from appointed.store.batch import Tools
from appointed.store.claimants import StoredClaimants
from appointed.store.jobs import StoredJobs
from appointed.store.live import StoredLive
from appointed.store.mail import StoredMail
from appointed.store.migrations import migrate_sqlite
from appointed.store.rehearsal import Rehearsal
from appointed.store.schema import HEAD, StoreUnusable, demand_head
from appointed.store.scripted import SEARCH_SECONDS, ScriptedStore
from appointed.store.scripts import Script
from appointed.store.search import engines
from appointed.store.sqlite_batch import HOLD, SPELLING, to_sqlite
from appointed.store.sqlite_files import FileLock, demand_local, open_reader, schema_of
from appointed.store.sqlite_search import Searchers
from appointed.store.sqlite_writer import Member, SqliteWriter, Task
from appointed.store.webhook_sql import SQLITE
from appointed.store.webhooks import StoredWebhooks
from appointed.store.wrapped import StoredKeys
from appointed.usecases.ports import Change, Clock, Health, IdSource, Outcome

Answer = TypeVar("Answer")
PROBE_SECONDS = 0.5
PLACE = re.compile(r"\$(\d+)")
EVENTS = (
    f"SELECT {scripts.EVENT_COLUMNS}, position FROM event WHERE tenant_id = $1 AND position > $2"
    " ORDER BY position LIMIT $3"
)
log = logging.getLogger(__name__)


class SqliteStore(ScriptedStore):
    """The Store port on one file; raises StoreUnusable at `open` when it cannot be ours."""

    _engine = engines.SQLITE

    def __init__(
        self,
        path: Path,
        sealer: Sealer,
        clock: Clock,
        ids: IdSource,
        search_seconds: float = SEARCH_SECONDS,
        channels: frozenset[Channel] = frozenset(),
    ) -> None:
        super().__init__(Tools(sealer, clock, ids, channels), SPELLING, HOLD)
        self.webhooks = StoredWebhooks(self, SQLITE, sealer)
        self.keys = StoredKeys(self, sealer)
        self.claimants = StoredClaimants(self, sealer)
        self.audit = StoredAudit(self, audit_sql.SQLITE, self._tools)
        self.jobs = StoredJobs(self)
        self.attempts = StoredAttempts(self)
        self.live = StoredLive(self, live.SQLITE)
        self.mail = StoredMail(self, SQLITE.skip, sealer, channels)
        self._path = path
        self._search_seconds = search_seconds
        self._writer: SqliteWriter | None = None
        self._scanning = threading.Lock()
        self._damage = ""
        self._checks: list[threading.Thread] = []

    async def open(self) -> None:
        """Take the file, bring it to the newest schema, start the writer."""
        try:
            await asyncio.to_thread(self._prepare)
            self._begin()
        except (OSError, apsw.Error) as error:
            raise StoreUnusable(f"{self._path} cannot be used: {error}") from error

    async def close(self) -> None:
        """Finish the changes under way, then let go of the file."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        await asyncio.to_thread(writer.stop)
        await asyncio.to_thread(self._searchers.close)
        await asyncio.to_thread(self.checked)
        self._near.close()
        self._far.close()
        self._lock.release(is_clean=not self._damage)

    def rehearsing(self) -> Rehearsal:
        """Give this store for one request that only wants to know."""
        return Rehearsal(self)

    async def change(self, change: Change) -> Outcome:
        """Run one change and answer after its commit; raises domain errors, and then nothing was written."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._running().submit(Member(change, future))
        outcome = await future
        self.webhooks.notice()
        return outcome

    async def events(
        self, tenant_id: int, after: str = "", limit: int = 500
    ) -> tuple[tuple[Event, ...], str]:
        """Read a tenant's committed events past a position, oldest first, and the next position."""
        rows = await self._scan(scripts.every(EVENTS, (tenant_id, int(after or 0), limit)))
        events = tuple(scripts.event_of(tenant_id, row[:-1]) for row in rows)
        return events, str(rows[-1][-1]) if rows else after

    async def health(self) -> Health:
        """Tell whether a change could be written now; takes at most 500 ms."""
        if self._damage:
            return Health(False, self._damage)
        try:
            probe = _write_probe if self._running().is_failing else _lock_probe
            await asyncio.wait_for(self._transact(probe), PROBE_SECONDS)
        except TimeoutError:
            return Health(False, "the writer did not answer in time")
        except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
            return Health(False, str(error))
        return Health(True)

    def checked(self) -> None:
        """Wait until the check that follows an unclean stop has ended; blocks."""
        for check in self._checks:
            check.join()

    async def _look(self, script: Script[Answer]) -> Answer:
        # A row by its index takes less time than handing it to a thread.
        with telling():
            return play(script, self._near)

    async def _scan(self, script: Script[Answer]) -> Answer:
        return await asyncio.to_thread(self._scan_now, script)

    async def _search(self, script: Script[Answer]) -> Answer:
        self._running()
        with telling():
            return await self._searchers.run(lambda connection: play(script, connection))

    async def _write(self, script: Script[Answer]) -> Answer:
        answer: Answer = await self._transact(lambda connection: play(script, connection))
        return answer

    async def _transact(self, work: Callable[[apsw.Connection], Any]) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._running().submit(Task(work, future))
        return await future

    def _running(self) -> SqliteWriter:
        if self._writer is None:
            raise StoreBusy
        return self._writer

    def _scan_now(self, script: Script[Answer]) -> Answer:
        with self._scanning, telling():
            return play(script, self._far)

    def _begin(self) -> None:
        try:
            self._near, self._far = open_reader(self._path), open_reader(self._path)
            self._searchers = Searchers(self._path, self._search_seconds)
            self._writer = SqliteWriter(self._path, self._tools, self._directory_under_lock)
        except BaseException:
            self._lock.release(is_clean=self._lock.was_clean)
            raise

    def _prepare(self) -> None:
        demand_local(self._path)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._path)
        try:
            # SQLite gives its other files the rights of this one.
            self._path.touch(mode=0o600)
            if schema_of(self._path) != HEAD:
                migrate_sqlite(self._path)
            demand_head(schema_of(self._path))
        except BaseException:
            self._lock.release(is_clean=self._lock.was_clean)
            raise
        if not self._lock.was_clean:
            check = threading.Thread(target=self._check, name="appointed-check", daemon=True)
            self._checks.append(check)
            check.start()

    def _check(self) -> None:
        connection = open_reader(self._path)
        found = [text for (text,) in connection.execute("PRAGMA quick_check")]
        connection.close()
        if found != ["ok"]:
            self._damage = f"the file is damaged: {found[0]}"
            log.error("quick_check after an unclean stop: %s", found[0])

    def _directory_under_lock(self, connection: apsw.Connection, tenant_id: int) -> Directory | None:
        known = self._directories.get(tenant_id)
        revision = play(directory_scripts.directory_revision(tenant_id), connection)
        if known is not None and known.revision == revision:
            return known
        found = play(directory_scripts.directory(tenant_id, known), connection)
        if found is not None:
            self._directories[tenant_id] = found
        return found


def play(script: Script[Answer], connection: apsw.Connection) -> Answer:
    """Run a script on a connection."""
    try:
        text, values = next(script)
        while True:
            rows = connection.execute(numbered(text), tuple(map(to_sqlite, values))).fetchall()
            text, values = script.send(rows)
    except StopIteration as done:
        answer: Answer = done.value
        return answer


@lru_cache(maxsize=512)
def numbered(text: str) -> str:
    """Write `?1` for `$1`, which SQLite numbers by where it stands; a `$` in a JSON path stays."""
    return PLACE.sub(r"?\1", text)


@contextmanager
def telling() -> Iterator[None]:
    """Raise StoreBusy when the disk fails a reader."""
    try:
        yield
    except (apsw.IOError, apsw.BusyError, apsw.CantOpenError) as error:
        raise StoreBusy from error


def _lock_probe(_connection: apsw.Connection) -> None:
    # The transaction around it has taken the write lock; that is all there is to know.
    return


def _write_probe(connection: apsw.Connection) -> None:
    # A number in the file's head that nothing else uses: it goes through the log and its sync.
    connection.pragma("user_version", (connection.pragma("user_version") + 1) % 2**31)
