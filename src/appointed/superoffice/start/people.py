"""User, UserInfo, UserGroup and Role: who may sign in (GET User/current; Agents User, Associate)."""

from typing import Any, NamedTuple

from appointed.domain.directory import Associate, AssociateType, Department
from appointed.domain.principal import Role
from appointed.domain.rights import Known, known, may_see_department
from appointed.superoffice.carriers.associate import USER_TYPES
from appointed.superoffice.carriers.person import person
from appointed.superoffice.carriers.right import table_right
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, text, written
from appointed.superoffice.context import Context

ROLE_IDS = {role: one for one, role in enumerate(Role, start=1)}
# Who never signs in: a room has nobody in it.
_NO_LOGIN = frozenset({AssociateType.RESOURCE, AssociateType.ANONYMOUS})


class NamedRole(NamedTuple):
    """A role as an item of a list."""

    id: int
    value: str


ROLES = tuple(NamedRole(one, role.value.replace("_", " ").capitalize()) for role, one in ROLE_IDS.items())

ROLE: Shape = (
    Field("Id", "int32", number("id")),
    Field("Value", "string", number("value")),
    Field("Tooltip", "string", fixed("")),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

USER_GROUP: Shape = (
    Field("Value", "string", text("name")),
    Field("Tooltip", "string", fixed("")),
    Field("Id", "int32", number("id")),
    Field("Rank", "int32", fixed(0)),
    Field("Deleted", "bool", fixed(False)),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


def role_of(who: Associate) -> NamedRole:
    """Give an associate's role."""
    return ROLES[ROLE_IDS[who.role] - 1]


def _is_known_whole(who: Associate, ctx: Context) -> bool:
    return known(ctx.principal, who, ctx.directory) is Known.WHOLE


def _seen(group_id: int, ctx: Context) -> Department | None:
    found = ctx.directory.departments.get(group_id)
    return found if found and may_see_department(ctx.principal, group_id, ctx.directory) else None


def _group(who: Associate, ctx: Context) -> Department | None:
    return _seen(who.group_id, ctx)


def _groups(who: Associate, ctx: Context) -> Json:
    if not _is_known_whole(who, ctx):
        return []
    others = (_seen(one, ctx) for one in who.department_ids if one != who.group_id)
    return [written(USER_GROUP, group, ctx) for group in others if group is not None]


def _role(who: Associate, ctx: Context) -> Json:
    return written(ROLE, role_of(who), ctx) if _is_known_whole(who, ctx) else None


def _home(who: Associate, ctx: Context) -> Json:
    group = _group(who, ctx)
    return None if group is None else written(USER_GROUP, group, ctx)


def _person(who: Associate, ctx: Context) -> Json:
    rendered = person(who.person_id, ctx) if _is_known_whole(who, ctx) else None
    return None if rendered is None else rendered[0]


def _is_retired(who: Associate, ctx: Context) -> Json:
    found = ctx.directory.persons.get(who.person_id)
    return found is not None and found.is_retired


def user_name(who: Associate, _ctx: Any = None) -> str:
    """Give the name an associate signs in with."""
    return who.user_name or who.name


USER: Shape = (
    Field("AssociateId", "int32", number("id")),
    Field("Name", "string", number("name")),
    Field("Rank", "int32", number("rank")),
    Field("Tooltip", "string", text("tooltip")),
    Field("LicenseOwners", "string[]", fixed([])),
    Field("Role", "Role", _role),
    Field("UserGroup", "UserGroup", _home),
    Field("OtherGroups", "UserGroup[]", _groups),
    Field("Person", "Person", _person),
    Field("Deleted", "bool", number("is_deleted")),
    Field("Lastlogin", "date-time", lambda _who, ctx: ctx.style.stamp(None)),
    Field("Lastlogout", "date-time", lambda _who, ctx: ctx.style.stamp(None)),
    Field("EjUserId", "int32", number("ej_user_id")),
    Field("RequestSignature", "string", fixed("")),
    Field("Type", "enum:UserType", lambda who, _ctx: USER_TYPES[who.type]),
    Field("IsPersonRetired", "bool", _is_retired),
    Field("IsOnTravel", "bool", fixed(False)),
    Field("Credentials", "string[]", fixed([])),
    Field("UserName", "string", user_name),
    Field("TicketCategories", "MDOListItem[]", fixed([])),
    Field("NickName", "string", fixed("")),
    Field("WaitingForApproval", "bool", fixed(False)),
    Field("ExtraFields", "map<string,string>", fixed({})),
    Field("CustomFields", "map<string,string>", fixed({})),
    Field("PostSaveCommands", "string[]", fixed([])),
    Field("TableRight", "TableRight", fixed(table_right("Select"))),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

USER_INFO: Shape = (
    Field("Deleted", "bool", number("is_deleted")),
    Field("UserInfoId", "int32", number("id")),
    Field("UserName", "string", user_name),
    Field("PersonId", "int32", number("person_id")),
    Field("Rank", "int32", number("rank")),
    Field("Tooltip", "string", text("tooltip")),
    Field("UserGroupId", "int32", number("group_id")),
    Field("EjUserId", "int32", number("ej_user_id")),
    Field("UserType", "enum:UserType", lambda who, _ctx: USER_TYPES[who.type]),
    Field("GrantedLicenses", "string[]", fixed([])),
    Field("CanLogon", "bool", lambda who, _ctx: not who.is_deleted and who.type not in _NO_LOGIN),
    Field("RoleName", "string", lambda who, ctx: role_of(who).value if _is_known_whole(who, ctx) else ""),
    Field("RoleTooltip", "string", fixed("")),
    Field("UserGroupName", "string", lambda who, ctx: _name(_group(who, ctx), ctx)),
    Field("UserGroupTooltip", "string", fixed("")),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


def _name(group: Department | None, ctx: Context) -> str:
    return "" if group is None else ctx.text(group.name)


PEOPLE_SHAPES: dict[str, Shape] = {
    "User": USER,
    "UserInfo": USER_INFO,
    "UserGroup": USER_GROUP,
    "Role": ROLE,
}
