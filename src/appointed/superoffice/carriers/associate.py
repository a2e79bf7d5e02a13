"""Associate: a user or resource (Response body, Associate)."""

from appointed.domain.directory import Associate, AssociateType
from appointed.superoffice.carriers.right import table_right
from appointed.superoffice.carriers.shape import (
    Field,
    Json,
    Rendered,
    Shape,
    fixed,
    kept,
    number,
    text,
    written,
)
from appointed.superoffice.context import Context

USER_TYPES = {
    AssociateType.INTERNAL: "InternalAssociate",
    AssociateType.RESOURCE: "ResourceAssociate",
    AssociateType.EXTERNAL: "ExternalAssociate",
    AssociateType.ANONYMOUS: "AnonymousAssociate",
    AssociateType.SYSTEM: "SystemAssociate",
}

ASSOCIATE: Shape = (
    Field("AssociateId", "int32", number("id")),
    Field("Name", "string", text("name")),
    Field("PersonId", "int32", number("person_id")),
    Field("Rank", "int32", number("rank")),
    Field("Tooltip", "string", text("tooltip")),
    Field("Type", "enum:UserType", lambda who, _ctx: USER_TYPES[who.type]),
    Field("GroupIdx", "int32", number("group_id")),
    Field("FullName", "string", text("full_name")),
    Field("FormalName", "string", text("full_name")),
    Field("Deleted", "bool", number("is_deleted")),
    Field("EjUserId", "int32", number("ej_user_id")),
    Field("UserName", "string", text("user_name")),
    Field("ExtraFields", "map<string,string>", fixed({})),
    Field("CustomFields", "map<string,string>", fixed({})),
    Field("TableRight", "TableRight", fixed(table_right("Select"))),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


def associate(associate_id: int, ctx: Context) -> Rendered | None:
    """Render one associate; None when there is none with this id."""
    rendered: Rendered | None = ctx.cache.get(("associate", associate_id))
    if rendered is not None:
        return rendered
    found = ctx.directory.associates.get(associate_id)
    return kept("associate", associate_id, ctx, lambda: written(ASSOCIATE, found, ctx)) if found else None


def name_of(associate_id: int, ctx: Context) -> str:
    """Give an associate's full name, "" without one."""
    found: Associate | None = ctx.directory.associates.get(associate_id)
    return found.full_name if found else ""


def login_of(associate_id: int, ctx: Context) -> Json:
    """Give an associate's short name, "" without one."""
    found = ctx.directory.associates.get(associate_id)
    return found.name if found else ""
