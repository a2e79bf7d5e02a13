"""The clock's part in the life of appointments, as background work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from appointed.domain.call import Window
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.timers import Slot, due
from appointed.jobs.runner import Job
from appointed.usecases.life import let_time_pass
from appointed.usecases.ports import IdSource, Store

# An appointment lasts a year at most, and a server may have been away for some time.
REACH: Final = timedelta(days=400)
PAGE: Final = 500


def life_job(store: Store, ids: IdSource, window: Window) -> Job:
    """Make the job that moves appointments as time passes (`domain.timers` says where to)."""

    async def find(tenant_id: int, now: datetime, limit: int) -> Sequence[Slot]:
        directory = await store.directory(tenant_id)
        found: list[Slot] = []
        after = None
        while len(found) < limit:
            page = await store.jobs.timed(tenant_id, now - REACH, now, after, PAGE)
            found += [slot for slot in page if due(slot, directory, window, now)]
            if len(page) < PAGE:
                break
            after = (page[-1].starts_at, page[-1].id)
        return found[:limit]

    async def act(tenant_id: int, slot: Slot, _now: datetime) -> None:
        try:
            await let_time_pass(store, ids, tenant_id, slot.id, window)
        except AppointmentNotFound:
            # It was deleted meanwhile.
            return

    return Job(name="life", due=find, act=act)
