"""Keeps the demo tenant, whose passwords everyone knows, out of a database that a public server uses."""

import asyncpg

from appointed.store.postgres_pool import connect
from appointed.store.schema import StoreUnusable
from appointed.store.scripts import Script

# Any number will do, as long as nobody else on the server takes it. Public servers share the lock for as long
# as they run; whoever plants a demo tenant needs it alone.
DEMO_LOCK = 7_277_316_835


class DemoGuard:
    """Holds the lock on a connection of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None

    async def stand(self) -> bool:
        """See that the lock is held; True when it had to be taken, so that something may have come before."""
        if self._connection is not None and await _is_alive(self._connection):
            return False
        self._connection = None
        connection = await connect(self._dsn)
        try:
            await connection.execute("SET lock_timeout = '2s'")
            await connection.execute(f"SELECT pg_advisory_lock_shared({DEMO_LOCK})")
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        return True

    async def close(self) -> None:
        """Let go."""
        if self._connection is not None:
            await self._connection.close()


def demand_no_public_server() -> Script[None]:
    """Raise StoreUnusable when a public server uses the database; none starts before the transaction ends."""
    ((is_ours,),) = yield "SELECT pg_try_advisory_xact_lock($1)", (DEMO_LOCK,)
    if not is_ours:
        raise StoreUnusable(
            "the demo tenant, whose passwords everyone knows, is not put into a database"
            " that is used by a server beyond loopback"
        )


async def _is_alive(connection: asyncpg.Connection) -> bool:
    try:
        await connection.execute("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever it is, the lock cannot be relied on
        connection.terminate()
        return False
    return True
