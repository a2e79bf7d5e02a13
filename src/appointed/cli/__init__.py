"""The `appointed` command: reads its words, hands them on, and prints; no logic of its own."""

from typing import Annotated

import typer

from appointed import __version__
from appointed.cli.outgoing import mail_cli, webhook_cli
from appointed.cli.protection import audit_cli, claimant_cli, keys_cli, retention_cli
from appointed.cli.serving import serving_cli
from appointed.cli.tenants import client_cli, department_cli, diary_cli, room_cli, tenant_cli, user_cli

cli = typer.Typer(
    name="appointed",
    help="An appointment server that speaks two public contracts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"Appointed {__version__}")
        raise typer.Exit


@cli.callback()
def options(
    is_version_asked: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and end."),
    ] = False,
) -> None:
    """Speak two public contracts of appointments."""


# Its commands have one word each.
cli.add_typer(serving_cli)
cli.add_typer(tenant_cli, name="tenant")
cli.add_typer(user_cli, name="user")
cli.add_typer(client_cli, name="client")
cli.add_typer(webhook_cli, name="webhook")
cli.add_typer(mail_cli, name="mail")
cli.add_typer(room_cli, name="room")
cli.add_typer(diary_cli, name="diary")
cli.add_typer(audit_cli, name="audit")
cli.add_typer(keys_cli, name="keys")
cli.add_typer(claimant_cli, name="claimant")
cli.add_typer(retention_cli, name="retention")
cli.add_typer(department_cli, name="department")


def main() -> None:
    """Run the command line."""
    cli(standalone_mode=True)
