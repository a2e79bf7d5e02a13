"""What a page of 100 rows costs over HTTP: servers over few appointments and over many, asked in turn."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import apsw
import httpx
import psycopg
from tests.filling import FIRST, OWNERS, STEP, fill
from tests.postgres_server import PostgresServer

from bench.patch import serving

LIMIT = 100
MONTH = timedelta(days=30)
LOGIN = ("demo", "demo")
# What is first asked finds cold caches and makes the plans.
UNCOUNTED = 5


def lines_over_http(
    postgres: PostgresServer, engine: str, counts: tuple[int, int], times: int
) -> Iterator[str]:
    """Measure one engine; gives lines of a Markdown table, small store first."""
    with ExitStack() as around:
        clients = {
            count: around.enter_context(_filled(postgres, engine, count)) for count in sorted(set(counts))
        }
        for name, order in (("by date: first page", "date"), ("newest first", "date desc")):
            yield _line(f"{engine} | GET Appointment: owner and month, {name}", order, clients, times)


@contextmanager
def _filled(postgres: PostgresServer, engine: str, count: int) -> Iterator[httpx.Client]:
    """Run a server on so many appointments; the demo tenant's own make place for them."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        place: Path | str = data / "appointed.db" if engine == "SQLite" else postgres.create(f"http_{count}")
        words = [] if isinstance(place, Path) else ["--database", place]
        with serving(words, data):
            pass
        _empty(place)
        asyncio.run(fill(place, count))
        with serving(words, data) as (url, _process), httpx.Client(base_url=url, auth=LOGIN) as client:
            yield client


def _empty(place: Path | str) -> None:
    if isinstance(place, Path):
        connection = apsw.Connection(str(place))
        connection.execute("DELETE FROM appointment")
        connection.close()
        return
    with psycopg.connect(place) as other:
        other.execute("DELETE FROM appointment")


def _line(name: str, order: str, clients: dict[int, httpx.Client], times: int) -> str:
    luck = random.Random(1)
    found: dict[int, list[float]] = {count: [] for count in clients}
    rows: dict[int, int] = {}
    for number in range(times + UNCOUNTED):
        for count, client in clients.items():
            options = _options(luck, count, order)
            start = time.perf_counter()
            answer = client.get("/api/v1/Appointment", params=options)
            took = (time.perf_counter() - start) * 1000
            rows[count] = len(answer.raise_for_status().json()["value"])
            if number >= UNCOUNTED:
                found[count].append(took)
    few, many = (statistics.median(each) for each in found.values())
    p99 = statistics.quantiles(list(found.values())[1], n=100)[98]
    shown = ", ".join(map(str, rows.values()))
    return f"| {name} | {few:.2f} | {many:.2f} | {p99:.2f} | {many / few:.2f} | {shown} |"


def _options(luck: random.Random, count: int, order: str) -> dict[str, str]:
    # So that a whole page follows in either store.
    slots = max(0, count // OWNERS - LIMIT)
    since = (FIRST + luck.randrange(slots + 1) * STEP).date()
    owner = luck.randrange(OWNERS) + 1
    return {
        "$filter": f"associateId associateIsOneOf ({owner}) and date between ('{since}','{since + MONTH}')",
        "$orderBy": order,
        "$top": str(LIMIT),
    }
