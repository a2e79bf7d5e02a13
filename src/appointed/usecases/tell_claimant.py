"""Tell a claimant of their appointment without changing it: once more, or that the time is near."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import Forbidden
from appointed.domain.letter import Channel, Item, Mailing, Purpose
from appointed.domain.notices import ways_to
from appointed.domain.principal import Principal
from appointed.domain.rights import Access
from appointed.domain.status import Status
from appointed.domain.timers import Slot
from appointed.usecases.ports import ById, IdSource, Store
from appointed.usecases.read_appointment import read_appointment

# Whoever is here already, or is not to come any more, is told nothing.
EXPECTED = frozenset({Status.SCHEDULED, Status.LATE, Status.WAITING})
REMINDED = frozenset({Status.SCHEDULED, Status.LATE})


async def resend_invitation(
    store: Store, ids: IdSource, principal: Principal, ref: int | UUID, now: datetime, wish: str = ""
) -> tuple[Channel, ...]:
    """Send the claimant their invitation once more; tells by which ways it goes, none when there is none.

    Each call sends again, but for one `wish` it is sent once. Raises AppointmentNotFound, and Forbidden for
    whoever may not change it.
    """
    reading, granted = await read_appointment(store, principal, ref, hides_foreign=True, is_shown=False)
    row = reading.row
    if granted < Access.CHANGE:
        raise Forbidden
    ways = ways_to(row, reading.directory, store.mail.channels)
    if row.status not in EXPECTED or row.ends_at <= now or not ways:
        return ()
    name = ids.uuid7(now)
    key = f"resend:{row.id}:{wish}" if wish else f"resend:{name}"
    await store.mail.add(_mailing(row, name, key, Purpose.INVITATION, now, principal))
    return ways


def reminder_due_at(row: Appointment | Slot, directory: Directory) -> datetime | None:
    """Tell when the claimant is to be reminded; None when not at all."""
    department = directory.departments.get(row.department_id)
    if department is None or not department.reminder_minutes or row.status not in REMINDED:
        return None
    return row.starts_at - timedelta(minutes=department.reminder_minutes)


def reminder_key(row: Appointment | Slot) -> str:
    """Name the reminder of a time that an appointment is given."""
    return f"reminder:{row.id}:{row.starts_at.isoformat()}"


async def remind(store: Store, ids: IdSource, tenant_id: int, number: int, now: datetime) -> bool:
    """Remind a claimant if that is due, once for each time that it is given; tells whether one goes out.

    Whoever was invited after the reminder was due needs none, and is not looked at again. Raises
    AppointmentNotFound.
    """
    reading = await store.read(tenant_id, ById((number,)))
    row = reading.row
    due_at = reminder_due_at(row, reading.directory)
    if due_at is None or not due_at <= now < row.starts_at:
        return False
    mailing = _mailing(row, ids.uuid7(now), reminder_key(row), Purpose.REMINDER, now)
    if row.created_at < due_at and ways_to(row, reading.directory, store.mail.channels):
        return await store.mail.add(mailing)
    await store.mail.add(replace(mailing, items=()))
    return False


def _mailing(
    row: Appointment,
    name: UUID,
    key: str,
    purpose: Purpose,
    now: datetime,
    by: Principal | None = None,
) -> Mailing:
    return Mailing(
        tenant_id=row.tenant_id,
        id=name,
        key=key,
        purpose=purpose,
        at=now,
        items=(Item(row.id),),
        by=by.associate_id if by else 0,
    )
