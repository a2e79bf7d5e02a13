"""What guests and assignees say, who may say it, and how far in a series it goes."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus, ExternalOwner, Kind
from appointed.domain.directory import Associate, AssociateType, View
from appointed.domain.errors import AppointmentNotFound, Forbidden, InvalidRequest
from appointed.domain.series import Reach
from appointed.usecases.answer_invitation import Said, answer_invitation, answer_invitations, assign
from appointed.usecases.ports import Change, Outcome
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, PER, directory
from tests.usecases.families import FIRST, HOUR, OWNER, WEEKLY, Ledger

A = AssignmentStatus


async def say(
    store: Ledger, row: Appointment, said: Said, by: int = KARI, reach: Reach = Reach.THIS, reason: str = ""
) -> Outcome:
    return await answer_invitation(store, store.call(by, reach), row.id, said, reason)


def state(store: Ledger, row: Appointment) -> tuple[int, AssignmentStatus, int, str]:
    now = store.rows[row.id]
    return now.owner_id, now.assignment_status, now.assigned_by, now.reject_reason


def listed(store: Ledger) -> list[str]:
    """Tell what the master's list says of its first guest."""
    return [row.participants[1].invitation_status.value for row in store.masters()]


async def test_a_guest_answers_by_their_own_row() -> None:
    store = Ledger()
    await store.create(KARI)
    (guest,) = store.guests(KARI)
    outcome = await say(store, guest, Said.SEEN)
    assert (store.statuses(KARI), listed(store)) == (["seen"], ["seen"])
    assert outcome.rows[0].id == guest.id
    await say(store, guest, Said.ACCEPT)
    assert (store.statuses(KARI), listed(store)) == (["accepted"], ["accepted"])
    assert store.guests(KARI)[0].kind is Kind.DIARY


async def test_a_guest_answers_by_the_owners_row() -> None:
    store = Ledger()
    master = await store.create(KARI, ADMIN)
    outcome = await say(store, master, Said.REJECT, reason="Ill")
    assert (store.statuses(KARI), store.statuses(ADMIN)) == (["declined"], ["invitation"])
    assert store.guests(KARI)[0].reject_reason == "Ill"
    assert (outcome.rows[0].id, outcome.rows[0].reject_counter) == (master.id, 1)


@pytest.mark.parametrize("by_master", [True, False], ids=["by the master", "by the guest's row"])
async def test_the_organiser_acknowledges_a_refusal(by_master: bool) -> None:
    store = Ledger()
    master = await store.create(KARI, ADMIN)
    await say(store, master, Said.REJECT)
    await say(store, master if by_master else store.guests(KARI)[0], Said.ACKNOWLEDGE, by=OLA)
    assert (store.statuses(KARI), store.statuses(ADMIN)) == (["hidden"], ["invitation"])


async def test_nobody_else_acknowledges_a_refusal() -> None:
    store = Ledger()
    await store.create(KARI)
    (guest,) = store.guests(KARI)
    await say(store, guest, Said.REJECT)
    with pytest.raises(Forbidden):
        await say(store, guest, Said.ACKNOWLEDGE)
    assert store.statuses(KARI) == ["declined"]


@pytest.mark.parametrize("said", [Said.SEEN, Said.ACCEPT, Said.REJECT])
async def test_who_invites_does_not_answer_for_those_invited(said: Said) -> None:
    store = Ledger()
    await store.create(KARI)
    with pytest.raises(Forbidden):
        await say(store, store.guests(KARI)[0], said, by=OLA)
    assert store.statuses(KARI) == ["invitation"]


async def test_the_organiser_puts_no_row_of_a_guest_away_who_is_expected_no_more() -> None:
    store = Ledger()
    master = await store.create(KARI)
    await say(store, store.guests(KARI)[0], Said.SEEN, by=KARI)
    await store.set(master, participants=(OWNER,))
    with pytest.raises(Forbidden):
        await say(store, store.guests(KARI)[0], Said.ACKNOWLEDGE, by=OLA)
    assert store.statuses(KARI) == ["cancelled"]


@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "uninvited"])
async def test_a_guest_acknowledges_that_they_are_expected_no_more(is_deleted: bool) -> None:
    store = Ledger()
    master = await store.create(KARI, ADMIN)
    (guest,) = store.guests(KARI)
    await say(store, guest, Said.ACCEPT)
    if is_deleted:
        await store.delete(master)
    else:
        kept = [one for one in store.rows[master.id].participants if one.associate_id != KARI]
        await store.set(master, participants=tuple(kept))
    assert store.statuses(KARI) == ["cancelled"]
    await say(store, guest, Said.ACKNOWLEDGE)
    assert store.statuses(KARI) == ["hidden"]


async def test_an_answer_that_fits_nothing_changes_nothing() -> None:
    store = Ledger()
    master = await store.create(KARI)
    before = dict(store.rows)
    await say(store, store.guests(KARI)[0], Said.ACKNOWLEDGE)
    await say(store, master, Said.ACKNOWLEDGE, by=OLA)
    await say(store, master, Said.ACCEPT, by=OLA)
    assert store.rows == before


async def test_who_is_not_invited_does_not_answer() -> None:
    store = Ledger()
    master = await store.create(ADMIN)
    for row in (master, *store.guests(ADMIN)):
        with pytest.raises(Forbidden):
            await say(store, row, Said.ACCEPT, by=CLIENT)
    assert store.statuses(ADMIN) == ["invitation"]


async def test_an_answer_goes_for_the_later_dates_that_were_answered_alike() -> None:
    store = Ledger()
    await store.create(KARI, ADMIN, rule=WEEKLY)
    second, third = store.guests(KARI)[1:3]
    await say(store, third, Said.REJECT)
    await say(store, second, Said.SEEN)
    # The first is earlier, and the third was answered already.
    await say(store, second, Said.ACCEPT, reach=Reach.FOLLOWING)
    assert store.statuses(KARI) == ["invitation", "accepted", "declined", "accepted"]
    assert listed(store) == ["invitation", "accepted", "declined", "accepted"]
    assert store.statuses(ADMIN) == ["invitation"] * 4


async def test_an_answer_for_a_series_can_be_given_by_the_owners_row() -> None:
    store = Ledger()
    first = await store.create(KARI, rule=WEEKLY)
    await say(store, first, Said.REJECT, reach=Reach.FOLLOWING, reason="Away")
    assert store.statuses(KARI) == ["declined"] * 4
    assert [row.reject_reason for row in store.guests(KARI)] == ["Away"] * 4
    await say(store, first, Said.ACKNOWLEDGE, by=OLA, reach=Reach.FOLLOWING)
    assert store.statuses(KARI) == ["hidden"] * 4


async def test_an_answer_needs_names_for_what_it_may_make() -> None:
    store = Ledger()
    row = await store.create(KARI)
    with pytest.raises(TypeError):
        await answer_invitation(store, replace(store.call(KARI), ids=None), row.id, Said.ACCEPT)


async def assigned(store: Ledger, *guests: int, **more: Any) -> Appointment:
    row = await store.create(*guests, **more)
    await assign(store, store.call(), row.id, KARI)
    return row


async def test_an_assignment_is_seen_and_taken() -> None:
    store = Ledger()
    row = await assigned(store)
    assert state(store, row) == (KARI, A.ASSIGNING, OLA, "")
    await say(store, row, Said.SEEN)
    assert state(store, row) == (KARI, A.SEEN, OLA, "")
    await say(store, row, Said.ACCEPT)
    assert state(store, row) == (KARI, A.NONE, 0, "")


async def test_a_refused_assignment_goes_back_with_its_reason() -> None:
    store = Ledger()
    row = await assigned(store)
    await say(store, row, Said.REJECT, reason="Busy")
    assert state(store, row)[:2] == (OLA, A.DECLINED)
    assert store.rows[row.id].reject_reason == "Busy"
    # Whoever refused it has nothing to say any more, and it is refused once.
    with pytest.raises(Forbidden):
        await say(store, row, Said.ACKNOWLEDGE)
    before = store.rows[row.id]
    await say(store, row, Said.REJECT, by=OLA)
    assert store.rows[row.id] == before
    await say(store, row, Said.ACKNOWLEDGE, by=OLA)
    assert state(store, row) == (OLA, A.NONE, 0, "")


async def test_who_may_not_change_an_appointment_takes_it_for_nobody() -> None:
    store = Ledger()
    row = await store.create()
    await assign(store, store.call(), row.id, ADMIN)
    with pytest.raises(Forbidden):
        await say(store, row, Said.ACCEPT, by=CLIENT)
    assert state(store, row) == (ADMIN, A.ASSIGNING, OLA, "")


async def test_what_is_kept_elsewhere_is_answered_there() -> None:
    store = Ledger()
    row = await assigned(store)
    store.rows[row.id] = replace(store.rows[row.id], external_owner=ExternalOwner.OUTLOOK)
    with pytest.raises(Forbidden):
        await say(store, row, Said.ACCEPT)
    assert state(store, row) == (KARI, A.ASSIGNING, OLA, "")


@pytest.mark.parametrize("as_one_of_many", [False, True], ids=["alone", "one of many"])
async def test_a_refused_series_goes_back_whole(as_one_of_many: bool) -> None:
    store = Ledger()
    first = await store.create(rule=WEEKLY)
    await assign(store, store.call(reach=Reach.ALL), first.id, KARI)
    assert [state(store, row)[:3] for row in store.masters()] == [(KARI, A.ASSIGNING, OLA)] * 4
    if as_one_of_many:
        await answer_invitations(store, store.call(KARI, Reach.ALL), [first.id], Said.REJECT)
    else:
        await say(store, first, Said.REJECT, reach=Reach.ALL)
    assert [state(store, row)[:2] for row in store.masters()] == [(OLA, A.DECLINED)] * 4


async def test_an_assignment_of_a_booking_keeps_its_guests() -> None:
    store = Ledger()
    row = await assigned(store, ADMIN)
    await say(store, row, Said.REJECT)
    assert state(store, row)[:2] == (OLA, A.DECLINED)
    assert [one.associate_id for one in store.rows[row.id].participants] == [OLA, ADMIN]
    assert store.statuses(ADMIN) == ["invitation"]


async def test_a_guest_of_what_is_assigned_answers_for_themselves() -> None:
    store = Ledger()
    row = await assigned(store, ADMIN)
    await say(store, row, Said.ACCEPT, by=ADMIN)
    assert (state(store, row)[1], store.statuses(ADMIN)) == (A.ASSIGNING, ["accepted"])


async def test_an_assignment_keeps_a_person_where_one_stands() -> None:
    store = Ledger()
    row = await store.create(invited_person_id=7)
    await assign(store, store.call(), row.id, KARI)
    assert store.rows[row.id].invited_person_id == 2
    await assign(store, store.call(KARI), row.id, OLA, person_id=9)
    assert store.rows[row.id].invited_person_id == 9


class Visited(Ledger):
    """The same ledger with a guest among its people."""

    guest = Associate(id=50, name="guest", full_name="Guest", type=AssociateType.EXTERNAL, group_id=1)

    async def change(self, change: Change) -> Outcome:
        there = directory()
        there.associates[self.guest.id] = self.guest
        seen = View(there, NOW)
        return await super().change(
            replace(
                change,
                permit=lambda rows, _view: change.permit(rows, seen),
                decide=lambda rows, _view: change.decide(rows, seen),
            )
        )


@pytest.mark.parametrize("person_id", [2, 4, 99])
async def test_a_guest_who_hands_over_names_no_person_but_those_who_stand_there(person_id: int) -> None:
    store = Visited()
    row = await store.create(invited_person_id=7)
    store.rows[row.id] = replace(row, owner_id=Visited.guest.id)
    call = store.call(Visited.guest.id)
    with pytest.raises(Forbidden) as caught:
        await assign(store, call, row.id, OLA, person_id=person_id)
    assert caught.value.thing == "person"
    await assign(store, call, row.id, OLA, person_id=7)
    assert store.rows[row.id].invited_person_id == 7


async def test_several_are_answered_in_one_change() -> None:
    store = Ledger()
    first = await store.create(KARI, rule=WEEKLY)
    alone, given = await store.create(KARI, ADMIN), await assigned(store)
    series = store.guests(KARI)[2]
    assert series.series_id == first.series_id
    store.changes.clear()
    numbers = (series.id, alone.id, given.id, alone.id)
    await answer_invitations(store, store.call(KARI, Reach.FOLLOWING), numbers, Said.SEEN)
    assert store.statuses(KARI) == ["invitation", "seen", "seen", "seen", "seen"]
    assert store.rows[first.id].participants[1].invitation_status == "invitation"
    assert store.statuses(ADMIN) == ["invitation"]
    assert state(store, given)[1] is A.SEEN
    # Asked once, and again with all their families at hand.
    assert len(store.changes) == 2


@pytest.mark.parametrize(
    ("last", "error"),
    [("absent", AppointmentNotFound), ("another's", Forbidden)],
    ids=["absent", "another's"],
)
async def test_all_of_several_are_answered_or_none(last: str, error: type[Exception]) -> None:
    store = Ledger()
    await store.create(KARI)
    (own,) = store.guests(KARI)
    await store.create(ADMIN, starts_at=FIRST + 2 * HOUR, ends_at=FIRST + 3 * HOUR)
    (others,) = store.guests(ADMIN)
    numbers = (own.id, 99_999 if last == "absent" else others.id)
    with pytest.raises(error) as caught:
        await answer_invitations(store, store.call(KARI), numbers, Said.ACCEPT)
    assert getattr(caught.value, "item", None) == 1
    assert store.statuses(KARI) == store.statuses(ADMIN) == ["invitation"]


async def test_an_answer_to_nothing_is_no_change() -> None:
    store = Ledger()
    await answer_invitations(store, store.call(KARI), (), Said.SEEN)
    assert store.changes == []


@pytest.mark.parametrize("owner_id", [PER, 99])
async def test_nobody_is_assigned_who_is_not_there(owner_id: int) -> None:
    store = Ledger()
    row = await store.create()
    with pytest.raises(InvalidRequest):
        await assign(store, store.call(), row.id, owner_id)
    assert store.rows[row.id] == row
