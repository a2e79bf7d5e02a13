"""A process that changes the server's keys and can be killed midway: it stops after its first batch."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from appointed.sealing.ring import KeyRing
from appointed.store import wrapped
from appointed.usecases.identifiers import seeded
from appointed.usecases.rotate_keys import rotate
from tests.store.world import Clock, PostgresStore, SqliteStore


async def main(engine: str, place: str, folder: str) -> None:
    """Rotate, and say so when the first batch is written."""
    ring = KeyRing(Path(folder))
    kind: Any = SqliteStore if engine == "sqlite" else PostgresStore
    store = kind(Path(place) if engine == "sqlite" else place, ring.sealer, Clock(), seeded("rotating"))
    await store.open()
    write = store._write

    async def once(script: Any) -> Any:
        answer = await write(script)
        sys.stdout.write("written\n")
        sys.stdout.flush()
        time.sleep(60)
        return answer

    store._write = once
    wrapped.ROWS_AT_ONCE = 5
    await rotate(ring, store.keys)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
