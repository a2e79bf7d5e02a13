"""Opening a store: the schema it needs, and who else may have it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from appointed.store.migrations.climb import driver_url, migrate_postgres, migrate_sqlite
from appointed.store.schema import HEAD, StoreUnusable
from appointed.store.sqlite_files import demand_local
from appointed.usecases.ports import ById
from tests.postgres_server import PostgresServer
from tests.store.world import World, a_change, create, edit, editing, plant, read

NEWER = "UPDATE alembic_version SET version_num = '9999'"


async def test_a_store_opens_again_with_all_it_had(world: World) -> None:
    store = await world.open()
    await plant(store)
    row = await create(store)
    await store.close()
    again = await world.open()
    assert await read(again, row.id) == row
    assert (await again.health()).is_ready
    assert (await edit(again, row.id, title="x")).rows[0].revision == 2


async def test_a_newer_schema_is_refused_and_left_alone(world: World) -> None:
    store = await world.open()
    await plant(store)
    await store.close()
    world.run(NEWER)
    before = world.dump()
    with pytest.raises(StoreUnusable, match="newer program"):
        await world.open()
    migrate: Callable[[Any], None] = migrate_sqlite if world.engine == "sqlite" else migrate_postgres
    with pytest.raises(StoreUnusable, match="9999"):
        migrate(world.place)
    assert world.dump() == before


async def test_closing_twice_and_changing_after_do_no_harm(world: World) -> None:
    store = await world.open()
    await plant(store)
    await store.close()
    await store.close()
    with pytest.raises(Exception, match="StoreBusy"):
        await create(store)
    assert not (await store.health()).is_ready


async def test_both_engines_have_the_same_tables_and_columns(tmp_path: Path, postgres_world: World) -> None:
    sqlite = World("sqlite", tmp_path / "a.db")
    await (await sqlite.open()).close()
    columns = (
        "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    )
    ours = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    on_sqlite, on_postgres = set(sqlite.run(columns)), set(postgres_world.run(ours))
    assert on_sqlite - on_postgres == {("claim", "starts_at"), ("claim", "ends_at")}
    assert on_postgres - on_sqlite == {("claim", "period")}


async def test_every_unique_index_is_led_by_the_tenant(postgres_world: World) -> None:
    led = postgres_world.run(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid AND c.relnamespace = 'public'::regnamespace"
        " JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = 1"
    )
    others = {index for index, column in led if column != "tenant_id"}
    # The tenants themselves, by which name one finds one's tenant, and what fails before it is found.
    assert others == {"tenant_pkey", "account_pkey", "attempt_pkey", "alembic_version_pkc"}


# SQLite: one file, one server.


async def test_a_second_server_refuses_to_start(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    with pytest.raises(StoreUnusable, match="another process holds"):
        await world.open()
    await plant(store)
    await store.close()
    await (await world.open()).close()


async def test_a_second_process_refuses_to_start(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    await world.open()
    program = "import sys; from pathlib import Path; from appointed.store.sqlite_files import FileLock; FileLock(Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(world.place)],
        env=os.environ | {"PYTHONPATH": "src"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert "StoreInUse" in done.stderr
    await world.close()


async def test_the_profile_of_the_file(tmp_path: Path) -> None:
    seen: dict[str, object] = {}

    def look(connection: apsw.Connection) -> None:
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check"):
            seen[name] = connection.pragma(name)

    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await store._transact(look)  # type: ignore[union-attr]
    await world.close()
    assert seen == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
    }
    assert not world.place.with_name("appointed.db-wal").exists()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("mounts", "is_refused"),
    [
        ("/dev/sda / ext4 rw 0 0\nserver:/x /data nfs4 rw 0 0", True),
        ("/dev/sda / ext4 rw 0 0\nserver:/x /data/deeper nfs4 rw 0 0", False),
        ("server:/x / nfs rw 0 0\n/dev/sda /data ext4 rw 0 0", False),
        ("/dev/sda / ext4 rw 0 0\nserver:/x /dat cifs rw 0 0", False),
        ("", False),
    ],
)
def test_network_file_systems_are_refused(mounts: str, is_refused: bool) -> None:
    path = Path("/data/appointed.db")
    if not is_refused:
        demand_local(path, mounts)
        return
    with pytest.raises(StoreUnusable, match="nfs4 at /data"):
        demand_local(path, mounts)


async def test_a_damaged_file_is_noticed_after_an_unclean_stop(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    for _row in range(40):
        await create(store, description="x" * 3000)
    await store.close()
    path = tmp_path / "appointed.db"
    whole = path.read_bytes()
    # Overwrite a page of the middle, as a failing disk would.
    path.write_bytes(whole[: 4096 * 30] + b"\xff" * 4096 + whole[4096 * 31 :])
    (tmp_path / "appointed.db.lock").write_bytes(b"running\n")
    damaged = await world.open()
    damaged.checked()  # type: ignore[union-attr]
    health = await damaged.health()
    assert not health.is_ready
    assert "damaged" in health.detail
    await damaged.close()
    assert (tmp_path / "appointed.db.lock").read_bytes() == b"running\n"


async def test_a_sound_file_is_checked_and_stays_ready(tmp_path: Path) -> None:
    (tmp_path / "appointed.db.lock").write_bytes(b"running\n")
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    store.checked()  # type: ignore[union-attr]
    assert (await store.health()).is_ready
    await world.close()
    assert (tmp_path / "appointed.db.lock").read_bytes() == b"stopped\n"


# PostgreSQL: migrated by a command.


async def test_an_empty_database_asks_for_migration(postgres_server: PostgresServer) -> None:
    dsn = postgres_server.create("empty", template="template1")
    world = World("postgres", dsn)
    with pytest.raises(StoreUnusable, match="appointed migrate"):
        await world.open()
    migrate_postgres(dsn)
    migrate_postgres(dsn)
    store = await world.open()
    assert (await store.health()).is_ready
    assert world.run("SELECT version_num FROM alembic_version") == [(HEAD,)]
    await world.close()
    postgres_server.drop("empty")


async def test_two_migrations_at_once_wait_for_each_other(postgres_server: PostgresServer) -> None:
    dsn = postgres_server.create("twice", template="template1")
    program = (
        "import sys; from appointed.store.migrations import migrate_postgres; migrate_postgres(sys.argv[1])"
    )
    command = [sys.executable, "-c", program, dsn]
    both = [subprocess.Popen(command, env=os.environ | {"PYTHONPATH": "src"}) for _process in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    postgres_server.drop("twice")


async def test_a_database_that_cannot_be_reached_is_said_so(postgres_server: PostgresServer) -> None:
    world = World("postgres", postgres_server.dsn("nowhere"))
    with pytest.raises(StoreUnusable, match="nowhere"):
        await world.open()
    with pytest.raises(StoreUnusable, match="nowhere"):
        migrate_postgres(postgres_server.dsn("nowhere"))


async def test_what_may_not_be_migrated_is_said_so(postgres_server: PostgresServer, tmp_path: Path) -> None:
    dsn = postgres_server.create("kept_as_it_is", template="template1")
    World("postgres", dsn).run("ALTER DATABASE kept_as_it_is SET default_transaction_read_only = on")
    with pytest.raises(StoreUnusable, match="read-only"):
        migrate_postgres(dsn)
    postgres_server.drop("kept_as_it_is")
    path = tmp_path / "a.db"
    path.write_bytes(b"x" * 8_192)
    with pytest.raises(StoreUnusable, match="cannot be migrated: file is not a database"):
        migrate_sqlite(path)


def test_a_url_names_its_driver() -> None:
    assert driver_url("postgres://u@h/d") == "postgresql+psycopg://u@h/d"
    with pytest.raises(ValueError, match="postgresql://"):
        driver_url("mysql://u@h/d")


async def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "a.db")
    store = await world.open()
    await plant(store)
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir() if file.is_file()}
    await store.close()
    assert "a.db-wal" in modes
    assert set(modes.values()) == {0}


async def test_the_log_is_moved_into_the_file_and_starts_anew(tmp_path: Path) -> None:
    world = World("sqlite", tmp_path / "appointed.db")
    store = await world.open()
    await plant(store)
    row = await create(store)
    log = tmp_path / "appointed.db-wal"
    largest = 0
    for number in range(60):
        change = a_change(editing(agenda=f"{number}" * 500_000), ById((row.id,)), wants_conflicts=True)
        await store.change(change)
        await store.read(1, ById((row.id,)), wants_conflict=True)
        largest = max(largest, log.stat().st_size)
    # 60 MB were written; the log is moved from 16 MB on.
    assert largest < 45_000_000
    await world.close()


def test_what_has_no_step_to_climb_does_not_load_what_climbs(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from appointed.app.server import migrate; from appointed.settings import Settings\n"
        "migrate(Settings(data=sys.argv[1])); print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    told = [subprocess.run(words, check=True, capture_output=True, text=True).stdout for _start in range(2)]
    assert [text.split() for text in told] == [["True", "True"], ["False", "False"]]
