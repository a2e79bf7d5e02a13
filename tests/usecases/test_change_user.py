"""Users through the use cases: who may, what is judged, what one signs in with, who may know of whom."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType, Directory, Record, View
from appointed.domain.errors import Forbidden, InvalidAppointment, RecordNotFound
from appointed.domain.precondition import Precondition
from appointed.domain.principal import Role
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_user import change_user, create_user, read_user, users_seen
from appointed.usecases.ports import Account, Outcome, RecordChange, RecordDecision
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, PER, ROOM, directory, principal


class Shelf:
    """A Store of the directory's associates, of which some are different."""

    def __init__(self, *different: Associate) -> None:
        self.known = directory()
        self.known.associates.update({one.id: one for one in different})
        self.changes: list[RecordChange] = []
        self.decision = RecordDecision(None)

    async def directory(self, _tenant_id: int) -> Directory:
        return self.known

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        view = View(self.known, NOW)
        record: Record | None = self.known.associates.get(change.record_id)
        change.permit(record, view)
        self.decision = change.decide(record, view)
        return Outcome(record=self.decision.record)


class Hasher:
    """Hashes by turning round, and counts."""

    def __init__(self) -> None:
        self.hashed = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return password[::-1]


def user(number: int, **members: Any) -> Associate:
    return replace(directory().associates[number], **members)


HEAD = user(OLA, role=Role.DEPARTMENT_ADMINISTRATOR)
NEW = Associate(id=0, name="New.Hand", full_name="New Hand", group_id=1)


def call(by: int = ADMIN, **more: Any) -> Call:
    return Call(principal=principal(by), door="test", **more)


def setting(**members: Any) -> Any:
    return lambda before, _view: replace(before or NEW, **members)


async def create(shelf: Any, by: int = ADMIN, password: str = "secret", **members: Any) -> RecordDecision:
    await create_user(shelf, Hasher(), call(by), setting(**members), password)
    return shelf.decision


async def change(
    shelf: Any, number: int, by: int = ADMIN, password: str | None = None, **members: Any
) -> RecordDecision:
    await change_user(shelf, Hasher(), call(by), number, setting(**members), password)
    return shelf.decision


async def problems(shelf: Any, number: int, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidAppointment) as caught:
        await change(shelf, number, **more)
    return [(problem.path, problem.rule) for problem in caught.value.problems]


async def test_an_administrator_adds_a_user_who_signs_in_with_a_password() -> None:
    decision = await create(Shelf())
    assert decision.record == replace(NEW, password_set_at=NOW)
    assert decision.account == Account(
        kind="login", name="new.hand", tenant_id=1, associate_id=0, secret="terces"
    )


async def test_a_user_is_changed_under_the_callers_conditions() -> None:
    shelf, demand = Shelf(), Precondition(if_match=(1,))
    hasher: Any = Hasher()
    dry = call(precondition=demand, dry_run=True)
    await change_user(shelf, hasher, dry, KARI, setting(full_name="K"), "secret")
    (asked,) = shelf.changes
    assert (asked.kind, asked.record_id, asked.precondition, asked.dry_run) == (
        "associate",
        KARI,
        demand,
        True,
    )
    # What is not kept need not be hashed.
    assert (hasher.hashed, shelf.decision.account and shelf.decision.account.secret) == (0, None)
    assert (await change(shelf, KARI, full_name="K")).account is None


async def test_nobody_gets_a_hash_for_nothing() -> None:
    hasher: Any = Hasher()
    shelf: Any = Shelf()
    with pytest.raises(Forbidden):
        await create_user(shelf, hasher, call(KARI), setting(), "secret")
    with pytest.raises(Forbidden):
        await change_user(shelf, hasher, call(KARI), KARI, setting(), "secret")
    with pytest.raises(RecordNotFound):
        await change_user(shelf, hasher, call(), 99, setting(), "secret")
    assert (hasher.hashed, shelf.changes) == (0, [])


async def test_a_department_administrator_works_within_and_never_above() -> None:
    shelf = Shelf(HEAD)
    assert (await create(shelf, OLA, role=Role.DEPARTMENT_ADMINISTRATOR)).record
    assert (await change(shelf, OLA, OLA, full_name="O")).record
    for members in (
        {"role": Role.ADMINISTRATOR},
        {"group_id": 2},
        {"department_ids": (2,)},
        {"group_id": 0},
    ):
        with pytest.raises(Forbidden):
            await create(shelf, OLA, **members)
    for number in (ADMIN, KARI, CLIENT):
        with pytest.raises(Forbidden):
            await change(shelf, number, OLA)


async def test_a_program_makes_no_colleagues() -> None:
    shelf = Shelf(user(CLIENT, role=Role.DEPARTMENT_ADMINISTRATOR))
    with pytest.raises(Forbidden):
        await create(shelf, CLIENT, group_id=2)
    assert (await change(shelf, CLIENT, CLIENT, full_name="Program")).record


async def test_programs_have_no_password() -> None:
    assert await problems(Shelf(), CLIENT, password="secret") == [("password", "prohibited")]


async def test_who_is_needed_cannot_be_locked_out() -> None:
    shelf = Shelf(user(OLA, role=Role.ADMINISTRATOR))
    assert (await change(shelf, OLA, is_deleted=True)).record
    assert await problems(shelf, OLA, by=OLA, is_deleted=True) == [("is_active", "yourself")]
    assert await problems(shelf, KARI, is_deleted=True) == [("is_active", "in_use")]


async def test_somebody_administers_everything() -> None:
    assert await problems(Shelf(), ADMIN, role=Role.AGENT) == [("role", "last")]
    rules = await problems(Shelf(), ADMIN, is_deleted=True)
    assert rules == [("is_active", "yourself"), ("is_active", "in_use"), ("is_active", "last")]
    second = Shelf(user(OLA, role=Role.ADMINISTRATOR))
    assert (await change(second, ADMIN, role=Role.AGENT)).record
    # A program or somebody who is gone cannot help.
    others = Shelf(user(CLIENT, role=Role.ADMINISTRATOR), user(PER, role=Role.ADMINISTRATOR))
    assert await problems(others, ADMIN, role=Role.AGENT) == [("role", "last")]
    assert user(CLIENT).type is AssociateType.SYSTEM


def test_users_are_those_who_can_sign_in() -> None:
    seen = [one.id for one in users_seen(principal(KARI), directory())]
    assert seen == [ADMIN, CLIENT, KARI, OLA]
    assert [one.id for one in users_seen(principal(CLIENT), directory())] == [CLIENT, KARI]
    assert read_user(principal(KARI), directory(), OLA).full_name == "Ola O"


def test_who_cannot_sign_in_any_more_is_left_to_administrators() -> None:
    assert PER in [one.id for one in users_seen(principal(), directory())]
    assert read_user(principal(), directory(), PER).is_deleted


@pytest.mark.parametrize(("by", "user_id"), [(ADMIN, ROOM), (KARI, PER), (ADMIN, 99), (CLIENT, OLA)])
def test_who_is_no_user_or_out_of_sight_is_not_there(by: int, user_id: int) -> None:
    known: Directory = directory()
    with pytest.raises(RecordNotFound):
        read_user(principal(by), known, user_id)
