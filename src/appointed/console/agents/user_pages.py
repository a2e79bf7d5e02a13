"""The users whom somebody administers: a list, a page that adds one, and one for each that changes them."""

from typing import Final

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.audit_filter import read_id
from appointed.console.agents.change_pages import revision_of
from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.edit_form import Typed
from appointed.console.agents.forms import Form
from appointed.console.agents.once import key_of, once
from appointed.console.agents.record_form import STALE, done_of, record_page, typed_of
from appointed.console.agents.session import Visitor
from appointed.console.agents.user_form import PASSWORD, Offered, changes_of, shown, sort_problems
from appointed.domain.directory import Associate
from appointed.domain.errors import (
    Forbidden,
    IdempotencyKeyReused,
    InvalidAppointment,
    PreconditionFailed,
    RecordNotFound,
)
from appointed.domain.principal import Role
from appointed.domain.rights import (
    Known,
    departments_of,
    is_member,
    known,
    may_administer_department,
    may_administer_user,
    may_administer_users,
    may_see_department,
)
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_department import departments_seen
from appointed.usecases.change_password import SHORTEST
from appointed.usecases.change_user import NO_PASSWORD, USER, change_user, create_user, read_user, users_seen
from appointed.usecases.ports import Outcome

USERS: Final = f"{HOME}/users"
NEW: Final = f"{USERS}/new"
ONE_USER: Final = f"{USERS}/{{number}}"
PER_PAGE: Final = 50
HINTS: Final = ("user", "rights")
NOBODY: Final = Associate(id=0, name="", full_name="")


class UserPages(msgspec.Struct, frozen=True):
    """Answers these addresses."""

    desk: Desk

    async def list(self, request: Request) -> Response:
        """Show the users whom one may know of; those whom one administers can be opened."""
        visitor = await self._administrator(request)
        principal, directory = visitor.principal, visitor.directory
        department = read_id(request.query_params.get("department", ""))
        seen = users_seen(principal, directory)
        if department in directory.departments:
            seen = [one for one in seen if is_member(one, department)]
        pages = max(1, -(-len(seen) // PER_PAGE))
        page = min(max(read_id(request.query_params.get("page", "")) or 1, 1), pages)
        users = seen[(page - 1) * PER_PAGE : page * PER_PAGE]
        return self.desk.page(
            request,
            "agents_users.html",
            visitor,
            users=users,
            own={one.id for one in users if may_administer_user(principal, one, directory)},
            departments_of={one.id: _names(visitor, one) for one in users},
            whole={one.id for one in users if known(principal, one, directory) is Known.WHOLE},
            departments=departments_seen(principal, directory),
            department=department,
            page=page,
            pages=pages,
            programs=NO_PASSWORD,
        )

    async def new(self, request: Request) -> Response:
        """Ask for what a new user needs."""
        return self._show(request, await self._administrator(request), None)

    async def add(self, request: Request) -> Response:
        """Add a user; a form that comes twice adds one."""
        visitor, form = await self._posted(request)
        typed, door = typed_of(form), self.desk.door
        given = changes_of(typed.given, typed.was, form.values.get(PASSWORD, ""), is_new=True)
        edit, password = self.desk.to_user(given, visitor.principal, True)
        passwords = self.desk.sessions.authenticator.passwords

        async def create(call: Call) -> Outcome:
            return await create_user(door.store, passwords, call, edit, password)

        def page_of(outcome: Outcome) -> str:
            number = outcome.record.id if outcome.record else 0
            return f"{USERS}/{number}?done=added"

        try:
            return leads(await once(request, form, self.desk.call(visitor), create, page_of))
        except InvalidAppointment as error:
            wrong = replace(typed, problems=sort_problems(error.problems))
            return self._show(request, visitor, None, 422, wrong, key=key_of(form))
        except IdempotencyKeyReused:
            return self._show(request, visitor, None, 409, typed, refused="agents.users.again")

    async def form(self, request: Request) -> Response:
        """Show what can be changed of a user."""
        visitor = await self._administrator(request)
        return self._show(request, visitor, self._user(request, visitor), done=done_of(request))

    async def save(self, request: Request) -> Response:
        """Keep what was changed of a user; whatever goes wrong, nothing that was typed is lost."""
        visitor, form = await self._posted(request)
        user, typed, door = self._user(request, visitor), typed_of(form), self.desk.door
        update = changes_of(typed.given, typed.was, form.values.get(PASSWORD, ""), is_new=False)
        if not update:
            return leads(f"{USERS}/{user.id}?done=same")
        edit, password = self.desk.to_user(update, visitor.principal, False)
        call = replace(self.desk.call(visitor), precondition=revision_of(form))
        passwords = self.desk.sessions.authenticator.passwords
        try:
            await change_user(door.store, passwords, call, user.id, edit, password)
        except PreconditionFailed:
            # What stands now is newer than what the visitor was found with.
            visitor = replace(visitor, directory=await door.store.directory(visitor.principal.tenant_id))
            return self._show(request, visitor, self._user(request, visitor), STALE, typed)
        except InvalidAppointment as error:
            wrong = replace(typed, problems=sort_problems(error.problems))
            return self._show(request, visitor, user, 422, wrong)
        # All that they may has changed with it: other processes learn of it within seconds.
        door.callers.forget()
        return leads(f"{USERS}/{user.id}?done=saved")

    async def _administrator(self, request: Request) -> Visitor:
        visitor = await self.desk.sessions.visitor(request)
        if not may_administer_users(visitor.principal, visitor.directory):
            raise Forbidden(USER)
        return visitor

    async def _posted(self, request: Request) -> tuple[Visitor, Form]:
        visitor, form = await self.desk.sessions.posted(request)
        if not may_administer_users(visitor.principal, visitor.directory):
            raise Forbidden(USER)
        return visitor, form

    def _user(self, request: Request, visitor: Visitor) -> Associate:
        number = read_id(request.path_params["number"])
        if number is None:
            raise RecordNotFound(USER, request.path_params["number"])
        found = read_user(visitor.principal, visitor.directory, number)
        if not may_administer_user(visitor.principal, found, visitor.directory):
            raise Forbidden(USER)
        return found

    def _show(
        self,
        request: Request,
        visitor: Visitor,
        user: Associate | None,
        status: int = 200,
        typed: Typed | None = None,
        **values: str,
    ) -> Response:
        typed = typed or Typed()
        told = {"key": self.desk.door.ids.token()} if user is None else {"done": ""}
        return record_page(
            self.desk,
            request,
            visitor,
            status,
            shown(user, offered_to(visitor, user), typed),
            typed,
            title="agents.users.new" if user is None else "agents.users.one",
            named=user.full_name if user else "",
            lead=user.name if user else "",
            shortest=SHORTEST,
            action=f"{USERS}/{user.id}" if user else NEW,
            back=USERS,
            back_key="agents.users.back",
            revision=user.revision if user else 0,
            hints=HINTS,
            **(told | {"save": "agents.edit.save" if user else "agents.users.add"} | values),
        )


def offered_to(visitor: Visitor, user: Associate | None) -> Offered:
    """Say what a visitor may make of a user: nobody who may more than they, in their departments alone."""
    principal, directory = visitor.principal, visitor.directory
    seen = departments_seen(principal, directory)
    own = tuple(one for one in seen if may_administer_department(principal, one.id, directory))
    stands = user or replace(NOBODY, group_id=own[0].id if own else 0)
    is_self = stands.id == principal.associate_id
    return Offered(
        roles=tuple(
            role for role in Role if may_administer_user(principal, replace(stands, role=role), directory)
        ),
        departments=own,
        # Of themselves people change the password elsewhere, by showing the one that they have.
        has_password=not is_self and stands.type not in NO_PASSWORD,
        has_state=not is_self,
    )


def _names(visitor: Visitor, user: Associate) -> str:
    principal, directory = visitor.principal, visitor.directory
    seen = (
        directory.departments[number]
        for number in departments_of(user)
        if number in directory.departments and may_see_department(principal, number, directory)
    )
    return ", ".join(one.name for one in seen)
