"""The end of claimants' data, as background work (ADR 0149)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from appointed.jobs.runner import Job
from appointed.usecases.ports import Store
from appointed.usecases.retain import past_their_time, retain_one

PAUSE: Final = timedelta(hours=6)
# A department's whole past is read before the first is erased.
LEASE: Final = timedelta(minutes=30)


def retention_job(store: Store) -> Job:
    """Make the job that erases claimants whom their departments keep no longer."""

    async def due(tenant_id: int, now: datetime, limit: int) -> Sequence[UUID]:
        return await past_their_time(store, tenant_id, now, limit)

    async def act(tenant_id: int, claimant_id: UUID, now: datetime) -> None:
        await retain_one(store, tenant_id, claimant_id, now)

    return Job(name="retention", due=due, act=act, pause=PAUSE, lease=LEASE)
