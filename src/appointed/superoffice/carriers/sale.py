"""Sale (Response body, Sale)."""

from typing import Any

from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.carriers.record_rights import (
    KEPT,
    NUMBER,
    WORDS,
    record,
    record_fields,
    record_right,
)
from appointed.superoffice.carriers.right import INT, MANDATORY, SMALL, TEXT, TIME, Row
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


def _contact_name(sale: Any, ctx: Context) -> Json:
    found = ctx.directory.contacts.get(sale.contact_id)
    return found.name if found else ""


def _project_name(sale: Any, ctx: Context) -> Json:
    found = ctx.directory.projects.get(sale.project_id)
    return found.name if found else ""


FIELDS: tuple[Row, ...] = (
    ("ContactName", WORDS, KEPT),
    ("SaleDate", TIME),
    ("SaleId", INT, KEPT),
    ("Probability", SMALL),
    ("Title", (TEXT, 219), MANDATORY),
    ("Amount", NUMBER),
    ("Currency", (TEXT, 239)),
    ("ProjectName", WORDS, KEPT),
    ("AssociateFullName", WORDS, KEPT),
    ("Description", (TEXT, 4000)),
    ("Status", ("SuperOffice.Data.SaleStatus", 0)),
    ("WeightedAmount", NUMBER, KEPT),
    ("ProjectId", INT),
    ("EarningPercent", NUMBER),
    ("Earning", NUMBER),
    ("ContactId", INT),
    ("AssociateId", INT),
    ("PersonId", INT),
    ("SaleTypeId", INT),
    ("SaleTypeName", (TEXT, 239)),
    ("PersonFullName", WORDS, KEPT),
    ("Completed", ("SuperOffice.Data.ActivityStatus", 0), KEPT),
    ("ActiveErpLinks", INT, KEPT),
    ("NextDueDate", TIME),
    ("Number", (TEXT, 49)),
)

SALE: Shape = (
    Field("ContactName", "string", _contact_name),
    Field("SaleDate", "date-time", lambda sale, ctx: ctx.style.open_start(sale.sale_at)),
    Field("SaleId", "int32", number("id")),
    Field("Probability", "int32", number("probability")),
    Field("Title", "string", text("title")),
    Field("Amount", "double", lambda sale, _ctx: float(sale.amount)),
    Field("Currency", "string", text("currency")),
    Field("ProjectName", "string", _project_name),
    Field("AssociateFullName", "string", lambda sale, ctx: name_of(sale.associate_id, ctx)),
    Field("Description", "string", text("description")),
    Field("Status", "enum:SaleStatus", number("status")),
    Field("WeightedAmount", "double", lambda sale, _ctx: sale.amount * sale.probability / 100),
    Field("ProjectId", "int32", number("project_id")),
    Field("EarningPercent", "double", lambda sale, _ctx: float(sale.earning_percent)),
    Field("Earning", "double", lambda sale, _ctx: float(sale.earning)),
    Field("ContactId", "int32", number("contact_id")),
    Field("AssociateId", "int32", number("associate_id")),
    Field("PersonId", "int32", number("person_id")),
    Field("SaleTypeId", "int32", number("type_id")),
    Field("SaleTypeName", "string", text("type_name")),
    Field("PersonFullName", "string", lambda sale, ctx: full_name(ctx.directory.persons.get(sale.person_id))),
    Field(
        "Completed",
        "enum:ActivityStatus",
        lambda sale, _ctx: "NotStarted" if sale.status == "Open" else "Completed",
    ),
    Field("ActiveErpLinks", "int32", fixed(0)),
    Field("NextDueDate", "date-time", lambda sale, ctx: ctx.style.open_start(sale.next_due_at)),
    Field("Number", "string", text("number")),
    Field("TableRight", "TableRight", record_right),
    Field("FieldProperties", "map<string,FieldProperty>", record_fields(FIELDS)),
)


def sale(sale_id: int, ctx: Context) -> Rendered | None:
    """Render one sale; None when there is none with this id."""
    found = ctx.directory.sales.get(sale_id)
    return record("sale", SALE, found, sale_id, ctx) if found else None
