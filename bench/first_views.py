"""What the first view of each page weighs, and how long the server takes for the page itself.

    .venv/bin/python -m bench.first_views [--times 60] [--appointments 60]

One process of `appointed serve` on SQLite, with the demo tenant and a day of further appointments; times are
those of one request after another over loopback, from the request to the last byte. A link is opened
no more than 240 times a minute, so `--times` is at most 75. Prints a Markdown table.
"""

import argparse
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.console.claimant_forms import press
from tests.console.weighing import first_view

from bench.patch import serving

SIGN_IN, BOARD = "/agent-web/sign-in", "/agent-web"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--appointments", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving([], Path(folder)) as (url, _process):
        print("| Page | first view, kB | files | server, p50 ms | p99 ms |\n|---|---|---|---|---|")
        with httpx.Client(base_url=url, timeout=30) as client:
            made = _booked(url, options.appointments)
            link = urlsplit(made["url"])
            summary = f"{link.path}?{link.query}"
            _line(client, "claimant: summary", summary, options.times)
            _line(client, "claimant: device check", f"{summary}&step=check", options.times)
            press(client, summary)
            _line(client, "claimant: waiting area", summary, options.times)
            _line(client, "agents: sign in", SIGN_IN, options.times)
            _sign_in(client)
            _line(client, "agents: board", BOARD, options.times)
            _line(client, "agents: appointment", f"{BOARD}/appointments/{made['id']}", options.times)
            _line(client, "agents: edit", f"{BOARD}/appointments/{made['id']}/edit", options.times)


def _booked(url: str, count: int) -> dict[str, str]:
    """Fill the day, every sixth claimant waiting; gives the last appointment, whose link is open."""
    begins = datetime.now(UTC) + timedelta(minutes=10)
    with httpx.Client(base_url=url, auth=("demo", "demo"), timeout=30) as client:
        for number in range(count):
            body = {
                "appointment_at": begins.isoformat(),
                "duration_in_minutes": 30,
                "claimant": {"name": f"Claimant {number}", "email": f"c{number}@example.org"},
                "status": "waiting" if number % 6 == 1 else "scheduled",
            }
            answer = client.post("/api/v1/appointments", json=body)
            answer.raise_for_status()
    made: dict[str, str] = answer.json()["data"]
    return made


def _sign_in(client: httpx.Client) -> None:
    page = client.get(SIGN_IN)
    token = re.findall(r'name="token" value="([0-9a-f]+)"', page.text)[0]
    form = {"name": "demo", "password": "demo", "token": token}
    # A browser says of its forms where they come from.
    client.post(SIGN_IN, data=form, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})


def _line(client: httpx.Client, name: str, path: str, times: int) -> None:
    size, files = first_view(client.get, path)
    seconds = []
    for _time in range(times):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        seconds.append(time.perf_counter() - began)
    p99 = statistics.quantiles(seconds, n=100)[98] if times > 1 else seconds[0]
    p50 = statistics.median(seconds)
    print(f"| {name} | {size / 1_000:.0f} | {files} | {p50 * 1_000:.1f} | {p99 * 1_000:.1f} |")


if __name__ == "__main__":
    main()
