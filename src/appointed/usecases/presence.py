"""Who has an appointment open: agents, and the claimants who wait; all count for a short time."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.principal import Principal
from appointed.domain.status import Status
from appointed.usecases.list_appointments import IN_ORDER, LISTED
from appointed.usecases.ports import Clock, Store
from appointed.usecases.presence_ports import CLAIMANT, Presence
from appointed.usecases.query import AllOf, Operator, Query, Test

# Two and a half times as long as a page waits before it says so again.
COUNTS_FOR: Final = timedelta(seconds=25)
# For so long it is remembered since when a claimant's page is not there any more.
MISSED_FOR: Final = timedelta(hours=12)
MOST_SEEN: Final = 20_000
MOST_ELSEWHEN: Final = 100

_Key = tuple[int, int]


class Attendance:
    """The pages of waiting claimants that this process has seen of late, or that are open to it now."""

    def __init__(self) -> None:
        self._open: Counter[_Key] = Counter()
        self._seen: set[_Key] = set()

    @property
    def count(self) -> int:
        """Tell of how many claimants a page is open."""
        return len(self._open)

    def see(self, row: Appointment) -> None:
        """Note that a claimant's page was read; without effect but for one who waits."""
        if row.status is Status.WAITING and len(self._seen) < MOST_SEEN:
            self._seen.add((row.tenant_id, row.id))

    @contextlib.contextmanager
    def stay(self, row: Appointment) -> Iterator[None]:
        """Count a page as open while the context is; without effect but for one who waits."""
        if row.status is not Status.WAITING:
            yield
            return
        key = (row.tenant_id, row.id)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    async def tell(self, store: Store, clock: Clock) -> None:
        """Write down, for all processes, whose page was there since the last time."""
        until = clock() + COUNTS_FOR
        keys, self._seen = self._seen | set(self._open), set()
        # In one order everywhere: a claimant may have a page open to each of two processes.
        found = [
            Presence(tenant_id=tenant_id, appointment_id=number, associate_id=CLAIMANT, until=until)
            for tenant_id, number in sorted(keys)
        ]
        if found:
            await store.put_presences(found)


async def missed_since(
    store: Store, tenant_id: int, rows: Iterable[Appointment], now: datetime
) -> dict[int, datetime]:
    """Tell, for each of these whose claimant waits and whose page is gone now, since when it is."""
    waiting = [row.id for row in rows if row.status is Status.WAITING]
    found = await store.claimants_present(tenant_id, waiting) if waiting else ()
    return {one.appointment_id: one.until - COUNTS_FOR for one in found if one.until <= now}


async def waiting_elsewhen(store: Store, tenant_id: int, since: datetime, now: datetime) -> tuple[int, ...]:
    """List the appointments from an instant on whose claimants wait already, with a page that is open now.

    They came for a time that was changed since (ADR 210).
    """
    later = Test("starts_at", Operator.GE, since)
    waits = AllOf((LISTED, Test("status", Operator.EQ, Status.WAITING), later))
    found = await store.page(Query(tenant_id=tenant_id, where=waits, order=IN_ORDER, limit=MOST_ELSEWHEN))
    numbers = [row.id for row in found.rows]
    present = await store.claimants_present(tenant_id, numbers) if numbers else ()
    return tuple(one.appointment_id for one in present if one.until > now)


async def be_present(store: Store, principal: Principal, appointment_id: int, now: datetime) -> None:
    """Note that the caller has an appointment open, which they may read."""
    await store.put_presences(
        [
            Presence(
                tenant_id=principal.tenant_id,
                appointment_id=appointment_id,
                associate_id=principal.associate_id,
                until=now + COUNTS_FOR,
            )
        ]
    )


async def others_present(
    store: Store, principal: Principal, directory: Directory, now: datetime
) -> dict[int, tuple[str, ...]]:
    """Name, for each appointment that somebody else has open now, those who do."""
    return others_of(await store.presences(principal.tenant_id, now), principal, directory)


def others_of(
    present: Iterable[Presence], principal: Principal, directory: Directory
) -> dict[int, tuple[str, ...]]:
    """Name the same among who is present."""
    names: dict[int, tuple[str, ...]] = {}
    for one in present:
        who = directory.associates.get(one.associate_id)
        if who is not None and one.associate_id != principal.associate_id:
            names[one.appointment_id] = (*names.get(one.appointment_id, ()), who.full_name)
    return names
