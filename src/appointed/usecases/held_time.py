"""What a caller is told when a time is held: by what, as far as they may see it, and when it is free."""

from datetime import timedelta

from appointed.domain.directory import View
from appointed.domain.errors import AppointedError, AppointmentNotFound, TimeHeld
from appointed.domain.free_time import Wish
from appointed.domain.held import Blocker, WantedTime
from appointed.domain.hours import Slot
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access
from appointed.usecases.free_time import free_time, free_walls
from appointed.usecases.ports import ById, Store

OFFERED = 3
HORIZON = timedelta(days=62)


async def explain(store: Store, principal: Principal, held: TimeHeld) -> TimeHeld:
    """Fill in who holds the time and the next ones that are free; gives the same error."""
    held.held_by = await _blocker(store, principal, held.blocker)
    if held.wanted is not None:
        view = View(await store.directory(principal.tenant_id), held.wanted.at)
        held.offers = await _offers(store, principal, view, held.wanted)
    return held


async def _blocker(store: Store, principal: Principal, row_id: int) -> Blocker | None:
    try:
        reading = await store.read(principal.tenant_id, ById((row_id,)))
    except AppointmentNotFound:
        # It is none that stands yet, or it has gone meanwhile.
        return None
    row, granted = reading.row, access(principal, reading.row, reading.directory)
    if granted is Access.NOTHING:
        return None
    title = row.title or "" if granted >= Access.READ else None
    return Blocker(id=row.id, uid=row.uid, starts_at=row.starts_at, ends_at=row.ends_at, title=title)


async def _offers(store: Store, principal: Principal, view: View, wanted: WantedTime) -> tuple[Slot, ...]:
    try:
        if not await _may_move(store, principal, view, wanted):
            return ()
        if wanted.days:
            return await free_walls(store, principal, view, wanted, OFFERED)
        return await free_time(
            store,
            principal,
            view,
            wanted.associate_ids,
            _wish(wanted),
            OFFERED,
            family_id=wanted.family_id,
        )
    except (AppointedError, OverflowError):
        # Whatever cannot be looked for is not offered; the refusal stands all the same.
        return ()


async def _may_move(store: Store, principal: Principal, view: View, wanted: WantedTime) -> bool:
    """Tell whether the caller could send an offer: who was invited has no say in when it is."""
    try:
        reading = await store.read(principal.tenant_id, ById((wanted.family_id,)))
    except AppointmentNotFound:
        # It was to be new, and was not made.
        return True
    return access(principal, reading.row, view.directory) >= Access.CHANGE


def _wish(wanted: WantedTime) -> Wish:
    return Wish(
        since=wanted.starts_at,
        until=max(wanted.starts_at, wanted.at) + HORIZON,
        length=wanted.ends_at - wanted.starts_at,
        lead=timedelta(minutes=wanted.lead_minutes),
        lag=timedelta(minutes=wanted.lag_minutes),
        is_all_day=wanted.is_all_day,
    )
