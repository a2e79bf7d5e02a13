"""What all commands share: their options, and how one is carried out and told."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from appointed import app as application
from appointed.settings import Settings, SettingsError, load
from appointed.usecases.administer import Command, CommandRefused, Report

NOTHING = "There is nothing."

out = Console()
err = Console(stderr=True)

Config = Annotated[Path | None, typer.Option(help="TOML file with settings.", envvar="APPOINTED_CONFIG")]
Database = Annotated[str | None, typer.Option(help="Database URL: sqlite: or postgresql://…")]
Hours = Annotated[
    str | None, typer.Option(help='"mon-fri 08:00-16:00, sat 10:00-14:00", "closed" or "usual".')
]
TenantNumber = Annotated[int, typer.Option("--tenant", help="The tenant's number.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, help="Asked for when not given.")]


def run(command: Command, config: Path | None, database: str | None) -> None:
    """Carry a command out and show its report as a table."""
    report = carried_out(command, config, database)
    if not report:
        err.print(NOTHING)
        return
    table = Table(show_header=False)
    for name, value in report.items():
        table.add_row(name, str(value))
    out.print(table)


def print_lines(report: Report) -> None:
    """Print a report line by line."""
    if not report:
        err.print(NOTHING)
    # Anchors and references are to be copied: nothing may be cut off.
    for name, value in report.items():
        out.print(f"{name}  {value}", markup=False, highlight=False, soft_wrap=True)


def carried_out(command: Command, config: Path | None, database: str | None) -> Report:
    """Carry a command out on the store of the settings; ends with 1 where it is refused."""
    settings = settings_from(config, database=database)
    report: Report = refusable(lambda: asyncio.run(application.command(settings, command)))
    return report


def settings_from(config: Path | None, **given: Any) -> Settings:
    """Read the settings; what was given on the command line comes first."""
    try:
        return load(os.environ, config, **given)
    except SettingsError as error:
        fail(str(error))


def refusable(action: Any) -> Any:
    """Do something that may be refused in words; ends with 1 then."""
    try:
        return action()
    except (application.CannotStart, CommandRefused) as error:
        fail(str(error))


def fail(reason: str) -> NoReturn:
    """Say why not, and end with 1."""
    # Paths and addresses are to be copied, also from a file.
    err.print(reason, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def announce(lines: list[str]) -> None:
    """Print lines as they stand."""
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
