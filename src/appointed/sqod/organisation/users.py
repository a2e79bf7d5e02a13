"""The addresses of `/api/v1/users` and `/api/v1/me` (ours: ADR 0116)."""

from typing import Final

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.rights import caller
from appointed.http.resource import Resource, route
from appointed.sqod.organisation.carrier import UserEnvelope, show_user
from appointed.sqod.organisation.desk import Desk, number, shown
from appointed.sqod.routes import write_error
from appointed.usecases.change_department import USER, read_user, users_seen

USERS: Final = "/api/v1/users"
ME: Final = "/api/v1/me"
MYSELF: Final = "me"


class UserRoutes:
    """Answers requests for users and the caller."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            route(USERS, Resource({"GET": self.list}, write_error)),
            route(USERS + "/{user}", Resource({"GET": self.read}, write_error)),
            route(ME, Resource({"GET": self.me}, write_error)),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/users: one page of those the caller may know of."""
        principal, directory = await self._desk.caller(request)
        seen = users_seen(principal, directory)
        return self._desk.page(request, USERS, seen, lambda user: show_user(user, directory))

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/users/{user}; `me` stands for the caller."""
        principal, directory = await self._desk.caller(request)
        given = request.path_params["user"]
        user_id = principal.associate_id if given == MYSELF else number(given, USER)
        user = read_user(principal, directory, user_id)
        return shown(request, user, UserEnvelope(show_user(user, directory)))

    async def me(self, request: Request) -> ASGIApp:
        """GET /api/v1/me: who is calling."""
        principal, directory = await self._desk.caller(request)
        user = caller(principal, directory)
        return shown(request, user, UserEnvelope(show_user(user, directory)))
