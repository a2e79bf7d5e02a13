"""Who may see and change what: functions of (principal, row, directory), asked by both contracts."""

from enum import IntEnum

from appointed.domain.appointment import Appointment, Kind, Privacy
from appointed.domain.directory import Associate, AssociateType, Directory
from appointed.domain.errors import Forbidden, Unauthenticated
from appointed.domain.principal import Principal, Role


class Access(IntEnum):
    """What a caller may do with a row; each step includes those before it."""

    NOTHING = 0
    TIMES = 1
    READ = 2
    CHANGE = 3
    DELETE = 4


# What the department's members may do with a colleague's row, by role; owners and creators may do all.
BY_ROLE = {
    Role.ADMINISTRATOR: Access.DELETE,
    Role.DEPARTMENT_ADMINISTRATOR: Access.DELETE,
    Role.SCHEDULER: Access.DELETE,
    Role.AGENT: Access.CHANGE,
}

DIARY_KINDS = frozenset({Kind.DIARY, Kind.BOOKING_FOR_DIARY})


def caller(principal: Principal, directory: Directory) -> Associate:
    """Give the associate behind the caller; one that was deleted meanwhile is nobody."""
    associate = directory.associates.get(principal.associate_id)
    if associate is None or associate.is_deleted:
        raise Unauthenticated
    return associate


def access(principal: Principal, row: Appointment, directory: Directory) -> Access:
    """Tell how far the caller may go with this row."""
    who = caller(principal, directory)
    if who.id in (row.owner_id, row.created_by):
        return Access.DELETE
    is_colleague = is_member(who, row.department_id)
    if row.privacy is Privacy.OWNER or (row.privacy is Privacy.GROUP and not is_colleague):
        return Access.TIMES
    if who.role is Role.ADMINISTRATOR or is_colleague:
        return BY_ROLE[who.role]
    return Access.NOTHING if who.type is AssociateType.SYSTEM else Access.READ


def may_create(principal: Principal, owner_id: int, directory: Directory) -> bool:
    """Tell whether the caller may put a row into that associate's diary."""
    who = caller(principal, directory)
    if who.id == owner_id or who.role is Role.ADMINISTRATOR:
        return True
    owner = directory.associates.get(owner_id)
    if owner is None:
        return False
    return owner.type is AssociateType.RESOURCE or any(
        is_member(who, group) for group in departments_of(owner)
    )


def demand(principal: Principal, row: Appointment, directory: Directory, needed: Access) -> None:
    """Raise Forbidden unless the caller may go that far."""
    if access(principal, row, directory) < needed:
        raise Forbidden


def is_member(associate: Associate, department_id: int) -> bool:
    """Tell whether the department is the associate's home or one of its others."""
    return department_id == associate.group_id or department_id in associate.department_ids


def departments_of(associate: Associate) -> tuple[int, ...]:
    """List the associate's departments, the home first."""
    home = (associate.group_id,) if associate.group_id else ()
    return home + tuple(other for other in associate.department_ids if other != associate.group_id)


def is_video_listed(row: Appointment) -> bool:
    """Tell whether SQOD speaks of such a row at all: single diary rows and booking masters."""
    return row.kind in DIARY_KINDS and not row.is_booking_row
