"""A request that comes twice under one key is done once and answered twice."""

import asyncio
from datetime import timedelta

import pytest

from appointed.domain.errors import (
    AnswerErased,
    Forbidden,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
)
from appointed.store import postgres_pool
from appointed.usecases.ports import ById, Change, Idempotency, NoRows, Outcome, Reply
from tests.store.world import (
    KARI,
    NOW,
    AnyStore,
    World,
    a_change,
    a_claimant,
    a_draft,
    adding,
    create,
    editing,
    nothing,
    plant,
    read,
    refusing,
    row_held,
    together,
)


def answer(outcome: Outcome) -> Reply:
    (row,) = outcome.rows
    name = row.claimant.name if row.claimant else None
    return Reply(200, (("ETag", f'"{row.revision}"'),), f"{row.title} {name}".encode())


def keyed(change: Change, key: str = "key", fingerprint: bytes = b"print") -> Change:
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    return Change(**(values | {"idempotency": Idempotency(key, fingerprint, answer)}))


async def test_a_twin_gets_the_first_answer_and_changes_nothing(store: AnyStore, world: World) -> None:
    row = await create(store, claimant=a_claimant())
    first = await store.change(keyed(a_change(editing(title="one"), ById((row.id,)))))
    assert first.replayed is None
    await store.change(a_change(editing(title="two"), ById((row.id,))))
    before = world.dump()
    twin = await store.change(keyed(a_change(editing(title="one"), ById((row.id,)))))
    assert twin.replayed == Reply(200, (("ETag", '"2"'),), b"one Grace Hopper")
    assert world.dump() == before


async def test_another_request_under_the_key_is_refused(store: AnyStore) -> None:
    row = await create(store)
    await store.change(keyed(a_change(editing(title="one"), ById((row.id,)))))
    with pytest.raises(IdempotencyKeyReused):
        await store.change(keyed(a_change(editing(title="two"), ById((row.id,))), fingerprint=b"other"))
    assert (await read(store, row.id)).title == "one"


async def test_a_key_belongs_to_its_tenant_and_caller(store: AnyStore) -> None:
    change = keyed(a_change(adding(a_draft()), NoRows()))
    await store.change(change)
    for who in ({"by": KARI}, {"tenant_id": 2}):
        draft = a_draft(tenant_id=who.get("tenant_id", 1))
        outcome = await store.change(keyed(a_change(adding(draft), NoRows(), **who)))
        assert outcome.replayed is None
    assert (await store.change(change)).replayed is not None


async def test_a_key_in_use_in_the_same_batch_is_told(store: AnyStore) -> None:
    row = await create(store)
    change = keyed(a_change(editing(title="one"), ById((row.id,))))
    first, second = await together(store, change, change)
    assert isinstance(first, Outcome)
    assert isinstance(second, IdempotencyKeyInUse)
    assert (await store.change(change)).replayed is not None
    assert (await read(store, row.id)).revision == 2


async def test_a_refusal_is_not_kept(store: AnyStore, world: World) -> None:
    row = await create(store)
    with pytest.raises(Forbidden):
        await store.change(keyed(a_change(refusing(Forbidden()), ById((row.id,)))))
    assert world.count("idempotency") == 0
    assert (await store.change(keyed(a_change(editing(title="x"), ById((row.id,)))))).replayed is None


async def test_an_answer_that_cannot_be_made_undoes_the_change_alone(store: AnyStore, world: World) -> None:
    rows = [await create(store) for _row in range(2)]

    def fail(_outcome: Outcome) -> Reply:
        raise RuntimeError("cannot render")

    broken, sound = await together(
        store,
        a_change(editing(title="x"), ById((rows[0].id,)), idempotency=Idempotency("k", b"", fail)),
        a_change(editing(title="x"), ById((rows[1].id,))),
    )
    assert isinstance(broken, RuntimeError)
    assert isinstance(sound, Outcome)
    assert [(await read(store, row.id)).title for row in rows] == ["Draft", "x"]
    assert world.count("idempotency") == 0


async def test_a_change_of_nothing_is_answered_alike(store: AnyStore) -> None:
    row = await create(store)
    change = keyed(a_change(nothing, ById((row.id,))))
    assert (await store.change(change)).replayed is None
    assert (await store.change(change)).replayed == Reply(200, (("ETag", '"1"'),), b"Draft None")


async def test_keys_are_forgotten_after_a_while(store: AnyStore, world: World) -> None:
    row = await create(store)
    change = keyed(a_change(editing(title="one"), ById((row.id,))))
    await store.change(change)
    await store.forget_idempotency(NOW)
    assert (await store.change(change)).replayed is not None
    await store.forget_idempotency(NOW + timedelta(seconds=1))
    assert world.count("idempotency") == 0


async def test_the_kept_answer_is_sealed_and_goes_with_its_claimant(store: AnyStore, world: World) -> None:
    row = await create(store, claimant=a_claimant())
    change = keyed(a_change(editing(title="one"), ById((row.id,))))
    await store.change(change)
    kept = world.run("SELECT answer FROM idempotency")
    assert b"Grace" not in bytes(kept[0][0])
    assert row.claimant is not None
    await store.erase_claimant(1, row.claimant.id)
    with pytest.raises(AnswerErased):
        await store.change(change)


async def test_a_key_in_use_by_another_process_is_told_at_once(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever waits longer for a row than this is put aside and gives its key back, which is not shown here.
    monkeypatch.setitem(postgres_pool.WRITER_SETTINGS, "lock_timeout", "60s")
    here, there = await postgres_world.open(), await postgres_world.open()
    await plant(here)
    row = await create(here)
    change = keyed(a_change(editing(title="one"), ById((row.id,))))
    async with row_held(postgres_world.dsn, row.id) as somebody_waits:
        first = asyncio.create_task(here.change(change))
        await somebody_waits()
        with pytest.raises(IdempotencyKeyInUse):
            await there.change(change)
    assert (await first).replayed is None
    assert (await there.change(change)).replayed is not None
