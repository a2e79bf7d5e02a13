"""Cancel an appointment: it stays, cancelled, in both contracts."""

from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.status import Status
from appointed.usecases.change_appointment import Call, Edit, Edited, change_appointment
from appointed.usecases.ports import Outcome, Store


async def cancel_appointment(store: Store, call: Call, ref: int | UUID, reason: str | None) -> Outcome:
    """Cancel one appointment; cancelling again keeps the first time and reason."""
    return await change_appointment(store, call, ref, cancellation(reason))


def cancellation(reason: str | None) -> Edit:
    """Make the edit that cancels; a row that is cancelled stays as it is."""

    def edit(row: Appointment, _view: View) -> Edited:
        if row.status is Status.CANCELLED:
            return Edited(row)
        return Edited(replace(row, status=Status.CANCELLED, cancellation_reason=reason))

    return edit
