"""Claimants are found without being known, are told in clear, and are forgotten for good."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.audit import Act, Wanted
from appointed.domain.directory import EPOCH, Department
from appointed.domain.errors import AnswerErased
from appointed.domain.participant import Claimant
from appointed.domain.principal import Principal
from appointed.usecases.claimant_ports import Lookup
from appointed.usecases.ports import ById, Idempotency, Outcome, Reply
from appointed.usecases.protect_claimants import erase_claimant, export_claimant, show_export
from appointed.usecases.retain import Retained, retain
from tests.store.test_claimants import everything
from tests.store.world import (
    ADA,
    HOUR,
    START,
    AnyStore,
    World,
    a_change,
    a_claimant,
    create,
    deleting,
    edit,
    editing,
    read,
)

ADMIN = Principal(1, ADA)
GRACE, JANE = a_claimant(), a_claimant(2, name="Jane Roe Hopper", email="Jane@Example.org")
FIRST = UUID(int=0)


SEARCHES = [
    (Lookup.EMAIL, " jane@EXAMPLE.org", [JANE.id]),
    (Lookup.EMAIL, "jane", []),
    (Lookup.NAME, "hopper", [GRACE.id, JANE.id]),
    (Lookup.NAME, "Hopper, Jane", [JANE.id]),
    (Lookup.NAME, "Hopper Nobody", []),
    (Lookup.NAME, "hop", []),
    (Lookup.NAME, "...", []),
    (Lookup.REFERENCE, "GR1", [GRACE.id]),
    (Lookup.REFERENCE, "none", []),
]


async def test_claimants_are_found_and_the_erased_are_not(store: AnyStore, world: World) -> None:
    await create(store, claimant=GRACE, reference="GR1")
    await create(store, claimant=JANE)
    await create(store)
    await create(store, claimant=a_claimant(3), tenant_id=2, reference="GR1")
    for by, text, found in SEARCHES:
        assert list(await store.claimants.find(1, by, text, 50)) == found
    await erase_claimant(store, ADMIN, JANE.id, "test", dry_run=False)
    for by, text, found in SEARCHES:
        assert list(await store.claimants.find(1, by, text, 50)) == [one for one in found if one != JANE.id]
    assert everything(world).count("Jane") == 0


async def test_an_erased_claimant_is_gone_from_rows_events_words_and_answers(
    store: AnyStore, world: World
) -> None:
    def answer(outcome: Outcome) -> Reply:
        return Reply(200, (), repr(outcome.rows).encode())

    rows = [await create(store, claimant=GRACE) for _row in range(3)]
    other = await create(store, claimant=JANE)
    keyed = Idempotency("key", b"print", answer)
    await store.change(a_change(editing(location="x"), ById((rows[0].id,)), idempotency=keyed))
    tried = await erase_claimant(store, ADMIN, GRACE.id, "test", dry_run=True)
    assert [(await read(store, row.id)).claimant for row in rows] == [GRACE] * 3
    done = await erase_claimant(store, ADMIN, GRACE.id, "test", tried.tag, dry_run=False)
    assert done.appointment_ids == tuple(row.id for row in rows)
    assert [(await read(store, row.id)).claimant for row in rows] == [None] * 3
    assert (await read(store, other.id)).claimant == JANE
    assert world.run("SELECT DISTINCT appointment_id FROM claimant_word") == [(other.id,)]
    assert world.count("claimant_key") == 1
    history = await store.claimants.history(1, rows[0].id, GRACE.id)
    assert history[0].patch[0]["value"]["claimant"] == {"id": str(GRACE.id)}
    assert history[-1].door == "test"
    with pytest.raises(AnswerErased):
        await store.change(a_change(editing(location="x"), ById((rows[0].id,)), idempotency=keyed))
    assert not await store.claimants.destroy(1, GRACE.id)


async def test_a_claimant_of_a_deleted_appointment_is_erased_from_the_log(
    store: AnyStore, world: World
) -> None:
    row = await create(store, claimant=GRACE)
    await create(store, claimant=JANE)
    await store.change(a_change(deleting, ById((row.id,))))
    assert await store.claimants.holdings(1, GRACE.id) == ()
    assert await store.claimants.is_kept(1, GRACE.id)
    assert not await store.claimants.is_kept(2, GRACE.id)
    done = await erase_claimant(store, ADMIN, GRACE.id, "test", dry_run=False)
    assert (done.is_done, done.appointment_ids) == (True, ())
    assert not await store.claimants.is_kept(1, GRACE.id)
    (made, *_later) = await store.claimants.history(1, row.id, GRACE.id)
    assert made.patch[0]["value"]["claimant"] == {"id": str(GRACE.id)}
    assert world.count("claimant_key") == 1


async def test_what_two_customers_call_the_same_claimant_is_kept_apart(store: AnyStore, world: World) -> None:
    names = {1: GRACE.name, 2: "Greta"}
    ours = await create(store, claimant=GRACE)
    for _row in range(2):
        await create(store, tenant_id=2, claimant=replace(GRACE, name=names[2]))
    for tenant_id, name in names.items():
        assert len(await store.claimants.holdings(tenant_id, GRACE.id)) == tenant_id
        assert len(await store.claimants.begun(tenant_id, 1, START + HOUR, (EPOCH, 0), 50)) == tenant_id
        assert await store.claimants.unused(tenant_id, FIRST, 50) == ((GRACE.id, False),)
        for other in names.values():
            found = await store.claimants.find(tenant_id, Lookup.NAME, other, 50)
            assert found == ((GRACE.id,) if other == name else ())
        (made, *_later) = await store.claimants.history(tenant_id, ours.id, GRACE.id)
        assert made.patch[0]["value"]["claimant"]["name"] == name
    await store.change(a_change(deleting, ById((ours.id,))))
    unused = [(await store.claimants.unused(tenant_id, FIRST, 50)) for tenant_id in names]
    assert unused == [((GRACE.id, True),), ((GRACE.id, False),)]
    # Rows of another claimant have the numbers that this one's have beside.
    others = [await create(store, tenant_id=tenant_id, claimant=JANE) for tenant_id in names]
    assert [row.id for row in others] == [2, 3]
    assert (await create(store, claimant=GRACE)).id == 3
    assert await store.claimants.destroy(1, GRACE.id)
    assert sorted(world.run("SELECT tenant_id FROM claimant_key")) == [(1,), (2,), (2,)]
    with_words = set(world.run("SELECT tenant_id, appointment_id FROM claimant_word"))
    assert with_words == {(1, 2), (2, 1), (2, 2), (2, 3)}
    assert (await read(store, ours.id, tenant_id=2)).claimant == replace(GRACE, name=names[2])


async def test_an_erasure_that_was_stopped_midway_is_finished(store: AnyStore, world: World) -> None:
    row = await create(store, claimant=GRACE)
    assert await store.claimants.destroy(1, GRACE.id)
    assert (await read(store, row.id)).claimant == Claimant(id=GRACE.id)
    await edit(store, row.id, claimant=a_claimant(name="Anew"))
    await erase_claimant(store, ADMIN, GRACE.id, "test", dry_run=False)
    assert (await read(store, row.id)).claimant is None
    assert world.count("claimant_key") == 0
    assert world.count("claimant_word") == 0


async def test_an_export_tells_all_in_clear_and_nothing_of_others(store: AnyStore) -> None:
    row = await create(store, claimant=JANE)
    await edit(store, row.id, claimant=GRACE)
    await edit(store, row.id, claimant=replace(GRACE, email="new@navy.example"))
    await store.audit.write(1, Act.CLAIMANT_READ, ADA, appointment_id=row.id)
    export = await export_claimant(store, ADMIN, GRACE.id)
    told = show_export(export, await store.directory(1))
    assert told["claimant"]["email"] == "new@navy.example"
    emails = [
        step["value"].get("email")
        for event in told["history"]
        for step in event["changes"]
        if step["path"] == "/claimant"
    ]
    assert emails == ["grace@navy.example", "new@navy.example"]
    assert "Jane" not in repr(told)
    assert [one["what"] for one in told["accesses"]] == [Act.CLAIMANT_READ]
    (entry, _read) = await store.audit.entries(1, Wanted())
    assert (entry.act, entry.details["claimant"]) == (Act.CLAIMANT_EXPORTED, str(GRACE.id))


async def test_departments_keep_claimants_as_long_as_they_say(store: AnyStore, world: World) -> None:
    for number, days in ((1, 30), (2, None)):
        one = (await store.directory(1)).departments[number]
        await store.put_records(1, (replace(one, retention_days=days),))
    assert isinstance((await store.directory(1)).departments[1], Department)
    ended = await create(store, claimant=GRACE)
    lasting = await create(
        store, claimant=JANE, starts_at=START + timedelta(days=20), ends_at=START + 21 * 24 * HOUR
    )
    elsewhere = await create(store, claimant=a_claimant(3), department_id=2)
    deleted = await create(store, claimant=a_claimant(4))
    await store.change(a_change(deleting, ById((deleted.id,))))
    world.clock.now = START + HOUR + timedelta(days=30)
    assert await retain(store, world.clock, 1) == Retained(0, 0)
    page = await store.claimants.begun(1, 1, world.clock.now, (EPOCH, 0), 50)
    assert [one.appointment_id for one in page] == [ended.id, lasting.id]
    assert await store.claimants.begun(1, 1, world.clock.now, (page[-1].starts_at, lasting.id), 50) == ()
    world.clock.now += timedelta(seconds=1)
    assert await retain(store, world.clock, 1, dry_run=True) == Retained(1, 0)
    assert await retain(store, world.clock, 1) == Retained(1, 0)
    assert await retain(store, world.clock, 1) == Retained(0, 0)
    assert [(await read(store, row.id)).claimant for row in (ended, lasting, elsewhere)] == [
        None,
        JANE,
        elsewhere.claimant,
    ]
    unused = dict(await store.claimants.unused(1, FIRST, 50))
    assert unused == {JANE.id: False, UUID(int=9_003): False, UUID(int=9_004): True}
    two = (await store.directory(1)).departments[2]
    await store.put_records(1, (replace(two, retention_days=3_000),))
    assert await retain(store, world.clock, 1) == Retained(0, 1)
    assert world.count("claimant_key") == 2
    acts = [entry.act for entry in await store.audit.entries(1, Wanted())]
    assert acts == [Act.CLAIMANT_ERASED] * 2
    page = await store.claimants.begun(1, 1, world.clock.now, (EPOCH, 0), 50)
    assert [one.appointment_id for one in page] == [lasting.id]


async def test_a_tenant_is_changed_for_every_process(store: AnyStore, world: World) -> None:
    before = await store.directory(1)
    changed = await store.change_tenant(1, lambda tenant: replace(tenant, redirect_hosts=("a.example",)))
    assert changed.redirect_hosts == ("a.example",)
    after = await store.directory(1)
    assert (after.tenant, after.revision) == (changed, before.revision + 1)
    assert (await store.directory(2)).tenant.redirect_hosts == ()
