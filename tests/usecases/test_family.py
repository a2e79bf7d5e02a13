"""Series and bookings through the use cases: how far a change goes, who is told, what is refused."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import BookingType
from appointed.domain.errors import InvalidAppointment, StoreBusy, TimeHeld
from appointed.domain.meeting import Meeting
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.recurrence import Series
from appointed.domain.series import Reach
from appointed.domain.status import Status
from appointed.usecases.answer_invitation import Said, answer_invitation
from appointed.usecases.change_appointment import TRIES, Call, Edited, change_appointment, delete_appointment
from appointed.usecases.create_appointment import blank, create_appointment, new_names
from appointed.usecases.ports import ByFamily, ById, NoRows
from tests.builders import ADMIN, KARI, NOW, OLA, ROOM, principal
from tests.usecases.families import FIRST, GUESTS, HOUR, IDS, OWNER, WEEKLY, Ledger, ruled

MONDAYS = ["2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"]
TUESDAYS = ["2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07"]
S = InvitationStatus


def paths(refused: InvalidAppointment) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in refused.problems]


async def test_a_booking_of_a_series_has_a_row_for_each_guest_and_date() -> None:
    store = Ledger()
    first = await store.create(KARI, ROOM, 0, rule=WEEKLY)
    assert store.days() == MONDAYS
    assert first == store.masters()[0]
    assert {row.series_id for row in store.rows.values()} == {first.series_id}
    assert first.series_id > 0
    for guest in (KARI, ROOM):
        assert [row.mother_id for row in store.guests(guest)] == [row.id for row in store.masters()]
    assert store.statuses(KARI) == ["invitation"] * 4
    assert store.statuses(ROOM) == ["accepted"] * 4
    names = [(row.uid, row.reference, row.link_key) for row in store.rows.values()]
    assert all(len(set(column)) == 12 for column in zip(*names, strict=True))
    # A long change waits for nobody and nobody waits for it; nothing was there to be locked.
    assert [(change.scope, change.alone) for change in store.changes] == [(NoRows(), False), (NoRows(), True)]


async def test_each_occurrence_has_a_room_of_its_own_and_guests_have_none() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY, meeting=Meeting(id="m", room_name="r", agent_key="k"))
    meetings = [row.meeting for row in store.masters()]
    assert all(meetings)
    assert len({meeting.room_name for meeting in meetings if meeting}) == 4
    assert [row.meeting for row in store.guests(KARI)] == [None] * 4


async def test_an_appointment_of_ones_own_needs_no_family() -> None:
    store = Ledger()
    row = await store.create()
    await store.set(row, title="New", reach=Reach.ALL)
    assert (row.mother_id, row.booking_type) == (0, BookingType.NONE)
    assert [type(change.scope) for change in store.changes] == [NoRows, ById]


async def test_without_names_for_new_rows_a_call_makes_one_row_or_says_that_it_cannot() -> None:
    store = Ledger()
    call = Call(principal=principal(OLA), door="test")

    def make(names, view):
        return Edited(replace(blank(names, view, 1, OLA, OLA, FIRST), participants=(OWNER, GUESTS[KARI])))

    outcome = await create_appointment(store, call, new_names(IDS, NOW), make)
    assert list(store.rows) == [outcome.rows[0].id]
    row = await store.create(KARI)
    with pytest.raises(TypeError, match="source of names"):
        await change_appointment(
            store, call, row.id, lambda before, _view: Edited(replace(before, title="X"))
        )
    with pytest.raises(TypeError, match="source of names"):
        await delete_appointment(store, call, row.id)


async def test_a_guest_who_is_invited_later_makes_a_single_row_a_booking() -> None:
    store = Ledger()
    row = await store.create()
    outcome = await store.set(row, participants=(OWNER, GUESTS[KARI]))
    assert outcome.rows[0].id == row.id
    assert outcome.rows[0].booking_type is BookingType.OWNER
    assert store.statuses(KARI) == ["invitation"]


async def test_a_guest_who_comes_back_has_one_row() -> None:
    store = Ledger()
    row = await store.create(KARI)
    guest = store.guests(KARI)[0]
    store.rows[guest.id] = replace(guest, invitation_status=S.SEEN)
    await store.set(row, participants=(OWNER,))
    assert store.statuses(KARI) == ["cancelled"]
    await store.set(row, participants=(OWNER, replace(GUESTS[KARI], key=9)))
    assert [(row.id, row.invitation_status) for row in store.guests(KARI)] == [(guest.id, S.INVITATION)]


async def test_a_change_of_a_booking_runs_on_all_of_its_rows() -> None:
    store = Ledger()
    row = await store.create(KARI)
    await store.set(row, title="New")
    assert store.guests(KARI)[0].title == "New"
    assert [change.scope for change in store.changes[1:]] == [ById((row.id,)), ByFamily(row.id)]
    assert not store.changes[-1].alone


async def test_who_was_invited_once_stays_with_the_series_that_the_row_goes_to() -> None:
    store = Ledger()
    row = await store.create(KARI)
    guest = store.guests(KARI)[0]
    store.rows[guest.id] = replace(guest, invitation_status=S.SEEN)
    await store.set(row, participants=(OWNER,))
    await store.set(row, series=Series(rule=WEEKLY, zone="Europe/Oslo", on=WEEKLY.starts_on))
    await store.set(row, reach=Reach.ALL, participants=(OWNER, replace(GUESTS[KARI], key=9)))
    assert store.statuses(KARI) == ["invitation"] * 4
    assert store.guests(KARI)[0].id == guest.id


@pytest.mark.parametrize(
    ("reach", "titles"),
    [
        (Reach.THIS, ["T", "New", "T", "T"]),
        (Reach.FOLLOWING, ["T", "New", "New", "New"]),
        (Reach.ALL, ["New", "New", "New", "New"]),
        (Reach.STOP, ["T", "New"]),
    ],
)
async def test_reach(reach: Reach, titles: list[str]) -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    second = store.masters()[1]
    outcome = await store.set(second, title="New", reach=reach)
    assert outcome.rows[0].id == second.id
    assert store.titles() == titles
    mine = [row.title for row in store.guests(KARI) if row.invitation_status is not S.CANCELLED]
    assert mine == titles
    assert store.changes[-1].alone == (reach is not Reach.THIS)


async def test_stopping_changes_nothing_but_what_comes_after() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    second = store.masters()[1]
    await store.edit(second, reach=Reach.STOP)
    assert store.days() == MONDAYS[:2]
    assert store.statuses(KARI) == ["invitation", "invitation", "cancelled", "cancelled"]
    # Where there is nothing to stop nothing happens.
    single = await store.create()
    decisions = len(store.decisions)
    await store.edit(single, reach=Reach.STOP)
    assert store.decisions[decisions:][0].replacements == ()


async def test_moving_all_to_another_day_takes_the_guests_along() -> None:
    store = Ledger()
    await store.create(KARI, ROOM, rule=WEEKLY)
    await store.move(store.masters()[0], reach=Reach.ALL, days=1, hours=1)
    assert store.days() == TUESDAYS
    for guest in (KARI, ROOM):
        assert [row.starts_at for row in store.guests(guest)] == [row.starts_at for row in store.masters()]
        assert {row.series for row in store.guests(guest)} == {row.series for row in store.masters()}


async def test_a_new_day_from_the_third_on_makes_a_series_of_its_own() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    await store.move(store.masters()[2], reach=Reach.FOLLOWING, days=1)
    assert store.days() == [*MONDAYS[:2], *TUESDAYS[2:]]
    ids = [row.series_id for row in store.masters()]
    assert ids[0] == ids[1] != ids[2] == ids[3] > 0
    assert [row.series_id for row in store.guests(KARI)] == ids


async def test_a_rule_makes_a_booking_a_series_with_its_guests() -> None:
    store = Ledger()
    row = await store.create(KARI)
    await store.set(row, series=Series(rule=WEEKLY, zone="Europe/Oslo", on=WEEKLY.starts_on))
    assert store.days() == MONDAYS
    assert len(store.guests(KARI)) == 4
    await store.set(store.masters()[1], series=None)
    assert store.days() == MONDAYS[:2]
    assert [row.series for row in store.masters()] == [None, None]
    assert store.statuses(KARI) == ["invitation"] * 2 + ["cancelled"] * 2


async def test_a_longer_rule_invites_to_the_new_dates_and_a_shorter_one_tells_who_came() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    first = store.masters()[0]
    await store.set(first, reach=Reach.ALL, series=ruled(first, count=6))
    assert store.statuses(KARI) == ["invitation"] * 6
    first = store.masters()[0]
    await store.set(first, reach=Reach.ALL, series=ruled(first, count=2))
    assert len(store.masters()) == 2
    assert store.statuses(KARI) == ["invitation"] * 2 + ["cancelled"] * 4


async def test_the_row_that_is_changed_stays_though_its_day_is_no_more() -> None:
    store = Ledger()
    await store.create(rule=replace(WEEKLY, weekdays=0b101))
    assert store.days() == ["2026-03-16", "2026-03-18", "2026-03-23", "2026-03-25"]
    first, second, *_rest = store.masters()
    outcome = await store.set(
        first, title="Kept", reach=Reach.FOLLOWING, series=ruled(first, weekdays=0b100, count=2)
    )
    assert outcome.rows[0].id == first.id
    assert store.days() == ["2026-03-18", "2026-03-25"]
    assert store.masters()[0].title == "Kept"
    assert second.id not in store.rows


# Rooms that have no time


async def test_a_busy_room_declines_its_date_and_the_save_succeeds() -> None:
    store = Ledger()
    store.taken = frozenset({(ROOM, FIRST + timedelta(days=7))})
    await store.create(KARI, ROOM, rule=WEEKLY)
    assert store.statuses(ROOM) == ["accepted", "declined", "accepted", "accepted"]
    assert [row.reject_counter for row in store.masters()] == [0, 1, 0, 0]


async def test_a_series_that_moves_onto_held_time_has_the_room_decline_that_date() -> None:
    store = Ledger()
    await store.create(ROOM, rule=WEEKLY)
    store.taken = frozenset({(ROOM, FIRST + HOUR + timedelta(days=7))})
    await store.move(store.masters()[0], reach=Reach.ALL, hours=1)
    assert store.statuses(ROOM) == ["accepted", "declined", "accepted", "accepted"]


async def test_moving_one_booking_onto_held_time_is_refused() -> None:
    store = Ledger()
    row = await store.create(ROOM)
    before = dict(store.rows)
    store.taken = frozenset({(ROOM, FIRST + HOUR)})
    with pytest.raises(TimeHeld):
        await store.move(row, hours=1)
    assert store.rows == before
    # Without its time the room may decline what it has refused already.
    await store.set(row, title="New")
    assert store.guests(ROOM)[0].title == "New"


async def test_what_a_booking_takes_around_its_time_is_not_taken_from_its_room() -> None:
    store = Ledger()
    row = await store.create(KARI, ROOM)
    await store.edit(row, lambda before: replace(before, is_free=True))
    store.taken = frozenset({(ROOM, FIRST - HOUR), (ROOM, FIRST)})
    for members in ({"lead_minutes": 60}, {"lag_minutes": 60}, {"is_free": False}):
        with pytest.raises(TimeHeld):
            await store.set(row, **members)
    assert store.statuses(ROOM) == ["accepted"]
    # A room that has declined says so again, and comes as soon as it can.
    store.taken = frozenset()
    store.rows |= {one.id: replace(one, invitation_status=S.DECLINED) for one in store.guests(ROOM)}
    store.taken = frozenset({(ROOM, FIRST - HOUR)})
    await store.set(row, lead_minutes=60)
    assert store.statuses(ROOM) == ["declined"]
    await store.set(row, lead_minutes=0)
    assert (store.statuses(ROOM), store.statuses(KARI)) == (["accepted"], ["invitation"])


async def test_a_strict_caller_is_refused_and_nothing_is_left() -> None:
    store = Ledger()
    store.taken = frozenset({(ROOM, FIRST)})
    with pytest.raises(TimeHeld) as refused:
        await store.create(ROOM, rule=WEEKLY, strict=True)
    assert refused.value.clashes == ((ROOM, FIRST, store.holder),)
    assert store.rows == {}


async def test_an_owner_never_declines_their_own() -> None:
    store = Ledger()
    store.taken = frozenset({(OLA, FIRST), (ROOM, FIRST)})
    with pytest.raises(TimeHeld):
        await store.create(ROOM)
    assert store.rows == {}


async def test_what_is_still_held_after_declining_is_refused() -> None:
    class Stubborn(Ledger):
        async def change(self, change):
            await super().change(change)
            raise self.refusal(*self.guests(ROOM))

    store = Stubborn()
    store.taken = frozenset({(ROOM, FIRST)})
    with pytest.raises(TimeHeld):
        await store.create(ROOM)
    assert len(store.changes) == 2


async def test_time_that_is_held_without_saying_what_is_refused() -> None:
    class Silent(Ledger):
        async def change(self, change):
            raise TimeHeld(ROOM, self.holder)

    with pytest.raises(TimeHeld):
        await Silent().create(ROOM)


async def test_a_store_that_does_not_say_whose_bookings_lost_is_in_the_wrong() -> None:
    class Forgetful(Ledger):
        async def change(self, change):
            raise TimeHeld(ROOM, self.holder, ((ROOM, FIRST, self.holder),))

    with pytest.raises(ValueError, match="shorter"):
        await Forgetful().create(ROOM)


async def test_a_call_that_makes_no_rows_declines_nothing() -> None:
    class Held(Ledger):
        async def change(self, change):
            raise TimeHeld(OLA, self.holder, ((OLA, FIRST, self.holder),))

    store = Held()
    with pytest.raises(TimeHeld):
        await delete_appointment(store, Call(principal=principal(OLA), door="test"), 1)


async def test_a_family_that_never_holds_still_is_given_up() -> None:
    class Restless(Ledger):
        """Each look finds the row in another booking."""

        def _scope(self, scope):
            rows = () if isinstance(scope, NoRows) else super()._scope(ById((1,)))
            return tuple(replace(row, series_id=len(self.changes)) for row in rows)

    store = Restless()
    await store.create(KARI)
    asked = len(store.changes)
    with pytest.raises(StoreBusy):
        await store.set(store.masters()[0], reach=Reach.ALL, title="X")
    assert len(store.changes) - asked == TRIES


async def test_who_was_invited_once_knows_the_new_owner_of_a_row_without_guests() -> None:
    store = Ledger()
    master = await store.create(KARI)
    await answer_invitation(store, store.call(KARI), store.guests(KARI)[0].id, Said.SEEN)
    await store.set(master, participants=(OWNER,))
    await store.set(master, owner_id=ADMIN)
    assert [row.mother_owner_id for row in store.guests(KARI)] == [ADMIN]


# Deleting


@pytest.mark.parametrize(
    ("reach", "left"),
    [(Reach.THIS, [MONDAYS[0], *MONDAYS[2:]]), (Reach.FOLLOWING, MONDAYS[:1]), (Reach.ALL, [])],
)
async def test_deleting_dates_tells_their_guests(reach: Reach, left: list[str]) -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    second = store.masters()[1]
    outcome = await store.delete(second, reach=reach)
    assert second in outcome.deleted
    assert store.days() == left
    assert sorted(store.statuses(KARI)) == ["cancelled"] * (4 - len(left)) + ["invitation"] * len(left)
    assert store.changes[-1].alone


async def test_deleting_a_booking_tells_its_guests_and_a_single_row_nobody() -> None:
    store = Ledger()
    booking, single = await store.create(KARI), await store.create()
    await store.delete(booking)
    assert store.statuses(KARI) == ["cancelled"]
    await store.delete(single)
    assert store.masters() == []
    # They may remove what they were told.
    await store.delete(store.guests(KARI)[0], by=KARI)
    assert store.rows == {}


async def test_a_guest_who_deletes_their_row_has_declined_that_date_for_good() -> None:
    store = Ledger()
    await store.create(KARI, ROOM, rule=WEEKLY)
    await store.delete(store.guests(KARI)[1], by=KARI)
    second = store.masters()[1]
    assert second.participants[1].invitation_status is S.DECLINED
    assert second.reject_counter == 1
    assert len(store.guests(KARI)) == 3
    # Nothing that the owner changes later brings it back.
    await store.move(second, hours=1)
    await store.set(store.masters()[0], reach=Reach.ALL, title="New")
    assert len(store.guests(KARI)) == 3
    assert store.masters()[1].participants[1].invitation_status is S.DECLINED


async def test_cancelling_a_booking_calls_its_guests_off() -> None:
    store = Ledger()
    await store.create(KARI, ROOM, rule=WEEKLY)
    second = store.masters()[1]
    await store.set(second, status=Status.CANCELLED, cancellation_reason="Ill")
    assert store.statuses(KARI) == ["invitation", "cancelled", "invitation", "invitation"]
    assert store.statuses(ROOM) == ["accepted", "cancelled", "accepted", "accepted"]
    await store.set(store.masters()[1], internal_notes="Later", participants=(OWNER, *GUESTS.values()))
    assert len(store.guests(ADMIN)) == 0


# Dry runs


async def test_a_dry_run_says_what_would_be_lost_and_writes_nothing() -> None:
    store = Ledger()
    await store.create(KARI, rule=WEEKLY)
    last = store.masters()[3]
    await store.set(last, title="Exception")
    before = dict(store.rows)
    first = store.masters()[0]
    outcome = await store.edit(
        first, lambda row: replace(row, series=ruled(row, count=2)), reach=Reach.ALL, dry_run=True
    )
    assert outcome.lost == (last.id,)
    assert store.rows == before


async def test_who_has_no_diary_gets_no_row() -> None:
    store = Ledger()
    row = await store.create(0, participants=(OWNER, GUESTS[0], Participant(key=9, person_id=2)))
    assert list(store.rows) == [row.id]
    assert row.booking_type is BookingType.OWNER
