"""Project (Response body, Project)."""

from appointed.superoffice.carriers.associate import name_of
from appointed.superoffice.carriers.right import (
    INT,
    MANDATORY,
    TEXT,
    TIME,
    field_properties,
    properties,
    table_right,
)
from appointed.superoffice.carriers.shape import Field, Rendered, Shape, fixed, kept, number, text, written
from appointed.superoffice.context import Context

FIELD_PROPERTIES = field_properties(
    (
        ("ProjectId", INT),
        ("Name", (TEXT, 219), MANDATORY),
        ("TypeId", INT),
        ("Type", (TEXT, 239)),
        ("StatusId", INT),
        ("Status", (TEXT, 239)),
        ("UrlAddress", (TEXT, 1023)),
        ("AssociateId", INT, MANDATORY),
        ("Firstname", (TEXT, 99), MANDATORY),
        ("MiddleName", (TEXT, 99)),
        ("Lastname", (TEXT, 99)),
        ("TextId", INT),
        ("Text", (TEXT, 4000)),
        ("Updated", TIME),
        ("PublishFrom", TIME),
        ("PublishTo", TIME),
        ("UrlName", (TEXT, 254)),
        ("ProjectNumber", (TEXT, 49)),
    )
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
    Field("TableRight", "TableRight", fixed(table_right("Select, Update, Insert, Delete"))),
    Field("FieldProperties", "map<string,FieldProperty>", properties(FIELD_PROPERTIES)),
)


def project(project_id: int, ctx: Context) -> Rendered | None:
    """Render one project; None when there is none with this id."""
    found = ctx.directory.projects.get(project_id)
    return kept("project", project_id, ctx, lambda: written(PROJECT, found, ctx)) if found else None
