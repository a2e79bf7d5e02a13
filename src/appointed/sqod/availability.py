"""GET /api/v1/availability, an address of ours: when a new appointment of a department could be.

Times are those that creating there would find free: of the department's default agent, who gets what is
created, within the hours of both.
"""

from datetime import timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.department import find_department
from appointed.domain.directory import Department, Directory, View
from appointed.domain.errors import Problem, invalid
from appointed.domain.free_time import Wish
from appointed.domain.hours import Slot
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.http.door import Door
from appointed.http.resource import ErrorWriter, Resource, route
from appointed.sqod.input import cleaned, read_query
from appointed.sqod.moments import write_instant
from appointed.sqod.readers import integer, read_end, read_moment, read_reference
from appointed.sqod.validation import Null, Rule, Table, validate
from appointed.usecases.free_time import LONGEST, MOST_SLOTS, free_time

PATH = "/api/v1/availability"
MINUTE = timedelta(minutes=1)
# So far it is looked without a `to`, and at most so far.
HORIZON = timedelta(days=31)
COUNT = 20

QUERY: Table = {
    "department_id": Rule(read=read_reference, null=Null.LEAVES),
    "from": Rule(read=read_moment, is_required=True),
    "to": Rule(read=read_end, null=Null.LEAVES),
    "duration_in_minutes": Rule(read=integer(1, LONGEST // MINUTE), is_required=True),
    "count": Rule(read=integer(1, MOST_SLOTS), null=Null.LEAVES),
}


class AvailableTime(msgspec.Struct, frozen=True):
    """One free time, in the members that creating or moving an appointment takes."""

    appointment_at: str
    duration_in_minutes: int
    ends_at: str


class AvailabilityEnvelope(msgspec.Struct, frozen=True):
    """The free times in order."""

    data: list[AvailableTime]


class AvailabilityRoute:
    """Answers this address; `write_error` words its failures."""

    def __init__(self, door: Door, write_error: ErrorWriter) -> None:
        self._door = door
        self._write_error = write_error

    def routes(self) -> list[Route]:
        """Make the route."""
        return [route(PATH, Resource({"GET": self.read}, self._write_error))]

    async def read(self, request: Request) -> ASGIApp:
        """GET /api/v1/availability: the next free times, in order, without overlaps."""
        principal = await self._door.callers.principal(request.scope)
        query = read_query(request.scope["query_string"], self._door.limits)
        values, broken = validate(cleaned(query.values), QUERY)
        view = View(await self._door.store.directory(principal.tenant_id), self._door.clock())
        department = _department(values, principal, view.directory)
        if department is None:
            broken.append(Problem("department_id", "exists"))
        if "to" in values and "from" in values and values["to"] <= values["from"]:
            broken.append(Problem("to", "after", allowed="from"))
        if broken or department is None:
            raise invalid(broken)
        since, length = values["from"], values["duration_in_minutes"] * MINUTE
        wish = Wish(since=since, until=values.get("to", since + HORIZON), length=length)
        found = await free_time(
            self._door.store,
            principal,
            view,
            (department.default_associate_id,),
            wish,
            values.get("count", COUNT),
        )
        body = AvailabilityEnvelope([_time(slot) for slot in found])
        return Response(msgspec.json.encode(body), media_type="application/json")


def _department(values: dict[str, Any], principal: Principal, directory: Directory) -> Department | None:
    if "department_id" in values:
        return find_department(directory, values["department_id"])
    home = directory.departments.get(caller(principal, directory).group_id)
    return home or directory.departments.get(directory.tenant.default_department_id)


def _time(slot: Slot) -> AvailableTime:
    minutes = (slot.ends_at - slot.starts_at) // MINUTE
    return AvailableTime(write_instant(slot.starts_at), minutes, write_instant(slot.ends_at))
