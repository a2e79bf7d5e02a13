"""Sources of names: one truly random, one that always makes the same sequence."""

import base64
import hashlib
import secrets
import string
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

ALPHABET = string.ascii_letters + string.digits


class Reserve:
    """Hands out random bytes from a block that is fetched at once.

    Each fetch is a system call that lets other threads run first, which costs more than the bytes.
    """

    BLOCK = 8192

    def __init__(self, fetch: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._block = b""
        self._used = 0

    def __call__(self, size: int) -> bytes:
        """Give `size` bytes that were never given before."""
        with self._lock:
            start = self._used
            self._used += size
            if self._used > len(self._block):
                self._block = self._fetch(max(self.BLOCK, size))
                start, self._used = 0, size
            return self._block[start : start + size]


class Identifiers:
    """An IdSource over any source of random bytes; safe to use from several threads."""

    def __init__(self, random_bytes: Callable[[int], bytes] | None = None) -> None:
        self._random = random_bytes or Reserve()
        self._lock = threading.Lock()
        self._last = 0

    def uuid4(self) -> UUID:
        """Make a random UUID."""
        return UUID(bytes=self._random(16), version=4)

    def uuid7(self, at: datetime) -> UUID:
        """Make a UUID that sorts after all made before it (RFC 9562 §5.7, method 3: sub-millisecond bits)."""
        # 48 bits of milliseconds and 12 bits of their fraction, never going back.
        with self._lock:
            self._last = max(self._last + 1, int(at.timestamp() * 1_000_000) * 4096 // 1000)
            stamp = self._last
        tail = int.from_bytes(self._random(8)) & 0x3FFF_FFFF_FFFF_FFFF
        return UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | tail)

    def token(self, size: int = 32) -> str:
        """Make an unguessable URL-safe text of `size` random bytes."""
        return base64.urlsafe_b64encode(self._random(size)).rstrip(b"=").decode()

    def letters(self, length: int) -> str:
        """Make `length` random ASCII letters and digits."""
        # 62 letters out of 248 values: the bytes above are thrown away so that none is likelier.
        picked: list[str] = []
        while len(picked) < length:
            picked += [ALPHABET[byte % 62] for byte in self._random(2 * length) if byte < 248]
        return "".join(picked[:length])


def seeded(seed: str) -> Identifiers:
    """Make a source that gives the same names for the same seed; for demos and tests, never for secrets."""
    state = {"block": 0}

    def random_bytes(size: int) -> bytes:
        state["block"] += 1
        return hashlib.shake_256(f"{seed}:{state['block']}".encode()).digest(size)

    return Identifiers(random_bytes)
