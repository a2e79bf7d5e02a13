"""Types of activity through the use case: who may, and what is judged."""

from typing import Any

import pytest

from appointed.domain.directory import Task
from appointed.domain.errors import Forbidden, InvalidAppointment
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_task import LONGEST, save_task
from appointed.usecases.ports import Outcome, RecordChange
from tests.builders import ADMIN, KARI, directory, principal, view


class Shelf:
    """A Store of the directory's tasks."""

    def __init__(self) -> None:
        self.changes: list[RecordChange] = []

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        record = directory().tasks.get(change.record_id)
        change.permit(record, view())
        return Outcome(record=change.decide(record, view()).record)


@pytest.fixture
def shelf() -> Any:
    return Shelf()


def call(by: int = ADMIN) -> Call:
    return Call(principal=principal(by), door="test")


async def test_an_administrator_keeps_a_task_without_the_space_around_it(shelf: Any) -> None:
    outcome = await save_task(shelf, call(), Task(id=1, value=" Call "))
    assert outcome.record == Task(id=1, value="Call")
    (change,) = shelf.changes
    assert (change.tenant_id, change.kind, change.record_id) == (1, "task", 1)


async def test_nobody_else_changes_what_all_share(shelf: Any) -> None:
    with pytest.raises(Forbidden):
        await save_task(shelf, call(KARI), Task(id=1, value="Call"))


async def test_a_task_has_a_name_and_a_size(shelf: Any) -> None:
    with pytest.raises(InvalidAppointment) as caught:
        await save_task(shelf, call(), Task(id=0, value=" ", tooltip="x" * (LONGEST + 1)))
    found = [(problem.path, problem.rule) for problem in caught.value.problems]
    assert found == [("tooltip", "longest"), ("value", "required")]
