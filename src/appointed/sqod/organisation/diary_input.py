"""Requests become edits of diaries (ours: ADR 0129)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.directory import Associate
from appointed.domain.errors import Problem, invalid
from appointed.sqod.organisation.dialect import openings_of
from appointed.sqod.organisation.rules import MOST_ROWS, OPENING
from appointed.sqod.readers import read_boolean
from appointed.sqod.validation import Null, Rule, Table, validate
from appointed.usecases.change_diary import DiaryEdit

Values = Mapping[str, Any]
HOURS: Final = "working_hours"
MOST_HOURS: Final = MOST_ROWS["opening_hours"]

UPDATE: Final[Table] = {
    "is_exclusive": Rule(read=read_boolean, null=Null.LEAVES),
    HOURS: Rule(rows=OPENING, null=Null.CLEARS),
}


def to_diary_edit(given: Values) -> DiaryEdit:
    """Make the edit of a partial update; a list of hours stands for all. It raises InvalidAppointment."""
    values, broken = validate(given, UPDATE)
    problems = [*broken, *_problems(values)]

    def edit(before: Associate) -> Associate:
        if problems:
            raise invalid(problems)
        changes = {"is_exclusive": values["is_exclusive"]} if "is_exclusive" in values else {}
        if HOURS in values:
            changes[HOURS] = openings_of(values[HOURS])
        return replace(before, **changes)

    return edit


def _problems(values: Values) -> Iterator[Problem]:
    rows = values.get(HOURS) or ()
    if len(rows) > MOST_HOURS:
        yield Problem(HOURS, "most", allowed=MOST_HOURS)
    for at, row in rows:
        if "opens" in row and "closes" in row and row["opens"] >= row["closes"]:
            yield Problem(f"{HOURS}.{at}.closes", "after", allowed="opens")
