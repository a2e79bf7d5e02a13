"""Sealed values: authenticated encryption (AES-256-GCM) under keys that are wrapped by the server's."""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appointed.domain.errors import SealBroken
from appointed.sealing.keys import ID_BYTES, KEY_BYTES, RandomBytes, ServerKeys, derived, id_of

NONCE_BYTES = 12
HASH_BYTES = 16
# Letters, their marks, and numbers (Unicode's general categories) make up a word.
WORD = "LMN"
# Keys of values in use lately; more than a batch ever holds.
KEPT_CIPHERS = 4096


class Sealer:
    """Seals values under keys of their own, which it wraps with the server's key.

    A `context` says where a value belongs; opened in another it is broken. Sealed bytes are
    nonce (12) and ciphertext; wrapped keys have the wrapping key's id (4) before that.
    """

    def __init__(
        self,
        keys: ServerKeys,
        random_bytes: RandomBytes = secrets.token_bytes,
        newer: Callable[[], ServerKeys | None] = lambda: None,
    ) -> None:
        self._random = random_bytes
        self._newer = newer
        self.renew(keys)
        self._search = keys.derive("search")
        self._chain = keys.derive("audit")

    def renew(self, keys: ServerKeys) -> None:
        """Wrap with other keys from now on; what is derived from the lasting one stays."""
        wrappers = {id_of(key): AESGCM(derived(key, "wrap")) for key in keys.opening}
        # One assignment: other threads see the old keys or the new ones.
        self._ring = (id_of(keys.current), wrappers)

    @property
    def current_id(self) -> bytes:
        """Give the id of the key that wraps."""
        return self._ring[0]

    def new_key(self, context: bytes) -> tuple[bytes, bytes]:
        """Make a key; gives it plain and wrapped."""
        key = self._random(KEY_BYTES)
        return key, self.wrap(key, context)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap a key with the server's current one."""
        nonce = self._random(NONCE_BYTES)
        current, wrappers = self._ring
        return current + nonce + wrappers[current].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Give the plain key; raises SealBroken when no server key opens it."""
        wrapper = self._ring[1].get(wrapped[:ID_BYTES]) or self._looked_up(wrapped[:ID_BYTES])
        if wrapper is None:
            raise SealBroken
        return _opened(wrapper, wrapped[ID_BYTES:], context)

    def _looked_up(self, key_id: bytes) -> AESGCM | None:
        # Another process may have changed the keys meanwhile.
        keys = self._newer()
        if keys is not None:
            self.renew(keys)
        return self._ring[1].get(key_id)

    def seal(self, key: bytes, plaintext: bytes, context: bytes) -> bytes:
        """Seal a value."""
        nonce = self._random(NONCE_BYTES)
        return nonce + _cipher(key).encrypt(nonce, plaintext, context)

    def open(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """Open a sealed value; raises SealBroken when it was changed, or the key or context is another."""
        return _opened(_cipher(key), sealed, context)

    def search_hash(self, kind: str, tenant_id: int, word: str) -> bytes:
        """Give the keyed hash by which a word can be found; it differs per tenant and kind."""
        text = f"{tenant_id}\0{kind}\0{word}".encode()
        return hmac.digest(self._search, text, sha256)[:HASH_BYTES]

    def chain_hash(self, text: bytes) -> bytes:
        """Give the keyed hash that seals a log."""
        return hmac.digest(self._chain, text, sha256)


_cipher = lru_cache(maxsize=KEPT_CIPHERS)(AESGCM)


def _opened(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error


def words_of(name: str) -> frozenset[str]:
    """Give the words by which a name is found; compatibility forms, case and punctuation do not count."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return frozenset(
        "".join([char if unicodedata.category(char)[0] in WORD else " " for char in text]).split()
    )
