"""Requests become edits of waiting areas (ours: ADR 0153)."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.department import find_department
from appointed.domain.directory import View, WaitingArea
from appointed.domain.errors import Problem, invalid
from appointed.domain.principal import Principal
from appointed.domain.rights import may_see_department
from appointed.sqod.organisation.dialect import openings_of, row_problems
from appointed.sqod.organisation.rules import LONGEST_NAME, MOST_MINUTES, OPENING
from appointed.sqod.readers import integer, read_reference, text
from appointed.sqod.validation import Null, Rule, Table, validate
from appointed.usecases.change_waiting_area import AreaEdit

LONGEST_WELCOME: Final = 4000
LONGEST_MESSAGE: Final = 1000
PLAIN: Final = ("name", "welcome_text", "message", "opens_before_minutes")

UPDATE: Final[Table] = {
    "department_id": Rule(read=read_reference, null=Null.LEAVES),
    "name": Rule(read=text(LONGEST_NAME)),
    "welcome_text": Rule(read=text(LONGEST_WELCOME), null=Null.CLEARS, cleared=""),
    "message": Rule(read=text(LONGEST_MESSAGE), null=Null.CLEARS, cleared=""),
    "opening_hours": Rule(rows=OPENING, null=Null.CLEARS),
    "opens_before_minutes": Rule(read=integer(0, MOST_MINUTES)),
}
STORE: Final[Table] = {
    **UPDATE,
    "department_id": Rule(read=read_reference, is_required=True),
    "name": replace(UPDATE["name"], is_required=True),
}


def to_waiting_area(given: Mapping[str, Any], principal: Principal, table: Table) -> AreaEdit:
    """Make the edit that makes (STORE) or changes (UPDATE) a waiting area; it raises InvalidAppointment."""
    values, broken = validate(given, table)
    problems = [*broken, *row_problems(values)]

    def edit(before: WaitingArea | None, view: View) -> WaitingArea:
        changes: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
        found = list(problems)
        if "department_id" in values:
            department = find_department(view.directory, values["department_id"])
            if department is None or not may_see_department(principal, department.id, view.directory):
                found.append(Problem("department_id", "exists"))
            else:
                changes["department_id"] = department.id
        if found:
            raise invalid(found)
        if "opening_hours" in values:
            changes["opening_hours"] = openings_of(values["opening_hours"])
        # A new one has all that it must have by now.
        return replace(before or WaitingArea(id=0, department_id=0, name=""), **changes)

    return edit


def removal(_before: WaitingArea | None, _view: View) -> None:
    """Give the edit that removes a waiting area."""
