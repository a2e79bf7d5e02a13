"""What the store needs of sealing: keys, sealed values and search hashes."""

import unicodedata
from typing import Protocol


class Sealer(Protocol):
    """Seals values under keys of their own, which it wraps with the server's key."""

    def new_key(self, context: bytes) -> tuple[bytes, bytes]:
        """Make a key; gives it plain and wrapped."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Give the plain key."""
        ...

    def seal(self, key: bytes, plaintext: bytes, context: bytes) -> bytes:
        """Seal a value."""
        ...

    def open(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """Open a sealed value; raises SealBroken."""
        ...

    def search_hash(self, kind: str, tenant_id: int, word: str) -> bytes:
        """Give the keyed hash of a word."""
        ...


def words_of(name: str) -> frozenset[str]:
    """Give the words by which a name is found."""
    return frozenset(unicodedata.normalize("NFKC", name).casefold().split())
