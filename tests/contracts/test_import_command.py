"""`appointed import` beside a server that uses the same file, and without one."""

import subprocess
from pathlib import Path

import httpx
import pytest

from tests.ical.test_events import AT, calendar
from tests.running import APPOINTED, running, surroundings

pytestmark = pytest.mark.server

ROOM = 4
SERIES = f"UID:a\n{AT}\nDURATION:PT1H\nSUMMARY:Board\nRRULE:FREQ=WEEKLY;COUNT=3"
# Longer than a line of the commands' socket once could be.
LONG = f"UID:b\n{AT}\nDURATION:PT1H\nSUMMARY:Clash\nX-FILL:{'x' * 1_500_000}"


def bring(data: Path, file: Path, *words: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [str(APPOINTED), "import", str(file), *words],
        env=surroundings() | {"APPOINTED_DATA": str(data), "COLUMNS": "200"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    return done.returncode, (done.stdout + done.stderr).decode().splitlines()


def test_a_file_is_brought_into_a_diary(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "a.ics"
    file.write_bytes(calendar(SERIES, LONG))
    own = ("--owner", str(ROOM))
    with running(tmp_path) as server:
        code, lines = bring(data, file, *own, "--dry-run")
        assert (code, lines[2:5]) == (0, ["events  2", "appointments  4", "refused  0"])
        code, lines = bring(data, file, *own)
        assert (code, lines[2:5]) == (0, ["events  1", "appointments  3", "refused  1"])
        assert "Clash: not taken, the diary is held by appointment" in lines[5]
        found = httpx.get(
            f"{server.url}/api/v1/Appointment?$filter=text eq 'Board'&$select=text", auth=("demo", "demo")
        )
        assert len(found.json()["value"]) == 3, found.text
    file.write_bytes(b"hello")
    assert bring(data, file, *own) == (1, ["It is no iCalendar file, or a damaged one."])
