"""The production engine: PostgreSQL, shared by several processes and machines."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from appointed.domain.directory import Directory, Record, Tenant
from appointed.domain.errors import SearchTooSlow, StoreBusy, Unauthenticated
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
from appointed.store.postgres_aside import Member
from appointed.store.postgres_guard import DemoGuard, demand_no_public_server
from appointed.store.postgres_pool import (
    borrowed,
    commit,
    open_pool,
    open_search_pool,
    roll_back,
    telling,
)
from appointed.store.postgres_sql import BY_UID, HOLD_ONE, SPELLING
from appointed.store.postgres_writer import PostgresWriter
from appointed.store.record_scripts import BesideChanges
from appointed.store.rehearsal import Rehearsal
from appointed.store.schema import HEAD, StoreUnusable, demand_head, unreadable_url
from appointed.store.scripted import SEARCH_SECONDS, ScriptedStore
from appointed.store.scripts import Script
from appointed.store.search import engines
from appointed.store.webhook_sql import POSTGRES
from appointed.store.webhooks import StoredWebhooks
from appointed.store.wrapped import StoredKeys
from appointed.usecases.ports import Change, Clock, Health, IdSource, Outcome

Answer = TypeVar("Answer")
PROBE_SECONDS = 0.5
COMMIT_SECONDS = 5.0
START = "0:00000000-0000-0000-0000-000000000000"
HEALTH = "SELECT pg_is_in_recovery(), (SELECT version_num FROM alembic_version)"
# Another transaction that is still running may have an earlier position; what it writes comes first.
EVENTS = (
    f"SELECT {scripts.EVENT_COLUMNS}, position FROM event WHERE tenant_id = $1"
    " AND (position, id) > ($2::text::xid8, $3) AND position < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY position, id LIMIT $4"
)
# What was decided by an older directory has ended then, and what comes next begins with the new one. First a
# vacuum is waited for, in a lock that holds no change up: PostgreSQL ends autovacuum for whoever has waited
# longer than `deadlock_timeout` (1 s). Then for the changes under way, which holds all others up: for less
# than twice the writer's `lock_timeout`.
VACUUM_PATIENCE = "3s"
CHANGES_PATIENCE = "900ms"
BETWEEN = (
    f"SET LOCAL lock_timeout = '{VACUUM_PATIENCE}'",
    "LOCK TABLE appointment IN SHARE UPDATE EXCLUSIVE MODE",
    f"SET LOCAL lock_timeout = '{CHANGES_PATIENCE}'",
    "LOCK TABLE appointment IN EXCLUSIVE MODE",
)


class PostgresStore(ScriptedStore):
    """The Store port on a database; raises StoreUnusable at `open` when its schema is not ours."""

    _engine = engines.POSTGRES

    def __init__(
        self,
        dsn: str,
        sealer: Sealer,
        clock: Clock,
        ids: IdSource,
        jitter: Callable[[], float] = random.random,
        commit_seconds: float = COMMIT_SECONDS,
        search_seconds: float = SEARCH_SECONDS,
        channels: frozenset[Channel] = frozenset(),
    ) -> None:
        super().__init__(Tools(sealer, clock, ids, channels), SPELLING, HOLD_ONE, BY_UID)
        self.webhooks = StoredWebhooks(self, POSTGRES, sealer)
        self.keys = StoredKeys(self, sealer)
        self.claimants = StoredClaimants(self, sealer)
        self.audit = StoredAudit(self, audit_sql.POSTGRES, self._tools)
        self.jobs = StoredJobs(self)
        self.attempts = StoredAttempts(self)
        self.live = StoredLive(self, live.POSTGRES)
        self.mail = StoredMail(self, POSTGRES.skip, sealer, channels)
        self._dsn = dsn
        self._jitter = jitter
        self._commit_seconds = commit_seconds
        self._search_seconds = search_seconds
        self._writer: PostgresWriter | None = None
        self._guard = DemoGuard(dsn)
        self._writes: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Connect, see that the schema is ours, start the writer."""
        try:
            self._pool = await open_pool(self._dsn)
            self._search_pool = await open_search_pool(self._dsn)
        except ValueError as error:
            raise unreadable_url() from error
        except (asyncpg.PostgresError, OSError, TimeoutError) as error:
            raise StoreUnusable(f"the database cannot be reached: {error}") from error
        try:
            demand_head(await self._look(_schema()))
        except BaseException:
            await asyncio.gather(self._pool.close(), self._search_pool.close())
            raise
        self._writer = PostgresWriter(
            self._dsn,
            self._pool,
            self._tools,
            self._directory_under_lock,
            self._jitter,
            self._commit_seconds,
        )

    async def close(self) -> None:
        """Finish the changes under way, then disconnect."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        await writer.stop()
        await self._guard.close()
        if self._writes:
            await asyncio.wait(self._writes)
        await asyncio.gather(self._pool.close(), self._search_pool.close())

    async def create_tenant(self, tenant: Tenant, records: Sequence[Record]) -> int:
        """Add a tenant; raises StoreUnusable for the demo tenant where a public server runs."""

        def script() -> Script[int]:
            if tenant.is_demo:
                yield from demand_no_public_server()
            return (yield from directory_scripts.create_tenant(tenant, records, self._tools, self._hold))

        return await self._write(script())

    async def keep_demo_out(self) -> None:
        """See that there is no demo tenant, and none comes while this store is open. Raises DemoPresent."""
        with telling():
            is_new = await self._guard.stand()
        if is_new:
            await super().keep_demo_out()

    def rehearsing(self) -> Rehearsal:
        """Give this store for one request that only wants to know."""
        return Rehearsal(self)

    async def change(self, change: Change) -> Outcome:
        """Run one change and answer after its commit; raises domain errors, and then nothing was written."""
        if self._writer is None:
            raise StoreBusy
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._writer.submit(Member(change, future))
        outcome = await future
        self.webhooks.notice()
        return outcome

    async def events(
        self, tenant_id: int, after: str = "", limit: int = 500
    ) -> tuple[tuple[Event, ...], str]:
        """Read a tenant's committed events past a position, oldest first, and the next position."""
        position, _colon, event_id = (after or START).partition(":")
        rows = await self._scan(scripts.every(EVENTS, (tenant_id, position, event_id, limit)))
        events = tuple(scripts.event_of(tenant_id, row[:-1]) for row in rows)
        return events, f"{rows[-1][-1]}:{events[-1].id}" if rows else after

    async def health(self) -> Health:
        """Tell whether a change could be written now; takes at most 500 ms."""
        try:
            row = await asyncio.wait_for(self._look(scripts.one(HEALTH, ())), PROBE_SECONDS)
        except TimeoutError:
            return Health(False, "the database did not answer in time")
        except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
            return Health(False, str(error))
        is_standby, schema = row or (True, None)
        if is_standby:
            return Health(False, "the database takes no writes")
        return Health(schema == HEAD, "" if schema == HEAD else f"the database has schema {schema}")

    async def _write_records(self, script: Callable[..., Script[Answer]]) -> Answer:
        try:
            return await self._write(script(is_between=False))
        except BesideChanges:
            # Only what has come that far is worth that everybody waits; it is decided anew.
            return await self._write(_between(script(is_between=True)))

    async def _look(self, script: Script[Answer]) -> Answer:
        with telling():
            async with borrowed(self._pool) as connection:
                return await play(script, connection)

    async def _scan(self, script: Script[Answer]) -> Answer:
        return await self._look(script)

    async def _search(self, script: Script[Answer]) -> Answer:
        with telling():
            async with borrowed(self._search_pool) as connection:
                try:
                    async with asyncio.timeout(self._search_seconds):
                        return await play(script, connection)
                except (TimeoutError, asyncpg.QueryCanceledError) as error:
                    raise SearchTooSlow from error

    async def _write(self, script: Script[Answer]) -> Answer:
        task = asyncio.create_task(self._transact(script))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        # Whoever asked may go away; a commit under way is not cancelled for that.
        return await asyncio.shield(task)

    async def _transact(self, script: Script[Answer]) -> Answer:
        with telling():
            async with borrowed(self._pool) as connection:
                await connection.execute("BEGIN")
                try:
                    answer = await play(script, connection)
                    await commit(connection, self._commit_seconds)
                except BaseException:
                    await roll_back(connection)
                    raise
                return answer

    async def _directory_under_lock(
        self, connection: asyncpg.Connection, tenant_id: int, revision: int
    ) -> Directory:
        known = self._directories.get(tenant_id)
        if known is not None and known.revision == revision:
            return known
        found = await play(directory_scripts.directory(tenant_id, known), connection)
        if found is None:
            raise Unauthenticated
        self._directories[tenant_id] = found
        return found


async def play(script: Script[Answer], connection: Any) -> Answer:
    """Run a script on a connection."""
    try:
        text, values = next(script)
        while True:
            text, values = script.send(await connection.fetch(text, *values))
    except StopIteration as done:
        answer: Answer = done.value
        return answer


def _between(script: Script[Answer]) -> Script[Answer]:
    # Before any row is locked: who waits for all others must hold nothing that they wait for.
    for statement in BETWEEN:
        yield statement, ()
    return (yield from script)


def _schema() -> Script[str | None]:
    ((has_table,),) = yield "SELECT to_regclass('alembic_version') IS NOT NULL", ()
    rows = (yield "SELECT version_num FROM alembic_version", ()) if has_table else ()
    return rows[0][0] if rows else None
