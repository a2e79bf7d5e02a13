"""Finding appointments by reference, or by the claimant's name or e-mail address."""

from typing import Final

from appointed.console.agents.board import video
from appointed.domain.directory import Directory
from appointed.domain.principal import Principal
from appointed.usecases.list_appointments import Listing, list_appointments
from appointed.usecases.ports import Page, Store
from appointed.usecases.query import AllOf, AnyOf, Operator, Order, Test

PER_PAGE: Final = 25
NEWEST_FIRST: Final = (Order(field="starts_at", is_descending=True), Order(field="id", is_descending=True))


async def read_found(store: Store, principal: Principal, text: str, page: int) -> Page:
    """Give one page of what the agent may see of it, the latest first; nothing for no text."""
    found = await store.find_claimants(principal.tenant_id, text) if text else ()
    named = AnyOf((Test("reference", Operator.EQ, text), Test("id", Operator.IN, found)))

    def select(_directory: Directory) -> Listing:
        return Listing(AllOf((video(), named)), NEWEST_FIRST)

    return await list_appointments(store, principal, page, PER_PAGE, select)
