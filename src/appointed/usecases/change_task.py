"""Add or change a type of activity: administrators only."""

from msgspec.structs import replace

from appointed.domain.directory import Record, Task, View
from appointed.domain.errors import Forbidden, Problem, invalid
from appointed.domain.rights import may_administer
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, RecordChange, RecordDecision, Store

LONGEST = 220
LARGEST_RANK = 2**31 - 1
KIND = "task"


async def save_task(store: Store, call: Call, task: Task) -> Outcome:
    """Keep a task; id 0 makes a new one, the last of the list unless it has a rank.

    Raises Forbidden, RecordNotFound, InvalidAppointment.
    """

    def permit(_record: Record | None, view: View) -> None:
        if not may_administer(call.principal, view.directory):
            raise Forbidden(KIND)

    def decide(_before: Record | None, view: View) -> RecordDecision:
        texts = {"value": task.value, "tooltip": task.tooltip}
        found = [
            Problem(name, "longest", len(text), LONGEST)
            for name, text in texts.items()
            if len(text) > LONGEST
        ]
        if not task.value.strip():
            found.append(Problem("value", "required"))
        if found:
            raise invalid(found)
        return RecordDecision(replace(task, value=task.value.strip(), rank=_rank(task, view)))

    return await store.change_record(
        RecordChange(
            tenant_id=call.principal.tenant_id,
            principal=call.principal,
            door=call.door,
            kind=KIND,
            record_id=task.id,
            permit=permit,
            decide=decide,
        )
    )


def _rank(task: Task, view: View) -> int:
    # A new appointment begins with the first one: none gets there unasked.
    if task.id or task.rank:
        return task.rank
    last = max((one.rank for one in view.directory.tasks.values()), default=0)
    return min(last + 1, LARGEST_RANK)
