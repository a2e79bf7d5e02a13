"""Answers kept under an Idempotency-Key, sealed so that erasing a claimant erases them too."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from appointed.sealing.sealer import Sealer
from appointed.store.document import context_of
from appointed.store.plan import ReplyKey, StoredReply
from appointed.usecases.ports import Reply

UUID_LENGTH = 16


class _Sealed(msgspec.Struct, array_like=True, frozen=True):
    wrapped: bytes
    text: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Sealed).decode
_decode_reply = msgspec.msgpack.Decoder(Reply).decode


def seal_reply(key: ReplyKey, reply: Reply, claimants: dict[UUID, bytes], sealer: Sealer) -> bytes:
    """Seal an answer under a key of its own, and again under each claimant's that it may speak of."""
    context = _context(key)
    own, wrapped = sealer.new_key(context)
    text = sealer.seal(own, _encode(reply), context)
    for claimant_id, claimant_key in claimants.items():
        context = context_of(key[0], claimant_id)
        text = sealer.seal(sealer.unwrap(claimant_key, context), text, context)
    return _encode(_Sealed(wrapped, text))


def open_reply(key: ReplyKey, stored: StoredReply, sealer: Sealer) -> Reply | None:
    """Open a kept answer; None when a claimant it speaks of was erased since. Raises SealBroken."""
    sealed = _decode(stored.sealed)
    text = sealed.text
    for claimant_id, claimant_key in reversed(stored.claimants.items()):
        if claimant_key is None:
            return None
        context = context_of(key[0], claimant_id)
        text = sealer.open(sealer.unwrap(claimant_key, context), text, context)
    context = _context(key)
    return _decode_reply(sealer.open(sealer.unwrap(sealed.wrapped, context), text, context))


def rewrapped(key: Sequence[Any], answer: bytes, sealer: Sealer) -> bytes:
    """Give a kept answer with its own key wrapped by the server's current one; `key` as in ReplyKey."""
    sealed = _decode(answer)
    context = _context((key[0], key[1], key[2]))
    return _encode(_Sealed(sealer.wrap(sealer.unwrap(sealed.wrapped, context), context), sealed.text))


def pack(uids: Iterable[UUID]) -> bytes:
    """Join UUIDs into bytes."""
    return b"".join(uid.bytes for uid in uids)


def unpack(packed: bytes) -> list[UUID]:
    """Take joined UUIDs apart."""
    starts = range(0, len(packed), UUID_LENGTH)
    return [UUID(bytes=packed[start : start + UUID_LENGTH]) for start in starts]


def _context(key: ReplyKey) -> bytes:
    return b"reply:%d:%d:%b" % (key[0], key[1], key[2].encode())
