"""What a new appointment is before the caller says more (GET Appointment/default; POST Appointment)."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import AssociateType, Directory, Task, View
from appointed.domain.meeting import Meeting
from appointed.domain.principal import Principal
from appointed.domain.rights import caller, departments_of
from appointed.superoffice.carriers.encoded import defaults
from appointed.usecases.create_appointment import NewNames, blank

LENGTH = timedelta(hours=1)
HALF_HOUR = timedelta(minutes=30)
VIDEO_ON = "VideoMeetingOn"


def default_appointment(names: NewNames, principal: Principal, view: View) -> Appointment:
    """Make a meeting of one hour in the caller's diary, from the next half hour on, with the first task."""
    owner_id = default_owner(principal, view.directory)
    starts_at = next_half_hour(view.now)
    row = blank(names, view, principal.tenant_id, principal.associate_id, owner_id, starts_at)
    task = _first_task(view.directory)
    return replace(
        row,
        ends_at=starts_at + LENGTH,
        task_id=task.id if task else 0,
        custom_fields=defaults(view.directory),
    )


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
        changes["meeting"] = Meeting(
            id=names.meeting_id, room_name=names.room_name, agent_key=names.agent_key
        )
    return replace(row, **changes) if changes else row


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


def _first_task(directory: Directory) -> Task | None:
    tasks = [task for task in directory.tasks.values() if not task.is_deleted]
    return min(tasks, key=lambda task: (task.type != "Appointment", task.rank, task.id), default=None)
