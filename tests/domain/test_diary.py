"""What settles when an appointment changes."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import AssignmentStatus, Kind, Link, Privacy, Visibility, VisibleFor
from appointed.domain.claims import Claim, claims_of, demand_free
from appointed.domain.diary import next_key, occupies, settle
from appointed.domain.errors import TimeHeld
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.status import Completion, Status, move_problem
from tests.builders import ADMIN, KARI, NOW, OLA, ROOM, START, appointment, directory, view


def test_an_end_before_the_start_becomes_the_start() -> None:
    before = appointment()
    after = settle(before, replace(before, starts_at=START + timedelta(hours=5)), view())
    assert after.ends_at == after.starts_at == START + timedelta(hours=5)


def test_the_start_alone_keeps_the_end() -> None:
    before = appointment()
    after = settle(before, replace(before, starts_at=START + timedelta(minutes=20)), view())
    assert after.ends_at == before.ends_at


def test_the_greatest_link_key_is_remembered_when_its_link_goes() -> None:
    few = (Link(key=1, entity="sale"),)
    both = (*few, Link(key=2, entity="sale"))
    made = settle(None, appointment(links=both), view())
    assert made.last_link_key == 2
    # Rows of earlier days do not know it yet.
    shorter = settle(appointment(links=both), appointment(links=few), view())
    assert (shorter.links, shorter.last_link_key) == (few, 2)
    again = settle(shorter, replace(shorter, links=()), view())
    assert again.last_link_key == 2
    unchanged = settle(shorter, replace(shorter, title="x"), view())
    assert unchanged.last_link_key == 2


def test_nothing_changed_settles_to_itself() -> None:
    row = appointment(ends_at=START - timedelta(hours=1))
    assert settle(row, row, view()) is row


def test_creation_takes_the_owners_department_and_lists_the_owner_first() -> None:
    guest = Participant(key=1, email_address="a@b.example")
    after = settle(None, appointment(owner_id=KARI, department_id=0, participants=(guest,)), view())
    assert after.department_id == 2
    assert [(row.key, row.associate_id) for row in after.participants] == [(2, KARI), (1, 0)]
    assert after.participants[0].person_id == 2
    assert after.participants[0].contact_id == 7
    assert after.participants[0].invitation_status is InvitationStatus.ACCEPTED


def test_creation_keeps_a_chosen_department() -> None:
    assert settle(None, appointment(owner_id=KARI, department_id=1), view()).department_id == 1


def test_an_owner_without_department_gets_the_tenants_default() -> None:
    assert settle(None, appointment(owner_id=6, department_id=0), view()).department_id == 1


def test_an_unknown_owner_is_left_for_the_rules_to_refuse() -> None:
    assert settle(None, appointment(owner_id=99, department_id=0), view()).department_id == 0


def test_a_new_owner_is_an_assignment() -> None:
    before = settle(None, appointment(), view())
    after = settle(before, replace(before, owner_id=KARI), view())
    assert (after.assigned_by, after.assignment_status) == (OLA, AssignmentStatus.ASSIGNING)
    assert after.department_id == 2
    assert [row.associate_id for row in after.participants] == [KARI]


def test_a_new_owner_with_a_chosen_department_keeps_the_choice() -> None:
    before = appointment()
    after = settle(before, replace(before, owner_id=ADMIN, department_id=2), view())
    assert after.department_id == 2


def test_a_new_owner_who_takes_part_already_keeps_the_row() -> None:
    row = Participant(key=5, associate_id=KARI, send_email=True)
    before = settle(None, appointment(participants=(row,)), view())
    after = settle(before, replace(before, owner_id=KARI), view())
    assert after.participants == (row,)


OF_ADMIN, OF_OLA = (VisibleFor(Visibility.ASSOCIATE, one) for one in (ADMIN, OLA))
FIRST, SECOND, ALL = (*(VisibleFor(Visibility.GROUP, one) for one in (1, 2)), VisibleFor(Visibility.ALL))


@pytest.mark.parametrize(
    ("privacy", "stood", "changes", "found"),
    [
        (Privacy.OWNER, (OF_ADMIN,), {"owner_id": OLA}, (OF_OLA,)),
        (Privacy.OWNER, (OF_ADMIN, OF_OLA), {"owner_id": OLA}, (OF_OLA,)),
        (Privacy.OWNER, (OF_ADMIN, SECOND), {"title": "x"}, (OF_ADMIN, SECOND)),
        (
            Privacy.OWNER,
            (OF_ADMIN,),
            {"owner_id": OLA, "visible_for": (OF_OLA, OF_ADMIN)},
            (OF_OLA, OF_ADMIN),
        ),
        (Privacy.GROUP, (FIRST,), {"department_id": 2}, (SECOND,)),
        (Privacy.OWNER, (OF_ADMIN,), {"department_id": 2, "privacy": Privacy.GROUP}, (SECOND,)),
        (Privacy.OWNER, (OF_ADMIN,), {"owner_id": OLA, "visible_for": (FIRST,)}, (FIRST,)),
        (Privacy.GROUP, (FIRST,), {"privacy": Privacy.PUBLIC}, (ALL,)),
        (Privacy.PUBLIC, (ALL,), {"owner_id": OLA}, (ALL,)),
    ],
)
def test_who_sees_a_private_row_follows_its_owner_and_department(
    privacy: Privacy, stood: tuple[VisibleFor, ...], changes: dict[str, Any], found: tuple[VisibleFor, ...]
) -> None:
    before = appointment(owner_id=ADMIN, department_id=1, privacy=privacy, visible_for=stood)
    assert settle(before, replace(before, **changes), view()).visible_for == found


@pytest.mark.parametrize(
    ("stood", "changes"),
    [
        ((OF_ADMIN, SECOND), {"owner_id": KARI}),
        ((OF_ADMIN, SECOND), {"department_id": 2}),
        ((OF_ADMIN,), {"owner_id": KARI, "visible_for": (SECOND,)}),
    ],
)
def test_a_row_handed_to_a_group_that_sees_it_is_that_groups_own(
    stood: tuple[VisibleFor, ...], changes: dict[str, Any]
) -> None:
    before = appointment(owner_id=ADMIN, department_id=1, privacy=Privacy.OWNER, visible_for=stood)
    after = settle(before, replace(before, **changes), view())
    assert (after.department_id, after.privacy, SECOND in after.visible_for) == (2, Privacy.GROUP, True)


@pytest.mark.parametrize(
    ("given", "privacy", "found"),
    [
        ({}, Privacy.PUBLIC, (ALL,)),
        ({"privacy": Privacy.OWNER}, Privacy.OWNER, (OF_ADMIN,)),
        ({"visible_for": (SECOND,), "department_id": 2}, Privacy.GROUP, (SECOND,)),
        ({"visible_for": (SECOND,), "department_id": 1}, Privacy.OWNER, (SECOND,)),
    ],
)
def test_a_new_row_says_the_same_in_both(
    given: dict[str, Any], privacy: Privacy, found: tuple[VisibleFor, ...]
) -> None:
    made = settle(None, appointment(owner_id=ADMIN, **given), view())
    assert (made.privacy, made.visible_for) == (privacy, found)


@pytest.mark.parametrize(("privacy", "stood"), [(Privacy.OWNER, ALL), (Privacy.GROUP, SECOND)])
def test_a_list_that_says_something_else_than_the_privacy_neither_opens_nor_closes_a_row(
    privacy: Privacy, stood: VisibleFor
) -> None:
    before = appointment(owner_id=ADMIN, department_id=1, privacy=privacy, visible_for=(stood,))
    assert settle(before, replace(before, department_id=3), view()).privacy is privacy


def test_a_list_that_names_everybody_is_public_whoever_else_it_names() -> None:
    before = appointment(owner_id=ADMIN, privacy=Privacy.OWNER, visible_for=(OF_ADMIN,))
    for rows in ((ALL,), (OF_ADMIN, ALL)):
        assert settle(before, replace(before, visible_for=rows), view()).privacy is Privacy.PUBLIC


def test_participant_keys_are_never_used_twice() -> None:
    before = settle(None, appointment(), view())
    guest = Participant(key=next_key(before), email_address="a@b.example")
    with_guest = settle(before, replace(before, participants=(*before.participants, guest)), view())
    without = settle(with_guest, replace(with_guest, participants=before.participants), view())
    assert next_key(without) > guest.key


@pytest.mark.parametrize(
    ("status", "stamped"),
    [
        (Status.WAITING, {"arrived_at"}),
        (Status.BEING_SEEN, {"session_started_at"}),
        (Status.COMPLETE, {"completed_at"}),
        (Status.NO_SHOW, {"completed_at"}),
        (Status.CANCELLED, {"cancelled_at", "completed_at"}),
    ],
)
def test_stamps_of_a_state(status, stamped) -> None:
    before = appointment()
    after = settle(before, replace(before, status=status), view())
    names = ("arrived_at", "session_started_at", "session_ended_at", "completed_at", "cancelled_at")
    assert {name for name in names if getattr(after, name) == NOW} == stamped


def test_a_session_ends_that_has_begun() -> None:
    before = appointment(status=Status.BEING_SEEN, session_started_at=START)
    after = settle(before, replace(before, status=Status.COMPLETE), view())
    assert (after.session_started_at, after.session_ended_at) == (START, NOW)


def test_stamps_are_set_once() -> None:
    before = appointment(session_started_at=START)
    assert settle(before, replace(before, status=Status.BEING_SEEN), view()).session_started_at == START


def test_only_cancelled_is_final() -> None:
    assert all(move_problem(a, b) is None for a in Status for b in Status if a is not Status.CANCELLED)
    assert [b for b in Status if move_problem(Status.CANCELLED, b) is None] == [Status.CANCELLED]


def test_active_at_is_the_start_until_complete() -> None:
    assert appointment(completed_at=NOW).active_at == START
    done = appointment(status=Status.COMPLETE, completed_at=NOW)
    assert (done.active_at, done.completion) == (NOW, Completion.COMPLETED)
    assert appointment(status=Status.COMPLETE).active_at == START


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"is_free": True}, False),
        ({"status": Status.CANCELLED}, False),
        ({"ends_at": START}, False),
        ({"kind": Kind.BOOKING_FOR_DIARY}, True),
        *(({"kind": kind}, False) for kind in (Kind.CHECKLIST, Kind.BOOKING_FOR_CHECKLIST, Kind.NOTE)),
    ],
)
def test_occupies(changes, expected) -> None:
    assert occupies(appointment(**changes)) is expected


@pytest.mark.parametrize("status", ["declined", "cancelled", "hidden", "accepted", "invitation"])
def test_an_invitation_that_was_refused_takes_no_time(status) -> None:
    changes = {"invitation_status": InvitationStatus(status)}
    takes = status in ("accepted", "invitation")
    guest = appointment(owner_id=ROOM, mother_id=7, **changes)
    assert occupies(guest) is takes
    assert bool(claims_of(guest, directory())) is takes
    # The owner's own row is no invitation, whatever stands there.
    assert occupies(appointment(mother_id=10, **changes))


@pytest.mark.parametrize("status", list(InvitationStatus), ids=lambda status: status.value)
def test_an_invitation_holds_a_persons_time_when_they_have_accepted(status) -> None:
    view = directory()
    view.associates[KARI] = replace(view.associates[KARI], is_exclusive=True)
    guest = appointment(owner_id=KARI, mother_id=7, invitation_status=status)
    assert bool(claims_of(guest, view)) is (status is InvitationStatus.ACCEPTED)
    # What is theirs holds it whatever stands there.
    assert claims_of(replace(guest, mother_id=guest.id), view)


def test_only_exclusive_diaries_hold_time() -> None:
    held = appointment(owner_id=ROOM, lead_minutes=10, lag_minutes=5)
    assert claims_of(held, directory()) == (
        Claim(ROOM, 10, START - timedelta(minutes=10), START + timedelta(minutes=65)),
    )
    assert claims_of(appointment(), directory()) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"is_free": True},
        {"status": Status.CANCELLED},
        {"ends_at": START},
        {"owner_id": 99},
        {"kind": Kind.CHECKLIST},
    ],
)
def test_what_holds_nothing(changes) -> None:
    assert claims_of(appointment(**({"owner_id": ROOM} | changes)), directory()) == ()


def test_touching_claims_do_not_clash() -> None:
    hour = timedelta(hours=1)
    mine = Claim(ROOM, 1, START, START + hour)
    demand_free(
        (mine,), [Claim(ROOM, 2, START + hour, START + 2 * hour), Claim(9, 3, START, START + hour), mine]
    )
    with pytest.raises(TimeHeld) as caught:
        demand_free((mine,), [Claim(ROOM, 2, START + hour / 2, START + 2 * hour)])
    assert (caught.value.resource, caught.value.blocker) == (ROOM, 2)


def test_every_clash_is_named() -> None:
    hour = timedelta(hours=1)
    wanted = tuple(Claim(ROOM, 1, START + n * hour, START + (n + 1) * hour) for n in range(4))
    long, other = Claim(ROOM, 2, START, START + 2 * hour), Claim(ROOM, 3, START + 3 * hour, START + 9 * hour)
    with pytest.raises(TimeHeld) as caught:
        demand_free(wanted, [other, long])
    assert caught.value.clashes == (
        (ROOM, START, 2),
        (ROOM, START + hour, 2),
        (ROOM, START + 3 * hour, 3),
    )
    twice = (wanted[0], Claim(ROOM, 4, START, START + hour))
    with pytest.raises(TimeHeld) as caught:
        demand_free(twice, [])
    assert caught.value.clashes == ((ROOM, START, 1),)


@pytest.mark.parametrize(
    ("held", "refused"),
    [((), [1, 3]), (((0, 1),), [0, 2]), (((50, 51),), [1, 2])],
    ids=["none", "the first", "between"],
)
def test_of_wanted_times_that_meet_every_one_is_given_that_can_be(held, refused) -> None:
    hour = timedelta(hours=1)
    wanted = tuple(Claim(ROOM, n, START + n * 24 * hour, START + (n * 24 + 25) * hour) for n in range(4))
    others = [Claim(ROOM, 9, START + since * hour, START + until * hour) for since, until in held]
    with pytest.raises(TimeHeld) as caught:
        demand_free(wanted, [*wanted, *others])
    assert sorted({(at - START) // (24 * hour) for _room, at, _blocker in caught.value.clashes}) == refused
