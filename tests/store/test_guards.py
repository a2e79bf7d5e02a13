"""The last guards, behind the locks: each is shown by letting the locks promise too much."""

import asyncio

import asyncpg
import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import StoreBusy
from appointed.store.document import Row, to_row
from appointed.store.plan import LostRace, Replaced, Writes
from appointed.store.postgres_batch import PostgresBatch
from appointed.store.sqlite_batch import SqliteBatch
from appointed.usecases.ports import ByFamily
from tests.postgres_server import PostgresServer
from tests.store.world import (
    AnyStore,
    World,
    a_change,
    a_claimant,
    create,
    edit,
    editing,
    plant,
    read,
    row_held,
)


def stale(row: Appointment) -> list[Writes]:
    """Give writes that believe in a revision that is not there any more."""
    before, after = Row(row), to_row(replace(row, title="lost update", revision=2), None)
    moved = to_row(replace(after.appointment, owner_id=2), None)
    return [
        Writes(updates=[Replaced(before, after)]),
        Writes(updates=[Replaced(before, moved)]),
        Writes(deletes=[before]),
    ]


async def test_a_write_over_another_revision_is_lost(store: AnyStore, world: World) -> None:
    row = await create(store)
    await edit(store, row.id, title="theirs")
    before = world.dump()
    for writes in stale(row):
        if world.engine == "sqlite":
            with pytest.raises(StoreBusy):
                await store._transact(  # type: ignore[call-arg]  # no other way to the writing connection
                    lambda connection, writes=writes: SqliteBatch(connection, lambda _tenant: None).perform(
                        writes
                    )
                )
        else:
            connection = await asyncpg.connect(world.dsn)
            transaction = connection.transaction()
            await transaction.start()
            with pytest.raises(LostRace):
                await PostgresBatch(connection, unexpected).perform(writes)
            await transaction.rollback()
            await connection.close()
    assert world.dump() == before


async def unexpected(*_words: object) -> None:
    raise AssertionError("no directory is needed")


async def test_two_processes_never_give_the_same_id(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    stores = [await postgres_world.open() for _store in range(2)]
    await plant(stores[0])
    before = len(postgres_server.log)
    rows = [row for _round in range(20) for row in await asyncio.gather(*(create(store) for store in stores))]
    assert sorted(row.id for row in rows) == list(range(1, 41))
    assert "ERROR" not in postgres_server.log[before:]


async def test_rows_of_another_tenant_are_not_waited_for(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store, tenants=2)
    row, other = await create(store), await create(store, tenant_id=2)
    assert row.id == other.id
    async with row_held(postgres_world.dsn, other.id, tenant_id=2):
        assert (await edit(store, row.id, title="x")).rows[0].revision == 2


async def test_a_booking_that_grows_while_its_lock_is_awaited_is_taken_whole(postgres_world: World) -> None:
    here, there = await postgres_world.open(), await postgres_world.open()
    await plant(here)
    master = await create(here)
    await create(here, mother_id=master.id)
    async with row_held(postgres_world.dsn, master.id) as somebody_waits:
        task = asyncio.create_task(here.change(a_change(editing(title="all"), ByFamily(master.id))))
        await somebody_waits()
        late = await create(there, mother_id=master.id)
    outcome = await task
    assert [row.title for row in outcome.rows] == ["all"] * 3
    assert (await read(there, late.id)).title == "all"


async def test_a_claimant_given_while_the_lock_was_awaited_is_not_taken_for_erased(
    postgres_world: World,
) -> None:
    here, there = await postgres_world.open(), await postgres_world.open()
    await plant(here)
    row = await create(here)
    async with row_held(postgres_world.dsn, row.id) as somebody_waits:
        given = asyncio.create_task(edit(there, row.id, claimant=a_claimant()))
        await somebody_waits()
        later = asyncio.create_task(edit(here, row.id, title="later"))
        await somebody_waits(2)
    assert (await given).rows[0].revision == 2
    outcome = await later
    assert (outcome.rows[0].revision, outcome.rows[0].claimant) == (3, a_claimant())
