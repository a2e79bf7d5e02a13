"""Columns of the small records that rows refer to, under the reference's names (FindAppointment).

A block is a table of columns of one kind of record. It is hung under a prefix, with a way from the thing
above to the record, and so stands at every place where the reference repeats it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from appointed.domain.directory import Address, Directory
from appointed.domain.rights import Known, known
from appointed.superoffice.archive.columns import (
    NAMED,
    Column,
    Ordering,
    Value,
    ValueOf,
    Where,
    among_ids,
    column,
    ranked,
)
from appointed.superoffice.archive.meaning import Asked, Meaning
from appointed.superoffice.archive.titles import title_in
from appointed.superoffice.carriers.address import formatted
from appointed.superoffice.carriers.associate import USER_TYPES
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.countries import country_in
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.listed_names import COUNTRY, names_by_id
from appointed.superoffice.start.people import role_of
from appointed.usecases.query import Node, Order

Block = tuple[Column, ...]
Way = Callable[[Any, Directory], Any]


def member(name: str) -> ValueOf:
    """Give a record's member as it stands."""
    return lambda record, _asked: getattr(record, name)


def told(name: str) -> ValueOf:
    """Give a record's text in the caller's language."""
    return lambda record, asked: asked.text(getattr(record, name) or "")


def login(name: str) -> ValueOf:
    """Give the login name of the associate that a member names."""
    return lambda record, asked: login_of(getattr(record, name), asked)


def login_of(associate_id: int, asked: Asked) -> str:
    """Give an associate's login name, "" without one."""
    found = asked.directory.associates.get(associate_id)
    return found.name if found else ""


def full_name_of(associate_id: int, asked: Asked) -> str:
    """Give an associate's full name, "" without one."""
    found = asked.directory.associates.get(associate_id)
    return found.full_name if found else ""


def hung(prefix: str, block: Block, way: Way) -> Block:
    """Hang a block under a prefix: `way` leads from the thing above to the block's record, or to None."""

    def reached(read: ValueOf, empty: Value) -> ValueOf:
        def read_there(thing: Any, asked: Asked) -> Any:
            record = way(thing, asked.directory)
            return empty if record is None else read(record, asked)

        return read_there

    return tuple(
        replace(
            one,
            name=f"{prefix}/{one.name}",
            value=reached(one.value, one.empty),
            shown=reached(one.shown, "") if one.shown else None,
        )
        for one in block
    )


def joined(prefix: str, block: Block, field: str, kind: str) -> Block:
    """Join a block to appointments by a field that holds ids of a kind of record."""
    above = hung(prefix, block, _by_id(field, kind))
    return tuple(
        replace(top, where=_where(one, field, kind) if one.type else None, order=_order(one, field, kind))
        for top, one in zip(above, block, strict=True)
    )


def _where(one: Column, field: str, kind: str) -> Where:
    def where(meaning: Meaning, asked: Asked) -> Node:
        values = {key: one.value(record, asked) for key, record in _records(kind, asked)}
        return among_ids(field, values, one.empty, meaning)

    return where


def _order(one: Column, field: str, kind: str) -> Ordering:
    def order(asked: Asked) -> tuple[Order, ...]:
        read = one.shown or one.value
        ranks = ranked((key, read(record, asked)) for key, record in _records(kind, asked))
        return (Order(field=field, ranks=ranks),)

    return order


def _records(kind: str, asked: Asked) -> Iterable[tuple[int, Any]]:
    records: dict[int, Any] = getattr(asked.directory, kind)
    return records.items()


def _by_id(field: str, kind: str) -> Way:
    return lambda row, directory: getattr(directory, kind).get(getattr(row, field))


def _address(attribute: str) -> Block:
    def read(name: str) -> ValueOf:
        return lambda contact, _asked: getattr(getattr(contact, attribute), name)

    def whole(contact: Any, _asked: Asked) -> str:
        address: Address = getattr(contact, attribute)
        return ", ".join(line for line in formatted(address).splitlines() if line)

    return (
        column("line1", "string", "Address 1", read("line1")),
        column("line2", "string", "Address 2", read("line2")),
        column("line3", "string", "Address 3", read("line3")),
        column("county", "string", "County", read("county")),
        column("city", "string", "City", read("city")),
        column("zip", "string", "Postcode", read("zip_code")),
        column("state", "string", "State", read("state")),
        column("formattedAddress", "", "Address", whole),
    )


def _phone(attribute: str) -> Block:
    return (column("formattedNumber", "string", "Phone", member(attribute)),)


def _who(name: str, title: str, attribute: str) -> Block:
    """Make the two columns of an associate that a record names: by login, and by full name."""

    def full(record: Any, asked: Asked) -> str:
        return full_name_of(getattr(record, attribute), asked)

    id_of = member(attribute)
    return (
        column(name, "associate", title, id_of, shown=login(attribute), hint="associate"),
        column(f"{name}FullName", "associate", f"{title} - Full name", id_of, shown=full, hint="associate"),
    )


def stamps(spelt: Callable[[str], str] = str) -> Block:
    """Make the columns of when a record was made and changed, and by whom; `spelt` spells their names."""
    return (
        *_who(spelt("registeredBy"), "Registered by", "created_by"),
        column(spelt("registeredDate"), "date", "Registered date", member("created_at"), is_stamp=True),
        *_who(spelt("updatedBy"), "Updated by", "updated_by"),
        column(spelt("updatedDate"), "date", "Updated", member("updated_at"), is_stamp=True),
    )


def _of_person(name: str) -> str:
    return f"person{name[0].upper()}{name[1:]}"


def _associate_way(attribute: str) -> Way:
    return lambda record, directory: directory.associates.get(getattr(record, attribute))


def _person_member(name: str) -> ValueOf:
    def read(associate: Any, asked: Asked) -> Any:
        person = asked.directory.persons.get(associate.person_id)
        return getattr(person, name) if person else ""

    return read


def _whole(read: ValueOf, empty: Value = "") -> ValueOf:
    """Read what is told only of users of whom the caller may know all, and `empty` of others."""

    def read_whole(associate: Any, asked: Asked) -> Any:
        is_whole = known(asked.manner.principal, associate, asked.directory) is Known.WHOLE
        return read(associate, asked) if is_whole else empty

    return read_whole


def _company(read: Callable[[Any], str]) -> ValueOf:
    def read_company(associate: Any, asked: Asked) -> str:
        person = asked.directory.persons.get(associate.person_id)
        contact = asked.directory.contacts.get(person.contact_id) if person else None
        return read(contact) if contact else ""

    return read_company


def _company_category(associate: Any, asked: Asked) -> str:
    return asked.text(_company(lambda contact: contact.category_name)(associate, asked))


def _company_id(associate: Any, asked: Asked) -> int:
    person = asked.directory.persons.get(associate.person_id)
    return person.contact_id if person else 0


def _group_name(associate: Any, asked: Asked) -> str:
    found = asked.directory.departments.get(associate.group_id)
    return asked.text(found.name) if found else ""


def _other_groups(associate: Any, asked: Asked) -> str:
    known = asked.directory.departments
    return ", ".join(asked.text(known[key].name) for key in associate.department_ids if key in known)


def _is_active(associate: Any, _asked: Asked) -> bool:
    return not associate.is_deleted


def _activity(associate: Any, asked: Asked) -> str:
    return title_in("Inactive" if associate.is_deleted else "Active", asked.manner.language)


def _country_of_person(person: Any, asked: Asked) -> str:
    """Give the name of a person's country, which only companies have; its id where none of them is in it."""
    contact = asked.directory.contacts.get(person.contact_id)
    if contact is not None and contact.country_id == person.country_id:
        return _country_of_company(contact, asked)
    name = names_by_id(COUNTRY, asked.directory).get(person.country_id)
    if name is None:
        return str(person.country_id or "")
    return country_in(person.country_id, name, asked.manner.language)


def _country_of_company(contact: Any, asked: Asked) -> str:
    return country_in(contact.country_id, contact.country_name, asked.manner.language)


ASSOCIATE: Block = (
    column("firstName", "string", "First name", _person_member("first_name")),
    column("lastName", "string", "Last name", _person_member("last_name")),
    column("middleName", "string", "Middle name", _person_member("middle_name")),
    column("fullName", "string", "Full name", told("full_name")),
    column("contactId", "int", "Company ID", _company_id, hint="contact"),
    column("personId", "int", "Contact ID", member("person_id"), hint="person"),
    column("mrMrs", "string", "Mr/Ms", _person_member("salutation")),
    column("title", "string", "Title", _person_member("title")),
    column("associateDbId", "associate", "ID", member("id"), hint="associate"),
    column("contactName", "string", "Owning company", _company(lambda contact: contact.name)),
    column("contactDepartment", "string", "Owning department", _company(lambda contact: contact.department)),
    column("contactFullName", "string", "Owner", _company(company_name)),
    column("contactCategory", NAMED, "Category", _company_category),
    column("usergroup", "userGroup", "Primary group", member("group_id"), shown=_group_name),
    column("usergroupId", "int", "Group ID", member("group_id")),
    column(
        "role",
        "listAny",
        "Role",
        _whole(lambda associate, _asked: role_of(associate).id, 0),
        shown=_whole(lambda associate, _asked: role_of(associate).value),
    ),
    column("assocName", "associate", "User ID", member("id"), shown=told("name"), hint="associate"),
    column("assocTooltip", "string", "Description", told("tooltip")),
    column(
        "assocType",
        "listAny",
        "Type",
        lambda associate, _asked: ENUMS["UserType"].numbers[USER_TYPES[associate.type]],
        shown=lambda associate, _asked: USER_TYPES[associate.type],
    ),
    column("ejUserId", "int", "Service user ID", member("ej_user_id")),
    column("isActive", "bool", "Active", _is_active),
    column("isActiveText", "bool", "Active status", _is_active, shown=_activity),
    column(
        "otherGroups",
        "userGroup",
        "Other groups",
        _whole(lambda associate, _asked: tuple(associate.department_ids) or (0,), (0,)),
        shown=_whole(_other_groups),
    ),
    column("userName", "string", "User name", lambda associate, _asked: associate.user_name or ""),
    column("personEmail", "string", "E-mail", _whole(_person_member("email"))),
    # Resources are kept here without saying which of them are places.
    column("isLocation", "bool", "Is a location", lambda _associate, _asked: False),
)

CONTACT: Block = (
    column("contactId", "int", "Company ID", member("id"), hint="contact"),
    column("name", "stringorPK", "Company name", told("name"), hint="contact"),
    column("department", "string", "Department", told("department")),
    column("nameDepartment", "string", "Company", lambda contact, _asked: company_name(contact)),
    column("number", "string", "Number", member("number")),
    column("orgnr", "string", "VAT No.", member("org_number")),
    column("category", NAMED, "Category", told("category_name")),
    column("business", NAMED, "Business", told("business_name")),
    column(
        "country", "listAny", "Country", member("country_id"), shown=_country_of_company, choices="country"
    ),
    column("countryId", "int", "Country ID", member("country_id")),
    column("kanaName", "string", "Name, kana", member("kana_name")),
    column(
        "associateId",
        "associate",
        "Our contact",
        member("associate_id"),
        shown=login("associate_id"),
        hint="associate",
    ),
    column("isOwnerContact", "bool", "Own company", member("is_owner_contact")),
    *hung("phone", _phone("phone"), lambda contact, _directory: contact),
    *hung("contactPhone", _phone("phone"), lambda contact, _directory: contact),
    column("email/emailAddress", "string", "E-mail", member("email")),
    column("email/emailDescription", "string", "Description", told("email_name")),
    column("url/URLAddress", "string", "URL", member("url")),
    column("url/URLDescription", "string", "Description", told("url_name")),
    *hung("postAddress", _address("postal"), lambda contact, _directory: contact),
    *hung("streetAddress", _address("street"), lambda contact, _directory: contact),
    *stamps(),
    *hung("contactAssociate", ASSOCIATE, _associate_way("associate_id")),
)

PERSON: Block = (
    column("personId", "int", "DB ID", member("id"), hint="person"),
    column("firstName", "string", "First name", told("first_name")),
    column("lastName", "string", "Last name", told("last_name")),
    column("middleName", "string", "Middle name", told("middle_name")),
    column("fullName", "stringorPK", "Contact", lambda person, _asked: full_name(person), hint="person"),
    column("contactId", "int", "Company ID", member("contact_id"), hint="contact"),
    column("mrMrs", "string", "Mr/Ms", told("salutation")),
    column("position", NAMED, "Position", told("position")),
    column("personNumber", "string", "Number", member("number")),
    column("title", "string", "Title", told("title")),
    column(
        "personCountry",
        "listAny",
        "Country",
        member("country_id"),
        shown=_country_of_person,
        choices="country",
    ),
    column("personCountryId", "int", "Country ID", member("country_id")),
    column("rank", "int", "Rank", member("rank")),
    column("retired", "bool", "Former employee", member("is_retired")),
    column("useAsMailingAddress", "bool", "Use as postal address", member("uses_own_address")),
    column("kanaFirstName", "string", "First name, kana", told("kana_first_name")),
    column("kanaLastName", "string", "Last name, kana", told("kana_last_name")),
    column("ticketPriority", "listAny", "Service priority", member("ticket_priority_id")),
    column("supportLanguage", "listAny", "Preferred language", member("support_language_id")),
    *_who("supportAssociate", "Our service contact", "support_associate_id"),
    column("hasCompany", "bool", "Has company", lambda person, _asked: bool(person.contact_id)),
    column("personCategory", NAMED, "Category", told("category_name")),
    column(
        "personAssociateId",
        "associate",
        "Our contact",
        member("associate_id"),
        shown=login("associate_id"),
        hint="associate",
    ),
    column(
        "personAssociateFullName",
        "associate",
        "Our contact - Full name",
        member("associate_id"),
        shown=lambda person, asked: full_name_of(person.associate_id, asked),
        hint="associate",
    ),
    *hung("phone", _phone("phone"), lambda person, _directory: person),
    *hung("personDirectPhone", _phone("phone"), lambda person, _directory: person),
    *hung("personMobilePhone", _phone("mobile"), lambda person, _directory: person),
    *hung("personDirectFax", _phone("fax"), lambda person, _directory: person),
    column("personInfo/infoText", "positiveString", "Information", told("description")),
    column("email/emailAddress", "string", "E-mail", member("email")),
    column("email/emailDescription", "string", "Description", told("email_name")),
    *stamps(_of_person),
    *hung("personAssociate", ASSOCIATE, _associate_way("associate_id")),
    *hung(
        "personContact",
        CONTACT[:12],
        lambda person, directory: directory.contacts.get(person.contact_id),
    ),
)

PROJECT: Block = (
    column("projectId", "int", "DB ID", member("id"), hint="project"),
    column("name", "stringorPK", "Project name", told("name"), hint="project"),
    column("number", "string", "Number", member("number")),
    column(
        "type", "listAny", "Project type", member("type_id"), shown=told("type_name"), choices="projecttype"
    ),
    column(
        "status", "listAny", "Status", member("status_id"), shown=told("status_name"), choices="projectstatus"
    ),
    column(
        "associateId",
        "associate",
        "Our contact",
        member("associate_id"),
        shown=login("associate_id"),
        hint="associate",
    ),
    column("description", "string", "Description", told("description")),
    column("eventId", "int", "Event ID", member("event_id")),
    column("startDate", "date", "Start date", member("starts_at")),
    column("projectUrl/URLAddress", "string", "URL", member("url")),
    column("projectUrl/URLDescription", "string", "Description", told("url_name")),
    *stamps(),
    column("project/infoText", "positiveString", "Information", told("description")),
    *hung("projectAssociate", ASSOCIATE, _associate_way("associate_id")),
)

SALE: Block = (
    column("saleId", "int", "Sale ID", member("id"), hint="sale"),
    column("heading", "stringorPK", "Sale", told("title"), hint="sale"),
    column("text", "positiveString", "Text", told("title")),
    column("saleNumber", "string", "Number", member("number")),
    column("date", "date", "Date", member("sale_at")),
    column("nextDueDate", "date", "Next activity", member("next_due_at")),
    column("amount", "decimal", "Amount", lambda sale, _asked: float(sale.amount)),
    column(
        "amountWeighted",
        "decimal",
        "Weighted amount",
        lambda sale, _asked: sale.amount * sale.probability / 100,
    ),
    column("currency", NAMED, "Currency", told("currency")),
    column("earning", "decimal", "Profit", lambda sale, _asked: float(sale.earning)),
    column("earningPercent", "decimal", "Profit as %", lambda sale, _asked: float(sale.earning_percent)),
    column("probPercent", "int", "Probability as %", member("probability")),
    column(
        "saleStatus",
        "listAny",
        "Status",
        lambda sale, _asked: ENUMS["SaleStatus"].numbers.get(sale.status, 0),
        shown=member("status"),
    ),
    column(
        "saleType", "listAny", "Sale type", member("type_id"), shown=told("type_name"), choices="saletype"
    ),
    column("description", "string", "Description", told("description")),
    column("sale/description", "positiveString", "Text", told("description")),
    column("contactId", "listAny", "Company ID", member("contact_id"), hint="contact"),
    column("personId", "listAny", "Contact ID", member("person_id"), hint="person"),
    column("projectId", "listAny", "Project ID", member("project_id"), hint="project"),
    column(
        "associateId",
        "associate",
        "ID",
        member("associate_id"),
        shown=login("associate_id"),
        hint="associate",
    ),
    *stamps(),
    *hung("associate", ASSOCIATE, _associate_way("associate_id")),
)

JOINED: Block = (
    *joined("contact", CONTACT, "contact_id", "contacts"),
    *joined("person", PERSON, "person_id", "persons"),
    *joined("project", PROJECT, "project_id", "projects"),
    *joined("sale", SALE, "sale_id", "sales"),
    *joined("associate", ASSOCIATE, "owner_id", "associates"),
)
