"""The part of the store that keeps data safe, as a Protocol."""

from collections.abc import Callable
from typing import Any, Protocol

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

    async def change_tenant(self, tenant_id: int, edit: Callable[[Tenant], Tenant]) -> Tenant:
        """Run a pure function on a tenant, and give what stands then; raises Unauthenticated."""
        ...
