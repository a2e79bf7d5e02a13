"""The form that edits an appointment: what stands in its fields, and what of it was changed.

Each field has the name of a member of the partial update, with dots for what lies within the claimant. Beside
each stands what it was when the page was made (`was.<name>`): only what was changed since is sent on.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.data_fields import is_day
from appointed.domain.directory import DataField, DataFieldType, Directory
from appointed.domain.errors import Problem
from appointed.domain.meeting import Bandwidth
from appointed.domain.status import MOVES, Status

WAS: Final = "was."
DATA: Final = "claimant.data."
LOCAL: Final = "%Y-%m-%dT%H:%M"
ON: Final = "1"
OFF: Final = "0"


class Look(StrEnum):
    """What a field looks like; the first ones are types of HTML's `input`."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "tel"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "datetime-local"
    URL = "url"
    PASSWORD = "password"  # noqa: S105 - what it looks like
    SWITCH = "checkbox"
    CHOICE = "select"
    LINES = "textarea"


ONE_LINE: Final = frozenset({Look.TEXT, Look.EMAIL, Look.PHONE, Look.URL, Look.DATE})


class Field(msgspec.Struct, frozen=True):
    """One field: its member, its look, and what stands in it for an appointment (times in a zone)."""

    name: str
    look: Look
    value: Callable[[Appointment, ZoneInfo], str]
    is_required: bool = False


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one page. `label` None: the language file has it.

    `theirs` is what somebody else has made of it since the page was read, None when nobody did.
    """

    name: str
    look: str
    value: str
    was: str
    is_required: bool = False
    label: str | None = None
    choices: tuple[tuple[str, str], ...] | None = None
    problems: tuple[Problem, ...] = ()
    theirs: str | None = None


class Group(msgspec.Struct, frozen=True):
    """Fields that stand together."""

    name: str
    fields: tuple[Shown, ...]


def _flag(is_on: bool) -> str:
    return ON if is_on else OFF


def _claimant(name: str) -> Callable[[Appointment, ZoneInfo], str]:
    return lambda row, _zone: str((row.claimant and getattr(row.claimant, name)) or "")


def _switch(name: str) -> Field:
    return Field(
        f"features_{name}_enable", Look.SWITCH, lambda row, _zone: _flag(getattr(row.features, name))
    )


def _redirect(name: str) -> Callable[[Appointment, ZoneInfo], str]:
    return lambda row, _zone: getattr(row.redirects, name) or ""


SWITCHES: Final = (
    "webcam_access_agent",
    "webcam_access_claimant",
    "webcam_background_blurring",
    "microphone_access",
    "screen_sharing",
    "messages_chat",
    "participant_list",
    "breakout_room",
    "call_recording",
)

GROUPS: Final[Mapping[str, tuple[Field, ...]]] = {
    "time": (
        Field("appointment_at", Look.MOMENT, lambda row, zone: local(row.starts_at, zone), is_required=True),
        Field(
            "duration_in_minutes",
            Look.NUMBER,
            lambda row, _zone: str(int(row.duration.total_seconds()) // 60),
            is_required=True,
        ),
        Field("department_id", Look.CHOICE, lambda row, _zone: str(row.department_id or "")),
        Field("status", Look.CHOICE, lambda row, _zone: row.status),
    ),
    "claimant": (
        Field("claimant.name", Look.TEXT, _claimant("name"), is_required=True),
        Field("claimant.email", Look.EMAIL, _claimant("email")),
        Field("claimant.phone_number", Look.PHONE, _claimant("phone_number")),
        Field("claimant.date_of_birth", Look.DATE, _claimant("born_on")),
    ),
    "data": (),
    "interpreter": (
        Field("is_interpreter_needed", Look.SWITCH, lambda row, _zone: _flag(row.is_interpreter_needed)),
        Field("interpreter_language", Look.TEXT, lambda row, _zone: row.interpreter_language or ""),
    ),
    "meeting": (
        *(_switch(name) for name in SWITCHES),
        Field("features_bandwidth", Look.CHOICE, lambda row, _zone: row.features.bandwidth),
    ),
    "after": (
        Field(
            "use_custom_post_call_redirect",
            Look.SWITCH,
            lambda row, _zone: _flag(row.redirects.is_custom),
        ),
        Field("custom_user_post_call_redirect_url", Look.URL, _redirect("claimant_url")),
        Field("custom_agent_post_call_redirect_url", Look.URL, _redirect("agent_url")),
    ),
}

# What the domain calls otherwise than the fields.
MEMBERS: Final = {"starts_at": "appointment_at", "ends_at": "duration_in_minutes"}


def local(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as a field for date and time takes it."""
    return instant.astimezone(zone).strftime(LOCAL)


def values_of(row: Appointment, directory: Directory, zone: ZoneInfo) -> dict[str, str]:
    """Give what stands in each field for an appointment."""
    answers = {answer.field_id: answer.value or "" for answer in row.claimant.answers} if row.claimant else {}
    plain = {field.name: field.value(row, zone) for fields in GROUPS.values() for field in fields}
    return plain | {DATA + str(asked.id): answers.get(asked.id, "") for asked in _asked(row, directory)}


def changes_of(given: Mapping[str, str], was: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Make a partial update of the fields that are not as they were."""
    update: dict[str, Any] = {}
    claimant: dict[str, Any] = {}
    data: list[dict[str, str]] = []
    for name, text in given.items():
        if text == was.get(name, ""):
            continue
        if name.startswith(DATA):
            data.append({"id": name.removeprefix(DATA), "value": text})
        elif name.startswith("claimant."):
            claimant[name.removeprefix("claimant.")] = text
        else:
            update[name] = instant_text(text, zone) if name == "appointment_at" else text
    if data:
        claimant["data"] = data
    return update | ({"claimant": claimant} if claimant else {})


def stands_so(row: Appointment, directory: Directory, zone: ZoneInfo, typed: "Typed") -> bool:
    """Tell whether all that somebody changed in a form is so by now: the same form came before."""
    now = values_of(row, directory, zone)
    return all(
        _as_typed(now.get(name, "")) == text
        for name, text in typed.given.items()
        if text != typed.was.get(name, "")
    )


def instant_text(text: str, zone: ZoneInfo) -> str:
    """Write a wall time of a zone as an instant; what is no wall time stays as it is, and will be refused."""
    try:
        wall = datetime.strptime(text[:16], LOCAL).replace(tzinfo=zone)
        return wall.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return text


def sort_problems(problems: Iterable[Problem], sent: Mapping[str, Any]) -> dict[str, list[Problem]]:
    """Put each problem to the field that it is about, "" for those about none."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_field_of(problem.path, sent), []).append(problem)
    return found


def _field_of(path: str, sent: Mapping[str, Any]) -> str:
    name = MEMBERS.get(path, path)
    if not name.startswith(DATA):
        return name if name in NAMES else ""
    index = name.removeprefix(DATA).partition(".")[0]
    rows = sent.get("claimant", {}).get("data", ())
    return DATA + rows[int(index)]["id"] if index.isdigit() and int(index) < len(rows) else ""


NAMES: Final = frozenset(field.name for fields in GROUPS.values() for field in fields)


class Typed(msgspec.Struct, frozen=True):
    """What came back of a form: texts, what they had been, and what is wrong with them, by their names."""

    given: Mapping[str, str] = {}
    was: Mapping[str, str] = {}
    problems: Mapping[str, list[Problem]] = {}


def shown(row: Appointment, directory: Directory, zone: ZoneInfo, typed: Typed | None = None) -> list[Group]:
    """Lay out the form for an appointment as it is now; what was typed stays, whatever went wrong with it."""
    now = values_of(row, directory, zone)
    asked = {DATA + str(field.id): field for field in _asked(row, directory)}
    back = typed or Typed()

    def show(name: str, look: str, *, is_required: bool) -> Shown:
        field = asked.get(name)
        label, choices = field.name if field else None, _choices(name, row, directory, field)
        return show_field(name, look, now[name], back, is_required=is_required, label=label, choices=choices)

    groups = []
    for group, fields in GROUPS.items():
        laid = [show(field.name, field.look, is_required=field.is_required) for field in fields]
        if group == "data":
            laid = [show(name, LOOKS[one.type], is_required=one.is_required) for name, one in asked.items()]
        if laid:
            groups.append(Group(group, tuple(laid)))
    return groups


def show_field(
    name: str,
    look: str,
    now: str,
    back: Typed,
    *,
    is_required: bool = False,
    label: str | None = None,
    choices: tuple[tuple[str, str], ...] | None = None,
) -> Shown:
    """Show a field whose value is `now`; what came back of its form stays, unless it was not touched."""
    now = _as_typed(now)
    was = back.was.get(name, now)
    given = back.given.get(name, was)
    return Shown(
        name=name,
        look=_fitting(look, now),
        value=now if given == was else given,
        was=now,
        is_required=is_required,
        label=label,
        choices=choices,
        problems=tuple(back.problems.get(name, ())),
        theirs=now if was != now else None,
    )


def _as_typed(text: str) -> str:
    # Browsers know one line end, and forms are read without the space around their texts.
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _fitting(look: str, text: str) -> str:
    """Give a look that keeps the text: browsers drop line ends in one line, and what is no day of a date."""
    if look in ONE_LINE and "\n" in text:
        return Look.LINES
    return Look.TEXT if look == Look.DATE and text and not is_day(text) else look


def _asked(row: Appointment, directory: Directory) -> tuple[DataField, ...]:
    department = directory.departments.get(row.department_id)
    return department.data_fields if department else ()


LOOKS: Final = {
    DataFieldType.TEXT: Look.TEXT,
    DataFieldType.NUMBER: Look.TEXT,
    DataFieldType.DATE: Look.DATE,
    DataFieldType.BOOLEAN: Look.CHOICE,
    DataFieldType.SELECT: Look.CHOICE,
}


def _choices(
    name: str, row: Appointment, directory: Directory, field: DataField | None
) -> tuple[tuple[str, str], ...] | None:
    """Give the (value, label) pairs of a field to choose from; a label after "=" is in the language file."""
    if field is not None:
        return _data_choices(field)
    if name == "department_id":
        ordered = sorted(directory.departments.values(), key=lambda one: one.name.casefold())
        return tuple((str(one.id), one.name) for one in ordered)
    if name == "status":
        return tuple((status.value, f"=status.{status}") for status in Status if status in MOVES[row.status])
    if name == "features_bandwidth":
        return tuple((one.value, f"=bandwidth.{one}") for one in Bandwidth)
    return None


def _data_choices(field: DataField) -> tuple[tuple[str, str], ...] | None:
    if field.type is DataFieldType.BOOLEAN:
        return (("", ""), ("true", "=yes"), ("false", "=no"))
    if field.type is DataFieldType.SELECT:
        return (("", ""), *((choice, choice) for choice in field.choices))
    return None
