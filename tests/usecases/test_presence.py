"""Two agents see who has opened an appointment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.status import Status
from appointed.usecases import presence
from appointed.usecases.ports import Page
from appointed.usecases.presence import (
    COUNTS_FOR,
    Attendance,
    be_present,
    missed_since,
    others_present,
    waiting_elsewhen,
)
from appointed.usecases.presence_ports import CLAIMANT, Presence
from appointed.usecases.query import Query
from appointed.usecases.query_fields import holds
from tests.builders import ADMIN, KARI, NOW, OLA, appointment, directory, principal

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def waiting(number: int, status: Status = Status.WAITING):
    return appointment(id=number, status=status)


def now() -> datetime:
    return NOW


class Presences:
    """Keeps presences, and drops none."""

    def __init__(self) -> None:
        self.kept: list[Presence] = []

    async def put_presences(self, presences: Sequence[Presence]) -> None:
        self.kept += presences

    async def presences(self, tenant_id: int, now: datetime) -> tuple[Presence, ...]:
        return tuple(one for one in self.kept if one.tenant_id == tenant_id and one.until > now)

    async def claimants_present(self, tenant_id: int, numbers: Sequence[int]) -> tuple[Presence, ...]:
        assert numbers, "nothing is asked for nobody"
        return tuple(one for one in self.kept if one.tenant_id == tenant_id and one.appointment_id in numbers)

    def take(self) -> list[int]:
        """Give the appointments of what was kept, and keep nothing of it."""
        taken, self.kept = self.kept, []
        assert {(one.associate_id, one.until) for one in taken} <= {(CLAIMANT, NOW + COUNTS_FOR)}
        return [one.appointment_id for one in taken]


async def test_others_are_named_by_appointment_and_oneself_is_not() -> None:
    store = Presences()
    for associate_id, appointment_id in ((OLA, 10), (KARI, 10), (ADMIN, 10), (ADMIN, 11), (99, 10)):
        await be_present(store, principal(associate_id), appointment_id, NOW)
    seen = await others_present(store, principal(ADMIN), directory(), NOW)
    assert seen == {10: ("Ola O", "Kari K")}
    assert (await others_present(store, principal(KARI), directory(), NOW))[11] == ("Ada Admin",)
    assert await others_present(store, principal(ADMIN), directory(), NOW + COUNTS_FOR) == {}
    assert await others_present(store, principal(ADMIN, tenant_id=2), directory(), NOW) == {}


class Lists(Presences):
    """Finds these rows, whoever asks for what."""

    def __init__(self, *rows: Appointment) -> None:
        super().__init__()
        self.rows = rows

    async def page(self, query: Query) -> Page:
        found = tuple(row for row in self.rows if holds(query.where, row))
        return Page(rows=found, total=len(found), directory=directory())


async def test_who_waits_with_a_page_open_is_found_whatever_day_they_were_given() -> None:
    later = {"starts_at": NOW + 9 * DAY, "ends_at": NOW + 10 * DAY}
    rows = [waiting(3), replace(waiting(4), **later), replace(waiting(5, Status.LATE), **later)]
    store = Lists(*rows)
    assert await waiting_elsewhen(store, 1, NOW + 9 * DAY, NOW) == ()
    for row in rows:
        until = NOW + SECOND
        await store.put_presences(
            [Presence(tenant_id=1, appointment_id=row.id, associate_id=CLAIMANT, until=until)]
        )
    assert await waiting_elsewhen(store, 1, NOW + 9 * DAY, NOW) == (4,)
    assert await waiting_elsewhen(store, 1, NOW + 9 * DAY, NOW + SECOND) == ()
    assert await waiting_elsewhen(store, 1, NOW + 10 * DAY, NOW) == (), "nobody is asked for"


async def test_a_page_that_was_read_is_told_once_and_one_that_stays_open_again_and_again() -> None:
    store, attendance = Presences(), Attendance()
    attendance.see(waiting(3))
    with attendance.stay(waiting(2)), attendance.stay(waiting(2)):
        await attendance.tell(store, now)
        assert store.take() == [2, 3]
        await attendance.tell(store, now)
        assert store.take() == [2]
    await attendance.tell(store, now)
    assert store.take() == []


async def test_of_two_pages_one_may_go() -> None:
    store, attendance = Presences(), Attendance()
    with attendance.stay(waiting(2)):
        with attendance.stay(waiting(2)):
            pass
        await attendance.tell(store, now)
        assert attendance.count == 1
    assert store.take() == [2]
    assert attendance.count == 0


async def test_only_who_waits_is_missed() -> None:
    store, attendance = Presences(), Attendance()
    for status in set(Status) - {Status.WAITING}:
        attendance.see(waiting(1, status))
        with attendance.stay(waiting(2, status)):
            await attendance.tell(store, now)
    assert store.take() == []


async def test_no_more_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "MOST_SEEN", 2)
    store, attendance = Presences(), Attendance()
    for number in range(1, 5):
        attendance.see(waiting(number))
    await attendance.tell(store, now)
    assert store.take() == [1, 2]


async def test_who_is_gone_is_missed_since_their_page_was_last_there() -> None:
    store, attendance = Presences(), Attendance()
    attendance.see(waiting(7))
    await attendance.tell(store, now)
    both, gone = (waiting(7), waiting(8)), NOW + COUNTS_FOR
    assert await missed_since(store, 1, both, gone - SECOND) == {}
    assert await missed_since(store, 1, both, gone) == {7: NOW}
    assert await missed_since(store, 2, both, gone) == {}
    assert await missed_since(store, 1, (waiting(7, Status.BEING_SEEN),), gone) == {}
