"""The addresses that a client needs to start, as routes."""

from functools import partial

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.http.door import Door
from appointed.http.resource import Resource, route_any_case
from appointed.superoffice.answer import write_error
from appointed.superoffice.given import Given
from appointed.superoffice.request import json_of
from appointed.superoffice.service import Service, answer_service, ask_of
from appointed.superoffice.start.table import ADDRESSES, ROOT


class StartRoutes:
    """Answers every address of the table."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make the routes, in the table's order."""
        return [
            route_any_case(
                ROOT + path,
                Resource(
                    {verb: partial(self._answer, service) for verb, service in verbs.items()}, write_error
                ),
            )
            for path, verbs in ADDRESSES.items()
        ]

    async def _answer(self, service: Service, request: Request) -> ASGIApp:
        principal = await self._door.callers.principal(request.scope)
        given = await self._given(service, request)
        return await answer_service(service, await ask_of(self._door, request, principal, given))

    async def _given(self, service: Service, request: Request) -> Given:
        pairs = [*request.query_params.items(), *request.path_params.items()]
        if not service.raw:
            return Given(pairs)
        body, _bytes = await json_of(request, self._door.limits)
        return Given(pairs, body)
