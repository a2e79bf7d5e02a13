"""What a claimant's page says at this moment, to people and to its own script."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from appointed.console.look.languages import Language
from appointed.console.look.meeting import Meeting, meeting_of
from appointed.domain.appointment import Appointment
from appointed.domain.call import Welcome, asks_consent
from appointed.domain.redirect_url import is_allowed
from appointed.domain.status import Status
from appointed.usecases.meetings import Visit

# Which of the three steps a page is.
STEPS: Final = {"summary.html": 1, "check.html": 2, "waiting.html": 3}
# How often a page that hears nothing by script looks again (seconds).
LOOKS_AGAIN: Final = {Welcome.WAIT: 10, Welcome.EARLY: 60}
# Why an appointment is over; whatever else it may be, its time has passed.
ENDINGS: Final = {Status.COMPLETE: "complete", Status.NO_SHOW: "no_show", Status.CANCELLED: "cancelled"}
EXPIRED: Final = "expired"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What may change while a page is open; `place` 0 means that there is none to tell.

    `when` tells apart the times that a page shows.
    """

    page: str
    when: str
    place: int
    messages: list[dict[str, str]]
    asks_consent: bool
    meeting: Meeting | None = None


def state_of(visit: Visit, place: int, language: Language, zone: ZoneInfo) -> State:
    """Say how things stand."""
    row = visit.row
    return State(
        page=visit.welcome.value,
        when=when_of(row),
        place=place,
        messages=[
            {"id": message.at.isoformat(), "at": language.time(message.at, zone), "text": message.text}
            for message in (row.claimant.messages if row.claimant else ())
        ],
        asks_consent=asks_consent(row),
        meeting=meeting_of(visit.switches) if visit.address is not None else None,
    )


def when_of(row: Appointment) -> str:
    """Write start and end."""
    return f"{row.starts_at.isoformat()}/{row.ends_at.isoformat()}"


def ending_of(visit: Visit) -> str:
    """Tell why an appointment is over: how it ended, until its link expires."""
    return EXPIRED if visit.now >= visit.closes_at else ENDINGS.get(visit.row.status, EXPIRED)


def onward_of(visit: Visit) -> str | None:
    """Give the address where the claimant goes after the call; it has to be allowed still."""
    redirects = visit.row.redirects
    if not redirects.is_custom or not redirects.claimant_url or ending_of(visit) != "complete":
        return None
    url = redirects.claimant_url
    return url if is_allowed(url, visit.directory.tenant.redirect_hosts) else None


def is_asked_first(visit: Visit) -> bool:
    """Tell whether people are asked before they are led on: the tenant lists no hosts of its own."""
    return not visit.directory.tenant.redirect_hosts


def host_of(url: str) -> str:
    """Name the host of an address, for people."""
    return urlsplit(url).hostname or ""


def seconds_until(opens_at: datetime, now: datetime) -> int:
    """Give the whole seconds until an instant."""
    return max(1, int((opens_at - now).total_seconds()))


def department_of(row: Appointment, visit: Visit) -> str:
    """Name the department of an appointment, else the tenant."""
    found = visit.directory.departments.get(row.department_id)
    return found.name if found else visit.directory.tenant.name
