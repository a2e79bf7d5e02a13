"""Read the audit log as an administrator, and see whether the logs are whole; the same for every door."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.audit import Act, Entry, Verdict, Wanted
from appointed.domain.directory import Directory
from appointed.domain.errors import AppointmentNotFound, Forbidden, RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import audited, may_administer
from appointed.usecases.ports import ByUid, Store
from appointed.usecases.query import Operator, Order, Query, Test

ENTRY: Final = "audit_entry"
NOWHERE: Final = -1
LONGEST_NUMBER: Final = 15
# Who leafs through the log has looked at it once.
LOOKED_ONCE_IN: Final = timedelta(hours=1)


async def read_audit(
    store: Store, principal: Principal, directory: Directory, wanted: Wanted
) -> tuple[Entry, ...]:
    """Give entries, newest first; of all departments that the caller may read of, unless some are asked for.

    That they were read is noted, too. Raises Forbidden, also where others' departments are asked for.
    """
    own, asked = audited(principal, directory), wanted.departments
    if own is not None and asked is not None and not set(asked) <= set(own):
        raise Forbidden(ENTRY)
    departments = own if asked is None else asked
    found = await store.audit.entries(principal.tenant_id, replace(wanted, departments=departments))
    _note(store, principal)
    return found


async def read_entry(store: Store, principal: Principal, directory: Directory, reference: UUID) -> Entry:
    """Give the entry that people speak of by this reference; that it was read is noted, too.

    Raises Forbidden, RecordNotFound.
    """
    # Just before the one that would come next.
    before = UUID(int=min(reference.int + 1, 2**128 - 1))
    wanted = Wanted(before=before, departments=audited(principal, directory), limit=1)
    for entry in await store.audit.entries(principal.tenant_id, wanted):
        if entry.id == reference:
            _note(store, principal)
            return entry
    raise RecordNotFound(ENTRY, reference)


async def number_of(store: Store, tenant_id: int, named: str) -> int:
    """Give the number of the appointment that is named so: by number, UUID or reference; -1 for none."""
    if named.isascii() and named.isdigit() and len(named) <= LONGEST_NUMBER:
        return int(named)
    try:
        return (await store.read(tenant_id, ByUid(UUID(named)))).row.id
    except AppointmentNotFound:
        return NOWHERE
    except ValueError:
        return await number_by_reference(store, tenant_id, named)


async def number_by_reference(store: Store, tenant_id: int, reference: str) -> int:
    """Give the number of the appointment with this reference; -1 for none."""
    if not reference.isprintable():
        return NOWHERE
    where = Test("reference", Operator.EQ, reference)
    page = await store.page(Query(tenant_id=tenant_id, where=where, order=(Order(field="id"),), limit=1))
    return page.rows[0].id if page.rows else NOWHERE


async def verify_logs(store: Store, principal: Principal, directory: Directory) -> tuple[Verdict, ...]:
    """Compare the tenant's logs with their seals; it reads all of both. Raises Forbidden."""
    if not may_administer(principal, directory):
        raise Forbidden(ENTRY)
    return await store.audit.verify(principal.tenant_id)


def _note(store: Store, principal: Principal) -> None:
    store.audit.note(principal.tenant_id, Act.AUDIT_READ, principal.associate_id, once_in=LOOKED_ONCE_IN)
