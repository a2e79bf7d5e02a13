"""When the disk, the server or the way to it fails: what callers are told, and that the store recovers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import psycopg
import pytest
from msgspec.structs import replace

from appointed.domain.errors import (
    AppointmentNotFound,
    InvalidAppointment,
    OutcomeUnknown,
    Problem,
    StorageFull,
    StoreBusy,
)
from appointed.store import postgres_aside, postgres_pool, postgres_writer
from appointed.store.postgres import PostgresStore
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import ByFamily, ById, ByUid, Change, NoRows, Outcome
from tests.postgres_server import PostgresServer
from tests.store.world import (
    KARI,
    AnyStore,
    World,
    a_change,
    a_draft,
    adding,
    create,
    deleting,
    edit,
    editing,
    nothing,
    plant,
    read,
    refusing,
    row_held,
    settled,
    table_held,
    together,
)

# SQLite.


class FaultyDisk(apsw.VFS):
    """A disk on which syncs fail while `is_broken`."""

    def __init__(self) -> None:
        self.is_broken = False
        super().__init__("faulty", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return FaultyFile(self, name, flags)


class FaultyFile(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("unix", name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        if self._disk.is_broken:
            raise apsw.IOError("the disk does not answer")
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    disk = FaultyDisk()
    yield disk
    disk.unregister()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_failing_disk_leaves_the_outcome_unknown_and_the_store_recovers(
    tmp_path: Path, disk: FaultyDisk
) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    row = await create(store)
    disk.is_broken = True
    with pytest.raises(OutcomeUnknown):
        await edit(store, row.id, title="lost")
    assert not (await store.health()).is_ready
    disk.is_broken = False
    assert (await edit(store, row.id, location="there")).rows[0].location == "there"
    assert (await store.health()).is_ready
    await world.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_failed_commit_is_told_to_those_alone_who_wrote(tmp_path: Path, disk: FaultyDisk) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    row, other = await create(store), await create(store)
    disk.is_broken = True
    results = await together(store, *a_mixed_batch(row.id, other.id))
    disk.is_broken = False
    assert [type(result) for result in results] == MIXED
    assert (await edit(store, row.id, title="x")).rows
    await world.close()


MIXED = [OutcomeUnknown, InvalidAppointment, AppointmentNotFound, StoreBusy, StoreBusy, OutcomeUnknown]


def a_mixed_batch(row_id: int, other_id: int) -> list[Change]:
    """Make a batch of a change, two refusals, two that write nothing, and a deletion."""
    refused = InvalidAppointment((Problem("title", "longest"),))
    return [
        a_change(editing(title="lost"), ById((row_id,))),
        a_change(refusing(refused), ById((row_id,))),
        a_change(editing(title="x"), ById((999,))),
        a_change(nothing, ById((row_id,))),
        a_change(editing(title="dry"), ById((row_id,)), dry_run=True),
        a_change(deleting, ById((other_id,))),
    ]


async def test_a_full_disk_is_told_to_all_and_the_store_recovers(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    row = await create(store)
    before = world.dump()
    await pages(store, at_most=1)
    large = a_draft(description="x" * 100_000)
    results = await together(
        store,
        a_change(adding(large), NoRows()),
        a_change(adding(a_draft(agenda="y" * 100_000)), NoRows()),
    )
    assert [type(result) for result in results] == [StorageFull, StorageFull]
    assert world.dump() == before
    await pages(store, at_most=1_000_000)
    assert (await edit(store, row.id, title="x")).rows[0].revision == 2
    assert (await store.health()).is_ready
    await world.close()


async def pages(store: AnyStore, at_most: int) -> None:
    """Let the file grow no larger; SQLite takes its present size for less."""
    await store._transact(  # type: ignore[call-arg]  # no other way to the writing connection
        lambda connection: connection.execute(f"PRAGMA max_page_count = {at_most}").fetchall()
    )


# PostgreSQL.

# An ErrorResponse (PostgreSQL's protocol §55.7): of its fields the severity, the code and the text.
FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
GOODBYE = b"E" + (len(FIELDS) + 4).to_bytes(4) + FIELDS


async def test_a_connection_lost_between_changes_is_opened_again(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    cut_off(postgres_world)
    assert (await edit(store, row.id, title="x")).rows[0].revision == 2
    assert (await read(store, row.id)).title == "x"


async def test_a_connection_lost_in_the_middle_of_a_change_is_opened_again(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    async with row_held(postgres_world.dsn, row.id) as somebody_waits:
        task = asyncio.create_task(edit(store, row.id, title="x"))
        await somebody_waits()
        postgres_world.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
    assert (await task).rows[0].revision == 2
    assert len(await store.history(1, row.id)) == 2


async def test_a_goodbye_between_two_statements_is_no_error_of_ours(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    connection: Any = store._writer._connection  # type: ignore[union-attr]  # no other way to it
    # The server's last word has come, the end of the connection has not: to the driver it still looks open.
    connection._protocol.data_received(GOODBYE)
    assert not connection.is_closed()
    assert (await edit(store, row.id, title="x")).rows[0].revision == 2
    assert connection.is_closed()


def cut_off(world: World) -> None:
    world.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def test_a_server_that_is_down_is_told_at_once_and_found_again(postgres_world: World) -> None:
    server = PostgresServer()
    try:
        world = World("postgres", server.create("down"))
        store = await world.open()
        await plant(store)
        row = await create(store)
        server.kill()
        with pytest.raises((StoreBusy, OutcomeUnknown)):
            await edit(store, row.id, title="x")
        with pytest.raises(StoreBusy):
            await edit(store, row.id, title="x")
        with pytest.raises(StoreBusy):
            await read(store, row.id)
        assert not (await store.health()).is_ready
        server.start()
        assert (await edit(store, row.id, title="back")).rows[0].title == "back"
        assert (await store.health()).is_ready
        await world.close()
    finally:
        server.stop()


@asynccontextmanager
async def no_standby(world: World) -> AsyncIterator[None]:
    """Let every commit wait for a standby that does not exist."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        connection.execute("SELECT pg_reload_conf()")
        while connection.execute("SHOW synchronous_standby_names").fetchone() != ("nobody",):
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


async def impatient(world: World, seconds: float) -> PostgresStore:
    store = PostgresStore(world.dsn, world.sealer, world.clock, seeded("impatient"), commit_seconds=seconds)
    await store.open()
    return store


async def test_a_commit_without_an_answer_is_given_up_and_told_as_unknown(postgres_world: World) -> None:
    await plant(await postgres_world.open())
    store = await impatient(postgres_world, 0.2)
    row = await create(store)
    other = await create(store)
    async with no_standby(postgres_world):
        results = await together(store, *a_mixed_batch(row.id, other.id))
        assert [type(result) for result in results] == MIXED
    assert (await edit(store, row.id, location="there")).rows[0].location == "there"
    await store.close()


async def test_after_three_commits_without_an_answer_callers_are_told_at_once(postgres_world: World) -> None:
    await plant(await postgres_world.open())
    store = await impatient(postgres_world, 0.2)
    *rows, row = [await create(store) for _row in range(4)]
    async with no_standby(postgres_world):
        for other in rows:
            with pytest.raises(OutcomeUnknown):
                await edit(store, other.id, title="waits")
        # Another commit without an answer would be told as unknown.
        with pytest.raises(StoreBusy):
            await edit(store, row.id, title="x")
    async with asyncio.timeout(60):
        while not isinstance((await settled([edit(store, row.id, title="back")]))[0], Outcome):
            await asyncio.sleep(0.01)
    assert (await read(store, row.id)).title == "back"
    await store.close()


async def test_a_commit_that_was_cut_short_of_its_standby_is_not_acknowledged(postgres_world: World) -> None:
    await plant(await postgres_world.open())
    store = await impatient(postgres_world, 30)
    row = await create(store)
    async with no_standby(postgres_world):
        task = asyncio.create_task(edit(store, row.id, title="waits"))
        waiting = (
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event = 'SyncRep' AND datname = current_database()"
        )
        while not postgres_world.run(waiting):
            await asyncio.sleep(0.01)
        with pytest.raises(OutcomeUnknown):
            await task
    await store.close()


async def test_the_loser_of_a_deadlock_tries_again(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    first, second = await create(store), await create(store)
    lock = "SELECT 1 FROM appointment WHERE tenant_id = 1 AND id = $1 FOR UPDATE"
    other = await asyncpg.connect(postgres_world.dsn)
    # The other side would wait for longer, so it is the store's transaction that is ended.
    await other.execute("SET deadlock_timeout = '60s'")
    async with row_held(postgres_world.dsn, 0) as somebody_waits, other.transaction():
        await other.execute(lock, second.id)
        task = asyncio.create_task(store.change(a_change(editing(title="both"), ById((first.id, second.id)))))
        await somebody_waits()
        await other.execute(lock, first.id)
    outcome = await task
    assert [row.title for row in outcome.rows] == ["both", "both"]
    await other.close()


async def test_a_lock_that_is_never_given_is_told_as_busy(postgres_world: World) -> None:
    postgres_world.run(f"ALTER DATABASE {postgres_world.dsn.rpartition('/')[2]} SET lock_timeout = '50ms'")
    store = await postgres_world.open()
    await plant(store)
    rows = [await create(store) for _row in range(2)]
    async with row_held(postgres_world.dsn, rows[0].id):
        busy, done = await together(store, *(a_change(editing(title="x"), ById((row.id,))) for row in rows))
    assert isinstance(busy, StoreBusy)
    assert isinstance(done, Outcome)


async def test_twins_of_two_processes_are_told_apart_whoever_comes_first(postgres_world: World) -> None:
    stores = [await postgres_world.open() for _store in range(2)]
    await plant(stores[0])
    for number in range(20):
        results = await settled(
            store.change(a_change(adding(a_draft(reference=f"R{number}")), NoRows())) for store in stores
        )
        assert {type(result) for result in results} == {Outcome, InvalidAppointment}


def lock_waits(server: PostgresServer) -> int:
    """Count the statements that waited for a lock until they were called off."""
    return server.log.count("canceling statement due to lock timeout")


async def test_a_row_held_by_somebody_else_holds_up_only_its_own_changes(
    postgres_world: World, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever waits for the row does so until it is free, however slow the others are.
    monkeypatch.setattr(postgres_aside, "WAIT_SECONDS", 60)
    store = await postgres_world.open()
    await plant(store)
    rows = [await create(store, title="") for _row in range(20)]
    before = lock_waits(postgres_server)
    async with row_held(postgres_world.dsn, rows[0].id) as somebody_waits:
        tasks = [asyncio.create_task(edit(store, row.id, title="first")) for row in rows]
        await somebody_waits()
        done = await settled(tasks[1:])
        assert {type(result) for result in done} == {Outcome}
        assert not tasks[0].done()
        waits = lock_waits(postgres_server)
        assert waits > before
        late = asyncio.create_task(edit(store, rows[0].id, location="there"))
        by_uid = asyncio.create_task(store.change(a_change(editing(agenda="x"), ByUid(rows[0].uid))))
        for row in rows[1:]:
            await edit(store, row.id, title="second")
        assert lock_waits(postgres_server) == waits, "they waited for the row that is held"
        assert not any(task.done() for task in (late, by_uid))
    results = await settled([tasks[0], late, by_uid])
    assert [result.rows[0].revision for result in results] == [2, 3, 4], "in order of arrival"
    assert (await read(store, rows[0].id)).location == "there"


async def test_who_finds_the_whole_table_locked_waits_for_it(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_pool.WRITER_SETTINGS, "lock_timeout", "20ms")
    # However slow the machine is, nothing else ends a wait.
    monkeypatch.setitem(postgres_pool.SETTINGS, "statement_timeout", "60s")
    for module in (postgres_pool, postgres_writer):
        monkeypatch.setattr(module, "ACQUIRE_SECONDS", 60)
    stores = [await postgres_world.open() for _store in range(2)]
    await plant(stores[0], tenants=2)
    rows = [await create(stores[0], tenant_id=tenant) for tenant in (1, 2)]
    changes = [a_change(editing(title="x"), ById((row.id,)), tenant_id=row.tenant_id) for row in rows]
    async with table_held(postgres_world.dsn, "EXCLUSIVE") as somebody_waits:
        tasks = [asyncio.create_task(store.change(change)) for store in stores for change in changes]
        # A writer waits once for all of its changes; those that were set apart each by itself.
        waiting = asyncio.create_task(somebody_waits(len(tasks)))
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await settled([waiting])
    assert {type(result) for result in await settled(tasks)} == {Outcome}


async def test_changes_of_others_outlast_a_switch_that_waits_in_vain(postgres_world: World) -> None:
    """Somebody holds a row, a diary shall become exclusive: all changes wait, and none is refused for it."""
    stores = [await postgres_world.open() for _store in range(3)]
    await plant(stores[0], tenants=2)
    held, rows = await create(stores[0]), [await create(stores[0], tenant_id=2) for _row in range(4)]
    kari = (await stores[0].directory(1)).associates[KARI]

    async def others() -> set[type]:
        changes = [a_change(editing(title="x"), ById((row.id,)), tenant_id=2) for row in rows]
        results = await settled(store.change(change) for store in stores for change in changes)
        return {type(result) for result in results}

    async with row_held(postgres_world.dsn, held.id) as somebody_waits:
        assert await others() == {Outcome}
        switched = asyncio.create_task(stores[0].put_records(1, (replace(kari, is_exclusive=True),)))
        await somebody_waits()
        assert await others() == {Outcome}
        with pytest.raises(StoreBusy):
            await switched
        assert await others() == {Outcome}
    await stores[0].put_records(1, (replace(kari, is_exclusive=True),))


async def test_whoever_waits_too_long_for_a_row_is_told_that_the_store_is_busy(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    store = await postgres_world.open()
    await plant(store)
    master, other = await create(store), await create(store)
    slave = await create(store, mother_id=master.id, owner_id=KARI)
    async with row_held(postgres_world.dsn, slave.id):
        before = lock_waits(postgres_server)
        busy, family, done = await together(
            store,
            a_change(editing(title="x"), ById((other.id, slave.id))),
            a_change(editing(title="x"), ByFamily(master.id)),
            a_change(editing(title="x"), ById((other.id,))),
        )
        waits = lock_waits(postgres_server)
        assert 0 < waits - before <= 2
        again = asyncio.create_task(edit(store, slave.id, title="x"))
        await together(store, a_change(editing(title="y"), ById((other.id,))))
        assert lock_waits(postgres_server) == waits, "it was forgotten that the row is held"
        again.cancel()
    assert (type(busy), type(family), type(done)) == (StoreBusy, StoreBusy, Outcome)
    assert (await edit(store, slave.id, title="free")).rows[0].title == "free"


async def test_a_lock_on_what_new_rows_need_holds_up_no_patch(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    holder = await asyncpg.connect(postgres_world.dsn)
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM tenant FOR NO KEY UPDATE")
        made = [asyncio.create_task(create(store)) for _row in range(4)]
        (patched,) = await together(store, a_change(editing(title="x"), ById((row.id,))))
        assert isinstance(patched, Outcome)
        assert not any(task.done() for task in made[:2])
    assert sorted(row.id for row in await settled(made)) == [2, 3, 4, 5]
    await holder.close()


async def test_a_store_that_closes_lets_those_aside_finish(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    async with row_held(postgres_world.dsn, row.id) as somebody_waits:
        task = asyncio.create_task(edit(store, row.id, title="x"))
        await somebody_waits()
        closing = asyncio.create_task(store.close())
    await closing
    assert (await task).rows[0].title == "x"
