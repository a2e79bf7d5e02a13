"""The numbered steps of the schema, the same for both engines.

What climbs them is loaded by whoever has a step to climb: it takes longer to load than the rest of the store.
"""

from pathlib import Path


def migrate_sqlite(path: Path) -> None:
    """Bring a SQLite file to the newest schema in one transaction; raises StoreUnusable."""
    from appointed.store.migrations import climb  # noqa: PLC0415 - most starts have no step to climb

    climb.migrate_sqlite(path)


def migrate_postgres(dsn: str) -> None:
    """Bring a PostgreSQL database to the newest schema; others wait at an advisory lock.

    Raises StoreUnusable.
    """
    from appointed.store.migrations import climb  # noqa: PLC0415 - a server has no step to climb at all

    climb.migrate_postgres(dsn)
