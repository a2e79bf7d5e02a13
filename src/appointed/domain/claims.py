"""Time that an exclusive diary can give away only once."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.diary import IN_DIARY, is_refused
from appointed.domain.directory import Associate, AssociateType, Directory
from appointed.domain.errors import TimeHeld
from appointed.domain.participant import InvitationStatus
from appointed.domain.status import Status


class Claim(msgspec.Struct, frozen=True):
    """One appointment holding one resource from `starts_at` until before `ends_at` (aware UTC)."""

    resource_id: int
    appointment_id: int
    starts_at: datetime
    ends_at: datetime

    def clashes(self, other: "Claim") -> bool:
        """Tell whether both want the same resource at one time; touching ends do not clash."""
        return (
            self.resource_id == other.resource_id
            and self.appointment_id != other.appointment_id
            and self.starts_at < other.ends_at
            and other.starts_at < self.ends_at
        )


def claims_of(appointment: Appointment, directory: Directory) -> tuple[Claim, ...]:
    """List the time this appointment holds: its exclusive owner's, lead and lag included.

    Cancelled and free appointments, those without length, what stands outside the diary (to-dos, notes), and
    invitations that were refused hold nothing. A resource answers at once; what a person is invited to holds
    their time when they have accepted.
    """
    owner = directory.associates.get(appointment.owner_id)
    starts_at = appointment.starts_at - timedelta(minutes=appointment.lead_minutes)
    ends_at = appointment.ends_at + timedelta(minutes=appointment.lag_minutes)
    if owner is None or not owner.is_exclusive or appointment.kind not in IN_DIARY:
        return ()
    if appointment.status is Status.CANCELLED or appointment.is_free or starts_at >= ends_at:
        return ()
    if is_refused(appointment) or is_unanswered(appointment, owner):
        return ()
    return (Claim(owner.id, appointment.id, starts_at, ends_at),)


def asked_time(appointment: Appointment) -> tuple[datetime, datetime, bool, bool]:
    """Give what of an appointment decides which time its rooms are asked for; another asks them again."""
    return (
        appointment.starts_at - timedelta(minutes=appointment.lead_minutes),
        appointment.ends_at + timedelta(minutes=appointment.lag_minutes),
        appointment.is_free,
        appointment.kind in IN_DIARY,
    )


def is_unanswered(appointment: Appointment, owner: Associate) -> bool:
    """Tell whether this is a person's row of a booking that they have not accepted (yet)."""
    is_asked = appointment.is_booking_row and owner.type is not AssociateType.RESOURCE
    return is_asked and appointment.invitation_status is not InvitationStatus.ACCEPTED


def demand_free(wanted: tuple[Claim, ...], held: Iterable[Claim]) -> None:
    """Raise TimeHeld naming the first holder, and all others, when any wanted time is taken.

    Of wanted times that meet each other the first keeps its own, unless it is held already.
    """
    found = _clashes(wanted, held)
    if found:
        clashes = tuple((claim.resource_id, claim.starts_at, other.appointment_id) for claim, other in found)
        resource, _starts_at, blocker = clashes[0]
        raise TimeHeld(resource, blocker, clashes, tuple(claim.appointment_id for claim, _other in found))


def free_of(wanted: tuple[Claim, ...], held: Iterable[Claim]) -> tuple[Claim, ...]:
    """Give those of wanted times, each of nobody's row (id 0), that no held time meets."""
    taken = {claim for pair in _meetings({*wanted, *held}) for claim in pair}
    return tuple(claim for claim in wanted if claim not in taken)


def _clashes(wanted: tuple[Claim, ...], held: Iterable[Claim]) -> list[tuple[Claim, Claim]]:
    is_wanted = frozenset(wanted)
    found = [
        (one, rival)
        for pair in _meetings(is_wanted.union(held))
        for one, rival in (pair, pair[::-1])
        if one in is_wanted and rival not in is_wanted
    ]
    if len(is_wanted) > 1:
        left = is_wanted.difference(one for one, _rival in found)
        lost: set[Claim] = set()
        for one, rival in _meetings(left):
            # Whoever has lost to an earlier one is in nobody's way.
            if rival not in lost:
                found.append((one, rival))
                lost.add(one)
    return found


def _in_order(claim: Claim) -> tuple[int, datetime, bool, int]:
    # A row that is only tried has no id yet, and counts down from below nought.
    number = claim.appointment_id
    return claim.resource_id, claim.starts_at, number < 0, abs(number)


def _meetings(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Give each two that want one thing at one time, the one that begins later first."""
    # In order of time only those that have not ended yet need to be looked at.
    running: list[Claim] = []
    for claim in sorted(claims, key=_in_order):
        running = [other for other in running if other.ends_at > claim.starts_at]
        yield from ((claim, other) for other in running if claim.clashes(other))
        running.append(claim)
