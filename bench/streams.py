"""What many open pages cost: memory, how soon they hear, and what is left of the rate of PATCH.

    .venv/bin/python -m bench.streams [--claimants 500] [--boards 20] [--seconds 8] [--rounds 3] [--busy]

One process of `appointed serve` per engine. Claimants wait in one department, each on their own page with its
stream; boards of agents who have signed in show that department, and read their rows anew whenever they hear
of something. In each round PATCH runs alone, then beside the open pages while states change in that
department. With --busy every PATCH is of that department as well, and all pages hear of all of them.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from tests.postgres_server import PostgresServer

from bench.browsers import PASSWORD, Board, Claimant
from bench.load import Measured, patches
from bench.patch import fill, serving

console = Console(stderr=True)
LATE, WAITING = "late", "waiting"
# Five hundred who wait change state about so often.
PERIOD_SECONDS, LOST_SECONDS = 0.5, 5.0
# Links are open, and nobody is late yet.
AHEAD = timedelta(minutes=12)
SIDE_BY_SIDE = 16
# The department of the demo tenant whose appointments `bench.patch` makes.
PATCHED = 1


@dataclass(frozen=True)
class Booked:
    """One who waits: UUID and number of the appointment, and the claimant's link."""

    uid: str
    number: int
    url: str


class Desk:
    """What is done with a department's appointments, through SQOD."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, auth=("demo", "demo"), timeout=30)
        self._status: dict[str, str] = {}

    async def book(self, count: int, *, is_busy: bool) -> tuple[int, list[Booked]]:
        """Make waiting appointments; gives their department, too.

        If `is_busy` their department is that of the appointments that are patched.
        """
        known = (await self._client.get("/api/v1/departments")).json()["data"]
        department = next(one["id"] for one in known if (one["id"] == PATCHED) is is_busy)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def book(number: int) -> Booked:
            body = {
                "appointment_at": (datetime.now(UTC) + AHEAD).isoformat(),
                "duration_in_minutes": 30,
                "claimant": {"name": f"Claimant {number}"},
                "department_id": department,
            }
            async with places:
                data = (await self._client.post("/api/v1/appointments", json=body)).json()["data"]
                await self.toggle(data["id"])
            place = data["meeting"]["room_url"].rpartition("/")[2]
            return Booked(data["id"], int(place.split("-")[1]), data["url"])

        return department, await asyncio.gather(*map(book, range(count)))

    async def hire(self, count: int, department: int) -> list[str]:
        """Make agents of a department; gives their logins."""
        logins = [f"agent-{number}" for number in range(count)]
        for login in logins:
            body = {"name": login, "login": login, "password": PASSWORD, "department_ids": [department]}
            (await self._client.post("/api/v1/users", json=body)).raise_for_status()
        return logins

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


@asynccontextmanager
async def opened(
    url: str, department: int, booked: list[Booked], agents: list[str]
) -> AsyncIterator[list[Board]]:
    """Open the pages of all claimants and a board for each agent; gives the boards."""
    port = int(url.rpartition(":")[2])
    shown = [Board(port, agent, department) for agent in agents]
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        claimants = [Claimant(client, port, one.url) for one in booked]
        pages: list[Board | Claimant] = [*claimants, *shown]
        for page in pages:
            await page.open()
        try:
            yield shown
        finally:
            for page in pages:
                await page.close()


@dataclass
class Delays:
    """After each answer, in ms: until the last board had heard, and until the last one showed it."""

    heard: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)


async def hear(desk: Desk, rows: list[Booked], boards: list[Board], until: float, delays: Delays) -> None:
    """Change states, some a second, and see when all boards know."""
    seen: list[asyncio.Task[float]] = []
    while time.perf_counter() < until:
        one = rows[len(delays.heard) % len(rows)]
        began = time.perf_counter()
        revision = await desk.toggle(one.uid)
        answered = time.perf_counter()
        heard = await _last([board.heard(one.number, revision) for board in boards], answered, delays.heard)
        shows = [board.shows(heard) for board in boards]
        seen.append(asyncio.create_task(_last(shows, answered, delays.shown)))
        await asyncio.sleep(max(0.0, began + PERIOD_SECONDS - time.perf_counter()))
    await asyncio.gather(*seen)


async def _last(times: Sequence[Awaitable[float]], answered: float, delays: list[float]) -> float:
    """Wait for the last of some boards; gives when, and keeps how long that took."""
    try:
        async with asyncio.timeout(LOST_SECONDS):
            at = max(await asyncio.gather(*times))
    except TimeoutError:
        # Boards were told to read anew, as they are when very much happens.
        at = answered + LOST_SECONDS
    delays.append(max(0.0, (at - answered) * 1000))
    return at


@dataclass
class Side:
    """What was measured of PATCH without or with open pages: rates, and CPU µs of the server for each."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)


async def measure(name: str, url: str, process: psutil.Process, options: argparse.Namespace) -> str:
    """Measure one server; gives its line of the table."""
    desk = Desk(url)
    rows, authorization = await asyncio.to_thread(fill, url)
    department, booked = await desk.book(options.claimants, is_busy=options.busy)
    agents = await desk.hire(options.boards, department)
    before = memory = process.memory_info().rss / 1e6
    alone, beside, delays = Side(), Side(), Delays()

    async def load(side: Side) -> None:
        used = sum(process.cpu_times()[:2])
        found: Measured = await asyncio.to_thread(patches, url, authorization, rows, 64, options.seconds)
        side.rates.append(found.rate)
        side.costs.append((sum(process.cpu_times()[:2]) - used) / (found.rate * options.seconds) * 1e6)

    await load(Side())
    for number in range(options.rounds):
        console.print(f"{name}, round {number + 1} …")
        await load(alone)
        async with opened(url, department, booked, agents) as boards:
            until = time.perf_counter() + options.seconds
            await asyncio.gather(load(beside), hear(desk, booked, boards, until, delays))
            memory = max(memory, process.memory_info().rss / 1e6)
    await desk.close()
    return _line(name, options, (before, memory), (alone, beside), delays)


def _line(
    name: str,
    options: argparse.Namespace,
    memory: tuple[float, float],
    sides: tuple[Side, Side],
    delays: Delays,
) -> str:
    alone, beside = sides
    plain = statistics.median(alone.costs)
    # What the pages take of a core, whatever else the machine does meanwhile.
    shares = [(cost - plain) * rate / 1e6 for cost, rate in zip(beside.costs, beside.rates, strict=True)]
    kept = [new / old for old, new in zip(alone.rates, beside.rates, strict=True)]
    heard, shown = sorted(delays.heard), sorted(delays.shown)
    cells = (
        name,
        f"{options.claimants} + {options.boards}",
        f"{memory[0]:.0f}",
        f"{memory[1]:.0f}",
        f"{statistics.median(heard):.0f}",
        f"{heard[len(heard) * 99 // 100]:.0f}",
        f"{statistics.median(shown):.0f}",
        f"{shown[len(shown) * 99 // 100]:.0f}",
        str(len(heard)),
        f"{statistics.median(alone.rates):,.0f}",
        f"{statistics.median(beside.rates):,.0f}",
        f"{statistics.median(kept):.2f}",
        f"{plain:.0f}",
        f"{1 - statistics.median(shares):.2f}",
    )
    return f"| {' | '.join(cells)} |"


HEAD = """\
| Engine | Pages | MB before | MB with them | Heard: p50 ms | p99 ms | Shown: p50 ms | p99 ms | changes \
| PATCH/s alone | beside pages | kept | CPU µs of a PATCH | core left |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure and print a Markdown table."""
    options = _options()
    lines = [HEAD]
    postgres = PostgresServer()
    engines = {"PostgreSQL": ["--database", postgres.create("streams")], "SQLite": []}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in options.engines.split(","):
                with serving(engines[name], Path(folder) / name) as (url, process):
                    lines.append(asyncio.run(measure(name, url, process, options)))
    finally:
        postgres.stop()
    print("\n".join(lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", default="PostgreSQL,SQLite")
    parser.add_argument("--claimants", type=int, default=500)
    parser.add_argument("--boards", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="patch the department that the pages listen to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
