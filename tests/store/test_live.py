"""The feed tells what was committed, with the rows as they are now, and misses nothing."""

import asyncpg
import pytest

from appointed.domain.errors import InvalidRequest
from appointed.domain.status import Status
from appointed.usecases.ports import ById
from tests.store.world import AnyStore, World, a_change, create, deleting, edit, plant


async def test_it_goes_on_from_now_and_tells_changes_of_the_tenant_alone(store: AnyStore) -> None:
    early = await create(store)
    start = await store.live.position(1)
    row = await create(store)
    await create(store, tenant_id=2)
    await edit(store, row.id, status=Status.WAITING)
    await edit(store, early.id, title="x")
    moved, position = await store.live.after(1, start, 10)
    assert [(one.appointment_id, one.status, one.revision) for one in moved] == [
        (row.id, Status.WAITING, 2),
        (row.id, Status.WAITING, 2),
        (early.id, Status.SCHEDULED, 2),
    ]
    assert {(one.uid, one.department_id, one.former_department_id) for one in moved} == {
        (row.uid, 1, 0),
        (early.uid, 1, 0),
    }
    assert await store.live.after(1, position, 10) == ((), position)
    assert await store.live.after(1, start, 2) == (moved[:2], moved[1].position)
    assert (await store.live.after(1, moved[1].position, 10))[0] == moved[2:]


async def test_it_names_the_department_that_a_row_has_left(store: AnyStore) -> None:
    row = await create(store, title='"/department_id"')
    start = await store.live.position(1)
    await edit(store, row.id, department_id=2)
    await edit(store, row.id, title="x")
    await store.change(a_change(deleting, ById((row.id,))))
    moved, _position = await store.live.after(1, start, 10)
    assert [(one.former_department_id, one.department_id, one.revision) for one in moved] == [
        (1, 0, 2),
        (0, 0, 3),
        (2, 0, 4),
    ]
    assert {(one.uid, one.status) for one in moved} == {(None, None)}


async def test_a_position_that_is_none_is_refused(store: AnyStore) -> None:
    for position in ("", "x", "-1", "1:2", "9" * 20, "1' OR 1", "0:" + "g" * 36):
        with pytest.raises(InvalidRequest):
            await store.live.after(1, position, 10)


async def test_what_commits_later_than_its_neighbour_is_not_passed_by(postgres_world: World) -> None:
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    start = await store.live.position(1)
    slow = await asyncpg.connect(postgres_world.dsn)
    async with slow.transaction():
        await slow.execute(
            "INSERT INTO event (tenant_id, id, appointment_id, revision, kind, at, by, door,"
            " patch, inverse) VALUES (1, gen_random_uuid(), $1, 9, 'changed', now(), 1, 'test', '[]', '[]')",
            row.id,
        )
        await edit(store, row.id, title="quick")
        assert await store.live.after(1, start, 10) == ((), start)
        later = await store.live.position(1)
    await slow.close()
    moved, _position = await store.live.after(1, start, 10)
    assert [one.revision for one in moved] == [2, 2]
    # Who asked for the position meanwhile hears of both, too.
    assert len((await store.live.after(1, later, 10))[0]) == 2
