"""The ClaimantStore port on either engine."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.errors import SealBroken
from appointed.domain.events import Event
from appointed.sealing.sealer import Sealer, words_of
from appointed.store import scripts
from appointed.store.document import EMAIL, NAME, SealedClaimant, open_sealed
from appointed.store.scripts import instant, uuid_of
from appointed.usecases.claimant_ports import Ended, Holding, Lookup

if TYPE_CHECKING:
    from appointed.store.scripted import ScriptedStore

# A name of more words is found by its first.
MOST_WORDS = 10
KEY = "SELECT wrapped FROM claimant_key WHERE tenant_id = $1 AND claimant_id = $2"


class StoredClaimants:
    """Runs the scripts of claimants through a store of either engine."""

    def __init__(self, store: "ScriptedStore", sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def find(self, tenant_id: int, by: Lookup, text: str, limit: int) -> tuple[UUID, ...]:
        """List claimants of appointments."""
        test = "a.reference = $3"
        values: list[Any] = [text.strip()]
        if by is not Lookup.REFERENCE:
            values = self._words(tenant_id, by, text)
            test = _all_words(len(values))
        if not values:
            return ()
        rows = await self._store._search(
            scripts.every(
                "SELECT DISTINCT a.claimant_id FROM appointment a WHERE a.tenant_id = $1"
                f" AND a.claimant_id IS NOT NULL AND {test} ORDER BY a.claimant_id LIMIT $2",
                (tenant_id, limit, *values),
            )
        )
        return tuple(uuid_of(claimant_id) for (claimant_id,) in rows)

    def _words(self, tenant_id: int, by: Lookup, text: str) -> list[Any]:
        if by is Lookup.EMAIL:
            words = [(EMAIL, text.strip().casefold())]
        else:
            words = [(NAME, word) for word in sorted(words_of(text))[:MOST_WORDS]]
        return [self._sealer.search_hash(kind, tenant_id, word) for kind, word in words]

    async def holdings(self, tenant_id: int, claimant_id: UUID) -> tuple[Holding, ...]:
        """List the appointments that name a claimant."""
        rows = await self._store._scan(
            scripts.every(
                "SELECT id, revision, department_id, ends_at FROM appointment"
                " WHERE tenant_id = $1 AND claimant_id = $2 ORDER BY id",
                (tenant_id, claimant_id),
            )
        )
        return tuple(
            Holding(appointment_id=key, revision=revision, department_id=department_id, ends_at=instant(end))
            for key, revision, department_id, end in rows
        )

    async def history(self, tenant_id: int, appointment_id: int, claimant_id: UUID) -> tuple[Event, ...]:
        """Read all events of an appointment, with this claimant in clear."""
        row = await self._store._look(scripts.one(KEY, (tenant_id, claimant_id)))
        wrapped = row[0] if row else None

        def clear(value: Any) -> Any:
            if not isinstance(value, dict) or "sealed" not in value:
                return value
            sealed = msgspec.convert(value, SealedClaimant)
            if sealed.id != claimant_id or wrapped is None:
                return {"id": value["id"]}
            try:
                return msgspec.to_builtins(open_sealed(tenant_id, sealed, wrapped, self._sealer))
            except SealBroken:
                return {"id": value["id"]}

        return tuple(
            replace(event, patch=_cleared(event.patch, clear), inverse=_cleared(event.inverse, clear))
            for event in await self._store.history(tenant_id, appointment_id)
        )

    async def destroy(self, tenant_id: int, claimant_id: UUID) -> bool:
        """Destroy a claimant's key and search words."""
        return await self._store._write(scripts.erase_claimant(tenant_id, claimant_id))

    async def is_kept(self, tenant_id: int, claimant_id: UUID) -> bool:
        """Tell whether a claimant's key is there."""
        return await self._store._look(scripts.one(KEY, (tenant_id, claimant_id))) is not None

    async def begun(
        self, tenant_id: int, department_id: int, before: datetime, after: tuple[datetime, int], limit: int
    ) -> tuple[Ended, ...]:
        """List a department's rows with claimants that start before some time, past a start and id."""
        rows = await self._store._scan(
            scripts.every(
                "SELECT id, starts_at, ends_at, claimant_id FROM appointment WHERE tenant_id = $1"
                " AND department_id = $2 AND (starts_at, id) > ($3, $4) AND starts_at < $5"
                " AND claimant_id IS NOT NULL"
                " ORDER BY starts_at, id LIMIT $6",
                (tenant_id, department_id, *after, before, limit),
            )
        )
        return tuple(map(_ended, rows))

    async def unused(self, tenant_id: int, after: UUID, limit: int) -> tuple[tuple[UUID, bool], ...]:
        """List claimants that have a key, and whether no appointment names them any more."""
        rows = await self._store._scan(
            scripts.every(
                "SELECT k.claimant_id, NOT EXISTS (SELECT 1 FROM appointment a"
                " WHERE a.tenant_id = k.tenant_id AND a.claimant_id = k.claimant_id) FROM claimant_key k"
                " WHERE k.tenant_id = $1 AND k.claimant_id > $2 ORDER BY k.claimant_id LIMIT $3",
                (tenant_id, after, limit),
            )
        )
        return tuple((uuid_of(key), bool(is_unused)) for key, is_unused in rows)


def _all_words(count: int) -> str:
    word = (
        "EXISTS (SELECT 1 FROM claimant_word w WHERE w.tenant_id = a.tenant_id AND w.word = ${}"
        " AND w.appointment_id = a.id)"
    )
    # The first word finds the rows, the others are looked up for each of them.
    first = "a.id IN (SELECT appointment_id FROM claimant_word WHERE tenant_id = $1 AND word = $3)"
    return " AND ".join([first, *(word.format(place) for place in range(4, count + 3))])


def _cleared(patch: tuple[dict[str, Any], ...], clear: Any) -> tuple[dict[str, Any], ...]:
    cleared = []
    for step in patch:
        value = step.get("value")
        if step["path"] == "/claimant":
            step = step | {"value": clear(value)}  # noqa: PLW2901 - the step, opened
        elif not step["path"] and isinstance(value, dict) and "claimant" in value:
            step = step | {"value": value | {"claimant": clear(value["claimant"])}}  # noqa: PLW2901 - as above
        cleared.append(step)
    return tuple(cleared)


def _ended(row: Sequence[Any]) -> Ended:
    key, starts_at, ends_at, claimant_id = row
    return Ended(
        appointment_id=key,
        starts_at=instant(starts_at),
        ends_at=instant(ends_at),
        claimant_id=uuid_of(claimant_id),
    )
