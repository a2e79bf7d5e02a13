"""Events of another calendar become appointments: each in one change, or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Privacy, Visibility, VisibleFor
from appointed.domain.errors import Forbidden, InvalidAppointment, Problem, TimeHeld
from appointed.domain.recurrence import days_of
from appointed.ical.events import LONGEST_NAME
from appointed.usecases.administer import CommandRefused
from appointed.usecases.identifiers import seeded
from appointed.usecases.import_calendar import (
    CannotImport,
    ImportCalendar,
    Taken,
    import_calendar,
    report_of,
)
from appointed.usecases.ports import Change, Outcome
from tests.builders import KARI, NOW, OLA, PER, directory
from tests.ical.test_events import AT, calendar
from tests.usecases.fake_protection import administrator
from tests.usecases.fake_store import FakeStore
from tests.usecases.test_administer import AdminStore

SERIES = (
    f"UID:weekly\n{AT}\nDURATION:PT1H\nSUMMARY:Weekly\nRRULE:FREQ=WEEKLY;COUNT=3",
    "UID:weekly\nRECURRENCE-ID;TZID=Europe/Oslo:20320112T100000\nSUMMARY:Moved\n"
    "DTSTART;TZID=Europe/Oslo:20320113T120000\nDURATION:PT2H",
)
ODD = f"UID:odd\n{AT}\nSUMMARY:Odd\nRRULE:FREQ=HOURLY"
ONE = f"UID:one\n{AT}\nDURATION:PT1H\nSUMMARY:Talk\nCLASS:PRIVATE\nATTENDEE:mailto:a@example.org"


class Refusing(FakeStore):
    """Refuses every change."""

    error: Exception = Forbidden()

    async def change(self, change: Change) -> Outcome:
        raise self.error


async def take(store: FakeStore, *events: str, owner: int = OLA, dry: bool = False) -> tuple[Taken, ...]:
    command = ImportCalendar(tenant_id=1, owner_id=owner, calendar=calendar(*events), is_dry_run=dry)
    return await import_calendar(store, seeded("import"), lambda: NOW, command, directory())


async def test_an_event_becomes_an_appointment() -> None:
    store = FakeStore()
    (taken,) = await take(store, ONE)
    assert taken == Taken("one", "Talk", 1, left_out=("participants",))
    (row,) = store.rows.values()
    assert (row.owner_id, row.title, row.privacy, row.department_id) == (OLA, "Talk", Privacy.OWNER, 1)
    assert row.visible_for == (VisibleFor(Visibility.ASSOCIATE, OLA),)
    assert row.starts_at == datetime(2032, 1, 5, 9, tzinfo=UTC)
    again = FakeStore()
    await take(again, ONE)
    (twin,) = again.rows.values()
    assert twin.uid == row.uid
    await take(FakeStore(), ONE, owner=KARI)


async def test_a_uid_that_is_one_stays() -> None:
    store = FakeStore()
    await take(store, ONE.replace("UID:one", "UID:01900000-0000-7000-8000-000000000001"))
    assert str(next(iter(store.rows.values())).uid) == "01900000-0000-7000-8000-000000000001"


async def test_a_series_with_a_date_that_differs_is_one_change() -> None:
    store = FakeStore()
    (taken,) = await take(store, *SERIES)
    assert (taken.count, taken.why, len(store.changes)) == (3, "", 2)
    one, two, three = sorted(store.rows.values(), key=lambda row: row.starts_at)
    assert [row.title for row in (one, two, three)] == ["Weekly", "Moved", "Weekly"]
    assert (two.starts_at, two.ends_at) == (
        datetime(2032, 1, 13, 11, tzinfo=UTC),
        datetime(2032, 1, 13, 13, tzinfo=UTC),
    )
    assert one.series is not None
    assert len({row.series_id for row in (one, two, three)}) == 1
    assert [day.day for day in days_of(one.series.rule)] == [5, 12, 19]


async def test_the_only_date_may_be_the_one_that_differs() -> None:
    store = FakeStore()
    other = f"UID:one\nRECURRENCE-ID;TZID=Europe/Oslo:20320105T100000\nSUMMARY:Other\n{AT}"
    await take(store, ONE, other)
    assert [row.title for row in store.rows.values()] == ["Other"]


async def test_a_date_that_breaks_a_rule_leaves_nothing_of_its_event() -> None:
    store = FakeStore()
    far = SERIES[1].replace("SUMMARY:Moved", f"LOCATION:{'x' * 300}")
    refused, taken = await take(store, SERIES[0], far, ONE)
    assert (refused.count, refused.why) == (0, "location: longest 254")
    assert [row.title for row in store.rows.values()] == ["Talk"]
    assert taken.count == 1


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Forbidden(), "the diary may not be written to"),
        (TimeHeld(4, 7, ((4, NOW, 7),)), f"the diary is held by appointment 7 on {NOW.isoformat()}"),
        (TimeHeld(4, -2, ((4, NOW, -2),)), f"the diary is held on {NOW.isoformat()}"),
        (InvalidAppointment((Problem("uid", "unique"),)), "it is here already"),
        (InvalidAppointment((Problem("title", "odd"),)), "title: odd"),
    ],
)
async def test_what_is_refused_says_why(error: Exception, why: str) -> None:
    store = Refusing()
    store.error = error
    (taken,) = await take(store, ONE)
    assert (taken.count, taken.why) == (0, why)


async def test_a_line_of_the_report_is_no_longer_than_it_says() -> None:
    long = ONE.replace("UID:one", f"UID:{'u' * 900}").replace("SUMMARY:Talk", f"SUMMARY:{'x' * 9_000}")
    (refused,) = await take(FakeStore(), long)
    assert (len(refused.uid), len(refused.title), refused.count) == (LONGEST_NAME, LONGEST_NAME, 0)
    assert refused.why.startswith("title: longest")


async def test_a_dry_run_counts_and_writes_nothing() -> None:
    store = FakeStore()
    taken = await take(store, *SERIES, ODD, dry=True)
    assert ([one.count for one in taken], store.rows) == ([3, 0], {})


@pytest.mark.parametrize(("owner", "data"), [(99, b""), (PER, b""), (OLA, b"hello")])
async def test_what_cannot_be_imported(owner: int, data: bytes) -> None:
    command = ImportCalendar(tenant_id=1, owner_id=owner, calendar=data)
    with pytest.raises(CannotImport):
        await import_calendar(FakeStore(), seeded("import"), lambda: NOW, command, directory())


def test_the_report_names_what_was_not_taken() -> None:
    taken = (Taken("a", "A", 2), Taken("b", "", 0, "it is damaged"), Taken("c", "C", 1, left_out=("alarms",)))
    assert report_of(taken) == {
        "events": 2,
        "appointments": 3,
        "refused": 1,
        "event 2": "b: not taken, it is damaged",
        "event 3": "C: without alarms",
    }


async def test_by_command() -> None:
    store: Any = AdminStore()
    admin = administrator(store, "import")
    command = ImportCalendar(tenant_id=1, owner_id=OLA, calendar=calendar(ONE))
    tried = await admin.run(replace(command, is_dry_run=True))
    assert store.audit.told == []
    report = await admin.run(command)
    assert (report["events"], report["appointments"], report["associate"]) == (1, 1, OLA)
    assert tried == report
    assert [details["command"] for *_who, details in store.audit.told] == ["import"]
    with pytest.raises(CommandRefused, match="no associate 99"):
        await admin.run(replace(command, owner_id=99))
    with pytest.raises(CommandRefused, match="no tenant 7"):
        await admin.run(replace(command, tenant_id=7))
