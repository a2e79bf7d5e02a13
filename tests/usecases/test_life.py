"""What agents, claimants, the clock and the meeting server make of an appointment."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.call import Window
from appointed.domain.errors import AppointmentNotFound, MoveRefused
from appointed.domain.meeting import Meeting, Place
from appointed.domain.participant import Claimant
from appointed.domain.status import Happening, Status
from appointed.usecases.change_appointment import Call, Edited
from appointed.usecases.identifiers import seeded
from appointed.usecases.life import (
    leaving,
    let_time_pass,
    moving,
    rescheduling,
    stepping,
    stepping_in_time,
    take_step,
    ticking,
)
from appointed.usecases.meetings import Calls
from tests import builders
from tests.usecases.fake_store import FakeStore

S, H = Status, Happening
WINDOW = Window(timedelta(minutes=30), timedelta(minutes=60))
START, END = builders.START, builders.START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def row(**changes):
    meeting = Meeting(id="m", room_name="room", agent_key="agents")
    values = {"meeting": meeting, "claimant": Claimant(id=builders.appointment().uid)}
    return builders.appointment(**(values | changes))


def edited(edit, before, now):
    return edit(before, builders.view(now)).appointment


@pytest.mark.clause("SQ-LIFE-late", "SQ-LIFE-no-show")
@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        (row(), START, S.SCHEDULED),
        (row(), START + MINUTE, S.LATE),
        (row(status=S.LATE), END + 10 * MINUTE, S.NO_SHOW),
        (row(), END + timedelta(days=3), S.NO_SHOW),
        (row(status=S.WAITING), END + timedelta(days=3), S.WAITING),
        (row(claimant=None), END + timedelta(days=3), S.SCHEDULED),
    ],
    ids=["not yet", "late", "no-show", "after a long stop", "waits", "nobody's"],
)
def test_the_clock_moves_what_is_due(before, now, status):
    after = edited(ticking(WINDOW), before, now)
    assert after == replace(before, status=status)
    assert edited(ticking(WINDOW), after, now) == after


def test_a_call_that_nobody_ended_ended_with_its_window():
    before = row(status=S.BEING_SEEN, session_started_at=START)
    after = edited(ticking(WINDOW), before, END + timedelta(days=3))
    assert after == replace(before, status=S.COMPLETE, session_ended_at=END + 60 * MINUTE)
    began_later = replace(before, session_started_at=END + 90 * MINUTE)
    found = edited(ticking(WINDOW), began_later, END + timedelta(days=3))
    assert found.session_ended_at == END + 90 * MINUTE


def test_a_call_without_a_beginning_gets_no_end():
    after = edited(ticking(WINDOW), row(status=S.BEING_SEEN), END + timedelta(days=3))
    assert (after.status, after.session_ended_at) == (S.COMPLETE, None)


@pytest.mark.clause("SQ-LIFE-leaves")
@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        (row(status=S.WAITING), START - MINUTE, S.SCHEDULED),
        (row(status=S.WAITING), START + 2 * MINUTE, S.LATE),
        (row(status=S.WAITING), END, S.WAITING),
        (row(status=S.WAITING, claimant=None), START, S.WAITING),
        (row(status=S.BEING_SEEN), START + 2 * MINUTE, S.BEING_SEEN),
    ],
    ids=["before the start", "after it", "after the end", "no claimant", "seen"],
)
def test_a_claimant_who_leaves_is_expected_again(before, now, status):
    assert edited(leaving(WINDOW), before, now).status is status


def test_who_is_moved_is_stamped_by_when_it_happened():
    joined, now = START + MINUTE, START + 2 * MINUTE
    before = row(status=S.WAITING)
    seen = edited(moving(H.AGENT_JOINED, joined), before, now)
    assert (seen.status, seen.session_started_at) == (S.BEING_SEEN, joined)
    assert edited(moving(H.CALL_ENDED, START), seen, now) == seen
    ended = edited(moving(H.CALL_ENDED), seen, now)
    assert (ended.status, ended.session_ended_at) == (S.COMPLETE, now)
    assert edited(moving(H.AGENT_JOINED), replace(before, claimant=None), now).status is S.WAITING
    arrived = edited(moving(H.CLAIMANT_ARRIVED), row(), now)
    assert (arrived.status, arrived.session_started_at) == (S.WAITING, None)
    again = replace(seen, status=S.WAITING)
    assert edited(moving(H.AGENT_JOINED, now), again, now).session_started_at == joined


def test_an_agents_step_is_taken_once_and_refused_where_it_leads_nowhere():
    waiting = row(status=S.WAITING)
    admitted = edited(stepping(H.ADMITTED), waiting, START)
    assert admitted.status is S.BEING_SEEN
    assert edited(stepping(H.ADMITTED), admitted, START) == admitted
    with pytest.raises(MoveRefused):
        edited(stepping(H.MARKED_LATE), admitted, START)
    cancelled = edited(stepping(H.CANCELLED, "ill"), waiting, START)
    assert (cancelled.status, cancelled.cancellation_reason) == (S.CANCELLED, "ill")
    assert edited(stepping(H.CANCELLED, "other"), cancelled, START) == cancelled


def test_nobody_is_let_in_before_the_room_opens():
    admit, opens = stepping_in_time(H.ADMITTED, WINDOW), START - WINDOW.before
    for status in (S.SCHEDULED, S.WAITING):
        with pytest.raises(MoveRefused) as refused:
            edited(admit, row(status=status), opens - MINUTE)
        assert (refused.value.wanted, refused.value.allowed) == (S.BEING_SEEN, (S.CANCELLED,))
        assert edited(admit, row(status=status), opens).status is S.BEING_SEEN
    seen = row(status=S.BEING_SEEN)
    assert edited(admit, seen, opens - MINUTE) == seen, "done twice is done"


def test_nobody_has_missed_what_has_not_begun():
    for happening, wanted in ((H.MARKED_LATE, S.LATE), (H.MARKED_NO_SHOW, S.NO_SHOW)):
        mark = stepping_in_time(happening, WINDOW)
        with pytest.raises(MoveRefused) as refused:
            edited(mark, row(), START - MINUTE)
        assert (refused.value.wanted, refused.value.allowed) == (wanted, (S.BEING_SEEN, S.CANCELLED))
        assert edited(mark, row(), START).status is wanted
        marked = row(status=wanted)
        assert edited(mark, marked, START - MINUTE) == marked, "done twice is done"
    assert edited(stepping_in_time(H.CANCELLED, WINDOW), row(), START - MINUTE).status is S.CANCELLED


SOON, NEXT_DAY = START + 20 * MINUTE, START + timedelta(days=1)
MOVED = {
    "late": (S.LATE, SOON, S.SCHEDULED),
    "missed": (S.NO_SHOW, NEXT_DAY, S.SCHEDULED),
    "waits, another day": (S.WAITING, NEXT_DAY, S.SCHEDULED),
    "waits, in a moment": (S.WAITING, SOON, S.WAITING),
    "missed, another past time": (S.NO_SHOW, START - MINUTE, S.NO_SHOW),
    "the same time": (S.NO_SHOW, START, S.NO_SHOW),
    "over": (S.COMPLETE, NEXT_DAY, S.COMPLETE),
}


@pytest.mark.parametrize("name", MOVED)
def test_who_gets_a_coming_time_is_expected_anew(name):
    status, starts_at, expected = MOVED[name]

    def edit(before, _view):
        return Edited(replace(before, starts_at=starts_at, ends_at=starts_at + 60 * MINUTE), ("x",))

    made = rescheduling(edit, WINDOW)(row(status=status), builders.view(START - 30 * timedelta(seconds=1)))
    assert (made.appointment.status, made.appointment.starts_at) == (expected, starts_at)
    assert made.ignored == ("x",)


async def test_a_step_goes_the_way_of_every_change():
    store = FakeStore(rows={10: row(status=S.WAITING)})
    call = Call(principal=builders.principal(), door="test", ids=seeded("step"))
    outcome = await take_step(store, call, 10, H.ADMITTED)
    assert outcome.rows[0].status is S.BEING_SEEN
    assert store.rows[10].session_started_at == builders.NOW


async def test_time_passes_by_the_servers_own_hand():
    past = builders.NOW - timedelta(hours=3)
    store = FakeStore(rows={10: row(starts_at=past, ends_at=past, created_at=past - MINUTE)})
    await let_time_pass(store, seeded("time"), 1, 10, WINDOW)
    (change,) = store.changes
    assert (change.principal.associate_id, change.door) == (0, "clock")
    assert store.rows[10].status is S.NO_SHOW


async def test_a_claimants_page_says_who_has_gone():
    store = FakeStore(rows={10: row(status=S.WAITING)})
    calls = Calls(store=store, clock=lambda: builders.NOW, ids=seeded("leave"), window=WINDOW)
    await calls.leave(str(Place(1, 10, "key")))
    assert store.rows[10].status is S.SCHEDULED
    with pytest.raises(AppointmentNotFound):
        await calls.leave(str(Place(1, 10, "other")))
