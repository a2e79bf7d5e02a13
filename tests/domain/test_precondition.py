"""What the caller last saw (RFC 9110 §13.2.2)."""

from datetime import timedelta

import pytest

from appointed.domain.errors import PreconditionFailed
from appointed.domain.precondition import Precondition
from tests.builders import NOW, appointment

FLOOR = NOW.replace(microsecond=0)
ROW = appointment(revision=7, updated_at=FLOOR)
SHARED = appointment(revision=7, updated_at=FLOOR, is_second_shared=True)

HOLDS = [
    (ROW, Precondition()),
    (ROW, Precondition(if_match=(6, 7))),
    (ROW, Precondition(if_match_any=True)),
    (ROW, Precondition(unmodified_since=FLOOR)),
    (ROW, Precondition(unmodified_since=FLOOR + timedelta(seconds=1))),
    (ROW, Precondition(if_match=(7,), unmodified_since=FLOOR - timedelta(days=1))),
    (ROW, Precondition(if_match_any=True, unmodified_since=FLOOR - timedelta(days=1))),
    (ROW, Precondition(if_none_match=(6,))),
    (SHARED, Precondition(unmodified_since=FLOOR + timedelta(seconds=1))),
    (appointment(created_at=NOW), Precondition(unmodified_since=FLOOR)),
]

FAILS = [
    (ROW, Precondition(if_match=(6,))),
    (ROW, Precondition(if_match=())),
    (ROW, Precondition(unmodified_since=FLOOR - timedelta(seconds=1))),
    (ROW, Precondition(if_none_match=(7,))),
    (ROW, Precondition(if_none_match_any=True)),
    (SHARED, Precondition(unmodified_since=FLOOR)),
]


@pytest.mark.parametrize(("row", "precondition"), HOLDS)
def test_holds(row, precondition) -> None:
    precondition.demand(row)


@pytest.mark.parametrize(("row", "precondition"), FAILS)
def test_fails_and_tells_the_revision(row, precondition) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        precondition.demand(row)
    assert caught.value.revision == 7
