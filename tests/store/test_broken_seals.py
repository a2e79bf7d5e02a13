"""A seal that nothing opens takes nothing else with it: lists, exports, erasures and new keys go on (ADR 0228)."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import SealBroken
from appointed.domain.participant import Claimant
from appointed.domain.principal import Principal
from appointed.sealing.keys import load_or_create
from appointed.sealing.ring import KeyRing
from appointed.store import wrapped
from appointed.usecases.claimant_ports import Lookup
from appointed.usecases.protect_claimants import erase_claimant, export_claimant, find_claimants
from appointed.usecases.query import Query
from appointed.usecases.rotate_keys import rotate
from tests.store.world import ADA, AnyStore, World, a_claimant, create, edit, plant, read

ADMIN = Principal(1, ADA)
GRACE, JANE = a_claimant(), a_claimant(2, name="Jane Roe")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    load_or_create(tmp_path / "keys")
    return KeyRing(tmp_path / "keys")


@pytest.fixture
async def kept(world: World, ring: KeyRing) -> AnyStore:
    world.sealer = ring.sealer
    store = await world.open()
    await plant(store)
    return store


def damage_key(world: World, claimant: Claimant) -> None:
    """Let the end of a claimant's wrapped key be other bytes."""
    hexed = "hex({})" if world.engine == "sqlite" else "encode({}, 'hex')"
    was = next(
        key
        for key, name in world.run(f"SELECT {hexed.format('wrapped')}, {_named(world)} FROM claimant_key")
        if name.replace("-", "").lower() == claimant.id.hex
    )
    now = was[:-2] + ("00" if was[-2:] != "00" else "01")
    binary = "x'{}'" if world.engine == "sqlite" else "decode('{}', 'hex')"
    world.run(f"UPDATE claimant_key SET wrapped = {binary.format(now)} WHERE wrapped = {binary.format(was)}")


def _named(world: World) -> str:
    return "hex(claimant_id)" if world.engine == "sqlite" else "claimant_id::text"


async def three(store: AnyStore, world: World) -> tuple[Appointment, Appointment, Appointment]:
    """Make two appointments of Grace, whose key is damaged then, and one of Jane."""
    rows = [await create(store, claimant=who) for who in (GRACE, GRACE, JANE)]
    damage_key(world, GRACE)
    return rows[0], rows[1], rows[2]


async def test_a_list_shows_all_rows_and_a_change_of_the_broken_one_is_refused(
    kept: AnyStore, world: World
) -> None:
    one, two, sound = await three(kept, world)
    page = await kept.page(Query(tenant_id=1))
    nobody = Claimant(id=GRACE.id)
    assert page.rows == (replace(one, claimant=nobody), replace(two, claimant=nobody), sound)
    with pytest.raises(SealBroken):
        await read(kept, one.id)
    with pytest.raises(SealBroken):
        await edit(kept, one.id, title="x")
    assert (await edit(kept, sound.id, title="x")).rows[0].claimant == JANE


async def test_such_appointments_are_found_to_be_named(kept: AnyStore, world: World) -> None:
    assert await kept.keys.unopened(10) == ()
    one, two, _sound = await three(kept, world)
    assert await kept.keys.unopened(10) == ((1, one.id), (1, two.id))
    assert await kept.keys.unopened(1) == ((1, one.id),)


async def test_such_a_claimant_is_found_exported_as_far_as_it_goes_and_erased(
    kept: AnyStore, world: World
) -> None:
    one, two, sound = await three(kept, world)
    (found,) = await find_claimants(kept, ADMIN, Lookup.NAME, "grace")
    assert (found.claimant, found.rows, found.unopened) == (Claimant(id=GRACE.id), (), (one.id, two.id))
    export = await export_claimant(kept, ADMIN, GRACE.id)
    told = [event.patch[0]["value"]["claimant"] for event in export.history]
    assert told == [{"id": str(GRACE.id)}] * 2
    await erase_claimant(kept, ADMIN, GRACE.id, "test", dry_run=False)
    assert [(await read(kept, row.id)).claimant for row in (one, two, sound)] == [None, None, JANE]
    assert await kept.keys.unopened(10) == ()


async def test_the_server_gets_a_new_key_all_the_same(
    kept: AnyStore, world: World, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapped, "ROWS_AT_ONCE", 1)
    _one, _two, sound = await three(kept, world)
    before = ring.current_id
    done = await rotate(ring, kept.keys)
    assert done.uses == {before: 1, ring.current_id: 1}
    assert (await read(kept, sound.id)).claimant == JANE
