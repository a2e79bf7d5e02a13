"""Waiting areas through the use cases: who may, what is judged, and who may know of what."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Directory, Record, View, WaitingArea
from appointed.domain.errors import Forbidden, InvalidAppointment, RecordNotFound
from appointed.domain.principal import Role
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_waiting_area import (
    change_waiting_area,
    create_waiting_area,
    read_waiting_area,
    waiting_areas_seen,
)
from appointed.usecases.ports import Outcome, RecordChange
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, directory, principal

HALL = WaitingArea(id=1, department_id=1, name="Hall")
ROOM = WaitingArea(id=2, department_id=2, name="Room")


def known() -> Directory:
    """Ola administers department 1."""
    found = directory()
    ola = replace(found.associates[OLA], role=Role.DEPARTMENT_ADMINISTRATOR)
    changes = [("waiting_area", one.id, one) for one in (HALL, ROOM)] + [("associate", OLA, ola)]
    return found.followed(found.tenant, 2, changes)


class Shelf:
    """A Store of two waiting areas."""

    async def change_record(self, change: RecordChange) -> Outcome:
        view = View(known(), NOW)
        record: Record | None = view.directory.records(change.kind).get(change.record_id)
        change.permit(record, view)
        return Outcome(record=change.decide(record, view).record)


@pytest.fixture
def shelf() -> Any:
    return Shelf()


def call(by: int = ADMIN) -> Call:
    return Call(principal=principal(by), door="test")


def setting(**members: Any) -> Any:
    new = WaitingArea(id=0, department_id=1, name="New")
    return lambda before, _view: replace(before or new, **members)


async def test_administrators_make_change_and_remove_those_of_their_departments(shelf: Any) -> None:
    for by in (ADMIN, OLA):
        assert (await create_waiting_area(shelf, call(by), setting())).record is not None
        changed = await change_waiting_area(shelf, call(by), 1, setting(name="hall"))
        assert changed.record == replace(HALL, name="hall")
        assert (await change_waiting_area(shelf, call(by), 1, lambda _before, _view: None)).record is None


async def test_nobody_else_does(shelf: Any) -> None:
    with pytest.raises(Forbidden):
        await create_waiting_area(shelf, call(KARI), setting())
    for number, members in ((2, {}), (1, {"department_id": 2})):
        with pytest.raises(Forbidden):
            await change_waiting_area(shelf, call(OLA), number, setting(**members))
    with pytest.raises(Forbidden):
        await create_waiting_area(shelf, call(OLA), setting(department_id=2))


async def test_a_name_is_given_once_in_a_department(shelf: Any) -> None:
    with pytest.raises(InvalidAppointment) as caught:
        await create_waiting_area(shelf, call(), setting(name="HALL"))
    assert [(one.path, one.rule) for one in caught.value.problems] == [("name", "unique")]
    assert (await create_waiting_area(shelf, call(), setting(name="Hall", department_id=2))).record


def test_they_are_known_as_their_departments_are() -> None:
    assert waiting_areas_seen(principal(KARI), known()) == [HALL, ROOM]
    assert waiting_areas_seen(principal(CLIENT), known()) == [ROOM]
    assert read_waiting_area(principal(CLIENT), known(), 2) == ROOM
    for number in (1, 9):
        with pytest.raises(RecordNotFound):
            read_waiting_area(principal(CLIENT), known(), number)
