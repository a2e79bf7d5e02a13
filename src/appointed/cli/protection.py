"""Commands about claimants' data: keys, erasure, retention and the audit log."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from appointed.cli.running import Config, Database, carried_out, out, print_lines, run
from appointed.domain.audit import Act
from appointed.usecases.administer_audit import ListAudit, VerifyAudit
from appointed.usecases.administer_claimants import EraseClaimant, ExportClaimant, FindClaimant, RunRetention
from appointed.usecases.administer_protection import ListKeys, PrepareKeys, RetireKeys, RotateKeys
from appointed.usecases.claimant_ports import Lookup

keys_cli = typer.Typer(help="The server's keys.", no_args_is_help=True)
claimant_cli = typer.Typer(help="Single claimants: find, export, erase.", no_args_is_help=True)
retention_cli = typer.Typer(help="Claimants who are kept no longer.", no_args_is_help=True)
audit_cli = typer.Typer(help="Who saw and did what.", no_args_is_help=True)


@keys_cli.command("list")
def list_keys(database: Database = None, config: Config = None) -> None:
    """Show the server's keys and how much each wraps."""
    run(ListKeys(), config, database)


@keys_cli.command("prepare")
def prepare_keys(database: Database = None, config: Config = None) -> None:
    """Make the next key; copy the key file to all machines before it is used."""
    run(PrepareKeys(), config, database)


@keys_cli.command("rotate")
def rotate_keys(database: Database = None, config: Config = None) -> None:
    """Take a new key and wrap everything anew, while servers run; finishes what was stopped midway."""
    run(RotateKeys(), config, database)


@keys_cli.command("retire")
def retire_keys(database: Database = None, config: Config = None) -> None:
    """Remove the older keys that nothing needs any more."""
    run(RetireKeys(), config, database)


@claimant_cli.command("find")
def find_claimant(
    by: Annotated[Lookup, typer.Argument(help="What is known.")],
    text: Annotated[str, typer.Option(prompt=True, help="Asked for when not given.")],
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """List claimants by e-mail, name or reference."""
    run(FindClaimant(tenant_id=tenant, by=by, text=text), config, database)


@claimant_cli.command("export")
def export_claimant(
    claimant: UUID,
    tenant: Annotated[int, typer.Option(help="The tenant's number.")] = 1,
    database: Database = None,
    config: Config = None,
) -> None:
    """Print all that is kept of a claimant, as JSON."""
    report = carried_out(ExportClaimant(tenant_id=tenant, claimant_id=claimant), config, database)
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
    run(EraseClaimant(tenant_id=tenant, claimant_id=claimant, is_sure=yes), config, database)


@retention_cli.command("run")
def run_retention(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only count.")] = False,
    unnamed: Annotated[
        bool, typer.Option("--unnamed", help="Also all whom no appointment names any more.")
    ] = False,
    tenant: Annotated[int, typer.Option(help="The tenant's number; 0: all.")] = 0,
    database: Database = None,
    config: Config = None,
) -> None:
    """Erase claimants whose departments keep them no longer; a running server does so by itself."""
    run(RunRetention(tenant_id=tenant, is_sure=yes, unnamed=unnamed), config, database)


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
    print_lines(carried_out(wanted, config, database))


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
    print_lines(carried_out(wanted, config, database))
