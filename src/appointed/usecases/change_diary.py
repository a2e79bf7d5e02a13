"""Say when somebody works and whether their time is given away once, and tell whose diaries one knows of."""

from collections.abc import Callable
from typing import Final

from appointed.domain.directory import Associate, AssociateType, Directory, Record, View
from appointed.domain.errors import Forbidden, RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import may_administer_diary, may_see_user
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, RecordChange, RecordDecision, Store

KIND: Final = "associate"
DIARY: Final = "diary"
# Programs have no diary, and whoever has no name has none of their own.
NO_DIARY: Final = frozenset({AssociateType.SYSTEM, AssociateType.ANONYMOUS})

# The diary's owner as they stand, and as they shall be: the hours and the switch alone may differ.
DiaryEdit = Callable[[Associate], Associate]


async def change_diary(store: Store, call: Call, owner_id: int, edit: DiaryEdit) -> Outcome:
    """Change a diary: its owner the own hours, an administrator of theirs also whether it is exclusive.

    A diary that becomes exclusive holds what stands in it; of what overlaps already the earliest holds.
    Raises RecordNotFound, Forbidden, PreconditionFailed, or what `edit` raises.
    """

    def permit(_record: Record | None, view: View) -> None:
        owner = read_diary(call.principal, view.directory, owner_id)
        if owner.id != call.principal.associate_id and not _administers(call, owner, view.directory):
            raise Forbidden(DIARY)

    def decide(before: Record | None, view: View) -> RecordDecision:
        if not isinstance(before, Associate):
            raise TypeError("a diary of nobody")
        after = edit(before)
        if after.is_exclusive is not before.is_exclusive and not _administers(call, before, view.directory):
            raise Forbidden(DIARY, members=("is_exclusive",))
        return RecordDecision(after)

    return await store.change_record(
        RecordChange(
            tenant_id=call.principal.tenant_id,
            principal=call.principal,
            door=call.door,
            kind=KIND,
            record_id=owner_id,
            permit=permit,
            decide=decide,
            precondition=call.precondition,
            dry_run=call.dry_run,
            idempotency=call.idempotency,
        )
    )


def read_diary(principal: Principal, directory: Directory, owner_id: int) -> Associate:
    """Find the owner of a diary that the caller may know of; raises RecordNotFound."""
    found = directory.associates.get(owner_id)
    if found is None or not _may_know(principal, found, directory):
        raise RecordNotFound(DIARY, owner_id)
    return found


def diaries_seen(principal: Principal, directory: Directory) -> list[Associate]:
    """List the owners of the diaries that the caller may know of, by name."""
    seen = (one for one in directory.associates.values() if _may_know(principal, one, directory))
    return sorted(seen, key=lambda one: (one.full_name.lower(), one.id))


def _may_know(principal: Principal, owner: Associate, directory: Directory) -> bool:
    has_diary = owner.type not in NO_DIARY and not owner.is_deleted
    return has_diary and may_see_user(principal, owner, directory)


def _administers(call: Call, owner: Associate, directory: Directory) -> bool:
    return may_administer_diary(call.principal, owner, directory)
