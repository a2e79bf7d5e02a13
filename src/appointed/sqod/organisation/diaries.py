"""The addresses of `/api/v1/diaries` (ours: ADR 0129)."""

from typing import Final

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import Associate, Directory
from appointed.domain.principal import Principal
from appointed.http.resource import Resource, route
from appointed.sqod.input import cleaned
from appointed.sqod.organisation.carrier import DiaryEnvelope, show_diary
from appointed.sqod.organisation.desk import Desk, answered, number, shown, writer
from appointed.sqod.organisation.diary_input import to_diary_edit
from appointed.sqod.routes import write_error
from appointed.usecases.change_diary import DIARY, change_diary, diaries_seen, read_diary

DIARIES: Final = "/api/v1/diaries"
MINE: Final = "me"


class DiaryRoutes:
    """Answers requests for what holds of whole diaries."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Make the routes."""
        one = {"GET": self.read, "PATCH": self.patch}
        verb = self._desk.intake.verb
        return [
            route(DIARIES, Resource({"GET": self.list}, write_error)),
            route(DIARIES + "/{diary}", Resource(one, write_error, override=verb)),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/diaries: one page of those the caller may know of."""
        principal, directory = await self._desk.caller(request)
        seen = diaries_seen(principal, directory)
        return self._desk.page(request, DIARIES, seen, lambda owner: show_diary(owner, directory))

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/diaries/{diary}, by its owner's number; `me` stands for the caller."""
        principal, directory = await self._desk.caller(request)
        owner = read_diary(principal, directory, _owner_id(request, principal))
        return shown(request, owner, _show(owner, directory))

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/diaries/{diary}, also as POST with `_method=PATCH`."""
        principal, _directory = await self._desk.caller(request)
        owner_id = _owner_id(request, principal)
        fields = await self._desk.intake.fields(request)
        edit = to_diary_edit(cleaned(fields.values))
        write = writer(200, _show)
        call = self._desk.call(request, principal, fields, write)
        return answered(await change_diary(self._desk.door.store, call, owner_id, edit), write)


def _owner_id(request: Request, principal: Principal) -> int:
    given = request.path_params["diary"]
    return principal.associate_id if given == MINE else number(given, DIARY)


def _show(record: object, directory: Directory) -> DiaryEnvelope:
    if not isinstance(record, Associate):
        raise TypeError("the store answered a change without its diary's owner")
    return DiaryEnvelope(show_diary(record, directory))
