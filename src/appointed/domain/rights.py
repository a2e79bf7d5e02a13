"""Who may see and change what: one table, asked by both contracts through the same few functions.

How close a caller stands to a row, and the caller's role, give rights (`GRANTS`). Privacy hides the contents
from everybody else, and what an outside system owns is changed there.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from appointed.domain.appointment import Appointment, ExternalOwner, Kind, Privacy, Visibility
from appointed.domain.directory import Associate, AssociateType, Directory, View
from appointed.domain.errors import Forbidden, Unauthenticated
from appointed.domain.principal import SERVER_ID, Principal, Role
from appointed.domain.status import Status


class Access(IntEnum):
    """How far a caller may go with a row; each step includes those before it.

    TIMES: start and end. ANSWER: what an invitee sets in their own row. ANNOTATE: what may be changed of
    another system's row. CHANGE: all but who takes part. OWN: all.
    """

    NOTHING = 0
    TIMES = 1
    READ = 2
    ANSWER = 3
    ANNOTATE = 4
    CHANGE = 5
    OWN = 6


class Ownership(IntEnum):
    """How close a caller stands to a row; a secretary is an administrator or belongs to its department."""

    NONE = 0
    PARTICIPANT_SECRETARY = 1
    PARTICIPANT = 2
    OWNER_SECRETARY = 3
    OWNER = 4


class Known(IntEnum):
    """How much a caller may know of a user; each step includes those before it.

    NAME: who they are, what they sign in as and where they belong, as the rows that they appear in show it.
    WHOLE: also their role, their other departments, and their e-mail and telephones.
    """

    NOTHING = 0
    NAME = 1
    WHOLE = 2


class Rights(NamedTuple):
    """What a caller may do with a row."""

    access: Access
    may_delete: bool = False


class Keys(NamedTuple):
    """Which keys of our own meeting a caller gets to see: the room's, and the claimant's.

    The room's makes a moderator of whoever has it; behind the claimant's one speaks for the claimant.
    """

    room: bool
    claimant: bool


EVERY_KEY: Final = Keys(room=True, claimant=True)
HIDDEN: Final = Rights(Access.NOTHING)
TIMES: Final = Rights(Access.TIMES)
READ: Final = Rights(Access.READ)
FULL: Final = Rights(Access.OWN, may_delete=True)
_ANSWERS: Final = Rights(Access.ANSWER, may_delete=True)

# The table. What privacy hides, and what an outside system owns, comes on top.
GRANTS: Final[Mapping[Ownership, Mapping[Role, Rights]]] = {
    Ownership.OWNER: dict.fromkeys(Role, FULL),
    Ownership.OWNER_SECRETARY: {
        Role.ADMINISTRATOR: FULL,
        Role.DEPARTMENT_ADMINISTRATOR: FULL,
        Role.SCHEDULER: FULL,
        Role.AGENT: Rights(Access.CHANGE),
    },
    Ownership.PARTICIPANT: dict.fromkeys(Role, _ANSWERS),
    Ownership.PARTICIPANT_SECRETARY: {
        Role.ADMINISTRATOR: _ANSWERS,
        Role.DEPARTMENT_ADMINISTRATOR: _ANSWERS,
        Role.SCHEDULER: _ANSWERS,
        Role.AGENT: Rights(Access.ANSWER),
    },
    Ownership.NONE: dict.fromkeys(Role, READ),
}

# Programs and guests have no colleagues: outside their own departments nothing exists for them.
OUTSIDERS: Final = frozenset({AssociateType.SYSTEM, AssociateType.EXTERNAL, AssociateType.ANONYMOUS})
GUESTS: Final = frozenset({AssociateType.EXTERNAL, AssociateType.ANONYMOUS})

# What each kind of caller may know of a user: of anybody, and of who shares a department with them.
KNOWN: Final[Mapping[AssociateType, tuple[Known, Known]]] = {
    AssociateType.INTERNAL: (Known.WHOLE, Known.WHOLE),
    AssociateType.RESOURCE: (Known.NAME, Known.NAME),
    AssociateType.SYSTEM: (Known.NOTHING, Known.WHOLE),
    AssociateType.EXTERNAL: (Known.NOTHING, Known.NAME),
    AssociateType.ANONYMOUS: (Known.NOTHING, Known.NAME),
}

# Members that each limited access may change; CHANGE may change all but `OWNERS_ALONE`.
ANSWERS: Final = frozenset({"priority_id", "has_alarm", "alarm_minutes", "status"})
ANNOTATIONS: Final = ANSWERS | {"kind", "contact_id", "is_free", "sale_id", "project_id", "internal_notes"}
CHANGEABLE: Final = {Access.ANSWER: ANSWERS, Access.ANNOTATE: ANNOTATIONS}
OWNERS_ALONE: Final = frozenset({"participants"})

# What an outside system owns may be deleted here when it is that old.
EXTERNAL_KEPT: Final = timedelta(days=7)

# Whom the server itself acts as: what it does follows tables of its own, and no row is closed to it.
SERVER: Final = Associate(
    id=SERVER_ID, name="server", full_name="", type=AssociateType.SYSTEM, role=Role.ADMINISTRATOR
)

NOBODY: Final[frozenset[int]] = frozenset()

DIARY_KINDS: Final = frozenset({Kind.DIARY, Kind.BOOKING_FOR_DIARY})


def caller(principal: Principal, directory: Directory) -> Associate:
    """Give the associate behind the caller; one that was deleted meanwhile is nobody."""
    associate = directory.associates.get(principal.associate_id)
    if associate is None and principal.associate_id == SERVER_ID:
        return SERVER
    if associate is None or associate.is_deleted:
        raise Unauthenticated
    return associate


def access(principal: Principal, row: Appointment, directory: Directory) -> Access:
    """Tell how far the caller may go with this row."""
    who = caller(principal, directory)
    found = _granted(who, row).access
    return min(found, Access.ANNOTATE) if _is_kept_elsewhere(who, row) else found


def rights(principal: Principal, row: Appointment, view: View) -> Rights:
    """Tell all that the caller may do with this row now."""
    who = caller(principal, view.directory)
    found = _granted(who, row)
    if not _is_kept_elsewhere(who, row):
        return found
    is_old = row.ends_at < view.now - EXTERNAL_KEPT
    return Rights(min(found.access, Access.ANNOTATE), found.may_delete and is_old)


def may_set(granted: Access, member: str) -> bool:
    """Tell whether this access includes changing a member (by the domain's name)."""
    if granted >= Access.CHANGE:
        return granted is Access.OWN or member not in OWNERS_ALONE
    return member in CHANGEABLE.get(granted, ())


def refused(granted: Access, before: Appointment, after: Appointment) -> tuple[str, ...]:
    """List the members that an edit changes beyond this access, by the domain's names."""
    if granted is Access.OWN:
        return ()
    asked = OWNERS_ALONE if granted is Access.CHANGE else Appointment.__struct_fields__
    names = [name for name in asked if getattr(before, name) != getattr(after, name)]
    # Who may say that they are done may not call the whole thing off.
    is_called_off = granted < Access.CHANGE and after.status is Status.CANCELLED
    return tuple(name for name in names if not may_set(granted, name) or (name == "status" and is_called_off))


def keys(principal: Principal, row: Appointment, granted: Access) -> Keys:
    """Tell which keys of a row's meeting this access opens; who may only read gets none (ADR 209).

    The room is for who answers for the appointment and for who is invited to it, the claimant's link for who
    may change it.
    """
    if granted is Access.READ:
        invited = (one.associate_id for one in row.participants)
        return Keys(principal.associate_id in invited, claimant=False)
    return Keys(granted >= Access.ANSWER, granted >= Access.CHANGE)


def may_create(principal: Principal, owner_id: int, directory: Directory) -> bool:
    """Tell whether the caller may put a row into that associate's diary."""
    who = caller(principal, directory)
    if who.id == owner_id or who.role is Role.ADMINISTRATOR:
        return True
    owner = directory.associates.get(owner_id)
    if owner is None:
        return False
    if owner.type is AssociateType.RESOURCE and who.type not in OUTSIDERS:
        return True
    return any(is_member(who, group) for group in departments_of(owner))


def may_move(principal: Principal, before: Appointment, after: Appointment, directory: Directory) -> bool:
    """Tell whether the caller may give a row from one department to another.

    Into their own reach anybody may who may change it; out of it, who has all rights on it.
    """
    who = caller(principal, directory)
    if is_member(who, after.department_id) or access(principal, after, directory) >= Access.CHANGE:
        return True
    return access(principal, before, directory) is Access.OWN


def may_administer(principal: Principal, directory: Directory) -> bool:
    """Tell whether the caller may change what all of the tenant shares: fields, lists, users, webhooks."""
    return caller(principal, directory).role is Role.ADMINISTRATOR


def may_administer_department(principal: Principal, department_id: int, directory: Directory) -> bool:
    """Tell whether the caller may change a department: administrators all, its own administrators theirs."""
    who = caller(principal, directory)
    if who.role is Role.DEPARTMENT_ADMINISTRATOR:
        return is_member(who, department_id)
    return who.role is Role.ADMINISTRATOR


def audited(principal: Principal, directory: Directory) -> tuple[int, ...] | None:
    """List the departments whose entries of the audit log the caller may read; None: all of the log.

    Raises Forbidden for whoever administers nothing.
    """
    who = caller(principal, directory)
    if who.role is Role.ADMINISTRATOR:
        return None
    if who.role is not Role.DEPARTMENT_ADMINISTRATOR:
        raise Forbidden("audit_entry")
    return departments_of(who)


def may_administer_users(principal: Principal, directory: Directory) -> bool:
    """Tell whether the caller may make or change users at all."""
    return caller(principal, directory).role in (Role.ADMINISTRATOR, Role.DEPARTMENT_ADMINISTRATOR)


def may_administer_user(principal: Principal, user: Associate, directory: Directory) -> bool:
    """Tell whether the caller may make, or change, a user who is like this.

    Administrators may all; a department's administrators those of their own departments alone, and nobody
    who may more than they.
    """
    who = caller(principal, directory)
    if who.role is Role.ADMINISTRATOR:
        return True
    if who.role is not Role.DEPARTMENT_ADMINISTRATOR or user.role is Role.ADMINISTRATOR:
        return False
    # Colleagues see more than a program does that sees its departments alone.
    if who.type in OUTSIDERS and user.type not in OUTSIDERS:
        return False
    groups = departments_of(user)
    return bool(groups) and all(is_member(who, group) for group in groups)


def may_administer_diary(principal: Principal, owner: Associate, directory: Directory) -> bool:
    """Tell whether the caller may say what holds of a whole diary, a room's too.

    Administrators of all, a department's administrators of those that are in their own departments alone.
    """
    who = caller(principal, directory)
    groups = departments_of(owner)
    if who.role is Role.DEPARTMENT_ADMINISTRATOR:
        return bool(groups) and all(is_member(who, group) for group in groups)
    return who.role is Role.ADMINISTRATOR


def may_see_department(principal: Principal, department_id: int, directory: Directory) -> bool:
    """Tell whether the caller may know of a department: colleagues of all, outsiders of their own."""
    who = caller(principal, directory)
    return who.type not in OUTSIDERS or who.role is Role.ADMINISTRATOR or is_member(who, department_id)


def known(principal: Principal, user: Associate, directory: Directory) -> Known:
    """Tell how much the caller may know of a user; of themselves, and administrators of all, everything."""
    who = caller(principal, directory)
    if who.id == user.id or who.role is Role.ADMINISTRATOR:
        return Known.WHOLE
    # Customers who are guests of the same department are none of each other's business.
    if who.type in GUESTS and user.type in OUTSIDERS:
        return Known.NOTHING
    anybody, near = KNOWN[who.type]
    return near if any(is_member(who, group) for group in departments_of(user)) else anybody


def may_see_user(principal: Principal, user: Associate, directory: Directory) -> bool:
    """Tell whether the caller may know of a user at all."""
    return known(principal, user, directory) > Known.NOTHING


def may_name(principal: Principal, associate_id: int, directory: Directory) -> bool:
    """Tell whether a request may name an associate, there or not: whom the caller may know of (ADR 0229)."""
    found = directory.associates.get(associate_id)
    if found is not None:
        return may_see_user(principal, found, directory)
    who = caller(principal, directory)
    return who.role is Role.ADMINISTRATOR or KNOWN[who.type][0] > Known.NOTHING


def demand_nameable(principal: Principal, associate_id: int, directory: Directory) -> None:
    """Raise Forbidden where a request may not name this associate, whether or not they are there."""
    if not may_name(principal, associate_id, directory):
        raise Forbidden("associate")


def viewers(row: Appointment) -> frozenset[int]:
    """List whom a row that is not public names as its readers, beside its owner and its own department.

    An associate stands by id, a department by its id below 0, as in `viewer_keys`.
    """
    if row.privacy is Privacy.PUBLIC:
        return NOBODY
    named = {
        one.id if one.visibility is Visibility.ASSOCIATE else -one.id
        for one in row.visible_for
        if one.visibility is not Visibility.ALL
    }
    return frozenset(named - {row.owner_id, -row.department_id})


def viewer_keys(who: Associate) -> tuple[int, ...]:
    """Tell by what an associate is named among the readers of a row."""
    return (who.id, *(-department for department in departments_of(who)))


def ownership(who: Associate, row: Appointment) -> Ownership:
    """Tell how close the caller stands to a row."""
    is_invitation = row.is_booking_row
    if who.id == row.owner_id:
        return Ownership.PARTICIPANT if is_invitation else Ownership.OWNER
    if who is SERVER or (who.id == row.created_by and not is_invitation):
        return Ownership.OWNER
    if who.role is Role.ADMINISTRATOR or is_member(who, row.department_id):
        return Ownership.PARTICIPANT_SECRETARY if is_invitation else Ownership.OWNER_SECRETARY
    return Ownership.NONE


def is_member(associate: Associate, department_id: int) -> bool:
    """Tell whether the department is the associate's home or one of its others."""
    if department_id == associate.group_id:
        return department_id != 0
    return department_id in associate.department_ids


def departments_of(associate: Associate) -> tuple[int, ...]:
    """List the associate's departments, the home first."""
    home = (associate.group_id,) if associate.group_id else ()
    return home + tuple(other for other in associate.department_ids if other != associate.group_id)


def is_video_listed(row: Appointment) -> bool:
    """Tell whether SQOD speaks of such a row at all: single diary rows and booking masters."""
    return row.kind in DIARY_KINDS and not row.is_booking_row


def _granted(who: Associate, row: Appointment) -> Rights:
    near = ownership(who, row)
    if near is Ownership.OWNER:
        return FULL
    if near is Ownership.NONE and who.type in OUTSIDERS:
        return READ if _is_shown(who, row) else HIDDEN
    if near is not Ownership.PARTICIPANT and _is_private(who, row):
        return READ if _is_shown(who, row) else TIMES
    return GRANTS[near][who.role]


def _is_shown(who: Associate, row: Appointment) -> bool:
    # Who invites makes the guests' rows: they know what stands there, and answer for nobody by it.
    return who.id == row.created_by or not viewers(row).isdisjoint(viewer_keys(who))


def _is_private(who: Associate, row: Appointment) -> bool:
    if row.privacy is Privacy.GROUP:
        return not is_member(who, row.department_id)
    return row.privacy is Privacy.OWNER


def _is_kept_elsewhere(who: Associate, row: Appointment) -> bool:
    # The program that keeps the two in step is a system associate; an administrator may mend.
    if row.external_owner is ExternalOwner.NONE:
        return False
    return who.type is not AssociateType.SYSTEM and who.role is not Role.ADMINISTRATOR
