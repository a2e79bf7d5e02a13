"""Where the audit log is kept, as a Protocol."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol

from appointed.domain.audit import Act, Anchor, Entry, Verdict, Wanted


class AuditStore(Protocol):
    """Takes entries, gives them back, and seals them and the event log against tampering."""

    def note(
        self,
        tenant_id: int,
        act: Act,
        by: int,
        *,
        appointment_id: int = 0,
        address: str = "",
        door: str = "",
        details: dict[str, Any] | None = None,
        once_in: timedelta | None = None,
    ) -> None:
        """Have something written down soon, without waiting for it; see `usecases.trail`."""
        ...

    def unnoted(self, tenant_id: int, act: Act, by: int, numbers: Iterable[int]) -> list[int]:
        """List those of these appointments of which the same was not noted lately."""
        ...

    async def write(
        self,
        tenant_id: int,
        act: Act,
        by: int,
        *,
        appointment_id: int = 0,
        door: str = "",
        details: dict[str, Any] | None = None,
    ) -> Entry:
        """Write an entry now, and give it with its reference."""
        ...

    async def flush(self) -> None:
        """Write down what was noted; what cannot be written now is kept for the next time."""
        ...

    async def entries(self, tenant_id: int, wanted: Wanted) -> tuple[Entry, ...]:
        """List entries, newest first."""
        ...

    async def seal(self) -> int:
        """Seal some of what was committed since the last time, of every tenant; gives how many rows."""
        ...

    async def verify(self, tenant_id: int, anchors: tuple[Anchor, ...] = ()) -> tuple[Verdict, ...]:
        """Compare a tenant's logs with their seals, and these with anchors that were kept elsewhere."""
        ...
