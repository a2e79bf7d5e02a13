"""Tell a claimant who waits something; it is shown on their page."""

from typing import Final

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import Problem, invalid
from appointed.domain.participant import Message
from appointed.domain.principal import Principal
from appointed.domain.status import Status
from appointed.usecases.change_appointment import Edit, Edited

LONGEST: Final = 1_000
MOST: Final = 10
# Whoever is not there any more reads nothing.
BEFORE_GOODBYE: Final = frozenset({Status.SCHEDULED, Status.LATE, Status.WAITING, Status.BEING_SEEN})


def message_claimant(principal: Principal, text: str) -> Edit:
    """Make the edit that adds a message, of which the last ten are kept.

    It raises InvalidAppointment when there is no text, too much of it, or nobody to read it.
    """

    def edit(row: Appointment, view: View) -> Edited:
        found = _problem(text)
        if row.claimant is None or row.status not in BEFORE_GOODBYE:
            found = Problem("message", "reader")
        if found is not None or row.claimant is None:
            raise invalid([found or Problem("message", "reader")])
        said = Message(at=view.now, by=principal.associate_id, text=text)
        messages = (*row.claimant.messages, said)[-MOST:]
        return Edited(replace(row, claimant=replace(row.claimant, messages=messages)))

    return edit


def _problem(text: str) -> Problem | None:
    if not text:
        return Problem("message", "required")
    return Problem("message", "longest", allowed=LONGEST) if len(text) > LONGEST else None
