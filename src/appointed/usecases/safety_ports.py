"""The part of the store that keeps data safe, as a Protocol."""

from collections.abc import Callable
from typing import Protocol

from appointed.domain.directory import Tenant
from appointed.usecases.audit_ports import AuditStore
from appointed.usecases.claimant_ports import ClaimantStore
from appointed.usecases.key_ports import WrappedKeys


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

    async def change_tenant(self, tenant_id: int, edit: Callable[[Tenant], Tenant]) -> Tenant:
        """Run a pure function on a tenant, and give what stands then; raises Unauthenticated."""
        ...
