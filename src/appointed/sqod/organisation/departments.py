"""The addresses of `/api/v1/departments` (ours: ADR 0116)."""

from typing import Final

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.department import find_department
from appointed.domain.directory import Department, Directory
from appointed.domain.errors import RecordNotFound
from appointed.domain.principal import Principal
from appointed.domain.rights import may_see_department
from appointed.http.resource import Resource, route
from appointed.sqod.input import cleaned
from appointed.sqod.organisation.carrier import DepartmentEnvelope, show_department
from appointed.sqod.organisation.desk import Desk, answered, gone, number, shown, writer
from appointed.sqod.organisation.dialect import to_department_edit, to_new_department
from appointed.sqod.routes import write_error
from appointed.usecases.change_department import (
    KIND,
    change_department,
    create_department,
    delete_department,
    departments_seen,
    read_department,
)

DEPARTMENTS: Final = "/api/v1/departments"


class DepartmentRoutes:
    """Answers requests for departments."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Make the routes."""
        every = {"GET": self.list, "POST": self.create}
        one = {"GET": self.read, "PATCH": self.patch, "DELETE": self.delete}
        verb = self._desk.intake.verb
        return [
            route(DEPARTMENTS, Resource(every, write_error)),
            route(DEPARTMENTS + "/{department}", Resource(one, write_error, override=verb)),
        ]

    async def list(self, request: Request) -> ASGIApp:
        """GET /api/v1/departments: one page of those the caller may know of."""
        principal, directory = await self._desk.caller(request)
        seen = departments_seen(principal, directory)
        return self._desk.page(request, DEPARTMENTS, seen, show_department)

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/departments/{department}, by number or UUID."""
        principal, directory = await self._desk.caller(request)
        found = read_department(principal, directory, department_id(request, principal, directory))
        return shown(request, found, DepartmentEnvelope(show_department(found)))

    async def create(self, request: Request) -> ASGIApp:
        """POST /api/v1/departments: customer admins only."""
        principal, _directory = await self._desk.caller(request)
        fields = await self._desk.intake.fields(request)
        edit = to_new_department(cleaned(fields.values), self._desk.door.ids)
        write = writer(201, _show)
        call = self._desk.call(request, principal, fields, write)
        return answered(await create_department(self._desk.door.store, call, edit), write)

    async def patch(self, request: Request) -> ASGIApp:
        """PATCH /api/v1/departments/{department}, also as POST with `_method=PATCH`."""
        principal, directory = await self._desk.caller(request)
        found = department_id(request, principal, directory)
        fields = await self._desk.intake.fields(request)
        edit = to_department_edit(cleaned(fields.values), self._desk.door.ids)
        write = writer(200, _show)
        call = self._desk.call(request, principal, fields, write)
        return answered(await change_department(self._desk.door.store, call, found, edit), write)

    async def delete(self, request: Request) -> ASGIApp:
        """DELETE /api/v1/departments/{department}: one that nothing belongs to; customer admins only."""
        principal, directory = await self._desk.caller(request)
        given = request.path_params["department"]
        # A request that is sent again finds its answer, though the department is no more.
        named = number(given, KIND) if given.isdigit() else department_id(request, principal, directory)
        call = self._desk.call(request, principal, await self._desk.intake.fields(request), gone)
        return answered(await delete_department(self._desk.door.store, call, named), gone)


def _show(record: object, _directory: Directory) -> DepartmentEnvelope:
    if not isinstance(record, Department):
        raise TypeError("the store answered a change without its department")
    return DepartmentEnvelope(show_department(record))


def department_id(request: Request, principal: Principal, directory: Directory) -> int:
    """Give the number of the department in an address; raises RecordNotFound."""
    given = request.path_params["department"]
    found = find_department(directory, given)
    # One that is hidden is told by the name it was asked by, as one that does not exist.
    if found is None or not may_see_department(principal, found.id, directory):
        raise RecordNotFound(KIND, given)
    return found.id
