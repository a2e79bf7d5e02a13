"""Who waits in a department, in the order of their appointments."""

from datetime import datetime, timedelta
from typing import Final

from appointed.domain.call import Window
from appointed.domain.status import Status
from appointed.usecases.ports import Store
from appointed.usecases.query import AllOf, Operator, Order, Query, Test

# Whoever waits does so for an appointment of these days.
AROUND: Final = timedelta(days=1)
LONGEST: Final = 1_000


async def waiting_line(
    store: Store, tenant_id: int, department_id: int, window: Window, now: datetime
) -> tuple[int, ...]:
    """Give the ids of the appointments whose claimants wait, those first that were to start first.

    Whose window has closed has no place: a tab that was shut says nothing of itself.
    """
    wanted = AllOf(
        (
            Test("department_id", Operator.EQ, department_id),
            Test("status", Operator.EQ, Status.WAITING),
            Test("starts_at", Operator.GE, now - AROUND),
            Test("starts_at", Operator.LT, now + AROUND),
            Test("ends_at", Operator.GT, now - window.after),
        )
    )
    order = (Order(field="starts_at"), Order(field="id"))
    page = await store.page(Query(tenant_id=tenant_id, where=wanted, order=order, limit=LONGEST))
    return tuple(row.id for row in page.rows)
