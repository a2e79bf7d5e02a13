"""Contact: a company (Response body, Contact)."""

from appointed.domain.directory import Contact
from appointed.superoffice.carriers.address import address, formatted
from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.right import (
    INT,
    MANDATORY,
    TEXT,
    field_properties,
    properties,
    table_right,
)
from appointed.superoffice.carriers.shape import Field, Rendered, Shape, fixed, kept, number, text, written
from appointed.superoffice.context import Context

FIELD_PROPERTIES = field_properties(
    (
        ("ContactId", INT),
        ("Name", (TEXT, 219), MANDATORY),
        ("Department", (TEXT, 219)),
        ("OrgNr", (TEXT, 49)),
        ("UrlAddress", (TEXT, 1023)),
        ("Phone", (TEXT, 239)),
        ("AssociateId", INT),
        ("ContactCountryId", INT),
        ("Email", (TEXT, 239)),
        ("Kananame", (TEXT, 219)),
        ("CategoryId", INT, MANDATORY),
        ("BusinessId", INT, MANDATORY),
        ("Number1", (TEXT, 49)),
        ("Number2", (TEXT, 49)),
        ("ActiveErpLinks", INT),
        ("PostalAddress", INT),
        ("StreetAddress", INT),
    )
)

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
    Field("CountryName", "string", text("country_name")),
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
    Field("TableRight", "TableRight", fixed(table_right("Select, Update, Insert, Delete"))),
    Field("FieldProperties", "map<string,FieldProperty>", properties(FIELD_PROPERTIES)),
)


def contact(contact_id: int, ctx: Context) -> Rendered | None:
    """Render one company; None when there is none with this id."""
    found = ctx.directory.contacts.get(contact_id)
    return kept("contact", contact_id, ctx, lambda: written(CONTACT, found, ctx)) if found else None


def full_name(contact: Contact | None) -> str:
    """Give a company's name with its department, "" without one."""
    if contact is None:
        return ""
    return f"{contact.name}, {contact.department}" if contact.department else contact.name
