"""Types of activity through the use case: who may, and what is judged."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Task, View
from appointed.domain.errors import Forbidden, InvalidAppointment
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_task import LARGEST_RANK, LONGEST, save_task
from appointed.usecases.ports import Outcome, RecordChange
from tests.builders import ADMIN, KARI, NOW, directory, principal


class Shelf:
    """A Store of the directory's tasks."""

    def __init__(self, tasks: Sequence[Task] | None = None) -> None:
        known = directory()
        if tasks is not None:
            known.tasks = {one.id: one for one in tasks}
        self.view = View(known, NOW)
        self.changes: list[RecordChange] = []

    async def change_record(self, change: RecordChange) -> Outcome:
        self.changes.append(change)
        record = self.view.directory.tasks.get(change.record_id)
        change.permit(record, self.view)
        return Outcome(record=change.decide(record, self.view).record)


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


@pytest.mark.parametrize(
    ("task", "ranks", "expected"),
    [
        (Task(id=0, value="Visit"), (1, 7, 3), 8),
        (Task(id=0, value="Visit"), (), 1),
        (Task(id=0, value="Visit"), (LARGEST_RANK,), LARGEST_RANK),
        (Task(id=0, value="Visit", rank=2), (1, 7), 2),
        (Task(id=1, value="Call", rank=0), (0, 7), 0),
    ],
    ids=["last", "only", "bounded", "chosen", "kept"],
)
async def test_a_new_task_is_the_last_unless_it_has_a_rank(
    task: Task, ranks: tuple[int, ...], expected: int
) -> None:
    others = [Task(id=number, value="x", rank=rank) for number, rank in enumerate(ranks, start=1)]
    shelf: Any = Shelf(others)
    outcome = await save_task(shelf, call(), task)
    assert outcome.record == replace(task, rank=expected)


async def test_a_task_has_a_name_and_a_size(shelf: Any) -> None:
    with pytest.raises(InvalidAppointment) as caught:
        await save_task(shelf, call(), Task(id=0, value=" ", tooltip="x" * (LONGEST + 1)))
    found = [(problem.path, problem.rule) for problem in caught.value.problems]
    assert found == [("tooltip", "longest"), ("value", "required")]
