"""The form that makes or changes a user: what stands in its fields, and what of it is sent on."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.console.agents.edit_form import OFF, ON, Group, Look, Shown, Typed, show_field
from appointed.domain.directory import Associate, Department
from appointed.domain.errors import Problem
from appointed.domain.principal import Role

HOME: Final = "home"
OTHER: Final = "department."
PASSWORD: Final = "password"  # noqa: S105 - the name of a field
PLAIN: Final = ("name", "login", "role", "is_active")
# Whatever is wrong with the departments of a user is told beside the first of them.
FIELDS: Final = {**dict.fromkeys((*PLAIN, PASSWORD), ""), "department_ids": HOME}


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What may be chosen, and which fields there are, for somebody who changes somebody."""

    roles: tuple[Role, ...]
    departments: tuple[Department, ...]
    has_password: bool = True
    has_state: bool = True


def values_of(user: Associate | None, offered: Offered) -> dict[str, str]:
    """Give what stands in each field for a user as they are, or for a new one."""
    home = user.group_id if user else next((one.id for one in offered.departments), 0)
    others = user.department_ids if user else ()
    plain = {
        "name": user.full_name if user else "",
        "role": user.role if user else Role.AGENT,
        HOME: str(home or ""),
    }
    if offered.has_password:
        plain[PASSWORD] = ""
    if user is None:
        plain["login"] = ""
    elif offered.has_state:
        plain["is_active"] = OFF if user.is_deleted else ON
    is_other = {one.id: one.id in others and one.id != home for one in offered.departments}
    return plain | {f"{OTHER}{number}": ON if is_in else OFF for number, is_in in is_other.items()}


def changes_of(
    given: Mapping[str, str], was: Mapping[str, str], password: str, *, is_new: bool
) -> dict[str, Any]:
    """Make what the use case takes: of a new user everything, of one who stands what is not as it was."""
    changed = {name for name, text in given.items() if is_new or text != was.get(name, "")}
    update: dict[str, Any] = {name: given[name] for name in PLAIN if name in changed}
    if password or is_new:
        update[PASSWORD] = password
    if any(name == HOME or name.startswith(OTHER) for name in changed):
        others = [name.removeprefix(OTHER) for name, text in given.items() if is_on(name, text)]
        ids = dict.fromkeys([given.get(HOME, was.get(HOME, "")), *others])
        update["department_ids"] = [one for one in ids if one]
    return update


def is_on(name: str, text: str) -> bool:
    """Tell whether a field says that a user belongs to a department."""
    return name.startswith(OTHER) and text == ON


def sort_problems(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Put each problem to the field that it is about, "" for those about none."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        name = problem.path.partition(".")[0]
        field = FIELDS.get(name)
        found.setdefault("" if field is None else field or name, []).append(problem)
    return found


def shown(user: Associate | None, offered: Offered, typed: Typed) -> list[Group]:
    """Lay out the form; what was typed stays, but for a password."""
    now = values_of(user, offered)
    labels = {f"{OTHER}{one.id}": one.name for one in offered.departments}
    homes = tuple((str(one.id), one.name) for one in offered.departments)
    choices = {
        "role": tuple((role.value, f"=role.{role}") for role in offered.roles),
        HOME: homes if now[HOME] else (("", ""), *homes),
    }
    looks = {"role": Look.CHOICE, HOME: Look.CHOICE, PASSWORD: Look.PASSWORD, "is_active": Look.SWITCH}
    needed = {"name", "login"} | ({PASSWORD} if user is None else set())

    # A password goes one way.
    back = replace(typed, given={name: text for name, text in typed.given.items() if name != PASSWORD})

    def show(name: str) -> Shown:
        return show_field(
            name,
            looks.get(name, Look.SWITCH if name in labels else Look.TEXT),
            now[name],
            back,
            is_required=name in needed,
            label=labels.get(name),
            choices=choices.get(name),
        )

    groups = {
        "user": ("name", "login", PASSWORD, "is_active"),
        "rights": ("role", HOME),
        "others": tuple(labels),
    }
    laid = [Group(group, tuple(show(one) for one in names if one in now)) for group, names in groups.items()]
    # Who may give one department alone has given it as the home.
    return laid if len(labels) > 1 else laid[:-1]
