"""Durable PATCH/s end to end on both engines, beside pgbench running the same transaction in the same run.

    .venv/bin/python -m bench.patch [--seconds 15] [--memory] [--connections 1,16,64,256]

Prints one Markdown table. Ratios are to pgbench at the same number of clients, and at 256 to its best. The
processor time that the server took for one PATCH says more than rates where others use the machine as well.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import LiteralString

import httpx
import psutil
import psycopg
from rich.console import Console
from tests.postgres_server import PostgresServer
from tests.running import free_port

from bench.load import Measured, patches, transactions

ROWS = 1000
BIN = Path(sys.executable).parent
console = Console(stderr=True)

# What one PATCH does to the store, as plainly as SQL can say it, on the server's own tables.
TRANSACTION = """\\set id random({first}, {last})
BEGIN;
SELECT revision, body FROM appointment WHERE tenant_id = 1 AND id = :id FOR UPDATE;
UPDATE appointment SET revision = revision + 1, updated_at = now(), body = '{body}'
 WHERE tenant_id = 1 AND id = :id;
INSERT INTO event (tenant_id, id, appointment_id, revision, kind, at, by, door, patch, inverse)
 VALUES (1, gen_random_uuid(), :id, 1, 'changed', now(), 1, 'superoffice', '{patch}', '{inverse}');
COMMIT;
"""


def main() -> None:
    """Measure and print."""
    options = _options()
    counts = [int(text) for text in options.connections.split(",")]
    postgres = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            dsn, reference_dsn = postgres.create("server"), postgres.create("reference")
            reference = _reference(Path(folder), reference_dsn, counts, options.seconds)
            lines = _measure(Path(folder), dsn, reference, options)
    finally:
        postgres.stop()
    print("\n".join(lines))


def _reference(folder: Path, dsn: str, counts: list[int], seconds: int) -> dict[int, Measured]:
    with serving(["--database", dsn], folder / "reference") as (url, _process):
        rows, authorization = fill(url)
        # A real change in the log, to take the sizes of its documents from.
        patches(url, authorization, rows, 1, 1)
    script = _prepare(dsn, folder, rows)
    measured = {}
    for n in counts:
        console.print(f"pgbench, {n} clients …")
        measured[n] = transactions(dsn, script, n, seconds)
    return measured


def _measure(
    folder: Path, dsn: str, reference: dict[int, Measured], options: argparse.Namespace
) -> list[str]:
    found: dict[tuple[str, int], tuple[Measured, float]] = {}
    memory = []
    engines: tuple[tuple[str, list[str]], ...] = (
        ("PostgreSQL", ["--database", dsn, "--workers", str(options.workers)]),
        ("SQLite", []),
    )
    for name, words in engines:
        with serving(words, folder / name) as (url, process):
            rows, authorization = fill(url)
            for n in reference:
                console.print(f"{name}, {n} connections …")
                before = _cpu_seconds(process)
                measured = patches(url, authorization, rows, n, options.seconds)
                spent = (_cpu_seconds(process) - before) / (measured.rate * options.seconds)
                found[name, n] = measured, spent * 1e6
            if options.memory:
                memory.append(_memory(name, url, authorization, rows, process))
    return [*_table(reference, found), *memory]


def _prepare(dsn: str, folder: Path, rows: tuple[int, int]) -> Path:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        (body,) = _one(
            connection, "SELECT body::text FROM appointment WHERE tenant_id = 1 AND id = %s", rows[:1]
        )
        patch, inverse = _one(
            connection, "SELECT patch::text, inverse::text FROM event WHERE kind = 'changed' LIMIT 1", ()
        )
    script = folder / "transaction.sql"
    values = {"body": body, "patch": patch, "inverse": inverse}
    quoted = {name: text.replace("'", "''") for name, text in values.items()}
    script.write_text(TRANSACTION.format(first=rows[0], last=rows[1], **quoted))
    return script


def _one(
    connection: psycopg.Connection, statement: LiteralString, values: tuple[int, ...]
) -> tuple[str, ...]:
    row = connection.execute(statement, values).fetchone()
    if row is None:
        raise SystemExit("The server wrote nothing to measure.")
    return row


@contextmanager
def serving(words: list[str], data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server with the demo tenant for as long as the context is open; gives its address and process."""
    port = free_port()
    environment = os.environ | {"APPOINTED_DATA": str(data), "APPOINTED_LOG_LEVEL": "warning"}
    environment["APPOINTED_FAILED_LOGINS_PER_MINUTE"] = "100000"
    environment["APPOINTED_DRAIN_NOTICE_SECONDS"] = "0"
    command = [str(BIN / "appointed"), "serve", "--demo", "--port", str(port), *words]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            await_server(url, process)
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def await_server(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server is ready; ends this program when it never is."""
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("The server did not start.")
        try:
            if httpx.get(f"{url}/healthz/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("The server is not ready after 30 s.")


def fill(url: str) -> tuple[tuple[int, int], str]:
    """Make appointments to be patched; gives their first and last id, and an Authorization header."""
    with httpx.Client(base_url=url, auth=("demo", "demo")) as client:
        ticket = client.get("/api/v1/User/currentToken").json()["Ticket"]
        ids = [
            client.post("/api/v1/Appointment", json=_entity(n)).json()["AppointmentId"] for n in range(ROWS)
        ]
    return (min(ids), max(ids)), f"SOTicket {ticket}"


def _entity(number: int) -> dict[str, object]:
    # Half-hour meetings one after another, as a diary has them.
    start = datetime.fromisoformat("2030-01-01T08:00:00") + timedelta(minutes=30 * number)
    return {
        "Description": "To be patched",
        "StartDate": start.isoformat(),
        "EndDate": (start + timedelta(minutes=30)).isoformat(),
        "Priority": {"Id": 1},
    }


def _memory(name: str, url: str, authorization: str, rows: tuple[int, int], process: psutil.Process) -> str:
    sizes: list[tuple[int, float]] = []
    total = 0.0
    while total < 150_000:
        _guess(url, len(sizes))
        total += patches(url, authorization, rows, 64, 5).rate * 5
        sizes.append((int(total), _largest(process)))
    steps = ", ".join(f"{count:,}: {size:.0f} MB" for count, size in sizes)
    return f"\n{name}, resident memory of the largest worker after so many patches: {steps}"


def _guess(url: str, turn: int) -> None:
    # Proving a password takes 19 MiB, in each thread that does it and in every process.
    def guess(number: int) -> None:
        httpx.get(f"{url}/api/v1/Appointment/1", auth=("demo", f"guess {turn} {number}"))

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(guess, range(32)))


def _largest(process: psutil.Process) -> float:
    return float(max(each.memory_info().rss for each in _family(process)) / 1e6)


def _cpu_seconds(process: psutil.Process) -> float:
    """Tell how much processor time a server's processes have taken, in its own code and in the kernel."""
    times = [each.cpu_times() for each in _family(process)]
    return float(sum(each.user + each.system for each in times))


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _table(reference: dict[int, Measured], found: dict[tuple[str, int], tuple[Measured, float]]) -> list[str]:
    best = max(each.rate for each in reference.values())
    lines = [
        "| Connections | pgbench tx/s | p50 ms | Engine | PATCH/s | of pgbench | p50 ms | p99 ms |"
        " CPU µs of one | failed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (name, n), (each, spent) in found.items():
        beside = reference[n]
        against = best if n > 64 else beside.rate
        lines.append(
            f"| {n} | {beside.rate:,.0f} | {beside.p50:.2f} | {name} | {each.rate:,.0f} "
            f"| {each.rate / against:.2f} | {each.p50:.2f} | {each.p99:.2f} | {spent:.0f} | {each.failed} |"
        )
    return lines


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", default="1,16,64,256")
    parser.add_argument("--workers", type=int, default=2, help="server processes on PostgreSQL")
    parser.add_argument("--memory", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
