"""A real server that is killed: every change it acknowledged is heard, in order, from the next one."""

import asyncio
import json
import signal
from pathlib import Path

import httpx

from tests.running import running
from tests.webhooks.receiver import receiving, status

LOGIN = httpx.BasicAuth("demo", "demo")
SETTINGS = {
    "APPOINTED_WEBHOOK_NETWORKS": "127.0.0.0/8",
    "APPOINTED_WEBHOOK_PORTS": "",
    "APPOINTED_WEBHOOK_PLAIN_HTTP": "true",
    "APPOINTED_WEBHOOK_POLL_SECONDS": "0.1",
    "APPOINTED_WEBHOOK_SECONDS": "1",
}


async def test_what_was_acknowledged_before_a_kill_is_heard_after_it(tmp_path: Path) -> None:
    async with receiving() as receiver, httpx.AsyncClient(auth=LOGIN, timeout=60) as client:
        server = running(tmp_path, **SETTINGS)
        first = await asyncio.to_thread(server.__enter__)
        hook = {"Events": ["activity.changed"], "TargetUrl": receiver.url}
        made = await client.post(f"{first.url}/api/v1/Webhook", json=hook)
        assert made.status_code == 200, made.text
        # From now on nobody hears, until the server was killed and another one is there.
        receiver.answer = lambda _call: status(500)
        revisions = []
        for number in range(6):
            answer = await client.patch(f"{first.url}/api/v1/Appointment/1", json={"Location": f"{number}"})
            assert answer.status_code == 200
            revisions.append(number)
        await asyncio.to_thread(first.stop, signal.SIGKILL)
        receiver.answer = lambda _call: status(200)
        with running(tmp_path, **SETTINGS):
            await asyncio.to_thread(lambda: None)
            async with asyncio.timeout(150):
                while len(receiver.heard) < len(revisions) + 1:
                    await asyncio.sleep(0.1)
    told = [json.loads(call.body) for call in receiver.heard[1:]]
    assert [body["Event"] for body in told] == ["activity.changed"] * len(revisions)
    assert [body["Timestamp"] for body in told] == sorted(body["Timestamp"] for body in told)
    assert len({body["EventId"] for body in told}) == len(revisions)
