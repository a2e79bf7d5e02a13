"""Requests become edits of users (ours: ADR 0152)."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from appointed.domain.department import find_department
from appointed.domain.directory import Associate, Directory, View
from appointed.domain.errors import Problem, invalid
from appointed.domain.login import LONGEST_LOGIN, is_login
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import may_see_department
from appointed.sqod.organisation.carrier import ROLES
from appointed.sqod.organisation.rules import LONGEST_NAME
from appointed.sqod.readers import read_boolean, read_reference, text
from appointed.sqod.validation import Broken, Null, Rule, Table, validate
from appointed.usecases.change_password import CURRENT, LONGEST, LONGEST_SHOWN, SHORTEST
from appointed.usecases.change_user import UserEdit

SHORTEST_PASSWORD: Final = SHORTEST
LONGEST_PASSWORD: Final = LONGEST
LONGEST_CURRENT: Final = LONGEST_SHOWN
MOST_DEPARTMENTS: Final = 50
_ROLES: Final[Mapping[str, Role]] = {name: role for role, name in ROLES.items()}

Values = Mapping[str, Any]


class UserInput(NamedTuple):
    """What a request makes of a user; the password is told in clear only until it is hashed."""

    edit: UserEdit
    password: str | None


def read_role(value: Any) -> Role | Broken:
    """Read a role by its name."""
    return _ROLES.get(value, Broken("in")) if isinstance(value, str) else Broken("in")


def read_login(value: Any) -> str | Broken:
    """Read the name one signs in with."""
    found = text(LONGEST_LOGIN)(value)
    return found if isinstance(found, Broken) or is_login(found) else Broken("format")


def read_password(value: Any) -> str | Broken:
    """Take a password as it is, blanks included."""
    if not isinstance(value, str):
        return Broken("string")
    if len(value) < SHORTEST_PASSWORD:
        return Broken("min", SHORTEST_PASSWORD)
    return value if len(value) <= LONGEST_PASSWORD else Broken("max", LONGEST_PASSWORD)


def read_references(value: Any) -> tuple[Any, ...] | Broken:
    """Read a list of departments, at least one; none counts twice."""
    if not isinstance(value, dict | list):
        return Broken("array")
    rows = list(value.values()) if isinstance(value, dict) else value
    if not rows:
        return Broken("required")
    if len(rows) > MOST_DEPARTMENTS:
        return Broken("most", MOST_DEPARTMENTS)
    read = [read_reference(row) for row in rows]
    return next((one for one in read if isinstance(one, Broken)), tuple(read))


UPDATE: Final[Table] = {
    "name": Rule(read=text(LONGEST_NAME)),
    "role": Rule(read=read_role, null=Null.LEAVES),
    "department_ids": Rule(read=read_references),
    "is_active": Rule(read=read_boolean, null=Null.LEAVES),
    "password": Rule(read=read_password, null=Null.LEAVES),
}
STORE: Final[Table] = {
    "name": replace(UPDATE["name"], is_required=True),
    "login": Rule(read=read_login, is_required=True),
    "role": UPDATE["role"],
    "department_ids": replace(UPDATE["department_ids"], is_required=True),
    "password": Rule(read=read_password, is_required=True),
}


OWN_PASSWORD: Final[Table] = {
    CURRENT: Rule(read=text(LONGEST_CURRENT), is_required=True),
    "password": Rule(read=read_password, is_required=True),
}


def to_own_password(given: Values) -> tuple[str, str]:
    """Read the current password and a new one; raises InvalidAppointment. `given` is untrimmed."""
    values, broken = validate(given, OWN_PASSWORD)
    if broken:
        raise invalid(broken)
    return values[CURRENT], values["password"]


def to_user(given: Values, principal: Principal, table: Table) -> UserInput:
    """Make the edit that makes (STORE) or changes (UPDATE) a user; it raises InvalidAppointment.

    `given` is trimmed, but for its password.
    """
    values, broken = validate(given, table)

    def edit(before: Associate | None, view: View) -> Associate:
        groups, unknown = _departments(values.get("department_ids", ()), principal, view.directory)
        if broken or unknown:
            raise invalid([*broken, *unknown])
        # A new one has all that they must have by now.
        stands = before or Associate(id=0, name=values["login"], full_name="")
        return replace(stands, **_changes(values, groups))

    return UserInput(edit, values.get("password"))


def _changes(values: Values, groups: tuple[int, ...]) -> dict[str, Any]:
    read: dict[str, Callable[[Any], dict[str, Any]]] = {
        "name": lambda name: {"full_name": name},
        "role": lambda role: {"role": role},
        "department_ids": lambda _given: {"group_id": groups[0], "department_ids": groups[1:]},
        "is_active": lambda is_active: {"is_deleted": not is_active},
    }
    changes: dict[str, Any] = {}
    for wire, change in read.items():
        if wire in values:
            changes |= change(values[wire])
    return changes


def _departments(
    references: tuple[Any, ...], principal: Principal, directory: Directory
) -> tuple[tuple[int, ...], list[Problem]]:
    found, unknown = [], []
    for place, reference in enumerate(references):
        department = find_department(directory, reference)
        if department is None or not may_see_department(principal, department.id, directory):
            unknown.append(Problem(f"department_ids.{place}", "exists"))
        else:
            found.append(department.id)
    return tuple(dict.fromkeys(found)), unknown
