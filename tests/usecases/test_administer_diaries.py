"""Rooms, diaries and departments by command: what is kept, and what is refused in words."""

from typing import Any

import pytest

from appointed.domain.directory import Associate, AssociateType, Department
from appointed.domain.hours import Holiday, Opening
from appointed.usecases.administer import CommandRefused
from appointed.usecases.administer_diaries import (
    MOST_HOLIDAYS,
    CreateRoom,
    DiaryCommand,
    SetDepartment,
    SetDiary,
    read_hours,
    write_hours,
)
from tests.builders import KARI, OLA, PER, ROOM
from tests.usecases.fake_protection import administrator
from tests.usecases.test_administer import AdminStore

WEEK = "mon 08:00-16:00, tue 08:00-16:00, sat 10:00-24:00"


@pytest.fixture
def store() -> Any:
    return AdminStore()


async def run(store: Any, command: DiaryCommand) -> dict[str, Any]:
    return await administrator(store, "diaries").run(command)


async def test_a_room_is_exclusive_unless_told_otherwise(store: Any) -> None:
    report = await run(store, CreateRoom(tenant_id=1, name="Blue"))
    assert report == {"tenant": 1, "associate": 50, "exclusive": True}
    await run(store, CreateRoom(tenant_id=1, name="Car", department_id=2, is_exclusive=False))
    rooms = [
        (one.name, one.full_name, one.type, one.group_id, one.is_exclusive)
        for one in store.records
        if isinstance(one, Associate)
    ]
    assert rooms == [
        ("Blue", "Blue", AssociateType.RESOURCE, 1, True),
        ("Car", "Car", AssociateType.RESOURCE, 2, False),
    ]


async def test_a_diary_gets_hours_and_gives_its_time_once(store: Any) -> None:
    report = await run(store, SetDiary(tenant_id=1, associate_id=OLA, is_exclusive=True, hours=WEEK))
    assert report == {"tenant": 1, "associate": OLA, "exclusive": True, "hours": WEEK}
    (ola,) = store.records
    assert (ola.id, ola.full_name, ola.is_exclusive) == (OLA, "Ola O", True)
    assert ola.working_hours == (Opening(0, 480, 960), Opening(1, 480, 960), Opening(5, 600, 1440))


async def test_what_is_not_said_stays(store: Any) -> None:
    report = await run(store, SetDiary(tenant_id=1, associate_id=ROOM))
    assert (report["exclusive"], report["hours"]) == (True, "usual")
    report = await run(store, SetDepartment(tenant_id=1, department_id=2))
    assert (report["hours"], report["holidays"]) == ("usual", "none")


async def test_a_department_gets_hours_and_holidays_in_order(store: Any) -> None:
    days = ("2026-12-25 Christmas", " 2026-05-17 ")
    report = await run(store, SetDepartment(tenant_id=1, department_id=2, hours="closed", holidays=days))
    assert report == {"tenant": 1, "department": 2, "hours": "closed", "holidays": "2026-05-17, 2026-12-25"}
    (department,) = store.records
    assert isinstance(department, Department)
    assert (department.name, department.opening_hours) == ("Second", ())
    names = [(holiday.on.isoformat(), holiday.name) for holiday in department.holidays]
    assert names == [("2026-05-17", ""), ("2026-12-25", "Christmas")]
    assert all(isinstance(holiday, Holiday) for holiday in department.holidays)


REFUSED = [
    (CreateRoom(tenant_id=1, name="Blue", department_id=9), "no department 9"),
    (CreateRoom(tenant_id=9, name="Blue"), "no tenant 9"),
    (SetDiary(tenant_id=1, associate_id=99), "no associate 99"),
    (SetDiary(tenant_id=1, associate_id=PER), f"no associate {PER}"),
    (SetDiary(tenant_id=1, associate_id=KARI, hours="noon"), 'not "noon"'),
    (SetDepartment(tenant_id=1, department_id=9), "no department 9"),
    (SetDepartment(tenant_id=1, department_id=1, holidays=("Christmas",)), 'not "Christmas"'),
    (SetDepartment(tenant_id=1, department_id=1, holidays=("2026-02-30",)), 'not "2026-02-30"'),
    (SetDepartment(tenant_id=1, department_id=1, holidays=("2026-01-01",) * (MOST_HOLIDAYS + 1)), "At most"),
]


@pytest.mark.parametrize(("command", "words"), REFUSED, ids=range(len(REFUSED)))
async def test_what_cannot_be_set_is_refused_in_words(store: Any, command: DiaryCommand, words: str) -> None:
    with pytest.raises(CommandRefused, match=words):
        await run(store, command)
    assert store.records == []


@pytest.mark.parametrize("hours", ["usual", "closed", "wed 00:00-24:00", WEEK])
def test_hours_are_written_as_they_are_read(hours: str) -> None:
    assert write_hours(read_hours(hours)) == hours
    assert write_hours(read_hours(f" {hours.upper()} ")) == hours


def test_days_can_be_named_from_one_to_another() -> None:
    assert read_hours("mon-tue 08:00-16:00, sat 10:00-24:00") == read_hours(WEEK)


@pytest.mark.parametrize(
    "hours",
    [
        "",
        "mon",
        "mon 8-16",
        "moon 08:00-16:00",
        "abc 08:00-16:00",
        "mon-abc 08:00-16:00",
        "fri-mon 08:00-16:00",
        "mon 16:00-08:00",
        "mon 08:00-08:00",
        "mon 08:00-24:01",
        "mon 08:60-16:00",
        "mon 08:00-15:60",
        "mon 08:00-16:00,",
    ],
)
async def test_hours_that_are_none_are_refused(store: Any, hours: str) -> None:
    with pytest.raises(CommandRefused):
        await run(store, SetDiary(tenant_id=1, associate_id=OLA, hours=hours))
    assert store.records == []
