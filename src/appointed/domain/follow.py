"""What one occurrence of a series takes from a change of another: whatever was the same in both before."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.participant import Participant

# What an occurrence never takes from another.
OWN = frozenset(
    {
        "tenant_id",
        "id",
        "uid",
        "reference",
        "link_key",
        "created_at",
        "created_by",
        "revision",
        "updated_at",
        "updated_by",
        "is_second_shared",
        "starts_at",
        "ends_at",
        "series",
        "series_id",
        "mother_id",
        "mother_owner_id",
        "booking_type",
        "reject_counter",
        "meeting",
        "last_participant_key",
        "last_link_key",
        "session_started_at",
        "session_ended_at",
        "recording_consent",
        "arrived_at",
        "completed_at",
        "cancelled_at",
    }
)
DICTIONARIES = ("custom_fields", "extra_fields")
SHARED = tuple(
    name
    for name in Appointment.__struct_fields__
    if name not in OWN and name not in DICTIONARIES and name != "participants"
)


def follow(before: Appointment, after: Appointment, row: Appointment) -> Appointment:
    """Change in another row what was changed in one, wherever both were the same; not its time."""
    changes: dict[str, Any] = {}
    for name in SHARED:
        own = getattr(row, name)
        followed = _followed(getattr(before, name), getattr(after, name), own)
        if followed != own:
            changes[name] = followed
    for name in DICTIONARIES:
        merged = _merged(getattr(before, name), getattr(after, name), getattr(row, name))
        if merged != getattr(row, name):
            changes[name] = merged
    if before.participants != after.participants:
        changes["participants"] = _guests(before, after, row)
    return replace(row, **changes) if changes else row


def _followed(old: Any, new: Any, own: Any) -> Any:
    if old == new:
        return own
    if own == old:
        return new
    return _by_members(old, new, own) if _are_one_thing(old, new, own) else own


def _are_one_thing(*values: Any) -> bool:
    # What one person is called says nothing of another: only of the same one single members follow.
    kinds, ids = {type(one) for one in values}, {getattr(one, "id", None) for one in values}
    return len(kinds) == 1 and len(ids) == 1 and isinstance(values[0], Struct)


def _by_members(old: Any, new: Any, own: Any, but: str = "") -> Any:
    names = [name for name in own.__struct_fields__ if name != but]
    return replace(
        own,
        **{name: _followed(getattr(old, name), getattr(new, name), getattr(own, name)) for name in names},
    )


def _merged(before: dict[str, Any], after: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(own)
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key) or own.get(key) != before.get(key):
            continue
        if key in after:
            merged[key] = after[key]
        else:
            merged.pop(key, None)
    return merged


def who(participant: Participant) -> tuple[str, int | str]:
    """Say who a participant is, whatever the row's key: the associate, else the person, else the address."""
    if participant.associate_id:
        return "associate", participant.associate_id
    if participant.person_id:
        return "person", participant.person_id
    if participant.email_address:
        return "email", participant.email_address.lower()
    return "key", participant.key


def _guests(before: Appointment, after: Appointment, row: Appointment) -> tuple[Participant, ...]:
    old = {who(one): one for one in before.participants}
    new = {who(one): one for one in after.participants}
    guests = []
    for one in row.participants:
        followed = _guest(old.get(who(one)), new.get(who(one)), one)
        # A date that somebody else has taken over is theirs still, and they come.
        if one.associate_id == row.owner_id:
            guests.append(replace(followed, invitation_status=one.invitation_status))
        elif who(one) in new or who(one) not in old:
            guests.append(followed)
    here = {who(one) for one in row.participants}
    key = max(row.last_participant_key, *(one.key for one in guests), 0)
    for guest in after.participants:
        if who(guest) not in old and who(guest) not in here:
            key += 1
            guests.append(replace(guest, key=key))
    return tuple(guests)


def _guest(old: Participant | None, new: Participant | None, own: Participant) -> Participant:
    if old is None or new is None or old == new:
        return own
    guest: Participant = _by_members(old, new, own, but="key")
    return guest
