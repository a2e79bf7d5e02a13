"""The server's key is changed while servers run; whatever stops midway is finished, and nothing is lost."""

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

import pytest

from appointed.domain.errors import SealBroken
from appointed.domain.letter import Item, Mailing, Note, Purpose
from appointed.domain.webhook import Secrets, SigningKey
from appointed.sealing.keys import load_or_create
from appointed.sealing.ring import KeyRing
from appointed.store import wrapped
from appointed.usecases.ports import ById, Idempotency, Outcome, Reply
from appointed.usecases.rotate_keys import KeysInUse, keys_of, retire, rotate
from tests.builders import a_webhook
from tests.store.world import NOW, AnyStore, World, a_change, a_claimant, create, editing, plant, read

FEW = 3


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    load_or_create(tmp_path / "keys")
    return KeyRing(tmp_path / "keys")


@pytest.fixture
async def kept(world: World, ring: KeyRing) -> AnyStore:
    """A store that seals with the keys of the ring."""
    world.sealer = ring.sealer
    store = await world.open()
    await plant(store)
    return store


def answer(_outcome: Outcome) -> Reply:
    return Reply(200, (), b"told once")


async def fill(store: AnyStore, claimants: int = 7) -> list[int]:
    """Keep something in every place where keys are wrapped; gives the rows' ids."""
    rows = [await create(store, claimant=a_claimant(number)) for number in range(claimants)]
    await keyed(store, rows[0].id)
    hook = a_webhook(secrets=Secrets(keys=(SigningKey(b"k" * 32),)))
    await store.webhooks.create(hook)
    letter = Mailing(
        tenant_id=1,
        id=UUID(int=1),
        key="x",
        purpose=Purpose.REMINDER,
        at=NOW,
        items=(Item(1),),
        note=Note(body="Canary"),
    )
    await store.mail.add(letter)
    return [row.id for row in rows]


async def keyed(store: AnyStore, row_id: int) -> Outcome:
    idempotency = Idempotency("key", b"print", answer)
    return await store.change(a_change(editing(title="Once"), ById((row_id,)), idempotency=idempotency))


async def all_opens(store: AnyStore, rows: list[int]) -> bool:
    names = [(await read(store, row)).claimant for row in rows]
    (hook,) = await store.webhooks.all(1)
    (letter,) = await store.mail.fresh(1, 10)
    replayed = (await keyed(store, rows[0])).replayed
    has_words = letter.note is not None and letter.note.body == "Canary"
    return all(one and one.name for one in names) and bool(hook.secrets.keys and replayed) and has_words


async def test_everything_is_wrapped_anew_and_another_process_reads_on(
    kept: AnyStore, world: World, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapped, "ROWS_AT_ONCE", FEW)
    rows = await fill(kept)
    before = ring.current_id
    # On SQLite the one process that has the file changes the keys itself.
    other = KeyRing(ring._path.parent)
    if world.engine == "postgres":
        world.sealer = other.sealer
        reader = await world.open()
    else:
        reader = kept
    keys = await rotate(ring, kept.keys)
    assert (keys.rewrapped, dict(keys.uses)) == (10, {ring.current_id: 10})
    assert keys.older == keys.removable == (before,)
    assert await all_opens(reader, rows)
    await create(reader, claimant=a_claimant(50))
    assert dict(await kept.keys.uses()) == {ring.current_id: 11}
    assert (await retire(ring, kept.keys)).older == ()
    assert await all_opens(reader, rows)
    fresh = KeyRing(ring._path.parent)
    assert (fresh.current_id, fresh.older_ids) == (ring.current_id, ())


async def test_the_keys_of_claimants_tell_whose_a_store_is(kept: AnyStore, ring: KeyRing) -> None:
    assert await kept.keys.some() == frozenset()
    rows = await fill(kept)
    assert await kept.keys.some() == {ring.current_id}
    before = ring.current_id
    ring.rotate()
    await create(kept, claimant=a_claimant(50))
    assert await kept.keys.some() == {before, ring.current_id}
    assert await all_opens(kept, rows)


async def test_no_key_is_removed_before_every_server_follows(kept: AnyStore, ring: KeyRing) -> None:
    """A server that has not looked at the file yet goes on wrapping with the key it knows."""
    command = KeyRing(ring._path.parent, settle_seconds=60)
    before = ring.current_id
    await rotate(command, kept.keys)
    with pytest.raises(KeysInUse):
        await retire(command, kept.keys)
    late = await create(kept, claimant=a_claimant())
    assert dict(await kept.keys.uses()) == {before: 1}
    long_ago = command._path.stat().st_mtime - 61
    os.utime(command._path, (long_ago, long_ago))
    assert (await retire(command, kept.keys)).older == (before,)
    fresh = (await read(kept, late.id)).claimant
    assert fresh is not None
    assert fresh.name


async def test_a_key_that_is_still_needed_is_not_removed(kept: AnyStore, ring: KeyRing) -> None:
    rows = await fill(kept)
    before = ring.current_id
    ring.rotate()
    assert (await retire(ring, kept.keys)).older == (before,)
    assert (await keys_of(ring, kept.keys)).removable == ()
    assert await all_opens(kept, rows)


async def test_a_prepared_key_opens_before_it_wraps(kept: AnyStore, ring: KeyRing) -> None:
    """Two machines have the file; the second one gets the next key before the first wraps with it."""
    rows = await fill(kept)
    ring.prepare()
    prepared = ring.next_id
    ring.prepare()
    assert ring.next_id == prepared
    second = KeyRing(ring._path.parent)
    second._newer = second.sealer._newer = lambda: None  # type: ignore[method-assign] # its file stays
    await rotate(ring, kept.keys)
    assert (ring.current_id, ring.next_id) == (prepared, None)
    kept._tools = type(kept._tools)(second.sealer, kept._tools.clock, kept._tools.ids)
    assert (await read(kept, rows[0])).claimant is not None


async def test_a_rotation_that_is_killed_midway_is_finished_by_the_next(
    kept: AnyStore, world: World, ring: KeyRing
) -> None:
    rows = await fill(kept, claimants=12)
    before = ring.current_id
    await kept.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.store.rotating",
        world.engine,
        str(world.place),
        str(ring._path.parent),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    process.kill()
    await process.wait()
    again = KeyRing(ring._path.parent)
    world.sealer = again.sealer
    store = await world.open()
    midway = await keys_of(again, store.keys)
    assert midway.uses[before] == 10
    assert midway.uses[again.current_id] == 5
    assert await all_opens(store, rows)
    done = await rotate(again, store.keys)
    assert done.current == midway.current
    assert (done.rewrapped, done.removable) == (10, (before,))
    assert await all_opens(store, rows)


async def test_without_its_key_nothing_opens(kept: AnyStore, ring: KeyRing, world: World) -> None:
    """The guard of all above: an older key that is taken away too early is missed."""
    rows = await fill(kept)
    ring.rotate()
    ring.retire(())
    with pytest.raises(SealBroken):
        await read(kept, rows[0])
    assert (await keys_of(ring, kept.keys)).missing
