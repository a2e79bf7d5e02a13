"""A tenant's small records: a snapshot that every process renews when it changes."""

from typing import Any

import pytest

from appointed.domain.directory import Associate, Directory, Tenant
from appointed.domain.errors import Unauthenticated
from appointed.usecases.ports import ById, Decision
from tests.store.world import (
    HOUR,
    RECORDS,
    ROOM,
    START,
    AnyStore,
    World,
    a_change,
    create,
    edit,
    plant,
    read,
)


async def test_the_directory_is_what_was_planted_and_the_same_object(store: AnyStore) -> None:
    directory = await store.directory(1)
    assert directory.tenant == Tenant(id=1, name="Test")
    assert [*directory.departments.values(), *directory.associates.values()] == list(RECORDS)
    directory.memo["x"] = 1
    assert await store.directory(1) is directory
    row = await create(store)
    assert (await store.read(1, ById((row.id,)))).directory is directory
    assert (await edit(store, row.id, title="x")).directory is directory
    assert (await store.directory(2)).tenant.id == 2


async def test_new_records_get_the_next_id_and_known_ones_are_replaced(store: AnyStore) -> None:
    before = await store.directory(1)
    ids = await store.put_records(
        1, (Associate(id=0, name="new", full_name="New"), Associate(id=2, name="k", full_name="Other"))
    )
    assert ids == (ROOM + 1, 2)
    after = await store.directory(1)
    assert after.revision == before.revision + 1
    assert after.associates[ids[0]].name == "new"
    assert after.associates[2].full_name == "Other"
    assert 5 not in (await store.directory(2)).associates
    assert 5 not in before.associates


async def test_nobody_writes_records_of_an_unknown_tenant(store: AnyStore, world: World) -> None:
    before = world.dump()
    with pytest.raises(Unauthenticated):
        await store.put_records(9, (Associate(id=0, name="new", full_name="New"),))
    assert world.dump() == before


async def test_decisions_see_the_newest_directory_of_any_process(postgres_world: World) -> None:
    here, there = await postgres_world.open(), await postgres_world.open()
    await plant(here)
    row = await create(here)
    seen: list[Directory] = []

    def look(_rows: Any, view: Any) -> Decision:
        seen.append(view.directory)
        return Decision()

    await here.change(a_change(look, ById((row.id,))))
    await there.put_records(1, (Associate(id=2, name="k", full_name="Renamed"),))
    await here.change(a_change(look, ById((row.id,))))
    assert [directory.associates[2].full_name for directory in seen] == ["Kari", "Renamed"]
    assert (await here.read(1, ById((row.id,)))).directory is seen[1]


async def test_tenants_are_listed_and_numbered(store: AnyStore) -> None:
    assert await store.create_tenant(Tenant(id=0, name="Third"), ()) == 3
    assert await store.create_tenant(Tenant(id=7, name="Seventh"), ()) == 7
    assert [(tenant.id, tenant.name) for tenant in await store.tenants()] == [
        (1, "Test"),
        (2, "Test"),
        (3, "Third"),
        (7, "Seventh"),
    ]


async def test_a_tenants_first_records_come_with_it_or_not_at_all(store: AnyStore, world: World) -> None:
    before = world.dump()
    with pytest.raises(KeyError):
        await store.create_tenant(Tenant(id=0, name="Broken"), (object(),))  # type: ignore[arg-type]  # a bug
    assert world.dump() == before
    assert (await read(store, (await create(store, starts_at=START, ends_at=START + HOUR)).id)).id == 1
