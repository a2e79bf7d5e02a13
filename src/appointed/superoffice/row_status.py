"""What the column `status` of an appointment's row says (AppointmentStatus): one number for three things.

A hand-over comes first, then an invitation, else how far the work has come.
"""

from typing import Final

from appointed.domain.appointment import Appointment, AssignmentStatus
from appointed.domain.participant import InvitationStatus
from appointed.domain.status import COMPLETION, Completion, Status
from appointed.superoffice.choices import ASSIGNMENT_STATUSES
from appointed.superoffice.enums import ENUMS

ASSIGNED: Final[dict[AssignmentStatus, int]] = {
    one: ENUMS["AssignmentStatus"].numbers[name]
    for one, name in ASSIGNMENT_STATUSES.items()
    if one not in (AssignmentStatus.NONE, AssignmentStatus.UNKNOWN)
}
INVITED: Final[dict[InvitationStatus, int]] = {
    InvitationStatus.HIDDEN: 4,
    InvitationStatus.INVITATION: 5,
    InvitationStatus.MOVED: 6,
    InvitationStatus.SEEN: 7,
    InvitationStatus.MOVED_SEEN: 8,
    InvitationStatus.DECLINED: 9,
    InvitationStatus.CANCELLED: 10,
}
STEPS: Final = {Completion.NOT_STARTED: 1, Completion.STARTED: 2, Completion.COMPLETED: 3}
PROGRESS: Final = {status: STEPS[COMPLETION[status]] for status in Status}


def status_number(row: Appointment) -> int:
    """Give the number of a row's status."""
    assigned = ASSIGNED.get(row.assignment_status)
    return assigned or INVITED.get(row.invitation_status) or PROGRESS[row.status]
