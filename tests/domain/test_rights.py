"""Who may see and change what: a matrix of caller, privacy and row."""

import pytest

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.errors import Forbidden, Unauthenticated
from appointed.domain.rights import (
    Access,
    access,
    caller,
    demand,
    departments_of,
    is_video_listed,
    may_create,
)
from tests.builders import ADMIN, CLIENT, KARI, OLA, PER, ROOM, appointment, directory, principal

PUBLIC, OWNER, GROUP = Privacy.PUBLIC, Privacy.OWNER, Privacy.GROUP
NOTHING, TIMES, READ, CHANGE, DELETE = Access

MATRIX = [
    # caller, owner, department, privacy, access
    (OLA, OLA, 1, OWNER, DELETE),
    (OLA, ADMIN, 1, PUBLIC, CHANGE),
    (OLA, ADMIN, 1, GROUP, CHANGE),
    (OLA, ADMIN, 1, OWNER, TIMES),
    (OLA, KARI, 2, PUBLIC, READ),
    (OLA, KARI, 2, GROUP, TIMES),
    (OLA, KARI, 2, OWNER, TIMES),
    (ADMIN, KARI, 2, PUBLIC, DELETE),
    (ADMIN, KARI, 2, OWNER, TIMES),
    (CLIENT, KARI, 2, PUBLIC, DELETE),
    (CLIENT, KARI, 2, OWNER, TIMES),
    (CLIENT, ADMIN, 1, PUBLIC, NOTHING),
]


@pytest.mark.parametrize(("who", "owner", "department", "privacy", "expected"), MATRIX)
def test_access(who, owner, department, privacy, expected) -> None:
    row = appointment(owner_id=owner, created_by=owner, department_id=department, privacy=privacy)
    assert access(principal(who), row, directory()) is expected


def test_the_creator_may_do_all() -> None:
    row = appointment(owner_id=KARI, created_by=OLA, department_id=2, privacy=OWNER)
    assert access(principal(OLA), row, directory()) is DELETE


@pytest.mark.parametrize("who", [PER, 99])
def test_a_deleted_or_unknown_associate_is_nobody(who) -> None:
    with pytest.raises(Unauthenticated):
        caller(principal(who), directory())


def test_demand() -> None:
    row = appointment(owner_id=KARI, created_by=KARI, department_id=2)
    demand(principal(OLA), row, directory(), READ)
    with pytest.raises(Forbidden):
        demand(principal(OLA), row, directory(), CHANGE)


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
    ],
)
def test_may_create(who, owner, expected) -> None:
    assert may_create(principal(who), owner, directory()) is expected


def test_departments_of() -> None:
    people = directory().associates
    assert departments_of(people[OLA]) == (1,)
    assert departments_of(people[PER]) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"kind": Kind.CHECKLIST}, False), ({"mother_id": 3}, False), ({"mother_id": 10}, True)],
)
def test_what_video_lists_hold(changes, expected) -> None:
    assert is_video_listed(appointment(**changes)) is expected
