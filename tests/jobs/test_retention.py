"""Claimants whose time is over go: once, by one process, and what fails for one keeps no other."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act, Wanted
from appointed.domain.errors import SealBroken
from appointed.jobs.retention import PAUSE, retention_job
from appointed.jobs.runner import Job, Runner
from appointed.usecases.ports import Clock
from tests.store.world import HOUR, AnyStore, World, a_claimant, create, plant, read

COUNT = 12
DAY = timedelta(days=1)


def runner(store: AnyStore, clock: Clock, number: int, job: Job | None = None) -> Runner:
    own = (job or retention_job(store),)
    return Runner(store, own, clock, UUID(int=number), asyncio.Event(), poll_seconds=0.001)


async def past(store: AnyStore, world: World, count: int) -> list[int]:
    """Make appointments whose claimants are kept no longer; gives their ids."""
    department = (await store.directory(1)).departments[1]
    await store.put_records(1, (replace(department, retention_days=1),))
    rows = [await create(store, claimant=a_claimant(number)) for number in range(1, count + 1)]
    world.clock.now = rows[0].ends_at + DAY + HOUR
    return [row.id for row in rows]


async def erased(store: AnyStore) -> int:
    entries = await store.audit.entries(1, Wanted(limit=200))
    return sum(entry.act is Act.CLAIMANT_ERASED for entry in entries)


async def test_of_two_processes_one_erases_and_the_other_rests(postgres_world: World) -> None:
    first, second = await postgres_world.open(), await postgres_world.open()
    await plant(first)
    ids = await past(first, postgres_world, COUNT)
    clock = postgres_world.clock
    works = [runner(store, clock, number) for number, store in enumerate((first, second), start=1)]
    await asyncio.gather(*(work.turn() for work in works))
    assert [(await read(first, number)).claimant for number in ids] == [None] * COUNT
    assert await erased(first) == COUNT
    # Neither looks again before the pause is over, whoever had the lease.
    clock.now += PAUSE - HOUR
    last = await create(
        first, claimant=a_claimant(50), starts_at=clock.now - 5 * DAY, ends_at=clock.now - 4 * DAY
    )
    await asyncio.gather(*(work.turn() for work in works))
    assert (await read(first, last.id)).claimant is not None
    clock.now += HOUR
    await asyncio.gather(*(work.turn() for work in works))
    assert (await read(first, last.id)).claimant is None
    assert await erased(first) == COUNT + 1


async def test_one_who_cannot_be_erased_keeps_no_others(
    file_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    store = await file_world.open()
    await plant(store)
    ids = await past(store, file_world, 3)
    broken = a_claimant(1).id
    plain = retention_job(store)

    async def act(tenant_id: int, claimant_id: UUID, now: object) -> None:
        if claimant_id == broken:
            raise SealBroken
        await plain.act(tenant_id, claimant_id, file_world.clock.now)

    job = Job(name=plain.name, due=plain.due, act=act, pause=plain.pause, lease=plain.lease)
    await runner(store, file_world.clock, 1, job).turn()
    assert [(await read(store, number)).claimant is None for number in ids] == [False, True, True]
    assert "background work failed: retention in tenant 1: seal_broken" in caplog.text
