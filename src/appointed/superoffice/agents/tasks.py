"""Types of activity as records of their own (Agents WebAPI, Appointment: TaskListItem)."""

from typing import Any

from msgspec.structs import replace

from appointed.domain.directory import Task
from appointed.superoffice.agents.calls import call_of
from appointed.superoffice.carriers.list_items import TASK_LIST_ITEM
from appointed.superoffice.given import Given
from appointed.superoffice.service import Ask
from appointed.usecases.change_task import save_task

Json = Any
TEXTS = {"Value": "value", "Tooltip": "tooltip"}
NUMBERS = {"IntentId": "intent_id", "Rank": "rank"}
FLAGS = {
    "Deleted": "is_deleted",
    "IsDefaultAlldayEvent": "is_default_all_day",
    "IsDefaultFree": "is_default_free",
    "IsDefaultPublished": "is_default_published",
}
CHOICES = {
    "Direction": ("TaskDirection", "direction"),
    "Type": ("TaskType", "type"),
    "ColorIndex": ("ColorIndex", "color_index"),
    "DefaultVideomeetingStatus": ("VideoMeetingStatus", "default_video_status"),
}


async def one(ask: Ask) -> Json:
    """One type of activity, null when there is none."""
    return ask.write(TASK_LIST_ITEM, ask.directory.tasks.get(ask.given.number("TaskListItemId")))


async def save(ask: Ask) -> Json:
    """Add a type of activity when its id is 0, or change one; what is not sent stays."""
    given = ask.given.carrier()
    number = given.number("TaskListItemId", 0)
    before = ask.directory.tasks.get(number) or Task(id=number, value="")
    outcome = await save_task(ask.door.store, call_of(ask), _task_of(given, before))
    return ask.write(TASK_LIST_ITEM, outcome.record)


def _task_of(given: Given, before: Task) -> Task:
    changes: dict[str, Any] = {}
    for name, member in TEXTS.items():
        if given.has(name):
            changes[member] = given.text(name)
    for name, member in NUMBERS.items():
        if given.has(name):
            changes[member] = given.number(name)
    for name, member in FLAGS.items():
        if given.has(name):
            changes[member] = given.flag(name)
    for name, (enum, member) in CHOICES.items():
        if given.has(name):
            changes[member] = given.choice(name, enum, getattr(before, member))
    return replace(before, **changes)
