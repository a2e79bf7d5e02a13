"""Seals: keyed hashes, each over some rows of a log and the seal before it (ADR 0148); pure."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.audit import Fault, Tampering
from appointed.sealing.sealer import Sealer
from appointed.store.scripts import micros, uuid_of

ID_BYTES = 16
DIGEST_BYTES = 16
ROW_BYTES = ID_BYTES + DIGEST_BYTES

_encode = msgspec.msgpack.Encoder().encode
Place = tuple[int, UUID]


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """One seal; `place` is its last row's, `rows` hold id and digest of each, in order."""

    tenant_id: int
    log: str
    number: int
    at: datetime
    place: Place
    rows: bytes
    hash: bytes


def seal_rows(
    sealer: Sealer, log: str, head: tuple[int, int, bytes], rows: Sequence[Sequence[Any]], at: datetime
) -> Seal:
    """Seal rows (position, id, …) after a head: tenant, number and hash of the seal before."""
    tenant_id, number, before = head
    last = rows[-1]
    bare = Seal(
        tenant_id=tenant_id,
        log=log,
        number=number + 1,
        at=at,
        place=(int(last[0]), uuid_of(last[1])),
        rows=b"".join(uuid_of(row[1]).bytes + digest(row[1:]) for row in rows),
        hash=b"",
    )
    return msgspec.structs.replace(bare, hash=hash_of(sealer, bare, before))


def hash_of(sealer: Sealer, seal: Seal, before: bytes) -> bytes:
    """Give the hash that a seal must have after another's; nobody makes it without the server's key."""
    said = (seal.tenant_id, seal.log, seal.number, micros(seal.at), seal.place[0], seal.place[1].bytes)
    return sealer.chain_hash(_encode(("seal", before, *said, seal.rows)))


def head_mac(sealer: Sealer, seal: Seal) -> bytes:
    """Give what proves that this seal is the last: it is kept nowhere once another follows."""
    return sealer.chain_hash(_encode(("head", seal.tenant_id, seal.log, seal.number, seal.hash)))


def digest(row: Sequence[Any]) -> bytes:
    """Digest what is sealed of a row, the same on both engines."""
    return hashlib.sha256(_encode([_plain(value) for value in row])).digest()[:DIGEST_BYTES]


def compared(seal: Seal, rows: Sequence[Sequence[Any]]) -> Iterator[Fault]:
    """Compare the rows that stand between two seals with what was sealed."""
    found = {uuid_of(row[1]).bytes: digest(row[1:]) for row in rows}
    for start in range(0, len(seal.rows), ROW_BYTES):
        key = seal.rows[start : start + ID_BYTES]
        sealed = seal.rows[start + ID_BYTES : start + ROW_BYTES]
        stands = found.pop(key, None)
        if stands is None:
            yield Fault(Tampering.ROW_REMOVED, seal.number, UUID(bytes=key))
        elif stands != sealed:
            yield Fault(Tampering.ROW_CHANGED, seal.number, UUID(bytes=key))
    for key in found:
        yield Fault(Tampering.ROW_INSERTED, seal.number, UUID(bytes=key))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return micros(value)
    return value.bytes if isinstance(value, UUID) else value
