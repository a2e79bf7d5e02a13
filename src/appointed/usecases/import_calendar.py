"""Make appointments of the events of another calendar: each event in one change, or not at all."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Privacy
from appointed.domain.diary import settle
from appointed.domain.directory import Directory, View
from appointed.domain.errors import AppointedError, Forbidden, InvalidAppointment, TimeHeld
from appointed.domain.principal import SERVER_ID, Principal
from appointed.domain.recurrence import Series
from appointed.ical.events import (
    LONGEST_NAME,
    MOST_BYTES,
    Found,
    Happening,
    Refused,
    UnreadableCalendar,
    read_events,
)
from appointed.usecases.change_appointment import Call, Edited, judge
from appointed.usecases.create_appointment import (
    Draft,
    Finish,
    NewNames,
    blank,
    create_appointment,
    new_names,
)
from appointed.usecases.ports import Clock, Decision, IdSource, Store

DOOR: Final = "import"
MOST_CALENDAR: Final = MOST_BYTES
# UUIDs of events that have none follow from their tenant, diary and UID: the same file is taken once.
SPACE: Final = UUID("6f1c1c9e-6d0e-5c55-9d0a-6a3a3f0b2b1e")


class ImportCalendar(msgspec.Struct, frozen=True, tag="import", kw_only=True):
    """Put the events of an iCalendar file into the diary of an associate or a room."""

    tenant_id: int
    owner_id: int
    calendar: bytes
    is_dry_run: bool = False


class CannotImport(Exception):
    """Nothing was imported; the message says why."""


class Taken(msgspec.Struct, frozen=True):
    """What became of one event: how many appointments it is, or why it is none."""

    uid: str
    title: str
    count: int
    why: str = ""
    left_out: tuple[str, ...] = ()


async def import_calendar(
    store: Store, ids: IdSource, clock: Clock, command: ImportCalendar, directory: Directory
) -> tuple[Taken, ...]:
    """Take each event by itself; one that is refused leaves nothing. Raises CannotImport."""
    owner = directory.associates.get(command.owner_id)
    if owner is None or owner.is_deleted:
        raise CannotImport(f"There is no associate {command.owner_id}.")
    try:
        # A long file takes seconds, in which others go on.
        events = await asyncio.to_thread(read_events, command.calendar, directory.zone)
    except UnreadableCalendar as error:
        raise CannotImport(str(error)) from None
    return tuple([await _take(store, ids, clock, command, event) for event in events])


async def _take(
    store: Store, ids: IdSource, clock: Clock, command: ImportCalendar, event: Found | Refused
) -> Taken:
    if isinstance(event, Refused):
        return Taken(event.uid, event.title, 0, event.why)
    call = Call(
        principal=Principal(command.tenant_id, SERVER_ID),
        door=DOOR,
        ids=ids,
        dry_run=command.is_dry_run,
        is_strict=True,
    )
    names = replace(new_names(ids, clock()), uid=_uid(command, event.uid))
    uid, title = event.uid[:LONGEST_NAME], event.first.title[:LONGEST_NAME]
    try:
        outcome = await create_appointment(store, call, names, _drafting(command, event), _changing(event))
    except (InvalidAppointment, TimeHeld, Forbidden) as refused:
        return Taken(uid, title, 0, _why(refused))
    return Taken(uid, title, len(outcome.rows), left_out=event.left_out)


def _uid(command: ImportCalendar, name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        return uuid5(SPACE, f"{command.tenant_id}/{command.owner_id}/{name}")


def _drafting(command: ImportCalendar, event: Found) -> Draft:
    def draft(names: NewNames, view: View) -> Edited:
        first, by = event.first, command.owner_id
        row = blank(names, view, command.tenant_id, by, command.owner_id, first.starts_at)
        row = _with(row, first)
        if event.rule is None:
            return Edited(row)
        series = Series(rule=event.rule, zone=event.zone, on=event.rule.starts_on)
        return Edited(replace(row, series=series))

    return draft


def _with(row: Appointment, said: Happening) -> Appointment:
    return replace(
        row,
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        is_all_day=said.is_all_day,
        title=said.title,
        description=said.description,
        location=said.location,
        is_free=said.is_free,
        privacy=Privacy.OWNER if said.is_private else Privacy.PUBLIC,
    )


def _changing(event: Found) -> Finish | None:
    """Make what puts the dates that differ where they are, within the change that makes them all."""

    def change(decision: Decision, principal: Principal, view: View) -> Decision:
        return replace(
            decision,
            creations=tuple(_changed(row, event, principal, view) for row in decision.creations),
        )

    return change if event.others else None


def _changed(row: Appointment, event: Found, principal: Principal, view: View) -> Appointment:
    day = row.series.on if row.series else _day(row.starts_at, event.zone)
    said = event.others.get(day)
    if said is None:
        return row
    after = settle(None, _with(row, said), view)
    judge(principal, None, after, view)
    return after


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _why(refused: AppointedError) -> str:
    if isinstance(refused, TimeHeld):
        by = f" by appointment {refused.blocker}" if refused.blocker > 0 else ""
        days = sorted({starts_at for _resource, starts_at, _blocker in refused.clashes})
        return f"the diary is held{by} on {', '.join(at.isoformat() for at in days[:5])}"
    if isinstance(refused, InvalidAppointment):
        return "; ".join(_problems(refused))
    return "the diary may not be written to"


def _problems(refused: InvalidAppointment) -> Iterator[str]:
    for one in refused.problems:
        if (one.path, one.rule) == ("uid", "unique"):
            yield "it is here already"
        else:
            yield f"{one.path}: {one.rule}" + (f" {one.allowed}" if isinstance(one.allowed, int) else "")


def report_of(taken: tuple[Taken, ...]) -> dict[str, Any]:
    """Tell by lines what became of each event, and how many were taken."""
    report: dict[str, Any] = {
        "events": sum(not one.why for one in taken),
        "appointments": sum(one.count for one in taken),
        "refused": sum(bool(one.why) for one in taken),
    }
    for place, one in enumerate(taken, start=1):
        if one.why:
            report[f"event {place}"] = f"{one.title or one.uid}: not taken, {one.why}"
        elif one.left_out:
            report[f"event {place}"] = f"{one.title or one.uid}: without {', '.join(one.left_out)}"
    return report
