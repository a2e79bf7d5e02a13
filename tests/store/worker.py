"""A process of its own that changes appointments as fast as it can, and says what was acknowledged.

`python -m tests.store.worker ENGINE PLACE NAME WRITERS ROWS COUNT`: says `ready` and waits for a line, so that
several begin at once; then each writer makes COUNT changes (0: for ever) of rows 1 to ROWS. A line per
acknowledged change: its kind, its tag (the new title) and its rows' ids.
"""

import asyncio
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from appointed.usecases.identifiers import Identifiers
from appointed.usecases.ports import ById, NoRows
from tests.store.world import AnyStore, World, a_change, a_draft, adding, editing


async def write(store: AnyStore, name: str, rows: int, count: int) -> None:
    chance = random.Random(name)
    number = 0
    while not count or number < count:
        number += 1
        tag = f"{name}-{number}"
        kind = chance.choices(("edit", "triple", "create"), (6, 3, 1))[0]
        if kind == "create":
            draft = a_draft(uid=UUID(int=chance.getrandbits(127)), reference=tag, title=tag)
            outcome = await store.change(a_change(adding(draft), NoRows()))
        else:
            # In any order: it is the store that must lock them in one.
            ids = tuple(chance.sample(range(1, rows + 1), 3 if kind == "triple" else 1))
            outcome = await store.change(a_change(editing(title=tag), ById(ids)))
        say(f"{kind} {tag} {','.join(str(row.id) for row in outcome.rows)}\n")


def say(line: str) -> None:
    # One call per line: what is killed leaves whole lines only.
    os.write(1, line.encode())


async def main(engine: str, place: str, name: str, writers: str, rows: str, count: str) -> None:
    world = World(engine, Path(place) if engine == "sqlite" else place)
    world.clock.now = datetime.now(UTC)
    store = world.make(Identifiers())
    await store.open()
    say("ready\n")
    sys.stdin.readline()
    tasks = (write(store, f"{name}.{number}", int(rows), int(count)) for number in range(int(writers)))
    await asyncio.gather(*tasks)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
