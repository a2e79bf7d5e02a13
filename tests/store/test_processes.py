"""Several processes at once, and processes that are killed while they write."""

import pytest

from tests.postgres_server import PostgresServer
from tests.store.processes import IS_FULL, Worker, demand_whole, work
from tests.store.world import AnyStore, World, create, plant

HOT_ROWS = 20


async def planted(world: World, rows: int = HOT_ROWS) -> AnyStore:
    store = await world.open()
    await plant(store)
    for _row in range(rows):
        await create(store)
    return store


@pytest.mark.parametrize("rows", [3, HOT_ROWS])
async def test_two_processes_on_hot_rows_lose_nothing_and_never_deadlock(
    postgres_world: World, postgres_server: PostgresServer, rows: int
) -> None:
    store = await planted(postgres_world, rows)
    before = len(postgres_server.log)
    count = 1000 if IS_FULL else 150
    workers = await work(postgres_world, "a", "b", writers=16, rows=rows, count=count)
    for worker in workers:
        await worker.finish()
    assert [len(worker.acknowledged) for worker in workers] == [16 * count] * 2
    # Expected losers are found before the database refuses them: it has nothing to complain about.
    # Only a machine under load may let one wait so long for the other that it stands aside.
    complaints = [line for line in postgres_server.log[before:].splitlines() if "ERROR" in line]
    assert [line for line in complaints if "lock timeout" not in line] == []
    await demand_whole(store, postgres_world, workers)


async def test_many_writers_of_one_process_lose_nothing(world: World) -> None:
    store = await planted(world)
    if world.engine == "sqlite":
        await store.close()
    (worker,) = await work(world, "a", writers=32, rows=HOT_ROWS, count=20)
    await worker.finish()
    store = await world.open() if world.engine == "sqlite" else store
    await demand_whole(store, world, [worker])


async def test_a_killed_process_loses_nothing_it_acknowledged(world: World) -> None:
    rounds = {"sqlite": (20, 3), "postgres": (5, 1)}[world.engine][0 if IS_FULL else 1]
    await (await planted(world)).close()
    workers: list[Worker] = []
    for number in range(rounds):
        (worker,) = await work(world, f"{number}", writers=16, rows=HOT_ROWS)
        # Each round is cut off elsewhere.
        await worker.hear(200 + 37 * number)
        await worker.kill()
        workers.append(worker)
        store = await world.open()
        await demand_whole(store, world, workers)
        await store.close()


@pytest.mark.server
async def test_a_killed_database_server_loses_nothing_it_acknowledged() -> None:
    server = PostgresServer()
    try:
        world = World("postgres", server.create("killed"))
        await (await planted(world)).close()
        workers: list[Worker] = []
        for number in range(5 if IS_FULL else 1):
            (worker,) = await work(world, f"{number}", writers=16, rows=HOT_ROWS)
            await worker.hear(200 + 37 * number)
            server.kill()
            await worker.kill()
            server.start()
            workers.append(worker)
            store = await world.open()
            await demand_whole(store, world, workers)
            await store.close()
    finally:
        server.stop()
