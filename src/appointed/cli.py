"""The `appointed` command: reads its words, hands them on, and prints; no logic of its own."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from appointed import app as application
from appointed.domain.audit import Act
from appointed.domain.principal import Role
from appointed.mail.incoming import MOST_BYTES, UnreadableMail, read_message
from appointed.settings import Settings, SettingsError, load
from appointed.usecases.administer import (
    Command,
    CommandRefused,
    CreateClient,
    CreateTenant,
    CreateUser,
    ListWebhooks,
    RedeliverWebhook,
    Report,
    TakeReply,
)
from appointed.usecases.administer_audit import ListAudit, VerifyAudit
from appointed.usecases.administer_claimants import (
    EraseClaimant,
    ExportClaimant,
    FindClaimant,
    RunRetention,
)
from appointed.usecases.administer_diaries import CreateRoom, SetDepartment, SetDiary
from appointed.usecases.administer_mail import ListLetters, SendLettersAgain
from appointed.usecases.administer_protection import (
    ListKeys,
    PrepareKeys,
    RetireKeys,
    RotateKeys,
    SetTenant,
)
from appointed.usecases.claimant_ports import Lookup
from appointed.usecases.import_calendar import MOST_CALENDAR, ImportCalendar

cli = typer.Typer(
    name="appointed",
    help="An appointment server that speaks two public contracts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
tenant_cli = typer.Typer(help="Tenants.", no_args_is_help=True)
user_cli = typer.Typer(help="Users: associates who can sign in.", no_args_is_help=True)
client_cli = typer.Typer(help="OAuth clients.", no_args_is_help=True)
webhook_cli = typer.Typer(help="Webhooks.", no_args_is_help=True)
mail_cli = typer.Typer(help="Letters: mail and short messages that go out.", no_args_is_help=True)
room_cli = typer.Typer(help="Rooms and other resources.", no_args_is_help=True)
diary_cli = typer.Typer(help="Diaries: exclusive or not, working hours.", no_args_is_help=True)
audit_cli = typer.Typer(help="Who saw and did what.", no_args_is_help=True)
keys_cli = typer.Typer(help="The server's keys.", no_args_is_help=True)
claimant_cli = typer.Typer(help="Single claimants: find, export, erase.", no_args_is_help=True)
retention_cli = typer.Typer(help="Claimants who are kept no longer.", no_args_is_help=True)
department_cli = typer.Typer(help="Departments: opening hours, holidays.", no_args_is_help=True)
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

out = Console()
err = Console(stderr=True)

Config = Annotated[Path | None, typer.Option(help="TOML file with settings.", envvar="APPOINTED_CONFIG")]
Database = Annotated[str | None, typer.Option(help="Database URL: sqlite: or postgresql://…")]
Hours = Annotated[
    str | None, typer.Option(help='"mon-fri 08:00-16:00, sat 10:00-14:00", "closed" or "usual".')
]
TenantNumber = Annotated[int, typer.Option("--tenant", help="The tenant's number.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, help="Asked for when not given.")]


@cli.command()
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
    settings = _settings(config, host=host, port=port, workers=workers, database=database, demo=demo)
    _refusable(lambda: application.serve(settings, _announce))


@cli.command()
def deliver(database: Database = None, config: Config = None) -> None:
    """Deliver webhooks and letters, and do what is due by the clock, without serving.

    For servers whose `webhook_delivery` or `background_work` is off.
    """
    settings = _settings(config, database=database)
    _refusable(lambda: application.deliver(settings, _announce))


@cli.command("mail-in")
def mail_in(
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Take the answer to an invitation from a mail message on standard input."""
    try:
        message = read_message(sys.stdin.buffer.read(MOST_BYTES + 1))
    except UnreadableMail as error:
        _fail(str(error))
    _run(TakeReply(tenant_id=tenant, sender=message.sender, calendar=message.calendar), config, database)


@cli.command("import")
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
    _print_lines(_carried_out(wanted, config, database))


@cli.command()
def migrate(database: Database = None, config: Config = None) -> None:
    """Bring the database's schema to the newest form."""
    settings = _settings(config, database=database)
    _refusable(lambda: application.migrate(settings))
    out.print("The schema is up to date.")


@cli.command()
def check(database: Database = None, config: Config = None) -> None:
    """Show the settings and whether the store could take a change now."""
    settings = _settings(config, database=database)
    table = Table("setting", "value")
    for name in Settings.__struct_fields__:
        table.add_row(name, str(_hidden(name, getattr(settings, name))))
    out.print(table)
    keys = _refusable(lambda: asyncio.run(application.keys(settings)))
    for name, told in keys.items():
        out.print(f"{name}: {told}", highlight=False)
    health = _refusable(lambda: asyncio.run(application.health(settings)))
    out.print("The store is ready." if health.is_ready else f"The store is not ready: {health.detail}")
    raise typer.Exit(0 if health.is_ready else 1)


@tenant_cli.command("create")
def create_tenant(
    name: str,
    login: Annotated[str, typer.Option(help="The administrator's login.")],
    password: Password,
    zone: Annotated[str, typer.Option(help="Base time zone (IANA name).")] = "Europe/Oslo",
    department: Annotated[str, typer.Option(help="Name of the first department.")] = "Main department",
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a tenant with its first administrator and department."""
    command = CreateTenant(name=name, zone=zone, login=login, password=password, department=department)
    _run(command, config, database)


@user_cli.command("create")
def create_user(
    login: str,
    password: Password,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    full_name: Annotated[str, typer.Option(help="Name as others see it.")] = "",
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.AGENT,
    department: Annotated[int, typer.Option(help="Home department; 0: the tenant's default.")] = 0,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a user who can sign in."""
    command = CreateUser(
        tenant_id=tenant,
        login=login,
        password=password,
        full_name=full_name or login,
        role=role,
        department_id=department,
    )
    _run(command, config, database)


@client_cli.command("create")
def create_client(
    client_id: str,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    role: Annotated[Role, typer.Option(help="What the client may do.")] = Role.SCHEDULER,
    department: Annotated[
        list[int] | None, typer.Option(help="A department it works for (repeatable).")
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Vouched for by an outside token issuer.")
    ] = False,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add an OAuth client; its secret is shown once."""
    command = CreateClient(
        tenant_id=tenant,
        client_id=client_id,
        role=role,
        department_ids=tuple(department or ()),
        is_outside=outside,
    )
    _run(command, config, database)


@webhook_cli.command("list")
def list_webhooks(
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Show how webhooks do."""
    _run(ListWebhooks(tenant_id=tenant), config, database)


@webhook_cli.command("redeliver")
def redeliver_webhook(
    webhook: int,
    delivery: Annotated[int, typer.Option(help="One dead delivery; 0: all of the webhook.")] = 0,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Try again what could not be delivered."""
    _run(RedeliverWebhook(tenant_id=tenant, webhook_id=webhook, delivery_id=delivery), config, database)


@mail_cli.command("list")
def list_letters(tenant: TenantNumber = 1, database: Database = None, config: Config = None) -> None:
    """Show which letters were not sent, and why."""
    _run(ListLetters(tenant_id=tenant), config, database)


@mail_cli.command("again")
def send_letters_again(tenant: TenantNumber = 1, database: Database = None, config: Config = None) -> None:
    """Try again what was refused, and what nobody knows to have arrived: that may come twice."""
    _run(SendLettersAgain(tenant_id=tenant), config, database)


@room_cli.command("create")
def create_room(
    name: str,
    department: Annotated[int, typer.Option(help="Home department; 0: the tenant's default.")] = 0,
    exclusive: Annotated[bool, typer.Option(help="Whether its time is given away once.")] = True,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Add a room or another resource."""
    made = CreateRoom(tenant_id=tenant, name=name, department_id=department, is_exclusive=exclusive)
    _run(made, config, database)


@diary_cli.command("set")
def set_diary(
    associate: int,
    exclusive: Annotated[bool | None, typer.Option(help="Whether its time is given away once.")] = None,
    hours: Hours = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say of an associate whether the diary is exclusive, and the working hours."""
    wanted = SetDiary(tenant_id=tenant, associate_id=associate, is_exclusive=exclusive, hours=hours)
    _run(wanted, config, database)


@department_cli.command("set")
def set_department(
    department: int,
    hours: Hours = None,
    holiday: Annotated[
        list[str] | None, typer.Option(help='"2026-12-25 Christmas" (repeatable); replaces all.')
    ] = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say when a department is open, and its holidays."""
    holidays = tuple(holiday) if holiday is not None else None
    wanted = SetDepartment(tenant_id=tenant, department_id=department, hours=hours, holidays=holidays)
    _run(wanted, config, database)


@tenant_cli.command("set")
def set_tenant(
    redirect_host: Annotated[
        list[str] | None,
        typer.Option(help="A host that people may be led to after a call (repeatable); none: every public."),
    ] = None,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Say to which hosts people may be led after a call; replaces the list."""
    _run(SetTenant(tenant_id=tenant, redirect_hosts=tuple(redirect_host or ())), config, database)


@keys_cli.command("list")
def list_keys(database: Database = None, config: Config = None) -> None:
    """Show the server's keys and how much each wraps."""
    _run(ListKeys(), config, database)


@keys_cli.command("prepare")
def prepare_keys(database: Database = None, config: Config = None) -> None:
    """Make the next key; copy the key file to all machines before it is used."""
    _run(PrepareKeys(), config, database)


@keys_cli.command("rotate")
def rotate_keys(database: Database = None, config: Config = None) -> None:
    """Take a new key and wrap everything anew, while servers run; finishes what was stopped midway."""
    _run(RotateKeys(), config, database)


@keys_cli.command("retire")
def retire_keys(database: Database = None, config: Config = None) -> None:
    """Remove the older keys that nothing needs any more."""
    _run(RetireKeys(), config, database)


@claimant_cli.command("find")
def find_claimant(
    by: Annotated[Lookup, typer.Argument(help="What is known.")],
    text: Annotated[str, typer.Option(prompt=True, help="Asked for when not given.")],
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """List claimants by e-mail, name or reference."""
    _run(FindClaimant(tenant_id=tenant, by=by, text=text), config, database)


@claimant_cli.command("export")
def export_claimant(
    claimant: UUID,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Print all that is kept of a claimant, as JSON."""
    report = _carried_out(ExportClaimant(tenant_id=tenant, claimant_id=claimant), config, database)
    out.print(report["export"], markup=False, highlight=False, soft_wrap=True)


@claimant_cli.command("erase")
def erase_claimant(
    claimant: UUID,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would be.")] = False,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Erase a claimant from all appointments, for ever."""
    _run(EraseClaimant(tenant_id=tenant, claimant_id=claimant, is_sure=yes), config, database)


@retention_cli.command("run")
def run_retention(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only count.")] = False,
    tenant: Annotated[int, typer.Option(help="The tenant's number; 0: all.")] = 0,
    database: Database = None,
    config: Config = None,
) -> None:
    """Erase claimants whose departments keep them no longer; a running server does so by itself."""
    _run(RunRetention(tenant_id=tenant, is_sure=yes), config, database)


@audit_cli.command("list")
def list_audit(
    by: Annotated[int | None, typer.Option(help="Who did it: an associate's number.")] = None,
    act: Annotated[list[Act] | None, typer.Option(help="What was done (repeatable).")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this instant on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this instant (UTC).")] = None,
    appointment: Annotated[int | None, typer.Option(help="About this appointment.")] = None,
    department: Annotated[int | None, typer.Option(help="About appointments of this department.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 50,
    tenant: Annotated[int, typer.Option(help="The tenant's number; 0: what concerns none.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Show the audit log, newest first."""
    wanted = ListAudit(
        tenant_id=tenant,
        by=by,
        acts=tuple(act or ()),
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        appointment_id=appointment,
        department_id=department,
        limit=limit,
    )
    _print_lines(_carried_out(wanted, config, database))


@audit_cli.command("verify")
def verify_audit(
    tenant: Annotated[int, typer.Option(help="The tenant's number; 0: all.")] = 0,
    anchor: Annotated[
        list[str] | None, typer.Option(help="An anchor that an earlier run showed (repeatable).")
    ] = None,
    database: Database = None,
    config: Config = None,
) -> None:
    """Find any entry or event that was changed, removed or put in between since it was sealed."""
    wanted = VerifyAudit(tenant_id=tenant, anchors=tuple(anchor or ()))
    _print_lines(_carried_out(wanted, config, database))


def _run(command: Command, config: Path | None, database: str | None) -> None:
    report = _carried_out(command, config, database)
    table = Table(show_header=False)
    for name, value in report.items():
        table.add_row(name, str(value))
    out.print(table)


def _print_lines(report: Report) -> None:
    # Anchors and references are to be copied: nothing may be cut off.
    for name, value in report.items():
        out.print(f"{name}  {value}", markup=False, highlight=False, soft_wrap=True)


def _carried_out(command: Command, config: Path | None, database: str | None) -> Report:
    settings = _settings(config, database=database)
    report: Report = _refusable(lambda: asyncio.run(application.command(settings, command)))
    return report


def _settings(config: Path | None, **given: Any) -> Settings:
    try:
        return load(os.environ, config, **given)
    except SettingsError as error:
        _fail(str(error))


def _refusable(action: Any) -> Any:
    try:
        return action()
    except (application.CannotStart, CommandRefused) as error:
        _fail(str(error))


def _fail(reason: str) -> NoReturn:
    err.print(reason, style="red", markup=False, highlight=False)
    raise typer.Exit(1)


def _hidden(name: str, value: object) -> object:
    # A database URL may hold a password: before its host, or among its options.
    text = str(value)
    if name != "database" or not {"@", "?"} & set(text):
        return value
    scheme, _separator, rest = text.partition("://")
    return f"{scheme}://…" + ("" if "?" in rest else "@" + rest.rpartition("@")[2])


def _announce(lines: list[str]) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line."""
    cli(standalone_mode=True)


if __name__ == "__main__":
    main()
