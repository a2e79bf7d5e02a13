"""Create, change or remove a waiting area, and tell which a caller may know of."""

from collections.abc import Callable, Iterator
from typing import Final

from appointed.domain.directory import Directory, Record, View, WaitingArea
from appointed.domain.errors import Forbidden, Problem, RecordNotFound, invalid
from appointed.domain.principal import Principal
from appointed.domain.rights import may_administer_department, may_administer_users, may_see_department
from appointed.domain.waiting_area import KIND, waiting_areas
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, RecordChange, RecordDecision, Store

NEW_ID: Final = 0

# The area as it stands (None for a new one), and the view → the area as it shall be, None for none.
AreaEdit = Callable[[WaitingArea | None, View], WaitingArea | None]


async def create_waiting_area(store: Store, call: Call, edit: AreaEdit) -> Outcome:
    """Add a waiting area; raises Forbidden, InvalidAppointment, or what `edit` raises."""

    def permit(_record: Record | None, view: View) -> None:
        # Who administers no department is told so before what is wrong with the rest.
        if not may_administer_users(call.principal, view.directory):
            raise Forbidden(KIND)

    return await store.change_record(_change(call, NEW_ID, permit, edit))


async def change_waiting_area(store: Store, call: Call, area_id: int, edit: AreaEdit) -> Outcome:
    """Change or remove one; raises RecordNotFound, Forbidden, PreconditionFailed, InvalidAppointment."""

    def permit(_record: Record | None, view: View) -> None:
        found = read_waiting_area(call.principal, view.directory, area_id)
        if not may_administer_department(call.principal, found.department_id, view.directory):
            raise Forbidden(KIND)

    return await store.change_record(_change(call, area_id, permit, edit))


def read_waiting_area(principal: Principal, directory: Directory, area_id: int) -> WaitingArea:
    """Find a waiting area that the caller may know of; raises RecordNotFound."""
    found = waiting_areas(directory).get(area_id)
    if found is None or not may_see_department(principal, found.department_id, directory):
        raise RecordNotFound(KIND, area_id)
    return found


def waiting_areas_seen(principal: Principal, directory: Directory) -> list[WaitingArea]:
    """List the waiting areas that the caller may know of, by name."""
    areas = waiting_areas(directory).values()
    seen = (one for one in areas if may_see_department(principal, one.department_id, directory))
    return sorted(seen, key=lambda one: (one.name.lower(), one.id))


def _change(
    call: Call, area_id: int, permit: Callable[[Record | None, View], None], edit: AreaEdit
) -> RecordChange:
    def decide(before: Record | None, view: View) -> RecordDecision:
        stands = before if isinstance(before, WaitingArea) else None
        after = edit(stands, view)
        if after is None:
            return RecordDecision(None)
        if not may_administer_department(call.principal, after.department_id, view.directory):
            raise Forbidden(KIND)
        problems = tuple(_problems(stands, after, view.directory))
        if problems:
            raise invalid(problems)
        return RecordDecision(after)

    return RecordChange(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        kind=KIND,
        record_id=area_id,
        permit=permit,
        decide=decide,
        precondition=call.precondition,
        dry_run=call.dry_run,
        idempotency=call.idempotency,
    )


def _problems(before: WaitingArea | None, after: WaitingArea, directory: Directory) -> Iterator[Problem]:
    """List what only the directory can tell; a name is given once in a department."""
    told = (after.name.lower(), after.department_id)
    if before is not None and (before.name.lower(), before.department_id) == told:
        return
    others = (one for one in waiting_areas(directory).values() if one.id != after.id)
    if any((one.name.lower(), one.department_id) == told for one in others):
        yield Problem("name", "unique")
