"""The official client (npm @superoffice/webapi) on Node against a real server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.running import running

FOLDER = Path(__file__).parent
pytestmark = pytest.mark.server

# The client's zone option and the zone of its own machine: UTC tagged, Oslo tagged, and untagged wall times.
ZONES = [("UTC", "UTC"), ("NO", "America/New_York"), ("", "Europe/Oslo")]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request, tmp_path_factory):
    words = ["--database", request.getfixturevalue("module_database")] if request.param == "postgres" else []
    with running(tmp_path_factory.mktemp(request.param), *words) as server:
        yield server.url


# Which calls, and how many tests they make; together more than 110 methods of the client.
JOURNEYS = [("superoffice.test.cjs", 10), ("agents.test.cjs", 23), ("fields.test.cjs", 6)]


@pytest.mark.parametrize(("journey", "count"), JOURNEYS)
@pytest.mark.parametrize(("option", "machine"), ZONES)
def test_journey(url, option, machine, journey, count) -> None:
    run(url, option, machine, journey, count)


def test_the_story_of_a_series(url) -> None:
    run(url, *ZONES[1], "series.test.cjs", 8)


def run(url: str, option: str, machine: str, journey: str, count: int) -> None:
    """Let Node run a journey; every test in it must pass."""
    node = shutil.which("node")
    assert node, "Node is missing: run make setup-debian"
    assert (FOLDER / "node_modules" / "@superoffice").is_dir(), "run npm ci in tests/clients (make test does)"
    environment = os.environ | {"APPOINTED_URL": url, "APPOINTED_ZONE": option, "TZ": machine}
    done = subprocess.run(
        [node, "--test", journey],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"# pass {count}\n" in done.stdout
