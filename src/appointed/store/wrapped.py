"""The WrappedKeys port: every place where something is wrapped by the server's key (ADR 0150)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from appointed.domain.errors import SealBroken
from appointed.sealing.keys import ID_BYTES
from appointed.sealing.sealer import Sealer
from appointed.store import replies, scripts
from appointed.store.document import context_of, decode, open_claimant
from appointed.store.mailings import note_context
from appointed.store.scripts import Script, uuid_of
from appointed.store.webhook_scripts import secrets_context

if TYPE_CHECKING:
    from appointed.store.scripted import ScriptedStore

ROWS_AT_ONCE = 200

# A row's key values and its wrapped text → the same under the current key.
Rewrap = Callable[[Sequence[Any], bytes, Sealer], bytes]


class Place(msgspec.Struct, frozen=True):
    """A column with wrapped keys; `start` is where in it the id of the wrapping key stands (from 1)."""

    table: str
    key: tuple[str, ...]
    column: str
    start: int
    first: tuple[Any, ...]
    rewrap: Rewrap

    @property
    def count(self) -> str:
        """Count by the wrapping key's id."""
        found = f"substr({self.column}, {self.start}, {ID_BYTES})"
        return f"SELECT {found}, count(*) FROM {self.table} WHERE {self.column} <> $1 GROUP BY {found}"

    @property
    def next(self) -> str:
        """Read rows past a key, in order."""
        names = ", ".join(self.key)
        places = ", ".join(f"${number + 1}" for number in range(len(self.key)))
        return (
            f"SELECT {names}, {self.column} FROM {self.table} WHERE ({names}) > ({places})"
            f" ORDER BY {names} LIMIT ${len(self.key) + 1}"
        )

    @property
    def update(self) -> str:
        """Change one row, if it is still as it was read."""
        tests = [f"{name} = ${number + 1}" for number, name in enumerate((*self.key, self.column))]
        last = len(tests) + 1
        return f"UPDATE {self.table} SET {self.column} = ${last} WHERE {' AND '.join(tests)} RETURNING 1"


def _claimant(key: Sequence[Any], text: bytes, sealer: Sealer) -> bytes:
    context = context_of(key[0], uuid_of(key[1]))
    return sealer.wrap(sealer.unwrap(text, context), context)


def _webhook(key: Sequence[Any], text: bytes, sealer: Sealer) -> bytes:
    return _framed(secrets_context(key[0], key[1]), text, sealer)


def _mailing(key: Sequence[Any], text: bytes, sealer: Sealer) -> bytes:
    return _framed(note_context(key[0], uuid_of(key[1])), text, sealer)


def _framed(context: bytes, text: bytes, sealer: Sealer) -> bytes:
    # The wrapped key's length in two bytes, the key, and what it seals.
    end = 2 + int.from_bytes(text[:2])
    wrapped = sealer.wrap(sealer.unwrap(text[2:end], context), context)
    return len(wrapped).to_bytes(2) + wrapped + text[end:]


# Whatever wraps keys by the server's own stands here.
PLACES = (
    Place("claimant_key", ("tenant_id", "claimant_id"), "wrapped", 1, (0, UUID(int=0)), _claimant),
    Place("webhook", ("tenant_id", "id"), "sealed", 3, (0, 0), _webhook),
    Place("mailing", ("tenant_id", "id"), "note", 3, (0, UUID(int=0)), _mailing),
    Place("idempotency", ("tenant_id", "principal", "key"), "answer", 4, (0, 0, ""), replies.rewrapped),
)

# Enough to tell the keys of this database from those of another, however many claimants it has.
SOME = (
    f"SELECT DISTINCT substr(wrapped, 1, {ID_BYTES}) FROM (SELECT wrapped FROM claimant_key"
    f" WHERE wrapped <> $1 ORDER BY tenant_id, claimant_id LIMIT {ROWS_AT_ONCE}) AS found"
)

SEALED = (
    "SELECT a.tenant_id, a.id, a.body, k.wrapped FROM appointment a"
    " JOIN claimant_key k ON k.tenant_id = a.tenant_id AND k.claimant_id = a.claimant_id"
    " WHERE (a.tenant_id, a.id) > ($1, $2) ORDER BY a.tenant_id, a.id LIMIT $3"
)


class StoredKeys:
    """Runs over all places through a store of either engine."""

    def __init__(self, store: "ScriptedStore", sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def uses(self) -> Mapping[str, int]:
        """Count what each of the server's keys wraps."""
        counts: Counter[str] = Counter()
        for place in PLACES:
            for key_id, count in await self._store._scan(scripts.every(place.count, (b"",))):
                counts[bytes(key_id).hex()] += count
        return counts

    async def some(self) -> frozenset[str]:
        """Name the server's keys that wrap the first few claimants' keys."""
        rows = await self._store._scan(scripts.every(SOME, (b"",)))
        return frozenset(bytes(row[0]).hex() for row in rows)

    async def unopened(self, limit: int) -> tuple[tuple[int, int], ...]:
        """List tenant and id of appointments whose claimant no key opens, so many at most."""
        found: list[tuple[int, int]] = []
        after = (0, 0)
        while len(found) < limit:
            rows = await self._store._scan(scripts.every(SEALED, (*after, ROWS_AT_ONCE)))
            if not rows:
                break
            after = (rows[-1][0], rows[-1][1])
            found += [(row[0], row[1]) for row in rows if not self._opens(row[2], row[3])]
        return tuple(found[:limit])

    def _opens(self, body: str, wrapped: bytes) -> bool:
        try:
            open_claimant(decode(body), wrapped, self._sealer)
        except SealBroken:
            return False
        return True

    async def rewrap(self) -> int:
        """Wrap anew, batch by batch, whatever the current key does not wrap; gives how many.

        What nothing opens stays as it is: it must not keep the others from their new key.
        """
        count = 0
        for place in PLACES:
            after = place.first
            while rows := await self._store._scan(scripts.every(place.next, (*after, ROWS_AT_ONCE))):
                after = tuple(rows[-1][:-1])
                old = [row for row in rows if self._is_old(place, row[-1])]
                if old:
                    count += await self._store._write(self._batch(place, old))
        return count

    def _is_old(self, place: Place, text: bytes) -> bool:
        start = place.start - 1
        return bool(text) and text[start : start + ID_BYTES] != self._sealer.current_id

    def _batch(self, place: Place, rows: Sequence[Sequence[Any]]) -> Script[int]:
        count = 0
        for row in rows:
            key, text = row[:-1], bytes(row[-1])
            try:
                anew = place.rewrap(key, text, self._sealer)
            except SealBroken:
                continue
            # What was changed or erased meanwhile stays as it is now.
            done = yield place.update, (*key, text, anew)
            count += len(done)
        return count
