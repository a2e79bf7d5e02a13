"""What states may follow each other, which stamps they set, and what happenings move."""

from datetime import datetime, timedelta

import pytest

from appointed.domain.status import COMPLETION, STATUS_OF, Happening, Status, after, may_move, stamps
from tests.builders import NOW

S = Status
MOVED = {
    (Happening.CLAIMANT_ARRIVED, S.SCHEDULED): S.WAITING,
    (Happening.CLAIMANT_ARRIVED, S.LATE): S.WAITING,
    (Happening.AGENT_JOINED, S.WAITING): S.BEING_SEEN,
    (Happening.CALL_ENDED, S.BEING_SEEN): S.COMPLETE,
}


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("before", Status)
def test_a_happening_moves_what_it_is_about_and_nothing_else(happening: Happening, before: Status) -> None:
    assert after(before, happening) is MOVED.get((happening, before), before)


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("wanted", Status)
def test_only_cancelled_is_final(before: Status, wanted: Status) -> None:
    assert may_move(before, wanted) is (before is not S.CANCELLED or wanted is S.CANCELLED)


def test_each_step_of_a_diary_stands_for_a_state_of_that_step() -> None:
    assert {COMPLETION[status] for status in STATUS_OF.values()} == set(STATUS_OF)
    assert all(COMPLETION[status] is step for step, status in STATUS_OF.items())


def test_stamps_are_set_once() -> None:
    earlier = NOW - timedelta(hours=1)
    assert stamps(S.WAITING, S.BEING_SEEN, {}, NOW) == {"session_started_at": NOW}
    assert stamps(S.WAITING, S.BEING_SEEN, {"session_started_at": earlier}, NOW) == {}
    begun: dict[str, datetime | None] = {"session_started_at": earlier}
    assert stamps(S.BEING_SEEN, S.COMPLETE, begun, NOW) == {"session_ended_at": NOW, "completed_at": NOW}
    assert stamps(S.SCHEDULED, S.CANCELLED, {}, NOW) == {"cancelled_at": NOW, "completed_at": NOW}


def test_what_does_not_move_or_never_began_leaves_no_stamp() -> None:
    assert stamps(S.COMPLETE, S.COMPLETE, {}, NOW) == {}
    assert stamps(S.SCHEDULED, S.COMPLETE, {}, NOW) == {"completed_at": NOW}
    assert stamps(S.SCHEDULED, S.LATE, {}, NOW) == {}
