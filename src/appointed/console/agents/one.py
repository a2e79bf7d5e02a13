"""One appointment as its page shows it: what an agent may do with it now, and what has happened to it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from appointed.console.look.languages import Language
from appointed.console.look.meeting import meeting_of
from appointed.domain.appointment import Appointment
from appointed.domain.call import INVITED, Side, Welcome, welcome
from appointed.domain.data_fields import broken_rule, kept
from appointed.domain.directory import DataField, DataFieldType, Directory
from appointed.domain.events import Event
from appointed.domain.meeting import Place, agent_url, claimant_url, invited_url
from appointed.domain.principal import SERVER_ID
from appointed.domain.redirect_url import is_allowed
from appointed.domain.rights import Access
from appointed.usecases.meetings import Calls

MOST_HISTORY: Final = 30

# Members of an appointment by what a history calls them; what is not named here is "other".
MEMBERS: Final = {
    "starts_at": "time",
    "ends_at": "time",
    "status": "status",
    "department_id": "department",
    "owner_id": "owner",
    "claimant": "claimant",
    "is_interpreter_needed": "interpreter",
    "interpreter_language": "interpreter",
    "meeting": "meeting",
    "features": "meeting",
    "redirects": "after",
    "cancellation_reason": "reason",
    "title": "title",
    "description": "title",
    "location": "location",
}
# Stamps follow from the status, and need no mention of their own.
UNMENTIONED: Final = frozenset(
    {
        "revision",
        "updated_at",
        "updated_by",
        "is_second_shared",
        "arrived_at",
        "session_started_at",
        "session_ended_at",
        "completed_at",
        "cancelled_at",
    }
)


class Happened(msgspec.Struct, frozen=True):
    """One line of a history. `who` is "" for the server itself; `members` are names of the language file."""

    at: datetime
    who: str
    kind: str
    status: str
    members: tuple[str, ...]


class Rights(msgspec.Struct, frozen=True):
    """What an agent may do with an appointment: set its state alone, or change all of it."""

    may_answer: bool
    may_change: bool


def rights_of(granted: Access) -> Rights:
    """Say what an access comes to on these pages."""
    return Rights(granted >= Access.ANSWER, granted >= Access.CHANGE)


class Room(msgspec.Struct, frozen=True):
    """The meeting for the agent now: why it is (not) open, from when, its address, and what it takes over.

    `framed` is the address with a fresh token as a page holds it; `meeting` is for the page's script.
    """

    welcome: Welcome
    opens_at: datetime
    framed: str | None = None
    meeting: str = ""


def room_for_agent(calls: Calls, row: Appointment, now: datetime) -> Room | None:
    """Tell what the agent finds in the room of an appointment; None where it has none."""
    if row.meeting is None or calls.meetings is None:
        return None
    found = welcome(row, Side.AGENT, now, calls.window, is_told=calls.meetings.tells)
    opens_at = calls.window.opens_at(row)
    if found is not Welcome.ENTER:
        return Room(found, opens_at)
    address = calls.meetings.address(row, Side.AGENT, now, calls.window.closes_at(row))
    meeting = meeting_of(calls.meetings.switches(row, Side.AGENT))
    return Room(found, opens_at, calls.meetings.framed(address), msgspec.json.encode(meeting).decode())


def links_of(row: Appointment, base_url: str) -> dict[str, str]:
    """Give the links that an agent may pass on, by whom they are for."""
    if row.meeting is None:
        return {}
    made = {side.value: invited_url(row.meeting, side, row.tenant_id, row.id, base_url) for side in INVITED}
    place = Place(row.tenant_id, row.id, row.link_key)
    return made | {
        "agent": agent_url(row.meeting, row.tenant_id, row.id, base_url),
        "claimant": claimant_url(place, row.reference, base_url),
    }


def goes_on(row: Appointment, directory: Directory) -> tuple[str, str] | None:
    """Give the address where the agent goes after the call, and its host; None where nothing is allowed."""
    url = row.redirects.agent_url
    if url is None or not is_allowed(url, directory.tenant.redirect_hosts):
        return None
    return url, urlsplit(url).hostname or ""


def answers_of(row: Appointment, directory: Directory, language: Language) -> list[tuple[str, str]]:
    """List the department's questions with their answers, and answers to questions that are asked no more."""
    given = {answer.field_id: answer.value for answer in row.claimant.answers} if row.claimant else {}
    known = {field.id: field for one in directory.departments.values() for field in one.data_fields}
    department = directory.departments.get(row.department_id)
    asked = [field.id for field in department.data_fields] if department else []
    order = dict.fromkeys((*asked, *given))
    return [_answered(known.get(field_id), given.get(field_id) or "", language) for field_id in order]


def _answered(field: DataField | None, text: str, language: Language) -> tuple[str, str]:
    """Give a question and its answer in words; what is no answer to it (any more) stays as it is."""
    if field is None:
        return "", text
    if not text or broken_rule(field, text) is not None:
        return field.name, text
    if field.type is DataFieldType.BOOLEAN:
        return field.name, language.text("agents.yes" if kept(field, text) == "true" else "agents.no")
    return field.name, language.day(date.fromisoformat(text)) if field.type is DataFieldType.DATE else text


def history_of(events: Sequence[Event], directory: Directory) -> list[Happened]:
    """Tell what has happened to an appointment, the latest first."""
    return [_happened(event, directory) for event in reversed(events)]


def _happened(event: Event, directory: Directory) -> Happened:
    who = directory.associates.get(event.by)
    name = who.full_name if who else "" if event.by == SERVER_ID else f"#{event.by}"
    status = next((str(one["value"]) for one in event.patch if one.get("path") == "/status"), "")
    return Happened(event.at, name, event.kind, status, tuple(_members(event.patch)))


def _members(patch: Iterable[dict[str, Any]]) -> Iterable[str]:
    names = (str(one.get("path", "")).split("/")[1:2] for one in patch)
    changed = (MEMBERS.get(name, "other") for (name,) in filter(None, names) if name not in UNMENTIONED)
    return dict.fromkeys(one for one in changed if one != "status")
