"""Connections to PostgreSQL: how they are opened, how they end, and what their errors mean."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from appointed.domain.errors import OutcomeUnknown, StorageFull, StoreBusy
from appointed.store.plan import LostRace

CONNECT_SECONDS = 2.0
ACQUIRE_SECONDS = 1.0
MOST_CONNECTIONS = 8
MOST_SEARCHES = 4
SETTINGS = {
    "application_name": "appointed",
    "timezone": "UTC",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "tcp_user_timeout": "4s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    # Statements are planned ahead, perhaps while tables are still small, so nothing that reads a whole table
    # or index may look cheap.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
}
# All changes of a process pass the writer: it does not wait longer for a lock that somebody else holds.
WRITER_SETTINGS = {**SETTINGS, "lock_timeout": "500ms"}
# A search may look for what is rare or for what nearly every row has, so it is planned for its very values.
SEARCH_SETTINGS = SETTINGS | {"plan_cache_mode": "force_custom_plan", "enable_bitmapscan": "on"}
STATEMENTS_KEPT = 256
# Then a statement is planned anew, for the size that its tables have by now.
PLAN_SECONDS = 10
# A commit that did not reach its standbys is reported as done, beside one of these warnings.
SYNC_WARNINGS = frozenset({"01000", "57P01"})

# The server or the way to it is gone; the transaction can be run again on a new connection.
GONE: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # What the driver says when the server took leave while nobody listened, and the end is not yet noticed.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# Another transaction came first; a new try sees what it left.
RACED: tuple[type[Exception], ...] = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
    LostRace,
)
BUSY: tuple[type[Exception], ...] = (*RACED, asyncpg.QueryCanceledError)


class Quiet(asyncpg.Connection):
    """A connection that needs no cleaning between uses: all work runs in transactions of its own."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Spare the round trip."""
        return ""


async def connect(dsn: str) -> Quiet:
    """Open the writer's connection, to the server that takes writes."""
    connection: Quiet = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, **_options(WRITER_SETTINGS))
    return connection


async def open_pool(dsn: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Open the connections for everything but the writer."""
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=CONNECT_SECONDS,
        max_inactive_connection_lifetime=600,
        **_options(SETTINGS),
    )


async def open_search_pool(dsn: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Prepare for connections for searches; the first search opens one."""
    return await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=MOST_SEARCHES,
        timeout=CONNECT_SECONDS,
        max_inactive_connection_lifetime=600,
        **_options(SEARCH_SETTINGS),
    )


def _options(settings: dict[str, str]) -> dict[str, Any]:
    return {
        "connection_class": Quiet,
        "server_settings": settings,
        "target_session_attrs": "read-write",
        "statement_cache_size": STATEMENTS_KEPT,
        "max_cached_statement_lifetime": PLAN_SECONDS,
        "max_cacheable_statement_size": 0,
    }


@asynccontextmanager
async def borrowed(pool: "asyncpg.Pool[asyncpg.Record]") -> AsyncIterator[Any]:
    """Lend a connection; raises StoreBusy when none is free in time."""
    try:
        connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
    except GONE as error:
        raise StoreBusy from error
    try:
        yield connection
    finally:
        await pool.release(connection)


async def commit(connection: Any, seconds: float) -> None:
    """Commit; raises OutcomeUnknown when no clear answer comes in so many seconds.

    A commit is never cancelled: a cancelled one may be reported as done and still be lost.
    """
    warnings: list[str] = []

    def note(_connection: Any, message: Any) -> None:
        warnings.append(message.sqlstate)

    connection.add_log_listener(note)
    task = asyncio.ensure_future(connection.execute("COMMIT"))
    done, _pending = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(_ignore)
        connection.terminate()
        raise OutcomeUnknown
    connection.remove_log_listener(note)
    error = task.exception()
    if error is not None:
        raise OutcomeUnknown from error
    if SYNC_WARNINGS.intersection(warnings):
        raise OutcomeUnknown
    if task.result() != "COMMIT":
        raise LostRace


async def roll_back(connection: Any) -> None:
    """Undo the transaction; a connection on which that fails is dropped."""
    try:
        if not connection.is_closed() and connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        connection.terminate()


def is_gone(error: BaseException) -> bool:
    """Tell whether the server, or the way to it, is gone."""
    # The driver's complaints about values are of the same class as those about a closed connection.
    return isinstance(error, GONE) and not isinstance(error, ValueError)


def told(error: Exception) -> Exception:
    """Say to the caller what a database error means."""
    if isinstance(error, asyncpg.DiskFullError):
        return StorageFull()
    return StoreBusy() if is_gone(error) or isinstance(error, BUSY) else error


@contextmanager
def telling() -> Iterator[None]:
    """Raise what an error means to the caller instead of the error."""
    try:
        yield
    except Exception as error:
        meaning = told(error)
        if meaning is error:
            raise
        raise meaning from error


def _ignore(task: "asyncio.Task[str]") -> None:
    task.exception()
