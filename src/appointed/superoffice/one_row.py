"""Other forms of one appointment: the flat carrier, and its foreign keys (GET Appointment/{id}/Simple)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.directory import View
from appointed.http.door import Door
from appointed.http.replies import WholeAnswer
from appointed.http.resource import Resource, route_any_case
from appointed.superoffice.answer import JSON, VARY, XML, write_error
from appointed.superoffice.carriers.simple import simple
from appointed.superoffice.request import manner_of, number_of, wish_of
from appointed.superoffice.xml import write_xml
from appointed.usecases.ports import Reading, Reply
from appointed.usecases.read_appointment import read_appointment

BASE = "/api/v1/Appointment/{id}"
CARRIER, KEYS = "Appointment", "Dictionary"


class OneRowRoutes:
    """Answers requests for other forms of one appointment."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes."""
        table = {f"{BASE}/Simple": self.simple, f"{BASE}/ForeignKey": self.foreign_keys}
        return [route_any_case(path, Resource({"GET": read}, write_error)) for path, read in table.items()]

    async def simple(self, request: Request) -> ASGIApp:
        """GET Appointment/{id}/Simple: the flat carrier."""
        reading = await self._read(request)
        manner = manner_of(request, await self._principal(request), self._door.base_url(request.scope))
        view = View(reading.directory, self._door.clock())
        return _answer(request, CARRIER, simple(reading.row, manner.context(reading.row, view)))

    async def foreign_keys(self, request: Request) -> ASGIApp:
        """GET Appointment/{id}/ForeignKey: keys that other programs hung on it; this server keeps none."""
        await self._read(request, is_shown=False)
        return _answer(request, KEYS, {})

    async def _read(self, request: Request, *, is_shown: bool = True) -> Reading:
        store, principal = self._door.store, await self._principal(request)
        reading, _granted = await read_appointment(store, principal, number_of(request), is_shown=is_shown)
        return reading

    async def _principal(self, request: Request) -> Any:
        return await self._door.callers.principal(request.scope)


def _answer(request: Request, root: str, value: dict[str, Any]) -> ASGIApp:
    wish = wish_of(request)
    if wish.selection is not None and root == CARRIER:
        value = wish.selection.trimmed(value)
    if wish.is_xml:
        return WholeAnswer(Reply(200, (("Content-Type", XML), VARY), write_xml(root, value)))
    return WholeAnswer(Reply(200, (("Content-Type", JSON), VARY), msgspec.json.encode(value)))
