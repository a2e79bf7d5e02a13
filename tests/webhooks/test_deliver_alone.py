"""`appointed deliver` on SQLite, where one process has the file (ADR 0183)."""

import signal
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from appointed.app.parts import CannotStart
from appointed.app.server import LEFT_UNDONE, ONE_PROCESS, greeting
from tests.contracts.served import Served, serving
from tests.running import APPOINTED, surroundings
from tests.webhooks.receiver import PATIENCE_SECONDS, receiving
from tests.webhooks.test_deliver_process import SETTINGS, SURROUNDINGS

pytestmark = pytest.mark.server


def environment(folder: Path) -> dict[str, str]:
    # So wide that no path is broken, however long the folder's is.
    return surroundings() | SURROUNDINGS | {"APPOINTED_DATA": str(folder), "COLUMNS": "1000"}


async def change(served: Served, place: str) -> None:
    answer = await served.so("PATCH", "Appointment/1", json={"Location": place})
    assert answer.status_code == 200, answer.text


async def test_beside_a_server_it_says_who_delivers_and_alone_it_delivers_what_waits(tmp_path: Path) -> None:
    async with receiving() as receiver:
        async with serving(tmp_path, "sqlite:", SETTINGS) as served:
            hook = {"Events": ["activity.changed"], "TargetUrl": receiver.url}
            assert (await served.so("POST", "Webhook", json=hook)).status_code == 200
            receiver.heard.clear()
            await change(served, "Here")
            refused = subprocess.run(
                [str(APPOINTED), "deliver"],
                env=environment(tmp_path),
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            assert (refused.returncode, refused.stdout) == (1, "")
            told = refused.stderr.strip()
            assert f"appointed.db is in use: another process holds {tmp_path}" in told
            assert told.endswith(ONE_PROCESS)
            assert receiver.heard == []
        process = subprocess.Popen(
            [str(APPOINTED), "deliver"], env=environment(tmp_path), stdout=subprocess.PIPE, text=True
        )
        try:
            await receiver.until(lambda: receiver.heard)
            with pytest.raises(CannotStart, match="another process holds"):
                async with serving(tmp_path, "sqlite:", SETTINGS):
                    pass
        finally:
            process.send_signal(signal.SIGTERM)
            said, _errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        place = f"Meanwhile no server can use {tmp_path / 'appointed.db'}."
        assert place in said
        assert [call.json["Event"] for call in receiver.heard] == ["activity.changed"]
        async with serving(tmp_path, "sqlite:", SETTINGS) as served:
            assert (await served.so("GET", "Appointment/1")).json()["Location"] == "Here"


async def test_a_server_says_what_it_leaves_undone(tmp_path: Path) -> None:
    async with serving(tmp_path, "sqlite:", {}) as served:
        for off in ((), ("webhook_delivery",), ("webhook_delivery", "background_work")):
            settings = replace(
                served.parts.settings, **(dict.fromkeys(LEFT_UNDONE, True) | dict.fromkeys(off, False))
            )
            _listens, *more = await greeting(replace(served.parts, settings=settings))
            found = [line for line in more if ONE_PROCESS in line]
            assert [line.partition(" is off")[0] for line in found] == [f"As {name}" for name in off]
