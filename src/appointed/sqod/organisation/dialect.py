"""Requests become edits of departments (ours: ADR 0116)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.directory import DataField, DataFieldType, Department, Directory, View
from appointed.domain.errors import Problem, invalid
from appointed.domain.hours import Holiday, Opening, Openings
from appointed.sqod.dialect import FEATURES, REDIRECTS, unfit_urls
from appointed.sqod.organisation.rules import MOST_ROWS, STORE, UPDATE, WAYS
from appointed.sqod.validation import Table, validate
from appointed.usecases.change_department import DepartmentEdit, department_problems
from appointed.usecases.ports import IdSource

Values = Mapping[str, Any]
Rows = tuple[tuple[str, Values], ...]

# Members by the domain's names.
PLAIN: Final = {
    "name": "name",
    "default_user_id": "default_associate_id",
    "late_after_minutes": "late_after_minutes",
    "no_show_after_minutes": "no_show_after_minutes",
    "reminder_minutes": "reminder_minutes",
    "language": "language",
    "support_text": "support_text",
    "retention_days": "retention_days",
}


def to_new_department(given: Values, ids: IdSource) -> DepartmentEdit:
    """Make the edit that makes a department; `given` is trimmed. It raises InvalidAppointment."""
    return _edit(given, STORE, ids)


def to_department_edit(given: Values, ids: IdSource) -> DepartmentEdit:
    """Make the edit of a partial update; a list that is given stands for the whole list."""
    return _edit(given, UPDATE, ids)


def _edit(given: Values, table: Table, ids: IdSource) -> DepartmentEdit:
    values, broken = validate(given, table)
    problems = [*broken, *_own_problems(values)]
    uid = ids.uuid4()
    new_ids = [ids.uuid4() for _row in values.get("data_fields", ())]

    def edit(before: Department | None, view: View) -> Department:
        stands = before or Department(id=0, uid=uid, name="", default_associate_id=0)
        known = {field.id: field for field in stands.data_fields}
        urls = unfit_urls(values, stands.redirects, view.directory)
        # Choices that cannot be read are there, so they are not missing too.
        unread = {problem.path for problem in problems if problem.path.endswith(".choices")}
        unknown = (one for one in _unknown(values, known) if one.path not in unread)
        found = [*problems, *unknown, *urls]
        if found:
            # What is left to judge of the rest is told with it, not at the next attempt.
            found += _misfits(values, before, stands, view.directory)
        if found:
            raise invalid(found)
        # A new one has all that it must have by now.
        return _applied(values, stands, known, new_ids)

    return edit


def _misfits(
    values: Values, before: Department | None, stands: Department, directory: Directory
) -> Iterator[Problem]:
    """List what only the directory can tell of the members that could be read."""
    after = replace(stands, **_plain(values))
    return (one for one in department_problems(before, after, directory) if one.path in values)


def _plain(values: Values) -> dict[str, Any]:
    return {name: values[wire] for wire, name in PLAIN.items() if wire in values}


def _applied(
    values: Values, before: Department, known: Mapping[UUID, DataField], new_ids: list[UUID]
) -> Department:
    changes = _plain(values)
    switched = {way: values[wire] for wire, way in WAYS.items() if wire in values}
    if switched:
        stays = dict.fromkeys(before.invites_by, True) | switched
        changes["invites_by"] = tuple(way for way in WAYS.values() if stays.get(way))
    features = {name: values[wire] for wire, name in FEATURES.items() if wire in values}
    if features:
        changes["features"] = replace(before.features, **features)
    redirects = {name: values[wire] for wire, name in REDIRECTS.items() if wire in values}
    if redirects:
        changes["redirects"] = replace(before.redirects, **redirects)
    if "opening_hours" in values:
        changes["opening_hours"] = openings_of(values["opening_hours"])
    if "holidays" in values:
        days = values["holidays"]
        changes["holidays"] = tuple(Holiday(row["date"], row.get("name", "")) for _at, row in days)
    if "data_fields" in values:
        rows = zip(values["data_fields"], new_ids, strict=True)
        changes["data_fields"] = tuple(_field(row, known, new_id) for (_at, row), new_id in rows)
    return replace(before, **changes)


def openings_of(rows: Rows | None) -> Openings | None:
    """Make opening hours of their rows; None stays."""
    return None if rows is None else tuple(Opening(**row) for _at, row in rows)


def _field(row: Values, known: Mapping[UUID, DataField], new_id: UUID) -> DataField:
    before = known.get(row.get("id", new_id))
    changes = {name: row[name] for name in ("name", "type", "choices") if name in row}
    if "required" in row:
        changes["is_required"] = row["required"]
    after = replace(before, **changes) if before else DataField(id=new_id, **changes)
    return after if after.type is DataFieldType.SELECT else replace(after, choices=())


def row_problems(values: Values) -> Iterator[Problem]:
    """List lists that are too long, and openings that end before they begin."""
    for name, most in MOST_ROWS.items():
        if len(values.get(name) or ()) > most:
            yield Problem(name, "most", allowed=most)
    for at, row in values.get("opening_hours") or ():
        if "opens" in row and "closes" in row and row["opens"] >= row["closes"]:
            yield Problem(f"opening_hours.{at}.closes", "after", allowed="opens")


def _own_problems(values: Values) -> Iterator[Problem]:
    """List what the request alone can tell beyond its members."""
    yield from row_problems(values)
    seen: set[UUID] = set()
    for at, row in values.get("data_fields", ()):
        if row.get("id") in seen:
            yield Problem(f"data_fields.{at}.id", "distinct")
        seen |= {row["id"]} if "id" in row else set()


def _unknown(values: Values, known: Mapping[UUID, DataField]) -> Iterator[Problem]:
    """List what only the department as it stands can tell."""
    for at, row in values.get("data_fields", ()):
        if "id" in row and row["id"] not in known:
            yield Problem(f"data_fields.{at}.id", "exists")
        before = known.get(row["id"]) if "id" in row else None
        kind = row.get("type", before.type if before else DataFieldType.TEXT)
        choices = row.get("choices", before.choices if before else ())
        if kind is DataFieldType.SELECT and not choices:
            yield Problem(f"data_fields.{at}.choices", "required")
