"""What many open pages cost: memory, how soon they hear, and what is left of the rate of PATCH.

    .venv/bin/python -m bench.streams [--claimants 500] [--boards 20] [--seconds 8] [--rounds 3] [--busy]

One process per engine. Claimants and boards listen to one department. In each round PATCH runs alone, then
beside open streams while states change in that department. With --busy every PATCH is of that department as
well, and all pages hear of all of them.
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import msgspec
import psutil
from rich.console import Console
from tests.postgres_server import PostgresServer

from appointed.app.server import migrate
from appointed.settings import Settings
from bench.load import Measured, patches
from bench.patch import await_server, fill

console = Console(stderr=True)
LATE, WAITING = "late", "waiting"
START = "2035-01-01T08:00:00Z"
# Five hundred who wait change state about so often.
PERIOD_SECONDS, LOST_SECONDS = 0.5, 5.0
# The department of the demo tenant whose appointments `bench.patch` makes.
PATCHED = 1


class Page(asyncio.Protocol):
    """One open page: what it is told, and when. It costs as little as can be: browsers are other machines."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._heard: dict[tuple[int, int], asyncio.Future[float]] = {}
        self._rest = b""
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(f"GET /streams/{self._query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Take what is told; a claimant's page does nothing with it."""
        if not self.opened.done():
            self.opened.set_result(data.startswith(b"HTTP/1.1 200 "))
        if "appointment" in self._query:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                told = msgspec.json.decode(line[6:])
                waiting = self.heard(told.get("appointment", 0), told.get("revision", 0))
                if not waiting.done():
                    waiting.set_result(time.perf_counter())

    def heard(self, number: int, revision: int) -> asyncio.Future[float]:
        """Give when this page hears, or has heard, of a revision."""
        return self._heard.setdefault((number, revision), asyncio.get_running_loop().create_future())

    def close(self) -> None:
        """Close the page."""
        self._transport.close()


async def open_page(port: int, query: str) -> Page:
    """Open a page's stream; ends this program when there is none."""
    page = Page(query)
    await asyncio.get_running_loop().create_connection(lambda: page, "127.0.0.1", port)
    if not await page.opened:
        raise SystemExit(f"No stream: {query}")
    return page


@asynccontextmanager
async def opened(port: int, department: int, ids: list[int], boards: int) -> AsyncIterator[list[Page]]:
    """Open the pages of all claimants and some boards; gives the boards."""
    claimants = [await open_page(port, f"board?department={department}&appointment={one}") for one in ids]
    shown = [await open_page(port, f"board?department={department}") for _board in range(boards)]
    try:
        yield shown
    finally:
        for page in (*claimants, *shown):
            page.close()


class Desk:
    """What is done with a department's appointments, through SQOD."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, auth=("demo", "demo"), timeout=30)
        self._status: dict[str, str] = {}

    async def book(self, count: int, *, is_busy: bool) -> tuple[int, list[tuple[str, int]]]:
        """Make waiting appointments; gives their department and, of each, UUID and number.

        If `is_busy` their department is that of the appointments that are patched.
        """
        known = (await self._client.get("/api/v1/departments")).json()["data"]
        department = next(one["id"] for one in known if (one["id"] == PATCHED) is is_busy)
        places = asyncio.Semaphore(16)

        async def book(number: int) -> tuple[str, int]:
            body = {
                "appointment_at": START,
                "duration_in_minutes": 30,
                "claimant": {"name": f"Claimant {number}"},
                "department_id": department,
            }
            async with places:
                data = (await self._client.post("/api/v1/appointments", json=body)).json()["data"]
                await self.toggle(data["id"])
            place = data["meeting"]["room_url"].rpartition("/")[2]
            return data["id"], int(place.split("-")[1])

        return department, await asyncio.gather(*map(book, range(count)))

    async def toggle(self, uid: str) -> int:
        """Let somebody wait who did not, or the other way about; gives the new revision."""
        status = LATE if self._status.get(uid) == WAITING else WAITING
        self._status[uid] = status
        answer = await self._client.patch(f"/api/v1/appointments/{uid}", json={"status": status})
        answer.raise_for_status()
        return int(answer.headers["etag"].strip('"').partition("-")[0])

    async def close(self) -> None:
        """Let go of the server."""
        await self._client.aclose()


async def hear(desk: Desk, rows: list[tuple[str, int]], boards: list[Page], until: float) -> list[float]:
    """Change states, some a second; gives how long after each answer the last board heard, in ms."""
    found: list[float] = []
    while time.perf_counter() < until:
        uid, number = rows[len(found) % len(rows)]
        began = time.perf_counter()
        revision = await desk.toggle(uid)
        answered = time.perf_counter()
        try:
            times = await asyncio.wait_for(
                asyncio.gather(*(board.heard(number, revision) for board in boards)), LOST_SECONDS
            )
        except TimeoutError:
            # Boards were told to read anew, as they are when very much happens.
            times = [answered + LOST_SECONDS]
        found.append(max(0.0, (max(times) - answered) * 1000))
        await asyncio.sleep(max(0.0, began + PERIOD_SECONDS - time.perf_counter()))
    return found


async def measure(name: str, port: int, process: psutil.Process, options: argparse.Namespace) -> list[str]:
    """Measure one server; gives its line of the table."""
    url = f"http://127.0.0.1:{port}"
    desk = Desk(url)
    rows, authorization = await asyncio.to_thread(fill, url)
    department, booked = await desk.book(options.claimants, is_busy=options.busy)
    before = process.memory_info().rss / 1e6
    alone: list[Measured] = []
    beside: list[Measured] = []
    delays: list[float] = []

    async def load(costs: list[float]) -> Measured:
        before = sum(process.cpu_times()[:2])
        measured = await asyncio.to_thread(patches, url, authorization, rows, 64, options.seconds)
        costs.append((sum(process.cpu_times()[:2]) - before) / (measured.rate * options.seconds) * 1e6)
        return measured

    await load([])
    plain: list[float] = []
    costs: list[float] = []
    memory = 0.0
    for _round in range(options.rounds):
        console.print(f"{name}, round {_round + 1} …")
        alone.append(await load(plain))
        async with opened(port, department, [number for _uid, number in booked], options.boards) as boards:
            until = time.perf_counter() + options.seconds
            measured, heard = await asyncio.gather(load(costs), hear(desk, booked, boards, until))
            beside.append(measured)
            delays += heard
            memory = max(memory, process.memory_info().rss / 1e6)
    await desk.close()
    # What the streams take of a core, whatever else the machine does meanwhile.
    share = statistics.median(
        (cost - statistics.median(plain)) * one.rate / 1e6 for cost, one in zip(costs, beside, strict=True)
    )
    kept = statistics.median(new.rate / old.rate for old, new in zip(alone, beside, strict=True))
    delays.sort()
    p99 = delays[len(delays) * 99 // 100]
    rates = statistics.median(one.rate for one in alone), statistics.median(one.rate for one in beside)
    return [
        f"| {name} | {options.claimants} + {options.boards} | {before:.0f} | {memory:.0f} "
        f"| {statistics.median(delays):.0f} | {p99:.0f} | {delays[-1]:.0f} | {len(delays)} "
        f"| {rates[0]:,.0f} | {rates[1]:,.0f} | {kept:.2f} "
        f"| {statistics.median(plain):.0f} | {1 - share:.2f} |"
    ]


@contextmanager
def serving(database: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run the measured server; gives its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "APPOINTED_DATA": str(folder),
        "APPOINTED_DATABASE": database,
        "APPOINTED_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "bench.streaming_server", str(port)]
    with subprocess.Popen(command, env=environment) as process:
        try:
            await_server(f"http://127.0.0.1:{port}", process)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    """Measure and print a Markdown table."""
    options = _options()
    lines = [
        "| Engine | Streams | MB before | MB with them | Heard: p50 ms | p99 ms | most ms | changes "
        "| PATCH/s alone | beside streams | kept | CPU µs of a PATCH | core left |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    postgres = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            dsn = postgres.create("streams")
            migrate(Settings(database=dsn))
            for name, database in (("PostgreSQL", dsn), ("SQLite", "sqlite:")):
                with serving(database, Path(folder) / name) as (port, process):
                    lines += asyncio.run(measure(name, port, process, options))
    finally:
        postgres.stop()
    print("\n".join(lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claimants", type=int, default=500)
    parser.add_argument("--boards", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="patch the department that the pages listen to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
