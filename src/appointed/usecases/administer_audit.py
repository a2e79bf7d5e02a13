"""Read the audit log and prove the logs whole, by command."""

from datetime import datetime

import msgspec

from appointed.domain.audit import Act, Anchor, Entry, Verdict, Wanted, read_anchor
from appointed.usecases.ports import Store
from appointed.usecases.protection_refused import CannotProtect

# What concerns no tenant: sign-ins under names that nobody has.
NO_TENANT = 0
MOST_LISTED = 1_000


class ListAudit(msgspec.Struct, frozen=True, tag="audit list", kw_only=True):
    """Show entries, newest first; None leaves open. `acts` are words of `Act`."""

    tenant_id: int
    by: int | None = None
    acts: tuple[Act, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    appointment_id: int | None = None
    department_id: int | None = None
    limit: int = 50


class VerifyAudit(msgspec.Struct, frozen=True, tag="audit verify", kw_only=True):
    """Compare both logs with their seals; tenant 0 means all. `anchors` were printed by an earlier run."""

    tenant_id: int = 0
    anchors: tuple[str, ...] = ()


AuditCommand = ListAudit | VerifyAudit
Report = dict[str, object]


async def audit(store: Store, command: AuditCommand) -> Report:
    """Carry out one command and tell what was found; raises CannotProtect."""
    if isinstance(command, ListAudit):
        return await _list(store, command)
    return await _verify(store, command)


async def _list(store: Store, command: ListAudit) -> Report:
    wanted = Wanted(
        by=command.by,
        acts=command.acts,
        since=command.since,
        until=command.until,
        appointment_id=command.appointment_id,
        departments=None if command.department_id is None else (command.department_id,),
        limit=min(command.limit, MOST_LISTED),
    )
    return {str(entry.id): _line(entry) for entry in await store.audit.entries(command.tenant_id, wanted)}


def _line(entry: Entry) -> str:
    told = [f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.act}", f"by {entry.by}"]
    told += [f"appointment {entry.appointment_id}"] if entry.appointment_id else []
    told += [f"from {entry.address}"] if entry.address else []
    return ", ".join([*told, *(f"{name} {value}" for name, value in entry.details.items())])


async def _verify(store: Store, command: VerifyAudit) -> Report:
    anchors = tuple(_anchor(text) for text in command.anchors)
    if anchors and not command.tenant_id:
        raise CannotProtect("An anchor belongs to a tenant: name the tenant too.")
    every = [NO_TENANT, *(tenant.id for tenant in await store.tenants())]
    verdicts: list[Verdict] = []
    for tenant_id in [command.tenant_id] if command.tenant_id else every:
        verdicts += await store.audit.verify(tenant_id, anchors)
    lines = [line for verdict in verdicts for line in _faults(verdict)]
    if lines:
        raise CannotProtect("\n".join(lines))
    return {_named(verdict): _sound(verdict) for verdict in verdicts}


def _anchor(text: str) -> Anchor:
    anchor = read_anchor(text)
    if anchor is None:
        raise CannotProtect(f"{text} is no anchor: it looks like event:12:0a1b….")
    return anchor


def _faults(verdict: Verdict) -> list[str]:
    return [
        f"{_named(verdict)}: {fault.kind}{f' {fault.row_id}' if fault.row_id else ''} (seal {fault.seal})"
        for fault in verdict.faults
    ]


def _named(verdict: Verdict) -> str:
    return f"tenant {verdict.tenant_id}, {verdict.anchor.log} log"


def _sound(verdict: Verdict) -> str:
    return f"whole: {verdict.rows} rows sealed, {verdict.unsealed} not yet; anchor {verdict.anchor}"
