"""A store of either engine with one small tenant, and plain words for what tests do with it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import asyncpg
import psycopg
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, AssociateType, Department, Record, Tenant, View
from appointed.domain.participant import Claimant
from appointed.domain.principal import Principal, Role
from appointed.sealing.keys import ServerKeys
from appointed.sealing.sealer import Sealer
from appointed.store.postgres import PostgresStore
from appointed.store.sqlite import SqliteStore
from appointed.usecases.identifiers import Identifiers, seeded
from appointed.usecases.ports import ById, Change, Decide, Decision, NoRows, Outcome, Rows, Scope

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, KARI, ROOM = 1, 2, 4
KEYS = ServerKeys(current=b"c" * 32, lasting=b"l" * 32)
AnyStore = SqliteStore | PostgresStore

RECORDS: tuple[Record, ...] = (
    Department(id=1, uid=UUID(int=101), name="First", default_associate_id=ADA),
    Department(id=2, uid=UUID(int=102), name="Second", default_associate_id=KARI),
    Associate(id=ADA, name="ada", full_name="Ada", role=Role.ADMINISTRATOR, group_id=1),
    Associate(id=KARI, name="kari", full_name="Kari", group_id=2),
    Associate(
        id=ROOM, name="room", full_name="Room", type=AssociateType.RESOURCE, group_id=1, is_exclusive=True
    ),
)


class Clock:
    """Stands still until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class World:
    """One database of one engine; opens stores on it and looks at it from outside."""

    def __init__(self, engine: str, place: Path | str) -> None:
        self.engine = engine
        self.place = place
        self.clock = Clock()
        self.options: dict[str, Any] = {}
        self.sealer = Sealer(KEYS)
        self._seeds = count()
        self._stores = AsyncExitStack()

    async def open(self) -> AnyStore:
        store = self.make(seeded(f"{self.engine}{next(self._seeds)}"))
        await store.open()
        self._stores.push_async_callback(store.close)
        return store

    def make(self, ids: Identifiers) -> AnyStore:
        if isinstance(self.place, Path):
            return SqliteStore(self.place, self.sealer, self.clock, ids, **self.options)
        return PostgresStore(self.place, self.sealer, self.clock, ids, **self.options)

    async def close(self) -> None:
        await self._stores.aclose()

    @property
    def dsn(self) -> str:
        """The database's URL; PostgreSQL only."""
        assert isinstance(self.place, str)
        return self.place

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement past the store."""
        if isinstance(self.place, Path):
            connection = apsw.Connection(str(self.place))
            try:
                return connection.execute(statement).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.place) as other:
            cursor = other.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def dump(self) -> dict[str, list[str]]:
        """Give all rows of all tables."""
        listing = (
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
            if isinstance(self.place, Path)
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {
            table: sorted(map(repr, self.run(f"SELECT * FROM {table}"))) for (table,) in self.run(listing)
        }

    def count(self, table: str) -> int:
        ((number,),) = self.run(f"SELECT count(*) FROM {table}")
        return int(number)


def a_change(decide: Decide, scope: Scope, **more: Any) -> Change:
    """Wrap a decision; by Ada of tenant 1 unless told otherwise."""
    tenant_id = more.pop("tenant_id", 1)
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "principal": Principal(tenant_id, more.pop("by", ADA)),
        "door": "test",
        "scope": scope,
        "permit": lambda _rows, _view: None,
        "decide": decide,
    }
    return Change(**(values | more))


def editing(**changes: Any) -> Decide:
    """Decide to change members of every row."""

    def decide(rows: Rows, _view: View) -> Decision:
        return Decision(replacements=tuple(replace(row, **changes) for row in rows))

    return decide


def adding(*rows: Appointment) -> Decide:
    return lambda _rows, _view: Decision(creations=rows)


def deleting(rows: Rows, _view: View) -> Decision:
    return Decision(deletions=tuple(row.id for row in rows))


def nothing(_rows: Rows, _view: View) -> Decision:
    return Decision()


def refusing(error: Exception) -> Decide:
    def decide(_rows: Rows, _view: View) -> Decision:
        raise error

    return decide


_numbers = count(1)


def a_draft(**values: Any) -> Appointment:
    """Make an appointment that was not stored yet."""
    number = next(_numbers)
    plain: dict[str, Any] = {
        "tenant_id": 1,
        "id": -number,
        "uid": UUID(int=1_000 + number),
        "reference": f"REF{number}",
        "link_key": "key",
        "owner_id": ADA,
        "department_id": 1,
        "starts_at": START,
        "ends_at": START + HOUR,
        "created_at": NOW,
        "created_by": ADA,
        "title": "Draft",
    }
    return Appointment(**(plain | values))


def a_claimant(number: int = 1, **values: Any) -> Claimant:
    plain = {"name": "Grace Hopper", "email": "grace@navy.example"}
    return Claimant(id=UUID(int=9_000 + number), **(plain | values))


async def create(store: AnyStore, **values: Any) -> Appointment:
    """Store one appointment and give it as it stands."""
    outcome = await store.change(
        a_change(adding(a_draft(**values)), NoRows(), tenant_id=values.get("tenant_id", 1))
    )
    (row,) = outcome.rows
    return row


async def edit(store: AnyStore, row_id: int, **changes: Any) -> Outcome:
    """Change members of one appointment of tenant 1."""
    return await store.change(a_change(editing(**changes), ById((row_id,))))


async def read(store: AnyStore, row_id: int, tenant_id: int = 1) -> Appointment:
    return (await store.read(tenant_id, ById((row_id,)))).row


async def settled(tasks: Iterable[Awaitable[Any]]) -> list[Any]:
    """Run all at once; gives answers and errors in order."""
    return await asyncio.gather(*tasks, return_exceptions=True)


async def plant(store: AnyStore, tenants: int = 1) -> None:
    for _tenant in range(tenants):
        await store.create_tenant(Tenant(id=0, name="Test"), RECORDS)


async def together(store: AnyStore, *changes: Change) -> list[Any]:
    """Run changes in one batch; gives answers and errors in order."""
    if isinstance(store, SqliteStore):
        started, gate = threading.Event(), threading.Event()

        def block(_rows: Rows, _view: View) -> Decision:
            started.set()
            gate.wait(30)
            return Decision()

        blocking = asyncio.create_task(store.change(a_change(block, NoRows())))
        await asyncio.to_thread(started.wait)
        tasks = [asyncio.create_task(store.change(change)) for change in changes]
        # Each task has put its change into the queue once it has run up to its first wait.
        await asyncio.sleep(0)
        gate.set()
        await blocking
    else:
        tasks = [asyncio.create_task(store.change(change)) for change in changes]
    return await settled(tasks)


Waiting = AbstractAsyncContextManager[Callable[..., Awaitable[None]]]


def row_held(dsn: str, row_id: int, tenant_id: int = 1) -> Waiting:
    """Hold the lock of a row as another process would; gives a way to wait until somebody waits for it."""
    statement = "SELECT 1 FROM appointment WHERE tenant_id = $1 AND id = $2 FOR UPDATE"
    return _held(dsn, statement, tenant_id, row_id)


def resource_held(dsn: str, resource_id: int, tenant_id: int = 1) -> Waiting:
    """Hold the lock of a resource as who looks at its time does; gives the same."""
    statement = (
        "SELECT 1 FROM record WHERE tenant_id = $1 AND kind = 'associate' AND id = $2 FOR NO KEY UPDATE"
    )
    return _held(dsn, statement, tenant_id, resource_id)


def table_held(dsn: str, mode: str) -> Waiting:
    """Hold a lock of the table of appointments; gives the same."""
    return _held(dsn, f"LOCK TABLE appointment IN {mode} MODE")


@asynccontextmanager
async def _held(dsn: str, statement: str, *values: int) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    holder, watcher = await asyncpg.connect(dsn), await asyncpg.connect(dsn)

    async def somebody_waits(count: int = 1) -> None:
        while await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < count:
            await asyncio.sleep(0)

    try:
        async with holder.transaction():
            await holder.execute(statement, *values)
            yield somebody_waits
    finally:
        await holder.close()
        await watcher.close()
