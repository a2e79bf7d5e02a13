"""Who may see and change what: the table, line by line, and what it rests on."""

import random
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, ExternalOwner, Kind, Privacy, Visibility, VisibleFor
from appointed.domain.directory import Associate, AssociateType, Department, Directory, Tenant, View
from appointed.domain.errors import Forbidden, Unauthenticated
from appointed.domain.participant import Participant
from appointed.domain.principal import Role
from appointed.domain.rights import (
    ANNOTATIONS,
    ANSWERS,
    GRANTS,
    GUESTS,
    KNOWN,
    OWNERS_ALONE,
    Access,
    Keys,
    Known,
    Ownership,
    access,
    audited,
    caller,
    demand_nameable,
    departments_of,
    is_video_listed,
    keys,
    known,
    may_administer,
    may_administer_department,
    may_create,
    may_move,
    may_name,
    may_see_department,
    may_see_user,
    may_set,
    ownership,
    refused,
    rights,
    viewer_keys,
    viewers,
)
from appointed.domain.status import Status
from appointed.usecases.list_appointments import readable, readable_rows, visible_rows
from appointed.usecases.query_fields import holds
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, PER, ROOM, appointment, directory, principal
from tests.rights_rows import lines, members, named

CALLERS = {"administrator": 1, "department_administrator": 2, "scheduler": 3, "agent": 4, "client": 5}
COLLEAGUE, STRANGER, GUEST, NOBODY, ROOM_THERE, UNNAMED = 6, 7, 8, 9, 10, 11
ROLES = tuple(CALLERS)
CALLERS |= {"guest": GUEST}


def people() -> Directory:
    """Department 1 holds one caller of each role and a colleague, department 2 a stranger."""
    found = [
        Associate(
            id=number,
            name=role,
            full_name=role,
            role=Role.SCHEDULER if role == "client" else Role(role),
            type=AssociateType.SYSTEM if role == "client" else AssociateType.INTERNAL,
            group_id=1,
        )
        for role, number in CALLERS.items()
        if role in ROLES
    ]
    found += [
        Associate(id=COLLEAGUE, name="colleague", full_name="C", group_id=1),
        Associate(id=STRANGER, name="stranger", full_name="S", group_id=2),
        Associate(id=GUEST, name="guest", full_name="G", type=AssociateType.EXTERNAL),
        Associate(id=UNNAMED, name="unnamed", full_name="U", type=AssociateType.ANONYMOUS),
        Associate(id=NOBODY, name="all", full_name="A", type=AssociateType.SYSTEM, role=Role.ADMINISTRATOR),
        Associate(id=ROOM_THERE, name="room", full_name="R", type=AssociateType.RESOURCE, group_id=2),
    ]
    departments = [
        Department(id=number, uid=appointment().uid, name=str(number), default_associate_id=COLLEAGUE)
        for number in (1, 2)
    ]
    records: dict[str, dict[int, Any]] = {
        "associate": {one.id: one for one in found},
        "department": {one.id: one for one in departments},
    }
    return Directory(Tenant(id=1, name="Test"), 1, records)


PEOPLE = people()
VIEW = View(PEOPLE, NOW)
MATRIX = [line for line in lines("rights") if line["row"] != "tenant"]


@pytest.mark.parametrize("line", MATRIX, ids=named)
def test_the_table(line: dict[str, str]) -> None:
    me, is_client = CALLERS[line["caller"]], line["caller"] == "client"
    row = appointment(**members(line["row"], me, COLLEAGUE, STRANGER, NOW, 77, is_client=is_client))
    granted = rights(principal(me), row, VIEW)
    assert granted.access is Access[line["access"]]
    assert granted.may_delete is (line["deletes"] == "yes")
    assert access(principal(me), row, PEOPLE) is granted.access


@pytest.mark.parametrize("line", [line for line in MATRIX if line["caller"] == "guest"], ids=named)
def test_who_has_no_name_may_do_as_much_as_a_guest(line: dict[str, str]) -> None:
    row = appointment(**members(line["row"], UNNAMED, COLLEAGUE, STRANGER, NOW, 77))
    granted = rights(principal(UNNAMED), row, VIEW)
    assert granted == (Access[line["access"]], line["deletes"] == "yes")


@pytest.mark.parametrize("line", lines("rights_create"), ids=named)
def test_whose_diary(line: dict[str, str]) -> None:
    me = CALLERS[line["caller"]]
    owner = {"own": me, "group": COLLEAGUE, "other": STRANGER, "tenant": 99}[line["diary"]]
    # Whether an owner exists is told before.
    if line["diary"] != "tenant":
        assert may_create(principal(me), owner, PEOPLE) is (line["so_create"] == "200")


def test_every_ownership_and_role_has_its_rights() -> None:
    assert set(GRANTS) == set(Ownership)
    assert all(set(by_role) == set(Role) for by_role in GRANTS.values())


def test_whoever_stands_closer_may_do_at_least_as_much() -> None:
    # A secretary stands closer to a diary than an invitee to a booking: other rows, so not compared.
    for pair in ((Ownership.OWNER_SECRETARY, Ownership.OWNER), (Ownership.NONE, Ownership.OWNER_SECRETARY)):
        for role in Role:
            further, closer = (GRANTS[one][role] for one in pair)
            assert further.access <= closer.access
            assert further.may_delete <= closer.may_delete


def test_a_guest_sees_own_rows_alone() -> None:
    for row in (appointment(owner_id=COLLEAGUE), appointment(owner_id=COLLEAGUE, privacy=Privacy.OWNER)):
        assert access(principal(GUEST), row, PEOPLE) is Access.NOTHING
    assert access(principal(GUEST), appointment(owner_id=GUEST), PEOPLE) is Access.OWN


def test_a_program_that_administers_sees_all() -> None:
    row = appointment(owner_id=STRANGER, created_by=STRANGER, department_id=2)
    assert access(principal(NOBODY), row, PEOPLE) is Access.OWN
    assert access(principal(NOBODY), replace(row, privacy=Privacy.OWNER), PEOPLE) is Access.TIMES


def test_the_creator_may_do_all() -> None:
    row = appointment(owner_id=KARI, created_by=OLA, department_id=2, privacy=Privacy.OWNER)
    assert access(principal(OLA), row, directory()) is Access.OWN


def test_who_invites_answers_for_nobody_by_it() -> None:
    row = appointment(owner_id=COLLEAGUE, created_by=STRANGER, mother_id=77)
    assert ownership(PEOPLE.associates[STRANGER], row) is Ownership.NONE
    for privacy in Privacy:
        assert access(principal(STRANGER), replace(row, privacy=privacy), PEOPLE) is Access.READ
    assert access(principal(GUEST), replace(row, created_by=GUEST), PEOPLE) is Access.READ
    assert ownership(PEOPLE.associates[COLLEAGUE], row) is Ownership.PARTICIPANT


@pytest.mark.parametrize("who", [PER, 99])
def test_a_deleted_or_unknown_associate_is_nobody(who: int) -> None:
    with pytest.raises(Unauthenticated):
        caller(principal(who), directory())


@pytest.mark.parametrize(
    ("granted", "allowed"),
    [
        (Access.READ, set()),
        (Access.ANSWER, ANSWERS),
        (Access.ANNOTATE, ANNOTATIONS),
        (Access.CHANGE, set(Appointment.__struct_fields__) - OWNERS_ALONE),
        (Access.OWN, set(Appointment.__struct_fields__)),
    ],
)
def test_what_each_access_may_set(granted: Access, allowed: set[str]) -> None:
    assert {name for name in Appointment.__struct_fields__ if may_set(granted, name)} == allowed


class TestKeys:
    @pytest.mark.parametrize("granted", Access)
    def test_the_room_for_who_answers_and_the_claimants_link_for_who_changes(self, granted: Access) -> None:
        told = keys(principal(KARI), appointment(), granted)
        assert told == Keys(granted >= Access.ANSWER, granted >= Access.CHANGE)

    def test_who_is_invited_may_join(self) -> None:
        people = (Participant(key=1, email_address="a@b.example"), Participant(key=2, associate_id=KARI))
        row = appointment(participants=people)
        assert keys(principal(KARI), row, Access.READ) == Keys(room=True, claimant=False)
        assert keys(principal(OLA), row, Access.READ) == Keys(room=False, claimant=False)
        assert keys(principal(KARI), row, Access.TIMES) == Keys(room=False, claimant=False)


class TestRefused:
    BEFORE = appointment()

    def refused(self, granted: Access, **changes: Any) -> tuple[str, ...]:
        return refused(granted, self.BEFORE, replace(self.BEFORE, **changes))

    def test_owners_change_all(self) -> None:
        assert self.refused(Access.OWN, participants=(object(),), title="x") == ()

    def test_colleagues_leave_the_participants_alone(self) -> None:
        assert self.refused(Access.CHANGE, title="x", owner_id=9) == ()
        assert self.refused(Access.CHANGE, title="x", participants=(object(),)) == ("participants",)

    def test_invitees_answer(self) -> None:
        assert self.refused(Access.ANSWER, priority_id=3, alarm_minutes=5, status=Status.COMPLETE) == ()
        assert self.refused(Access.ANSWER, priority_id=3, location="x", title="x") == ("title", "location")

    @pytest.mark.parametrize("granted", [Access.ANSWER, Access.ANNOTATE])
    def test_who_may_complete_may_not_cancel(self, granted: Access) -> None:
        assert self.refused(granted, status=Status.CANCELLED) == ("status",)
        assert self.refused(Access.CHANGE, status=Status.CANCELLED) == ()

    def test_nothing_asked_is_nothing_refused(self) -> None:
        assert self.refused(Access.READ) == ()


class TestExternalRows:
    def row(self, age: timedelta) -> Appointment:
        return appointment(owner_id=4, external_owner=ExternalOwner.OUTLOOK, ends_at=NOW - age)

    @pytest.mark.parametrize(
        ("age", "expected"), [(timedelta(days=7), False), (timedelta(days=7, seconds=1), True)]
    )
    def test_they_may_be_deleted_after_seven_days(self, age: timedelta, expected: bool) -> None:
        assert rights(principal(4), self.row(age), VIEW).may_delete is expected

    def test_being_old_gives_nobody_a_right_they_had_not(self) -> None:
        row = self.row(timedelta(days=90))
        assert rights(principal(STRANGER), row, VIEW) == (Access.READ, False)


@pytest.mark.parametrize(
    ("who", "owner", "expected"),
    [
        (OLA, OLA, True),
        (ADMIN, KARI, True),
        (OLA, ADMIN, True),
        (OLA, ROOM, True),
        (OLA, KARI, False),
        (OLA, 99, False),
        (CLIENT, KARI, True),
        (CLIENT, OLA, False),
        (CLIENT, ROOM, False),
    ],
)
def test_may_create(who: int, owner: int, expected: bool) -> None:
    assert may_create(principal(who), owner, directory()) is expected


def test_rooms_anywhere_may_be_booked_by_people() -> None:
    assert may_create(principal(4), ROOM_THERE, PEOPLE)
    assert not may_create(principal(5), ROOM_THERE, PEOPLE)


@pytest.mark.parametrize(
    ("who", "expected"), [("administrator", True), ("scheduler", True), ("agent", False), ("client", True)]
)
def test_out_of_reach_a_row_goes_with_all_rights_only(who: str, expected: bool) -> None:
    row = appointment(owner_id=COLLEAGUE, created_by=COLLEAGUE)
    moved = replace(row, owner_id=STRANGER, department_id=2)
    me = CALLERS[who]
    assert may_move(principal(me), row, moved, PEOPLE) is expected
    assert may_move(principal(me), row, replace(row, department_id=1), PEOPLE)


def test_only_administrators_change_what_all_share() -> None:
    assert [who for who, number in CALLERS.items() if may_administer(principal(number), PEOPLE)] == [
        "administrator"
    ]


@pytest.mark.parametrize(
    ("who", "departments"), [("administrator", [1, 2]), ("department_administrator", [1]), ("scheduler", [])]
)
def test_departments_are_changed_by_their_own_administrators(who: str, departments: list[int]) -> None:
    me = principal(CALLERS[who])
    assert [number for number in (1, 2) if may_administer_department(me, number, PEOPLE)] == departments


@pytest.mark.parametrize(
    ("who", "departments", "users"),
    [
        (CALLERS["agent"], [1, 2], [COLLEAGUE, STRANGER, GUEST]),
        (CALLERS["client"], [1], [COLLEAGUE]),
        (GUEST, [], [GUEST]),
        (NOBODY, [1, 2], [COLLEAGUE, STRANGER, GUEST]),
    ],
    ids=["agent", "client", "guest", "administering program"],
)
def test_who_knows_of_whom(who: int, departments: list[int], users: list[int]) -> None:
    me = principal(who)
    assert [number for number in (1, 2) if may_see_department(me, number, PEOPLE)] == departments
    asked = [PEOPLE.associates[number] for number in (COLLEAGUE, STRANGER, GUEST)]
    assert [one.id for one in asked if may_see_user(me, one, PEOPLE)] == users


KINDS = {kind: 20 + place for place, kind in enumerate(AssociateType)}
IN_BOTH = {
    **PEOPLE.associates,
    **{n: Associate(id=n, name="a", full_name="A", type=k, group_id=1) for k, n in KINDS.items()},
}
MIXED = Directory(PEOPLE.tenant, 1, {"associate": IN_BOTH})


@pytest.mark.parametrize(
    ("kind", "near", "far", "guest_near"),
    [
        (AssociateType.INTERNAL, Known.WHOLE, Known.WHOLE, Known.WHOLE),
        (AssociateType.RESOURCE, Known.NAME, Known.NAME, Known.NAME),
        (AssociateType.SYSTEM, Known.WHOLE, Known.NOTHING, Known.WHOLE),
        (AssociateType.EXTERNAL, Known.NAME, Known.NOTHING, Known.NOTHING),
        (AssociateType.ANONYMOUS, Known.NAME, Known.NOTHING, Known.NOTHING),
    ],
)
def test_how_much_of_whom(kind: AssociateType, near: Known, far: Known, guest_near: Known) -> None:
    me = principal(KINDS[kind])
    others = [
        CALLERS["agent"],
        STRANGER,
        next(n for k, n in KINDS.items() if k in GUESTS and k is not kind),
        KINDS[kind],
    ]
    found = [known(me, IN_BOTH[number], MIXED) for number in others]
    assert found == [near, far, guest_near, Known.WHOLE]
    assert known(principal(CALLERS["administrator"]), IN_BOTH[KINDS[kind]], MIXED) is Known.WHOLE


def test_every_kind_of_caller_is_told_something_and_near_ones_no_less() -> None:
    assert set(KNOWN) == set(AssociateType)
    assert all(anybody <= near for anybody, near in KNOWN.values())


def test_who_reads_the_audit_log_of_what() -> None:
    found = {}
    for who, number in CALLERS.items():
        try:
            found[who] = audited(principal(number), PEOPLE)
        except Forbidden:
            continue
    assert {who for who, departments in found.items() if departments is None} == {
        who for who, number in CALLERS.items() if may_administer(principal(number), PEOPLE)
    }
    limited = {who: departments for who, departments in found.items() if departments is not None}
    assert limited
    for who, departments in limited.items():
        for department in (1, 2, 3):
            may = may_administer_department(principal(CALLERS[who]), department, PEOPLE)
            assert may == (department in departments)


def test_departments_of() -> None:
    found = directory().associates
    assert departments_of(found[OLA]) == (1,)
    assert departments_of(found[PER]) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"kind": Kind.CHECKLIST}, False), ({"mother_id": 3}, False), ({"mother_id": 10}, True)],
)
def test_what_video_lists_hold(changes: dict[str, Any], expected: bool) -> None:
    assert is_video_listed(appointment(**changes)) is expected


ALL = VisibleFor(Visibility.ALL)
NAMED = (
    ALL,
    *(VisibleFor(Visibility.ASSOCIATE, number) for number in (CALLERS["agent"], STRANGER, GUEST)),
    *(VisibleFor(Visibility.GROUP, number) for number in (1, 2)),
)


@pytest.mark.parametrize(
    ("named", "who", "granted"),
    [
        ((), STRANGER, Access.TIMES),
        ((VisibleFor(Visibility.ASSOCIATE, STRANGER),), STRANGER, Access.READ),
        ((VisibleFor(Visibility.ASSOCIATE, COLLEAGUE),), STRANGER, Access.TIMES),
        ((VisibleFor(Visibility.GROUP, 2),), STRANGER, Access.READ),
        ((VisibleFor(Visibility.GROUP, 1),), STRANGER, Access.TIMES),
        ((VisibleFor(Visibility.GROUP, STRANGER),), STRANGER, Access.TIMES),
        ((VisibleFor(Visibility.ASSOCIATE, 2),), STRANGER, Access.TIMES),
        ((ALL,), STRANGER, Access.TIMES),
        ((), GUEST, Access.NOTHING),
        ((VisibleFor(Visibility.ASSOCIATE, GUEST),), GUEST, Access.READ),
        (
            (VisibleFor(Visibility.ASSOCIATE, CALLERS["administrator"]),),
            CALLERS["administrator"],
            Access.READ,
        ),
    ],
)
def test_whom_a_private_row_names_may_read_it(
    named: tuple[VisibleFor, ...], who: int, granted: Access
) -> None:
    row = appointment(owner_id=4, created_by=4, privacy=Privacy.OWNER, visible_for=named, department_id=1)
    assert rights(principal(who), row, VIEW) == (granted, False)
    # Nobody is named beside everybody, and the row says so of its own accord.
    assert viewers(replace(row, privacy=Privacy.PUBLIC)) == set()


def test_the_owner_and_their_department_are_no_others() -> None:
    named = (
        ALL,
        VisibleFor(Visibility.ASSOCIATE, 4),
        VisibleFor(Visibility.GROUP, 1),
        VisibleFor(Visibility.GROUP, 2),
    )
    row = appointment(owner_id=4, department_id=1, privacy=Privacy.GROUP, visible_for=named)
    assert viewers(row) == {-2}
    assert viewer_keys(PEOPLE.associates[STRANGER]) == (STRANGER, -2)


SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_filters_and_rights_agree_on_any_row(seed: int) -> None:
    chance = random.Random(seed)
    everybody = list(PEOPLE.associates.values())
    for _time in range(200):
        row = appointment(
            owner_id=chance.choice(everybody).id,
            created_by=chance.choice(everybody).id,
            department_id=chance.choice((0, 1, 2)),
            privacy=chance.choice(list(Privacy)),
            kind=chance.choice(list(Kind)),
            mother_id=chance.choice((0, 10, 77)),
            external_owner=chance.choice((ExternalOwner.NONE, ExternalOwner.GOOGLE)),
            visible_for=tuple(chance.choices(NAMED, k=chance.choice((1, 1, 2)))),
        )
        for who in everybody:
            granted = access(principal(who.id), row, PEOPLE)
            told = f"seed {seed}: {who.name}, {row}"
            assert holds(readable_rows(who), row) is (granted >= Access.READ), told
            assert holds(visible_rows(who), row) is (granted >= Access.TIMES), told
            assert holds(readable(who, PEOPLE), row) is (granted >= Access.READ and is_video_listed(row)), (
                told
            )


@pytest.mark.parametrize(
    ("asks", "about", "may"),
    [
        (OLA, KARI, True),
        (OLA, 999, True),
        (CLIENT, KARI, True),
        (CLIENT, CLIENT, True),
        (CLIENT, OLA, False),
        (CLIENT, ROOM, False),
        (CLIENT, 999, False),
    ],
)
def test_a_request_names_whom_its_caller_may_know_of_there_or_not(asks, about, may) -> None:
    assert may_name(principal(asks), about, directory()) is may
    if may:
        demand_nameable(principal(asks), about, directory())
    else:
        with pytest.raises(Forbidden):
            demand_nameable(principal(asks), about, directory())


def test_a_program_that_administers_names_all() -> None:
    found = directory()
    boss = replace(found.associates[CLIENT], role=Role.ADMINISTRATOR)
    all_of_them = Directory(found.tenant, 1, {"associate": found.associates | {CLIENT: boss}})
    assert [may_name(principal(CLIENT), about, all_of_them) for about in (OLA, 999)] == [True, True]
