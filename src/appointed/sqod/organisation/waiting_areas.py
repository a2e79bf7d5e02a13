"""The addresses of `/api/v1/waiting-areas` (ours: ADR 0153)."""

from typing import Final

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import Directory, WaitingArea
from appointed.domain.waiting_area import KIND
from appointed.http.resource import Resource, route
from appointed.sqod.input import cleaned
from appointed.sqod.organisation.carrier import WaitingAreaEnvelope, show_waiting_area
from appointed.sqod.organisation.desk import Desk, answered, gone, number, shown, writer
from appointed.sqod.organisation.waiting_area_input import STORE, UPDATE, removal, to_waiting_area
from appointed.sqod.routes import write_error
from appointed.usecases.change_waiting_area import (
    change_waiting_area,
    create_waiting_area,
    read_waiting_area,
    waiting_areas_seen,
)

AREAS: Final = "/api/v1/waiting-areas"


class WaitingAreaRoutes:
    """Answers requests for waiting areas."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Make the routes."""
        one = {"GET": self.read, "PATCH": self.patch, "DELETE": self.delete}
        verb = self._desk.intake.verb
        return [
            route(AREAS, Resource({"GET": self.list, "POST": self.create}, write_error)),
            route(AREAS + "/{waiting_area}", Resource(one, write_error, override=verb)),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/waiting-areas: one page of those the caller may know of."""
        principal, directory = await self._desk.caller(request)
        seen = waiting_areas_seen(principal, directory)
        return self._desk.page(request, AREAS, seen, lambda area: show_waiting_area(area, directory))

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/waiting-areas/{waiting_area}."""
        principal, directory = await self._desk.caller(request)
        area = read_waiting_area(principal, directory, _area_id(request))
        return shown(request, area, _show(area, directory))

    async def create(self, request: Request) -> ASGIApp:
        """POST /api/v1/waiting-areas: for the administrators of the department."""
        principal, _directory = await self._desk.caller(request)
        fields = await self._desk.intake.fields(request)
        edit = to_waiting_area(cleaned(fields.values), principal, STORE)
        write = writer(201, _show)
        call = self._desk.call(request, principal, fields, write)
        return answered(await create_waiting_area(self._desk.door.store, call, edit), write)

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/waiting-areas/{waiting_area}, also as POST with `_method=PATCH`."""
        principal, _directory = await self._desk.caller(request)
        area_id = _area_id(request)
        fields = await self._desk.intake.fields(request)
        edit = to_waiting_area(cleaned(fields.values), principal, UPDATE)
        write = writer(200, _show)
        call = self._desk.call(request, principal, fields, write)
        return answered(await change_waiting_area(self._desk.door.store, call, area_id, edit), write)

    async def delete(self, request: Request) -> ASGIApp:
        """DELETE /api/v1/waiting-areas/{waiting_area}."""
        principal, _directory = await self._desk.caller(request)
        fields = await self._desk.intake.fields(request)
        call = self._desk.call(request, principal, fields, gone)
        outcome = await change_waiting_area(self._desk.door.store, call, _area_id(request), removal)
        return answered(outcome, gone)


def _area_id(request: Request) -> int:
    return number(request.path_params["waiting_area"], KIND)


def _show(record: object, directory: Directory) -> WaitingAreaEnvelope:
    if not isinstance(record, WaitingArea):
        raise TypeError("the store answered a change without its waiting area")
    return WaitingAreaEnvelope(show_waiting_area(record, directory))
