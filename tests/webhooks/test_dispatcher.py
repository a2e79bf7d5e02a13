"""From a commit to a receiver that misbehaves: every committed change is heard, in order, on both engines."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from appointed.domain.errors import InvalidAppointment, SealBroken, StoreBusy
from appointed.domain.retries import ROUND_WAITS
from appointed.domain.webhook import Contract, Delivery, DeliveryState, Fact, HookState, Webhook
from appointed.store.scripts import micros
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import ById
from appointed.usecases.webhook_ports import Ending, Message, RoundResult
from appointed.webhooks.caller import Caller
from appointed.webhooks.dispatcher import Dispatcher, Pace, pausing
from appointed.webhooks.metrics import Tally
from appointed.webhooks.rounds import Rounds
from appointed.webhooks.targets import Guard, TargetRules
from tests.builders import NOW, a_webhook
from tests.store.conftest import ENGINES
from tests.store.test_webhooks import SO
from tests.store.world import AnyStore, World, a_change, create, deleting, edit, editing, plant, refusing
from tests.webhooks.receiver import CLOSE, HANG, OK, Answer, Call, Receiver, receiving, status
from tests.webhooks.test_signing import DELIVERY

PACE = Pace(gather=0.0, poll=0.01, sweep=0.0, grace=0.2)
RULES = TargetRules(networks=("127.0.0.0/8",), ports=(), allows_http=True)
DAYS = timedelta(days=30)


def write(hook: Webhook, delivery: Delivery, fact: Fact | None) -> Message | None:
    """Tell which revision it is; nothing of titles that begin with a dash."""
    if fact is not None and (fact.row.title or "").startswith("-"):
        return None
    if fact is not None and fact.row.title == "broken":
        raise ValueError("this one cannot be written")
    if fact is not None and fact.row.title == "sealed":
        raise SealBroken
    return Message("event", json.dumps([delivery.appointment_id, delivery.revision]).encode())


@pytest.fixture(params=ENGINES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    is_file = request.param == "sqlite"
    world = World(
        request.param, tmp_path / "appointed.db" if is_file else request.getfixturevalue("postgres_dsn")
    )
    yield world
    await world.close()


@dataclass
class Office:
    """A store, and dispatchers that come and go."""

    world: World
    store: AnyStore
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    seconds: float = 20.0
    pause: Callable[[float], Any] | None = None
    told: list[tuple[int, int]] = field(default_factory=list)

    async def tell(self, tenant_id: int, webhook_id: int, _at: datetime) -> None:
        self.told.append((tenant_id, webhook_id))

    @asynccontextmanager
    async def dispatching(self, pace: Pace = PACE) -> AsyncIterator[Dispatcher]:
        """Run a dispatcher; it stops in order at the end."""
        stop = asyncio.Event()
        caller = Caller(Guard(RULES), self.seconds)
        rounds = Rounds(
            store=self.store.webhooks,
            writers=dict.fromkeys(Contract, write),
            post=caller.post,
            clock=self.world.clock,
            pause=self.pause or pausing(stop),
            share=lambda: 0.0,
            tally=Tally(CollectorRegistry()),
        )
        dispatcher = Dispatcher(
            self.store.webhooks, rounds, self.world.clock, seeded("dispatcher"), pace, stop, self.tell
        )
        task = asyncio.create_task(dispatcher.serve())
        try:
            yield dispatcher
        finally:
            stop.set()
            await task
            await caller.close()

    async def hook(self, receiver: Receiver, **values: Any) -> Webhook:
        return await self.store.webhooks.create(a_webhook(target_url=receiver.url, **values))

    async def settled(self) -> None:
        """Let a month pass whenever everything rests, until nothing is on its way any more."""
        async with asyncio.timeout(60):
            while True:
                if not self.world.count("outbox"):
                    waiting = self.world.run("SELECT lease, due_at FROM delivery WHERE state = 'waiting'")
                    if not waiting:
                        return
                    # While calls are under way their claims must not end; what is due is about to be claimed.
                    if not any(lease or self._is_due(due_at) for lease, due_at in waiting):
                        self.world.clock.now += DAYS
                await asyncio.sleep(0.01)

    def _is_due(self, due_at: Any) -> bool:
        now = self.world.clock.now
        return due_at is not None and due_at <= (micros(now) if isinstance(due_at, int) else now)


@pytest.fixture
async def office(world: World) -> Office:
    store = await world.open()
    await plant(store, tenants=2)

    async def at_once(_seconds: float) -> bool:
        return True

    return Office(world, store, pause=at_once)


def revisions(calls: list[Call], number: int) -> list[int]:
    """List the revisions of an appointment in the order they were heard, each once."""
    told = [json.loads(call.body) for call in calls]
    return list(dict.fromkeys(revision for row, revision in told if row == number))


async def test_every_committed_change_is_heard_once_and_in_order(office: Office) -> None:
    async with receiving() as receiver, office.dispatching():
        await office.hook(receiver)
        rows = [await create(office.store) for _row in range(5)]
        for title in "abc":
            await asyncio.gather(*(edit(office.store, row.id, title=title) for row in rows))
        await office.settled()
    for row in rows:
        assert revisions(receiver.heard, row.id) == [1, 2, 3, 4]
    assert len(receiver.calls) == 20


async def test_nothing_is_heard_of_what_was_refused_or_only_tried(office: Office) -> None:
    async with receiving() as receiver, office.dispatching():
        await office.hook(receiver)
        row = await create(office.store)
        with pytest.raises(InvalidAppointment):
            await office.store.change(a_change(refusing(InvalidAppointment(())), ById((row.id,))))
        await office.store.change(a_change(editing(title="dry"), ById((row.id,)), dry_run=True))
        await edit(office.store, row.id, title="real")
        await office.settled()
    assert revisions(receiver.calls, row.id) == [1, 2]


@pytest.mark.parametrize(
    "failure",
    [status(500), status(302), CLOSE, b"no http at all\r\n\r\n"],
    ids=["500", "302", "closed", "odd"],
)
async def test_a_receiver_that_fails_hears_everything_in_the_end(office: Office, failure: bytes) -> None:
    count = 0

    def answer(_call: Call) -> Answer:
        nonlocal count
        count += 1
        return failure if count % 5 else OK

    async with receiving(answer) as receiver, office.dispatching():
        await office.hook(receiver)
        row, other = await create(office.store), await create(office.store)
        for title in "abcd":
            await edit(office.store, row.id, title=title)
        await office.store.change(a_change(deleting, ById((other.id,))))
        await office.settled()
    assert revisions(receiver.heard, row.id) == [1, 2, 3, 4, 5]
    assert revisions(receiver.heard, other.id) == [1, 2]
    assert revisions(receiver.calls, row.id) == [1, 2, 3, 4, 5]


async def test_a_receiver_that_was_killed_hears_the_rest_when_it_is_back(office: Office) -> None:
    async with receiving() as receiver, office.dispatching():
        await office.hook(receiver)
        row = await create(office.store)
        await receiver.until(lambda: receiver.heard)
        await receiver.kill()
        for title in "abc":
            await edit(office.store, row.id, title=title)
        async with asyncio.timeout(20):
            while not (await office.store.webhooks.read(1, SO, 1)).usage.errors:
                await asyncio.sleep(0.01)
        await receiver.start()
        await office.settled()
    assert revisions(receiver.heard, row.id) == [1, 2, 3, 4]


async def test_a_receiver_that_hangs_holds_up_nobody_else(office: Office) -> None:
    async with receiving(lambda _call: HANG) as hanging, receiving() as receiver, office.dispatching():
        await office.hook(hanging)
        await office.hook(receiver)
        rows = [await create(office.store) for _row in range(12)]
        await receiver.until(lambda: len(receiver.heard) == len(rows))
        assert len(hanging.calls) <= 8


async def test_a_hang_ends_and_is_tried_again(office: Office) -> None:
    office.seconds = 0.3
    count = iter(range(99))
    async with receiving(lambda _call: HANG if next(count) < 4 else OK) as receiver, office.dispatching():
        await office.hook(receiver)
        row = await create(office.store)
        await office.settled()
    assert revisions(receiver.heard, row.id) == [1]
    assert len(receiver.calls) >= 5


async def test_three_calls_a_round_with_waits_between_and_the_retry_told(office: Office) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> bool:
        waits.append(seconds)
        return True

    office.pause = pause
    async with receiving(lambda _call: status(503)) as receiver, office.dispatching():
        await office.hook(receiver)
        await create(office.store)
        await receiver.until(lambda: len(receiver.calls) == 3)
        async with asyncio.timeout(20):
            while not (await office.store.webhooks.read(1, SO, 1)).usage.calls:
                await asyncio.sleep(0.01)
        assert len(receiver.calls) == 3
        office.world.clock.now += timedelta(seconds=2)
        await receiver.until(lambda: len(receiver.calls) == 6)
    assert waits == [1.0, 4.0, 1.0, 4.0]
    assert [call.headers["x-superoffice-retry"] for call in receiver.calls] == list("012345")
    assert len({call.headers["x-superoffice-eventid"] for call in receiver.calls}) == 1


async def test_nine_failures_are_shown_and_told_and_delivery_goes_on(office: Office) -> None:
    is_well = False
    async with (
        receiving(lambda _call: OK if is_well else status(500)) as receiver,
        receiving() as watcher,
        office.dispatching(),
    ):
        await office.hook(receiver)
        await office.hook(watcher, events=("webhook1.errors",), kinds=())
        row = await create(office.store)
        async with asyncio.timeout(30):
            while not (await office.store.webhooks.read(1, SO, 1)).usage.is_failing:
                office.world.clock.now += timedelta(seconds=2)
                await asyncio.sleep(0.01)
        await watcher.until(lambda: watcher.heard)
        is_well = True
        await edit(office.store, row.id, title="x")
        await office.settled()
    assert revisions(receiver.heard, row.id) == [1, 2]
    assert not (await office.store.webhooks.read(1, SO, 1)).usage.is_failing
    assert [call.body for call in watcher.heard] == [b"[1, 0]"]
    # Whoever wants a letter gets one each time that it begins.
    assert office.told == [(1, 1)]


async def test_after_the_last_round_an_event_is_kept_for_a_hand(office: Office) -> None:
    async with receiving(lambda _call: status(500)) as receiver, office.dispatching():
        await office.hook(receiver)
        row = await create(office.store)
        await edit(office.store, row.id, title="x")
        await office.settled()
        dead = await office.store.webhooks.deliveries(1, 1, DeliveryState.DEAD)
        assert [one.revision for one in dead] == [1, 2]
        assert dead[0].rounds == len(ROUND_WAITS) + 1
        assert dead[0].last_error == "HTTP 500"
        receiver.answer = lambda _call: OK
        await office.store.webhooks.redeliver(1, 1, office.world.clock())
        await office.settled()
    assert revisions(receiver.heard, row.id) == [1, 2]


async def test_a_receiver_that_is_gone_is_called_no_more(office: Office) -> None:
    async with receiving(lambda _call: status(410)) as receiver, office.dispatching():
        await office.hook(receiver)
        await create(office.store)
        async with asyncio.timeout(20):
            while (await office.store.webhooks.read(1, SO, 1)).state is HookState.ACTIVE:
                await asyncio.sleep(0.01)
        await create(office.store)
        await asyncio.sleep(0.05)
    assert len(receiver.calls) == 1
    assert len(await office.store.webhooks.deliveries(1, 1, DeliveryState.WAITING)) == 1


@pytest.mark.parametrize("title", ["broken", "sealed"])
async def test_what_a_body_writer_leaves_out_or_breaks_on_stops_nothing(office: Office, title: str) -> None:
    async with receiving() as receiver, office.dispatching():
        await office.hook(receiver)
        silent = await create(office.store, title="-")
        broken = await create(office.store, title=title)
        plain = await create(office.store)
        await office.settled()
    assert revisions(receiver.calls, silent.id) == revisions(receiver.calls, broken.id) == []
    assert revisions(receiver.heard, plain.id) == [1]
    assert len(await office.store.webhooks.deliveries(1, 1, DeliveryState.DEAD)) == 1


async def test_a_dispatcher_that_dies_loses_nothing(office: Office) -> None:
    """It is cut in the middle of calls, as by a crash: nothing is written down, claims just end."""
    async with receiving(lambda _call: HANG) as receiver:
        await office.hook(receiver)
        row = await create(office.store)
        await edit(office.store, row.id, title="x")
        async with office.dispatching() as dispatcher:
            await receiver.until(lambda: receiver.calls)
            dispatcher._record = _nothing  # type: ignore[method-assign]
        receiver.answer = lambda _call: OK
        office.world.clock.now += timedelta(seconds=PACE.lease)
        async with office.dispatching():
            await office.settled()
    assert revisions(receiver.heard, row.id) == [1, 2]


async def _nothing() -> None:
    return


async def test_a_stop_in_the_middle_puts_calls_off(office: Office) -> None:
    async with receiving(lambda _call: HANG) as receiver:
        await office.hook(receiver)
        row = await create(office.store)
        async with office.dispatching(Pace(gather=0.0, poll=0.01, grace=0.0)):
            await receiver.until(lambda: receiver.calls)
        (waiting,) = await office.store.webhooks.deliveries(1, 1, DeliveryState.WAITING)
        assert (waiting.rounds, waiting.due_at) == (0, office.world.clock())
        receiver.answer = lambda _call: OK
        async with office.dispatching():
            await receiver.until(lambda: receiver.heard)
    assert revisions(receiver.heard, row.id) == [1]


async def test_events_that_nobody_hears_are_swept_away(office: Office) -> None:
    for _row in range(3):
        await create(office.store)
    async with office.dispatching():
        await office.settled()
    assert office.world.count("outbox") == 0


async def test_two_dispatchers_share_the_work(postgres_dsn: str) -> None:
    world = World("postgres", postgres_dsn)
    stores = [await world.open(), await world.open()]
    await plant(stores[0])
    offices = [Office(world, store, pause=_at_once) for store in stores]
    async with receiving() as receiver, offices[0].dispatching(), offices[1].dispatching():
        await offices[0].hook(receiver)
        rows = [await create(stores[number % 2]) for number in range(6)]
        for title in "abcd":
            await asyncio.gather(*(edit(stores[row.id % 2], row.id, title=title) for row in rows))
        await offices[0].settled()
    for row in rows:
        assert revisions(receiver.heard, row.id) == [1, 2, 3, 4, 5]
    assert len(receiver.calls) == 30
    await world.close()


async def _at_once(_seconds: float) -> bool:
    return True


async def test_a_store_that_is_away_is_waited_for(office: Office) -> None:
    is_away = True
    work = office.store.webhooks.work

    async def sometimes() -> Any:
        if is_away:
            raise StoreBusy
        return await work()

    office.store.webhooks.work = sometimes  # type: ignore[method-assign]
    async with receiving() as receiver, office.dispatching():
        await office.hook(receiver)
        await create(office.store)
        await asyncio.sleep(0.05)
        assert not receiver.calls
        is_away = False
        await receiver.until(lambda: receiver.heard)


class Books:
    """Writes results down, but for tenants whose turn has not come; can tell nobody."""

    def __init__(self, shut: set[int]) -> None:
        self.shut = shut
        self.written: list[int] = []
        self.tried: list[int] = []

    async def record(self, tenant_id: int, results: Sequence[RoundResult]) -> tuple[int, ...]:
        if tenant_id in self.shut:
            raise StoreBusy
        self.written += [tenant_id] * len(results)
        return (7,)

    async def signal(self, tenant_id: int, *_signal: object) -> int:
        self.tried.append(tenant_id)
        raise StoreBusy


async def test_what_cannot_be_written_or_told_for_one_tenant_is_not_lost_for_others() -> None:
    books, told = Books({2}), []

    async def tell(tenant_id: int, _webhook_id: int, _at: datetime) -> None:
        told.append(tenant_id)
        raise StoreBusy

    rounds: Any = None
    store: Any = books
    dispatcher = Dispatcher(store, rounds, lambda: NOW, seeded("books"), PACE, asyncio.Event(), tell)
    for tenant_id in (3, 2, 1):
        delivery = replace(DELIVERY, tenant_id=tenant_id)
        dispatcher._results.append(RoundResult(delivery=delivery, ending=Ending.DELIVERED, at=NOW))
    with pytest.raises(StoreBusy):
        await dispatcher._record()
    assert (books.written, books.tried, told) == ([1], [1], [1])
    books.shut = set()
    await dispatcher._record()
    assert (books.written, books.tried, told) == ([1, 2, 3], [1, 2, 3], [1, 2, 3])
