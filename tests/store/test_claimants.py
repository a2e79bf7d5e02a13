"""Claimants are sealed wherever they are kept, and erasing the key erases them everywhere."""

from pathlib import Path
from uuid import UUID

import pytest

from appointed.domain.errors import SealBroken
from appointed.domain.participant import Answer, Claimant
from appointed.sealing.keys import ServerKeys
from appointed.sealing.sealer import Sealer
from appointed.usecases.ports import ById, Idempotency, Outcome, Reply
from tests.store.world import (
    AnyStore,
    World,
    a_change,
    a_claimant,
    create,
    edit,
    editing,
    read,
    together,
)

GRACE = a_claimant(
    phone_number="+4712345678",
    answers=(Answer(UUID(int=5), "Confidential matter"),),
    email="Grace@Navy.example",
)
SECRETS = ("Grace", "Hopper", "Navy.example", "navy.example", "12345678", "Confidential", "Lovelace")


def everything(world: World) -> str:
    """Give all that the database holds, as text."""
    text = repr(world.dump())
    if isinstance(world.place, Path):
        files = world.place.parent.glob(world.place.name + "*")
        text += "".join(file.read_bytes().decode("latin-1") for file in files)
    return text


async def test_nothing_of_a_claimant_is_kept_in_clear(store: AnyStore, world: World) -> None:
    def answer(outcome: Outcome) -> Reply:
        return Reply(200, (), repr(outcome.rows).encode())

    row = await create(store, claimant=GRACE)
    renamed = a_claimant(name="Ada Lovelace")
    await store.change(
        a_change(editing(claimant=renamed), ById((row.id,)), idempotency=Idempotency("key", b"print", answer))
    )
    assert (await read(store, row.id)).claimant == renamed
    found = [secret for secret in SECRETS if secret in everything(world)]
    assert found == []
    assert "Draft" in everything(world), "the search must find what stands in clear"


async def test_an_edit_elsewhere_keeps_the_sealed_text(store: AnyStore) -> None:
    row = await create(store, claimant=GRACE)
    await edit(store, row.id, title="New")
    await edit(store, row.id, claimant=a_claimant(name="Ada Lovelace"))
    created, untouched, changed = await store.history(1, row.id)
    assert untouched.patch == ({"op": "replace", "path": "/title", "value": "New"},)
    (operation,) = changed.inverse
    assert operation["value"] == created.patch[0]["value"]["claimant"]
    assert changed.patch[0]["value"]["id"] == str(GRACE.id)


async def test_an_erased_claimant_cannot_be_read_any_more(store: AnyStore, world: World) -> None:
    row, other = await create(store, claimant=GRACE), await create(store, claimant=a_claimant(2))
    await store.erase_claimant(1, GRACE.id)
    gone = (await read(store, row.id)).claimant
    assert gone == Claimant(id=GRACE.id)
    assert (await read(store, other.id)).claimant == other.claimant
    assert world.count("claimant_key") == 1
    words = world.run("SELECT DISTINCT appointment_id FROM claimant_word")
    assert words == [(other.id,)]
    outcome = await edit(store, row.id, title="still works")
    assert outcome.rows[0].claimant == Claimant(id=GRACE.id)


async def test_an_erased_claimant_may_give_new_data(store: AnyStore) -> None:
    row = await create(store, claimant=GRACE)
    await store.erase_claimant(1, GRACE.id)
    await edit(store, row.id, claimant=a_claimant(name="Anew"))
    assert (await read(store, row.id)).claimant == a_claimant(name="Anew")


async def test_two_rows_share_a_claimants_key(store: AnyStore, world: World) -> None:
    one = await create(store, claimant=GRACE)
    two = await create(store, claimant=a_claimant(name="Grace B. Hopper"))
    assert world.count("claimant_key") == 1
    assert (await read(store, one.id)).claimant == GRACE
    assert (await read(store, two.id)).claimant == a_claimant(name="Grace B. Hopper")
    three, four = await together(
        store,
        a_change(editing(claimant=a_claimant(7)), ById((one.id,))),
        a_change(editing(claimant=a_claimant(7, name="Same")), ById((two.id,))),
    )
    assert world.count("claimant_key") == 2
    assert (await read(store, one.id)).claimant == three.rows[0].claimant
    assert (await read(store, two.id)).claimant == four.rows[0].claimant


async def test_search_words_follow_the_claimant(store: AnyStore, world: World) -> None:
    row = await create(store, claimant=GRACE)

    def found(kind: str, word: str) -> bool:
        wanted = world.sealer.search_hash(kind, 1, word)
        return wanted in {bytes(stored) for (stored,) in world.run("SELECT word FROM claimant_word")}

    assert found("name", "grace")
    assert found("name", "hopper")
    assert found("email", "grace@navy.example")
    await edit(store, row.id, claimant=a_claimant(name="Ada"))
    assert found("name", "ada")
    assert not found("name", "hopper")
    await edit(store, row.id, claimant=None)
    assert world.count("claimant_word") == 0


async def test_another_servers_key_opens_nothing_and_harms_only_its_row(
    store: AnyStore, world: World
) -> None:
    sealed, plain = await create(store, claimant=GRACE), await create(store)
    world.sealer = Sealer(ServerKeys(current=b"x" * 32, lasting=b"y" * 32))
    await store.close()
    stranger = await world.open()
    with pytest.raises(SealBroken):
        await stranger.read(1, ById((sealed.id,)))
    broken, sound = await together(
        stranger,
        a_change(editing(title="x"), ById((sealed.id,))),
        a_change(editing(title="x"), ById((plain.id,))),
    )
    assert isinstance(broken, SealBroken)
    assert isinstance(sound, Outcome)
