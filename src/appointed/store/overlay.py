"""The rows, unique names and held time of a batch as its members leave them, in memory; pure."""

from typing import Any

from appointed.domain.appointment import Appointment
from appointed.domain.claims import Claim
from appointed.sealing.sealer import Sealer
from appointed.store.document import Row, SealedClaimant, new_key, open_claimant, seal_claimant
from appointed.store.plan import Facts, Key, Locked, Name, Needs, Uid


class Unmet(Exception):
    """Facts are needed that were not fetched; what, stands in the overlay's `needs`."""


class Overlay:
    """What is known under the locks, and above it what members of the batch made of it."""

    def __init__(self, locked: Locked, facts: Facts, sealer: Sealer) -> None:
        self.needs = Needs()
        self.misses = 0
        self.counters = dict(facts.counters)
        self.next_ids: dict[int, int] = {}
        self.new_keys: dict[Uid, bytes] = {}
        self.claims: dict[Key, tuple[Claim, ...]] = {}
        self._locked = locked
        self._facts = facts
        self._sealer = sealer
        self._rows: dict[Key, Row | None] = {}
        self._uids: dict[Uid, Key] | None = None
        self._names = dict(facts.names)
        self._held = {resource: list(claims) for resource, claims in facts.held.items()}
        self._wrapped: dict[Uid, bytes | None] = {**locked.wrapped, **facts.wrapped}

    def row(self, key: Key) -> Row | None:
        """Give a row with its claimant in clear. Raises Unmet, SealBroken."""
        if key in self._rows:
            return self._rows[key]
        stored = self._locked.rows.get(key)
        if stored is None:
            return None
        row = self._rows[key] = self._open(stored)
        return row

    def row_by_uid(self, uid: Uid) -> Row | None:
        """Give a row by its UUID."""
        if self._uids is None:
            self._uids = {(key[0], row.appointment.uid): key for key, row in self._locked.rows.items()}
        return self.row(self._uids[uid]) if uid in self._uids else None

    def family(self, tenant_id: int, family_id: int) -> tuple[Row, ...]:
        """Give all rows of a booking or a series. Raises Unmet when others joined unlocked."""
        members = self._locked.families.get((tenant_id, family_id), frozenset())
        if any((tenant_id, row_id) not in self._locked.rows for row_id in members):
            raise Unmet
        near = {row_id for tenant, row_id in self._rows if tenant == tenant_id}
        rows = (self.row((tenant_id, row_id)) for row_id in sorted(members | near | {family_id}))
        return tuple(row for row in rows if row and family_id in _families(row.appointment))

    def stored(self, key: Key) -> Row | None:
        """Give a row as it was locked, its claimant sealed."""
        return self._locked.rows.get(key)

    def holder(self, name: Name) -> int | None:
        """Give the row that has a unique name; one that was not fetched is noted as needed."""
        if name not in self._names:
            self.miss(self.needs.names, name)
        return self._names.get(name)

    def held(self, tenant_id: int, claim: Claim) -> list[Claim]:
        """List who holds a resource around the claim's time; noted as needed when not fetched."""
        slot = (tenant_id, claim.resource_id, claim.starts_at, claim.ends_at)
        if slot not in self._facts.slots:
            self.miss(self.needs.slots, slot)
        return self._held.get((tenant_id, claim.resource_id), [])

    def sealed(self, row: Appointment) -> SealedClaimant | None:
        """Seal a claimant's members under the claimant's own key; noted as needed when not fetched."""
        if row.claimant is None:
            return None
        claimant = (row.tenant_id, row.claimant.id)
        # A key seen without a lock may be destroyed meanwhile, and new text under it lost.
        if claimant not in self._facts.wrapped:
            self.miss(self.needs.claimants, claimant)
            return None
        wrapped = self._wrapped[claimant]
        if wrapped is None:
            wrapped = self._wrapped[claimant] = new_key(*claimant, self._sealer)
            self.new_keys[claimant] = wrapped
        return seal_claimant(row.tenant_id, row.claimant, wrapped, self._sealer)

    def key_of(self, claimant: Uid) -> bytes | None:
        """Give a claimant's wrapped key, as far as it is known."""
        return self._wrapped.get(claimant)

    def miss(self, needed: set[Any], what: object) -> None:
        """Note that something is needed that was not fetched."""
        needed.add(what)
        self.misses += 1

    def keep_row(self, key: Key, row: Row | None) -> None:
        """Let a row stand as it is now."""
        self._rows[key] = row

    def keep_ids(self, tenant_id: int, count: int) -> None:
        """Let the next `count` ids be used up."""
        self.counters[tenant_id] += count
        self.next_ids[tenant_id] = self.counters[tenant_id]

    def keep_names(self, names: dict[Name, int | None]) -> None:
        """Let names belong to other rows."""
        self._names.update(names)

    def keep_claims(self, tenant_id: int, claims: dict[int, tuple[Claim, ...]]) -> None:
        """Let rows hold other time than before."""
        for resource, held in self._held.items():
            if resource[0] == tenant_id:
                held[:] = [claim for claim in held if claim.appointment_id not in claims]
        for row_id, wanted in claims.items():
            self.claims[(tenant_id, row_id)] = wanted
            for claim in wanted:
                self._held.setdefault((tenant_id, claim.resource_id), []).append(claim)

    def _open(self, stored: Row) -> Row:
        if stored.claimant is None:
            return stored
        claimant = (stored.appointment.tenant_id, stored.claimant.id)
        if claimant not in self._wrapped:
            self.miss(self.needs.claimants, claimant)
            raise Unmet
        return open_claimant(stored, self._wrapped[claimant], self._sealer)


def _families(row: Appointment) -> tuple[int, int, int]:
    return (row.mother_id, row.series_id, row.id)
