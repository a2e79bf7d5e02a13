"""Several records of a kind changed in one step: all or nothing, on the newest, with a history."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Contact, View
from appointed.domain.errors import Forbidden, Unauthenticated
from appointed.domain.events import EventKind
from appointed.domain.principal import Principal
from appointed.usecases.ports import RecordsChange
from tests.store.world import ADA, KARI, NOW, AnyStore, World, plant, settled


def change(decide: Any, **more: Any) -> RecordsChange:
    tenant_id = more.pop("tenant_id", 1)
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "principal": Principal(tenant_id, more.pop("by", ADA)),
        "door": "test",
        "kind": "contact",
        "permit": lambda _view: None,
        "decide": decide,
    }
    return RecordsChange(**(values | more))


async def test_what_is_given_takes_the_place_of_what_stood(store: AnyStore) -> None:
    await store.put_records(1, tuple(Contact(id=0, name=name) for name in ("One", "Two", "Three")))
    before = await store.directory(1)

    def decide(stands: Any, number: int) -> Any:
        assert (stands, number) == (before.contacts, 4)
        return {1: stands[1], 2: replace(stands[2], name="Zwei"), number: Contact(id=number, name="Four")}

    after = await store.change_records(change(decide, by=KARI))
    assert after.revision == before.revision + 1
    assert [(key, one.name) for key, one in after.contacts.items()] == [(1, "One"), (2, "Zwei"), (4, "Four")]
    assert after.contacts[1] is (await store.directory(1)).contacts[1]
    assert (after.contacts[2].revision, after.contacts[2].updated_by) == (2, KARI)
    assert (after.contacts[4].revision, after.contacts[4].created_by) == (1, KARI)
    assert after.contacts[4].created_at == NOW
    assert (await store.directory(1)).contacts == after.contacts
    kinds = {
        key: [event.kind for event in await store.record_history(1, "contact", key)] for key in (1, 2, 3, 4)
    }
    assert kinds == {
        1: [EventKind.CREATED],
        2: [EventKind.CREATED, EventKind.CHANGED],
        3: [EventKind.CREATED, EventKind.DELETED],
        4: [EventKind.CREATED],
    }


async def test_the_number_of_one_that_is_gone_is_not_given_again(store: AnyStore) -> None:
    await store.put_records(1, (Contact(id=0, name="One"),))
    await store.change_records(change(lambda _stands, _number: {}))
    seen: list[int] = []

    def look(stands: Any, number: int) -> Any:
        seen.append(number)
        return stands

    await store.change_records(change(look))
    assert seen == [2]


async def test_nothing_new_leaves_everything_as_it_was(store: AnyStore, world: World) -> None:
    await store.put_records(1, (Contact(id=0, name="One"),))
    before = world.dump()
    after = await store.change_records(change(lambda stands, _number: dict(stands)))
    assert set(after.contacts) == {1}
    assert world.dump() == before


async def test_a_refusal_leaves_nothing(store: AnyStore, world: World) -> None:
    await store.put_records(1, (Contact(id=0, name="One"), Contact(id=0, name="Two")))
    before = world.dump()

    def refuse(view: View) -> None:
        assert view.now == NOW
        raise Forbidden("layout")

    def fail(_stands: Any, _number: int) -> Any:
        raise KeyError("broken")

    with pytest.raises(Forbidden):
        await store.change_records(change(lambda _stands, _number: {}, permit=refuse))
    with pytest.raises(KeyError):
        await store.change_records(change(fail))
    with pytest.raises(Unauthenticated):
        await store.change_records(change(lambda _stands, _number: {}, tenant_id=9))
    assert world.dump() == before


async def test_other_kinds_and_tenants_are_left_alone(store: AnyStore) -> None:
    await store.put_records(2, (Contact(id=0, name="Theirs"),))
    people = (await store.directory(1)).associates
    await store.change_records(change(lambda _stands, _number: {}))
    assert (await store.directory(1)).associates == people
    assert set((await store.directory(2)).contacts) == {1}


async def test_of_eight_at_once_none_is_lost_and_no_number_is_given_twice(world: World) -> None:
    here = await world.open()
    await plant(here)
    there = await world.open() if world.engine == "postgres" else here

    def add(stands: Any, number: int) -> Any:
        return {**stands, number: Contact(id=number, name=str(len(stands)))}

    stores = [here, there] * 4
    answers = await settled(store.change_records(change(add)) for store in stores)
    assert not [one for one in answers if isinstance(one, BaseException)]
    names = sorted(one.name for one in (await here.directory(1)).contacts.values())
    assert names == [str(number) for number in range(8)]
