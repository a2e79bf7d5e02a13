"""What the `appointed` command says of itself."""

import tomllib

from typer.testing import CliRunner

from appointed.cli import cli
from tests.house.files import TOP


def test_it_tells_its_version() -> None:
    told = CliRunner().invoke(cli, ["--version"])
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    assert (told.exit_code, told.stdout) == (0, f"Appointed {project['version']}\n")


def test_without_a_word_it_lists_its_commands() -> None:
    told = CliRunner().invoke(cli, [])
    for word in ("serve", "check", "tenant", "--version"):
        assert word in told.stdout
