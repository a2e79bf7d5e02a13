"""The lock files hold all that pyproject.toml asks for, with hashes, and not where it was fetched."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.files import TOP

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
SERVE = TOP / "requirements" / "serve.txt"
DEV = TOP / "requirements" / "dev.txt"
ASKED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
ASKED_BY_TESTS = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["dev"]]
BUILD = [Requirement(line) for line in PROJECT["build-system"]["requires"]]


def pins(lock: Path) -> dict[str, tuple[str, int]]:
    """Map each package to its version and the number of its hashes."""
    blocks = re.findall(
        r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)((?: \\\n    --hash=\S+)*)", lock.read_text(), re.MULTILINE
    )
    return {
        canonicalize_name(name): (version, hashes.count("--hash=sha256:")) for name, version, hashes in blocks
    }


@pytest.mark.parametrize(
    ("lock", "asked"), [(SERVE, [*ASKED, *BUILD]), (DEV, [*ASKED, *BUILD, *ASKED_BY_TESTS])]
)
def test_all_that_is_asked_for_is_locked_at_a_fitting_version(lock: Path, asked: list[Requirement]) -> None:
    locked = pins(lock)
    missing = [
        str(one)
        for one in asked
        if (name := canonicalize_name(one.name)) not in locked or not one.specifier.contains(locked[name][0])
    ]
    assert missing == [], "run make lock"


@pytest.mark.parametrize("lock", [SERVE, DEV])
def test_every_line_is_an_exact_version_with_hashes(lock: Path) -> None:
    locked = pins(lock)
    starts = [line for line in lock.read_text().splitlines() if line and not line.startswith((" ", "#"))]
    assert len(starts) == len(locked)
    assert [name for name, (_version, hashes) in locked.items() if not hashes] == []


def test_the_tests_run_on_what_the_server_runs_on() -> None:
    dev = pins(DEV)
    assert {name: pin for name, pin in pins(SERVE).items() if dev.get(name) != pin} == {}


@pytest.mark.parametrize("lock", [SERVE, DEV])
def test_no_lock_tells_where_it_was_made(lock: Path) -> None:
    assert (
        re.findall(r"^.*(?:://|--index-url|--find-links|--trusted-host).*$", lock.read_text(), re.MULTILINE)
        == []
    )
