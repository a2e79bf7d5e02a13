"""What states may follow each other, which stamps they set, and who moves what where."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from appointed.domain.errors import MoveRefused, Problem
from appointed.domain.status import (
    COMPLETION,
    HAPPENINGS,
    MOVERS,
    STATUS_OF,
    Happening,
    Mover,
    Status,
    after,
    move_problem,
    stamps,
    step,
    steps,
)
from tests.builders import NOW

S, H = Status, Happening
MOVED = {
    (H.ADMITTED, S.SCHEDULED): S.BEING_SEEN,
    (H.ADMITTED, S.LATE): S.BEING_SEEN,
    (H.ADMITTED, S.WAITING): S.BEING_SEEN,
    (H.MARKED_LATE, S.SCHEDULED): S.LATE,
    (H.MARKED_NO_SHOW, S.SCHEDULED): S.NO_SHOW,
    (H.MARKED_NO_SHOW, S.LATE): S.NO_SHOW,
    (H.MARKED_NO_SHOW, S.WAITING): S.NO_SHOW,
    (H.COMPLETED, S.BEING_SEEN): S.COMPLETE,
    (H.CANCELLED, S.SCHEDULED): S.CANCELLED,
    (H.CANCELLED, S.LATE): S.CANCELLED,
    (H.CANCELLED, S.WAITING): S.CANCELLED,
    (H.CANCELLED, S.BEING_SEEN): S.CANCELLED,
    (H.CLAIMANT_ARRIVED, S.SCHEDULED): S.WAITING,
    (H.CLAIMANT_ARRIVED, S.LATE): S.WAITING,
    (H.CLAIMANT_LEFT, S.WAITING): S.SCHEDULED,
    (H.GRACE_ENDED, S.SCHEDULED): S.LATE,
    (H.NEVER_SEEN, S.SCHEDULED): S.NO_SHOW,
    (H.NEVER_SEEN, S.LATE): S.NO_SHOW,
    (H.WINDOW_CLOSED, S.BEING_SEEN): S.COMPLETE,
    (H.AGENT_JOINED, S.WAITING): S.BEING_SEEN,
    (H.CALL_ENDED, S.BEING_SEEN): S.COMPLETE,
}


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("before", Status)
def test_a_happening_moves_what_it_is_about_and_nothing_else(happening: Happening, before: Status) -> None:
    found = after(before, happening)
    assert found is MOVED.get((happening, before), before)
    assert after(found, happening) is found


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("before", Status)
def test_a_step_that_cannot_be_taken_names_those_that_can(happening: Happening, before: Status) -> None:
    aims = {now for (what, _was), now in MOVED.items() if what is happening}
    if (happening, before) in MOVED or before in aims:
        assert step(before, happening) is MOVED.get((happening, before), before)
        return
    with pytest.raises(MoveRefused) as refused:
        step(before, happening)
    assert refused.value.before is before
    assert refused.value.wanted in aims
    possible = {
        now for (what, was), now in MOVED.items() if was is before and MOVERS[what] is MOVERS[happening]
    }
    assert set(refused.value.allowed) == possible


def test_the_refusal_says_what_is_allowed_and_when_nothing_is() -> None:
    with pytest.raises(MoveRefused) as refused:
        step(S.WAITING, H.COMPLETED)
    (problem,) = refused.value.problems
    assert (problem.path, problem.value, problem.allowed) == (
        "status",
        "complete",
        "being_seen, no_show, cancelled",
    )
    with pytest.raises(MoveRefused) as refused:
        step(S.CANCELLED, H.ADMITTED)
    assert refused.value.problems[0].allowed == "nothing"


def test_every_happening_has_a_mover_and_its_moves() -> None:
    assert set(HAPPENINGS) == set(MOVERS) == set(Happening)
    assert set(MOVERS.values()) == set(Mover)


def test_the_steps_of_an_agent_are_those_of_the_table() -> None:
    assert steps(Mover.AGENT, S.BEING_SEEN) == {H.COMPLETED: S.COMPLETE, H.CANCELLED: S.CANCELLED}
    assert steps(Mover.AGENT, S.CANCELLED) == {}


def test_the_page_about_it_has_the_same_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "life.md").read_text()
    rows = [
        f"| {MOVERS[happening]} | {happening} | {', '.join(moves)} | {', '.join(set(moves.values()))} |"
        for happening, moves in HAPPENINGS.items()
    ]
    assert "\n".join(rows) in page


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("wanted", Status)
def test_only_cancelled_is_final(before: Status, wanted: Status) -> None:
    found = move_problem(before, wanted)
    if before is not S.CANCELLED or wanted is S.CANCELLED:
        assert found is None
    else:
        assert found == Problem("status", "step", wanted, "cancelled")


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


def test_who_comes_again_waits_anew() -> None:
    before: dict[str, datetime | None] = {"arrived_at": NOW - timedelta(hours=1)}
    assert stamps(S.SCHEDULED, S.WAITING, before, NOW) == {"arrived_at": NOW}
    assert stamps(S.WAITING, S.WAITING, before, NOW) == {}
    assert stamps(S.WAITING, S.SCHEDULED, before, NOW) == {}


def test_what_does_not_move_or_never_began_leaves_no_stamp() -> None:
    assert stamps(S.COMPLETE, S.COMPLETE, {}, NOW) == {}
    assert stamps(S.SCHEDULED, S.COMPLETE, {}, NOW) == {"completed_at": NOW}
    assert stamps(S.SCHEDULED, S.LATE, {}, NOW) == {}
