"""Revisions and the whole seconds that stand for them."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.domain.revision import advance
from tests.builders import NOW, appointment

FLOOR = NOW.replace(microsecond=0)


def test_first_change_is_a_second_after_creation() -> None:
    row = appointment(created_at=NOW)
    after = advance(row, replace(row, title="x"), NOW, by=2)
    assert (after.revision, after.updated_at, after.updated_by) == (2, FLOOR + timedelta(seconds=1), 2)


def test_each_revision_has_a_second_of_its_own_up_to_a_minute_ahead() -> None:
    row = appointment(created_at=NOW)
    seconds = []
    for _ in range(60):
        row = advance(row, row, NOW, by=2)
        seconds.append(row.updated_at)
    assert seconds == [FLOOR + timedelta(seconds=n) for n in range(1, 61)]
    assert not row.is_second_shared


def test_past_a_minute_ahead_the_second_repeats_and_is_marked() -> None:
    row = appointment(created_at=NOW, updated_at=FLOOR + timedelta(seconds=60), revision=61)
    after = advance(row, row, NOW, by=2)
    assert (after.updated_at, after.is_second_shared, after.revision) == (row.updated_at, True, 62)


def test_the_mark_goes_when_the_clock_catches_up() -> None:
    row = appointment(created_at=NOW, updated_at=FLOOR + timedelta(seconds=60), is_second_shared=True)
    after = advance(row, row, NOW + timedelta(seconds=90), by=2)
    assert after.updated_at == FLOOR + timedelta(seconds=90)
    assert not after.is_second_shared


def test_updated_at_has_whole_seconds() -> None:
    row = appointment(created_at=NOW - timedelta(days=1))
    after = advance(row, row, NOW, by=2)
    assert after.updated_at == FLOOR
