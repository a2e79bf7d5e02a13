"""Rooms import downwards only, and the rule holds for every room."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.files import TOP

CONTRACT = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
DOWNWARDS = [
    "cli",
    "app",
    "commands",
    "settings",
    "superoffice | sqod | console | (feeds) | webhooks | mail | jobs | (transfer) | store | meetings",
    "http",
    "usecases",
    "patching | ical | sealing",
    "domain",
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": ""},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_order_of_rooms_is_the_agreed_one_and_leaves_none_out() -> None:
    assert CONTRACT["layers"] == DOWNWARDS
    assert CONTRACT["exhaustive"] is True
    assert CONTRACT["type"] == "layers"


def test_the_order_is_kept() -> None:
    told = lint(TOP)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("domain/up.py", "from appointed import usecases\n"),
        ("sqod/sideways.py", "from appointed import superoffice\n"),
        ("helpers/__init__.py", ""),
    ],
)
def test_a_breach_is_noticed(tmp_path: Path, broken: str, text: str) -> None:
    rooms = [name.strip("() ") for layer in DOWNWARDS for name in layer.split("|") if "(" not in name]
    for room in ("", *rooms):
        folder = tmp_path / "src" / "appointed" / room
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text((TOP / "pyproject.toml").read_text())
    assert lint(tmp_path).returncode == 0
    place = tmp_path / "src" / "appointed" / broken
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    assert lint(tmp_path).returncode == 1
