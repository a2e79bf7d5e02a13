"""Create, change or remove a department, and tell which departments a caller may know of."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from appointed.domain.directory import Department, Directory, Record, View
from appointed.domain.errors import Forbidden, Problem, RecordInUse, RecordNotFound, invalid
from appointed.domain.principal import Principal
from appointed.domain.rights import (
    is_member,
    may_administer,
    may_administer_department,
    may_see_department,
)
from appointed.domain.waiting_area import waiting_areas
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import Outcome, RecordChange, RecordDecision, Store

KIND: Final = "department"
NEW_ID: Final = 0

# The department as it stands (None for a new one), and the view → the department as it shall be, if any.
DepartmentEdit = Callable[[Department | None, View], Department | None]


async def create_department(store: Store, call: Call, edit: DepartmentEdit) -> Outcome:
    """Add a department; raises Forbidden, InvalidAppointment, or what `edit` raises."""

    def permit(_record: Record | None, view: View) -> None:
        if not may_administer(call.principal, view.directory):
            raise Forbidden(KIND)

    return await store.change_record(_change(call, NEW_ID, permit, edit))


async def change_department(store: Store, call: Call, department_id: int, edit: DepartmentEdit) -> Outcome:
    """Change a department; raises RecordNotFound, Forbidden, PreconditionFailed, InvalidAppointment."""

    def permit(_record: Record | None, view: View) -> None:
        read_department(call.principal, view.directory, department_id)
        if not may_administer_department(call.principal, department_id, view.directory):
            raise Forbidden(KIND)

    return await store.change_record(_change(call, department_id, permit, edit))


async def delete_department(store: Store, call: Call, department_id: int) -> Outcome:
    """Remove a department that nothing belongs to; for administrators of all.

    Raises RecordNotFound, Forbidden, PreconditionFailed, and RecordInUse with what stands in the way.
    """

    def permit(_record: Record | None, view: View) -> None:
        read_department(call.principal, view.directory, department_id)
        if not may_administer(call.principal, view.directory):
            raise Forbidden(KIND)

    def counted(appointments: int, view: View) -> None:
        found = {"appointments": appointments, **_belonging(department_id, view.directory)}
        in_use = {name: count for name, count in found.items() if count}
        if in_use:
            raise RecordInUse(KIND, in_use)

    change = _change(call, department_id, permit, lambda _record, _view: None)
    return await store.change_record(replace(change, counted=counted))


def _belonging(department_id: int, directory: Directory) -> dict[str, int]:
    """Count what of the directory refers to a department; its last one is the tenant's default."""
    users = (one for one in directory.associates.values() if is_member(one, department_id))
    areas = (one for one in waiting_areas(directory).values() if one.department_id == department_id)
    return {
        "users": sum(1 for _user in users),
        "waiting_areas": sum(1 for _area in areas),
        "default_of_the_customer": int(directory.tenant.default_department_id == department_id),
    }


def read_department(principal: Principal, directory: Directory, department_id: int) -> Department:
    """Find a department that the caller may know of; raises RecordNotFound."""
    found = directory.departments.get(department_id)
    if found is None or not may_see_department(principal, department_id, directory):
        raise RecordNotFound(KIND, department_id)
    return found


def departments_seen(principal: Principal, directory: Directory) -> list[Department]:
    """List the departments that the caller may know of, by name."""
    seen = (one for one in directory.departments.values() if may_see_department(principal, one.id, directory))
    return sorted(seen, key=lambda one: (one.name.lower(), one.id))


def _change(
    call: Call, record_id: int, permit: Callable[[Record | None, View], None], edit: DepartmentEdit
) -> RecordChange:
    def decide(before: Record | None, view: View) -> RecordDecision:
        stands = before if isinstance(before, Department) else None
        after = edit(stands, view)
        if after is None:
            return RecordDecision(None)
        problems = tuple(department_problems(stands, after, view.directory))
        if problems:
            raise invalid(problems)
        return RecordDecision(after)

    return RecordChange(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        kind=KIND,
        record_id=record_id,
        permit=permit,
        decide=decide,
        precondition=call.precondition,
        dry_run=call.dry_run,
        idempotency=call.idempotency,
    )


def department_problems(
    before: Department | None, after: Department, directory: Directory
) -> Iterator[Problem]:
    """List what only the directory can tell; what did not change is not judged again."""
    if before is None or after.name != before.name:
        others = (one for one in directory.departments.values() if one.id != after.id)
        if any(one.name.lower() == after.name.lower() for one in others):
            yield Problem("name", "unique")
    if before is None or after.default_associate_id != before.default_associate_id:
        owner = directory.associates.get(after.default_associate_id)
        if owner is None or owner.is_deleted:
            yield Problem("default_user_id", "exists")
