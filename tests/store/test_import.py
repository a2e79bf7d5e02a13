"""Events of a calendar file in a store: whole or not at all, once, and never on held time."""

import asyncio
from datetime import timedelta

from appointed.domain.errors import TimeHeld
from appointed.domain.principal import Principal
from appointed.usecases.change_appointment import Call, change_appointment
from appointed.usecases.identifiers import seeded
from appointed.usecases.import_calendar import ImportCalendar, Taken, import_calendar
from appointed.usecases.query import Query
from tests.ical.test_events import AT, calendar
from tests.store.acts import EDITS, Edited
from tests.store.world import ADA, HOUR, NOW, ROOM, START, AnyStore, World, create

SERIES = f"UID:weekly\n{AT}\nDURATION:PT1H\nSUMMARY:Weekly\nRRULE:FREQ=WEEKLY;COUNT=3"
ONE = f"UID:one\n{AT}\nDURATION:PT1H\nSUMMARY:Talk"
NEXT = "UID:next\nDTSTART;TZID=Europe/Oslo:20320105T110000\nDURATION:PT1H\nSUMMARY:Next"


async def take(
    store: AnyStore, *events: str, owner: int = ADA, dry: bool = False, seed: str = "import"
) -> list[Taken]:
    command = ImportCalendar(tenant_id=1, owner_id=owner, calendar=calendar(*events), is_dry_run=dry)
    known = await store.directory(1)
    return list(await import_calendar(store, seeded(seed), lambda: NOW, command, known))


async def titles(store: AnyStore) -> list[str]:
    page = await store.page(Query(tenant_id=1, limit=100))
    return sorted(row.title or "" for row in page.rows)


async def test_each_event_is_taken_once_and_whole(store: AnyStore, world: World) -> None:
    before = world.dump()
    tried = await take(store, SERIES, ONE, dry=True)
    assert ([one.count for one in tried], world.dump()) == ([3, 1], before)
    assert [one.count for one in await take(store, SERIES, ONE)] == [3, 1]
    assert await titles(store) == ["Talk", "Weekly", "Weekly", "Weekly"]
    again = await take(store, SERIES, ONE, NEXT, seed="again")
    assert [one.why for one in again] == ["it is here already", "it is here already", ""]
    assert len(await titles(store)) == 5


async def test_a_held_date_refuses_its_event_alone(store: AnyStore) -> None:
    (first,) = await take(store, ONE, owner=ROOM)
    assert first.count == 1
    refused, taken = await take(store, SERIES, NEXT, owner=ROOM, seed="more")
    assert refused.why.startswith("the diary is held by appointment 1 on 2032-01-05T09:00")
    assert (refused.count, taken.count) == (0, 1)
    assert await titles(store) == ["Next", "Talk"]


async def test_an_import_and_a_patch_race_for_a_room(store: AnyStore) -> None:
    """Of each pair one gets the time, whoever is first."""
    rows = [
        await create(store, owner_id=ROOM, starts_at=START + n * HOUR, ends_at=START + (n + 1) * HOUR)
        for n in range(8)
    ]
    shift = timedelta(days=730)

    async def patch(number: int, place: int) -> bool:
        call = Call(principal=Principal(1, ADA), door="test", ids=seeded(f"patch{place}"))
        by = {"days": shift.days}
        try:
            await change_appointment(store, call, number, lambda row, _view: Edited(EDITS["move"](row, by)))
        except TimeHeld:
            return False
        return True

    async def bring(place: int) -> bool:
        at = (rows[place].starts_at + shift).strftime("%Y%m%dT%H%M%SZ")
        (taken,) = await take(
            store, f"UID:r{place}\nDTSTART:{at}\nDURATION:PT1H\nSUMMARY:I", owner=ROOM, seed=f"r{place}"
        )
        return not taken.why

    jobs = [job for place, row in enumerate(rows) for job in (patch(row.id, place), bring(place))]
    won = await asyncio.gather(*jobs)
    assert [sum(pair) for pair in zip(won[::2], won[1::2], strict=True)] == [1] * len(rows)
    page = await store.page(Query(tenant_id=1, limit=100))
    held = [row.starts_at for row in page.rows if row.starts_at >= START + shift]
    assert len(held) == len(set(held)) == len(rows)
