"""What the clock makes of an appointment, to the second."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.call import Window
from appointed.domain.directory import Directory
from appointed.domain.meeting import Meeting
from appointed.domain.participant import Claimant
from appointed.domain.status import Happening, Status
from appointed.domain.timers import TIMED, due, tick
from tests import builders

S, H = Status, Happening
WINDOW = Window(timedelta(minutes=30), timedelta(minutes=60))
MEETING = Meeting(id="m", room_name="room", agent_key="key")
CLAIMANT = Claimant(id=builders.appointment().uid)
INSTANT = timedelta(microseconds=1)
START, END = builders.START, builders.START + timedelta(hours=1)


def row(**changes):
    return builders.appointment(**({"meeting": MEETING, "claimant": CLAIMANT} | changes))


@pytest.mark.parametrize(
    ("status", "at", "happening"),
    [
        (S.SCHEDULED, START + timedelta(minutes=1), H.GRACE_ENDED),
        (S.SCHEDULED, END + timedelta(minutes=10), H.NEVER_SEEN),
        (S.LATE, END + timedelta(minutes=10), H.NEVER_SEEN),
        (S.BEING_SEEN, END + timedelta(minutes=60), H.WINDOW_CLOSED),
    ],
    ids=["late", "no-show without having been late", "no-show", "never ended"],
)
def test_each_grace_ends_to_the_instant(status, at, happening):
    stands = row(status=status)
    assert tick(stands, builders.directory(), WINDOW, at) is happening
    assert tick(stands, builders.directory(), WINDOW, at - INSTANT) is not happening


@pytest.mark.parametrize("status", [S.WAITING, S.COMPLETE, S.NO_SHOW, S.CANCELLED], ids=str)
def test_time_moves_nobody_who_has_come_or_whose_call_is_over(status):
    assert tick(row(status=status), builders.directory(), WINDOW, END + timedelta(days=90)) is None
    assert status not in TIMED


@pytest.mark.clause("SQ-LIFE-timers")
def test_a_departments_own_graces_count():
    patient = replace(builders.directory().departments[1], late_after_minutes=15, no_show_after_minutes=0)
    known = Directory(builders.directory().tenant, 2, {"department": {1: patient}})
    assert tick(row(), known, WINDOW, START + timedelta(minutes=14)) is None
    assert tick(row(), known, WINDOW, START + timedelta(minutes=15)) is H.GRACE_ENDED
    assert tick(row(), known, WINDOW, END) is H.NEVER_SEEN


def test_a_department_that_is_gone_has_the_usual_graces():
    assert due(row(department_id=77), builders.directory(), WINDOW, START + timedelta(minutes=1))


@pytest.mark.parametrize(
    "changes",
    [{"claimant": None}, {"meeting": None}, {"created_at": END + INSTANT}],
    ids=["no claimant", "no meeting", "entered after its end"],
)
def test_rows_without_a_call_are_left_alone(changes):
    assert tick(row(**changes), builders.directory(), WINDOW, END + timedelta(days=1)) is None
