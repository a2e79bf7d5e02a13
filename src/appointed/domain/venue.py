"""Where a booking takes place, as far as the rooms that were invited tell."""

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.diary import REFUSED
from appointed.domain.directory import AssociateType, Directory
from appointed.domain.validity import TEXT_LIMITS


def located(before: Appointment | None, master: Appointment, directory: Directory) -> Appointment:
    """Let an empty location be the name of a room that newly comes (superoffice.md §10.6).

    A location that names a room which comes no more goes with it, unless it is written in this very change
    (ADR 0162). What somebody wrote stays.
    """
    came, stood = _rooms(master, directory), _rooms(before, directory) if before else {}
    if came == stood:
        return master
    is_told = before is not None and before.location != master.location
    names_left = {name for room, name in stood.items() if room not in came}
    new = [name for room, name in came.items() if room not in stood]
    if not is_told and master.location in names_left:
        return replace(master, location=next(iter(came.values()), ""))
    return replace(master, location=new[0]) if new and not master.location and not is_told else master


def _rooms(row: Appointment, directory: Directory) -> dict[int, str]:
    """Name the resources that take part, in the order of the list."""
    found = {}
    for one in row.participants:
        room = directory.associates.get(one.associate_id)
        is_coming = one.associate_id != row.owner_id and one.invitation_status not in REFUSED
        if is_coming and room is not None and room.type is AssociateType.RESOURCE:
            found[room.id] = room.full_name[: TEXT_LIMITS["location"]]
    return found
