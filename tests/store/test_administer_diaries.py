"""Rooms, exclusive diaries, working and opening hours, set by command."""

from typing import Any

import pytest

from appointed.domain.directory import AssociateType
from appointed.domain.hours import Opening
from appointed.usecases.administer import Administrator, CommandRefused
from appointed.usecases.administer_diaries import (
    MOST_HOLIDAYS,
    CannotBeSet,
    CreateRoom,
    SetDepartment,
    SetDiary,
    read_hours,
    write_hours,
)
from tests.store.world import ADA, HOUR, KARI, START, AnyStore, create, edit
from tests.usecases.fake_protection import administrator

WEEK = "mon-fri 08:00-12:00, Sat 10:00-14:30"


@pytest.fixture
def admin(store: AnyStore) -> Administrator:
    return administrator(store, "x")


async def test_a_room_is_exclusive_unless_told_otherwise(store: AnyStore, admin: Administrator) -> None:
    made = await admin.run(CreateRoom(tenant_id=1, name="Big room"))
    other = await admin.run(CreateRoom(tenant_id=1, name="Hall", department_id=2, is_exclusive=False))
    rooms = (await store.directory(1)).associates
    big, hall = rooms[made["associate"]], rooms[other["associate"]]
    assert (big.type, big.group_id, big.is_exclusive) == (AssociateType.RESOURCE, 1, True)
    assert (hall.group_id, hall.is_exclusive) == (2, False)


async def test_the_switch_counts_from_then_on(store: AnyStore, admin: Administrator) -> None:
    await create(store, owner_id=KARI)
    second = await create(store, owner_id=KARI)
    report = await admin.run(SetDiary(tenant_id=1, associate_id=KARI, is_exclusive=True))
    assert (report["exclusive"], report["hours"]) == (True, "usual")
    with pytest.raises(Exception, match="TimeHeld"):
        await create(store, owner_id=KARI)
    await edit(store, second.id, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    await admin.run(SetDiary(tenant_id=1, associate_id=KARI, is_exclusive=False))
    await create(store, owner_id=KARI)


async def test_hours_and_holidays_are_kept(store: AnyStore, admin: Administrator) -> None:
    report = await admin.run(SetDiary(tenant_id=1, associate_id=ADA, hours=WEEK))
    assert report["hours"].endswith("fri 08:00-12:00, sat 10:00-14:30")
    assert (await store.directory(1)).associates[ADA].working_hours == read_hours(WEEK)
    days = ("2026-12-25 Christmas", "2026-01-01")
    report = await admin.run(SetDepartment(tenant_id=1, department_id=1, hours="closed", holidays=days))
    assert (report["hours"], report["holidays"]) == ("closed", "2026-01-01, 2026-12-25")
    report = await admin.run(SetDepartment(tenant_id=1, department_id=1, hours="usual"))
    assert (report["hours"], report["holidays"]) == ("usual", "2026-01-01, 2026-12-25")
    department = (await store.directory(1)).departments[1]
    assert (department.opening_hours, department.holidays[1].name) == (None, "Christmas")
    report = await admin.run(SetDepartment(tenant_id=1, department_id=1, holidays=()))
    assert report["holidays"] == "none"


@pytest.mark.parametrize(
    "command",
    [
        CreateRoom(tenant_id=9, name="x"),
        CreateRoom(tenant_id=1, name="x", department_id=9),
        SetDiary(tenant_id=1, associate_id=99),
        SetDiary(tenant_id=1, associate_id=1, hours="always"),
        SetDepartment(tenant_id=1, department_id=9),
        SetDepartment(tenant_id=1, department_id=1, holidays=("yesterday",)),
        SetDepartment(tenant_id=1, department_id=1, holidays=("2026-02-30",)),
        SetDepartment(tenant_id=1, department_id=1, holidays=("2026-01-01",) * (MOST_HOLIDAYS + 1)),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(store: AnyStore, admin: Administrator, command: Any) -> None:
    before = (await store.directory(1)).revision
    with pytest.raises(CommandRefused):
        await admin.run(command)
    assert (await store.directory(1)).revision == before


def test_hours_read_and_write() -> None:
    assert read_hours("sun 00:00-24:00") == (Opening(6, 0, 1440),)
    assert write_hours(read_hours("mon-tue 08:00-09:05")) == "mon 08:00-09:05, tue 08:00-09:05"


@pytest.mark.parametrize(
    "text",
    ["", "mon", "mon 8-16", "mon 16:00-08:00", "mon 08:00-24:01", "mon 08:60-09:00", "fri-mon 08:00-16:00",
     "xyz 08:00-16:00", "mon-xyz 08:00-16:00", "mon 08:00-09:99", "mon 08:00-16:00,"],
)  # fmt: skip
def test_bad_hours_are_refused(text: str) -> None:
    with pytest.raises(CannotBeSet):
        read_hours(text)
