"""Write the audit log while a server runs, and seal it and the event log (ADR 0147, 0148)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from appointed.app.repeating import attempt, repeat
from appointed.usecases.audit_ports import AuditStore

FLUSH_SECONDS = 1.0
SEAL_SECONDS = 3.0
# Of the time that passes, sealing a busy log takes a tenth at most.
REST = 9.0


@contextlib.asynccontextmanager
async def auditing(
    audit: AuditStore, flush_seconds: float = FLUSH_SECONDS, seal_seconds: float = SEAL_SECONDS
) -> AsyncIterator[None]:
    """Write down what is noted, and seal, for as long as the context is open; at its end all that waits."""
    tasks = {
        asyncio.create_task(repeat("writing the audit log", audit.flush, flush_seconds, flush_seconds)),
        asyncio.create_task(_seal(audit, seal_seconds)),
    }
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await audit.flush()


async def _seal(audit: AuditStore, pause_seconds: float) -> None:
    pause = pause_seconds
    while True:
        await asyncio.sleep(pause)
        began = time.monotonic()
        sealed = await attempt("sealing the logs", audit.seal)
        pause = (time.monotonic() - began) * REST if sealed else pause_seconds
