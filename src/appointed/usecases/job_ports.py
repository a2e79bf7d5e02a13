"""What background work needs from outside: what is due, and whose turn it is."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from appointed.domain.timers import Slot


class JobStore(Protocol):
    """Where it stands what is due, and who works on it."""

    async def timed(
        self,
        tenant_id: int,
        since: datetime,
        until: datetime,
        after: tuple[datetime, int] | None = None,
        limit: int = 500,
    ) -> tuple[Slot, ...]:
        """List the rows with a call, in states that wait for a time, that start in [since, until].

        By start and id, behind `after`; rows that were entered after their own end are left out.
        """
        ...

    async def take(
        self, tenant_id: int, job: str, holder: UUID, at: datetime, until: datetime
    ) -> datetime | None:
        """Take a tenant's job for oneself until an instant; taking it again prolongs it.

        None: it is taken. Otherwise it is somebody else's, or rests, until the instant given.
        """
        ...

    async def rest(self, tenant_id: int, job: str, holder: UUID, until: datetime) -> None:
        """Give a job back; nobody takes it before an instant. Nothing is done for who does not hold it."""
        ...
