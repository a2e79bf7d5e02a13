"""Whom a change of an appointment concerns enough to be told, and of what."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus
from appointed.domain.directory import Directory
from appointed.domain.follow import who
from appointed.domain.letter import Channel
from appointed.domain.participant import Claimant, InvitationStatus, Participant
from appointed.domain.status import Status


class NoticeKind(StrEnum):
    """What somebody is told."""

    INVITED = "invited"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell of one appointment as it was or is: its participant, or of their answer the owner.

    `to` is the associate who had assigned it, where it is told to them what became of that (`key` 0).
    """

    kind: NoticeKind
    appointment: Appointment
    participant: Participant
    to: int = 0


class ClaimantNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell the claimant of one appointment as it was or is, by each of these ways."""

    kind: NoticeKind
    appointment: Appointment
    ways: tuple[Channel, ...]


ANSWERS = {
    InvitationStatus.ACCEPTED: NoticeKind.ACCEPTED,
    InvitationStatus.DECLINED: NoticeKind.DECLINED,
}
ASSIGNED = frozenset({AssignmentStatus.ASSIGNING, AssignmentStatus.SEEN})
NO_NEWS: Final[Mapping[Channel, NoticeKind]] = MappingProxyType({})
ENDED = frozenset({Status.COMPLETE, Status.NO_SHOW})
GONE = frozenset({InvitationStatus.DECLINED, InvitationStatus.CANCELLED, InvitationStatus.HIDDEN})


def notices(before: Appointment | None, after: Appointment | None) -> Iterator[Notice]:
    """List who is to be told of a change of one row; a guest's own row tells nobody, its master does.

    An invitation is told once; later only a new time or place is (`MOVED`), and the end of it. Answers go
    to the owner, and to an assignment to whoever assigned it.
    """
    row = after or before
    if row is None or row.is_booking_row:
        return
    if before is not None and after is not None and before.assignment_status in ASSIGNED:
        yield from _of_assignment(before, after)
    old = _guests(before)
    new = {} if after is None or _is_off(after) else _guests(after)
    if before is not None and _is_off(before):
        old = {}
    for key, one in new.items():
        if key not in old:
            # A room that has no time says so at once, and who has refused needs no invitation.
            is_refused = one.invitation_status is InvitationStatus.DECLINED
            kind = NoticeKind.DECLINED if is_refused else NoticeKind.INVITED
            yield Notice(kind=kind, appointment=row, participant=one)
        else:
            yield from _told_again(before, row, old[key], one)
    for key, one in old.items():
        if key not in new and one.invitation_status not in GONE:
            yield Notice(kind=NoticeKind.CANCELLED, appointment=row, participant=one)


def posted(before: Appointment | None, after: Appointment | None) -> Iterator[Notice]:
    """List whom letters go to: as `notices`, who wants them from now on, and who knows another series' name.

    A refusal that comes with the asking is no news by letter: whoever asked reads it in the answer.
    """
    old = {} if before is None or _is_off(before) else _guests(before)
    known = set()
    for one in notices(before, after):
        was = old.get(who(one.participant))
        if one.kind is NoticeKind.DECLINED and not one.to and was is None:
            continue
        known.add(who(one.participant))
        is_first = one.kind is NoticeKind.MOVED and was is not None and _wants_now(was, one.participant)
        yield replace(one, kind=NoticeKind.INVITED) if is_first else one
    if before is None or after is None or after.is_booking_row or _is_off(after):
        return
    for key, guest in _guests(after).items():
        if key in known or key not in old or guest.invitation_status in GONE:
            continue
        if _wants_now(old[key], guest):
            yield Notice(kind=NoticeKind.INVITED, appointment=after, participant=guest)
        elif before.series_id != after.series_id:
            yield Notice(kind=NoticeKind.MOVED, appointment=after, participant=guest)


def _wants_now(old: Participant, new: Participant) -> bool:
    """Tell whether mail is to go to somebody to whom none went before."""
    return new.send_email and not old.send_email


def claimant_news(
    before: Appointment | None, after: Appointment | None, now: datetime
) -> Mapping[Channel, NoticeKind]:
    """Tell what a change of one row is to its claimant, by each way; nothing once its time is over.

    Who still expects the former time must hear of another one, though that is over; once it had begun they
    were there. An address that is new or another is invited, and nobody twice (ADR 123): by the others only a
    new time is news. That one is gone is none.
    """
    row = after or before
    if row is None or row.is_booking_row:
        return NO_NEWS
    if row.ends_at <= now and (before is None or before.starts_at <= now):
        return NO_NEWS
    old, new = _expected(before), _expected(after)
    known = {} if old is None else _addresses(old)
    if new is None:
        return dict.fromkeys(known, NoticeKind.CANCELLED)
    if old is not None and old.id != new.id:
        known = {}
    moved = before is not None and (before.starts_at, before.ends_at) != (row.starts_at, row.ends_at)
    # A letter with a new time would ask somebody to come whose link says that it is over.
    moved = moved and row.status not in ENDED
    told = {
        way: NoticeKind.MOVED if known.get(way) == address else NoticeKind.INVITED
        for way, address in _addresses(new).items()
    }
    # Nobody is asked to come to what is over.
    is_news = {NoticeKind.MOVED: moved, NoticeKind.INVITED: row.ends_at > now}
    return {way: kind for way, kind in told.items() if is_news[kind]}


def claimant_notices(
    before: Appointment | None,
    after: Appointment | None,
    directory: Directory,
    channels: frozenset[Channel],
    now: datetime,
) -> Iterator[ClaimantNotice]:
    """List the letters that a change of one row is to its claimant."""
    news = claimant_news(before, after, now)
    for kind in dict.fromkeys(news.values()):
        row = before if kind is NoticeKind.CANCELLED else after
        ways = [way for way in ways_to(row, directory, channels) if news.get(way) is kind] if row else ()
        if row and ways:
            yield ClaimantNotice(kind=kind, appointment=row, ways=tuple(ways))


def ways_to(row: Appointment, directory: Directory, channels: frozenset[Channel]) -> tuple[Channel, ...]:
    """List the ways by which a claimant can be told: known, wanted by the department, and of `channels`."""
    department, claimant = directory.departments.get(row.department_id), row.claimant
    if department is None or claimant is None or row.is_booking_row:
        return ()
    return tuple(way for way in _addresses(claimant) if way in channels and way in department.invites_by)


def _expected(row: Appointment | None) -> Claimant | None:
    return None if row is None or _is_off(row) else row.claimant


def _addresses(claimant: Claimant) -> dict[Channel, str]:
    known = ((Channel.EMAIL, claimant.email), (Channel.SMS, claimant.phone_number))
    return {way: address.strip() for way, address in known if address and address.strip()}


def _told_again(
    before: Appointment | None, row: Appointment, old: Participant, new: Participant
) -> Iterator[Notice]:
    is_expected = new.invitation_status not in GONE
    if before is not None and is_expected and _place(before) != _place(row):
        yield Notice(kind=NoticeKind.MOVED, appointment=row, participant=new)
    elif old.invitation_status is not new.invitation_status and new.invitation_status in ANSWERS:
        yield Notice(kind=ANSWERS[new.invitation_status], appointment=row, participant=new)


def _of_assignment(before: Appointment, after: Appointment) -> Iterator[Notice]:
    # Taken it stays where it is, and is nobody's any more; refused it goes back.
    is_taken = (after.owner_id, after.assignment_status) == (before.owner_id, AssignmentStatus.NONE)
    is_back = (after.owner_id, after.assignment_status) == (before.assigned_by, AssignmentStatus.DECLINED)
    if is_taken or is_back:
        yield Notice(
            kind=NoticeKind.ACCEPTED if is_taken else NoticeKind.DECLINED,
            appointment=after,
            participant=Participant(key=0, associate_id=before.owner_id),
            to=before.assigned_by,
        )


def _guests(row: Appointment | None) -> dict[tuple[str, int | str], Participant]:
    if row is None:
        return {}
    return {
        who(one): one for one in row.participants if one.associate_id == 0 or one.associate_id != row.owner_id
    }


def _is_off(row: Appointment) -> bool:
    return row.status is Status.CANCELLED


def _place(row: Appointment) -> tuple[object, ...]:
    return row.starts_at, row.ends_at, row.is_all_day, row.location
