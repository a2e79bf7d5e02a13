"""A series of a thousand occurrences: made, moved and deleted, each in one atomic change; and its expansion.

    .venv/bin/python -m bench.series [--count 1000]

Prints one Markdown table, and how long other PATCHes took meanwhile.
"""

import argparse
import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from dateutil.rrule import DAILY, rrule
from rich.console import Console
from tests.postgres_server import PostgresServer

from appointed.domain.recurrence import Pattern, Rule, days_of
from bench.patch import serving

TIMEOUT = 60.0
console = Console(stderr=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    postgres = PostgresServer()
    lines = ["| Engine | Step | Seconds | Median of other PATCHes meanwhile, ms |", "|---|---|---|---|"]
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, words in (("SQLite", []), ("PostgreSQL", ["--database", postgres.create("series")])):
                with serving(words, Path(folder) / name) as (url, _process):
                    lines += [f"| {name} | {line}" for line in _steps(url, count)]
    finally:
        postgres.stop()
    print("\n".join([*lines, "", _expansion(count)]))


def _steps(url: str, count: int) -> Iterator[str]:
    with httpx.Client(base_url=url, auth=("demo", "demo"), timeout=TIMEOUT) as client:
        rule = {
            "IsRecurrence": True,
            "Pattern": "Daily",
            "RecurrenceEndType": "Counter",
            "RecurrenceCounter": count,
        }
        times = {"StartDate": "2030-01-01T10:00:00", "EndDate": "2030-01-01T11:00:00"}
        entity: dict[str, Any] = {"Title": "Daily", "Recurrence": rule} | times
        with _others(url) as waits:
            begun = time.perf_counter()
            number = (
                client.post("/api/v1/Appointment", json=entity).raise_for_status().json()["AppointmentId"]
            )
            seconds = time.perf_counter() - begun
        yield _line("made", seconds, waits)
        later = {"StartDate": "2030-01-01T12:00:00", "EndDate": "2030-01-01T13:00:00"}
        path = f"/api/v1/Appointment/{number}?updateMode=ThisAndForward"
        with _others(url) as waits:
            begun = time.perf_counter()
            client.patch(path, json=later).raise_for_status()
            seconds = time.perf_counter() - begun
        yield _line("moved", seconds, waits)
        with _others(url) as waits:
            begun = time.perf_counter()
            client.delete(path).raise_for_status()
            seconds = time.perf_counter() - begun
        yield _line("deleted", seconds, waits)


@contextlib.contextmanager
def _others(url: str) -> Iterator[list[float]]:
    """Patch another appointment again and again; gives how long each took, in ms."""
    waits: list[float] = []
    begun_work, stopping = threading.Event(), threading.Event()

    def work() -> None:
        with httpx.Client(base_url=url, auth=("kari", "kari"), timeout=TIMEOUT) as client:
            entity = {"Title": "Other", "StartDate": "2029-01-01T10:00:00", "EndDate": "2029-01-01T11:00:00"}
            number = client.post("/api/v1/Appointment", json=entity).json()["AppointmentId"]
            begun_work.set()
            while not stopping.is_set():
                begun = time.perf_counter()
                client.patch(f"/api/v1/Appointment/{number}", json={"Title": f"Other {len(waits)}"})
                waits.append((time.perf_counter() - begun) * 1000)

    thread = threading.Thread(target=work)
    thread.start()
    begun_work.wait(TIMEOUT)
    try:
        yield waits
    finally:
        stopping.set()
        thread.join(TIMEOUT)


def _line(step: str, seconds: float, waits: list[float]) -> str:
    median = f"{statistics.median(waits):.1f} (longest {max(waits):.0f})" if waits else "–"
    return f"{step} | {seconds:.2f} | {median} |"


def _expansion(count: int) -> str:
    rule = Rule(pattern=Pattern.DAILY, starts_on=date(2030, 1, 1), count=count)
    ours = min(_timed(lambda: days_of(rule)) for _run in range(20))
    theirs = min(_timed(lambda: list(rrule(DAILY, count=count))) for _run in range(20))
    return f"The expansion of {count} days alone: {ours / theirs:.2f} times python-dateutil's rrule."


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
