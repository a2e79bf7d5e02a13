"""What must be answered at once: whatever nobody should send, and the page on which a claimant waits.

    .venv/bin/python -m bench.bad_input [--times 20] [--engine SQLite]

Sends every bad request once, then the slowest of each door again and again. Prints one Markdown table.
"""

import argparse
import heapq
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from tests.contracts.bad_requests import OPERATIONS, contents
from tests.contracts.superoffice.bad_filters import BAD
from tests.postgres_server import PostgresServer
from tests.running import running

FIND = "/api/v1/Archive/FindAppointment"
ENGINES = ("SQLite", "PostgreSQL")
# Each door is the bodies of all operations of some groups of addresses.
DOORS = {
    "appointments: `POST`, `PUT`, `PATCH`, custom fields": ("Appointment",),
    "`POST Archive/{provider}`": ("Archive",),
    "webhooks": ("Webhook", "Agents/Webhook"),
    "agents: archives": ("Agents/Archive",),
    "agents: custom fields": ("Agents/UserDefinedFieldInfo",),
    "agents: appointments": ("Agents/Appointment",),
}
JSON = {"Content-Type": "application/json"}
# So many of a door are sent again: a machine that is busy slows others down once, too.
SLOWEST = 20
SETTINGS = {
    "APPOINTED_MEETINGS_PROVIDER": "url",
    "APPOINTED_MEETINGS_URL": "https://meet.example.com/{room}",
    "APPOINTED_LOG_LEVEL": "warning",
}


class Tried(NamedTuple):
    """One request, and how many milliseconds its answer took."""

    took: float
    place: int
    request: httpx.Request


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    options = parser.parse_args()
    print("| Engine | Door | bad requests | the slowest, median ms | longest ms |\n|---|---|---|---|---|")
    for engine in options.engine or ENGINES:
        with tempfile.TemporaryDirectory() as folder:
            _measure(engine, Path(folder), options.times)


def _measure(engine: str, folder: Path, times: int) -> None:
    postgres = PostgresServer() if engine == "PostgreSQL" else None
    try:
        place = {"APPOINTED_DATABASE": postgres.create("bad_input")} if postgres else {}
        with running(folder, port=0, **SETTINGS, **place) as server:
            for row in _rows(server.url, times):
                print(f"| {engine} | {row} |", flush=True)
    finally:
        if postgres:
            postgres.stop()


def _rows(url: str, times: int) -> Iterator[str]:
    with httpx.Client(base_url=url, auth=("demo", "demo"), timeout=60) as client:
        page = _page_of_a_claimant(client)
        client.post(page)
        took = [_milliseconds(client.build_request("GET", page), client)[0] for _try in range(times)]
        yield f"the page of a claimant who waits | – | {statistics.median(took):.1f} | {max(took):.1f}"
        filters = (client.build_request("POST", FIND, json={"$filter": text}) for text in BAD)
        yield _row("filters", filters, times, client)
        for door, groups in DOORS.items():
            yield _row(door, _bad(groups, client), times, client)


def _bad(groups: tuple[str, ...], client: httpx.Client) -> Iterator[httpx.Request]:
    for operation in (one for group in groups for one in OPERATIONS[group] if "requestBody" in one.told):
        for content in contents(operation):
            yield client.build_request(operation.verb, operation.at(), content=content, headers=JSON)


def _row(door: str, requests: Iterator[httpx.Request], times: int, client: httpx.Client) -> str:
    refused = []
    for place, request in enumerate(requests):
        took, status = _milliseconds(request, client)
        if status >= 500:
            raise RuntimeError(f"{request.method} {request.url}: {status}, {request.content[:80]!r}")
        if status >= 400:
            refused.append(Tried(took, place, request))
    again = [
        [_milliseconds(one.request, client)[0] for _try in range(times)]
        for one in heapq.nlargest(SLOWEST, refused)
    ]
    median = max(statistics.median(took) for took in again)
    longest = max(one.took for one in refused)
    return f"{door} | {len(refused):,} | {median:.1f} | {max(longest, *map(max, again)):.1f}"


def _milliseconds(request: httpx.Request, client: httpx.Client) -> tuple[float, int]:
    began = time.perf_counter()
    status = client.send(request).status_code
    return (time.perf_counter() - began) * 1_000, status


def _page_of_a_claimant(client: httpx.Client) -> str:
    body = {
        "appointment_at": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
        "duration_in_minutes": 30,
        "claimant": {"name": "Jane Roe"},
    }
    made = client.post("/api/v1/appointments", json=body)
    made.raise_for_status()
    return str(made.json()["data"]["url"])


if __name__ == "__main__":
    main()
