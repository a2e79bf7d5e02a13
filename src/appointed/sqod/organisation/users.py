"""The addresses of `/api/v1/users` and `/api/v1/me` (ours: ADRs 0116, 0152)."""

import hmac
from functools import partial
from typing import Any, Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import Associate, Directory
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.http.resource import Resource, route
from appointed.sqod.input import cleaned
from appointed.sqod.intake import Writer
from appointed.sqod.organisation.carrier import UserEnvelope, show_user
from appointed.sqod.organisation.desk import Desk, answered, number, shown, writer
from appointed.sqod.organisation.user_input import STORE, UPDATE, to_own_password, to_user
from appointed.sqod.routes import write_error
from appointed.usecases.change_appointment import Call
from appointed.usecases.change_password import CURRENT, change_own_password
from appointed.usecases.change_user import USER, change_user, create_user, read_user, users_seen
from appointed.usecases.credential_ports import PasswordHasher

USERS: Final = "/api/v1/users"
ME: Final = "/api/v1/me"
MYSELF: Final = "me"
PASSWORDS: Final = ("password", CURRENT)


class UserRoutes:
    """Answers requests for users and the caller.

    `key` tells passwords apart in what is kept of a request under its Idempotency-Key.
    """

    def __init__(self, desk: Desk, passwords: PasswordHasher, key: bytes) -> None:
        self._desk = desk
        self._passwords = passwords
        self._key = key

    def routes(self) -> list[Route]:
        """Make the routes."""
        one = {"GET": self.read, "PATCH": self.patch}
        verb = self._desk.intake.verb
        return [
            route(USERS, Resource({"GET": self.list, "POST": self.create}, write_error)),
            route(USERS + "/{user}", Resource(one, write_error, override=verb)),
            route(ME, Resource({"GET": self.me, "PATCH": self.own}, write_error, override=verb)),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/users: one page of those the caller may know of."""
        principal, directory = await self._desk.caller(request)
        seen = users_seen(principal, directory)
        return self._desk.page(request, USERS, seen, lambda user: show_user(user, principal, directory))

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/users/{user}; `me` stands for the caller."""
        principal, directory = await self._desk.caller(request)
        user = read_user(principal, directory, _user_id(request, principal))
        return shown(request, user, _shown_to(principal, user, directory))

    async def me(self, request: Request) -> ASGIApp:
        """GET /api/v1/me: who is calling."""
        principal, directory = await self._desk.caller(request)
        user = caller(principal, directory)
        return shown(request, user, _shown_to(principal, user, directory))

    async def own(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/me: another password for the caller, who shows the one they have."""
        principal, _directory = await self._desk.caller(request)
        given = (await self._desk.intake.fields(request)).values
        current, new = to_own_password(_readable(given))
        write = writer(200, partial(_shown_to, principal))
        # What is done once cannot be done again: the password shown is not theirs any more.
        call = replace(await self._call(request, principal, write), idempotency=None)
        door = self._desk.door
        address = door.client_address(request.scope)
        outcome = await change_own_password(door.store, self._passwords, call, current, new, address)
        if not call.dry_run:
            door.callers.forget()
        return answered(outcome, write)

    async def create(self, request: Request) -> ASGIApp:
        """POST /api/v1/users: a new user with a password; for the administrators of their departments."""
        principal, _directory = await self._desk.caller(request)
        given = (await self._desk.intake.fields(request)).values
        edit, password = to_user(_readable(given), principal, STORE)
        write = writer(201, partial(_shown_to, principal))
        call = await self._call(request, principal, write)
        return answered(
            await create_user(self._desk.door.store, self._passwords, call, edit, password), write
        )

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/users/{user}, also as POST with `_method=PATCH`; `me` stands for the caller."""
        principal, _directory = await self._desk.caller(request)
        user_id = _user_id(request, principal)
        given = (await self._desk.intake.fields(request)).values
        edit, password = to_user(_readable(given), principal, UPDATE)
        write = writer(200, partial(_shown_to, principal))
        call = await self._call(request, principal, write)
        outcome = await change_user(self._desk.door.store, self._passwords, call, user_id, edit, password)
        if not call.dry_run:
            # Password, departments or all that they may: other processes learn of it within seconds.
            self._desk.door.callers.forget()
        return answered(outcome, write)

    async def _call(self, request: Request, principal: Principal, write: Writer) -> Call:
        # What is kept of a request must not help to guess a password.
        fields = await self._desk.intake.fields(request)
        values = dict(fields.values)
        for name in PASSWORDS:
            if isinstance(values.get(name), str):
                values[name] = hmac.digest(self._key, values[name].encode(), "sha256")
        return self._desk.call(request, principal, replace(fields, values=values), write)


def _readable(given: dict[str, Any]) -> dict[str, Any]:
    """Trim all but passwords, as Laravel does."""
    trimmed: dict[str, Any] = cleaned(given)
    kept = {name: given[name] or None for name in PASSWORDS if isinstance(given.get(name), str)}
    return trimmed | kept


def _user_id(request: Request, principal: Principal) -> int:
    given = request.path_params["user"]
    return principal.associate_id if given == MYSELF else number(given, USER)


def _shown_to(principal: Principal, record: object, directory: Directory) -> UserEnvelope:
    if not isinstance(record, Associate):
        raise TypeError("the store answered a change without its user")
    return UserEnvelope(show_user(record, principal, directory))
