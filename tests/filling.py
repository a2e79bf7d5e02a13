"""Many appointments at once, past the store: the same rows straight into the real tables of either engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import asyncpg

from appointed.domain.appointment import Appointment
from appointed.domain.status import Status
from appointed.store.document import to_row
from appointed.store.schema import COLUMNS, index_values
from appointed.store.sqlite_batch import to_sqlite

OWNERS, DEPARTMENTS, CONTACTS, PROJECTS = 50, 5, 5_000, 500
FIRST = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
STEP = timedelta(minutes=30)
TEXT = "Agreed by phone; bring the papers that were asked for, and the earlier letter. " * 6
Values = tuple[Any, ...]


def a_row(number: int) -> Appointment:
    """Give the row of a number from 1: every half hour each owner has one, every tenth with a contact."""
    starts_at = FIRST + number // OWNERS * STEP
    return Appointment(
        tenant_id=1,
        id=number,
        uid=UUID(int=number),
        reference=f"FILL{number}",
        link_key="key",
        owner_id=number % OWNERS + 1,
        department_id=number % DEPARTMENTS + 1,
        starts_at=starts_at,
        ends_at=starts_at + STEP,
        created_at=FIRST - timedelta(days=365) + timedelta(seconds=number),
        created_by=1,
        status=Status.WAITING if number % 20 == 0 else Status.SCHEDULED,
        title=f"Meeting {number}",
        description=TEXT,
        contact_id=number // 10 % CONTACTS + 1 if number % 10 == 0 else 0,
        project_id=number // 100 % PROJECTS + 1 if number % 100 == 0 else 0,
    )


async def fill(place: Path | str, count: int) -> None:
    """Add so many rows to tenant 1 of a SQLite file or a PostgreSQL database, with the statistics they need."""
    if isinstance(place, Path):
        _fill_sqlite(place, count)
    else:
        await _fill_postgres(place, count)


def _values(count: int) -> Iterator[Values]:
    for number in range(1, count + 1):
        row = a_row(number)
        yield (1, number, *index_values(row, None), row.revision, row.updated_at, to_row(row, None).body)


def _fill_sqlite(path: Path, count: int) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
    places = ", ".join("?" * len(COLUMNS))
    with connection, _without_indexes(connection):
        connection.executemany(
            f"INSERT INTO appointment ({', '.join(COLUMNS)}) VALUES ({places})",
            (tuple(map(to_sqlite, values)) for values in _values(count)),
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def _without_indexes(connection: apsw.Connection) -> Iterator[None]:
    made = (
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'appointment' AND sql <> ''"
    )
    indexes = connection.execute(made).fetchall()
    statistics = connection.execute("SELECT tbl, idx, stat FROM sqlite_stat1").fetchall()
    for name, _sql in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _name, sql in indexes:
        connection.execute(str(sql))
    connection.execute("DELETE FROM sqlite_stat1")
    connection.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", statistics)


async def _fill_postgres(dsn: str, count: int) -> None:
    connection = await asyncpg.connect(dsn)
    made = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'appointment'"
        " AND indexname <> 'appointment_pkey' ORDER BY indexname"
    )
    indexes = await connection.fetch(made)
    async with connection.transaction():
        for name, _sql in indexes:
            await connection.execute(f"DROP INDEX {name}")
        await connection.copy_records_to_table("appointment", columns=COLUMNS, records=_values(count))
        for _name, sql in indexes:
            await connection.execute(sql)
    await connection.execute("VACUUM (ANALYZE) appointment")
    await connection.close()
