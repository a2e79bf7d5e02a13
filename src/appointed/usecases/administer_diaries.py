"""Say whose time is given away once, when people work and departments are open, and add rooms."""

import re
from collections.abc import Iterator
from datetime import date

import msgspec
from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType, Directory
from appointed.domain.hours import DAY_MINUTES, Holiday, Opening, Openings
from appointed.usecases.ports import Store

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
USUAL, CLOSED = "usual", "closed"
MOST_HOLIDAYS = 1_000
_PART = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_HOLIDAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s+(.{1,100}))?")


class CannotBeSet(ValueError):
    """What was asked for cannot be set; the message says why, in words for the operator."""


class CreateRoom(msgspec.Struct, frozen=True, tag="room create", kw_only=True):
    """Add a room or another resource; its time is given away once unless told otherwise."""

    tenant_id: int
    name: str
    department_id: int = 0
    is_exclusive: bool = True


class SetDiary(msgspec.Struct, frozen=True, tag="diary set", kw_only=True):
    """Say of one associate whether the diary is exclusive, and the working hours; None leaves as it is."""

    tenant_id: int
    associate_id: int
    is_exclusive: bool | None = None
    hours: str | None = None


class SetDepartment(msgspec.Struct, frozen=True, tag="department set", kw_only=True):
    """Say when a department is open, and its holidays ("2026-12-25 Christmas"); None leaves as it is."""

    tenant_id: int
    department_id: int
    hours: str | None = None
    holidays: tuple[str, ...] | None = None


DiaryCommand = CreateRoom | SetDiary | SetDepartment
Report = dict[str, object]


async def set_up(store: Store, command: DiaryCommand) -> Report:
    """Carry out one command and tell what stands now; raises CannotBeSet."""
    directory = await store.directory(command.tenant_id)
    if isinstance(command, CreateRoom):
        return await _create_room(store, command, directory)
    if isinstance(command, SetDiary):
        return await _set_diary(store, command, directory)
    return await _set_department(store, command, directory)


async def _create_room(store: Store, command: CreateRoom, directory: Directory) -> Report:
    group = command.department_id or directory.tenant.default_department_id
    if group not in directory.departments:
        raise CannotBeSet(f"There is no department {group}.")
    room = Associate(
        id=0,
        name=command.name,
        full_name=command.name,
        type=AssociateType.RESOURCE,
        group_id=group,
        is_exclusive=command.is_exclusive,
    )
    (number,) = await store.put_records(command.tenant_id, (room,))
    return {"tenant": command.tenant_id, "associate": number, "exclusive": command.is_exclusive}


async def _set_diary(store: Store, command: SetDiary, directory: Directory) -> Report:
    associate = directory.associates.get(command.associate_id)
    if associate is None or associate.is_deleted:
        raise CannotBeSet(f"There is no associate {command.associate_id}.")
    if command.is_exclusive is not None:
        associate = replace(associate, is_exclusive=command.is_exclusive)
    if command.hours is not None:
        associate = replace(associate, working_hours=read_hours(command.hours))
    await store.put_records(command.tenant_id, (associate,))
    return {
        "tenant": command.tenant_id,
        "associate": associate.id,
        "exclusive": associate.is_exclusive,
        "hours": write_hours(associate.working_hours),
    }


async def _set_department(store: Store, command: SetDepartment, directory: Directory) -> Report:
    department = directory.departments.get(command.department_id)
    if department is None:
        raise CannotBeSet(f"There is no department {command.department_id}.")
    if command.hours is not None:
        department = replace(department, opening_hours=read_hours(command.hours))
    if command.holidays is not None:
        department = replace(department, holidays=_holidays(command.holidays))
    await store.put_records(command.tenant_id, (department,))
    return {
        "tenant": command.tenant_id,
        "department": department.id,
        "hours": write_hours(department.opening_hours),
        "holidays": ", ".join(holiday.on.isoformat() for holiday in department.holidays) or "none",
    }


def read_hours(text: str) -> Openings | None:
    """Read "mon-fri 08:00-16:00, sat 10:00-14:00"; "usual" is None, "closed" is never. Raises CannotBeSet."""
    folded = text.strip().lower()
    if folded == USUAL:
        return None
    if folded == CLOSED:
        return ()
    return tuple(opening for part in folded.split(",") for opening in _openings(part.strip()))


def _openings(part: str) -> Iterator[Opening]:
    found = _PART.fullmatch(part)
    if found is None or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
        raise CannotBeSet(f'Hours read like "mon-fri 08:00-16:00, sat 10:00-14:00", not "{part}".')
    opens, closes = _minutes(found[3], found[4]), _minutes(found[5], found[6])
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    if opens >= closes or closes > DAY_MINUTES or int(found[4]) > 59 or int(found[6]) > 59 or last < first:
        raise CannotBeSet(f'"{part}" ends before it begins, or is no time of a day.')
    return (Opening(weekday, opens, closes) for weekday in range(first, last + 1))


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def write_hours(openings: Openings | None) -> str:
    """Write hours as they are read, day by day."""
    if openings is None:
        return USUAL
    parts = (
        f"{DAYS[one.weekday]} {one.opens // 60:02}:{one.opens % 60:02}"
        f"-{one.closes // 60:02}:{one.closes % 60:02}"
        for one in openings
    )
    return ", ".join(parts) or CLOSED


def _holidays(texts: tuple[str, ...]) -> tuple[Holiday, ...]:
    if len(texts) > MOST_HOLIDAYS:
        raise CannotBeSet(f"At most {MOST_HOLIDAYS} holidays are kept.")
    found = []
    for text in texts:
        given = _HOLIDAY.fullmatch(text.strip())
        try:
            on = date.fromisoformat(given[1]) if given else None
        except ValueError:
            on = None
        if given is None or on is None:
            raise CannotBeSet(f'A holiday reads like "2026-12-25 Christmas", not "{text}".')
        found.append(Holiday(on, given[2] or ""))
    return tuple(sorted(found, key=lambda holiday: holiday.on))
