"""What an administrator asks of the audit log, and its entries as lines of a page."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appointed.console.agents.offers import read_day
from appointed.domain.audit import Act, Entry, Wanted
from appointed.domain.directory import Directory
from appointed.domain.principal import SERVER_ID
from appointed.domain.recurrence import instant_on

PER_PAGE: Final = 50
LONGEST: Final = 255
LONGEST_ID: Final = 10
DAY: Final = timedelta(days=1)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is asked for, as its address says it; "" leaves open. `after` is a reference."""

    reference: str = ""
    department: str = ""
    user: str = ""
    act: str = ""
    since: str = ""
    until: str = ""
    after: str = ""

    def query(self, **changes: object) -> str:
        """Write the query string of this page, or of a neighbouring one."""
        values = msgspec.structs.asdict(self) | {name: str(value) for name, value in changes.items()}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def is_open(self) -> bool:
        """Tell whether everything is asked for."""
        return not self.query(after="")


def read_asked(query: Mapping[str, str], directory: Directory) -> Asked:
    """Read what is asked for; what cannot be read is as if it had not been asked."""
    given = {name: query.get(name, "").strip() for name in Asked.__struct_fields__}
    department, user = read_id(given["department"]), read_id(given["user"])
    is_user = user in directory.associates or user == SERVER_ID
    return Asked(
        reference=given["reference"][:LONGEST],
        department=str(department) if department in directory.departments else "",
        user=str(user) if is_user else "",
        act=given["act"] if given["act"] in set(Act) else "",
        since=given["since"] if read_day(given["since"]) else "",
        until=given["until"] if read_day(given["until"]) else "",
        after=given["after"] if read_uuid(given["after"]) else "",
    )


def wanted_of(asked: Asked, zone: ZoneInfo, appointment_id: int | None = None) -> Wanted:
    """Say what the log is searched for; days are those of a zone, and the last one counts."""
    since, until = read_day(asked.since), read_day(asked.until)
    return Wanted(
        by=read_id(asked.user),
        acts=(Act(asked.act),) if asked.act else (),
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + DAY, zone) if until else None,
        appointment_id=appointment_id,
        departments=(int(asked.department),) if asked.department else None,
        before=read_uuid(asked.after),
        limit=PER_PAGE + 1,
    )


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it is shown. `who` is "" for the server itself; `more` are names with what they hold."""

    at: datetime
    act: Act
    who: str
    appointment_id: int
    more: tuple[tuple[str, str], ...]
    reference: str


def line_of(entry: Entry, directory: Directory) -> Line:
    """Show an entry."""
    user = directory.associates.get(entry.by)
    outside = (("address", entry.address), ("door", entry.door))
    told = [(name, text) for name, text in outside if text]
    told += [(name, _text(value)) for name, value in entry.details.items()]
    return Line(
        at=entry.at,
        act=entry.act,
        who=user.full_name if user else "" if entry.by == SERVER_ID else f"#{entry.by}",
        appointment_id=entry.appointment_id,
        more=tuple(told),
        reference=str(entry.id),
    )


def read_id(text: str) -> int | None:
    """Read a number of a record; None for any other text."""
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_ID
    return int(text) if is_number else None


def read_uuid(text: str) -> UUID | None:
    """Read a reference of an entry; None for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant_on(day, time(), zone)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
