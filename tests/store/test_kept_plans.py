"""SQLite keeps the plan of a statement whatever values come: planning costs more than running it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from appointed.store import scripts
from appointed.store.diary_scripts import DiaryScripts
from appointed.store.migrations import migrate_sqlite
from appointed.store.plan import Probe
from appointed.store.sqlite import play
from appointed.store.sqlite_batch import SPELLING, SqliteBatch
from appointed.store.sqlite_files import open_reader, open_writer
from appointed.usecases.ports import Time

START = datetime(2030, 1, 7, 9, tzinfo=UTC)


def a_probe(number: int) -> Probe:
    starts_at = START + timedelta(hours=number)
    return Probe(1, number, 1, number, 0, starts_at, starts_at + timedelta(hours=1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "appointed.db"
    migrate_sqlite(path)
    return path


def plans_after_the_first(connection: apsw.Connection, run: Callable[[int], object]) -> list[int]:
    """Run something with four values; gives what was planned for the last three."""
    planned: list[int] = []

    def permit(*asked: object) -> int:
        planned.append(len(asked))
        return apsw.SQLITE_OK

    # The engine asks it whenever it plans a statement; those that it has are then planned once more.
    connection.authorizer = permit
    run(0)
    assert planned
    planned.clear()
    for number in range(1, 4):
        run(number)
    connection.close()
    return planned


def test_a_look_for_conflicts_is_planned_once(path: Path) -> None:
    writer = open_writer(path)
    batch = SqliteBatch(writer, lambda _tenant_id: None)
    assert plans_after_the_first(writer, lambda number: batch.has_conflict(a_probe(number))) == []


def test_reading_a_row_is_planned_once(path: Path) -> None:
    reader = open_reader(path)
    statement = scripts.read_text("id", SPELLING.day)

    def read(number: int) -> object:
        return play(scripts.one(statement, (1, number, True)), reader)

    assert plans_after_the_first(reader, read) == []


def test_what_blocks_a_time_is_planned_once(path: Path) -> None:
    reader = open_reader(path)
    diary = DiaryScripts(SPELLING)

    def look(number: int) -> object:
        starts_at = START + timedelta(hours=number)
        time = Time(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        return play(diary.busy(1, [number + 1], time), reader)

    assert plans_after_the_first(reader, look) == []
