"""Rows of lists for the agents: as far as the caller may see them, and never some left out in silence."""

from typing import Final

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidRequest
from appointed.domain.rights import caller
from appointed.superoffice.service import Ask
from appointed.usecases.list_appointments import readable_rows, visible_rows
from appointed.usecases.ports import Page
from appointed.usecases.query import AllOf, Node, Order, Query
from appointed.usecases.trail import note_listed

MOST_ROWS: Final = 10_000
BY_TIME: Final = (Order(field="starts_at"), Order(field="id"))


async def every_row(
    ask: Ask, where: Node, count: int = -1, *, is_open: bool = False, is_shown: bool = True
) -> list[Appointment]:
    """List what matches and the caller may read, by time; at most `count`, all with a negative one or 0.

    What `is_open` asks for is no secret of a private row, so rows come too whose times alone may be seen.
    Where they are shown to nobody (not `is_shown`), nothing is noted. Raises InvalidRequest rather than leave
    some out.
    """
    who = caller(ask.ctx.principal, ask.directory)
    seen = visible_rows(who) if is_open else readable_rows(who)
    limit = min(count, MOST_ROWS + 1) if count > 0 else MOST_ROWS + 1
    page: Page = await ask.door.store.page(
        Query(
            tenant_id=ask.ctx.principal.tenant_id,
            where=AllOf((where, seen)),
            order=BY_TIME,
            limit=limit,
        )
    )
    if len(page.rows) > MOST_ROWS:
        raise InvalidRequest(f"More than {MOST_ROWS} rows match: ask for fewer days, or set Count.")
    if is_shown:
        note_listed(ask.door.store, ask.ctx.principal, ask.directory, page.rows)
    return list(page.rows)
