"""Take an answer to an invitation that came from a calendar elsewhere, as iCalendar (RFC 5546, RFC 6047)."""

import asyncio
from collections.abc import Iterator
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.booking import ANSWERS, Answer, answer, answer_for
from appointed.domain.directory import Directory, View
from appointed.domain.errors import AppointmentNotFound, Forbidden, TimeHeld
from appointed.domain.participant import ExternalReply, InvitationStatus, Participant
from appointed.domain.principal import Principal
from appointed.domain.rights import Access, access
from appointed.domain.status import Status
from appointed.domain.time_of_day import days_zone
from appointed.ical.letters import usual_time
from appointed.ical.names import SeriesName, named_by
from appointed.ical.replies import (
    CalendarReply,
    UnreadableReply,
    day_named,
    is_occurrence,
    is_same_start,
    read_replies,
)
from appointed.usecases.change_appointment import Call
from appointed.usecases.ports import ByFamily, ByUid, Change, Decide, Decision, Permit, Rows, Store

DOOR = "mail"
S = InvitationStatus
SAID: Final = {
    ExternalReply.ACCEPTED: Answer.ACCEPT,
    ExternalReply.DECLINED: Answer.DECLINE,
    ExternalReply.TENTATIVE: Answer.SEE,
}
# Whoever is unsure now has seen the invitation, and has not said yes or no.
UNSURE: Final = {**ANSWERS[Answer.SEE], S.NONE: S.SEEN, S.ACCEPTED: S.SEEN, S.DECLINED: S.SEEN}
STATUSES: Final = {
    ExternalReply.ACCEPTED: ANSWERS[Answer.ACCEPT],
    ExternalReply.DECLINED: ANSWERS[Answer.DECLINE],
    ExternalReply.TENTATIVE: UNSURE,
}
GONE: Final = frozenset({S.CANCELLED, S.HIDDEN})


class Taken(msgspec.Struct, frozen=True):
    """For how many dates an answer was taken; `refused` says in words what else stood in it."""

    dates: int
    refused: tuple[str, ...] = ()


class _Refused(Exception):
    """The answer fits nothing; nothing was written, and the message says why."""


def mailbox(tenant_id: int) -> Call:
    """Make the caller that a mailbox command is: nobody of the tenant, who may only bring answers."""
    return Call(principal=Principal(tenant_id, 0), door=DOOR)


async def take_reply(
    store: Store, call: Call, address: str, calendar: bytes, *, is_delivered: bool = False
) -> Taken:
    """Take what the sender at `address` answers in `calendar` (an iCalendar object with METHOD REPLY).

    Only answers for the sender's own address count. `is_delivered` says that it came by mail; else the
    caller must be who may change the appointment, and Forbidden is raised.
    """
    try:
        # It may have to wait for a long file that is read.
        replies = await asyncio.to_thread(read_replies, calendar)
    except UnreadableReply as error:
        return Taken(0, (str(error),))
    sender = address.strip().lower()
    dates, refused = 0, []
    for reply in replies:
        try:
            dates += await _take(store, call, sender, reply, is_delivered=is_delivered)
        except _Refused as error:
            refused.append(str(error))
        except TimeHeld:
            refused.append("The time is taken meanwhile.")
    return Taken(dates, tuple(refused) if replies else ("It holds no answer.",))


async def _take(store: Store, call: Call, sender: str, reply: CalendarReply, *, is_delivered: bool) -> int:
    if reply.address != sender:
        raise _Refused("It answers for another address than its sender's.")
    name = named_by(reply.uid)
    family_id = await _family_of(store, call.principal.tenant_id, name)
    answered: set[int] = set()
    change = Change(
        tenant_id=call.principal.tenant_id,
        principal=call.principal,
        door=call.door,
        scope=ByFamily(family_id),
        permit=_anyone if is_delivered else _changers(call.principal),
        decide=_deciding(reply, name, answered),
        alone=isinstance(name, SeriesName),
    )
    await store.change(change)
    return len(answered)


async def _family_of(store: Store, tenant_id: int, name: UUID | SeriesName | None) -> int:
    if isinstance(name, SeriesName) and name.tenant_id == tenant_id:
        return name.series_id
    if isinstance(name, UUID):
        try:
            row = (await store.read(tenant_id, ByUid(name))).row
        except AppointmentNotFound:
            raise _Refused("It answers to no appointment of this tenant.") from None
        if row.mother_id:
            return row.mother_id
        raise _Refused("Its sender is not invited.")
    raise _Refused("It answers to no appointment of this tenant.")


def _deciding(reply: CalendarReply, name: UUID | SeriesName | None, answered: set[int]) -> Decide:
    """Make the decision; it notes in `answered` the masters of the dates for which it was taken."""

    def decide(rows: Rows, view: View) -> Decision:
        answered.clear()
        masters = _meant(_masters(rows, name), reply)
        if not masters:
            raise _Refused("It answers to no appointment of this tenant, or to one that is cancelled.")
        if isinstance(name, UUID):
            _demand_current(masters[0], reply, view.directory)
        changed: list[Appointment] = []
        for master in masters:
            one = _invited(master, reply.address, view.directory)
            if one is not None and one.invitation_status not in GONE:
                answered.add(master.id)
                date = [row for row in rows if row.mother_id == master.id]
                changed += _answers(date, one, reply)
        if not answered:
            raise _Refused("Its sender is not invited.")
        return Decision(replacements=tuple(changed))

    return decide


def _masters(rows: Rows, name: UUID | SeriesName | None) -> list[Appointment]:
    standing = [row for row in rows if not row.is_booking_row and row.status is not Status.CANCELLED]
    if isinstance(name, SeriesName):
        return [row for row in standing if row.series_id == name.series_id]
    return [row for row in standing if row.uid == name]


def _meant(masters: list[Appointment], reply: CalendarReply) -> list[Appointment]:
    said, usual = reply.date_of, usual_time(masters) if masters else None
    if said is None or usual is None:
        return masters
    dates = [(row, row.series) for row in masters if row.series is not None]
    # Its very time first: what the clock skips may in UTC lie on the day before or after.
    exact = [row for row, series in dates if is_occurrence(said, series, usual)]
    return exact or [row for row, series in dates if series.on == day_named(said, ZoneInfo(series.zone))]


def _demand_current(master: Appointment, reply: CalendarReply, directory: Directory) -> None:
    zone = days_zone(master, directory.zone) if master.is_all_day else directory.zone
    if reply.starts_at and not is_same_start(reply.starts_at, master.starts_at, zone):
        raise _Refused("It answers to a time that the appointment has no more.")


def _invited(master: Appointment, address: str, directory: Directory) -> Participant | None:
    for one in master.participants:
        is_owner = one.associate_id != 0 and one.associate_id == master.owner_id
        if not is_owner and address in addresses(one, directory):
            return one
    return None


def addresses(one: Participant, directory: Directory) -> Iterator[str]:
    """Give the mail addresses of a participant in lower case: the given one, else those of their person."""
    associate = directory.associates.get(one.associate_id)
    numbers = {one.person_id, associate.person_id if associate else 0}
    persons = [directory.persons[number] for number in numbers if number in directory.persons]
    for address in (one.email_address, *(person.email for person in persons)):
        if address.strip():
            yield address.strip().lower()


def _answers(date: list[Appointment], one: Participant, reply: CalendarReply) -> tuple[Appointment, ...]:
    guest = next((row for row in date if row.is_booking_row and row.owner_id == one.associate_id), None)
    if guest is not None:
        return answer(date, guest, SAID[reply.answer], reply.comment)
    status = STATUSES[reply.answer].get(one.invitation_status, one.invitation_status)
    return answer_for(date, one.key, status, reply.answer)


def _anyone(_rows: Rows, _view: View) -> None:
    """Let everyone answer for themselves; that they are the sender is for the mail server to prove."""


def _changers(principal: Principal) -> Permit:
    def check(rows: Rows, view: View) -> None:
        masters = [row for row in rows if not row.is_booking_row]
        if any(access(principal, row, view.directory) < Access.CHANGE for row in masters):
            raise Forbidden

    return check
