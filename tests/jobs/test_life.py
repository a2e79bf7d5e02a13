"""The clock moves appointments: once, whoever looks, and whatever stopped in between."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import apsw
import pytest
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.call import Window
from appointed.domain.directory import Department
from appointed.domain.errors import InvalidAppointment, StoreBusy
from appointed.domain.events import EventKind
from appointed.domain.meeting import Meeting
from appointed.domain.status import Status
from appointed.jobs import runner as runners
from appointed.jobs.life import REACH, life_job
from appointed.jobs.runner import Job, Runner
from appointed.store.job_scripts import TIMED_ROWS
from appointed.store.sqlite import numbered
from appointed.usecases.identifiers import seeded
from tests.store.world import HOUR, NOW, AnyStore, Clock, World, a_claimant, create, edit, plant, read

MINUTE = timedelta(minutes=1)
WINDOW = Window(timedelta(minutes=30), timedelta(minutes=60))
MEETING = Meeting(id="m", room_name="room", agent_key="agents")
START, END = NOW + HOUR, NOW + 2 * HOUR


def runner(store: AnyStore, clock: Clock, number: int = 1, *jobs: Job, stop: Any = None) -> Runner:
    own = jobs or (life_job(store, seeded(f"runner{number}"), WINDOW),)
    return Runner(store, own, clock, UUID(int=number), stop or asyncio.Event(), poll_seconds=0.001)


async def a_call(store: AnyStore, **values: Any) -> Appointment:
    plain = {"claimant": a_claimant(), "meeting": MEETING, "starts_at": START, "ends_at": END}
    return await create(store, **(plain | values))


async def pass_time(world: World, work: Runner, now: datetime) -> None:
    world.clock.now = now
    await work.turn()


async def test_a_claimant_is_late_and_then_has_not_come(world: World) -> None:
    store = await world.open()
    await plant(store)
    row, work = await a_call(store), runner(store, world.clock)
    found = []
    for now in (START, START + MINUTE, END + 9 * MINUTE, END + 10 * MINUTE, END + 3 * HOUR):
        await pass_time(world, work, now)
        stands = await read(store, row.id)
        found.append((stands.status, stands.revision))
    assert found == [
        (Status.SCHEDULED, 1),
        (Status.LATE, 2),
        (Status.LATE, 2),
        (Status.NO_SHOW, 3),
        (Status.NO_SHOW, 3),
    ]
    events = await store.history(1, row.id)
    assert [(event.kind, event.by, event.door) for event in events[1:]] == [
        (EventKind.CHANGED, 0, "clock")
    ] * 2
    assert (await read(store, row.id)).completed_at == END + 10 * MINUTE


async def test_a_call_that_nobody_ended_is_complete_when_its_window_closes(file_world: World) -> None:
    store = await file_world.open()
    await plant(store)
    row, work = await a_call(store), runner(store, file_world.clock)
    file_world.clock.now = START
    await edit(store, row.id, status=Status.BEING_SEEN, session_started_at=START)
    await pass_time(file_world, work, END + 59 * MINUTE)
    assert (await read(store, row.id)).status is Status.BEING_SEEN
    await pass_time(file_world, work, END + 24 * HOUR)
    stands = await read(store, row.id)
    assert (stands.status, stands.session_ended_at) == (Status.COMPLETE, END + HOUR)


async def test_the_clock_leaves_alone_what_is_none_of_its(world: World) -> None:
    store = await world.open()
    await plant(store)
    spared = [
        await a_call(store, claimant=None),
        await a_call(store, meeting=None),
        await a_call(store, created_at=END + MINUTE),
        await a_call(store, status=Status.WAITING),
        await a_call(store, status=Status.CANCELLED),
        await a_call(store, starts_at=END + 3 * HOUR, ends_at=END + 4 * HOUR),
        await a_call(store, starts_at=END - REACH - HOUR, ends_at=END - REACH, created_at=END - 2 * REACH),
    ]
    assert await store.jobs.timed(1, END - REACH, END) == ()
    before = {row.id: await read(store, row.id) for row in spared}
    await pass_time(world, runner(store, world.clock), END + 2 * HOUR)
    assert {row.id: await read(store, row.id) for row in spared} == before


async def test_departments_have_their_own_graces_and_tenants_their_own_work(
    store: AnyStore, world: World
) -> None:
    patient = replace((await store.directory(2)).departments[1], late_after_minutes=20)
    assert isinstance(patient, Department)
    await store.put_records(2, (patient,))
    hasty = await a_call(store)
    slow = await a_call(store, tenant_id=2)
    await pass_time(world, runner(store, world.clock), START + 5 * MINUTE)
    assert (await read(store, hasty.id)).status is Status.LATE
    assert (await read(store, slow.id, 2)).status is Status.SCHEDULED


async def test_after_a_stop_what_was_due_meanwhile_is_done_once(world: World) -> None:
    store = await world.open()
    await plant(store)
    rows = [await a_call(store) for _number in range(3)]
    await pass_time(world, runner(store, world.clock), START + MINUTE)
    await store.close()
    store = await world.open()
    await pass_time(world, runner(store, world.clock, 2), END + 5 * HOUR)
    await pass_time(world, runner(store, world.clock, 2), END + 5 * HOUR)
    for row in rows:
        moves = [event.patch[0]["value"] for event in (await store.history(1, row.id))[1:]]
        assert moves == ["late", "no_show"]


async def test_more_than_a_page_is_walked_to_its_end(
    file_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await file_world.open()
    await plant(store)
    monkeypatch.setattr("appointed.jobs.life.PAGE", 3)
    monkeypatch.setattr(runners, "MOST_ITEMS", 4)
    running = [await a_call(store, ends_at=END + 9 * HOUR, status=Status.LATE) for _number in range(4)]
    ended = [await a_call(store) for _number in range(7)]
    file_world.clock.now = END + HOUR
    work = runner(store, file_world.clock)
    assert [await work.turn() for _turn in range(3)] == [True, False, False]
    assert {(await read(store, row.id)).status for row in ended} == {Status.NO_SHOW}
    assert {(await read(store, row.id)).status for row in running} == {Status.LATE}


async def test_several_processes_move_each_row_once(postgres_world: World) -> None:
    first, second = await postgres_world.open(), await postgres_world.open()
    await plant(first)
    rows = [await a_call(first) for _number in range(60)]
    postgres_world.clock.now = END + HOUR
    clock = postgres_world.clock
    # Two that do not know of each other's lease: each takes the other's for its own.
    works = [runner(store, clock, 1) for store in (first, second)]
    await asyncio.gather(*(work.turn() for work in works))
    for row in rows:
        assert [event.revision for event in await first.history(1, row.id)] == [1, 2]


async def test_what_is_due_is_found_by_its_index(file_world: World) -> None:
    await (await file_world.open()).close()
    connection = apsw.Connection(str(file_world.place))
    steps = connection.execute(f"EXPLAIN QUERY PLAN {numbered(TIMED_ROWS)}", (None,) * 6).fetchall()
    connection.close()
    (step,) = (str(row[3]) for row in steps)
    assert "INDEX appointment_timed (tenant_id=? AND starts_at>? AND starts_at<?)" in step


async def test_who_holds_the_lease_works_alone_and_a_lease_ends(file_world: World) -> None:
    store = await file_world.open()
    await plant(store)
    row = await a_call(store)
    now = file_world.clock.now = START + MINUTE
    assert await store.jobs.take(1, "life", UUID(int=9), now, now + MINUTE) is None
    work = runner(store, file_world.clock)
    await work.turn()
    assert (await read(store, row.id)).status is Status.SCHEDULED
    await pass_time(file_world, work, now + MINUTE)
    assert (await read(store, row.id)).status is Status.LATE


async def test_leases_are_taken_prolonged_and_given_back(store: AnyStore) -> None:
    jobs, one, two = store.jobs, UUID(int=1), UUID(int=2)
    later = NOW + HOUR
    assert await jobs.take(1, "a", one, NOW, later) is None
    assert await jobs.take(1, "a", two, NOW, later) == later
    assert await jobs.take(1, "a", one, NOW, later + HOUR) is None
    assert [await jobs.take(1, "b", two, NOW, later), await jobs.take(2, "a", two, NOW, later)] == [
        None,
        None,
    ]
    await jobs.rest(1, "a", two, NOW)
    assert await jobs.take(1, "a", two, NOW, later) == later + HOUR
    await jobs.rest(1, "a", one, NOW + MINUTE)
    assert await jobs.take(1, "a", one, NOW, later) == NOW + MINUTE
    assert await jobs.take(1, "a", two, NOW + MINUTE, later) is None


async def test_a_job_with_a_pause_is_done_once_in_it_by_all_processes(file_world: World) -> None:
    store = await file_world.open()
    await plant(store)
    done: list[tuple[int, datetime]] = []

    async def due(_tenant_id: int, _now: datetime, _limit: int) -> tuple[str, ...]:
        return ("one",)

    async def act(tenant_id: int, _item: str, now: datetime) -> None:
        done.append((tenant_id, now))

    job = Job(name="daily", due=due, act=act, pause=HOUR)
    works = [runner(store, file_world.clock, number, job) for number in (1, 2)]
    for now in (NOW, NOW + 30 * MINUTE, NOW + HOUR):
        for work in works:
            await pass_time(file_world, work, now)
    assert done == [(1, NOW), (1, NOW + HOUR)]


async def test_what_fails_is_put_off_and_stops_nothing_else(file_world: World) -> None:
    store = await file_world.open()
    await plant(store)
    tried: list[str] = []

    async def due(_tenant_id: int, _now: datetime, _limit: int) -> tuple[str, ...]:
        return ("bad", "odd", "good")

    async def act(_tenant_id: int, item: str, _now: datetime) -> None:
        tried.append(item)
        if item == "bad":
            raise InvalidAppointment(())
        if item == "odd":
            raise ValueError(item)

    async def broken(_tenant_id: int, _now: datetime, _limit: int) -> tuple[str, ...]:
        raise ZeroDivisionError

    work = runner(
        store, file_world.clock, 1, Job(name="broken", due=broken, act=act), Job(name="x", due=due, act=act)
    )
    await work.turn()
    await work.turn()
    assert tried == ["bad", "odd", "good", "good"]
    await pass_time(file_world, work, NOW + timedelta(seconds=10))
    await pass_time(file_world, work, NOW + timedelta(seconds=29))
    assert tried[4:] == ["bad", "odd", "good", "good"]


async def test_it_works_until_told_to_stop_and_waits_for_a_store_that_is_away(file_world: World) -> None:
    store = await file_world.open()
    await plant(store)
    stop, turns = asyncio.Event(), []

    async def due(_tenant_id: int, now: datetime, _limit: int) -> tuple[str, ...]:
        turns.append(now)
        if len(turns) == 1:
            raise StoreBusy
        if len(turns) == 3:
            stop.set()
        return ()

    await runner(store, file_world.clock, 1, Job(name="x", due=due, act=None), stop=stop).serve()  # type: ignore[arg-type]  # nothing is due
    assert len(turns) == 3


async def test_an_odd_failure_of_the_store_ends_nothing() -> None:
    stop = asyncio.Event()

    class Odd:
        rounds = 0

        async def tenants(self) -> tuple[()]:
            self.rounds += 1
            if self.rounds == 1:
                raise ValueError("odd")
            stop.set()
            return ()

    store: Any = Odd()
    await runner(store, Clock(), 1, stop=stop).serve()
    assert store.rounds == 2
