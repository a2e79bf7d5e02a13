"""Whom a private row names as its readers is found by index, and follows the row."""

import pytest

from appointed.domain.appointment import Privacy, Visibility, VisibleFor
from appointed.usecases.ports import ById
from appointed.usecases.query import AllOf, Not, Operator, Query, ShownTo, Test
from tests.store.world import ADA, KARI, AnyStore, World, a_change, create, deleting, edit, editing, together

THERE = VisibleFor(Visibility.GROUP, 2)
HER, HIM = VisibleFor(Visibility.ASSOCIATE, KARI), VisibleFor(Visibility.ASSOCIATE, ADA)


async def shown(store: AnyStore, *keys: int, tenant_id: int = 1) -> list[int]:
    page = await store.page(Query(tenant_id=tenant_id, where=ShownTo(keys)))
    return sorted(row.id for row in page.rows)


@pytest.fixture
async def rows(store: AnyStore) -> None:
    for privacy, named in (
        (Privacy.OWNER, (HER, THERE)),
        (Privacy.GROUP, (THERE, VisibleFor(Visibility.GROUP, 1))),
        (Privacy.OWNER, (HIM,)),
        (Privacy.PUBLIC, (HER, VisibleFor(Visibility.ALL))),
    ):
        await create(store, owner_id=ADA, department_id=1, privacy=privacy, visible_for=named)


@pytest.mark.usefixtures("rows")
async def test_rows_are_found_by_whom_they_name(store: AnyStore) -> None:
    assert await shown(store, KARI) == [1]
    assert await shown(store, -2) == [1, 2]
    assert await shown(store, KARI, -2, 99) == [1, 2]
    # Neither the owner nor the own department is named beside others, and no department is an associate.
    assert await shown(store, ADA, -1, 2_000, -KARI - 7) == []
    assert await shown(store) == []
    # Another customer's row of the same number names nobody.
    assert (await create(store, tenant_id=2, privacy=Privacy.OWNER, visible_for=())).id == 1
    assert await shown(store, KARI, -2, tenant_id=2) == []
    where = AllOf((Test("id", Operator.LT, 4), Not(ShownTo((-2,)))))
    page = await store.page(Query(tenant_id=1, where=where))
    assert [row.id for row in page.rows] == [3]


@pytest.mark.usefixtures("rows")
async def test_what_is_named_follows_the_row(store: AnyStore, world: World) -> None:
    assert world.count("viewer") == 3
    await edit(store, 1, title="the same readers")
    await edit(store, 2, visible_for=(HER,), privacy=Privacy.OWNER)
    assert (await shown(store, KARI), await shown(store, -2)) == ([1, 2], [1])
    await edit(store, 1, privacy=Privacy.PUBLIC)
    assert await shown(store, KARI, -2) == [2]
    # Who owns it now is no other any more.
    await edit(store, 2, owner_id=KARI)
    assert world.count("viewer") == 0
    await edit(store, 1, privacy=Privacy.OWNER)
    assert await shown(store, -2) == [1]
    await store.change(a_change(deleting, ById((1,))))
    assert world.count("viewer") == 0


async def test_readers_of_another_customers_row_stay(store: AnyStore) -> None:
    for tenant_id in (1, 2):
        await create(store, tenant_id=tenant_id, privacy=Privacy.OWNER, visible_for=(HER,))
    await edit(store, 1, visible_for=(THERE,))
    assert [await shown(store, KARI, tenant_id=tenant_id) for tenant_id in (1, 2)] == [[], [1]]


@pytest.mark.usefixtures("rows")
async def test_a_dry_run_names_nobody(store: AnyStore, world: World) -> None:
    before = world.dump()
    tried = [
        a_change(decide, ById((1, 3)), dry_run=True)
        for decide in (deleting, editing(visible_for=(HIM, HER, THERE)))
    ]
    for change in tried:
        await store.change(change)
    assert world.dump() == before
    # Nor does one that comes with what is written.
    outcomes = await together(store, a_change(editing(title="written"), ById((2,))), *tried)
    assert [len(outcome.changed_ids | {row.id for row in outcome.deleted}) for outcome in outcomes] == [
        1,
        2,
        2,
    ]
    assert world.dump()["viewer"] == before["viewer"]
