"""The files of a SQLite store: one server at a time, on a local disk, opened safely."""

import fcntl
import os
from pathlib import Path

import apsw

from appointed.store.schema import StoreInUse, StoreUnusable

# File systems on which locks or mapped memory cannot be trusted (SQLite, "How To Corrupt", §2).
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "lustre", "afs", "fuse.sshfs", "fuse.glusterfs"}
)
MOUNTS = Path("/proc/mounts")
RUNNING, STOPPED = b"running\n", b"stopped\n"
PROFILE = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)
# Checkpoints run on a connection of their own; the writer would stop for them.
WRITER = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 0")


class FileLock:
    """Holds `<file>.lock` while the store is open, and knows whether the last holder stopped cleanly."""

    def __init__(self, path: Path) -> None:
        lock = path.with_name(path.name + ".lock")
        self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise StoreInUse(f"{path} is in use: another process holds {lock}") from error
        self.was_clean = os.pread(self._descriptor, len(RUNNING), 0) != RUNNING
        os.pwrite(self._descriptor, RUNNING, 0)

    def release(self, *, is_clean: bool = True) -> None:
        """Let others open the store."""
        if is_clean:
            os.pwrite(self._descriptor, STOPPED, 0)
        os.close(self._descriptor)


def demand_local(path: Path, mounts: str | None = None) -> None:
    """Raise StoreUnusable for a path on a network file system, as far as `mounts` tells."""
    if mounts is None:
        mounts = MOUNTS.read_text() if MOUNTS.exists() else ""
    folder = str(path.parent.resolve())
    best = ("", "")
    for line in mounts.splitlines():
        _device, point, kind, *_rest = line.split(" ")
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, kind)
    if best[1] in NETWORK:
        raise StoreUnusable(f"{path} lies on {best[1]} at {best[0]}: a SQLite store needs a local disk")


def open_writer(path: Path) -> apsw.Connection:
    """Open the one connection that writes."""
    return _opened(_keeping_plans(path, apsw.SQLITE_OPEN_READWRITE), (*PROFILE, *WRITER))


def open_reader(path: Path) -> apsw.Connection:
    """Open a connection that cannot write; its statements go by indexes that are right for any value."""
    return _opened(_keeping_plans(path, apsw.SQLITE_OPEN_READONLY), (*PROFILE, "PRAGMA query_only = ON"))


def schema_of(path: Path) -> str | None:
    """Tell the schema a file has; None for an empty one."""
    if not path.exists():
        return None
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        has_table = connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
        ).fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if has_table else None
    finally:
        connection.close()
    return row[0] if row else None


def _keeping_plans(path: Path, flags: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags)
    # Else the planner looks at the values, and plans a kept statement anew for each of its rows.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection


def _opened(connection: apsw.Connection, statements: tuple[str, ...]) -> apsw.Connection:
    for statement in statements:
        connection.execute(statement).fetchall()
    return connection
