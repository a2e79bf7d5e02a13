"""Two organisers and three guests at once: their history, replayed alone, gives the same end."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from appointed.domain.appointment import Appointment
from appointed.domain.errors import (
    AppointedError,
    AppointmentNotFound,
    Forbidden,
    InvalidAppointment,
    StoreBusy,
    TimeHeld,
)
from appointed.domain.events import EventKind
from appointed.store.recording import STAMPS
from appointed.usecases.identifiers import seeded
from appointed.usecases.ports import Outcome
from tests.store.acts import (
    GUESTS,
    ORGANISERS,
    PEOPLE,
    TENANT,
    Act,
    all_rows,
    do,
    guests_next,
    organisers_next,
)
from tests.store.conftest import ENGINES
from tests.store.processes import IS_FULL
from tests.store.world import AnyStore, World

SECONDS = 60 if IS_FULL else 5
SEED = 20260321
# Names that every run makes anew.
NAMES = {"uid", "reference", "link_key"}
# What somebody else has made impossible meanwhile.
REFUSALS = (AppointmentNotFound, Forbidden, InvalidAppointment, TimeHeld, StoreBusy)


class Done(NamedTuple):
    """An act that changed something, and what stood then."""

    act: Act
    outcome: Outcome


async def act_for(seconds: float, store: AnyStore, me: int, done: list[Done], tried: list[str]) -> None:
    """Let one person look and act, look and act."""
    source, ids, limit = random.Random(SEED + me), seeded(f"person{me}"), time.monotonic() + seconds
    has_acted = False
    # However slow the machine is, everybody has done something.
    while not has_acted or time.monotonic() < limit:
        rows = await all_rows(store)
        act = organisers_next(source, me, rows) if me in ORGANISERS else guests_next(source, me, rows)
        if act is None:
            await asyncio.sleep(0)
            continue
        try:
            outcome = await do(store, act, ids)
        except REFUSALS as refusal:
            tried.append(f"{act.kind}: {type(refusal).__name__}")
        else:
            tried.append(act.kind)
            if outcome.changed_ids or outcome.deleted:
                done.append(Done(act, outcome))
                has_acted = True


async def replay(store: AnyStore, done: list[Done]) -> dict[int, int]:
    """Do it all again, one after another; gives which row has which id there."""
    ids, numbers = seeded("replay"), {}
    for place, (act, outcome) in enumerate(done):
        try:
            again = await do(store, act._replace(number=numbers.get(act.number, 0)), ids)
        except AppointedError as refusal:
            raise AssertionError(f"{place}: {act} is refused alone: {refusal!r}") from refusal
        made = sorted(row.id for row in outcome.rows if row.id not in numbers)
        known = set(numbers.values())
        numbers |= zip(made, sorted(row.id for row in again.rows if row.id not in known), strict=True)
        wanted = {numbers[row_id] for row_id in outcome.changed_ids}
        assert again.changed_ids == wanted, f"{place}: {act}"
        assert {row.id for row in again.deleted} == {numbers[row.id] for row in outcome.deleted}
    return numbers


def named(rows: list[Appointment], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """Write rows with the ids of the replay, series by their first row, and without what is made anew."""
    firsts: dict[int, int] = {}
    for row in rows:
        firsts.setdefault(row.series_id, numbers[row.id])
    documents = []
    for row in rows:
        document = {name: value for name, value in msgspec.to_builtins(row).items() if name not in NAMES}
        document |= {"id": numbers[row.id], "mother_id": numbers.get(row.mother_id, row.mother_id)}
        document["series_id"] = firsts[row.series_id] if row.series_id else 0
        documents.append(document)
    return sorted(documents, key=lambda document: document["id"])


async def demand_told(store: AnyStore, rows: list[Appointment]) -> None:
    """What the event log says, told forward, is what stands; told backward, nothing is left."""
    events, position = await store.events(1)
    told: list[Any] = []
    while events:
        told += events
        events, position = await store.events(1, position)
    told.sort(key=lambda event: (event.appointment_id, event.revision))
    state: dict[int, Any] = {}
    for event in told:
        _apply(state, event.appointment_id, event.patch)
    assert _filled(state) == _filled({row.id: msgspec.to_builtins(row) for row in rows})
    for event in reversed(told):
        assert (event.appointment_id in state) is (event.kind is not EventKind.DELETED)
        _apply(state, event.appointment_id, event.inverse)
    assert state == {}


def _apply(state: dict[int, Any], number: int, patch: tuple[dict[str, Any], ...]) -> None:
    for step in patch:
        if step["op"] == "remove":
            del state[number]
        elif step["op"] == "add":
            state[number] = dict(step["value"])
        else:
            state[number][step["path"].removeprefix("/")] = step["value"]


def _filled(state: dict[int, Any]) -> dict[int, Appointment]:
    plain = {
        number: {name: value for name, value in document.items() if name not in STAMPS}
        for number, document in state.items()
    }
    return msgspec.convert(plain, dict[int, Appointment], strict=False)


async def act_at_once(world: World, alone: World) -> None:
    # On PostgreSQL each organiser has a server of their own.
    stores = [await world.open() for _one in range(1 if world.engine == "sqlite" else 2)]
    await stores[0].create_tenant(TENANT, PEOPLE)
    done: list[Done] = []
    tried: list[str] = []
    people = (*ORGANISERS, *GUESTS)
    await asyncio.gather(
        *(act_for(SECONDS, stores[place % len(stores)], me, done, tried) for place, me in enumerate(people))
    )
    rows = await all_rows(stores[0])
    assert len(done) > len(people), tried
    await demand_told(stores[0], rows)
    again = await alone.open()
    await again.create_tenant(TENANT, PEOPLE)
    numbers = await replay(again, done)
    end = await all_rows(again)
    assert named(rows, numbers) == named(end, {row.id: row.id for row in end})


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_many_did_at_once_can_be_done_one_after_another(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = tmp_path / "at_once.db" if engine == "sqlite" else request.getfixturevalue("postgres_dsn")
    world, alone = World(engine, place), World("sqlite", tmp_path / "alone.db")
    try:
        await act_at_once(world, alone)
    finally:
        await world.close()
        await alone.close()
