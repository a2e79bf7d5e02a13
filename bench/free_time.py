"""What looking into diaries costs among many appointments beside few, in the same run, on both engines.

    .venv/bin/python -m bench.free_time [--many 1000000] [--few 10000] [--times 200]

Prints one Markdown table; times are those of the store and of what is worked out from its answers. Diaries
are equally full, half hour after half hour; the few end after days, so that they have less in the way.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from tests.filling import FIRST, OWNERS, STEP, a_row, fill
from tests.postgres_server import PostgresServer
from tests.store.world import ROOM, AnyStore, World, plant

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate, View
from appointed.domain.free_time import Wish
from appointed.domain.principal import Principal
from appointed.usecases.free_time import conflicts_on, free_time
from appointed.usecases.ports import ById

console = Console(stderr=True)
DATES = 10
FREE_OWNER = OWNERS + 1
Ask = Callable[[AnyStore, View, random.Random, int], Awaitable[object]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    postgres = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            lines = asyncio.run(_measure(postgres, Path(folder), options))
    finally:
        postgres.stop()
    print("\n".join(lines))


async def _measure(postgres: PostgresServer, folder: Path, options: argparse.Namespace) -> list[str]:
    lines = [
        f"| Engine | Question | {options.few:,}: p50 ms | {options.many:,}: p50 ms | ratio |",
        "|---|---|---|---|---|",
    ]
    for engine in ("PostgreSQL", "SQLite"):
        worlds, stores = [], {}
        for count in (options.few, options.many):
            place = folder / f"{count}.db" if engine == "SQLite" else postgres.create(f"free_{count}")
            worlds.append(World(engine.lower(), place))
            stores[count] = await _filled(worlds[-1], count)
        for name, ask in QUESTIONS.items():
            lines.append(await _line(engine, name, ask, stores, options.times))
            console.print(lines[-1])
        for world in worlds:
            await world.close()
    return lines


async def _filled(world: World, count: int) -> AnyStore:
    console.print(f"{world.engine}, filling with {count:,} …")
    store = await world.open()
    await plant(store)
    numbers = (number for number in range(3, FREE_OWNER + 1) if number != ROOM)
    owners = [Associate(id=number, name="o", full_name="O", group_id=1) for number in numbers]
    await store.put_records(1, owners)
    await fill(world.place, count)
    return store


async def _line(engine: str, name: str, ask: Ask, stores: dict[int, AnyStore], times: int) -> str:
    luck = random.Random(1)
    found: dict[int, list[float]] = {count: [] for count in stores}
    views = {count: View(await store.directory(1), FIRST) for count, store in stores.items()}
    for number in range(times + 5):
        seed = luck.random()
        for count, store in stores.items():
            start = time.perf_counter()
            await ask(store, views[count], random.Random(seed), count)
            # The first ones find cold caches and make the plans.
            if number >= 5:
                found[count].append((time.perf_counter() - start) * 1000)
    few, many = (statistics.median(each) for each in found.values())
    return f"| {engine} | {name} | {few:.2f} | {many:.2f} | {many / few:.2f} |"


def _any_row(luck: random.Random, count: int) -> Appointment:
    # Early enough for all of its dates to lie within the diary.
    most = max(1, count // OWNERS - DATES * 48)
    return a_row(luck.randrange(most) * OWNERS + luck.randrange(OWNERS) + 1)


async def _has_conflict(store: AnyStore, _view: View, luck: random.Random, count: int) -> object:
    return await store.read(1, ById((_any_row(luck, count).id,)), wants_conflict=True)


async def _days(store: AnyStore, view: View, luck: random.Random, count: int, dates: int) -> object:
    row = _any_row(luck, count)
    first = row.starts_at.date()
    days = [first + timedelta(days=number) for number in range(dates)]
    return await conflicts_on(store, row, days, view.directory.zone)


async def _calculate(store: AnyStore, view: View, luck: random.Random, count: int) -> object:
    return await _days(store, view, luck, count, DATES)


async def _validate(store: AnyStore, view: View, luck: random.Random, count: int) -> object:
    return await _days(store, view, luck, count, 1)


async def _free(store: AnyStore, view: View, luck: random.Random, count: int) -> object:
    # The diary is full of half hours; whoever owns nothing is asked together with one that is idle at night.
    since = FIRST + luck.randrange(max(1, count // OWNERS - DATES * 48)) * STEP
    wish = Wish(since=since, until=since + timedelta(days=3), length=timedelta(minutes=30))
    owners = (FREE_OWNER, luck.randrange(OWNERS) + 1)
    return await free_time(store, Principal(1, 1), view, owners, wish, 3)


QUESTIONS: dict[str, Ask] = {
    "HasConflict of one": _has_conflict,
    f"CalculateDays, {DATES} dates": _calculate,
    "ValidateDays, 1 date": _validate,
    "free time of two, 3 days": _free,
}

if __name__ == "__main__":
    main()
