"""One reader tells every page what it asked for, once if it can, and never lets anything wait without end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest, StoreBusy
from appointed.domain.status import Status
from appointed.jobs import hub as hubs
from appointed.jobs.hub import Hub
from appointed.usecases.live import Again, Message, Moved, Topic
from tests.http.virtual_time import run

BOARD = Topic(tenant_id=1, department_ids=frozenset({3}))


def moved(number: int, appointment_id: int = 7, **changes: Any) -> Moved:
    plain = Moved(
        position=str(number),
        appointment_id=appointment_id,
        uid=UUID(int=appointment_id),
        department_id=3,
        former_department_id=0,
        status=Status.WAITING,
        revision=number,
    )
    return replace(plain, **changes)


class FakeLog:
    """An event log of one tenant; positions are numbers."""

    def __init__(self) -> None:
        self.entries: list[Moved] = []
        self.reads = 0
        self.failures: list[Exception] = []

    def write(self, **values: Any) -> Moved:
        self.entries.append(moved(len(self.entries) + 1, **values))
        return self.entries[-1]

    async def position(self, _tenant_id: int) -> str:
        return str(len(self.entries))

    async def after(self, _tenant_id: int, position: str, limit: int) -> tuple[tuple[Moved, ...], str]:
        self.reads += 1
        if self.failures:
            raise self.failures.pop()
        if not position.isdecimal():
            raise InvalidRequest("after")
        found = tuple(self.entries[int(position) :][:limit])
        return found, found[-1].position if found else position


class Page:
    """A page that listens; `told` are the batches that it has taken."""

    def __init__(self, hub: Hub, topic: Topic = BOARD, after: str = "") -> None:
        self.batches: AsyncIterator[tuple[Message, ...]] = hub.subscribe(topic, after)

    async def open(self) -> "Page":
        self.next = asyncio.create_task(self._next())
        await asyncio.sleep(0.01)
        return self

    async def _next(self) -> tuple[Message, ...]:
        async for batch in self.batches:
            return batch
        return ()

    async def take(self) -> tuple[Message, ...]:
        found = await self.next
        self.next = asyncio.create_task(self._next())
        return found

    async def take_at(self, position: str) -> tuple[Message, ...]:
        """Take a batch behind which the feed stands there; gives the messages as they came into the log."""
        *told, last = await self.take()
        assert last.position == position
        assert isinstance(last, Moved)
        return (*told, replace(last, position=str(last.revision)))

    async def close(self) -> None:
        self.next.cancel()
        await asyncio.wait({self.next})
        await self.batches.aclose()  # type: ignore[attr-defined]  # a generator


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


def test_pages_hear_of_their_departments_and_appointments_alone(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        board = await Page(hub).open()
        own = await Page(hub, Topic(tenant_id=1, appointment_ids=frozenset({9}))).open()
        stranger = await Page(hub, Topic(tenant_id=2, department_ids=frozenset({3}))).open()
        first, second = log.write(), log.write(appointment_id=9)
        other = log.write(appointment_id=5, department_id=4)
        gone = log.write(appointment_id=6, department_id=0, former_department_id=3, status=None, uid=None)
        assert await board.take_at("4") == (first, second, gone)
        assert await own.take_at("4") == (second,)
        assert other.department_id == 4
        assert not board.next.done()
        for page in (board, own, stranger):
            await page.close()
        await hub.stop()

    run(main())


def test_of_one_appointment_the_newest_alone_is_told_and_both_departments_know(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        page = await Page(hub).open()
        log.write(former_department_id=4)
        other = log.write(appointment_id=8)
        log.write()
        newest = log.write()
        assert set(await page.take_at("4")) == {other, replace(newest, former_department_id=4)}
        await page.close()
        await hub.stop()

    run(main())


def test_one_reader_reads_however_many_listen_and_none_when_nobody_does(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        pages = [await Page(hub).open() for _number in range(50)]
        log.reads = 0
        await asyncio.sleep(1.0)
        assert 4 <= log.reads <= 6
        log.write()
        assert {await page.take() for page in pages} == {(log.entries[0],)}
        for page in pages:
            await page.close()
        await asyncio.sleep(0.5)
        log.reads = 0
        await asyncio.sleep(5.0)
        assert log.reads == 0
        again = await Page(hub).open()
        second = log.write()
        assert await again.take() == (second,)
        await again.close()
        await hub.stop()

    run(main())


def test_what_its_own_process_commits_is_told_at_once_but_not_read_again_and_again(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log, poll_seconds=60)
        hub.nudge()
        page = await Page(hub).open()
        await asyncio.sleep(1)
        told, before = log.write(), asyncio.get_running_loop().time()
        hub.nudge()
        assert await page.take() == (told,)
        assert asyncio.get_running_loop().time() - before < 0.01
        log.reads = 0
        for _number in range(1_000):
            log.write()
            hub.nudge()
            await asyncio.sleep(0.001)
        assert log.reads <= 25
        await page.close()
        await hub.stop()

    run(main())


def test_a_slow_page_is_told_to_read_anew(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        page = await Page(hub).open()
        for number in range(hubs.MOST_PENDING + 50):
            log.write(appointment_id=number + 100)
        await asyncio.sleep(1)
        last = log.write(appointment_id=1)
        assert await page.take() == (Again(log.entries[-2].position),)
        assert await page.take() == (last,)
        await page.close()
        await hub.stop()

    run(main())


def test_whoever_falls_far_behind_reads_anew(log: FakeLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "MOST_READ", 2)

    async def main() -> None:
        hub = Hub(log)
        page = await Page(hub).open()
        stranger = await Page(hub, Topic(tenant_id=2, department_ids=frozenset({99}))).open()
        for _number in range(2 * hubs.MOST_READS + 5):
            log.write(department_id=4)
        assert await page.take() == (Again(str(len(log.entries))),)
        after = log.write()
        assert await page.take() == (after,)
        await page.close()
        await stranger.close()
        await hub.stop()

    run(main())


def test_a_stream_goes_on_where_it_was(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        seen, missed = log.write(), log.write()
        log.write(department_id=4)
        page = await Page(hub, after=seen.position).open()
        assert await page.take_at("3") == (missed,)
        unknown = await Page(hub, after="never").open()
        assert await unknown.take() == (Again("3"),)
        for _number in range(hubs.MOST_RESUMED):
            log.write()
        late = await Page(hub, after="0").open()
        assert await late.take() == (Again(str(len(log.entries))),)
        for one in (page, unknown, late):
            await one.close()
        await hub.stop()

    run(main())


def test_a_store_that_is_away_silences_nobody(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        page = await Page(hub).open()
        log.failures = [ValueError("odd"), StoreBusy()]
        told = log.write()
        assert await page.take() == (told,)
        await page.close()
        await hub.stop()

    run(main())


def test_when_the_server_stops_all_streams_end(log: FakeLog) -> None:
    async def main() -> None:
        hub = Hub(log)
        pages = [await Page(hub).open() for _number in range(3)]
        hub.close()
        assert [await page.take() for page in pages] == [()] * 3
        late = await Page(hub).open()
        assert await late.take() == ()
        await hub.stop()
        await Hub(log).stop()

    run(main())


def test_news_of_a_department_may_wait_and_come_together_but_never_those_of_an_own_appointment(
    log: FakeLog,
) -> None:
    async def main() -> None:
        hub, time = Hub(log), asyncio.get_running_loop().time
        own = Topic(tenant_id=1, department_ids=frozenset({3}), appointment_ids=frozenset({9}), patience=3.0)
        page = await Page(hub, own).open()
        began = time()
        first = log.write(appointment_id=1)
        assert await page.take() == (first,)
        assert time() - began < 0.3
        told_at = time()
        some = [log.write(appointment_id=number) for number in (2, 3)]
        await asyncio.sleep(1)
        some.append(log.write(appointment_id=4))
        assert await page.take_at("4") == tuple(some)
        assert time() - told_at == pytest.approx(3.0)
        told_at = time()
        other = log.write(appointment_id=5)
        await asyncio.sleep(1)
        mine = log.write(appointment_id=9)
        assert set(await page.take_at("6")) == {other, mine}
        assert time() - told_at < 1.3
        for number in range(hubs.MOST_PENDING + 1):
            log.write(appointment_id=100 + number)
        told_at = time()
        assert await page.take() == (Again(log.entries[-1].position),)
        assert time() - told_at == pytest.approx(3.0)
        log.write(appointment_id=6)
        await asyncio.sleep(1)
        await page.close()
        await hub.stop()

    run(main())
