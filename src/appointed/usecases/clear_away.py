"""Clear away guests' rows that tell of a booking called off."""

from collections.abc import Iterable

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.participant import InvitationStatus
from appointed.domain.principal import Principal
from appointed.domain.rights import rights
from appointed.usecases.change_appointment import Call
from appointed.usecases.family import MOST_ROWS
from appointed.usecases.ports import ByMany, Change, Decision, Rows, Store
from appointed.usecases.query import Operator, Order, Query, Test

# More rows run by themselves, so that nobody waits behind them.
FEW = 50


async def clear_away(store: Store, call: Call, numbers: Iterable[int]) -> int:
    """Delete those of these rows that were called off, as far as the caller may; gives how many that were.

    All go in one change, or none; more than one change may write go in several. One that is no more is left
    out. Nobody is told: for everybody else the booking is over.
    """
    ids, count = tuple(dict.fromkeys(numbers)), 0
    while ids:
        try:
            outcome = await store.change(_change(call, ids[:MOST_ROWS]))
        except AppointmentNotFound:
            ids = await _standing(store, call.principal.tenant_id, ids)
            continue
        count += len(outcome.deleted)
        ids = ids[MOST_ROWS:]
    return count


async def _standing(store: Store, tenant_id: int, ids: tuple[int, ...]) -> tuple[int, ...]:
    where = Test("id", Operator.IN, ids)
    found = await store.page(
        Query(tenant_id=tenant_id, where=where, order=(Order(field="id"),), limit=len(ids))
    )
    standing = {row.id for row in found.rows}
    return tuple(number for number in ids if number in standing)


def _change(call: Call, ids: tuple[int, ...]) -> Change:
    def decide(rows: Rows, view: View) -> Decision:
        gone = tuple(row.id for row in rows if _goes(row, call.principal, view))
        return Decision(deletions=gone)

    return Change(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        scope=ByMany(ids),
        permit=lambda _rows, _view: None,
        decide=decide,
        dry_run=call.dry_run,
        alone=len(ids) > FEW,
    )


def _goes(row: Appointment, principal: Principal, view: View) -> bool:
    is_over = row.is_booking_row and row.invitation_status is InvitationStatus.CANCELLED
    return is_over and rights(principal, row, view).may_delete
