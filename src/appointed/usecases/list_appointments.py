"""List video appointments as far as the caller's role reaches."""

from appointed.domain.appointment import Kind, Privacy
from appointed.domain.directory import Associate, AssociateType, Directory
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import caller, departments_of
from appointed.usecases.ports import Page, Store
from appointed.usecases.query import AllOf, AnyOf, Node, Operator, Query, Test

LISTED_KINDS = (Kind.DIARY, Kind.BOOKING_FOR_DIARY)


async def list_appointments(store: Store, principal: Principal, page: int, per_page: int) -> Page:
    """Give one page (from 1) of the diary appointments the caller may read, by start and id."""
    directory = await store.directory(principal.tenant_id)
    return await store.page(
        Query(
            tenant_id=principal.tenant_id,
            where=readable(caller(principal, directory), directory),
            limit=per_page,
            offset=(page - 1) * per_page,
            wants_total=True,
        )
    )


def readable(who: Associate, _directory: Directory) -> Node:
    """Say `rights.access` >= READ and `rights.is_video_listed` as a filter."""
    departments = Test("department_id", Operator.IN, departments_of(who))
    own = AnyOf((Test("owner_id", Operator.EQ, who.id), Test("created_by", Operator.EQ, who.id)))
    public = Test("privacy", Operator.EQ, Privacy.PUBLIC)
    in_group = AllOf((Test("privacy", Operator.EQ, Privacy.GROUP), departments))
    sees_all = who.type is not AssociateType.SYSTEM or who.role is Role.ADMINISTRATOR
    shared: Node = AnyOf((public, in_group)) if sees_all else AllOf((AnyOf((public, in_group)), departments))
    return AllOf(
        (
            Test("kind", Operator.IN, LISTED_KINDS),
            Test("is_booking_row", Operator.EQ, False),
            AnyOf((own, shared)),
        )
    )
