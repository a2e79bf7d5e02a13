"""Person: somebody at a company (Response body, Person and InvitedPerson)."""

from collections.abc import Callable
from typing import Any

from appointed.domain.directory import Person
from appointed.superoffice.carriers.associate import login_of
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.record_rights import (
    FLAG,
    KEPT,
    WORDS,
    record,
    record_fields,
    record_right,
)
from appointed.superoffice.carriers.right import INT, SMALL, TEXT, Row
from appointed.superoffice.carriers.shape import (
    Field,
    Json,
    Rendered,
    Shape,
    fixed,
    number,
    text,
)
from appointed.superoffice.context import Context

FIELDS: tuple[Row, ...] = (
    ("Position", (TEXT, 239)),
    ("PersonId", INT, KEPT),
    ("Mrmrs", (TEXT, 239)),
    ("Firstname", (TEXT, 99)),
    ("Lastname", (TEXT, 99)),
    ("MiddleName", (TEXT, 99)),
    ("Title", (TEXT, 239)),
    ("Description", (TEXT, 4000)),
    ("Email", (TEXT, 239)),
    ("FullName", WORDS, KEPT),
    ("DirectPhone", (TEXT, 239)),
    ("FormalName", WORDS, KEPT),
    ("CountryId", INT),
    ("ContactId", INT),
    ("ContactName", WORDS, KEPT),
    ("Retired", SMALL),
    ("Rank", SMALL),
    ("ActiveInterests", SMALL, KEPT),
    ("ContactDepartment", WORDS, KEPT),
    ("ContactCountryId", INT, KEPT),
    ("ContactOrgNr", WORDS, KEPT),
    ("FaxPhone", (TEXT, 239)),
    ("MobilePhone", (TEXT, 239)),
    ("ContactPhone", WORDS, KEPT),
    ("AssociateName", WORDS, KEPT),
    ("AssociateId", INT),
    ("UsePersonAddress", FLAG),
    ("ContactFax", WORDS, KEPT),
    ("Kanafname", (TEXT, 99)),
    ("Kanalname", (TEXT, 99)),
    ("Post1", (TEXT, 99)),
    ("Post2", (TEXT, 99)),
    ("Post3", (TEXT, 99)),
    ("EmailName", (TEXT, 254)),
    ("ContactFullName", WORDS, KEPT),
    ("ActiveErpLinks", INT, KEPT),
    ("TicketPriorityId", INT),
    ("SupportLanguageId", INT),
    ("SupportAssociateId", INT),
    ("CategoryName", (TEXT, 239)),
    ("PersonNumber", (TEXT, 49)),
)


def full_name(person: Person | None) -> str:
    """Give a person's name as spoken, "" without one."""
    if person is None:
        return ""
    return " ".join(part for part in (person.first_name, person.middle_name, person.last_name) if part)


def _formal_name(person: Person, _ctx: Context) -> Json:
    return " ".join(part for part in (person.salutation, full_name(person)) if part)


def _of_company(attribute: str, without: Json) -> Callable[[Any, Context], Json]:
    def render(person: Any, ctx: Context) -> Json:
        company = ctx.directory.contacts.get(person.contact_id)
        return getattr(company, attribute) if company else without

    return render


PERSON: Shape = (
    Field("Position", "string", text("position")),
    Field("PersonId", "int32", number("id")),
    Field("Mrmrs", "string", text("salutation")),
    Field("Firstname", "string", text("first_name")),
    Field("Lastname", "string", text("last_name")),
    Field("MiddleName", "string", text("middle_name")),
    Field("Title", "string", text("title")),
    Field("Description", "string", text("description")),
    Field("Email", "string", text("email")),
    Field("FullName", "string", lambda person, _ctx: full_name(person)),
    Field("DirectPhone", "string", text("phone")),
    Field("FormalName", "string", _formal_name),
    Field("CountryId", "int32", number("country_id")),
    Field("ContactId", "int32", number("contact_id")),
    Field("ContactName", "string", _of_company("name", "")),
    Field("Retired", "int32", lambda person, _ctx: int(person.is_retired)),
    Field("Rank", "int32", number("rank")),
    Field("ActiveInterests", "int32", fixed(0)),
    Field("ContactDepartment", "string", _of_company("department", "")),
    Field("ContactCountryId", "int32", _of_company("country_id", 0)),
    Field("ContactOrgNr", "string", _of_company("org_number", "")),
    Field("FaxPhone", "string", text("fax")),
    Field("MobilePhone", "string", text("mobile")),
    Field("ContactPhone", "string", _of_company("phone", "")),
    Field("AssociateName", "string", lambda person, ctx: login_of(person.associate_id, ctx)),
    Field("AssociateId", "int32", number("associate_id")),
    Field("UsePersonAddress", "bool", number("uses_own_address")),
    Field("ContactFax", "string", fixed("")),
    Field("Kanafname", "string", text("kana_first_name")),
    Field("Kanalname", "string", text("kana_last_name")),
    Field("Post1", "string", text("post1")),
    Field("Post2", "string", text("post2")),
    Field("Post3", "string", text("post3")),
    Field("EmailName", "string", text("email_name")),
    Field(
        "ContactFullName",
        "string",
        lambda person, ctx: company_name(ctx.directory.contacts.get(person.contact_id)),
    ),
    Field("ActiveErpLinks", "int32", fixed(0)),
    Field("TicketPriorityId", "int32", number("ticket_priority_id")),
    Field("SupportLanguageId", "int32", number("support_language_id")),
    Field("SupportAssociateId", "int32", number("support_associate_id")),
    Field("CategoryName", "string", text("category_name")),
    Field("PersonNumber", "string", text("number")),
    Field("TableRight", "TableRight", record_right),
    Field("FieldProperties", "map<string,FieldProperty>", record_fields(FIELDS)),
)


def person(person_id: int, ctx: Context) -> Rendered | None:
    """Render one person; None when there is none with this id."""
    found = ctx.directory.persons.get(person_id)
    return record("person", PERSON, found, person_id, ctx) if found else None
