"""Which agents have an appointment open: each page says so again and again, and counts for a short time."""

from datetime import datetime, timedelta
from typing import Final

from appointed.domain.directory import Directory
from appointed.domain.principal import Principal
from appointed.usecases.ports import Presence, Store

# Two and a half times as long as a page waits before it says so again.
COUNTS_FOR: Final = timedelta(seconds=25)


async def be_present(store: Store, principal: Principal, appointment_id: int, now: datetime) -> None:
    """Note that the caller has an appointment open, which they may read."""
    await store.put_presence(
        Presence(
            tenant_id=principal.tenant_id,
            appointment_id=appointment_id,
            associate_id=principal.associate_id,
            until=now + COUNTS_FOR,
        )
    )


async def others_present(
    store: Store, principal: Principal, directory: Directory, now: datetime
) -> dict[int, tuple[str, ...]]:
    """Name, for each appointment that somebody else has open now, those who do."""
    names: dict[int, tuple[str, ...]] = {}
    for one in await store.presences(principal.tenant_id, now):
        who = directory.associates.get(one.associate_id)
        if who is not None and one.associate_id != principal.associate_id:
            names[one.appointment_id] = (*names.get(one.appointment_id, ()), who.full_name)
    return names
