"""Time that an exclusive diary can give away only once."""

from datetime import datetime, timedelta

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Directory
from appointed.domain.errors import TimeHeld
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

    Cancelled and free appointments, and those without length, hold nothing.
    """
    owner = directory.associates.get(appointment.owner_id)
    starts_at = appointment.starts_at - timedelta(minutes=appointment.lead_minutes)
    ends_at = appointment.ends_at + timedelta(minutes=appointment.lag_minutes)
    is_idle = appointment.status is Status.CANCELLED or appointment.is_free or starts_at >= ends_at
    if owner is None or not owner.is_exclusive or is_idle:
        return ()
    return (Claim(owner.id, appointment.id, starts_at, ends_at),)


def demand_free(wanted: tuple[Claim, ...], held: list[Claim]) -> None:
    """Raise TimeHeld naming the first holder when any wanted time is taken."""
    for claim in wanted:
        for other in held:
            if claim.clashes(other):
                raise TimeHeld(claim.resource_id, other.appointment_id)
