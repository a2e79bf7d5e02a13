"""Read one appointment as far as the caller may see it."""

from uuid import UUID

from appointed.domain.errors import AppointmentNotFound, Forbidden
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access, is_video_listed
from appointed.usecases.ports import ById, ByUid, Reading, Store
from appointed.usecases.trail import note_read


async def read_appointment(
    store: Store,
    principal: Principal,
    ref: int | UUID,
    *,
    hides_foreign: bool = False,
    wants_conflict: bool = False,
    is_shown: bool = True,
) -> tuple[Reading, Access]:
    """Give the row and how far the caller may go with it; who sees a claimant is noted for the audit log.

    Where it `is_shown` to nobody, as when only rights are asked for, nothing is noted.
    With `hides_foreign` whatever the caller may not read is AppointmentNotFound; else a row of which not
    even the times may be seen is Forbidden.
    """
    scope = ByUid(ref) if isinstance(ref, UUID) else ById((ref,))
    reading = await store.read(principal.tenant_id, scope, wants_conflict=wants_conflict)
    granted = access(principal, reading.row, reading.directory)
    if hides_foreign and (granted < Access.READ or not is_video_listed(reading.row)):
        raise AppointmentNotFound(ref)
    if granted is Access.NOTHING:
        raise Forbidden
    if is_shown and granted >= Access.READ:
        note_read(store, principal, reading.directory, reading.row)
    return reading, granted
