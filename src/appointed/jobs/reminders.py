"""Reminders of claimants, as background work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from appointed.domain.directory import Directory
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.timers import Slot
from appointed.jobs.runner import Job
from appointed.usecases.ports import IdSource, Store
from appointed.usecases.tell_claimant import remind, reminder_due_at, reminder_key

# How often it is looked; a reminder comes so much late at most.
PAUSE: Final = timedelta(seconds=20)
PAGE: Final = 500


def reminder_job(store: Store, ids: IdSource) -> Job:
    """Make the job that reminds claimants, as long before as their department says."""

    async def find(tenant_id: int, now: datetime, limit: int) -> Sequence[Slot]:
        directory = await store.directory(tenant_id)
        longest = max((one.reminder_minutes for one in directory.departments.values()), default=0)
        found: list[Slot] = []
        after = None
        while longest and len(found) < limit:
            page = await store.jobs.timed(tenant_id, now, now + timedelta(minutes=longest), after, PAGE)
            due = {reminder_key(slot): slot for slot in page if _is_due(slot, directory, now)}
            known = await store.mail.known(tenant_id, tuple(due))
            found += [slot for key, slot in due.items() if key not in known]
            if len(page) < PAGE:
                break
            after = (page[-1].starts_at, page[-1].id)
        return found[:limit]

    async def act(tenant_id: int, slot: Slot, now: datetime) -> None:
        try:
            await remind(store, ids, tenant_id, slot.id, now)
        except AppointmentNotFound:
            # It was deleted meanwhile.
            return

    return Job(name="reminders", due=find, act=act, pause=PAUSE)


def _is_due(slot: Slot, directory: Directory, now: datetime) -> bool:
    due_at = reminder_due_at(slot, directory)
    return due_at is not None and due_at <= now < slot.starts_at
