"""List video appointments as far as the caller's role reaches."""

from collections.abc import Callable

import msgspec

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.directory import Associate, Directory
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import OUTSIDERS, caller, departments_of, viewer_keys
from appointed.usecases.ports import Page, Store
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Order, Query, ShownTo, Test
from appointed.usecases.trail import note_listed

LISTED_KINDS = (Kind.DIARY, Kind.BOOKING_FOR_DIARY)
# `rights.is_video_listed` as a filter.
LISTED: Node = AllOf((Test("kind", Operator.IN, LISTED_KINDS), Test("is_booking_row", Operator.EQ, False)))
IN_ORDER = (Order(field="starts_at"), Order(field="id"))


class Listing(msgspec.Struct, frozen=True):
    """Which appointments a list asks for, and their order, whose last field is unique."""

    where: Node = AllOf()
    order: tuple[Order, ...] = IN_ORDER


Select = Callable[[Directory], Listing]


def select_all(_directory: Directory) -> Listing:
    """Ask for all, by start and id."""
    return Listing()


async def list_appointments(
    store: Store, principal: Principal, page: int, per_page: int, select: Select = select_all
) -> Page:
    """Give one page (from 1) of what is asked for among the appointments the caller may read.

    Raises what `select` raises.
    """
    directory = await store.directory(principal.tenant_id)
    listing = select(directory)
    found = await store.page(
        Query(
            tenant_id=principal.tenant_id,
            where=AllOf((readable(caller(principal, directory), directory), listing.where)),
            order=listing.order,
            limit=per_page,
            offset=(page - 1) * per_page,
            wants_total=True,
        )
    )
    note_listed(store, principal, directory, found.rows)
    return found


async def list_for_members(store: Store, tenant_id: int, page: int, per_page: int, where: Node) -> Page:
    """Give one page of what is open to every member of its department.

    `where` has to ask for departments; what callers are shown of it they note themselves.
    """
    return await store.page(
        Query(
            tenant_id=tenant_id,
            where=AllOf((LISTED, Test("privacy", Operator.NE, Privacy.OWNER), where)),
            order=IN_ORDER,
            limit=per_page,
            offset=(page - 1) * per_page,
            wants_total=True,
        )
    )


async def has_private(store: Store, tenant_id: int, scope: Node, time: Node) -> bool:
    """Tell whether among these a row is its owner's alone, so that members do not all read the same."""
    private = Test("privacy", Operator.EQ, Privacy.OWNER)
    return await _is_any(store, tenant_id, AllOf((LISTED, scope, time, private)))


async def has_own_elsewhere(
    store: Store, tenant_id: int, who: Associate, departments: tuple[int, ...], time: Node
) -> bool:
    """Tell whether somebody has rows in other departments than these."""
    elsewhere = Test("department_id", Operator.NOT_IN, departments)
    mine = Test("owner_id", Operator.EQ, who.id)
    return await _is_any(store, tenant_id, AllOf((LISTED, mine, time, elsewhere)))


async def _is_any(store: Store, tenant_id: int, where: Node) -> bool:
    found = await store.page(Query(tenant_id=tenant_id, where=where, order=IN_ORDER, limit=1))
    return bool(found.rows)


def readable(who: Associate, _directory: Directory) -> Node:
    """Say `rights.access` >= READ and `rights.is_video_listed` as a filter."""
    return AllOf((LISTED, readable_rows(who)))


def readable_rows(who: Associate) -> Node:
    """Say `rights.access` >= READ as a filter, whatever kind of row it is.

    Whoever filters or orders by what a private row hides has to ask for this too: a row that may not be
    read must not tell its contents by being found.
    """
    departments = Test("department_id", Operator.IN, departments_of(who))
    public: Node = Test("privacy", Operator.EQ, Privacy.PUBLIC)
    in_group = AllOf((Test("privacy", Operator.EQ, Privacy.GROUP), departments))
    open_rows = public if _sees_all(who) else AllOf((public, departments))
    return AnyOf((_own(who), open_rows, in_group, ShownTo(viewer_keys(who))))


def visible_rows(who: Associate) -> Node:
    """Say `rights.access` >= TIMES as a filter: rows that appear, some with start and end only."""
    if _sees_all(who):
        return AllOf()
    departments = Test("department_id", Operator.IN, departments_of(who))
    return AnyOf((_own(who), departments, ShownTo(viewer_keys(who))))


def _own(who: Associate) -> Node:
    return AnyOf((Test("owner_id", Operator.EQ, who.id), Test("created_by", Operator.EQ, who.id)))


def _sees_all(who: Associate) -> bool:
    return who.type not in OUTSIDERS or who.role is Role.ADMINISTRATOR
