"""The table of waits: days in all, each longer than the one before, and an end."""

from datetime import UTC, datetime, timedelta

from appointed.domain.retries import QUICK_WAITS, ROUND_WAITS, next_round

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_waits_never_shrink_and_make_days() -> None:
    assert QUICK_WAITS == (1.0, 4.0)
    assert list(ROUND_WAITS) == sorted(ROUND_WAITS)
    assert timedelta(days=5) < timedelta(seconds=sum(ROUND_WAITS)) < timedelta(days=7)


def test_a_wait_is_a_random_part_of_its_longest() -> None:
    assert next_round(1, NOW, 1.0) == NOW + timedelta(seconds=30)
    assert next_round(2, NOW, 0.5) == NOW + timedelta(seconds=30)
    assert next_round(1, NOW, 0.0) == NOW + timedelta(seconds=1)


def test_after_the_last_round_there_is_none() -> None:
    assert next_round(len(ROUND_WAITS), NOW, 1.0) is not None
    assert next_round(len(ROUND_WAITS) + 1, NOW, 1.0) is None
