"""A real server that is killed: every letter of a change it acknowledged is sent by the next one, once."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from tests.mail.mailserver import mailserver
from tests.running import running

LOGIN = httpx.BasicAuth("demo", "demo")


@pytest.mark.parametrize(
    ("engine", "count"), [("sqlite", 3), pytest.param("postgres", 1, marks=pytest.mark.server)]
)
async def test_what_was_acknowledged_before_a_kill_is_sent_after_it(
    tmp_path: Path, engine: str, count: int, request: pytest.FixtureRequest
) -> None:
    database = "sqlite:" if engine == "sqlite" else request.getfixturevalue("postgres_dsn")
    async with mailserver() as box, httpx.AsyncClient(auth=LOGIN, timeout=60) as client:
        settings = {
            "APPOINTED_DATABASE": database,
            "APPOINTED_MAIL_HOST": "127.0.0.1",
            "APPOINTED_MAIL_PORT": str(box.port),
            "APPOINTED_MAIL_TLS": "none",
            "APPOINTED_MAIL_FROM": "diary@appointed.example",
            "APPOINTED_WEBHOOK_POLL_SECONDS": "0.1",
        }
        server = running(tmp_path, **settings | {"APPOINTED_WEBHOOK_DELIVERY": "false"})
        first = await asyncio.to_thread(server.__enter__)
        for number in range(count):
            entity = {
                "Title": f"Number {number}",
                "StartDate": "2033-05-05T10:00:00",
                "EndDate": "2033-05-05T11:00:00",
                "Participants": [{"EmailAddress": "guest@out.example", "SendEmail": True}],
            }
            body = {"AppointmentEntity": entity, "SendEmailToParticipants": True}
            answer = await client.post(f"{first.url}/api/v1/Agents/Appointment/Save", json=body)
            assert answer.status_code == 200, answer.text
        await asyncio.to_thread(first.stop, signal.SIGKILL)
        assert box.got == []
        second = running(tmp_path, **settings)
        await asyncio.to_thread(second.__enter__)
        async with asyncio.timeout(60):
            while len(box.got) < count:
                await asyncio.sleep(0.05)
        await asyncio.to_thread(second.__exit__, None, None, None)
    assert sorted(mail["Subject"].split(",")[0] for _to, mail in box.got) == [
        f"Invitation: Number {number}" for number in range(count)
    ]
    assert len({mail["Message-ID"] for _to, mail in box.got}) == count
    log = (tmp_path / "server.log").read_text()
    assert "guest@out.example" not in log
