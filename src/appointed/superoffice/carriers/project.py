"""Project (Response body, Project)."""

from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.record_rights import (
    FLAG,
    KEPT,
    WORDS,
    record,
    record_fields,
    record_right,
)
from appointed.superoffice.carriers.right import INT, MANDATORY, TEXT, TIME, Row
from appointed.superoffice.carriers.shape import Field, Rendered, Shape, fixed, number, text
from appointed.superoffice.context import Context

FIELDS: tuple[Row, ...] = (
    ("ProjectId", INT, KEPT),
    ("Name", (TEXT, 219), MANDATORY),
    ("Description", (TEXT, 4000)),
    ("URL", (TEXT, 1023)),
    ("Type", (TEXT, 239)),
    ("AssociateId", INT),
    ("AssociateFullName", WORDS, KEPT),
    ("TypeId", INT),
    ("Updated", TIME, KEPT),
    ("StatusId", INT),
    ("Status", (TEXT, 239)),
    ("TextId", INT, KEPT),
    ("PublishTo", TIME, KEPT),
    ("PublishFrom", TIME, KEPT),
    ("IsPublished", FLAG, KEPT),
    ("URLName", (TEXT, 254)),
    ("ProjectNumber", (TEXT, 49)),
    ("ActiveErpLinks", INT, KEPT),
    ("EventId", INT),
    ("StartDate", TIME),
)

PROJECT: Shape = (
    Field("ProjectId", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("Description", "string", text("description")),
    Field("URL", "string", text("url")),
    Field("Type", "string", text("type_name")),
    Field("AssociateId", "int32", number("associate_id")),
    Field("AssociateFullName", "string", lambda project, ctx: name_of(project.associate_id, ctx)),
    Field("TypeId", "int32", number("type_id")),
    Field("Updated", "date-time", lambda project, ctx: ctx.style.stamp(project.updated_at)),
    Field("StatusId", "int32", number("status_id")),
    Field("Status", "string", text("status_name")),
    Field("TextId", "int32", fixed(0)),
    Field("PublishTo", "date-time", lambda _project, ctx: ctx.style.open_start(None)),
    Field("PublishFrom", "date-time", lambda _project, ctx: ctx.style.open_start(None)),
    Field("IsPublished", "bool", fixed(False)),
    Field("URLName", "string", text("url_name")),
    Field("ProjectNumber", "string", text("number")),
    Field("ActiveErpLinks", "int32", fixed(0)),
    Field("EventId", "int32", number("event_id")),
    Field("StartDate", "date-time", lambda project, ctx: ctx.style.open_start(project.starts_at)),
    Field("TableRight", "TableRight", record_right),
    Field("FieldProperties", "map<string,FieldProperty>", record_fields(FIELDS)),
)


def project(project_id: int, ctx: Context) -> Rendered | None:
    """Render one project; None when there is none with this id."""
    found = ctx.directory.projects.get(project_id)
    return record("project", PROJECT, found, project_id, ctx) if found else None
