"""schemathesis attacks a running server over its OpenAPI documents: no 5xx, no answer outside its schema.

Every check of schemathesis is made but those of `LENIENCY`. APPOINTED_TEST_SIZE=full sends far more.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from appointed.superoffice.schemas import WRITABLE
from tests.running import Running, running

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
HOOKS = Path(__file__).with_name("aim.py")
SEED = 20260302
DEMO = ("demo", "demo")
IS_FULL = os.environ.get("APPOINTED_TEST_SIZE") == "full"

pytestmark = [pytest.mark.server, pytest.mark.timeout(3600 if IS_FULL else 1200)]

LENIENCY = (
    # Clients of both contracts send members, names and forms that no schema lists; they are read all the same.
    "negative_data_rejection",
    # What fits a schema may name a record that is not there, or a time that somebody else has.
    "positive_data_acceptance",
)
# The operations that take an entity have one schema per kind: PATCH tries each of its corners. The agents'
# methods are alike, and what they do is tried with their addresses; a POST that stands for PATCH is that PATCH.
SPARED = """
[[operations]]
include-operation-id = ["postAppointmentEntity", "putAppointmentEntity", "validateAppointmentEntity"]
phases.coverage.enabled = false

[[operations]]
include-operation-id-regex = "^(describe_)?[A-Z][A-Za-z]+_[A-Z]"
phases.coverage.enabled = false

[[operations]]
include-operation-id-regex = "ViaPost$"
phases.coverage.enabled = false

[[operations]]
include-operation-id-regex = "^(post|put)(Contact|Person|Project|Sale)Entity$"
phases.coverage.enabled = false
"""
# Appointments of the demo tenant, and paths below members that a patch may name.
NUMBERS = list(range(1, 61))
DEEPER = (
    "/Task/TaskListItemId",
    "Associate/AssociateId",
    "/Participants/0/PersonId",
    "/Participants/-",
    "/Links/-",
    "/VisibleFor/0",
    "/CustomFields/SuperOffice:2",
    "/CustomFields/x_claimant_email",
    "/AppointmentId",
    "/HasConflict",
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the demo tenant."""
    # A wrong password is to be answered 401 however often it comes.
    settings = {"APPOINTED_FAILED_LOGINS_PER_MINUTE": "1000000"}
    if request.param == "postgres":
        settings["APPOINTED_DATABASE"] = request.getfixturevalue("module_database")
    with running(tmp_path_factory.mktemp(request.param), **settings) as started:
        yield started


def attack(server: Running, document: str, folder: Path, phases: str, examples: int) -> str:
    """Run schemathesis and give what it prints; fails with that when it found something."""
    config = folder / "schemathesis.toml"
    config.write_text("" if IS_FULL else SPARED)
    aims = {
        "SCHEMATHESIS_HOOKS": str(HOOKS),
        "AIMED_IDS": json.dumps({"id": NUMBERS, "appointment": uids(server)}),
        "AIMED_PATHS": json.dumps([*WRITABLE, *DEEPER]),
    }
    command = [SCHEMATHESIS, f"--config-file={config}", "run", f"{server.url}/openapi/{document}.json"]
    options = {
        "url": server.url,
        "auth": ":".join(DEMO),
        "seed": SEED,
        "generation-database": "none",
        "phases": phases,
        "max-examples": examples,
        "exclude-checks": ",".join(LENIENCY),
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    done = subprocess.run(
        [*command, *words, "--continue-on-failure", "--no-color"],
        cwd=folder,
        env=os.environ | aims,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def uids(server: Running) -> list[str]:
    address = f"{server.url}/api/v1/appointments"
    pages = [httpx.get(address, params={"per_page": 50, "page": page}, auth=DEMO) for page in (1, 2)]
    return [row["id"] for page in pages for row in page.json()["data"]]


@pytest.mark.parametrize("document", ["superoffice", "sqod", "server"])
def test_every_answer_is_one_that_was_promised(
    server: Running, document: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # The corners of the schemas and most of what fills them are the contract's, not the engine's.
    is_whole = IS_FULL or "sqlite" in request.node.name
    examples = 300 if IS_FULL else 10 if is_whole else 3
    told = attack(server, document, tmp_path, "coverage,fuzzing" if is_whole else "fuzzing", examples)
    paths = httpx.get(f"{server.url}/openapi/{document}.json").json()["paths"]
    operations = sum(len(verbs.keys() - {"parameters"}) for verbs in paths.values())
    assert f"Tested: {operations}\n" in told
    assert '"event":"failed"' not in server.output
