"""A dry run is the very same change, and leaves no trace."""

import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidAppointment, PreconditionFailed, TimeHeld
from appointed.domain.precondition import Precondition
from appointed.usecases.ports import ById, Idempotency, NoRows, Reply
from tests.store.world import (
    HOUR,
    ROOM,
    START,
    AnyStore,
    World,
    a_change,
    a_claimant,
    a_draft,
    adding,
    create,
    deleting,
    editing,
    read,
    together,
)


async def test_it_answers_as_the_change_would_and_writes_nothing(store: AnyStore, world: World) -> None:
    row = await create(store, claimant=a_claimant())
    before = world.dump()
    changed, made, deleted = await together(
        store,
        a_change(
            editing(title="New", claimant=a_claimant(2, name="Other")),
            ById((row.id,)),
            dry_run=True,
            idempotency=Idempotency("key", b"print", lambda _outcome: Reply(200, (), b"")),
        ),
        a_change(adding(a_draft(id=-7, claimant=a_claimant(3))), NoRows(), dry_run=True),
        a_change(deleting, ById((row.id,)), dry_run=True),
    )
    assert (changed.rows[0].title, changed.rows[0].revision) == ("New", 2)
    assert changed.changed_ids == {row.id}
    assert made.rows[0].id == -7
    assert deleted.deleted == (row,)
    assert world.dump() == before
    assert await read(store, row.id) == row


async def test_real_members_of_its_batch_see_nothing_of_it(store: AnyStore) -> None:
    row = await create(store)
    _dry, real = await together(
        store,
        a_change(editing(title="dry"), ById((row.id,)), dry_run=True),
        a_change(editing(location="real"), ById((row.id,))),
    )
    assert (real.rows[0].title, real.rows[0].revision) == ("Draft", 2)


async def test_it_is_refused_as_the_change_would_be(store: AnyStore) -> None:
    row = await create(store)
    stale = ((row.id, Precondition(if_match=(5,))),)
    with pytest.raises(PreconditionFailed):
        await store.change(a_change(editing(title="x"), ById((row.id,)), dry_run=True, preconditions=stale))
    with pytest.raises(InvalidAppointment):
        await store.change(a_change(adding(a_draft(reference=row.reference)), NoRows(), dry_run=True))
    with pytest.raises(InvalidAppointment):
        await store.change(a_change(editing(title="\0"), ById((row.id,)), dry_run=True))


async def test_its_conflicts_are_those_of_the_rows_as_they_would_be(store: AnyStore) -> None:
    one, two = await create(store), await create(store, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    to_second = editing(starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    onto = await store.change(a_change(to_second, ById((one.id,)), dry_run=True, wants_conflicts=True))
    assert onto.conflicts == {one.id}
    both = await store.change(a_change(to_second, ById((one.id, two.id)), dry_run=True, wants_conflicts=True))
    assert both.conflicts == {one.id, two.id}
    away = editing(starts_at=START + 9 * HOUR, ends_at=START + 10 * HOUR)
    apart = await store.change(a_change(away, ById((one.id,)), dry_run=True, wants_conflicts=True))
    assert apart.conflicts == frozenset()


async def test_a_held_time_is_told_with_all_that_would_be_if_it_were_free(
    store: AnyStore, world: World
) -> None:
    await create(store, owner_id=ROOM)
    row = await create(store, owner_id=ROOM, starts_at=START + HOUR, ends_at=START + 2 * HOUR)
    before = world.dump()
    onto = a_change(editing(starts_at=START, ends_at=START + HOUR), ById((row.id,)), dry_run=True)
    with pytest.raises(TimeHeld) as refused:
        await store.change(replace(onto, wants_conflicts=True))
    would = refused.value.would
    assert would.pairs == ((row, would.rows[0]),)
    assert (would.rows[0].starts_at, would.conflicts) == (START, {row.id})
    assert refused.value.wanted is not None
    assert world.dump() == before
    assert "would" not in str(refused.value)
    with pytest.raises(TimeHeld) as really:
        await store.change(replace(onto, dry_run=False))
    assert really.value.would is None
