"""The server's own keys, which lie in a file and never in the database."""

import os
import secrets
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_FILE = "sealing.toml"
KEY_BYTES = 32
ID_BYTES = 4
OWNER_ONLY = 0o600
OTHERS = 0o077

RandomBytes = Callable[[int], bytes]


class KeyFileError(Exception):
    """The key file cannot be used; the message says why and what to do."""


class ServerKeys(msgspec.Struct, frozen=True):
    """`current` wraps new keys, `older` still open what they wrapped; `lasting` never changes.

    `next` opens too, so that all machines know it before the first of them wraps with it. `lasting` keys
    what must stay the same when the others are changed: search hashes and the like.
    """

    current: bytes
    lasting: bytes
    older: tuple[bytes, ...] = ()
    next: bytes | None = None

    @property
    def opening(self) -> tuple[bytes, ...]:
        """List all keys that open something."""
        return (*self.older, *((self.next,) if self.next else ()), self.current)

    def __repr__(self) -> str:
        """Name the keys, and show none: this may end up in a log."""
        older = ", ".join(id_of(key).hex() for key in self.older)
        return f"ServerKeys(current={id_of(self.current).hex()}, older=[{older}])"

    def derive(self, purpose: str) -> bytes:
        """Derive a key of 32 bytes that is good for one purpose only."""
        return derived(self.lasting, purpose)


def derived(key: bytes, purpose: str) -> bytes:
    """Derive a key for one purpose from another key (RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"appointed " + purpose.encode()).derive(key)


def id_of(key: bytes) -> bytes:
    """Give four bytes by which a key is told from others; they say nothing of it."""
    digest = Hash(SHA256())
    digest.update(b"appointed key id " + key)
    return digest.finalize()[:ID_BYTES]


def load_or_create(folder: Path, random_bytes: RandomBytes = secrets.token_bytes) -> ServerKeys:
    """Read the keys in a folder, or make them and the folder when there are none; raises KeyFileError."""
    path = folder / KEY_FILE
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path, random_bytes)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be made: {error}") from error
    return load(path)


def load(path: Path) -> ServerKeys:
    """Read a key file; raises KeyFileError when others can read it, or it is broken."""
    try:
        if path.stat().st_mode & OTHERS:
            raise KeyFileError(f"{path} can be read by others: chmod 600 it.")
        values = tomllib.loads(path.read_text())
        keys = ServerKeys(
            current=bytes.fromhex(values["current"]),
            lasting=bytes.fromhex(values["lasting"]),
            older=tuple(bytes.fromhex(text) for text in values.get("older", [])),
            next=bytes.fromhex(values["next"]) if "next" in values else None,
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise KeyFileError(f"{path} cannot be read as a key file: {error}") from error
    if {len(key) for key in (keys.lasting, *keys.opening)} != {KEY_BYTES}:
        raise KeyFileError(f"{path} holds a key that has not {KEY_BYTES} bytes.")
    return keys


def _create(path: Path, random_bytes: RandomBytes) -> None:
    keys = ServerKeys(current=random_bytes(KEY_BYTES), lasting=random_bytes(KEY_BYTES))
    # Written beside and linked, so that of two processes that start at once one file wins, whole.
    draft = _draft(path, keys)
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _keep_name(path.parent)


def save(path: Path, keys: ServerKeys) -> None:
    """Put other keys into a key file, so that whoever reads it finds the old or the new, whole."""
    _draft(path, keys).replace(path)
    _keep_name(path.parent)


def _draft(path: Path, keys: ServerKeys) -> Path:
    older = ", ".join(f'"{key.hex()}"' for key in keys.older)
    lines = [f"older = [{older}]", f'current = "{keys.current.hex()}"', f'lasting = "{keys.lasting.hex()}"']
    lines += [f'next = "{keys.next.hex()}"'] if keys.next else []
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join([*lines, ""]))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # A full disk leaves half a key, which is nobody's.
        draft.unlink()
        raise
    return draft


def _keep_name(folder: Path) -> None:
    # A file whose name is lost with the power is a lost key, and all that it sealed with it.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
