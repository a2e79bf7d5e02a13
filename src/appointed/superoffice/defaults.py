"""What a new appointment is before the caller says more (GET Appointment/default; POST Appointment)."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Kind
from appointed.domain.directory import AssociateType, Directory, Task, View
from appointed.domain.meeting import Meeting
from appointed.domain.principal import Principal
from appointed.domain.rights import caller, departments_of
from appointed.superoffice.carriers.encoded import defaults
from appointed.superoffice.habits import MEETING, PLAIN, Habits
from appointed.superoffice.visible_rows import privacy_settled
from appointed.usecases.create_appointment import NewNames, blank

HALF_HOUR = timedelta(minutes=30)
VIDEO_ON = "VideoMeetingOn"
TO_DO = "ToDo"


def default_appointment(
    names: NewNames, principal: Principal, view: View, habits: Habits = PLAIN, type_: str = MEETING
) -> Appointment:
    """Make a new row of a TaskType in the caller's diary, from the next half hour on, by their habits."""
    owner_id = default_owner(principal, view.directory)
    starts_at = next_half_hour(view.now)
    row = blank(names, view, principal.tenant_id, principal.associate_id, owner_id, starts_at)
    habit = habits.of(type_)
    made = replace(
        row,
        kind=Kind.CHECKLIST if type_ == TO_DO else row.kind,
        ends_at=starts_at + habit.length,
        task_id=habit.task_id or _first_task(view.directory, type_),
        description=habit.text,
        privacy=habits.privacy,
        alarm_minutes=habits.alarm_minutes,
        custom_fields=defaults(view.directory),
    )
    return privacy_settled(made, view.directory)


def type_of(row: Appointment, given: Set[str], directory: Directory) -> str:
    """Tell which TaskType a body means: by the task it names, or else by where the row is shown."""
    task = directory.tasks.get(row.task_id) if "task" in given else None
    if task is not None:
        return task.type
    return TO_DO if row.kind is Kind.CHECKLIST and "type" in given else MEETING


def with_task_defaults(
    row: Appointment, given: Set[str], names: NewNames, directory: Directory
) -> Appointment:
    """Set what the row's task says of new rows, where the caller said nothing; `given` has folded names."""
    task = directory.tasks.get(row.task_id)
    if task is None:
        return row
    changes: dict[str, Any] = {}
    if task.is_default_all_day and "isalldayevent" not in given:
        changes["is_all_day"] = True
    if task.is_default_free and "isfree" not in given:
        changes["is_free"] = True
    if task.is_default_published and "ispublished" not in given:
        changes["publication"] = replace(row.publication, is_published=True)
    if task.default_video_status == VIDEO_ON and "joinvideomeeturl" not in given:
        changes["meeting"] = own_room(names)
    return replace(row, **changes) if changes else row


def own_room(names: NewNames) -> Meeting:
    """Make the room of a new row."""
    return Meeting(id=names.meeting_id, room_name=names.room_name, agent_key=names.agent_key)


def next_half_hour(now: datetime) -> datetime:
    """Give the next full or half hour; zones whose offset is no half hour see it shifted by a quarter."""
    floor = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    return floor if floor == now else floor + HALF_HOUR


def default_owner(principal: Principal, directory: Directory) -> int:
    """Give whose diary a new row goes to: the caller's, for a client its department's default associate's."""
    who = caller(principal, directory)
    if who.type is not AssociateType.SYSTEM:
        return who.id
    home = next(iter(departments_of(who)), directory.tenant.default_department_id)
    department = directory.departments.get(home)
    return department.default_associate_id if department else who.id


def _first_task(directory: Directory, type_: str) -> int:
    def order(task: Task) -> tuple[bool, bool, int, int]:
        return task.type != type_, task.type != MEETING, task.rank, task.id

    tasks = [task for task in directory.tasks.values() if not task.is_deleted]
    return min(tasks, key=order).id if tasks else 0
