"""Commands that serve, and that do what a server does by itself."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.table import Table

from appointed import app as application
from appointed.cli.running import (
    Config,
    Database,
    TenantNumber,
    announce,
    carried_out,
    fail,
    out,
    print_lines,
    refusable,
    run,
    settings_from,
)
from appointed.mail.incoming import MOST_BYTES, UnreadableMail, read_message
from appointed.settings import Settings
from appointed.usecases.administer import TakeReply
from appointed.usecases.import_calendar import MOST_CALENDAR, ImportCalendar

serving_cli = typer.Typer()


@serving_cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes (PostgreSQL only).")] = None,
    database: Database = None,
    demo: Annotated[
        bool | None, typer.Option("--demo", help="Fill an empty store with the demo tenant.")
    ] = None,
    config: Config = None,
) -> None:
    """Start the server."""
    settings = settings_from(config, host=host, port=port, workers=workers, database=database, demo=demo)
    refusable(lambda: application.serve(settings, announce))


@serving_cli.command()
def deliver(database: Database = None, config: Config = None) -> None:
    """Deliver webhooks and letters, and do what is due by the clock, without serving.

    For servers whose `webhook_delivery` or `background_work` is off. Beside a running server it needs
    PostgreSQL: a SQLite file has one process, and the server delivers by itself.
    """
    settings = settings_from(config, database=database)
    refusable(lambda: application.deliver(settings, announce))


@serving_cli.command("mail-in")
def mail_in(
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Take the answer to an invitation from a mail message on standard input."""
    try:
        message = read_message(sys.stdin.buffer.read(MOST_BYTES + 1))
    except UnreadableMail as error:
        fail(str(error))
    run(TakeReply(tenant_id=tenant, sender=message.sender, calendar=message.calendar), config, database)


@serving_cli.command("import")
def import_events(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="An iCalendar file.")],
    owner: Annotated[int, typer.Option(help="Whose diary: the associate's or room's number.")],
    tenant: TenantNumber = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell, and write nothing.")] = False,
    database: Database = None,
    config: Config = None,
) -> None:
    """Put the events of an iCalendar file into a diary."""
    calendar = file.read(MOST_CALENDAR + 1)
    wanted = ImportCalendar(tenant_id=tenant, owner_id=owner, calendar=calendar, is_dry_run=dry_run)
    print_lines(carried_out(wanted, config, database))


@serving_cli.command()
def migrate(database: Database = None, config: Config = None) -> None:
    """Bring the database's schema to the newest form."""
    settings = settings_from(config, database=database)
    refusable(lambda: application.migrate(settings))
    out.print("The schema is up to date.")


@serving_cli.command()
def check(database: Database = None, config: Config = None) -> None:
    """Show the settings and whether the store could take a change now."""
    settings = settings_from(config, database=database)
    table = Table("setting", "value")
    for name in Settings.__struct_fields__:
        table.add_row(name, str(_hidden(name, getattr(settings, name))))
    out.print(table)
    try:
        if not settings.is_postgres and not settings.sqlite_path.exists():
            fail(f"There is no store yet: a server makes {settings.sqlite_path} when it starts.")
    except OSError as error:
        fail(str(error))
    health, keys = refusable(lambda: asyncio.run(application.check(settings)))
    for name, told in keys.items():
        out.print(f"{name}: {told}", highlight=False)
    out.print("The store is ready." if health.is_ready else f"The store is not ready: {health.detail}")
    raise typer.Exit(0 if health.is_ready else 1)


def _hidden(name: str, value: object) -> object:
    # A database URL may hold a password: before its host, or among its options.
    text = str(value)
    if name != "database" or not {"@", "?"} & set(text):
        return value
    scheme, _separator, rest = text.partition("://")
    return f"{scheme}://…" + ("" if "?" in rest else "@" + rest.rpartition("@")[2])
