"""What a page of 100 rows costs out of many appointments beside few, in the same run, on both engines.

    .venv/bin/python -m bench.pages [--many 1000000] [--few 10000] [--times 200] [--only http|store]

Prints one Markdown table. Times of a search are those of the store, from the query to the decoded rows; those
of GET Appointment are its client's, of a server in a process of its own.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from tests.filling import DEPARTMENTS, FIRST, OWNERS, STEP, fill
from tests.postgres_server import PostgresServer
from tests.store.world import AnyStore, World, plant

from appointed.usecases.query import AllOf, AnyOf, Operator, Order, Query, Test
from bench.pages_http import lines_over_http

ENGINES = ("PostgreSQL", "SQLite")
LIMIT = 100
MONTH = timedelta(days=30)
DEEP = 500
console = Console(stderr=True)
Ask = Callable[[random.Random, int], Query]


def main() -> None:
    """Measure and print."""
    options = _options()
    postgres = PostgresServer()
    try:
        lines = [_head(options)]
        if options.only != "http":
            with tempfile.TemporaryDirectory() as folder:
                lines += asyncio.run(_measure(postgres, Path(folder), options))
        if options.only != "store":
            for engine in ENGINES:
                console.print(f"{engine}, over HTTP …")
                counts = (options.few, options.many)
                lines += lines_over_http(postgres, engine, counts, options.times)
    finally:
        postgres.stop()
    print("\n".join(lines))


def _head(options: argparse.Namespace) -> str:
    few, many = (f"{count:,}: p50 ms" for count in (options.few, options.many))
    return f"| Engine | Search | {few} | {many} | p99 ms | ratio | rows |\n|---|---|---|---|---|---|---|"


async def _measure(postgres: PostgresServer, folder: Path, options: argparse.Namespace) -> list[str]:
    lines = []
    for engine in ENGINES:
        worlds = []
        stores: dict[int, AnyStore] = {}
        for count in (options.few, options.many):
            is_file = engine == "SQLite"
            place = folder / f"{count}.db" if is_file else postgres.create(f"pages_{count}")
            worlds.append(World(engine.lower(), place))
            stores[count] = await _filled(worlds[-1], count)
        for name, ask in SEARCHES.items():
            console.print(f"{engine}, {name} …")
            lines.append(await _line(engine, name, ask, stores, options.times))
        for world in worlds:
            await world.close()
    return lines


async def _filled(world: World, count: int) -> AnyStore:
    console.print(f"{world.engine}, filling with {count:,} …")
    store = await world.open()
    await plant(store)
    await fill(world.place, count)
    return store


async def _line(engine: str, name: str, ask: Ask, stores: dict[int, AnyStore], times: int) -> str:
    luck = random.Random(1)
    found: dict[int, list[float]] = {count: [] for count in stores}
    rows: dict[int, int] = {}
    for number in range(times + 5):
        for count, store in stores.items():
            query = ask(luck, count)
            start = time.perf_counter()
            rows[count] = len((await store.page(query)).rows)
            # The first ones find cold caches and make the plans.
            if number >= 5:
                found[count].append((time.perf_counter() - start) * 1000)
        if number >= 5 + FEWER and max(map(min, found.values())) > SLOW:
            break
    few, many = (statistics.median(each) for each in found.values())
    shown = ", ".join(map(str, rows.values()))
    p99 = statistics.quantiles(list(found.values())[1], n=100)[98]
    return f"| {engine} | {name} | {few:.2f} | {many:.2f} | {p99:.2f} | {many / few:.2f} | {shown} |"


def _owner_and_month(luck: random.Random, count: int) -> Query:
    # So that a whole page follows in either store.
    slots = max(0, count // OWNERS - LIMIT)
    starts_at = FIRST + luck.randrange(slots + 1) * STEP
    tests = (
        Test("owner_id", Operator.EQ, luck.randrange(OWNERS) + 1),
        Test("starts_at", Operator.GE, starts_at),
        Test("starts_at", Operator.LT, starts_at + MONTH),
    )
    return Query(tenant_id=1, where=AllOf(tests), limit=LIMIT)


def _second_page(luck: random.Random, count: int) -> Query:
    query = _owner_and_month(luck, count)
    return replace(query, after=(FIRST + (count // OWNERS // 2) * STEP, count // 2))


def _newest_first(luck: random.Random, count: int) -> Query:
    order = (Order(field="starts_at", is_descending=True), Order(field="id", is_descending=True))
    return replace(_owner_and_month(luck, count), order=order)


def _of_contact(luck: random.Random, _count: int) -> Query:
    return Query(tenant_id=1, where=Test("contact_id", Operator.EQ, luck.randrange(100) + 1), limit=LIMIT)


def _of_department(luck: random.Random, _count: int) -> Query:
    where = Test("department_id", Operator.EQ, luck.randrange(DEPARTMENTS) + 1)
    return Query(tenant_id=1, where=where, limit=LIMIT)


def _deep(luck: random.Random, count: int) -> Query:
    # Of so few rows the page is the last one.
    row = min(DEEP * LIMIT * DEPARTMENTS, count - LIMIT * DEPARTMENTS)
    return replace(_of_department(luck, count), after=(FIRST + row // OWNERS * STEP, row))


def _deep_by_offset(luck: random.Random, count: int) -> Query:
    offset = min(DEEP * LIMIT, count // DEPARTMENTS - LIMIT)
    return replace(_of_department(luck, count), offset=offset)


def _readable(_luck: random.Random, _count: int) -> Query:
    is_public = Test("privacy", Operator.EQ, "public")
    return Query(tenant_id=1, where=AnyOf((is_public, Test("owner_id", Operator.EQ, 1))), limit=LIMIT)


def _changed(_luck: random.Random, _count: int) -> Query:
    return Query(tenant_id=1, where=Test("updated_at", Operator.GE, FIRST), limit=LIMIT)


def _said(luck: random.Random, _count: int) -> Query:
    text = Test("description", Operator.CONTAINS, "not there")
    owner = Test("owner_id", Operator.EQ, luck.randrange(OWNERS) + 1)
    return Query(tenant_id=1, where=AllOf((owner, text)), limit=LIMIT)


def _counted(ask: Ask) -> Ask:
    return lambda luck, count: replace(ask(luck, count), wants_total=True)


SEARCHES: dict[str, Ask] = {
    "owner and month, by date: first page": _owner_and_month,
    "the same, behind a key": _second_page,
    "the same, newest first": _newest_first,
    "the same, with its total": _counted(_owner_and_month),
    "one contact, by date": _of_contact,
    "department, by date: page 1": _of_department,
    f"department, by date: page {DEEP} by key": _deep,
    f"department, by date: page {DEEP} by offset": _deep_by_offset,
    "department, by date: page 1 with its total": _counted(_of_department),
    "everything, by date, with the total": _counted(lambda _luck, _count: Query(tenant_id=1, limit=LIMIT)),
    "everything the caller may read, with the total": _counted(_readable),
    "an owner's descriptions: a text that is nowhere": _said,
    "changed since, which nothing is": _changed,
}
# Of those that read many rows, few runs are enough.
SLOW, FEWER = 50.0, 10


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--only", choices=("http", "store"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
