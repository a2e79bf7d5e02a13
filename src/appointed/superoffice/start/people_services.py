"""What can be asked about people and groups (GET User/current, GET Associate; Agents User, Associate)."""

from collections.abc import Iterable, Iterator

from starlette.types import ASGIApp

from appointed.domain.directory import Associate, Department
from appointed.domain.errors import RecordNotFound
from appointed.domain.rights import caller, is_member, may_see_department, may_see_user
from appointed.superoffice.carriers.associate import ASSOCIATE
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.request import wish_of
from appointed.superoffice.service import Ask, write_value
from appointed.superoffice.start.items import SELECTABLE_MDO_LIST_ITEM, Item
from appointed.superoffice.start.people import ROLE, ROLES, USER, USER_GROUP, USER_INFO, user_name

# Kinds of diary groups: a user group, or whatever the caller leaves open. There are no others here.
_OPEN, _USER_GROUP = 0, 2


async def current_user(ask: Ask) -> Json:
    """The caller as a user: role, groups and person."""
    return ask.write(USER, caller(ask.ctx.principal, ask.directory))


async def current_associate(ask: Ask) -> Json:
    """The caller as an associate."""
    return ask.write(ASSOCIATE, caller(ask.ctx.principal, ask.directory))


async def associates(ask: Ask) -> Json:
    """The associates who are not deleted, as far as the caller may know of them."""
    return [ask.write(ASSOCIATE, who) for who in _everyone(ask)]


async def associate_or_404(ask: Ask) -> Json:
    """One associate; 404 when there is none with this id."""
    number = ask.given.number("id")
    found = _seen(ask, number)
    if found is None:
        raise RecordNotFound("associate", number)
    return ask.write(ASSOCIATE, found)


async def associate(ask: Ask) -> Json:
    """One associate, null when there is none with this id."""
    return ask.write(ASSOCIATE, _seen(ask, ask.given.number("AssociateId")))


async def associate_of_person(ask: Ask) -> Json:
    """The associate that a person is, null when the person is none."""
    return ask.write(ASSOCIATE, next(_of_person(ask), None))


async def associates_by_ids(ask: Ask) -> Json:
    """Associates by their ids; ids that nobody has are left out."""
    return [ask.write(ASSOCIATE, who) for who in _by_ids(ask)]


async def associates_by_group(ask: Ask) -> Json:
    """The members of a user group."""
    group = ask.given.number("GroupId")
    if ask.given.number("Type", _OPEN) not in (_OPEN, _USER_GROUP):
        return []
    return [ask.write(ASSOCIATE, who) for who in _everyone(ask) if is_member(who, group)]


async def access_token(ask: Ask) -> ASGIApp:
    """A new ticket, for `Authorization: SOTicket` or `Bearer`; good for six hours."""
    text, _expires_at = await ask.door.callers.issue(ask.ctx.principal)
    return write_value(text, "string", wish_of(ask.request), ("Cache-Control", "no-store"))


async def user(ask: Ask) -> Json:
    """One user, null when there is none with this id."""
    return ask.write(USER, _seen(ask, ask.given.number("UserId")))


async def user_by_name(ask: Ask) -> Json:
    """One user by the name that signs in, null when there is none."""
    name = ask.given.text("UserName").casefold()
    found = (who for who in _everyone(ask) if name in (who.name.casefold(), user_name(who).casefold()))
    return ask.write(USER, next(found, None))


async def users_of_person(ask: Ask) -> Json:
    """The users that a person is."""
    return [ask.write(USER, who) for who in _of_person(ask)]


async def user_info(ask: Ask) -> Json:
    """One user in short, null when there is none with this id."""
    return ask.write(USER_INFO, _seen(ask, ask.given.number("UserInfoId")))


async def user_infos(ask: Ask) -> Json:
    """Users in short, by their ids."""
    return [ask.write(USER_INFO, who) for who in _by_ids(ask)]


async def user_groups(ask: Ask) -> Json:
    """The user groups."""
    groups = (_group_seen(ask, number) for number in ask.directory.departments)
    return [ask.write(USER_GROUP, group) for group in groups if group]


async def user_group(ask: Ask) -> Json:
    """One user group, null when there is none with this id."""
    return ask.write(USER_GROUP, _group_seen(ask, ask.given.number("UserGroupId")))


async def user_groups_by_ids(ask: Ask) -> Json:
    """User groups by their ids."""
    groups = (_group_seen(ask, number) for number in ask.given.numbers())
    return [ask.write(USER_GROUP, group) for group in groups if group]


async def role(ask: Ask) -> Json:
    """One role, null when there is none with this id."""
    number = ask.given.number("RoleId")
    return ask.write(ROLE, next((one for one in ROLES if one.id == number), None))


async def roles(ask: Ask) -> Json:
    """The roles as choices."""
    items = (Item(id=one.id, name=one.value, rank=one.id, type="role") for one in ROLES)
    return [ask.write(SELECTABLE_MDO_LIST_ITEM, item) for item in items]


def _seen(ask: Ask, number: int) -> Associate | None:
    found = ask.directory.associates.get(number)
    return found if found and may_see_user(ask.ctx.principal, found, ask.directory) else None


def _by_ids(ask: Ask) -> Iterable[Associate]:
    found = (_seen(ask, number) for number in ask.given.numbers())
    return (who for who in found if who)


def _group_seen(ask: Ask, number: int) -> Department | None:
    found = ask.directory.departments.get(number)
    return found if found and may_see_department(ask.ctx.principal, number, ask.directory) else None


def _everyone(ask: Ask) -> Iterable[Associate]:
    everybody = (who for who in ask.directory.associates.values() if not who.is_deleted)
    return (who for who in everybody if may_see_user(ask.ctx.principal, who, ask.directory))


def _of_person(ask: Ask) -> Iterator[Associate]:
    person_id = ask.given.number("PersonId")
    return iter([who for who in _everyone(ask) if person_id and who.person_id == person_id])
