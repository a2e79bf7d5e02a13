"""A ring of keys and a store's claimants that are kept in memory, and an administrator of such a store."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from appointed.domain.events import Event, EventKind
from appointed.usecases.administer import Administrator
from appointed.usecases.administer_protection import Protection
from appointed.usecases.claimant_ports import Ended, Holding, Lookup
from appointed.usecases.identifiers import seeded
from tests.builders import NOW
from tests.usecases.test_authenticate import PlainPasswords


class FakeRing:
    """Names its keys a, b, c, …; `refreshed` counts how often it was told to look again."""

    def __init__(self) -> None:
        self.current_id = "a"
        self.older_ids: tuple[str, ...] = ()
        self.next_id: str | None = None
        self.refreshed = 0
        self.is_settled = True

    def refresh(self) -> None:
        self.refreshed += 1

    def prepare(self) -> None:
        self.next_id = chr(ord(self.current_id) + 1)

    def rotate(self) -> None:
        self.older_ids = (self.current_id, *self.older_ids)
        self.current_id, self.next_id = chr(ord(self.current_id) + 1), None

    def retire(self, used: Collection[str]) -> None:
        self.older_ids = tuple(key for key in self.older_ids if key in used)


class FakeWrapped:
    """What the keys of a ring wrap, by their ids; a rewrap moves `steps` things at most."""

    def __init__(self, ring: FakeRing, uses: dict[str, int], steps: int = 1_000) -> None:
        self.ring = ring
        self.counts = uses
        self.steps = steps
        self.broken: tuple[tuple[int, int], ...] = ()

    async def unopened(self, limit: int) -> tuple[tuple[int, int], ...]:
        return self.broken[:limit]

    async def uses(self) -> dict[str, int]:
        return {key: count for key, count in self.counts.items() if count}

    async def some(self) -> frozenset[str]:
        return frozenset(await self.uses())

    async def rewrap(self) -> int:
        moved = 0
        for key in [key for key in self.counts if key != self.ring.current_id]:
            some = min(self.counts[key], self.steps)
            self.counts[key] -= some
            moved += some
        self.counts[self.ring.current_id] = self.counts.get(self.ring.current_id, 0) + moved
        return moved


class FakeClaimants:
    """Finds the claimants in a store's rows; `keys` are those that open."""

    def __init__(self, store: Any, *without_rows: UUID) -> None:
        self.store = store
        self.keys = {row.claimant.id for row in store.rows.values() if row.claimant} | set(without_rows)

    def _named(self, claimant_id: UUID) -> list[Any]:
        rows = self.store.rows.values()
        return [row for row in rows if row.claimant is not None and row.claimant.id == claimant_id]

    async def find(self, _tenant_id: int, by: Lookup, text: str, limit: int) -> tuple[UUID, ...]:
        rows = [row for row in self.store.rows.values() if row.claimant is not None]
        tests = {
            Lookup.EMAIL: lambda row: row.claimant.email == text,
            Lookup.NAME: lambda row: text in (row.claimant.name or ""),
            Lookup.REFERENCE: lambda row: row.reference == text,
        }
        return tuple(dict.fromkeys(row.claimant.id for row in rows if tests[by](row)))[:limit]

    async def holdings(self, _tenant_id: int, claimant_id: UUID) -> tuple[Holding, ...]:
        return tuple(
            Holding(
                appointment_id=row.id,
                revision=row.revision,
                department_id=row.department_id,
                ends_at=row.ends_at,
            )
            for row in self._named(claimant_id)
        )

    async def history(self, tenant_id: int, appointment_id: int, claimant_id: UUID) -> tuple[Event, ...]:
        whole = {"id": appointment_id, "link_key": "secret", "claimant": {"name": "Canary"}}
        steps = ({"path": "", "op": "add", "value": whole}, {"path": "/meeting", "op": "remove"})
        return (
            Event(
                id=claimant_id,
                tenant_id=tenant_id,
                appointment_id=appointment_id,
                revision=1,
                kind=EventKind.CREATED,
                at=NOW,
                by=1,
                door="test",
                patch=steps,
                inverse=(),
            ),
        )

    async def destroy(self, _tenant_id: int, claimant_id: UUID) -> bool:
        was_there = claimant_id in self.keys
        self.keys.discard(claimant_id)
        return was_there

    async def is_kept(self, _tenant_id: int, claimant_id: UUID) -> bool:
        return claimant_id in self.keys

    async def begun(
        self, _tenant_id: int, department_id: int, before: datetime, after: tuple[datetime, int], limit: int
    ) -> tuple[Ended, ...]:
        rows = sorted(self.store.rows.values(), key=lambda row: (row.starts_at, row.id))
        return tuple(
            Ended(
                appointment_id=row.id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                claimant_id=row.claimant.id,
            )
            for row in rows
            if row.claimant is not None
            and row.department_id == department_id
            and (row.starts_at, row.id) > after
            and row.starts_at < before
        )[: min(limit, 2)]

    async def unused(self, _tenant_id: int, after: UUID, limit: int) -> tuple[tuple[UUID, bool], ...]:
        later = sorted(key for key in self.keys if key > after)[:limit]
        return tuple((key, not self._named(key)) for key in later)


def administrator(store: Any, seed: str, ring: FakeRing | None = None) -> Administrator:
    """Make what carries out commands on a store."""
    protection = Protection(store, lambda: NOW, ring or FakeRing())
    return Administrator(store, PlainPasswords(), seeded(seed), protection)
