"""SQLite keeps the plan of a statement whatever values come: planning cost a third of each change's search."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from appointed.store.migrations import migrate_sqlite
from appointed.store.plan import Probe
from appointed.store.sqlite_batch import SqliteBatch
from appointed.store.sqlite_files import open_writer

START = datetime(2030, 1, 7, 9, tzinfo=UTC)


def a_probe(number: int) -> Probe:
    starts_at = START + timedelta(hours=number)
    return Probe(1, number, 1, number, 0, starts_at, starts_at + timedelta(hours=1))


@pytest.fixture
def writer(tmp_path: Path) -> apsw.Connection:
    path = tmp_path / "appointed.db"
    migrate_sqlite(path)
    return open_writer(path)


def test_a_look_for_conflicts_is_planned_once(writer: apsw.Connection) -> None:
    planned: list[int] = []

    def permit(*asked: object) -> int:
        planned.append(len(asked))
        return apsw.SQLITE_OK

    batch = SqliteBatch(writer, lambda _tenant_id: None)
    # The engine asks it whenever it plans a statement; those that it has are then planned once more.
    writer.authorizer = permit
    batch.has_conflict(a_probe(0))
    assert planned
    planned.clear()
    for number in range(1, 4):
        batch.has_conflict(a_probe(number))
    writer.close()
    assert planned == []
