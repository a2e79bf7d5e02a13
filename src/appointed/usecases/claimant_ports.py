"""Where claimants can be found, opened and forgotten, as a Protocol."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from appointed.domain.events import Event


class Lookup(StrEnum):
    """What a claimant is looked for by: the whole e-mail, all given words of the name, a reference."""

    EMAIL = "email"
    NAME = "name"
    REFERENCE = "reference"


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that names a claimant."""

    appointment_id: int
    revision: int
    department_id: int
    ends_at: datetime


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment with a claimant that began before some time."""

    appointment_id: int
    starts_at: datetime
    ends_at: datetime
    claimant_id: UUID


class ClaimantStore(Protocol):
    """Finds claimants without knowing them, and destroys what opens them."""

    async def find(self, tenant_id: int, by: Lookup, text: str, limit: int) -> tuple[UUID, ...]:
        """List claimants of appointments; what was erased is found by nothing."""
        ...

    async def holdings(self, tenant_id: int, claimant_id: UUID) -> tuple[Holding, ...]:
        """List the appointments that name a claimant."""
        ...

    async def history(self, tenant_id: int, appointment_id: int, claimant_id: UUID) -> tuple[Event, ...]:
        """Read all events of an appointment, with this claimant in clear; of others only the id is told."""
        ...

    async def destroy(self, tenant_id: int, claimant_id: UUID) -> bool:
        """Destroy a claimant's key and search words; tells whether there was a key."""
        ...

    async def is_kept(self, tenant_id: int, claimant_id: UUID) -> bool:
        """Tell whether something still opens what was written of a claimant."""
        ...

    async def begun(
        self, tenant_id: int, department_id: int, before: datetime, after: tuple[datetime, int], limit: int
    ) -> tuple[Ended, ...]:
        """List a department's rows with claimants that start before some time, past a start and id."""
        ...

    async def unused(self, tenant_id: int, after: UUID, limit: int) -> tuple[tuple[UUID, bool], ...]:
        """List claimants that have a key, past an id, and whether no appointment names them any more."""
        ...
