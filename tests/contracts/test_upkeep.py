"""What a server does by itself: it forgets answers after 24 hours, letters after 60 days, tickets and presences at their end."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from appointed.app import CannotStart, assemble, started
from appointed.app.addresses import application
from appointed.app.server import command
from appointed.app.upkeep import LETTERS_KEPT, sentry, upkeep
from appointed.domain.errors import StoreBusy
from appointed.settings import Settings
from appointed.store.schema import DemoPresent
from appointed.usecases.administer_claimants import FindClaimant
from appointed.usecases.administer_protection import ListKeys
from appointed.usecases.claimant_ports import Lookup
from tests.builders import NOW

DAY = timedelta(hours=24)
AUTH = ("demo", "demo")


class Attempts:
    """Where failed attempts are counted; notes up to when it was to forget."""

    def __init__(self) -> None:
        self.moments: set[datetime] = set()

    async def forget(self, before: datetime) -> None:
        self.moments.add(before)


class Recorder:
    """A store that fails at first, also as nobody foresaw, and notes up to when it was to forget."""

    def __init__(self) -> None:
        self.moments: list[datetime] = []
        self.presences: set[datetime] = set()
        self.tickets: set[datetime] = set()
        self.tickets_asked: list[datetime] = []
        self.letters: set[datetime] = set()
        self.attempts = Attempts()
        self.was_asked_thrice = asyncio.Event()

    @property
    def mail(self) -> "Recorder":
        """The letters are in the same store."""
        return self

    async def forget_idempotency(self, before: datetime) -> None:
        self.moments.append(before)
        if len(self.moments) == 1:
            raise StoreBusy

    async def forget_tickets(self, before: datetime) -> None:
        self.tickets.add(before)
        if not self.tickets_asked:
            self.tickets_asked.append(before)
            raise RuntimeError

    async def forget_presences(self, before: datetime) -> None:
        self.presences.add(before)

    async def forget(self, before: datetime) -> None:
        self.letters.add(before)
        if len(self.moments) >= 3:
            self.was_asked_thrice.set()


async def test_old_answers_are_forgotten_again_and_again_also_after_a_failure() -> None:
    store = Recorder()
    async with upkeep(store, lambda: NOW, pause_seconds=0):
        await asyncio.wait_for(store.was_asked_thrice.wait(), 5)
    count = len(store.moments)
    await asyncio.sleep(0)
    assert set(store.moments) == {NOW - DAY}
    assert store.tickets == store.presences == store.attempts.moments == {NOW}
    assert store.letters == {NOW - LETTERS_KEPT}
    assert len(store.moments) == count, "it goes on after its end"


@pytest.mark.server
@pytest.mark.parametrize(("pause", "is_replayed"), [(DAY, True), (DAY + timedelta(seconds=1), False)])
async def test_a_running_server_keeps_answers_for_a_day(
    tmp_path: Path, pause: timedelta, is_replayed: bool
) -> None:
    settings = Settings(data=str(tmp_path), demo=True)
    first = await post(settings, NOW)
    again = await post(settings, NOW + pause)
    assert ("idempotent-replayed" in again.headers) is is_replayed
    assert (again.json()["AppointmentId"] == first.json()["AppointmentId"]) is is_replayed


@pytest.mark.server
async def test_a_public_server_and_a_demo_never_share_a_database(tmp_path: Path, postgres_dsn: str) -> None:
    public = Settings(data=str(tmp_path), database=postgres_dsn, host="192.0.2.1")
    demo = Settings(data=str(tmp_path), database=postgres_dsn, demo=True)
    async with started(assemble(public)):
        with pytest.raises(CannotStart, match="demo tenant"):
            await enter(demo)
    await enter(demo)
    with pytest.raises(CannotStart, match="loopback only, not on 192"):
        await enter(public)


@pytest.mark.server
async def test_a_server_with_the_keys_of_another_database_does_not_start(
    tmp_path: Path, postgres_dsn: str
) -> None:
    own = Settings(data=str(tmp_path / "own"), database=postgres_dsn, demo=True)
    await enter(own)
    # A second machine, onto which nobody has copied the keys: it has just made some of its own.
    other = Settings(data=str(tmp_path / "other"), database=postgres_dsn, demo=True)
    for _attempt in range(2):
        with pytest.raises(
            CannotStart, match=r"sealed with other keys .* Put the database's own into .*other"
        ):
            await enter(other)
    # Nor does a command look for anybody: under other keys it would find nobody.
    someone = FindClaimant(tenant_id=1, by=Lookup.EMAIL, text="mary@claimant.example")
    with pytest.raises(CannotStart, match="sealed with other keys"):
        await command(other, someone)
    assert await command(own, someone)
    assert any("MISSING" in line for line in (await command(other, ListKeys())).values())
    await enter(own)


async def enter(settings: Settings) -> None:
    async with started(assemble(settings)):
        pass


class Haunted:
    """A store in which the demo tenant appears after a while."""

    def __init__(self) -> None:
        self.answers = [None, StoreBusy(), RuntimeError(), DemoPresent("there it is")]

    async def keep_demo_out(self) -> None:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer


async def test_a_public_server_stops_when_the_demo_appears() -> None:
    store, has_left = Haunted(), asyncio.Event()
    async with sentry(store, has_left.set, pause_seconds=0):
        await asyncio.wait_for(has_left.wait(), 5)
    assert store.answers == []


async def post(settings: Settings, now: datetime) -> httpx.Response:
    """Create under one key, in a server that starts now."""
    parts = assemble(settings, lambda: now)
    async with started(parts):
        transport = httpx.ASGITransport(application(parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            headers = {"Idempotency-Key": "k"}
            answer = await client.post("/api/v1/Appointment", json={}, headers=headers, auth=AUTH)
    assert answer.status_code == 200, answer.text
    return answer
