"""One owner's appointments over time: what settles when one changes, and when two overlap."""

from datetime import timedelta

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus, Kind, Privacy, Visibility, VisibleFor
from appointed.domain.directory import Directory, View
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.status import Status, stamps

# A diary lookup by range reads starts within this length before the range, and longer rows apart.
LONG = timedelta(days=1)
IN_DIARY = frozenset({Kind.DIARY, Kind.BOOKING_FOR_DIARY})
EVERYBODY = (VisibleFor(Visibility.ALL),)
REFUSED = frozenset({InvitationStatus.DECLINED, InvitationStatus.CANCELLED, InvitationStatus.HIDDEN})


def occupies(appointment: Appointment) -> bool:
    """Tell whether others may conflict with this row: in a diary, busy, long, and not cancelled or refused.

    A to-do of the checklist, a note or a document has a time too, and takes none.
    """
    return (
        not appointment.is_free
        and appointment.kind in IN_DIARY
        and appointment.status is not Status.CANCELLED
        and appointment.starts_at < appointment.ends_at
        and not is_refused(appointment)
    )


def is_refused(appointment: Appointment) -> bool:
    """Tell whether this is a guest's row of a booking that they take no part in."""
    return appointment.invitation_status in REFUSED and appointment.is_booking_row


def settle(before: Appointment | None, after: Appointment, view: View) -> Appointment:
    """Bring what depends on the changed members into line; `before` is None at creation.

    An end before the start becomes the start; a new owner brings a department and a first
    participant row; states set their stamps once.
    """
    if before == after:
        return after
    after = _with_time(after)
    after = _with_owner(before, after, view.directory)
    after = _with_viewers(before, after)
    after = _with_stamps(before, after, view)
    if after.links is not (before.links if before else ()):
        after = _with_last_link(before, after)
    last_key = max((row.key for row in after.participants), default=0)
    return replace(after, last_participant_key=last_key) if last_key > after.last_participant_key else after


def _with_time(after: Appointment) -> Appointment:
    return replace(after, ends_at=after.starts_at) if after.ends_at < after.starts_at else after


def _with_owner(before: Appointment | None, after: Appointment, directory: Directory) -> Appointment:
    owner = directory.associates.get(after.owner_id)
    if owner is None or (before is not None and before.owner_id == after.owner_id):
        return after
    if before is not None:
        after = replace(after, assigned_by=before.owner_id, assignment_status=AssignmentStatus.ASSIGNING)
    is_chosen = after.department_id != (before.department_id if before else 0)
    home = owner.group_id or directory.tenant.default_department_id
    return replace(
        after,
        department_id=after.department_id if is_chosen else home,
        participants=_owner_first(before, after, directory),
    )


def _with_viewers(before: Appointment | None, after: Appointment) -> Appointment:
    """Let privacy and the list of readers say the same: what changed leads, the list before the privacy."""
    if after.visible_for != (before.visible_for if before else EVERYBODY):
        return replace(after, privacy=privacy_of(after.visible_for, after.department_id))
    if after.privacy is not (before.privacy if before else Privacy.PUBLIC):
        return replace(after, visible_for=privacy_rows(after))
    if before is None or after.privacy is Privacy.PUBLIC:
        return after
    if (before.owner_id, before.department_id) == (after.owner_id, after.department_id):
        return after
    follows = {
        VisibleFor(Visibility.GROUP, before.department_id): after.department_id,
        VisibleFor(Visibility.ASSOCIATE, before.owner_id): after.owner_id,
    }
    found = tuple(dict.fromkeys(replace(one, id=follows.get(one, one.id)) for one in after.visible_for))
    # Not `privacy_of`: where list and privacy disagree, say in a guest's row, it might open the row.
    is_own = VisibleFor(Visibility.GROUP, after.department_id) in found
    return replace(after, visible_for=found, privacy=Privacy.GROUP if is_own else after.privacy)


def privacy_rows(row: Appointment) -> tuple[VisibleFor, ...]:
    """List who sees a row of this privacy."""
    if row.privacy is Privacy.OWNER:
        return (VisibleFor(Visibility.ASSOCIATE, row.owner_id),)
    if row.privacy is Privacy.GROUP:
        return (VisibleFor(Visibility.GROUP, row.department_id),)
    return EVERYBODY


def privacy_of(rows: tuple[VisibleFor, ...], department_id: int) -> Privacy:
    """Give the privacy that a list amounts to, beside the others whom it names (`rights.viewers`)."""
    if EVERYBODY[0] in rows:
        return Privacy.PUBLIC
    return Privacy.GROUP if VisibleFor(Visibility.GROUP, department_id) in rows else Privacy.OWNER


def _owner_first(
    before: Appointment | None, after: Appointment, directory: Directory
) -> tuple[Participant, ...]:
    former = before.owner_id if before else 0
    replaced = {after.owner_id, former} - {0}
    others = [row for row in after.participants if row.associate_id not in replaced]
    own = next((row for row in after.participants if row.associate_id == after.owner_id), None)
    return (own or owner_row(after, directory), *others)


def owner_row(appointment: Appointment, directory: Directory) -> Participant:
    """Make the participant row of an appointment's owner."""
    owner = directory.associates[appointment.owner_id]
    person = directory.persons.get(owner.person_id)
    return Participant(
        key=next_key(appointment),
        associate_id=owner.id,
        person_id=owner.person_id,
        contact_id=person.contact_id if person else 0,
        invitation_status=InvitationStatus.ACCEPTED,
    )


def next_key(appointment: Appointment) -> int:
    """Give a participant key that this appointment never used."""
    return max(appointment.last_participant_key, *(row.key for row in appointment.participants), 0) + 1


def _with_last_link(before: Appointment | None, after: Appointment) -> Appointment:
    links = (*before.links, *after.links) if before else after.links
    last_key = max((link.key for link in links), default=0)
    return replace(after, last_link_key=last_key) if last_key > after.last_link_key else after


def _with_stamps(before: Appointment | None, after: Appointment, view: View) -> Appointment:
    former = before.status if before else Status.SCHEDULED
    standing = {
        "session_started_at": after.session_started_at,
        "session_ended_at": after.session_ended_at,
        "cancelled_at": after.cancelled_at,
        "completed_at": after.completed_at,
    }
    changes = stamps(former, after.status, standing, view.now)
    return replace(after, **changes) if changes else after
