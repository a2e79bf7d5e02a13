"""Departments through the use cases: who may, what is judged, and who may know of what."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Department, Directory, Record, View, WaitingArea
from appointed.domain.errors import Forbidden, InvalidAppointment, RecordInUse, RecordNotFound
from appointed.domain.precondition import Precondition
from appointed.domain.rights import is_member
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_department import (
    change_department,
    create_department,
    delete_department,
    departments_seen,
    read_department,
)
from appointed.usecases.ports import Outcome, RecordChange
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, PER, ROOM, directory, principal, view


class Shelf:
    """A Store of the directory's departments."""

    def __init__(self) -> None:
        self.changes: list[RecordChange] = []
        self.appointments = 0
        self.view = view()

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        record: Record | None = directory().departments.get(change.record_id)
        change.permit(record, self.view)
        if change.counted is not None:
            change.counted(self.appointments, self.view)
        return Outcome(record=change.decide(record, view()).record)


def call(by: int = ADMIN, **more: Any) -> Call:
    return Call(principal=principal(by), door="test", **more)


def setting(**members: Any) -> Any:
    return lambda before, _view: replace(before or NEW, **members)


NEW = Department(id=0, uid=UUID(int=103), name="Third", default_associate_id=OLA)


@pytest.fixture
def shelf() -> Any:
    return Shelf()


def rules(refused: InvalidAppointment) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in refused.problems]


async def test_an_administrator_adds_a_department(shelf: Any) -> None:
    assert (await create_department(shelf, call(), setting())).record == NEW
    with pytest.raises(Forbidden):
        await create_department(shelf, call(KARI), setting())


async def test_a_department_is_changed_under_the_callers_conditions(shelf: Any) -> None:
    demand = Precondition(if_match=(1,))
    outcome = await change_department(shelf, call(precondition=demand, dry_run=True), 2, setting(name="New"))
    assert outcome.record == replace(directory().departments[2], name="New")
    (change,) = shelf.changes
    assert (change.tenant_id, change.kind, change.record_id) == (1, "department", 2)
    assert (change.precondition, change.dry_run) == (demand, True)


async def test_who_may_know_of_a_department_may_not_change_it_yet(shelf: Any) -> None:
    with pytest.raises(Forbidden):
        await change_department(shelf, call(OLA), 1, setting(name="New"))
    # Of what is not theirs programs do not even hear.
    with pytest.raises(RecordNotFound):
        await change_department(shelf, call(CLIENT), 1, setting(name="New"))
    with pytest.raises(RecordNotFound):
        await change_department(shelf, call(), 9, setting(name="New"))


async def test_names_are_taken_once_and_the_default_must_be_there(shelf: Any) -> None:
    with pytest.raises(InvalidAppointment) as caught:
        await create_department(shelf, call(), setting(name="FIRST", default_associate_id=99))
    assert rules(caught.value) == [("name", "unique"), ("default_user_id", "exists")]
    with pytest.raises(InvalidAppointment) as caught:
        await change_department(shelf, call(), 2, setting(default_associate_id=PER))
    assert rules(caught.value) == [("default_user_id", "exists")]
    # A room may hold what is the department's.
    await change_department(shelf, call(), 2, setting(default_associate_id=ROOM))
    # Its own name is no other's.
    await change_department(shelf, call(), 2, setting(name="SECOND"))


def test_colleagues_know_of_all_departments_and_programs_of_their_own() -> None:
    names = {by: [one.name for one in departments_seen(principal(by), directory())] for by in (KARI, CLIENT)}
    assert names == {KARI: ["First", "Second"], CLIENT: ["Second"]}
    assert read_department(principal(CLIENT), directory(), 2).name == "Second"
    with pytest.raises(RecordNotFound):
        read_department(principal(CLIENT), directory(), 1)


async def test_a_department_goes_once_nothing_belongs_to_it(shelf: Any) -> None:
    with pytest.raises(RecordInUse) as refused:
        await delete_department(shelf, call(), 1)
    users = sum(1 for one in directory().associates.values() if is_member(one, 1))
    assert refused.value.by == {"users": users, "default_of_the_customer": 1}
    alone = directory()
    for associate in alone.associates.values():
        alone.associates[associate.id] = replace(associate, group_id=1, department_ids=())
    area = WaitingArea(id=1, department_id=2, name="Hall")
    records = {"associate": alone.associates, "department": alone.departments, "waiting_area": {1: area}}
    shelf.view, shelf.appointments = View(Directory(alone.tenant, 2, records), NOW), 12
    with pytest.raises(RecordInUse) as refused:
        await delete_department(shelf, call(), 2)
    assert refused.value.by == {"appointments": 12, "waiting_areas": 1}
    shelf.view, shelf.appointments = View(Directory(alone.tenant, 2, records | {"waiting_area": {}}), NOW), 0
    assert (await delete_department(shelf, call(), 2)).record is None
    with pytest.raises(Forbidden):
        await delete_department(shelf, call(KARI), 2)
    with pytest.raises(RecordNotFound):
        await delete_department(shelf, call(), 9)
