"""A booking: the owner's row is the master, and each associate who is invited has a row in their own diary.

`master.participants` says who takes part and what they answered; every guest's row carries the same list. A
guest's row has the master's time and texts, and its own answer, priority, alarm and completion.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus, BookingType, Kind
from appointed.domain.claims import asked_time
from appointed.domain.diary import REFUSED, privacy_of
from appointed.domain.directory import AssociateType, Directory
from appointed.domain.follow import DICTIONARIES, SHARED, who
from appointed.domain.participant import ExternalReply, InvitationStatus, Participant
from appointed.domain.series import FRESH, Rename
from appointed.domain.status import Status
from appointed.domain.venue import located

Rows = Sequence[Appointment]
S = InvitationStatus


class Answer(StrEnum):
    """What a guest, or the owner for them, can say to an invitation."""

    SEE = "see"
    ACCEPT = "accept"
    DECLINE = "decline"
    HIDE = "hide"


# What a guest's row never takes from its master.
GUESTS_OWN: Final = frozenset(
    {
        "owner_id",
        "department_id",
        "kind",
        "status",
        "priority_id",
        "has_alarm",
        "alarm_minutes",
        "color_index",
        "privacy",
        "visible_for",
        "invitation_status",
        "assignment_status",
        "assigned_by",
        "invited_person_id",
        "reject_reason",
        "caution",
        "cancellation_reason",
        "claimant",
    }
)
TAKEN: Final = tuple(name for name in (*SHARED, *DICTIONARIES) if name not in GUESTS_OWN)

# Answer → status before → status after; an answer that is not listed changes nothing.
ANSWERS: Final[dict[Answer, dict[S, S]]] = {
    Answer.SEE: {S.INVITATION: S.SEEN, S.MOVED: S.MOVED_SEEN},
    Answer.ACCEPT: dict.fromkeys(
        (S.NONE, S.INVITATION, S.SEEN, S.MOVED, S.MOVED_SEEN, S.DECLINED, S.HIDDEN), S.ACCEPTED
    ),
    Answer.DECLINE: dict.fromkeys(
        (S.NONE, S.INVITATION, S.SEEN, S.MOVED, S.MOVED_SEEN, S.ACCEPTED), S.DECLINED
    ),
    Answer.HIDE: {S.DECLINED: S.HIDDEN, S.CANCELLED: S.HIDDEN},
}
# A new time asks everybody again who has not said no.
MOVED: Final = dict.fromkeys((S.ACCEPTED, S.SEEN, S.MOVED_SEEN), S.MOVED)
AWAITED: Final = frozenset({S.NONE, S.INVITATION, S.MOVED})
SILENT: Final = ExternalReply.UNKNOWN
UNSEEN: Final = frozenset({S.NONE, S.INVITATION})
# Only who has declined can hide an invitation that still stands.
REFUSALS: Final = frozenset({S.DECLINED, S.HIDDEN})
OPEN: Final = frozenset({S.UNKNOWN, S.NONE})
PENDING_KINDS: Final = {Kind.DIARY: Kind.BOOKING_FOR_DIARY, Kind.CHECKLIST: Kind.BOOKING_FOR_CHECKLIST}


class Guests(msgspec.Struct, frozen=True, kw_only=True):
    """A master and what becomes of its guests' rows."""

    master: Appointment
    replacements: tuple[Appointment, ...] = ()
    creations: tuple[Appointment, ...] = ()
    deletions: tuple[int, ...] = ()


def invite(
    before: Appointment | None,
    master: Appointment,
    guests: Rows,
    directory: Directory,
    rename: Rename,
    ids: Iterator[int],
    busy: frozenset[int] = frozenset(),
) -> Guests:
    """Bring the guests' rows into line with their master as it stands after a change.

    `before` is the master before it, None for a new one; `busy` are resources that have no time then.
    """
    master = _with_answers(before, master, directory, busy)
    guests = [_open_as(master, row) for row in guests]
    if master.status is Status.CANCELLED:
        return _called_off(_as_master(master), guests)
    wanted = {one.associate_id: one for one in _others(master) if one.associate_id in directory.associates}
    said = {who(one): one.invitation_status for one in before.participants} if before else {}
    is_moved = before is not None and _times(before) != _times(master)
    # A room clears up after it, and a guest does not: what is held around the time asks rooms alone.
    is_asked = is_moved or (before is not None and asked_time(before) != asked_time(master))
    standing = {row.owner_id: row for row in guests}
    stay = [row for row in guests if row.owner_id in wanted]
    statuses = {
        row.owner_id: _room_after(row, busy, is_asked=is_asked)
        if _is_resource(row.owner_id, directory)
        else _asked_again(row.invitation_status, is_moved=is_moved)
        for row in stay
        # The owner may note what a guest told them, and invite again who was there before.
        if said.get(who(wanted[row.owner_id])) is wanted[row.owner_id].invitation_status
    }
    participants = tuple(
        replace(
            one,
            invitation_status=statuses.get(one.associate_id) or _outsiders(one, said, is_moved=is_moved),
        )
        for one in master.participants
    )
    participants = _awaited(before, participants) if before and is_moved else participants
    master = located(before, _as_master(replace(master, participants=participants)), directory)
    # Who has refused and deleted their row is not bothered with another.
    made = [
        one
        for owner_id, one in wanted.items()
        if owner_id not in standing and not {said.get(who(one)), one.invitation_status} <= REFUSED
    ]
    gone = [row for row in guests if row.owner_id not in wanted]
    return Guests(
        master=master,
        replacements=(
            *(
                _guest(row, master, statuses.get(row.owner_id, wanted[row.owner_id].invitation_status))
                for row in stay
            ),
            *(_uninvited(row, master) for row in gone if not _is_unseen(row, master)),
        ),
        creations=tuple(_new_guest(master, one, directory, rename, next(ids)) for one in made),
        deletions=tuple(row.id for row in gone if _is_unseen(row, master)),
    )


def call_off(guests: Rows) -> tuple[Appointment, ...]:
    """Say in every guest's row that the booking is no more; who declined or knows already is left alone."""
    return tuple(
        cancelled(row) for row in guests if row.invitation_status not in (S.DECLINED, S.CANCELLED, S.HIDDEN)
    )


def unconcerned(guests: Rows) -> Iterator[int]:
    """Name the rows that go with their booking: who had declined is told nothing more of it."""
    return (row.id for row in guests if row.invitation_status in REFUSALS)


def answer(family: Rows, guest: Appointment, said: Answer, reason: str = "") -> tuple[Appointment, ...]:
    """Keep a guest's answer in their row, the master's list and every other guest's.

    `family` is one date's master and guests. An answer that the invitation's status does not know changes
    nothing; who is invited no more can only hide it. A reason goes with a refusal, and an acceptance clears
    it.
    """
    status = ANSWERS[said].get(guest.invitation_status)
    masters = (row for row in family if not row.is_booking_row and row.status is not Status.CANCELLED)
    is_invited = any(one.associate_id == guest.owner_id for row in masters for one in _others(row))
    if status is None or not (is_invited or status is S.HIDDEN):
        return ()
    return _answered(family, guest.owner_id, status, reason)


def answer_for(
    family: Rows, participant_key: int, status: InvitationStatus, reply: ExternalReply | None = None
) -> tuple[Appointment, ...]:
    """Keep what somebody without a diary here answered, by the key of their row in the master's list.

    `reply` is what their own calendar calls it, if it told.
    """
    return _kept(family, lambda one: one.key == participant_key, status, reply)


def leave(family: Rows, guest: Appointment) -> tuple[tuple[Appointment, ...], int]:
    """Remove a guest's own row: they have declined. Gives the other rows, and the id to delete."""
    others = [row for row in family if row.id != guest.id]
    if guest.invitation_status in (S.CANCELLED, S.HIDDEN, S.DECLINED):
        return (), guest.id
    return _answered(others, guest.owner_id, S.DECLINED, ""), guest.id


def master_of(rows: Rows, row: Appointment) -> Appointment | None:
    """Find the master of a booking row among others; a single row or a master is its own."""
    if not row.is_booking_row:
        return row
    return next((one for one in rows if one.id == row.mother_id), None)


def guests_of(rows: Rows, master: Appointment) -> list[Appointment]:
    """Find the guests' rows of a master among others."""
    return [row for row in rows if row.is_booking_row and row.mother_id == master.id]


def _answered(family: Rows, owner_id: int, status: InvitationStatus, reason: str) -> tuple[Appointment, ...]:
    # Who owns it by now comes; their row of former times says so to themselves alone.
    is_owner = any(row.owner_id == owner_id and not row.is_booking_row for row in family)
    kept = () if is_owner else _kept(family, lambda one: one.associate_id == owner_id, status)
    changed = {row.id: row for row in kept}
    for row in family:
        now = changed.get(row.id, row)
        if now.is_booking_row and now.owner_id == owner_id:
            changed[row.id] = replace(
                now,
                invitation_status=status,
                kind=_kind(family, status),
                reject_reason=reason if status is S.DECLINED else "",
            )
    return tuple(changed.values())


def _kind(family: Rows, status: InvitationStatus) -> Kind:
    kind = next((row.kind for row in family if not row.is_booking_row), Kind.DIARY)
    return kind if status is S.ACCEPTED else PENDING_KINDS.get(kind, kind)


def _kept(
    family: Rows, is_meant: Any, status: InvitationStatus, reply: ExternalReply | None = None
) -> tuple[Appointment, ...]:
    made = []
    for row in family:
        participants = tuple(
            replace(one, invitation_status=status, external_reply=reply or one.external_reply)
            if is_meant(one)
            else one
            for one in row.participants
        )
        after = replace(row, participants=participants)
        if not row.is_booking_row:
            after = _counted(after)
        if after != row:
            made.append(after)
    return tuple(made)


def _counted(master: Appointment) -> Appointment:
    refusals = sum(one.invitation_status in REFUSALS for one in _others(master))
    return replace(master, reject_counter=refusals)


def _others(master: Appointment) -> list[Participant]:
    return [one for one in master.participants if one.associate_id != master.owner_id or not one.associate_id]


def _with_answers(
    before: Appointment | None, master: Appointment, directory: Directory, busy: frozenset[int]
) -> Appointment:
    known = {who(one) for one in before.participants} if before else set()
    if before and before.owner_id != master.owner_id:
        # Whatever they answered as a guest, the new owner comes.
        known.discard(("associate", master.owner_id))
    participants = tuple(
        one
        if who(one) in known
        else replace(one, invitation_status=_first_status(one, master, directory, busy))
        for one in master.participants
    )
    return replace(master, participants=participants)


def _first_status(
    one: Participant, master: Appointment, directory: Directory, busy: frozenset[int]
) -> InvitationStatus:
    if one.associate_id == master.owner_id and one.associate_id:
        return S.ACCEPTED
    if _is_resource(one.associate_id, directory):
        return S.DECLINED if one.associate_id in busy else S.ACCEPTED
    # Nobody answers for a colleague by inviting them.
    is_open = one.associate_id or one.invitation_status in OPEN
    return S.INVITATION if is_open else one.invitation_status


def _room_after(row: Appointment, busy: frozenset[int], *, is_asked: bool) -> InvitationStatus:
    if row.owner_id in busy:
        return S.DECLINED
    return S.ACCEPTED if is_asked else row.invitation_status


def _asked_again(status: InvitationStatus, *, is_moved: bool) -> InvitationStatus:
    return MOVED.get(status, status) if is_moved else status


def _outsiders(
    one: Participant, said: dict[tuple[str, int | str], InvitationStatus], *, is_moved: bool
) -> InvitationStatus:
    is_asked = is_moved and not one.associate_id and said.get(who(one)) is one.invitation_status
    return _asked_again(one.invitation_status, is_moved=is_asked)


def _awaited(before: Appointment, participants: tuple[Participant, ...]) -> tuple[Participant, ...]:
    """Forget what outside calendars answered to the former time, unless this very change tells it."""
    told = {who(one): one.external_reply for one in before.participants}
    return tuple(
        replace(one, external_reply=ExternalReply.NOT_RESPONDED)
        if one.invitation_status in AWAITED and told.get(who(one), SILENT) is one.external_reply is not SILENT
        else one
        for one in participants
    )


def _is_resource(associate_id: int, directory: Directory) -> bool:
    associate = directory.associates.get(associate_id)
    return associate is not None and associate.type is AssociateType.RESOURCE


def _times(row: Appointment) -> tuple[Any, ...]:
    return row.starts_at, row.ends_at, row.is_all_day


def _open_as(master: Appointment, row: Appointment) -> Appointment:
    """Let a guest's row be read by whom the booking's owner says: what it shows is the booking's."""
    seen = master.visible_for
    # The list names the department that is meant; privacy would mean the guest's.
    return replace(row, visible_for=seen, privacy=privacy_of(seen, row.department_id))


def _as_master(row: Appointment) -> Appointment:
    if _others(row):
        return _counted(replace(row, mother_id=row.id, booking_type=BookingType.OWNER))
    return replace(row, mother_id=0, booking_type=BookingType.NONE, reject_counter=0)


def _is_unseen(row: Appointment, master: Appointment) -> bool:
    # Whoever becomes the owner has the master's row instead.
    return row.invitation_status in UNSEEN or row.owner_id == master.owner_id


def cancelled(row: Appointment) -> Appointment:
    """Tell a guest that they are expected no more."""
    return replace(row, invitation_status=S.CANCELLED, kind=PENDING_KINDS.get(row.kind, row.kind))


def _called_off(master: Appointment, guests: Rows) -> Guests:
    told = {row.id: row for row in call_off(guests)}
    return Guests(
        master=master,
        replacements=tuple(_along(told.get(row.id, row), master) for row in guests),
    )


def _uninvited(row: Appointment, master: Appointment) -> Appointment:
    return _along(row if row.invitation_status is S.HIDDEN else cancelled(row), master)


def _along(row: Appointment, master: Appointment) -> Appointment:
    # Whoever is expected no more stays with the master's series, to be found when they are invited again.
    return replace(row, series=master.series, series_id=master.series_id, mother_owner_id=master.owner_id)


def _guest(row: Appointment, master: Appointment, status: InvitationStatus) -> Appointment:
    return replace(
        row,
        **{name: getattr(master, name) for name in TAKEN} | {"title": _title(master)},
        starts_at=master.starts_at,
        ends_at=master.ends_at,
        series=master.series,
        series_id=master.series_id,
        participants=master.participants,
        last_participant_key=master.last_participant_key,
        last_link_key=master.last_link_key,
        mother_id=master.id,
        mother_owner_id=master.owner_id,
        booking_type=BookingType.PARTICIPANT,
        invitation_status=status,
        kind=master.kind if status is S.ACCEPTED else PENDING_KINDS.get(master.kind, master.kind),
    )


def _title(master: Appointment) -> str | None:
    # No guest's row has the claimant that it would be rendered from: what those read who may not see them.
    if master.title is None and master.claimant is not None:
        return f"SQOD {master.reference}"
    return master.title


def _new_guest(
    master: Appointment, one: Participant, directory: Directory, rename: Rename, new_id: int
) -> Appointment:
    associate = directory.associates[one.associate_id]
    own: dict[str, Any] = {
        **FRESH,
        "id": new_id,
        "owner_id": associate.id,
        "department_id": associate.group_id or directory.tenant.default_department_id,
        "invited_person_id": associate.person_id,
        "assignment_status": AssignmentStatus.NONE,
        "assigned_by": 0,
        "claimant": None,
        "meeting": None,
    }
    made = _open_as(master, replace(rename(master, new_id), **own))
    return _guest(made, master, one.invitation_status)
