"""A process of its own that wants one time of the room again and again, all at once, by every way there is.

`python -m tests.store.racer ENGINE PLACE NAME ROWS`: says `ready` and waits for a line; then it changes the rows
whose ids it was given (comma separated; each is Ada's, or the room's at another time) and creates as many, all
at the same time. A last line says how many held the time and how many were refused.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from appointed.domain.errors import TimeHeld
from appointed.usecases.identifiers import Identifiers
from appointed.usecases.ports import ById, Change, NoRows, Outcome
from tests.store.worker import say
from tests.store.world import HOUR, ROOM, START, World, a_change, a_draft, adding, editing, settled


def changes(name: str, ids: list[int]) -> list[Change]:
    """Give a change for each row that moves it there, and a creation, of the same time or a part of it."""
    slot = {"owner_id": ROOM, "starts_at": START, "ends_at": START + HOUR}
    seed, wanted = sum(name.encode()) * 1_000_000, []
    for number, row_id in enumerate(ids):
        wanted.append(a_change(editing(**slot), ById((row_id,))))
        part = slot | ({"starts_at": START + HOUR / 2} if number % 2 else {})
        draft = a_draft(id=-1, uid=UUID(int=seed + number), reference=f"{name}{number}", **part)
        wanted.append(a_change(adding(draft), NoRows()))
    return wanted


async def main(engine: str, place: str, name: str, rows: str) -> None:
    world = World(engine, Path(place) if engine == "sqlite" else place)
    world.clock.now = datetime.now(UTC)
    store = world.make(Identifiers())
    await store.open()
    wanted = changes(name, [int(row) for row in rows.split(",")])
    say("ready\n")
    sys.stdin.readline()
    results = await settled(store.change(change) for change in wanted)
    won = sum(isinstance(result, Outcome) for result in results)
    refused = sum(isinstance(result, TimeHeld) for result in results)
    odd = [repr(result) for result in results if not isinstance(result, Outcome | TimeHeld)]
    say(f"{won} {refused} {odd}\n")
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
