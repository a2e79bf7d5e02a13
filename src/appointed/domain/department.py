"""Which department a caller means, and what follows when an appointment goes to another one."""

from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Department, Directory
from appointed.domain.rights import is_member

LONGEST_NUMBER = 10


def find_department(directory: Directory, reference: object) -> Department | None:
    """Find a department by its integer, the same as text, or its UUID; None when nobody is meant."""
    if isinstance(reference, bool) or not isinstance(reference, int | str):
        return None
    if isinstance(reference, int):
        return directory.departments.get(reference)
    text = reference.strip()
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER:
        return directory.departments.get(int(text))
    uid = _uuid(text)
    return next((found for found in directory.departments.values() if found.uid == uid), None)


def move_to_department(row: Appointment, department: Department, directory: Directory) -> Appointment:
    """Give the row to a department; its owner stays if they belong there, else the department's default."""
    owner = directory.associates.get(row.owner_id)
    stays = owner is not None and is_member(owner, department.id)
    return replace(
        row,
        department_id=department.id,
        owner_id=row.owner_id if stays else department.default_associate_id,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
