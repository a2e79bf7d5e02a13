"""Send an interpreter or a guest their link into a call, by mail or SMS."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.call import INVITED, Side
from appointed.domain.errors import Forbidden, Problem, invalid
from appointed.domain.letter import Channel, Item, Mailing, Note, Purpose, is_address
from appointed.domain.principal import Principal
from appointed.domain.rights import Access
from appointed.domain.status import Status
from appointed.usecases.ports import IdSource, Store
from appointed.usecases.read_appointment import read_appointment

# While there is a call to join, or one to come.
JOINABLE: Final = frozenset({Status.SCHEDULED, Status.LATE, Status.WAITING, Status.BEING_SEEN})
LONGEST: Final = 255
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ()./-]{3,30}")
_PUNCTUATION: Final = re.compile(r"[ ()./-]")

Pseudonym = Callable[[int, str], str]
"""Turn a tenant's address into a name that says nothing of it, always the same."""


class Asked(msgspec.Struct, frozen=True):
    """What came of asking: by which way the link goes; `is_new` False: it went to this address before."""

    channel: Channel
    is_new: bool


def is_joinable(row: Appointment, now: datetime) -> bool:
    """Tell whether anybody can still be asked to join."""
    return row.meeting is not None and row.status in JOINABLE and row.ends_at > now


async def ask_to_join(
    store: Store,
    ids: IdSource,
    principal: Principal,
    ref: int | UUID,
    role: str,
    address: str,
    now: datetime,
    pseudonym: Pseudonym,
) -> Asked:
    """Send a role's link to an address, once for each time that the appointment is given.

    The address is kept sealed until the letter is forgotten. Raises AppointmentNotFound, Forbidden for
    whoever may not change the appointment, and InvalidAppointment for what cannot be.
    """
    reading, granted = await read_appointment(store, principal, ref, hides_foreign=True, is_shown=False)
    row = reading.row
    if granted < Access.CHANGE:
        raise Forbidden
    channel, to = _read(address, store.mail.channels)
    if role not in INVITED:
        raise invalid([Problem("role", "in", role, [side.value for side in INVITED])])
    if not is_joinable(row, now):
        raise invalid([Problem("address", "step")])
    known = pseudonym(row.tenant_id, to.casefold())
    mailing = Mailing(
        tenant_id=row.tenant_id,
        id=ids.uuid7(now),
        key=f"join:{row.id}:{row.starts_at.isoformat()}:{role}:{known}",
        purpose=Purpose.JOIN,
        at=now,
        items=(Item(row.id),),
        by=principal.associate_id,
        note=Note(role=Side(role), channel=channel, to=to),
    )
    return Asked(channel, await store.mail.add(mailing))


def _read(text: str, channels: frozenset[Channel]) -> tuple[Channel, str]:
    if not text:
        raise invalid([Problem("address", "required")])
    channel = Channel.EMAIL if "@" in text or Channel.SMS not in channels else Channel.SMS
    is_right = is_address(text) if channel is Channel.EMAIL else _NUMBER.fullmatch(text) is not None
    if not is_right or len(text) > LONGEST or channel not in channels:
        raise invalid([Problem("address", "email" if channel is Channel.EMAIL else "phone")])
    return channel, _PUNCTUATION.sub("", text) if channel is Channel.SMS else text
