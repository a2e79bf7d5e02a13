"""Moves the write-ahead log into the SQLite file, in a thread and on a connection of its own."""

import threading
from pathlib import Path

import apsw

from appointed.store.sqlite_files import open_writer

# Pages of 4 kB in the log from which it is moved.
WORTH_MOVING = 4_000


class Checkpointer:
    """Works when the log has grown; `gate` is held by the writer during each transaction."""

    def __init__(self, path: Path) -> None:
        self.gate = threading.Lock()
        self._is_stopping = False
        self._wake = threading.Event()
        self._connection = open_writer(path)
        self._thread = threading.Thread(target=self._serve, name="appointed-checkpoint", daemon=True)
        self._thread.start()

    def notice(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        """Take note of the log's length after a commit."""
        if pages >= WORTH_MOVING:
            self._wake.set()
        return apsw.SQLITE_OK

    def stop(self) -> None:
        """Move what is left, empty the log and close; blocks."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()
        self._move(apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self._connection.close()

    def _serve(self) -> None:
        while self._wake.wait() and not self._is_stopping:
            self._wake.clear()
            self._move(apsw.SQLITE_CHECKPOINT_PASSIVE)
            # While commits go on the log never ends; the little that came since is moved between two of them,
            # and the next one starts the log anew.
            with self.gate:
                self._move(apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _move(self, mode: int) -> None:
        try:
            self._connection.wal_checkpoint(mode=mode)
        except apsw.Error:
            # The log keeps everything; the next commit asks again, and says so when the disk is at its end.
            return
