"""Time of an exclusive diary is given away once."""

import asyncio
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from appointed.domain.errors import TimeHeld
from appointed.domain.participant import InvitationStatus
from appointed.domain.status import Status
from appointed.store import postgres
from appointed.store.migrations import climb
from appointed.usecases.ports import ById, Decision, NoRows, Outcome, Rows
from tests.postgres_server import PostgresServer
from tests.store.world import (
    ADA,
    HOUR,
    KARI,
    ROOM,
    START,
    AnyStore,
    World,
    a_change,
    a_draft,
    adding,
    create,
    deleting,
    edit,
    editing,
    plant,
    row_held,
    settled,
    table_held,
    together,
)

LATER = {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR}


async def test_a_held_time_is_refused_by_the_holders_name(store: AnyStore, world: World) -> None:
    holder = await create(store, owner_id=ROOM)
    before = world.dump()
    with pytest.raises(TimeHeld) as caught:
        await create(store, owner_id=ROOM, starts_at=START + HOUR / 2, ends_at=START + 2 * HOUR)
    assert (caught.value.resource, caught.value.blocker) == (ROOM, holder.id)
    assert world.dump() == before


async def test_touching_times_and_other_diaries_do_not_clash(store: AnyStore, world: World) -> None:
    await create(store, owner_id=ROOM)
    await create(store, owner_id=ROOM, **LATER)
    await create(store, owner_id=ADA)
    await create(store, owner_id=ADA)
    await create(store, owner_id=ROOM, is_free=True)
    # Under another number than the row that holds this time here.
    await create(store, owner_id=ADA, tenant_id=2)
    await create(store, owner_id=ROOM, tenant_id=2)
    assert world.count("claim") == 3


async def test_lead_and_lag_are_held_too(store: AnyStore) -> None:
    await create(store, owner_id=ROOM)
    with pytest.raises(TimeHeld):
        await create(store, owner_id=ROOM, lead_minutes=1, **LATER)


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.CANCELLED},
        {"is_free": True},
        {"owner_id": ADA},
        {"starts_at": START + 5 * HOUR, "ends_at": START + 6 * HOUR},
    ],
)
async def test_time_is_given_free(store: AnyStore, change: dict[str, Any]) -> None:
    row = await create(store, owner_id=ROOM)
    await edit(store, row.id, **change)
    await create(store, owner_id=ROOM)


async def test_a_deleted_row_holds_nothing(store: AnyStore, world: World) -> None:
    row = await create(store, owner_id=ROOM)
    await store.change(a_change(deleting, ById((row.id,))))
    assert world.count("claim") == 0
    await create(store, owner_id=ROOM)


async def test_an_edit_elsewhere_keeps_the_hold(store: AnyStore, world: World) -> None:
    row = await create(store, owner_id=ROOM)
    await edit(store, row.id, title="New")
    assert world.count("claim") == 1
    with pytest.raises(TimeHeld):
        await create(store, owner_id=ROOM)


async def test_two_rows_swap_their_time_in_one_change(store: AnyStore) -> None:
    one = await create(store, owner_id=ROOM)
    two = await create(store, owner_id=ROOM, **LATER)

    def swap(rows: Rows, _view: Any) -> Decision:
        first, second = rows
        return Decision(
            replacements=(
                replace(first, starts_at=second.starts_at, ends_at=second.ends_at),
                replace(second, starts_at=first.starts_at, ends_at=first.ends_at),
            )
        )

    outcome = await store.change(a_change(swap, ById((one.id, two.id))))
    assert [row.starts_at for row in outcome.rows] == [two.starts_at, one.starts_at]
    with pytest.raises(TimeHeld) as caught:
        await create(store, owner_id=ROOM)
    assert caught.value.blocker == two.id


async def test_one_change_cannot_hold_a_time_twice(store: AnyStore, world: World) -> None:
    before = world.dump()
    drafts = a_draft(owner_id=ROOM), a_draft(owner_id=ROOM)
    with pytest.raises(TimeHeld):
        await store.change(a_change(adding(*drafts), NoRows()))
    assert world.dump() == before


async def test_members_of_a_batch_see_what_those_before_hold_and_free(store: AnyStore) -> None:
    row = await create(store, owner_id=ROOM)
    results = await together(
        store,
        a_change(editing(**LATER), ById((row.id,))),
        a_change(adding(a_draft(owner_id=ROOM)), NoRows()),
        a_change(adding(a_draft(owner_id=ROOM)), NoRows()),
        a_change(editing(title="unharmed"), ById((row.id,))),
    )
    assert [type(result) for result in results] == [Outcome, Outcome, TimeHeld, Outcome]
    assert results[2].blocker == results[1].rows[0].id


async def test_of_two_processes_that_race_for_a_slot_the_domain_finds_the_loser(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    stores = [await postgres_world.open() for _store in range(2)]
    await plant(stores[0])
    before = len(postgres_server.log)
    # Each moves a row of its own, so that nothing but the room itself stands between them.
    rows = [await create(store) for store in stores]
    for number in range(20):
        slot = {"starts_at": START + number * HOUR, "ends_at": START + (number + 1) * HOUR}
        results = await settled(
            edit(store, row.id, owner_id=ROOM, **slot) for store, row in zip(stores, rows, strict=True)
        )
        assert {type(result) for result in results} == {Outcome, TimeHeld}
        for store, row in zip(stores, rows, strict=True):
            await edit(store, row.id, owner_id=ADA)
    assert "ERROR" not in postgres_server.log[before:]


async def test_of_many_that_race_for_a_slot_one_wins(store: AnyStore, world: World) -> None:
    stores = [store] if world.engine == "sqlite" else [store, await world.open()]
    results = await settled(
        stores[number % len(stores)].change(a_change(adding(a_draft(owner_id=ROOM)), NoRows()))
        for number in range(40)
    )
    won = [result for result in results if isinstance(result, Outcome)]
    assert len(won) == 1
    assert {type(result) for result in results} == {Outcome, TimeHeld}
    assert world.count("appointment") == world.count("claim") == 1


async def test_a_dry_run_meets_held_time_and_holds_none(store: AnyStore, world: World) -> None:
    free = a_change(adding(a_draft(owner_id=ROOM)), NoRows(), dry_run=True)
    await store.change(free)
    assert world.count("claim") == 0
    await create(store, owner_id=ROOM)
    with pytest.raises(TimeHeld):
        await store.change(free)


async def test_a_diary_that_becomes_exclusive_holds_what_it_has(store: AnyStore, world: World) -> None:
    first = await create(store, owner_id=KARI, lag_minutes=30)
    overlapping = await create(store, owner_id=KARI, starts_at=START + HOUR / 2, ends_at=START + 2 * HOUR)
    await create(store, owner_id=KARI, starts_at=START + 2 * HOUR, ends_at=START + 3 * HOUR)
    await create(store, owner_id=KARI, is_free=True)
    kari = (await store.directory(1)).associates[KARI]
    await store.put_records(1, (replace(kari, is_exclusive=True),))
    assert world.count("claim") == 2
    with pytest.raises(TimeHeld) as caught:
        await create(store, owner_id=KARI, starts_at=START + HOUR, ends_at=START + 1.5 * HOUR)
    assert caught.value.blocker == first.id
    assert (await edit(store, overlapping.id, title="x")).rows[0].revision == 2
    with pytest.raises(TimeHeld):
        await edit(store, overlapping.id, starts_at=START)
    await store.put_records(1, (replace(kari, full_name="Kari", is_exclusive=False),))
    assert world.count("claim") == 0
    await create(store, owner_id=KARI)


async def test_a_person_holds_what_they_have_accepted(store: AnyStore, world: World) -> None:
    kari = (await store.directory(1)).associates[KARI]
    # As many may ask for one time as like, and the first that is accepted holds it.
    asked = {"owner_id": KARI, "mother_id": 900, "invitation_status": InvitationStatus.INVITATION}
    early = await create(store, **asked)
    await store.put_records(1, (replace(kari, is_exclusive=True),))
    late = await create(store, **asked | {"mother_id": 901})
    assert world.count("claim") == 0
    await edit(store, late.id, invitation_status=InvitationStatus.ACCEPTED)
    with pytest.raises(TimeHeld) as caught:
        await edit(store, early.id, invitation_status=InvitationStatus.ACCEPTED)
    assert caught.value.blocker == late.id
    with pytest.raises(TimeHeld):
        await create(store, owner_id=KARI)
    # A diary that becomes exclusive once more holds the same.
    await store.put_records(1, (replace(kari, is_exclusive=False),))
    assert world.count("claim") == 0
    await store.put_records(1, (replace(kari, is_exclusive=True),))
    assert world.count("claim") == 1


async def test_the_database_refuses_what_slipped_past_the_domain(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    await create(store, owner_id=ROOM)
    period = f"tstzrange('{START + HOUR / 2}', '{START + HOUR}')"
    with pytest.raises(psycopg.errors.ExclusionViolation):
        postgres_world.run(f"INSERT INTO claim VALUES (1, {ROOM}, 99, {period})")


async def test_a_diary_becomes_exclusive_between_changes_and_not_beside_them(postgres_world: World) -> None:
    """What is under way when it does is part of what it then holds; what comes meanwhile waits."""
    slow, fast = await postgres_world.open(), await postgres_world.open()
    await plant(slow)
    early, moved = await create(slow), await create(slow, owner_id=KARI)
    (kari,) = [one for one in (await fast.directory(1)).associates.values() if one.id == KARI]
    async with row_held(postgres_world.dsn, early.id) as somebody_waits:
        to_later = editing(**LATER)
        under_way = asyncio.create_task(slow.change(a_change(to_later, ById((early.id, moved.id)))))
        await somebody_waits()
        switched = asyncio.create_task(fast.put_records(1, (replace(kari, is_exclusive=True),)))
        await somebody_waits(2)
        late = asyncio.create_task(fast.change(a_change(adding(a_draft(owner_id=KARI, **LATER)), NoRows())))
        await somebody_waits(3)
    await asyncio.gather(under_way, switched)
    with pytest.raises(TimeHeld) as caught:
        await late
    assert caught.value.blocker == moved.id
    assert postgres_world.run("SELECT appointment_id, lower(period) FROM claim") == [(moved.id, START + HOUR)]


async def test_a_switch_that_waits_for_a_vacuum_holds_no_change_up(
    postgres_world: World, postgres_server: PostgresServer
) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store, owner_id=KARI)
    (kari,) = [one for one in (await store.directory(1)).associates.values() if one.id == KARI]
    before = len(postgres_server.log)
    async with table_held(postgres_world.dsn, "SHARE UPDATE EXCLUSIVE") as somebody_waits:
        switched = asyncio.create_task(store.put_records(1, (replace(kari, is_exclusive=True),)))
        await somebody_waits()
        for title in ("one", "two"):
            await edit(store, row.id, title=title)
        assert "ERROR" not in postgres_server.log[before:]
    await switched
    assert postgres_world.count("claim") == 1


async def test_autovacuum_gives_way_before_who_waits_for_it_gives_up(postgres_world: World) -> None:
    for patience in (postgres.VACUUM_PATIENCE, climb.LOCK_TIMEOUT):
        longer = f"SELECT '{patience}'::interval > current_setting('deadlock_timeout')::interval"
        assert postgres_world.run(longer) == [(True,)], patience
