"""The key file while a server runs: it may be changed by a command, here or in another process."""

import fcntl
import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from appointed.sealing.keys import KEY_BYTES, KEY_FILE, RandomBytes, ServerKeys, id_of, load, save
from appointed.sealing.sealer import Sealer

# Servers look each 15 seconds whether the file has changed; until then they wrap with the key they know.
SETTLE_SECONDS = 60.0


class KeyRing:
    """The keys in a folder and the sealer that uses them; methods raise KeyFileError and OSError.

    After a change of the file other processes may take `settle_seconds` to follow.
    """

    def __init__(
        self, folder: Path, random_bytes: RandomBytes = secrets.token_bytes, settle_seconds: float = 0.0
    ) -> None:
        self._path = folder / KEY_FILE
        self._settle_seconds = settle_seconds
        self._random = random_bytes
        self._read_at = self._stamp()
        self._keys = load(self._path)
        self.sealer = Sealer(self._keys, random_bytes, self._newer)

    @property
    def current_id(self) -> str:
        """Name the key that wraps."""
        return id_of(self._keys.current).hex()

    @property
    def older_ids(self) -> tuple[str, ...]:
        """Name the keys that only open."""
        return tuple(id_of(key).hex() for key in self._keys.older)

    @property
    def next_id(self) -> str | None:
        """Name the key that will wrap after the next rotation, when there is one already."""
        return id_of(self._keys.next).hex() if self._keys.next else None

    @property
    def is_settled(self) -> bool:
        """Tell whether the file has stood for so long that every server of this machine follows it."""
        return time.time() - self._path.stat().st_mtime >= self._settle_seconds

    def refresh(self) -> None:
        """Take the keys that the file holds now."""
        keys = self._newer()
        if keys is not None:
            self.sealer.renew(keys)

    def prepare(self) -> None:
        """Make the next key, to be copied to other machines before anything is wrapped with it."""
        with self._held() as keys:
            self._keep(replace(keys, next=keys.next or self._random(KEY_BYTES)))

    def rotate(self) -> None:
        """Let the next key wrap, or a new one; the one before only opens from now on."""
        with self._held() as keys:
            current = keys.next or self._random(KEY_BYTES)
            self._keep(replace(keys, current=current, older=(keys.current, *keys.older), next=None))

    def retire(self, used: Collection[str]) -> None:
        """Remove the older keys but those in use."""
        with self._held() as keys:
            self._keep(replace(keys, older=tuple(key for key in keys.older if id_of(key).hex() in used)))

    @contextmanager
    def _held(self) -> Iterator[ServerKeys]:
        # Two commands at once would each keep a file without the other's key.
        descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield load(self._path)
        finally:
            os.close(descriptor)

    def _keep(self, keys: ServerKeys) -> None:
        save(self._path, keys)
        self._read_at, self._keys = self._stamp(), keys
        self.sealer.renew(keys)

    def _newer(self) -> ServerKeys | None:
        stamp = self._stamp()
        if stamp == self._read_at:
            return None
        self._read_at, self._keys = stamp, load(self._path)
        return self._keys

    def _stamp(self) -> tuple[int, int]:
        # Each file is written anew and takes the place of the one before.
        found = self._path.stat()
        return (found.st_ino, found.st_mtime_ns)
