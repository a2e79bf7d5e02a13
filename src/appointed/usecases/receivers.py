"""Who gets a letter about a change, and at which address."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import AssociateType, Directory
from appointed.domain.notices import Notice, NoticeKind, posted
from appointed.domain.participant import Participant
from appointed.usecases.take_reply import addresses

ANSWERS = frozenset({NoticeKind.ACCEPTED, NoticeKind.DECLINED})
BEFOREHAND = frozenset({NoticeKind.INVITED, NoticeKind.MOVED})


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a letter; `associate_id` 0: somebody without a diary here."""

    address: str
    name: str = ""
    associate_id: int = 0


def letters_to(
    before: Appointment | None, after: Appointment | None, directory: Directory, by: int
) -> Iterator[tuple[Notice, Receiver]]:
    """List who is to be told by mail of a change of one row: who asked of answers, participants of the rest.

    Participants must want mail; whoever did it (`by`) knows, and a room reads nothing.
    """
    for notice in posted(before, after):
        found = _owner(notice, directory) if notice.kind in ANSWERS else _guest(notice, directory)
        if found is not None and found.address and (not found.associate_id or found.associate_id != by):
            yield notice, found


def sends(
    before: Appointment | None, after: Appointment | None, directory: Directory, by: int, now: datetime
) -> bool:
    """Tell whether any of those letters leaves: nobody is asked to come to what is over."""
    return any(
        notice.kind not in BEFOREHAND or _ends_at(notice, before) > now
        for notice, _receiver in letters_to(before, after, directory, by)
    )


def name_of(guest: Participant, directory: Directory) -> str:
    """Give a participant's name as it is known; "" when it is not."""
    associate = directory.associates.get(guest.associate_id)
    if associate is not None:
        return associate.full_name
    person = directory.persons.get(guest.person_id)
    return " ".join(part for part in (person.first_name, person.last_name) if part) if person else ""


def _ends_at(notice: Notice, before: Appointment | None) -> datetime:
    ends_at = notice.appointment.ends_at
    # Who still expects the former time must hear of another one, though it is over.
    return max(ends_at, before.ends_at) if before and notice.kind is NoticeKind.MOVED else ends_at


def _guest(notice: Notice, directory: Directory) -> Receiver | None:
    guest = notice.participant
    associate = directory.associates.get(guest.associate_id)
    is_room = associate is not None and associate.type is AssociateType.RESOURCE
    if not guest.send_email or is_room:
        return None
    address = next(addresses(guest, directory), "")
    return Receiver(address=address, name=name_of(guest, directory), associate_id=guest.associate_id)


def _owner(notice: Notice, directory: Directory) -> Receiver | None:
    owner = directory.associates.get(notice.to or notice.appointment.owner_id)
    if owner is None:
        return None
    as_guest = Participant(key=0, associate_id=owner.id, person_id=owner.person_id)
    address = next(addresses(as_guest, directory), "")
    return Receiver(address=address, name=owner.full_name, associate_id=owner.id)
