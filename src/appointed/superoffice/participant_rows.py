"""Reading Participants back: each stays the row it was, and the claimant's row is none of them.

Rows are found again in rounds: those that are just the same, those of the same associate, person or address,
those that have nothing but the same description, and those that stand in the same place, unless by less.
Whatever is left is new. A colleague may be named by their person alone.
"""

from collections.abc import Callable, Hashable
from typing import Any

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.diary import next_key, owner_row
from appointed.domain.directory import AssociateType, Directory
from appointed.domain.letter import is_address
from appointed.domain.participant import InvitationStatus, Participant
from appointed.domain.rights import OUTSIDERS
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.participant import (
    CLAIMANT_KEY,
    EXTERNAL_REPLIES,
    EXTERNAL_ROLES,
    INVITATION_STATUSES,
    claimant_row,
)
from appointed.superoffice.enums import read_enum
from appointed.superoffice.members import Sent, read_flag
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.references import ASSOCIATE, CONTACT, PERSON, is_there

MOST = 501
LONGEST_EMAIL = 254
LONGEST_DESCRIPTION = 4000
# What names a participant, the strongest first.
KINDS = ("associate", "person", "email")
NAMED = ((ASSOCIATE, "associate_id"), (PERSON, "person_id"), (CONTACT, "contact_id"))
COLLEAGUES_MEMO = "superoffice colleagues by person"

Values = dict[str, Any]


def read_participants(sent: Sent, row: Appointment) -> Appointment:
    """Set the list; the owner's row and the claimant's stay whatever the list says."""
    value = [] if sent.value is None else sent.value
    if not isinstance(value, list) or len(value) > MOST:
        sent.wrong("array", MOST)
        return row
    given = [_values(item, f"{sent.path}.{index}", sent) for index, item in enumerate(value)]
    if any(values is None for values in given):
        return row
    wanted = [values for values in given if values is not None]
    rows = _rows(wanted, row, sent)
    return row if rows is None or rows == row.participants else replace(row, participants=rows)


def _rows(wanted: list[Values], row: Appointment, sent: Sent) -> tuple[Participant, ...] | None:
    claimant = claimant_row(row)
    old = (*row.participants, claimant) if claimant else row.participants
    directory = sent.ctx.directory
    places = _matched(wanted, old, row.owner_id, directory)
    stood = (*places.values(), claimant) if claimant else places.values()
    taken = {_identity(before, directory) for before in stood}
    made: list[Participant] = []
    key = next_key(row)
    count = len(sent.notes.problems)
    for index, values in enumerate(wanted):
        path = f"{sent.path}.{index}"
        before = places.get(index)
        if before is not None and before.key == CLAIMANT_KEY:
            if _with(before, values) != before:
                sent.notes.ignore(path)
        elif before is not None:
            made.append(_changed(before, values, path, sent))
        else:
            invited = _with(_invited(key, values, row, directory), values)
            name = _identity(invited, directory)
            if name is not None and name in taken:
                sent.notes.ignore(path)
                continue
            taken.add(name)
            made.append(_completed(invited, path, sent, Participant(key=key)))
            key += 1
    return _with_owner(tuple(made), row, sent) if len(sent.notes.problems) == count else None


def _changed(before: Participant, values: Values, path: str, sent: Sent) -> Participant:
    after = _with(before, values)
    if after == before:
        return before
    # Whoever names another associate or person means theirs, not the ids that still stand beside it.
    if after.associate_id not in (0, before.associate_id) and after.person_id == before.person_id:
        after = replace(after, person_id=0)
    if after.person_id != before.person_id and after.contact_id == before.contact_id:
        after = replace(after, contact_id=0)
    return _completed(after, path, sent, before)


def _with_owner(made: tuple[Participant, ...], row: Appointment, sent: Sent) -> tuple[Participant, ...]:
    # A diary row always lists its own diary; who drops it gets it back where it stood, first.
    if (
        any(one.associate_id == row.owner_id for one in made)
        or row.owner_id not in sent.ctx.directory.associates
    ):
        return made
    stood = next((one for one in row.participants if one.associate_id == row.owner_id), None)
    if stood is None:
        return made
    sent.notes.ignore(sent.path)
    return (stood, *made)


def _exact(row: Participant) -> Hashable:
    return replace(row, key=CLAIMANT_KEY)


def _identity(row: Participant, directory: Directory) -> tuple[str, Hashable] | None:
    if associate_id := row.associate_id or _colleague(row.person_id, directory):
        return "associate", associate_id
    if row.person_id:
        return "person", row.person_id
    return ("email", row.email_address.casefold()) if row.email_address else None


def _description(row: Participant) -> Hashable:
    # A claimant without an address is named by nothing else.
    is_unnamed = not (row.associate_id or row.person_id or row.contact_id or row.email_address)
    return row.description if is_unnamed and row.description else None


def _colleague(person_id: int, directory: Directory) -> int:
    """Give the associate who is this person, 0 for none; the first where several are."""
    if not person_id:
        return 0
    found: dict[int, int] | None = directory.memo.get(COLLEAGUES_MEMO)
    if found is None:
        users = sorted(directory.associates.values(), key=lambda one: -one.id)
        diaries = (one for one in users if not one.is_deleted and one.type not in OUTSIDERS)
        found = directory.memo[COLLEAGUES_MEMO] = {one.person_id: one.id for one in diaries}
    return found.get(person_id, 0)


def _matched(
    wanted: list[Values], old: tuple[Participant, ...], owner_id: int, directory: Directory
) -> dict[int, Participant]:
    blank = Participant(key=CLAIMANT_KEY)
    new = [_with(blank, values) for values in wanted]
    found: dict[int, Participant] = {}
    left = list(old)
    for rule in (_exact, lambda one: _identity(one, directory), _description):
        _match(new, left, found, rule)
    for index, row in enumerate(new[: len(old)]):
        stood = old[index]
        # The owner's row is nobody else's; it comes back by itself where a list leaves it out.
        named = row.associate_id or _colleague(row.person_id, directory)
        is_taken = stood.associate_id == owner_id and named not in (0, owner_id)
        if index not in found and stood in left and not is_taken and _may_be(row, stood, directory):
            found[index] = stood
            left.remove(stood)
    return found


def _may_be(row: Participant, stood: Participant, directory: Directory) -> bool:
    if stood.key == CLAIMANT_KEY:
        # In the claimant's place stands whoever comes next in a list without the claimant.
        same_name = row.description != "" and row.description == stood.description
        return same_name or (row.email_address != "" and row.email_address == stood.email_address)
    # Whoever is named by less than the one who stood there is somebody else: an address is no associate.
    named, name = _identity(row, directory), _identity(stood, directory)
    return named is None or name is None or KINDS.index(named[0]) <= KINDS.index(name[0])


def _match(
    new: list[Participant],
    left: list[Participant],
    found: dict[int, Participant],
    rule: Callable[[Participant], Hashable],
) -> None:
    for index, row in enumerate(new):
        sign = rule(row)
        if index in found or sign is None:
            continue
        same = next((one for one in left if rule(one) == sign), None)
        if same is not None:
            found[index] = same
            left.remove(same)


def _with(row: Participant, values: Values) -> Participant:
    return replace(row, **values) if values else row


def _invited(key: int, values: Values, row: Appointment, directory: Directory) -> Participant:
    associate_id = values.get("associate_id") or _colleague(values.get("person_id", 0), directory)
    if associate_id and associate_id == row.owner_id:
        return replace(owner_row(row, directory), key=key)
    who = directory.associates.get(associate_id)
    # A room has nobody who could answer: it takes what it is asked for.
    is_resource = who is not None and who.type is AssociateType.RESOURCE
    status = InvitationStatus.ACCEPTED if is_resource else InvitationStatus.INVITATION
    return Participant(key=key, invitation_status=status)


def _completed(row: Participant, path: str, sent: Sent, before: Participant) -> Participant:
    """Fill in the ids that follow from those given, and note those that do not fit together."""
    directory = sent.ctx.directory
    associate_id = row.associate_id or _colleague(row.person_id, directory)
    # Who names a colleague's person names the colleague.
    row = replace(row, associate_id=associate_id)
    for kind, attribute in NAMED:
        key = getattr(row, attribute)
        if key not in (0, getattr(before, attribute)) and not is_there(kind, key, path, sent.ctx):
            sent.notes.wrong(f"{path}.{kind.key}", "exists", key)
            return row
    who = directory.associates.get(associate_id)
    if associate_id and who is None:
        sent.notes.wrong(f"{path}.AssociateId", "exists", row.associate_id)
        return row
    person_id = row.person_id or (who.person_id if who else 0)
    person = directory.persons.get(person_id)
    if person_id and (person is None or (who and who.person_id not in (0, person_id))):
        sent.notes.wrong(f"{path}.PersonId", "agrees" if person else "exists", row.person_id)
        return row
    contact_id = row.contact_id or (person.contact_id if person else 0)
    contact = directory.contacts.get(contact_id)
    is_elsewhere = person is not None and person.contact_id not in (0, contact_id)
    if row.contact_id and (contact is None or is_elsewhere):
        sent.notes.wrong(f"{path}.ContactId", "agrees" if contact else "exists", row.contact_id)
        return row
    if not (associate_id or person_id or contact_id or row.email_address):
        sent.notes.wrong(path, "required")
    elif row.send_email and row.email_address and not is_address(row.email_address.strip()):
        sent.notes.wrong(f"{path}.EmailAddress", "email", row.email_address)
    return replace(row, person_id=person_id, contact_id=contact_id)


def _read_id(value: Any) -> int:
    number = 0 if value is None else read_int32(value)
    if number is None or number < 0:
        raise ValueError(value)
    return number


def _read_flag(value: Any) -> bool:
    flag = read_flag(value)
    if flag is None:
        raise ValueError(value)
    return flag


def _read_text(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            raise ValueError(value)
        return value or ""

    return read


def _read_choice(enum: str, names: dict[Any, str]) -> Callable[[Any], Any]:
    by_name = {wire: value for value, wire in names.items()}

    def read(value: Any) -> Any:
        return by_name[read_enum(enum, value)]

    return read


# (wire name, member, rule, how it is read); null means "not given", as does an unknown invitation status.
MEMBERS: dict[str, tuple[str, str, str, Callable[[Any], Any]]] = {
    fold(name): (name, member, rule, read)
    for name, member, rule, read in (
        ("AssociateId", "associate_id", "integer", _read_id),
        ("PersonId", "person_id", "integer", _read_id),
        ("ContactId", "contact_id", "integer", _read_id),
        ("EmailId", "email_id", "integer", _read_id),
        ("SendEmail", "send_email", "boolean", _read_flag),
        (
            "InvitationStatus",
            "invitation_status",
            "enum",
            _read_choice("InvitationStatus", INVITATION_STATUSES),
        ),
        ("EmailAddress", "email_address", "string", _read_text(LONGEST_EMAIL)),
        ("Description", "description", "string", _read_text(LONGEST_DESCRIPTION)),
        (
            "ExternallyOwnedType",
            "external_role",
            "enum",
            _read_choice("ExternallyOwnedType", EXTERNAL_ROLES),
        ),
        (
            "ExternallyOwnedStatus",
            "external_reply",
            "enum",
            _read_choice("ExternallyOwnedStatus", EXTERNAL_REPLIES),
        ),
    )
}


def _values(item: Any, path: str, sent: Sent) -> Values | None:
    if not isinstance(item, dict):
        sent.notes.wrong(path, "object", item)
        return None
    values: Values = {}
    count = len(sent.notes.problems)
    for name, given in item.items():
        known = MEMBERS.get(fold(name))
        if known is None or given is None:
            continue
        wire, member, rule, read = known
        try:
            value = read(given)
        except (ValueError, KeyError):
            sent.notes.wrong(f"{path}.{wire}", rule, given)
            continue
        if value is not InvitationStatus.UNKNOWN:
            values[member] = value
    return values if len(sent.notes.problems) == count else None
