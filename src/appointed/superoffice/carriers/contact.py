"""Contact: a company (Response body, Contact)."""

from appointed.domain.directory import Contact
from appointed.superoffice.carriers.address import address, formatted
from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.record_rights import (
    FLAG,
    KEPT,
    WORDS,
    record,
    record_fields,
    record_right,
)
from appointed.superoffice.carriers.right import INT, MANDATORY, TEXT, Row
from appointed.superoffice.carriers.shape import Field, Json, Rendered, Shape, fixed, number, text
from appointed.superoffice.context import Context
from appointed.superoffice.countries import country_in

FIELDS: tuple[Row, ...] = (
    ("ContactId", INT, KEPT),
    ("Name", (TEXT, 219), MANDATORY),
    ("OrgNr", (TEXT, 49)),
    ("Department", (TEXT, 219)),
    ("URL", (TEXT, 1023)),
    ("City", WORDS, KEPT),
    ("DirectPhone", (TEXT, 239)),
    ("AssociateId", INT),
    ("CountryId", INT),
    ("EmailAddress", (TEXT, 239)),
    ("Kananame", (TEXT, 219)),
    ("EmailAddressName", (TEXT, 254)),
    ("URLName", (TEXT, 254)),
    ("AssociateFullName", WORDS, KEPT),
    ("BusinessName", (TEXT, 239)),
    ("CategoryName", (TEXT, 239)),
    ("CountryName", (TEXT, 239)),
    ("Address", ("SuperOffice.CRM.Services.Address", 4)),
    ("FormattedAddress", WORDS, KEPT),
    ("FullName", WORDS, KEPT),
    ("IsOwnerContact", FLAG),
    ("ActiveErpLinks", INT, KEPT),
    ("Number1", (TEXT, 49)),
    ("Number2", (TEXT, 49)),
)


def _country(company: Contact, ctx: Context) -> Json:
    return country_in(company.country_id, company.country_name, ctx.language)


CONTACT: Shape = (
    Field("ContactId", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("OrgNr", "string", text("org_number")),
    Field("Department", "string", text("department")),
    Field("URL", "string", text("url")),
    Field("City", "string", lambda company, _ctx: company.street.city or company.postal.city),
    Field("DirectPhone", "string", text("phone")),
    Field("AssociateId", "int32", number("associate_id")),
    Field("CountryId", "int32", number("country_id")),
    Field("EmailAddress", "string", text("email")),
    Field("Kananame", "string", text("kana_name")),
    Field("EmailAddressName", "string", text("email_name")),
    Field("URLName", "string", text("url_name")),
    Field("AssociateFullName", "string", lambda company, ctx: name_of(company.associate_id, ctx)),
    Field("BusinessName", "string", text("business_name")),
    Field("CategoryName", "string", text("category_name")),
    Field("CountryName", "string", _country),
    Field("Address", "Address", address),
    Field(
        "FormattedAddress",
        "string",
        lambda company, _ctx: formatted(company.street) + formatted(company.postal),
    ),
    Field("FullName", "string", lambda company, _ctx: full_name(company)),
    Field("IsOwnerContact", "bool", number("is_owner_contact")),
    Field("ActiveErpLinks", "int32", fixed(0)),
    Field("Number1", "string", text("other_number")),
    Field("Number2", "string", text("number")),
    Field("TableRight", "TableRight", record_right),
    Field("FieldProperties", "map<string,FieldProperty>", record_fields(FIELDS)),
)


def contact(contact_id: int, ctx: Context) -> Rendered | None:
    """Render one company; None when there is none with this id."""
    found = ctx.directory.contacts.get(contact_id)
    return record("contact", CONTACT, found, contact_id, ctx) if found else None


def full_name(contact: Contact | None) -> str:
    """Give a company's name with its department, "" without one."""
    if contact is None:
        return ""
    return f"{contact.name}, {contact.department}" if contact.department else contact.name
