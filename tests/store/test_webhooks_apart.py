"""Webhooks of two customers with the same numbers: whatever happens to one's leaves the other's."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.webhook import Contract, DeliveryState, Signal
from appointed.usecases.ports import ById
from appointed.usecases.webhook_ports import Ending
from tests.builders import a_webhook
from tests.store.test_webhooks import LEASE, MINUTE, claimed, seen, spread, told
from tests.store.world import NOW, AnyStore, World, a_change, create, editing

SO = Contract.SUPEROFFICE
SIGNAL = Signal(name="custom.event", id=77, by=1)
TABLES = ("webhook", "delivery", "outbox")


async def test_whatever_is_told_to_one_is_nothing_to_the_other(store: AnyStore, world: World) -> None:
    async def alone(act: Awaitable[Any]) -> Any:
        """Do something for the first customer, and check that the second's stand as they did."""
        before = [world.run(f"SELECT * FROM {table} WHERE tenant_id = 2") for table in TABLES]
        done = await act
        after = [world.run(f"SELECT * FROM {table} WHERE tenant_id = 2") for table in TABLES]
        assert [sorted(map(repr, rows)) for rows in after] == [sorted(map(repr, rows)) for rows in before]
        return done

    hooks = store.webhooks
    for tenant_id in (2, 1):
        made = await hooks.create(a_webhook(tenant_id=tenant_id, events=("activity.changed", SIGNAL.name)))
        assert made.id == 1
        row = await create(store, tenant_id=tenant_id)
        await store.change(a_change(editing(title="x"), ById((row.id,)), tenant_id=tenant_id))
    assert await hooks.spread(2, NOW, 100) == 2
    assert await hooks.due(1, NOW) == ()
    assert await alone(spread(store)) == 2
    await alone(hooks.change(1, SO, 1, lambda hook: replace(hook, name="Else")))
    for tenant_id in (2, 1):
        assert await hooks.signal(tenant_id, SIGNAL, UUID(int=tenant_id), NOW) == 1
    first = await alone(claimed(store, limit=1))
    assert seen(first) == [(1, 1, "created")]
    await alone(hooks.record(1, [told(first[0])]))
    second, signal = await alone(claimed(store))
    assert seen((second, signal)) == [(1, 2, "changed"), (77, 0, "signal")]
    (theirs,) = await hooks.claim(2, 1, NOW, NOW + MINUTE, LEASE, 1)
    await hooks.record(2, [told(theirs, Ending.DEAD, errors=1)])
    await alone(hooks.record(1, [told(second, Ending.DEAD, errors=1)]))
    assert len(await hooks.deliveries(1, 1, DeliveryState.DEAD)) == 1
    assert await alone(hooks.redeliver(1, 1, NOW)) == 1
    await alone(hooks.record(1, [told(signal, Ending.GONE, due_at=NOW, errors=1)]))
    await alone(hooks.delete(1, SO, 1))
