"""Find, export and erase claimants by command, and erase those who are kept no longer."""

from uuid import UUID

import msgspec

from appointed.domain.errors import RecordNotFound
from appointed.domain.principal import server
from appointed.usecases.claimant_ports import Lookup
from appointed.usecases.ports import Clock, Store
from appointed.usecases.protect_claimants import (
    Found,
    erase_claimant,
    export_claimant,
    find_claimants,
    show_export,
)
from appointed.usecases.protection_refused import CannotProtect
from appointed.usecases.retain import retain

DOOR = "command"


class FindClaimant(msgspec.Struct, frozen=True, tag="claimant find", kw_only=True):
    """List claimants by e-mail, name or reference."""

    tenant_id: int
    by: Lookup
    text: str


class ExportClaimant(msgspec.Struct, frozen=True, tag="claimant export", kw_only=True):
    """Tell all that is kept of a claimant, as JSON."""

    tenant_id: int
    claimant_id: UUID


class EraseClaimant(msgspec.Struct, frozen=True, tag="claimant erase", kw_only=True):
    """Erase a claimant; without `is_sure` only tell what would change."""

    tenant_id: int
    claimant_id: UUID
    is_sure: bool = False


class RunRetention(msgspec.Struct, frozen=True, tag="retention run", kw_only=True):
    """Erase who is kept no longer, of a tenant or of all (0); without `is_sure` only count them.

    `unnamed` are erased too whom no appointment names any more, however long departments keep claimants.
    """

    tenant_id: int = 0
    is_sure: bool = False
    unnamed: bool = False


ClaimantCommand = FindClaimant | ExportClaimant | EraseClaimant | RunRetention
Report = dict[str, object]


async def protect(store: Store, clock: Clock, command: ClaimantCommand) -> Report:
    """Carry out one command and tell what was found or done; raises CannotProtect."""
    if isinstance(command, RunRetention):
        return await _retain(store, clock, command)
    who = server(command.tenant_id)
    if isinstance(command, FindClaimant):
        return {
            str(found.claimant.id): _line(found)
            for found in await find_claimants(store, who, command.by, command.text)
        }
    try:
        if isinstance(command, ExportClaimant):
            export = await export_claimant(store, who, command.claimant_id)
            told = show_export(export, await store.directory(command.tenant_id))
            return {"export": msgspec.json.format(msgspec.json.encode(told)).decode()}
        erasure = await erase_claimant(store, who, command.claimant_id, DOOR, dry_run=not command.is_sure)
    except RecordNotFound:
        raise CannotProtect(f"No appointment names the claimant {command.claimant_id}.") from None
    return {
        "claimant": str(erasure.claimant_id),
        "appointments": ", ".join(map(str, erasure.appointment_ids)),
        "erased": "yes" if erasure.is_done else "not yet: say --yes",
        "reference": str(erasure.entry.id),
    }


async def _retain(store: Store, clock: Clock, command: RunRetention) -> Report:
    every = [tenant.id for tenant in await store.tenants()]
    verb = "erased" if command.is_sure else "to be erased"
    report: Report = {}
    for tenant_id in [command.tenant_id] if command.tenant_id else every:
        done = await retain(store, clock, tenant_id, dry_run=not command.is_sure, unnamed=command.unnamed)
        report[f"tenant {tenant_id}"] = (
            f"{done.expired} past their time {verb}, {done.unused} named by no appointment {verb}"
        )
    return report


def _line(found: Found) -> str:
    claimant = found.claimant
    words = [claimant.name or "(no name)", claimant.email or "(no e-mail)"]
    return ", ".join([*words, *(f"{row.reference} {row.starts_at:%Y-%m-%d}" for row in found.rows)])
