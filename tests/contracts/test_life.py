"""Real processes: one serves, another does what is due by the clock, and a page hears of it until the end."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.running import APPOINTED, running, surroundings

HOME = "/agent-web"
QUICK = {"APPOINTED_BACKGROUND_POLL_SECONDS": "0.05"}
BROWSER = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def delivering(folder: Path, database: str) -> Iterator[None]:
    """Run `appointed deliver`; it must end well."""
    environment = (
        surroundings() | QUICK | {"APPOINTED_DATA": str(folder / "data"), "APPOINTED_DATABASE": database}
    )
    process = subprocess.Popen([str(APPOINTED), "deliver"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def sign_in(client: httpx.Client) -> None:
    page = client.get(f"{HOME}/sign-in")
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    form = {"token": found[1], "name": "demo", "password": "demo"}
    answer = client.post(f"{HOME}/sign-in", data=form, headers=BROWSER)
    assert answer.status_code == 303, answer.text


@pytest.mark.server
def test_a_process_beside_the_server_makes_a_claimant_late_and_the_board_hears_it(
    tmp_path: Path, postgres_dsn: str
) -> None:
    settings = {
        "APPOINTED_DATABASE": postgres_dsn,
        "APPOINTED_BACKGROUND_WORK": "false",
        "APPOINTED_DRAIN_SECONDS": "600",
    }
    with running(tmp_path, **settings) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        sign_in(client)
        begun = datetime.now(UTC) - timedelta(minutes=5)
        body = {
            "appointment_at": begun.isoformat(),
            "duration_in_minutes": 30,
            "claimant": {"name": "Jane Roe"},
            "department_id": 1,
        }
        made = client.post("/api/v1/appointments", json=body, auth=("demo", "demo")).json()["data"]
        assert made["status"] == "scheduled"
        with client.stream("GET", f"{HOME}/live") as stream:
            assert stream.headers["content-type"] == "text/event-stream"
            lines = stream.iter_lines()
            assert next(lines).startswith("retry: ")
            with delivering(tmp_path, postgres_dsn):
                told = next(line for line in lines if line.startswith("data: "))
            assert '"status":"late"' in told
            assert "Jane" not in told
            # An open page holds up no server that is to stop: it would wait for longer than anyone waits here.
            os.kill(server.process.pid, signal.SIGTERM)
            assert [line for line in lines if line and line != ":"] == []
            assert server.stop() == 0
    log = server.output
    assert "Jane" not in log
    assert '"milliseconds"' in log
