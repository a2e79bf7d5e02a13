"""What must be answered at once: bad filters of every kind, and the page on which a claimant waits.

    .venv/bin/python -m bench.bad_input [--times 20]

Prints one Markdown table, the slowest first.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from tests.contracts.superoffice.bad_filters import BAD
from tests.running import running

FIND = "/api/v1/Archive/FindAppointment"
SHOWN = 24
MEETINGS = {
    "APPOINTED_MEETINGS_PROVIDER": "url",
    "APPOINTED_MEETINGS_URL": "https://meet.example.com/{room}",
    "APPOINTED_LOG_LEVEL": "warning",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), port=0, **MEETINGS) as server:
        found = _measured(server.url, times)
    print("| Request | status | median ms | longest ms |\n|---|---|---|---|")
    for took, name, status in sorted(found, key=lambda one: -statistics.median(one[0])):
        print(f"| {name} | {status} | {statistics.median(took):.1f} | {max(took):.1f} |")


def _measured(url: str, times: int) -> list[tuple[list[float], str, int]]:
    with httpx.Client(base_url=url, auth=("demo", "demo"), timeout=60) as client:
        asked = [(f"`{text[:SHOWN]!r}`, {len(text):,} characters", {"$filter": text}) for text in BAD]
        found = [
            _timed(times, name, client.build_request("POST", FIND, json=body), client) for name, body in asked
        ]
        page = _page_of_a_claimant(client)
        client.post(page)
        return [
            *found,
            _timed(times, "the page of a claimant who waits", client.build_request("GET", page), client),
        ]


def _page_of_a_claimant(client: httpx.Client) -> str:
    body = {
        "appointment_at": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
        "duration_in_minutes": 30,
        "claimant": {"name": "Jane Roe"},
    }
    made = client.post("/api/v1/appointments", json=body)
    made.raise_for_status()
    return str(made.json()["data"]["url"])


def _timed(
    times: int, name: str, request: httpx.Request, client: httpx.Client
) -> tuple[list[float], str, int]:
    took, status = [], 0
    for _try in range(times):
        began = time.perf_counter()
        status = client.send(request).status_code
        took.append((time.perf_counter() - began) * 1_000)
    return took, name, status


if __name__ == "__main__":
    main()
