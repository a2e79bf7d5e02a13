"""Worker processes, what they acknowledged, and whether the store still holds all of it, whole."""

import asyncio
import os
import sys
from collections import defaultdict

from appointed.domain.events import EventKind
from tests.store.world import AnyStore, World

# How much a normal run does, and a full one (`APPOINTED_TEST_SIZE=full`).
IS_FULL = os.environ.get("APPOINTED_TEST_SIZE") == "full"


class Worker:
    """A running worker; `acknowledged` grows as its lines come in."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.acknowledged: list[tuple[str, str, frozenset[int]]] = []

    async def hear(self, count: int | None = None) -> None:
        """Read until so many changes were acknowledged, or until the process ends."""
        assert self.process.stdout is not None
        while count is None or len(self.acknowledged) < count:
            line = (await self.process.stdout.readline()).decode()
            if not line.endswith("\n"):
                return
            kind, tag, ids = line.split()
            self.acknowledged.append((kind, tag, frozenset(map(int, ids.split(",")))))

    async def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        await self.hear()
        await self.process.wait()

    async def finish(self) -> None:
        """Wait until all is done; the process must have ended well."""
        await self.hear()
        assert self.process.stderr is not None
        complaints = (await self.process.stderr.read()).decode()
        assert await self.process.wait() == 0, complaints


async def work(world: World, *names: str, writers: int, rows: int, count: int = 0) -> list[Worker]:
    """Start worker processes that begin at the same time."""
    processes = [await _start(world, name, writers, rows, count) for name in names]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    return [Worker(process) for process in processes]


async def _start(world: World, name: str, writers: int, rows: int, count: int) -> asyncio.subprocess.Process:
    words = ("-m", "tests.store.worker", world.engine, str(world.place), name, writers, rows, count)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, words),
        env=os.environ | {"PYTHONPATH": "src"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def demand_whole(store: AnyStore, world: World, workers: list[Worker]) -> None:
    """Fail unless all that was acknowledged is there, and nothing is there by half."""
    tagged: dict[str, set[int]] = defaultdict(set)
    revisions: dict[int, list[int]] = defaultdict(list)
    events, position = await store.events(1)
    while events:
        for event in events:
            revisions[event.appointment_id].append(event.revision)
            value = event.patch[0]["value"]
            tagged[value["title"] if event.kind is EventKind.CREATED else value].add(event.appointment_id)
        events, position = await store.events(1, position)
    for worker in workers:
        for kind, tag, ids in worker.acknowledged:
            assert tagged[tag] == ids, f"{kind} {tag} was acknowledged"
    halves = {tag: ids for tag, ids in tagged.items() if len(ids) not in (1, 3) and tag != "Draft"}
    assert halves == {}
    rows = world.run("SELECT id, revision FROM appointment WHERE tenant_id = 1")
    assert {row_id: list(range(1, revision + 1)) for row_id, revision in rows} == {
        row_id: sorted(found) for row_id, found in revisions.items()
    }
    assert world.count("outbox") == world.count("event")
    ((next_id,),) = world.run("SELECT next_appointment_id FROM tenant WHERE id = 1")
    assert next_id == max(revisions) + 1
