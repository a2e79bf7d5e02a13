"""Climbs the steps of the schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from appointed.store.schema import HEAD, KNOWN, StoreUnusable, unknown_schema, unreadable_url

# Any number will do, as long as nobody else on the server takes it.
MIGRATION_LOCK = 7_277_316_834
# PostgreSQL ends autovacuum of a table for whoever has waited longer than `deadlock_timeout` (1 s).
LOCK_TIMEOUT = "1500ms"


def migrate_sqlite(path: Path) -> None:
    """Bring a SQLite file to the newest schema in one transaction; raises StoreUnusable."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", _prepare_sqlite)
    try:
        _climb_sqlite(engine)
    except DBAPIError as error:
        raise StoreUnusable(f"{path} cannot be migrated: {error.orig}") from error
    finally:
        engine.dispose()


def _climb_sqlite(engine: Engine) -> None:
    with engine.connect() as connection:
        # The driver would commit before each CREATE; only our own BEGIN makes all steps one.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            _upgrade(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def migrate_postgres(dsn: str) -> None:
    """Bring a PostgreSQL database to the newest schema; others wait at an advisory lock.

    Raises StoreUnusable.
    """
    try:
        engine = create_engine(driver_url(dsn), poolclass=NullPool)
    except (ValueError, ArgumentError) as error:
        raise unreadable_url() from error
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            _upgrade(connection)
    except DBAPIError as error:
        raise StoreUnusable(f"the database cannot be migrated: {error.orig}") from error
    finally:
        engine.dispose()


def driver_url(dsn: str) -> str:
    """Name the synchronous driver in a PostgreSQL URL."""
    scheme, separator, rest = dsn.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        raise ValueError("a PostgreSQL URL begins with postgresql://")
    return f"postgresql+psycopg://{rest}"


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    found = _found(connection)
    if found is not None and found not in KNOWN:
        raise unknown_schema(found)
    if found == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)


def _found(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
