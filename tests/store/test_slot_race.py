"""Two hundred who want one time of an exclusive diary at once, from several processes: one gets it."""

import asyncio
import sys

from tests.postgres_server import PostgresServer
from tests.store.processes import IS_FULL
from tests.store.world import ADA, HOUR, ROOM, START, World, create, plant

RIVALS = 200 if IS_FULL else 40


async def start(world: World, name: str, rows: list[int]) -> asyncio.subprocess.Process:
    words = ("-m", "tests.store.racer", world.engine, str(world.place), name, ",".join(map(str, rows)))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdout is not None
    ready = await process.stdout.readline()
    if ready != b"ready\n":
        _out, complaints = await process.communicate()
        raise AssertionError(complaints.decode())
    return process


async def race(world: World, *names: str) -> None:
    """Let processes race for the room's time, then see that one alone holds it."""
    store = await world.open()
    await plant(store)
    rows = []
    for number in range(RIVALS // 2):
        # Half of them are moved to the room, the other half are the room's and moved to that time.
        owner = (ADA, ROOM)[number % 2]
        starts_at = START + (number + 2) * HOUR
        row = await create(store, owner_id=owner, starts_at=starts_at, ends_at=starts_at + HOUR)
        rows.append(row.id)
    if world.engine == "sqlite":
        await store.close()
    share = len(rows) // len(names)
    processes = [
        await start(world, name, rows[place * share : (place + 1) * share])
        for place, name in enumerate(names)
    ]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    told = [out.decode().split(maxsplit=2) for out, _complaints in answers]
    assert [odd.strip() for _won, _refused, odd in told] == ["[]"] * len(names)
    assert sum(int(won) for won, _refused, _odd in told) == 1
    assert sum(int(refused) for _won, refused, _odd in told) == 2 * share * len(names) - 1
    wanted = "'2026-03-03 09:00+00'" if world.engine == "postgres" else None
    holders = world.run(
        f"SELECT count(*) FROM claim WHERE period && tstzrange({wanted}, {wanted}::timestamptz + '1 hour')"
        if wanted
        else "SELECT count(*) FROM claim WHERE starts_at < 1772532000000000 AND ends_at > 1772528400000000"
    )
    assert holders == [(1,)]


async def test_one_of_many_in_two_processes_gets_the_time(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    await race(postgres_world, "a", "b")


async def test_one_of_many_gets_the_time(world: World) -> None:
    await race(world, "a")
