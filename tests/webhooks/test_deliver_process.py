"""`appointed deliver` beside a server that delivers nothing itself: who listens hears all of it, signed."""

import asyncio
import base64
import hashlib
import hmac
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.served import Served, serving
from tests.running import APPOINTED, surroundings
from tests.webhooks.receiver import HANG, OK, PATIENCE_SECONDS, Receiver, receiving

pytestmark = pytest.mark.server

SECRET = "between the two of us"
SETTINGS = {
    "webhook_networks": ("127.0.0.0/8",),
    "webhook_ports": (),
    "webhook_plain_http": True,
    "webhook_poll_seconds": 0.05,
    "webhook_seconds": 1,
    "webhook_delivery": False,
}
# The same, as the process beside it reads them.
SURROUNDINGS = {
    "APPOINTED_WEBHOOK_NETWORKS": "127.0.0.0/8",
    "APPOINTED_WEBHOOK_PORTS": "",
    "APPOINTED_WEBHOOK_PLAIN_HTTP": "true",
    "APPOINTED_WEBHOOK_POLL_SECONDS": "0.05",
    "APPOINTED_WEBHOOK_SECONDS": "1",
    # In the links of what it tells, by which it is known from the server.
    "APPOINTED_PUBLIC_URL": "https://beside.example",
}
BOOKING = {
    "department_id": 1,
    "appointment_at": "2031-05-06T09:00:00Z",
    "duration_in_minutes": 30,
    "claimant": {"name": "Jo", "email": "jo@claimant.example"},
}


@contextmanager
def delivering(folder: Path, database: str, how: int) -> Iterator[None]:
    """Run `appointed deliver`, and end it by a signal; asked to stop it ends well."""
    environment = surroundings() | SURROUNDINGS
    environment |= {"APPOINTED_DATA": str(folder), "APPOINTED_DATABASE": database}
    process = subprocess.Popen([str(APPOINTED), "deliver"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(how)
        assert process.wait(60) == (0 if how == signal.SIGTERM else -how)


class Office:
    """A server whose webhook hears of changes; what was patched, in order."""

    def __init__(self, served: Served, receiver: Receiver) -> None:
        self._served, self._receiver = served, receiver
        self._hook = 0
        self.made: list[str] = []

    async def subscribe(self) -> None:
        hook = {"Events": ["activity.changed"], "TargetUrl": self._receiver.url, "Secret": SECRET}
        answer = await self._served.so("POST", "Webhook", json=hook)
        assert answer.status_code == 200, answer.text
        self._hook = answer.json()["WebhookId"]
        # The test event comes from the server itself, while its caller waits.
        assert len(self._receiver.heard) == 1
        self._receiver.heard.clear()
        self._receiver.calls.clear()

    async def change(self, times: int) -> None:
        for _time in range(times):
            place = f"Room {len(self.made)}"
            answer = await self._served.so("PATCH", "Appointment/1", json={"Location": place})
            assert answer.status_code == 200, answer.text
            self.made.append(place)

    async def all_written_down(self) -> None:
        """Wait until the store knows that all was heard; what was heard and is not there is told again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self._served.so("GET", f"Webhook/{self._hook}")
                if answer.json()["TotalCalls"] >= len(self.made):
                    return
                await asyncio.sleep(0.05)

    async def all_heard(self) -> None:
        """Wait until every change was heard; each once, in order, and under our signature."""
        await self._receiver.until(lambda: len(self._receiver.heard) >= len(self.made))
        for call in self._receiver.heard:
            expected = hmac.new(SECRET.encode(), call.body, hashlib.sha256).digest()
            assert call.headers["x-superoffice-signature"] == base64.b64encode(expected).decode()
        told = [call.json for call in self._receiver.heard]
        assert {body["Event"] for body in told} == {"activity.changed"}
        assert len({body["EventId"] for body in told}) == len(told) == len(self.made)
        assert [body["Timestamp"] for body in told] == sorted(body["Timestamp"] for body in told)


async def test_what_a_process_beside_the_server_is_killed_over_its_next_one_tells(
    tmp_path: Path, postgres_dsn: str
) -> None:
    async with (
        receiving() as receiver,
        receiving() as other,
        serving(tmp_path, postgres_dsn, SETTINGS) as served,
    ):
        office = Office(served, receiver)
        await office.subscribe()
        hook = {"url": other.url, "events": ["appointment.created"], "payload": "resource"}
        assert (await served.so("POST", "webhooks", json=hook)).status_code == 201
        await office.change(2)
        with delivering(tmp_path, postgres_dsn, signal.SIGKILL):
            await office.all_heard()
            await office.all_written_down()
        await office.change(3)
        assert (await served.so("POST", "appointments", json=BOOKING)).status_code == 201
        with delivering(tmp_path, postgres_dsn, signal.SIGTERM):
            await office.all_heard()
            await other.until(lambda: other.heard)
    # The server itself would have told of it while the process started.
    (call,) = other.heard
    assert call.json["data"]["appointment"]["url"].startswith(SURROUNDINGS["APPOINTED_PUBLIC_URL"])


@pytest.mark.long
async def test_a_call_that_it_was_killed_in_is_made_again_when_its_claim_ends(
    tmp_path: Path, postgres_dsn: str
) -> None:
    async with receiving() as receiver, serving(tmp_path, postgres_dsn, SETTINGS) as served:
        office = Office(served, receiver)
        await office.subscribe()
        await office.change(3)
        receiver.answer = lambda _call: HANG
        with delivering(tmp_path, postgres_dsn, signal.SIGKILL):
            await receiver.until(lambda: receiver.calls)
        receiver.answer = lambda _call: OK
        with delivering(tmp_path, postgres_dsn, signal.SIGTERM):
            # A claim outlasts the longest round of calls by a minute.
            async with asyncio.timeout(200):
                while len(receiver.heard) < len(office.made):
                    await asyncio.sleep(0.1)
            await office.all_heard()
