"""Tenants and the snapshots of their small records, the same on both engines."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from appointed.domain.directory import KINDS, Directory, Record, Tenant
from appointed.store.batch import Tools
from appointed.store.record_scripts import hold_directory, put_records
from appointed.store.scripts import Script, json_text

WHOLE = "SELECT kind, id, is_gone, body FROM record WHERE tenant_id = $1 AND NOT is_gone ORDER BY kind, id"
NEWER = "SELECT kind, id, is_gone, body FROM record WHERE tenant_id = $1 AND directory_revision > $2"


def create_tenant(tenant: Tenant, records: Sequence[Record], tools: Tools, hold: str) -> Script[int]:
    """Add a tenant with its first records; gives its id."""
    if not tenant.id:
        ((next_id,),) = yield "SELECT coalesce(max(id), 0) + 1 FROM tenant", ()
        tenant = replace(tenant, id=next_id)
    yield "INSERT INTO tenant (id, body) VALUES ($1, $2)", (tenant.id, json_text(tenant))
    # Nobody changes appointments of a tenant that is not there yet.
    yield from put_records(tenant.id, records, tools, hold, is_between=True)
    return tenant.id


def change_tenant(tenant_id: int, edit: Callable[[Tenant], Tenant]) -> Script[Tenant]:
    """Run a pure function on a tenant, and let every process notice. Raises Unauthenticated."""
    revision = yield from hold_directory(tenant_id)
    ((body,),) = yield "SELECT body FROM tenant WHERE id = $1", (tenant_id,)
    tenant = edit(msgspec.json.decode(body, type=Tenant))
    yield (
        "UPDATE tenant SET body = $2, directory_revision = $3 WHERE id = $1",
        (tenant_id, json_text(tenant), revision + 1),
    )
    return tenant


def tenants() -> Script[tuple[Tenant, ...]]:
    """List all tenants."""
    rows = yield "SELECT body FROM tenant ORDER BY id", ()
    return tuple(msgspec.json.decode(body, type=Tenant) for (body,) in rows)


def directory_revision(tenant_id: int) -> Script[int | None]:
    """Tell the revision of a tenant's directory; None for an unknown tenant."""
    rows = yield "SELECT directory_revision FROM tenant WHERE id = $1", (tenant_id,)
    return rows[0][0] if rows else None


def directory(tenant_id: int, known: Directory | None = None) -> Script[Directory | None]:
    """Read a tenant's directory; when one of its snapshots is known, only what came after it."""
    # The revision first: records that are newer than it only mean that they are read once more.
    rows = yield "SELECT directory_revision, body FROM tenant WHERE id = $1", (tenant_id,)
    if not rows:
        return None
    revision, body = rows[0]
    tenant = msgspec.json.decode(body, type=Tenant)
    # A database that was set back to an earlier day shares no past with what is known.
    if known is None or known.revision > revision:
        known = Directory(tenant, revision, {})
        found = yield WHOLE, (tenant_id,)
    else:
        found = yield NEWER, (tenant_id, known.revision)
    changes = (
        (kind, key, None if is_gone else msgspec.json.decode(text, type=KINDS[kind]))
        for kind, key, is_gone, text in found
    )
    return known.followed(tenant, revision, changes)
