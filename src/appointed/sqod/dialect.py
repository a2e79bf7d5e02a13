"""Requests become edits and drafts (SQOD: PATCH /api/v1/appointments/{appointment}, create, cancel)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.data_fields import broken_rule, kept
from appointed.domain.department import find_department, move_to_department
from appointed.domain.directory import DataField, Department, Directory, View
from appointed.domain.errors import Forbidden, Problem, invalid
from appointed.domain.meeting import Meeting, Redirects
from appointed.domain.participant import Answer, Claimant
from appointed.domain.principal import Principal
from appointed.domain.redirect_url import is_allowed
from appointed.domain.rights import caller, may_create
from appointed.domain.status import move_problem
from appointed.sqod.carrier import minutes_of
from appointed.sqod.moments import LAST_YEAR
from appointed.sqod.rules import CANCEL, CREATE, PATCH, SWITCHES
from appointed.sqod.validation import NOTHING, Table, validate
from appointed.usecases.cancel_appointment import cancellation
from appointed.usecases.change_appointment import Edit, Edited
from appointed.usecases.create_appointment import Draft, NewNames, blank
from appointed.usecases.ports import IdSource

Values = Mapping[str, Any]

# Members that are kept as they come, by the domain's names.
PLAIN = {
    "is_interpreter_needed": "is_interpreter_needed",
    "interpreter_language": "interpreter_language",
    "status": "status",
    "reference": "reference",
}
FEATURES = {**SWITCHES, "features_bandwidth": "bandwidth"}
REDIRECTS = {
    "use_custom_post_call_redirect": "is_custom",
    "custom_user_post_call_redirect_url": "claimant_url",
    "custom_agent_post_call_redirect_url": "agent_url",
}
URLS = {wire: name for wire, name in REDIRECTS.items() if wire.endswith("_url")}
CLAIMANT = {
    "name": "name",
    "email": "email",
    "phone_number": "phone_number",
    "date_of_birth": "born_on",
}


def to_edit(given: Values, ids: IdSource) -> Edit:
    """Make the edit of a partial update; what is absent, or given as it is shown, stays exactly as it was.

    `given` is trimmed (`input.cleaned`). The edit raises InvalidAppointment with every broken rule at once.
    """
    values, broken = validate(given, PATCH)
    claimant_id = ids.uuid4() if "claimant" in values else None

    def edit(row: Appointment, view: View) -> Edited:
        _demand_sound(broken, values, row, view.directory, PATCH)
        return Edited(_applied(values, row, view.directory, claimant_id))

    return edit


def to_draft(given: Values, principal: Principal) -> Draft:
    """Make the draft of a new appointment, with a meeting; it raises Forbidden, then as `to_edit`'s edit.

    Without `department_id` it goes to the caller's home department, else the tenant's default; its owner is
    the department's default associate.
    """
    values, broken = validate(given, CREATE)

    def draft(names: NewNames, view: View) -> Edited:
        directory = view.directory
        department = _chosen(values, directory) or _home(principal, directory)
        owner_id, starts_at = department.default_associate_id, values.get("appointment_at", view.now)
        # Laravel asks its policy before it validates.
        if not may_create(principal, owner_id, directory):
            raise Forbidden
        row = replace(
            blank(names, view, principal.tenant_id, principal.associate_id, owner_id, starts_at),
            department_id=department.id,
            features=department.features,
            redirects=department.redirects,
            meeting=Meeting(id=names.meeting_id, room_name=names.room_name, agent_key=names.agent_key),
        )
        _demand_sound([*broken, *_unanswered(values, row, directory)], values, row, directory, CREATE)
        return Edited(_applied(values, row, directory, names.claimant_id))

    return draft


def reference_of(given: Values) -> str | None:
    """Give the reference that a new appointment is to have, as far as one is given that can be read."""
    reference: str | None = validate(given, {"reference": CREATE["reference"]})[0].get("reference")
    return reference


def to_cancellation(given: Values) -> Edit:
    """Make the edit that cancels, with an optional `cancellation_reason`; again, it keeps the first one."""
    values, broken = validate(given, CANCEL)
    cancel = cancellation(values.get("cancellation_reason"))

    def edit(row: Appointment, view: View) -> Edited:
        if broken:
            raise invalid(broken)
        return cancel(row, view)

    return edit


def _home(principal: Principal, directory: Directory) -> Department:
    home = directory.departments.get(caller(principal, directory).group_id)
    return home or directory.departments[directory.tenant.default_department_id]


def _chosen(values: Values, directory: Directory) -> Department | None:
    return find_department(directory, values["department_id"]) if "department_id" in values else None


def _demand_sound(
    broken: Iterable[Problem], values: Values, row: Appointment, directory: Directory, table: Table
) -> None:
    problems = [*broken, *_unfit(values, row, directory)]
    if problems:
        order = {name: place for place, name in enumerate(table)}
        raise invalid(sorted(problems, key=lambda problem: order[problem.path.partition(".")[0]]))


def _unfit(values: Values, row: Appointment, directory: Directory) -> Iterator[Problem]:
    # What only the row and the directory can tell.
    if "department_id" in values and _chosen(values, directory) is None:
        yield Problem("department_id", "exists")
    refused = move_problem(row.status, values.get("status", row.status))
    if refused is not None:
        yield refused
    if "duration_in_minutes" in values and values.get("appointment_at", row.starts_at).year > LAST_YEAR:
        yield Problem("duration_in_minutes", "calendar")
    yield from unfit_urls(values, row.redirects, directory)
    yield from _unfit_answers(values, row, directory)


def unfit_urls(values: Values, before: Redirects, directory: Directory) -> Iterator[Problem]:
    """List the redirects that lead where nobody may be led; one that stands may stay."""
    for wire, name in URLS.items():
        url: str | None = values.get(wire)
        if url is None or url == getattr(before, name):
            continue
        if not is_allowed(url, directory.tenant.redirect_hosts):
            yield Problem(wire, "url_not_allowed")


def _unfit_answers(values: Values, row: Appointment, directory: Directory) -> Iterator[Problem]:
    rows = values.get("claimant", {}).get("data", ())
    if not rows:
        return
    asked = {field.id: field for field in _data_fields(values, row, directory)}
    # An answer may be sent back as it was shown, also one that another department asked for.
    answered = {answer.field_id: answer.value for answer in row.claimant.answers} if row.claimant else {}
    for index, answer in rows:
        uid = answer.get("id")
        if uid is not None and uid not in asked and uid not in answered:
            yield Problem(f"claimant.data.{index}.id", "exists")
        elif uid is not None and "value" in answer and answer["value"] != answered.get(uid, NOTHING):
            rule = broken_rule(asked.get(uid), answer["value"])
            if rule is not None:
                yield Problem(f"claimant.data.{index}.value", rule)


def _unanswered(values: Values, row: Appointment, directory: Directory) -> Iterator[Problem]:
    """List the questions that a new appointment leaves open though they must be answered."""
    rows = values.get("claimant", {}).get("data", ())
    given = {answer.get("id") for _index, answer in rows if "value" in answer}
    for field in _data_fields(values, row, directory):
        if field.is_required and field.id not in given:
            yield Problem("claimant.data", "answered", allowed=field.name)


def _data_fields(values: Values, row: Appointment, directory: Directory) -> tuple[DataField, ...]:
    department = _chosen(values, directory) or directory.departments.get(row.department_id)
    return department.data_fields if department else ()


def _applied(values: Values, row: Appointment, directory: Directory, claimant_id: UUID | None) -> Appointment:
    changes = {**_renamed(values, PLAIN), **_times(values, row)}
    features, redirects = _renamed(values, FEATURES), _renamed(values, REDIRECTS)
    if features:
        changes["features"] = replace(row.features, **features)
    if redirects:
        changes["redirects"] = replace(row.redirects, **redirects)
    if claimant_id is not None:
        given = values.get("claimant", {})
        asked = _data_fields(values, row, directory) if "data" in given else ()
        changes["claimant"] = _claimant(given, row.claimant, claimant_id, {one.id: one for one in asked})
    after = replace(row, **changes) if changes else row
    department = _chosen(values, directory)
    if department is None or department.id == row.department_id:
        return after
    return move_to_department(after, department, directory)


def _renamed(values: Values, names: Mapping[str, str]) -> dict[str, Any]:
    return {name: values[wire] for wire, name in names.items() if wire in values}


def _times(values: Values, row: Appointment) -> dict[str, datetime]:
    starts_at = values.get("appointment_at", row.starts_at)
    shown = minutes_of(row)
    minutes = values.get("duration_in_minutes", shown)
    if minutes == shown and starts_at == row.starts_at:
        return {}
    # A duration sent back as shown keeps the seconds that whole minutes do not show.
    duration = row.duration if minutes == shown else timedelta(minutes=minutes)
    return {"starts_at": starts_at, "ends_at": starts_at + duration}


def _claimant(
    given: Values, before: Claimant | None, claimant_id: UUID, asked: Mapping[UUID, DataField]
) -> Claimant | None:
    nobody = Claimant(id=claimant_id)
    claimant = before or nobody
    answers = {answer.field_id: answer for answer in claimant.answers}
    for _index, answer in given.get("data", ()):
        if "value" in answer:
            sent = Answer(answer["id"], answer["value"])
            # What is sent back as it was shown stays so, however it is spelled.
            if answers.get(sent.field_id) != sent:
                answers[sent.field_id] = replace(sent, value=kept(asked.get(sent.field_id), sent.value))
    after = replace(claimant, **_renamed(given, CLAIMANT), answers=tuple(answers.values()))
    return None if before is None and after == nobody else after
