"""Rows that an older program wrote are found by what newer steps of the schema index."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from msgspec.structs import replace
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from appointed.domain.appointment import Kind, Privacy, Visibility, VisibleFor
from appointed.domain.directory import Associate
from appointed.domain.participant import InvitationStatus
from appointed.store import migrations
from appointed.store.document import to_row
from appointed.store.migrations.climb import driver_url, migrate_postgres, migrate_sqlite
from appointed.store.schema import index_values
from appointed.store.sqlite_batch import to_sqlite
from appointed.usecases.query import AllOf, Operator, Query, ShownTo, Test
from tests.postgres_server import PostgresServer
from tests.store.conftest import ENGINES
from tests.store.world import ADA, HOUR, KARI, RECORDS, ROOM, START, World, a_draft, create, edit, plant

# The columns of the second schema, in the order of `index_values`.
OLD = [
    "uid",
    "reference",
    "kind",
    "status",
    "privacy",
    "owner_id",
    "department_id",
    "created_by",
    "mother_id",
    "starts_at",
    "ends_at",
    "busy_from",
    "busy_until",
    "busy_owner_id",
    "is_long",
    "claimant_id",
]

TENANT = '{"id":1,"name":"Test"}'


def climb(url: str, revision: str, values: dict[str, Any]) -> None:
    """Bring an empty database to an older schema, and write one row as its program did."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("INSERT INTO tenant (id, body) VALUES (1, :body)"), {"body": TENANT})
        places = ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO appointment ({', '.join(values)}) VALUES ({places})"), values)
    engine.dispose()


@pytest.mark.parametrize("engine", ENGINES)
async def test_older_rows_are_found_by_newer_columns(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    named = (
        VisibleFor(Visibility.ASSOCIATE, 1),
        VisibleFor(Visibility.ASSOCIATE, 3),
        VisibleFor(Visibility.GROUP, 2),
        VisibleFor(Visibility.GROUP, 1),
    )
    row = a_draft(id=1, contact_id=7, sale_id=9, privacy=Privacy.OWNER, visible_for=named)
    assert (row.owner_id, row.department_id) == (1, 1)
    known = (
        row.tenant_id,
        row.id,
        *index_values(row, None)[: len(OLD)],
        row.revision,
        to_row(row, None).body,
    )
    names = ("tenant_id", "id", *OLD, "revision", "body")
    values = {n: str(v) if isinstance(v, str) else v for n, v in zip(names, known, strict=True)}
    if engine == "sqlite":
        path = tmp_path / "appointed.db"
        climb(f"sqlite:///{path}", "0002", {name: to_sqlite(value) for name, value in values.items()})
        world = World(engine, path)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        dsn = server.create("climbing", "template1")
        climb(driver_url(dsn), "0002", values)
        migrate_postgres(dsn)
        world = World(engine, dsn)
    store = await world.open()
    tests = [Test(name, Operator.EQ, getattr(row, name)) for name in ("contact_id", "sale_id", "created_at")]
    tests += [Test(name, Operator.EQ, 0) for name in ("person_id", "project_id")]
    assert (await store.page(Query(tenant_id=1, where=AllOf(tuple(tests))))).rows == (row,)
    for key, found in ((3, 1), (-2, 1), (1, 0), (-1, 0), (-3, 0), (2, 0)):
        assert len((await store.page(Query(tenant_id=1, where=ShownTo((key,))))).rows) == found
    assert (await edit(store, 1, person_id=3)).rows[0].person_id == 3
    await world.close()
    if engine == "postgres":
        request.getfixturevalue("postgres_server").drop("climbing")


# Whose row it is, whether of a booking, what they answered, and whether it holds time still.
HOLDERS = (
    (KARI, False, InvitationStatus.ACCEPTED, True),
    (KARI, True, InvitationStatus.INVITATION, False),
    (KARI, True, InvitationStatus.MOVED_SEEN, False),
    (KARI, True, InvitationStatus.ACCEPTED, True),
    (ROOM, False, InvitationStatus.ACCEPTED, True),
    (ROOM, True, InvitationStatus.INVITATION, True),
    (ROOM, True, InvitationStatus.ACCEPTED, True),
)


def as_it_was_at(world: World, version: str) -> None:
    """Let the data be of an older schema: what a later one made of tables is taken back."""
    world.run("DROP TABLE series_told")
    world.run(f"UPDATE alembic_version SET version_num = '{version}'")


async def test_invitations_that_were_not_answered_hold_no_time_any_more(world: World) -> None:
    store = await world.open()
    await plant(store)
    await store.put_records(
        1,
        [replace(one, is_exclusive=True) for one in RECORDS if isinstance(one, Associate) and one.id == KARI],
    )
    mother = await create(store, owner_id=ADA)
    for place, (owner_id, is_guest, status, _holds) in enumerate(HOLDERS, start=1):
        at = START + place * HOUR
        row = await create(
            store,
            owner_id=owner_id,
            mother_id=mother.id if is_guest else 0,
            invitation_status=status,
            starts_at=at,
            ends_at=at + HOUR,
        )
        assert row.id == mother.id + place
    held = "SELECT appointment_id FROM claim ORDER BY appointment_id"
    before = world.run(held)
    # As an older program left it: every one of them has its time.
    times = "period" if world.engine == "postgres" else "starts_at, ends_at"
    fields = "tstzrange(busy_from, busy_until)" if world.engine == "postgres" else "busy_from, busy_until"
    await store.close()
    world.run(
        f"INSERT INTO claim (tenant_id, resource_id, appointment_id, {times})"
        f" SELECT tenant_id, owner_id, id, {fields} FROM appointment"
        f" WHERE owner_id <> {ADA} AND id NOT IN (SELECT appointment_id FROM claim)"
    )
    assert len(world.run(held)) == len(HOLDERS)
    as_it_was_at(world, "0018")
    if isinstance(world.place, Path):
        migrate_sqlite(world.place)
    else:
        migrate_postgres(world.place)
    wanted = [(mother.id + place,) for place, row in enumerate(HOLDERS, start=1) if row[-1]]
    assert world.run(held) == wanted == before


async def test_what_stands_outside_the_diary_takes_no_time_any_more(world: World) -> None:
    store = await world.open()
    await plant(store)
    diary = await create(store, owner_id=ROOM)
    todo = await create(store, owner_id=ROOM, kind=Kind.CHECKLIST)
    busy = "SELECT id FROM appointment WHERE busy_owner_id IS NOT NULL ORDER BY id"
    held = "SELECT appointment_id FROM claim ORDER BY appointment_id"
    assert (world.run(busy), world.run(held)) == ([(diary.id,)], [(diary.id,)])
    await store.close()
    world.run("UPDATE appointment SET busy_owner_id = owner_id")
    world.run(f"UPDATE claim SET appointment_id = {todo.id}")
    as_it_was_at(world, "0023")
    if isinstance(world.place, Path):
        migrate_sqlite(world.place)
    else:
        migrate_postgres(world.place)
    assert (world.run(busy), world.run(held)) == ([(diary.id,)], [])
