"""Webhooks and the way of an event to them: nothing lost, nothing twice, in order, on both engines."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidAppointment, RecordNotFound
from appointed.domain.events import EventKind
from appointed.domain.participant import Claimant
from appointed.domain.webhook import (
    MOST_WEBHOOKS,
    Contract,
    Delivery,
    DeliveryState,
    HookState,
    Secrets,
    Signal,
    SigningKey,
    Webhook,
)
from appointed.usecases.ports import ById
from appointed.usecases.webhook_ports import Ending, RoundResult
from tests.builders import a_webhook
from tests.store.world import (
    ADA,
    NOW,
    AnyStore,
    World,
    a_change,
    a_claimant,
    create,
    deleting,
    edit,
    editing,
    plant,
    refusing,
    settled,
)

SO = Contract.SUPEROFFICE
ALL_KINDS = tuple(EventKind)
LEASE, OTHER = UUID(int=7), UUID(int=8)
MINUTE = timedelta(minutes=1)


async def claimed(store: AnyStore, webhook_id: int = 1, **more: Any) -> tuple[Delivery, ...]:
    values = {"at": NOW, "until": NOW + MINUTE, "lease": LEASE, "limit": 100} | more
    return await store.webhooks.claim(1, webhook_id, **values)


def told(delivery: Delivery, ending: Ending = Ending.DELIVERED, **more: Any) -> RoundResult:
    return RoundResult(delivery=delivery, ending=ending, at=NOW, **({"calls": 1} | more))


async def spread(store: AnyStore, limit: int = 100) -> int:
    return await store.webhooks.spread(1, NOW, limit)


def seen(deliveries: tuple[Delivery, ...]) -> list[tuple[int, int, str]]:
    return [(one.appointment_id, one.revision, one.topic) for one in deliveries]


# Webhooks.


async def test_a_webhook_is_kept_whole_and_its_secrets_are_sealed(store: AnyStore, world: World) -> None:
    secrets = Secrets(keys=(SigningKey(b"hush-hush", NOW),), headers={"X-Key": "sesame-open"})
    made = await store.webhooks.create(a_webhook(secrets=secrets, details={"Properties": {"a": 1}}))
    assert made.id == 1
    assert await store.webhooks.read(1, SO, 1) == made
    assert await store.webhooks.all(1) == (made,)
    everything = repr(world.dump())
    for secret in ("hush-hush", "sesame-open"):
        assert secret not in everything
        assert secret.encode().hex() not in everything
    assert "sesame" not in repr(made)
    assert "hush" not in repr(made)


async def test_a_webhook_is_unknown_to_other_tenants_and_contracts(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    for tenant_id, contract, number in ((2, SO, 1), (1, Contract.SQOD, 1), (1, SO, 2)):
        for attempt in (
            store.webhooks.read(tenant_id, contract, number),
            store.webhooks.delete(tenant_id, contract, number),
            store.webhooks.change(tenant_id, contract, number, lambda hook: hook),
        ):
            with pytest.raises(RecordNotFound):
                await attempt
    assert await store.webhooks.all(2) == ()
    assert len(await store.webhooks.all(1, SO)) == 1
    assert await store.webhooks.all(1, Contract.SQOD) == ()


async def test_edits_at_once_lose_nothing(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook(details={}))

    def noting(number: int) -> Any:
        return lambda hook: replace(hook, details=hook.details | {str(number): True})

    await settled(store.webhooks.change(1, SO, 1, noting(number)) for number in range(8))
    assert len((await store.webhooks.read(1, SO, 1)).details) == 8


async def test_an_edit_that_fails_changes_nothing(store: AnyStore, world: World) -> None:
    await store.webhooks.create(a_webhook())
    before = world.dump()

    def refuse(_hook: Webhook) -> Webhook:
        raise InvalidAppointment(())

    with pytest.raises(InvalidAppointment):
        await store.webhooks.change(1, SO, 1, refuse)
    assert world.dump() == before


async def test_a_deleted_webhook_leaves_its_number_and_nothing_else(store: AnyStore, world: World) -> None:
    await store.webhooks.create(a_webhook(secrets=Secrets(headers={"a": "b"})))
    await create(store)
    await spread(store)
    await store.webhooks.delete(1, SO, 1)
    assert world.count("delivery") == 0
    assert [bytes(sealed) for (sealed,) in world.run("SELECT sealed FROM webhook")] == [b""]
    assert (await store.webhooks.create(a_webhook())).id == 2


async def test_a_tenant_has_a_bounded_number_of_webhooks(store: AnyStore) -> None:
    for _number in range(MOST_WEBHOOKS):
        await store.webhooks.create(a_webhook())
    with pytest.raises(InvalidAppointment):
        await store.webhooks.create(a_webhook())
    await store.webhooks.delete(1, SO, 5)
    assert (await store.webhooks.create(a_webhook())).id == MOST_WEBHOOKS + 1


# From the outbox to deliveries.


async def test_every_committed_change_becomes_one_delivery_per_webhook(store: AnyStore, world: World) -> None:
    for kinds in (ALL_KINDS, (EventKind.DELETED,), ALL_KINDS):
        await store.webhooks.create(a_webhook(kinds=kinds))
    row = await create(store)
    await edit(store, row.id, title="x")
    await store.change(a_change(deleting, ById((row.id,))))
    assert await spread(store) == 3
    assert world.count("outbox") == 0
    kinds = world.run("SELECT webhook_id, topic, revision FROM delivery ORDER BY id")
    assert kinds == [
        (1, "created", 1),
        (3, "created", 1),
        (1, "changed", 2),
        (3, "changed", 2),
        (1, "deleted", 3),
        (2, "deleted", 3),
        (3, "deleted", 3),
    ]
    assert await spread(store) == 0


async def test_nothing_is_delivered_of_what_was_refused_or_only_tried(store: AnyStore, world: World) -> None:
    await store.webhooks.create(a_webhook())
    row = await create(store)
    await spread(store)
    before = world.dump()
    with pytest.raises(InvalidAppointment):
        await store.change(a_change(refusing(InvalidAppointment(())), ById((row.id,))))
    await store.change(a_change(editing(title="dry"), ById((row.id,)), dry_run=True))
    assert await spread(store) == 0
    assert world.dump() == before


async def test_a_later_webhook_hears_of_nothing_that_came_before(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    row = await create(store)
    await store.webhooks.create(a_webhook())
    await edit(store, row.id, title="x")
    await spread(store)
    assert seen(await claimed(store, 2)) == [(row.id, 2, "changed")]


async def test_a_stopped_webhook_hears_nothing_and_keeps_what_waits(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    first = await create(store)
    await spread(store)

    def turned(state: HookState) -> Any:
        return lambda hook: replace(hook, state=state)

    await store.webhooks.change(1, SO, 1, turned(HookState.STOPPED))
    assert await store.webhooks.due(1, NOW) == ()
    await create(store)
    await store.webhooks.change(1, SO, 1, turned(HookState.ACTIVE))
    last = await create(store)
    await spread(store)
    assert len(await store.webhooks.due(1, NOW)) == 1
    assert [one.appointment_id for one in await claimed(store)] == [first.id, last.id]


async def test_events_that_nobody_hears_are_dropped_and_only_those(store: AnyStore, world: World) -> None:
    for tenant_id in (1, 2):
        await create(store, tenant_id=tenant_id, reference=f"R{tenant_id}")
    await store.webhooks.create(a_webhook())
    work = await store.webhooks.work()
    assert [(one.tenant_id, one.has_events, one.has_webhooks) for one in work] == [
        (1, True, True),
        (2, True, False),
    ]
    assert await store.webhooks.drop(1, 10) == 0
    assert await store.webhooks.drop(2, 10) == 1
    assert world.run("SELECT tenant_id FROM outbox") == [(1,)]


async def test_a_part_of_the_outbox_is_taken_in_order_of_each_appointment(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    rows = [await create(store) for _row in range(3)]
    for row in reversed(rows):
        await edit(store, row.id, title="x")
    while await spread(store, limit=2):
        pass
    heard: list[tuple[int, int, str]] = []
    while taken := await claimed(store):
        heard += seen(taken)
        await store.webhooks.record(1, [told(one) for one in taken])
    assert [revision for number, revision, _topic in heard if number == rows[0].id] == [1, 2]
    assert len(heard) == 6


# Claims, lanes and what comes of them.


async def test_a_later_event_of_the_same_appointment_waits_its_turn(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    row, other = await create(store), await create(store)
    await edit(store, row.id, title="x")
    await spread(store)
    await edit(store, row.id, title="y")
    await spread(store)
    first, beside = await claimed(store)
    assert seen((first, beside)) == [(row.id, 1, "created"), (other.id, 1, "created")]
    later = told(first, Ending.LATER, due_at=NOW + MINUTE, errors=1, last_error="no")
    await store.webhooks.record(1, [later, told(beside)])
    assert await claimed(store) == ()
    (again,) = await claimed(store, at=NOW + MINUTE)
    assert (again.id, again.rounds, again.calls, again.last_error) == (first.id, 1, 1, "no")
    await store.webhooks.record(1, [told(again)])
    (second,) = await claimed(store)
    assert second.revision == 2
    await store.webhooks.record(1, [told(second, Ending.DEAD)])
    assert [one.revision for one in await claimed(store)] == [3]


async def test_a_claim_ends_and_its_late_result_counts_no_more(store: AnyStore, world: World) -> None:
    await store.webhooks.create(a_webhook())
    await create(store)
    await spread(store)
    (mine,) = await claimed(store)
    assert await claimed(store, lease=OTHER) == ()
    (theirs,) = await claimed(store, at=NOW + MINUTE, until=NOW + 2 * MINUTE, lease=OTHER)
    await store.webhooks.record(1, [told(mine)])
    assert world.count("delivery") == 1
    await store.webhooks.record(1, [told(theirs)])
    assert world.count("delivery") == 0


async def test_claims_at_once_take_each_delivery_once(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    for _row in range(30):
        await create(store)
    await spread(store)
    taken = await settled(claimed(store, lease=UUID(int=number), limit=10) for number in range(1, 7))
    numbers = [one.id for some in taken for one in some]
    assert len(numbers) == len(set(numbers)) == 30


async def test_calls_are_counted_and_a_success_ends_a_row_of_errors(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    rows = [await create(store) for _row in range(4)]
    assert len(rows) == 4
    await spread(store)
    one, two, three, four = await claimed(store)
    failed = {"due_at": NOW + MINUTE, "calls": 3, "errors": 3, "last_error": "HTTP 500"}
    assert await store.webhooks.record(1, [told(one, Ending.LATER, **failed)]) == ()
    assert not (await store.webhooks.read(1, SO, 1)).usage.is_failing
    results = [told(two, Ending.LATER, **failed), told(three, Ending.LATER, **failed)]
    assert await store.webhooks.record(1, results) == (1,)
    usage = (await store.webhooks.read(1, SO, 1)).usage
    assert (usage.calls, usage.errors, usage.errors_in_row, usage.last_error) == (9, 9, 9, "HTTP 500")
    assert usage.is_failing
    assert await store.webhooks.record(1, [told(four, calls=2, errors=1, last_error="HTTP 502")]) == ()
    usage = (await store.webhooks.read(1, SO, 1)).usage
    assert (usage.calls, usage.errors, usage.errors_in_row) == (11, 10, 0)


async def test_a_receiver_that_is_gone_stops_its_webhook(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    await create(store)
    await spread(store)
    (only,) = await claimed(store)
    assert await store.webhooks.record(1, [told(only, Ending.GONE, due_at=NOW, errors=1)]) == (1,)
    assert (await store.webhooks.read(1, SO, 1)).state is HookState.STOPPED
    assert len(await store.webhooks.deliveries(1, 1, DeliveryState.WAITING)) == 1


async def test_dead_deliveries_are_listed_and_made_again_by_hand(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    row = await create(store)
    for title in ("x", "y"):
        await edit(store, row.id, title=title)
    await spread(store)
    for _each in range(3):
        (one,) = await claimed(store)
        await store.webhooks.record(1, [told(one, Ending.DEAD, errors=1, last_error="HTTP 500")])
    dead = await store.webhooks.deliveries(1, 1, DeliveryState.DEAD)
    assert [(one.revision, one.rounds, one.last_error) for one in dead] == [
        (1, 1, "HTTP 500"),
        (2, 1, "HTTP 500"),
        (3, 1, "HTTP 500"),
    ]
    assert await store.webhooks.deliveries(1, 1, DeliveryState.DEAD, after=dead[0].id, limit=1) == dead[1:2]
    assert await store.webhooks.redeliver(2, 1, NOW) == 0
    assert await store.webhooks.redeliver(1, 1, NOW, dead[2].id) == 1
    assert await store.webhooks.redeliver(1, 1, NOW) == 2
    # The one that was due first goes first; the others keep their order.
    revisions = []
    while taken := await claimed(store):
        revisions += [one.revision for one in taken]
        await store.webhooks.record(1, [told(one) for one in taken])
    assert sorted(revisions) == [1, 2, 3]
    assert revisions.index(1) < revisions.index(2)


async def test_a_signal_reaches_those_who_listen_to_its_name(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook(events=("button.clicked",), kinds=()))
    await store.webhooks.create(a_webhook())
    signal = Signal(name="button.clicked", id=123, by=ADA, changes=("a",), values={"a": 1})
    for _twice in range(2):
        assert await store.webhooks.signal(1, signal, UUID(int=99), NOW) == 1
    assert await claimed(store, 2) == ()
    (one,) = await claimed(store, 1)
    assert (one.signal, one.event_id, one.appointment_id) == (signal, UUID(int=99), 123)
    await store.webhooks.record(1, [told(one)])
    assert len(await claimed(store, 1)) == 1


# What a delivery speaks of.


async def facts_of(store: AnyStore, **options: bool) -> list[Any]:
    found = []
    while taken := await claimed(store):
        for one in taken:
            found.append(await store.webhooks.fact(one, **({"opens_claimant": False} | options)))
        await store.webhooks.record(1, [told(one) for one in taken])
    return found


async def test_an_event_shows_the_appointment_as_it_stood_then(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    row = await create(store, title="first", location="here")
    await edit(store, row.id, title="second")
    await edit(store, row.id, location="there", custom_fields={"a": 1})
    await store.change(a_change(deleting, ById((row.id,))))
    await spread(store)
    facts = await facts_of(store)
    assert [(fact.row.revision, fact.row.title, fact.row.location) for fact in facts] == [
        (1, "first", "here"),
        (2, "second", "here"),
        (3, "second", "there"),
        (4, "second", "there"),
    ]
    assert [fact.event.kind for fact in facts] == ["created", "changed", "changed", "deleted"]
    assert facts[0].row.updated_at is None
    assert facts[0].row.custom_fields == {}
    assert facts[2].row.custom_fields == {"a": 1}
    assert facts[0].directory.associates[ADA].name == "ada"


async def test_the_claimant_is_opened_only_when_asked_for(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    row = await create(store, claimant=a_claimant(name="Grace"))
    await edit(store, row.id, claimant=a_claimant(name="Grace Hopper"))
    await spread(store)
    (first,) = await claimed(store)
    closed = await store.webhooks.fact(first, opens_claimant=False)
    opened = await store.webhooks.fact(first, opens_claimant=True)
    assert closed is not None
    assert opened is not None
    assert closed.row.claimant == Claimant(id=row.claimant.id)  # type: ignore[union-attr]
    assert opened.row.claimant == a_claimant(name="Grace")
    await store.erase_claimant(1, row.claimant.id)  # type: ignore[union-attr]
    erased = await store.webhooks.fact(first, opens_claimant=True)
    assert erased is not None
    assert erased.row.claimant == Claimant(id=row.claimant.id)  # type: ignore[union-attr]


async def test_an_event_that_is_not_there_is_no_fact(store: AnyStore) -> None:
    await store.webhooks.create(a_webhook())
    await create(store)
    await spread(store)
    (one,) = await claimed(store)
    assert await store.webhooks.fact(replace(one, revision=9), opens_claimant=False) is None
    assert await store.webhooks.fact(replace(one, tenant_id=2), opens_claimant=False) is None


async def test_a_commit_of_this_process_is_noticed(store: AnyStore) -> None:
    heard: list[int] = []
    store.webhooks.listen(lambda: heard.append(1))
    await create(store)
    assert heard == [1]


# Several processes on one database.


async def test_an_event_committed_while_a_webhook_is_made_is_not_lost(postgres_world: World) -> None:
    """The change begins first and commits last: its place in the log is before the webhook's."""
    store = await postgres_world.open()
    await plant(store)
    row = await create(store)
    await store.webhooks.drop(1, 100)

    connection = await asyncpg.connect(postgres_world.dsn)
    try:
        await connection.execute("BEGIN")
        await connection.execute(
            "INSERT INTO event (tenant_id, id, appointment_id, revision, kind, at, by, door, patch, inverse)"
            " VALUES (1, $1, $2, 2, 'changed', now(), 1, 't', '[]', '[]')",
            UUID(int=77),
            row.id,
        )
        await connection.execute(
            "INSERT INTO outbox (tenant_id, event_id, appointment_id, revision, topic, due_at)"
            " VALUES (1, $1, $2, 2, 'changed', now())",
            UUID(int=77),
            row.id,
        )
        await store.webhooks.create(a_webhook())
        assert await spread(store) == 0
        await connection.execute("COMMIT")
    finally:
        await connection.close()
    assert await spread(store) == 1
    assert seen(await claimed(store)) == [(row.id, 2, "changed")]


async def test_two_processes_spread_and_deliver_each_event_once(postgres_world: World) -> None:
    stores = [await postgres_world.open(), await postgres_world.open()]
    await plant(stores[0])
    await stores[0].webhooks.create(a_webhook())
    await settled(create(stores[number % 2]) for number in range(40))
    taken = await settled(spread(stores[number % 2], limit=7) for number in range(12))
    assert sum(taken) == 40
    assert postgres_world.count("delivery") == 40
    lots = await settled(
        claimed(stores[number % 2], lease=UUID(int=1 + number), limit=9) for number in range(8)
    )
    numbers = [one.id for some in lots for one in some]
    assert len(numbers) == len(set(numbers)) == 40
