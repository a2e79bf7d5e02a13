"""Write down whose page is open while they wait, for as long as a server runs (ADR 0186)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

from appointed.app.repeating import repeat
from appointed.usecases.ports import Clock, Store
from appointed.usecases.presence import Attendance

# Twice within the time for which it counts.
TELL_SECONDS = 10.0


@contextlib.asynccontextmanager
async def attending(
    attendance: Attendance, store: Store, clock: Clock, tell_seconds: float = TELL_SECONDS
) -> AsyncIterator[None]:
    """Do so again and again; who closes a page meanwhile is missed a little later."""
    work = partial(attendance.tell, store, clock)
    task = asyncio.create_task(repeat("writing who waits", work, tell_seconds, tell_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
