"""The JobStore port on either engine."""

from datetime import datetime
from typing import Final
from uuid import UUID

from appointed.domain.timers import Slot
from appointed.store import job_scripts
from appointed.store.scripted import ScriptedStore

NOBODY: Final = UUID(int=0)


class StoredJobs:
    """Runs the scripts of background work through a store of either engine."""

    def __init__(self, store: ScriptedStore) -> None:
        self._store = store

    async def timed(
        self,
        tenant_id: int,
        since: datetime,
        until: datetime,
        after: tuple[datetime, int] | None = None,
        limit: int = 500,
    ) -> tuple[Slot, ...]:
        """List the rows with a call, in states that wait for a time, that start in [since, until]."""
        return await self._store._scan(job_scripts.timed(tenant_id, since, until, after or (since, 0), limit))

    async def take(
        self, tenant_id: int, job: str, holder: UUID, at: datetime, until: datetime
    ) -> datetime | None:
        """Take a tenant's job until an instant; gives until when it is another's, if it is."""
        return await self._store._write(job_scripts.take(tenant_id, job, holder, at, until))

    async def rest(self, tenant_id: int, job: str, holder: UUID, until: datetime) -> None:
        """Give a job back; nobody takes it before an instant."""
        await self._store._write(job_scripts.rest(tenant_id, job, holder, NOBODY, until))
