"""ContactEntity, PersonEntity, ProjectEntity, SaleEntity: the members of each, and which may be set.

An entity has the members of the flat carrier (superoffice carriers Contact, Person, Project, Sale), then
whole what it refers to, then its stamps; what no table of readers has is computed or kept by the server.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from appointed.domain.directory import Contact, Directory, Person, Project, Record, Sale
from appointed.domain.errors import Problem
from appointed.domain.record_rules import record_problems
from appointed.patching.pointer import fold
from appointed.superoffice import references
from appointed.superoffice.carriers.associate import associate
from appointed.superoffice.carriers.contact import CONTACT, contact
from appointed.superoffice.carriers.contact import FIELDS as CONTACT_FIELDS
from appointed.superoffice.carriers.person import FIELDS as PERSON_FIELDS
from appointed.superoffice.carriers.person import PERSON, person
from appointed.superoffice.carriers.project import FIELDS as PROJECT_FIELDS
from appointed.superoffice.carriers.project import PROJECT, project
from appointed.superoffice.carriers.record_rights import KEPT, record_fields
from appointed.superoffice.carriers.right import MANDATORY, TEXT, TIME, Row
from appointed.superoffice.carriers.sale import FIELDS as SALE_FIELDS
from appointed.superoffice.carriers.sale import SALE
from appointed.superoffice.carriers.shape import Json, Shape
from appointed.superoffice.catalogue import RECORD_REFERENCES
from appointed.superoffice.context import Context
from appointed.superoffice.entities import Entity
from appointed.superoffice.listed_names import COUNTRY, PROJECT_STATUS, PROJECT_TYPE, SALE_TYPE
from appointed.superoffice.members import Member, carrier, flag, kept, number, reference, text
from appointed.superoffice.records.members import (
    amount,
    flag_number,
    item_text,
    listed_id,
    member_of,
    moment,
    name_of,
    read_address,
    text_or_null,
)

ROOT = "/api/v1/"
LINKS, PROPERTIES = "_Links", "FieldProperties"

Members = Iterable[Member[Any]]


def _identifier(name: str, attribute: str) -> Member[Any]:
    return number(name, attribute, low=0)


CONTACT_READERS: Members = (
    text("Name", "name"),
    text("OrgNr", "org_number"),
    text("Department", "department"),
    text("URL", "url"),
    text("DirectPhone", "phone"),
    _identifier("AssociateId", "associate_id"),
    listed_id("CountryId", COUNTRY),
    text("EmailAddress", "email"),
    text("Kananame", "kana_name"),
    text_or_null("EmailAddressName", "email_name"),
    text_or_null("URLName", "url_name"),
    text("BusinessName", "business_name"),
    text("CategoryName", "category_name"),
    text("CountryName", "country_name"),
    Member(name="Address", type="Address", write=lambda _row, _ctx: None, read=read_address),
    flag("IsOwnerContact", "is_owner_contact"),
    text("Number1", "other_number"),
    text("Number2", "number"),
)
PERSON_READERS: Members = (
    item_text("Position", "position"),
    text("Mrmrs", "salutation"),
    text("Firstname", "first_name"),
    text("Lastname", "last_name"),
    text("MiddleName", "middle_name"),
    text("Title", "title"),
    text("Description", "description"),
    text("Email", "email"),
    text("DirectPhone", "phone"),
    _identifier("CountryId", "country_id"),
    _identifier("ContactId", "contact_id"),
    flag_number("Retired", "is_retired"),
    number("Rank", "rank"),
    text("FaxPhone", "fax"),
    text("MobilePhone", "mobile"),
    _identifier("AssociateId", "associate_id"),
    flag("UsePersonAddress", "uses_own_address"),
    text("Kanafname", "kana_first_name"),
    text("Kanalname", "kana_last_name"),
    text("Post1", "post1"),
    text("Post2", "post2"),
    text("Post3", "post3"),
    text("EmailName", "email_name"),
    _identifier("TicketPriorityId", "ticket_priority_id"),
    _identifier("SupportLanguageId", "support_language_id"),
    _identifier("SupportAssociateId", "support_associate_id"),
    text("CategoryName", "category_name"),
    text("PersonNumber", "number"),
)
PROJECT_READERS: Members = (
    text("Name", "name"),
    text("Description", "description"),
    text("URL", "url"),
    text("Type", "type_name"),
    _identifier("AssociateId", "associate_id"),
    listed_id("TypeId", PROJECT_TYPE),
    listed_id("StatusId", PROJECT_STATUS),
    text("Status", "status_name"),
    text("URLName", "url_name"),
    text("ProjectNumber", "number"),
    _identifier("EventId", "event_id"),
    moment("StartDate", "starts_at"),
)
SALE_READERS: Members = (
    moment("SaleDate", "sale_at"),
    number("Probability", "probability"),
    text("Title", "title"),
    amount("Amount", "amount"),
    item_text("Currency", "currency"),
    text("Description", "description"),
    name_of("Status", "SaleStatus", "status", "Open"),
    _identifier("ProjectId", "project_id"),
    amount("EarningPercent", "earning_percent"),
    amount("Earning", "earning"),
    _identifier("ContactId", "contact_id"),
    _identifier("AssociateId", "associate_id"),
    _identifier("PersonId", "person_id"),
    listed_id("SaleTypeId", SALE_TYPE),
    text("SaleTypeName", "type_name"),
    moment("NextDueDate", "next_due_at"),
    text("Number", "number"),
)

# The official client knows a sale's title by this name only.
HEADING = text("Heading", "title")

# The official client knows these only whole; the id beside each says the same.
REFERENCES: dict[str, Member[Any]] = {
    "Associate": reference("Associate", references.ASSOCIATE, "associate_id", associate),
    "Contact": reference("Contact", references.CONTACT, "contact_id", contact),
    "Person": reference("Person", references.PERSON, "person_id", person),
    "Project": reference("Project", references.PROJECT, "project_id", project),
}

STAMPS: tuple[Member[Any], ...] = (
    carrier("CreatedBy", "Associate", lambda row, ctx: associate(row.created_by, ctx), is_fixed=True),
    Member(
        name="CreatedDate",
        type="date-time",
        write=lambda row, ctx: ctx.style.stamp(row.created_at),
        is_fixed=True,
    ),
    carrier("UpdatedBy", "Associate", lambda row, ctx: associate(row.updated_by, ctx)),
    kept("UpdatedDate", "date-time", lambda row, ctx: ctx.style.stamp(row.updated_at)),
)


def _whole(name: str) -> tuple[str, int]:
    return f"SuperOffice.CRM.Services.{name}", 4


_WHO = _whole("Associate")
STAMP_FIELDS: tuple[Row, ...] = (
    ("CreatedBy", _WHO, KEPT),
    ("CreatedDate", TIME, KEPT),
    ("UpdatedBy", _WHO, KEPT),
    ("UpdatedDate", TIME, KEPT),
)


class Kind(NamedTuple):
    """One kind of record on the wire: its name and place there, its key, and what reads it."""

    kind: str
    name: str
    key: str
    type: type[Record]
    entity: Entity[Any]
    new: Callable[[int], Record]

    @property
    def root(self) -> str:
        """Name the entity as the root of an XML answer."""
        return f"{self.name}Entity"

    @property
    def path(self) -> str:
        """Give the address of all records of this kind."""
        return ROOT + self.name

    def tree(self, record: Record, ctx: Context, *, with_links: bool = True) -> dict[str, Json]:
        """Write the whole entity; its nested carriers are shared, so nobody may change it."""
        members = self.entity.members
        return {one.name: one.write(record, ctx) for one in members if with_links or one.name != LINKS}


def _links(name: str, others: tuple[tuple[str, str], ...]) -> Callable[[Any, Context], Json]:
    def write(record: Any, ctx: Context) -> Json:
        links = {"Self": f"{ctx.base_url}{ROOT}{name}/{record.id}"}
        for other, attribute in others:
            if getattr(record, attribute):
                links[other] = f"{ctx.base_url}{ROOT}{other}/{getattr(record, attribute)}"
        return links | {"Archive": f"{ctx.base_url}{ROOT}{name}"}

    return write


def _problems(kind: str, before: Record | None, after: Record, directory: Directory) -> tuple[Problem, ...]:
    return record_problems(kind, before, after, directory)


def _kind(
    kind: str,
    name: str,
    shape: Shape,
    rows: tuple[Row, ...],
    readers: Members,
    made: type[Record],
    new: Callable[[int], Record],
    others: tuple[tuple[str, str], ...] = (),
    more: tuple[Member[Any], ...] = (),
) -> Kind:
    by_name = {reader.name: reader for reader in readers}
    key = f"{name}Id"
    whole = RECORD_REFERENCES[name]
    more = (*more, *(REFERENCES[one] for one in whole))
    told = {PROPERTIES: record_fields((*rows, *((one, _whole(one)) for one in whole), *STAMP_FIELDS))}
    fields = tuple(field._replace(render=told.get(field.name, field.render)) for field in shape)
    links = kept(LINKS, "map<string,string>", _links(name, others), empty={})
    members = (*(member_of(field, by_name, key) for field in fields), *more, *STAMPS, links)
    # Clients that know the larger entities send back only what those have of these members.
    newer = frozenset(fold(member.name) for member in members)
    entity: Entity[Any] = Entity(
        f"{name}Entity", members, partial(_problems, kind), newer=newer, names_unknown=True
    )
    return Kind(kind, name, key, made, entity, new)


KINDS: tuple[Kind, ...] = (
    _kind(
        "contact",
        "Contact",
        CONTACT,
        CONTACT_FIELDS,
        CONTACT_READERS,
        Contact,
        lambda owner: Contact(id=0, name="", associate_id=owner),
        (("Associate", "associate_id"),),
    ),
    _kind(
        "person",
        "Person",
        PERSON,
        PERSON_FIELDS,
        PERSON_READERS,
        Person,
        lambda _owner: Person(id=0),
        (("Contact", "contact_id"),),
    ),
    _kind(
        "project",
        "Project",
        PROJECT,
        PROJECT_FIELDS,
        PROJECT_READERS,
        Project,
        lambda owner: Project(id=0, name="", associate_id=owner),
        (("Associate", "associate_id"),),
    ),
    _kind(
        "sale",
        "Sale",
        SALE,
        (*SALE_FIELDS, ("Heading", (TEXT, 219), MANDATORY)),
        SALE_READERS,
        Sale,
        lambda owner: Sale(id=0, title="", associate_id=owner),
        (("Contact", "contact_id"), ("Person", "person_id"), ("Project", "project_id")),
        (HEADING,),
    ),
)
