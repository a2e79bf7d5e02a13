"""The part of the store that keeps data safe, and says what still has to leave it, as a Protocol."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from appointed.domain.directory import Tenant
from appointed.usecases.audit_ports import AuditStore
from appointed.usecases.claimant_ports import ClaimantStore
from appointed.usecases.key_ports import WrappedKeys


class Rehearsing(Protocol):
    """A store of which nothing stays: it does what requests do, and nothing else."""

    @property
    def tried(self) -> list[Any]:
        """Give the outcomes of the changes that were decided so far."""
        ...


class Backlog(NamedTuple):
    """How much waits to be delivered: events for webhooks, calls of them, and letters."""

    events: int
    calls: int
    letters: int


class SafeStore(Protocol):
    """What every store has beside appointments and records."""

    @property
    def audit(self) -> AuditStore:
        """Give where it is written down who looked at claimants' data and who administered what."""
        ...

    @property
    def claimants(self) -> ClaimantStore:
        """Give where claimants can be found, opened and forgotten."""
        ...

    @property
    def keys(self) -> WrappedKeys:
        """Give the keys in the store, each wrapped by one of the server's."""
        ...

    def rehearsing(self) -> Rehearsing:
        """Give this store for one request that only wants to know: whatever it writes is taken back."""
        ...

    async def backlog(self) -> Backlog:
        """Count what waits to be delivered, for all tenants; of one tenant's at most so many of each."""
        ...

    async def change_tenant(self, tenant_id: int, edit: Callable[[Tenant], Tenant]) -> Tenant:
        """Run a pure function on a tenant, and give what stands then; raises Unauthenticated."""
        ...
