"""A store of which nothing stays: what requests write to it is decided as ever and taken back."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Contact
from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.domain.preference import MOST_PER_OWNER, Level, Preference
from appointed.domain.principal import Principal
from appointed.domain.webhook import Contract, Signal
from appointed.store.rehearsal import Rehearsal
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import ById, RecordsChange
from tests.builders import a_webhook
from tests.store.world import ADA, NOW, AnyStore, World, a_change, create, editing

HOOK = a_webhook(contract=Contract.SQOD, name="", events=("a",), created_by=ADA)


def preferences(count: int) -> tuple[Preference, ...]:
    return tuple(
        Preference(level=Level.INDIVIDUAL, owner_id=ADA, section="S", key=f"K{number}", value="1")
        for number in range(count)
    )


async def all_of_it(trial: Rehearsal, row_id: int) -> list[Any]:
    """Write one of each."""
    decide: Any = lambda stands, number: stands | {number: Contact(id=number, name="New")}  # noqa: E731
    contacts = RecordsChange(
        tenant_id=1,
        principal=Principal(1, ADA),
        door="test",
        kind="contact",
        permit=lambda _view: None,
        decide=decide,
    )
    await trial.put_preferences(1, preferences(2))
    return [
        (await trial.change(a_change(editing(title="New"), ById((row_id,))))).rows[0].title,
        [one.name for one in (await trial.change_records(contacts)).contacts.values()],
        (await trial.webhooks.create(HOOK)).name,
        (await trial.webhooks.change(1, Contract.SQOD, 1, lambda hook: replace(hook, name="New"))).name,
        await trial.webhooks.signal(1, Signal(name="a", id=1, by=ADA), seeded("signal").uuid7(NOW), NOW),
        await trial.webhooks.delete(1, Contract.SQOD, 1),
    ]


async def test_all_is_decided_and_nothing_stays(store: AnyStore, world: World) -> None:
    row = await create(store)
    await store.webhooks.create(HOOK)
    before, directory = world.dump(), await store.directory(1)
    trial = store.rehearsing()
    assert await all_of_it(trial, row.id) == ["New", ["New"], "", "New", 1, None]
    assert len(trial.tried) == 7
    assert world.dump() == before
    assert await store.directory(1) is directory
    assert (await trial.read(1, ById((row.id,)))).row == row


async def test_what_would_be_refused_is_refused(store: AnyStore, world: World) -> None:
    before, trial = world.dump(), store.rehearsing()
    with pytest.raises(InvalidRequest):
        await trial.put_preferences(1, preferences(MOST_PER_OWNER + 1))
    with pytest.raises(RecordNotFound):
        await trial.webhooks.delete(1, Contract.SQOD, 9)
    assert world.dump() == before


async def test_it_knows_nothing_that_would_write_unseen(store: AnyStore) -> None:
    with pytest.raises(AttributeError):
        await store.rehearsing().put_records(1, ())
