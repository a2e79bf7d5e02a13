"""The lists that hang on one appointment: who takes part, and what it is linked to (Participants, Links)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Link
from appointed.domain.directory import Associate, AssociateType, Directory, Person
from appointed.domain.participant import InvitationStatus, Participant
from appointed.superoffice.archive.appointment_columns import ROW
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.columns import Column, ValueOf, all_of, column
from appointed.superoffice.archive.meaning import NEVER, Asked
from appointed.superoffice.archive.record_columns import (
    ASSOCIATE,
    CONTACT,
    PERSON,
    PROJECT,
    SALE,
    Block,
    hung,
    login_of,
)
from appointed.superoffice.archive.rows import Thing
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.participant import INVITATION_STATUSES, claimant_row
from appointed.superoffice.carriers.person import full_name
from appointed.usecases.query import Node, Operator, Test

SEEN = frozenset(
    {
        InvitationStatus.ACCEPTED,
        InvitationStatus.SEEN,
        InvitationStatus.MOVED_SEEN,
        InvitationStatus.DECLINED,
    }
)


class Part(NamedTuple):
    """One participant or link, with the appointment it belongs to.

    `row` is the guest's own row, or the appointment that is linked to, where the caller may read it.
    """

    of: Appointment
    one: Any
    row: Appointment | None = None


class Source(NamedTuple):
    """An appointment, and the rows its list tells of beside it, as far as the caller may read them."""

    of: Appointment
    beside: tuple[Appointment, ...] = ()


class Provider(NamedTuple):
    """One list on an appointment: its rows and columns, those shown by default, and its name for the id.

    `beside` says which other rows of the store its own tell of.
    """

    name: str
    things: Callable[[Source, Asked], list[Thing]]
    beside: Callable[[Appointment], Node]
    columns: Columns
    usual: tuple[Column, ...]
    source: str


def _conditions(source: str) -> Block:
    return (
        column("getAllRows", "bool", "GetAll", lambda _part, _asked: True),
        column("getNoRows", "bool", "GetNone", lambda _part, _asked: False),
        column(source, "int", "Follow-up ID", lambda part, _asked: part.of.id),
    )


def _member(name: str) -> ValueOf:
    return lambda part, _asked: getattr(part.one, name)


def _associate(part: Part, directory: Directory) -> Associate | None:
    return directory.associates.get(part.one.associate_id)


def _person(part: Part, directory: Directory) -> Person | None:
    who = _associate(part, directory)
    return directory.persons.get(part.one.person_id or (who.person_id if who else 0))


def _of_person(read: Callable[[Person], Any], empty: Any = "") -> ValueOf:
    def value(part: Part, asked: Asked) -> Any:
        person = _person(part, asked.directory)
        return empty if person is None else read(person)

    return value


def _name(part: Part, asked: Asked) -> str:
    who, person = _associate(part, asked.directory), _person(part, asked.directory)
    if who is not None:
        return asked.text(who.full_name)
    return full_name(person) if person else part.one.description or part.one.email_address


def _company(read: Callable[[Any], str]) -> ValueOf:
    def value(part: Part, asked: Asked) -> str:
        found = asked.directory.contacts.get(_company_id(part, asked))
        return read(found) if found else ""

    return value


def _company_id(part: Part, asked: Asked) -> int:
    person = _person(part, asked.directory)
    contact_id: int = part.one.contact_id or (person.contact_id if person else 0)
    return contact_id


def _whole_name(part: Part, asked: Asked) -> str:
    company = _company(company_name)(part, asked)
    return f"{_name(part, asked)} ({company})" if company else _name(part, asked)


def _email(part: Part, asked: Asked) -> str:
    person = _person(part, asked.directory)
    address: str = part.one.email_address or (person.email if person else "")
    return address


def _participant_entity(one: Participant, asked: Asked) -> str:
    who = asked.directory.associates.get(one.associate_id)
    if who is not None:
        return "resource" if who.type is AssociateType.RESOURCE else "associate"
    return "externalPerson" if one.person_id else "emailParticipant"


def _booking(row: Appointment) -> Node:
    """Say that a row is a guest's own of the same booking."""
    if row.mother_id == 0:
        return NEVER
    is_guests = Test("is_booking_row", Operator.EQ, True)
    return all_of((is_guests, Test("mother_id", Operator.EQ, row.mother_id)))


def _participants(source: Source, asked: Asked) -> list[Thing]:
    row, claimant = source.of, claimant_row(source.of)
    own = {guest.owner_id: guest for guest in source.beside}
    everybody: Iterable[Participant] = (*row.participants, claimant) if claimant else row.participants
    return [
        Thing(
            item=Part(row, one, own.get(one.associate_id)),
            key=one.key,
            entity=_participant_entity(one, asked),
        )
        for one in everybody
    ]


def _status(part: Part, _asked: Asked) -> str:
    return INVITATION_STATUSES[part.one.invitation_status]


def _reason(part: Part, _asked: Asked) -> str:
    return part.row.reject_reason if part.row else ""


# What of a participant's associate stands without a prefix; the rest of it is said of the person.
_OF_ASSOCIATE = frozenset({"usergroup", "role", "assocname", "assoctype", "assoctooltip", "associatedbid"})
_WHO = tuple(one for one in ASSOCIATE if one.name.lower() in _OF_ASSOCIATE)

PARTICIPANTS: Block = (
    column("icon", "", "Icon", lambda part, asked: _participant_entity(part.one, asked)),
    column("sendEmail", "bool", "E-mail", _member("send_email")),
    column("seen", "bool", "Seen", lambda part, _asked: part.one.invitation_status in SEEN),
    column("status", "", "Status", _status),
    column("participantAssociateId", "associate", "Associate ID", _member("associate_id"), hint="associate"),
    column("participantPersonId", "int", "Contact ID", _member("person_id"), hint="person"),
    column("rejectReason", "string", "Reason for declining", _reason),
    column("firstName", "string", "First name", _of_person(lambda person: person.first_name)),
    column("lastName", "string", "Last name", _of_person(lambda person: person.last_name)),
    column("middleName", "string", "Middle name", _of_person(lambda person: person.middle_name)),
    column("fullName", "string", "Full name", _name),
    column("contactId", "int", "Company ID", _company_id, hint="contact"),
    column("personId", "int", "Contact ID", _of_person(lambda person: person.id, 0), hint="person"),
    column("title", "string", "Title", _of_person(lambda person: person.title)),
    column("contactName", "string", "Owning company", _company(lambda contact: contact.name)),
    column("contactDepartment", "string", "Owning department", _company(lambda contact: contact.department)),
    column("contactFullName", "string", "Owner", _company(company_name)),
    *(replace(one, name=one.name.removeprefix("/")) for one in hung("", _WHO, _associate)),
    column("personEmail", "string", "E-mail", _email),
    column("isLocation", "bool", "Is a location", lambda _part, _asked: False),
    column("fullNameWithContact", "string", "Contact and company", _whole_name),
    column("email/emailAddress", "string", "E-mail", _email),
)


def _record(kind: str) -> Callable[[Part, Directory], Any]:
    records = {"contact": "contacts", "person": "persons", "project": "projects", "sale": "sales"}[kind]
    return lambda part, directory: (
        getattr(directory, records).get(part.one.id) if part.one.entity.lower() == kind else None
    )


_NAMES: dict[str, Callable[[Any], str]] = {
    "contact": company_name,
    "person": full_name,
    "project": lambda project: project.name,
    "sale": lambda sale: sale.title,
}


def _link_text(part: Part, asked: Asked) -> str:
    link: Link = part.one
    if part.row is not None:
        return str(_OF_APPOINTMENT["text"].value(part.row, asked)) or link.description
    read = _NAMES.get(link.entity.lower())
    found = _record(link.entity.lower())(part, asked.directory) if read else None
    return asked.text(read(found)) if read and found else link.description


def _id_of(kind: str) -> ValueOf:
    return lambda part, _asked: part.one.id if part.one.entity.lower() == kind else 0


def _link_owner(part: Part, asked: Asked) -> int:
    if part.row is not None:
        return part.row.owner_id
    kind = part.one.entity.lower()
    found = _record(kind)(part, asked.directory) if kind in _NAMES else None
    return found.associate_id if found else 0


# What a linked appointment is told by, as lists of appointments tell it.
_OF_APPOINTMENT: Mapping[str, Column] = {
    one.name: one for one in ROW if one.name in ("date", "time", "type", "completed", "text")
}


def _of_linked(name: str) -> Column:
    one = _OF_APPOINTMENT[name]

    def value(part: Part, asked: Asked) -> Any:
        return one.empty if part.row is None else one.value(part.row, asked)

    def shown(part: Part, asked: Asked) -> Any:
        return one.shown(part.row, asked) if one.shown and part.row else ""

    return replace(one, value=value, shown=shown if one.shown else None, where=None, order=None)


LINKS: Block = (
    column("linkId", "int", "Link ID", _member("key")),
    column("linkDescription", "string", "Link description", _member("description")),
    column("icon", "string", "Category", _member("entity")),
    column("recordType", "string", "Record type", _member("entity")),
    column("text", "positiveString", "Text", _link_text),
    column(
        "associateId",
        "associate",
        "ID",
        _link_owner,
        shown=lambda part, asked: login_of(_link_owner(part, asked), asked),
        hint="associate",
    ),
    *(_of_linked(name) for name in ("date", "time", "type", "completed")),
    column("appointmentId", "int", "DB ID", _id_of("appointment"), hint="appointment"),
    column("contactId", "listAny", "Company ID", _id_of("contact"), hint="contact"),
    column("personId", "listAny", "Contact ID", _id_of("person"), hint="person"),
    column("projectId", "listAny", "Project ID", _id_of("project"), hint="project"),
    column("saleId", "int", "Sale ID", _id_of("sale"), hint="sale"),
    column("documentId", "int", "Document ID", _id_of("document"), hint="document"),
)
_LINKED: Block = (
    *hung("contact", CONTACT, _record("contact")),
    *hung("person", PERSON, _record("person")),
    *hung("project", PROJECT, _record("project")),
    *hung("sale", SALE, _record("sale")),
)


def _linked_ids(row: Appointment) -> tuple[int, ...]:
    return tuple({link.id for link in row.links if link.entity.lower() == "appointment"})


def _linked(row: Appointment) -> Node:
    """Say that a row is one of those that are linked to."""
    numbers = _linked_ids(row)
    return Test("id", Operator.IN, numbers) if numbers else NEVER


def _links(source: Source, _asked: Asked) -> list[Thing]:
    linked = {row.id: row for row in source.beside}
    return [
        Thing(
            item=Part(source.of, link, linked.get(link.id) if link.entity.lower() == "appointment" else None),
            key=link.id,
            entity=link.entity,
        )
        for link in source.of.links
    ]


def _provider(
    name: str,
    things: Callable[[Source, Asked], list[Thing]],
    beside: Callable[[Appointment], Node],
    source: str,
    usual: Block,
    more: Block = (),
) -> Provider:
    columns = {one.name.lower(): one for one in (*_conditions(source), *usual, *more)}
    return Provider(name, things, beside, columns, usual, source)


PROVIDERS = {
    one.name.lower(): one
    for one in (
        _provider("Participants", _participants, _booking, "appointmentRestrictionId", PARTICIPANTS),
        _provider("Links", _links, _linked, "sourceAppointmentRestrictionId", LINKS, _LINKED),
    )
}
