"""What takes long keeps nobody's clock waiting."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from appointed.app.background import Background, jobs_of, working
from appointed.domain.call import Window
from appointed.jobs.retention import retention_job
from appointed.jobs.runner import Job, Runner
from appointed.usecases.identifiers import seeded
from tests.store.world import World, plant

WINDOW = Window(timedelta(hours=1), timedelta(hours=1))


async def test_work_that_takes_long_waits_beside_the_others(world: World) -> None:
    store, stop, acted = await world.open(), asyncio.Event(), asyncio.Event()
    await plant(store)

    async def slow(_tenant_id: int, _now: datetime, _limit: int) -> list[int]:
        await acted.wait()
        return []

    async def quick(_tenant_id: int, _now: datetime, _limit: int) -> list[int]:
        acted.set()
        return []

    async def nothing(_tenant_id: int, _item: int, _now: datetime) -> None:
        raise AssertionError

    jobs = [Job(name=due.__name__, due=due, act=nothing) for due in (slow, quick)]
    runners = tuple(Runner(store, (job,), world.clock, UUID(int=1), stop) for job in jobs)
    async with asyncio.timeout(30), working(Background(runners=runners, stop=stop, runs=True)):
        await acted.wait()


async def test_retention_is_such_work(world: World) -> None:
    store = await world.open()
    together = [{job.name for job in jobs} for jobs in jobs_of(store, seeded("jobs"), WINDOW)]
    (alone,) = [names for names in together if retention_job(store).name in names]
    assert len(alone) == 1
    assert len(together) == 2
