"""Real servers under real load: what they answer they keep, whole, whoever else writes and however they end."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.contracts.served import SO
from tests.contracts.test_at_once import WRITERS
from tests.running import PATIENCE_SECONDS, Running, running, until
from tests.store.processes import IS_FULL
from tests.store.world import World

pytestmark = pytest.mark.server

DEMO = ("demo", "demo")
ROUNDS = 8
KILLS = 10 if IS_FULL else 1
# After so many acknowledged changes the server is killed.
ENOUGH = 60
ARGON2_BYTES = 19 * 1_024 * 1_024


class Site:
    """A server of one engine that can be killed and started again on what it left."""

    def __init__(self, world: World, folder: Path, words: tuple[str, ...], stack: ExitStack) -> None:
        self.world = world
        self.words = words
        self._folder = folder
        self._stack = stack

    def start(self, *words: str) -> None:
        """Start it, again if it was killed."""
        settings = {
            "APPOINTED_DATABASE": self.world.dsn if self.words else "sqlite:",
            "APPOINTED_FAILED_LOGINS_PER_MINUTE": "1000",
            # Without these nothing but the callers changes a table.
            "APPOINTED_BACKGROUND_WORK": "false",
            "APPOINTED_WEBHOOK_DELIVERY": "false",
        }
        self.server: Running = self._stack.enter_context(running(self._folder, *words, **settings))

    def processes(self) -> list[psutil.Process]:
        """Give the server's processes, those that serve first."""
        whole = psutil.Process(self.server.process.pid)
        return [*whole.children(recursive=True), whole]

    def kill(self) -> None:
        """End all of it as a power cut would."""
        for process in self.processes():
            process.kill()
        self.server.process.wait(PATIENCE_SECONDS)

    def revisions(self, number: int) -> list[int]:
        """Give the revisions of an appointment's events."""
        found = self.world.run(
            f"SELECT revision FROM event WHERE tenant_id = 1 AND appointment_id = {number}"
        )
        return sorted(revision for (revision,) in found)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One process on SQLite, two on PostgreSQL."""
    folder = tmp_path_factory.mktemp("whole")
    place: Any = folder / "data" / "appointed.db"
    words: tuple[str, ...] = ()
    if request.param == "postgres":
        place, words = request.getfixturevalue("module_database"), ("--workers", "2")
    with ExitStack() as stack:
        made = Site(World(request.param, place), folder, words, stack)
        made.start(*words)
        yield made


def at_once(count: int, work: Any) -> None:
    """Run work(0), work(1), … at the same time; fails with the first of their failures."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised again where the test sees it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    if failures:
        raise failures[0]


def test_memory_for_passwords_is_given_back(site: Site) -> None:
    """Two proofs run at once in each process; what they needed must not stay."""
    serving = site.processes()[: 2 if site.words else 1]

    def guess(turn: int) -> None:
        wrong = httpx.get(f"{site.server.url}/api/v1/Appointment/1", auth=("demo", f"guess {turn}"))
        assert wrong.status_code == 401

    def read(_turn: int) -> None:
        httpx.get(f"{site.server.url}/api/v1/Appointment/1", auth=DEMO).raise_for_status()

    # What so many callers at once need besides, connections to the database above all, stays.
    read(0)
    for _round in range(4):
        at_once(8, read)
    before = [process.memory_info().rss for process in serving]
    at_once(8, guess)
    grown = [process.memory_info().rss - was for process, was in zip(serving, before, strict=True)]
    assert max(grown) < ARGON2_BYTES / 2, grown


def test_eight_callers_of_one_appointment_lose_nothing(site: Site) -> None:
    url = site.server.url
    made = httpx.post(
        f"{url}/api/v1/appointments",
        json={
            "appointment_at": "2031-04-20T09:00:00Z",
            "duration_in_minutes": 60,
            "claimant": {"name": "Jane Roe"},
        },
        auth=DEMO,
    ).json()["data"]
    ((number,),) = site.world.run("SELECT max(id) FROM appointment WHERE tenant_id = 1")
    paths = {True: f"/api/v1/Appointment/{number}", False: f"/api/v1/appointments/{made['id']}"}
    tags: list[int] = []

    def write(writer: int) -> None:
        contract, body, read = WRITERS[writer]
        with httpx.Client(base_url=url, auth=DEMO) as client:
            for turn in range(ROUNDS):
                answer = client.patch(paths[contract == SO], json=body(f"w{writer}t{turn}"))
                assert answer.status_code == 200, answer.text
                row = answer.json() if contract == SO else answer.json()["data"]
                assert read(row) == f"w{writer}t{turn}"
                tags.append(int(answer.headers["etag"].strip('"').partition("-")[0]))

    at_once(len(WRITERS), write)
    shown = {
        True: httpx.get(url + paths[True], auth=DEMO).json(),
        False: httpx.get(url + paths[False], auth=DEMO).json()["data"],
    }
    last = [read(shown[contract == SO]) for contract, _body, read in WRITERS]
    assert last == [f"w{writer}t{ROUNDS - 1}" for writer in range(len(WRITERS))]
    assert sorted(tags) == list(range(2, len(WRITERS) * ROUNDS + 2))
    assert site.revisions(number) == list(range(1, len(WRITERS) * ROUNDS + 2))


def test_a_caller_who_leaves_right_after_sending_has_changed_it_whole(site: Site) -> None:
    url = httpx.URL(site.server.url)
    first = site.revisions(2)
    for turn in range(5):
        text = f"left {turn}"
        body = json.dumps({"Title": text, "Location": text})
        head = (
            "PATCH /api/v1/Appointment/2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ZGVtbzpkZW1v\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection((url.host, url.port or 80)) as wire:
            wire.sendall((head + body).encode())

        def stands(wanted: str = text) -> bool:
            row = httpx.get(f"{site.server.url}/api/v1/Appointment/2", auth=DEMO).json()
            assert row["Title"] == row["Location"] or not row["Title"].startswith("left")
            return bool(row["Title"] == wanted)

        until(stands)
    assert site.revisions(2) == [*first, *range(len(first) + 1, len(first) + 6)]


def test_a_killed_server_keeps_what_it_acknowledged_and_no_halves(site: Site) -> None:
    for kill in range(KILLS):
        acknowledged = _patched_until_killed(site, kill)
        site.start()
        for writer, last in acknowledged.items():
            number = 10 + writer
            row = httpx.get(f"{site.server.url}/api/v1/Appointment/{number}", auth=DEMO).json()
            # The change whose answer never came stands whole or not at all.
            assert row["Title"] in (f"{kill} {last}", f"{kill} {last + 1}")
            assert row["Title"] == row["Location"]
            ((revision,),) = site.world.run(
                f"SELECT revision FROM appointment WHERE tenant_id = 1 AND id = {number}"
            )
            assert site.revisions(number) == list(range(1, revision + 1))
        assert site.world.count("outbox") == site.world.count("event")


def _patched_until_killed(site: Site, kill: int) -> dict[int, int]:
    """Let eight callers change an appointment each until the server dies; gives what was acknowledged."""
    acknowledged: dict[int, int] = {}
    enough = threading.Semaphore(0)

    def patch(writer: int) -> None:
        with (
            httpx.Client(base_url=site.server.url, auth=DEMO) as client,
            contextlib.suppress(httpx.TransportError),
        ):
            for turn in range(1_000_000):
                text = f"{kill} {turn}"
                patch = {"Title": text, "Location": text}
                client.patch(f"/api/v1/Appointment/{10 + writer}", json=patch).raise_for_status()
                acknowledged[writer] = turn
                enough.release()

    def die(_number: int) -> None:
        # Each time it is cut off elsewhere.
        for _change in range(ENOUGH + 7 * kill):
            assert enough.acquire(timeout=PATIENCE_SECONDS)
        site.kill()

    at_once(9, lambda number: die(number) if number == 8 else patch(number))
    assert len(acknowledged) > 0
    return acknowledged
