"""The AttemptStore port on either engine. No tenant leads its table: of who guesses none is known yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from appointed.store.scripted import ScriptedStore
from appointed.store.scripts import MICROSECOND, Script, instant, micros

COUNT: Final = (
    "INSERT INTO attempt (key, free_at) VALUES ($1, CAST($2 AS bigint) + CAST($3 AS bigint))"
    " ON CONFLICT (key) DO UPDATE SET free_at = CAST($3 AS bigint)"
    " + CASE WHEN attempt.free_at > CAST($2 AS bigint) THEN attempt.free_at ELSE CAST($2 AS bigint) END"
    " RETURNING free_at"
)


class StoredAttempts:
    """Counts through a store of either engine."""

    def __init__(self, store: ScriptedStore) -> None:
        self._store = store

    async def count(self, keys: Sequence[bytes], now: datetime, interval: timedelta) -> tuple[datetime, ...]:
        """Count one failure under each key; gives when all attempts of each are free again."""
        found = await self._store._write(_count(keys, micros(now), interval // MICROSECOND))
        return tuple(instant(found[key]) for key in keys)

    async def forget(self, before: datetime) -> None:
        """Drop keys whose attempts were all free before an instant."""
        await self._store._write(_forget(micros(before)))


def _count(keys: Sequence[bytes], now: int, interval: int) -> Script[dict[bytes, int]]:
    found: dict[bytes, int] = {}
    # In one order, so that two who count the same do not wait for each other.
    for key in sorted(keys):
        ((found[key],),) = yield COUNT, (key, now, interval)
    return found


def _forget(before: int) -> Script[None]:
    yield "DELETE FROM attempt WHERE free_at < $1", (before,)
