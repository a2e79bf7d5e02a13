"""An appointment as it is stored: one JSON document in which the claimant stands sealed."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment, Problem
from appointed.domain.participant import Claimant
from appointed.sealing.sealer import Sealer, words_of

EMAIL, NAME = "email", "name"


class SealedClaimant(msgspec.Struct, frozen=True):
    """A claimant whose members nobody reads without the claimant's key."""

    id: UUID
    sealed: bytes


class Row(msgspec.Struct, frozen=True):
    """An appointment with the claimant in clear, and the sealed value that says the same.

    `body` is the document of a row that shall be written.
    """

    appointment: Appointment
    claimant: SealedClaimant | None = None
    body: str = ""

    @property
    def claimant_id(self) -> UUID | None:
        """Name the claimant, sealed or not."""
        return self.claimant.id if self.claimant else None


class _Document(msgspec.Struct, frozen=True, omit_defaults=True):
    appointment: Appointment
    claimant: SealedClaimant | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Document).decode
_decode_claimant = msgspec.json.Decoder(Claimant).decode


def to_row(appointment: Appointment, claimant: SealedClaimant | None) -> Row:
    """Make a row that can be written.

    Raises InvalidAppointment when a text holds U+0000, which not every engine can keep.
    """
    bare = replace(appointment, claimant=None) if appointment.claimant else appointment
    body = _encode(_Document(bare, claimant))
    if b"\\u0000" in body:
        _demand_no_zero(bare)
    return Row(appointment, claimant, body.decode())


def decode(body: str) -> Row:
    """Read the document as it is; the claimant stays sealed (`open_claimant`)."""
    document = _decode(body)
    return Row(document.appointment, document.claimant)


def open_claimant(row: Row, wrapped: bytes | None, sealer: Sealer) -> Row:
    """Put the claimant in clear into a decoded row; without a key (erased) only its id is left.

    Raises SealBroken.
    """
    claimant = row.claimant
    if claimant is None:
        return row
    if wrapped is None:
        opened = Claimant(id=claimant.id)
    else:
        opened = open_sealed(row.appointment.tenant_id, claimant, wrapped, sealer)
    return Row(replace(row.appointment, claimant=opened), claimant)


def open_sealed(tenant_id: int, claimant: SealedClaimant, wrapped: bytes, sealer: Sealer) -> Claimant:
    """Open a claimant with the claimant's wrapped key; raises SealBroken."""
    context = context_of(tenant_id, claimant.id)
    return _decode_claimant(sealer.open(sealer.unwrap(wrapped, context), claimant.sealed, context))


def new_key(tenant_id: int, claimant_id: UUID, sealer: Sealer) -> bytes:
    """Make a claimant's key; gives it wrapped, as it is stored."""
    _key, wrapped = sealer.new_key(context_of(tenant_id, claimant_id))
    return wrapped


def seal_claimant(tenant_id: int, claimant: Claimant, wrapped: bytes, sealer: Sealer) -> SealedClaimant:
    """Seal a claimant's members under its own key."""
    context = context_of(tenant_id, claimant.id)
    sealed = sealer.seal(sealer.unwrap(wrapped, context), _encode(claimant), context)
    return SealedClaimant(claimant.id, sealed)


def context_of(tenant_id: int, claimant_id: UUID) -> bytes:
    """Name whose value is sealed, so that it cannot be moved to another tenant or claimant."""
    return b"claimant:%d:%b" % (tenant_id, claimant_id.bytes)


def search_words(tenant_id: int, claimant: Claimant | None, sealer: Sealer) -> frozenset[bytes]:
    """Give the keyed hashes by which a claimant is found: the e-mail, and each word of the name."""
    if claimant is None:
        return frozenset()
    words = [(NAME, word) for word in words_of(claimant.name or "")]
    if claimant.email:
        words.append((EMAIL, claimant.email.strip().casefold()))
    return frozenset(sealer.search_hash(kind, tenant_id, word) for kind, word in words)


def asked_words(tenant_id: int, text: str, sealer: Sealer) -> tuple[bytes, ...]:
    """Give the hashes by which to find what somebody typed: an e-mail address, else all words of a name."""
    words = [(EMAIL, text.strip().casefold())] if "@" in text else [(NAME, one) for one in words_of(text)]
    return tuple(sorted(sealer.search_hash(kind, tenant_id, word) for kind, word in words))


def _demand_no_zero(value: Appointment) -> None:
    found = tuple(
        Problem(name, "characters")
        for name in value.__struct_fields__
        if _holds_zero(msgspec.to_builtins(getattr(value, name)))
    )
    if found:
        raise InvalidAppointment(found)


def _holds_zero(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_zero(part) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple) and any(_holds_zero(part) for part in value)
