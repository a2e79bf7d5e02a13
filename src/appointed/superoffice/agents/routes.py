"""The addresses of the agents: each reads its arguments and calls a method (Agents WebAPI)."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.domain.errors import InvalidRequest, MissingBody
from appointed.http.door import Door
from appointed.http.headers import headers_of
from appointed.http.negotiate import JSON_OR_XML, XML_TYPES, negotiate
from appointed.http.resource import Handler, Resource, route_any_case
from appointed.superoffice.agents.table import AGENTS
from appointed.superoffice.answer import XML, write_error
from appointed.superoffice.given import Given
from appointed.superoffice.request import json_of
from appointed.superoffice.service import Service, answer_service, ask_of
from appointed.superoffice.xml import write_xml

BASE = "/api/v1/Agents"
# Descriptions are texts, also for browsers and for who asks for JSON; XML is for those who want nothing else.
READABLE = ("text/plain", "text/html", *JSON_OR_XML)


class AgentRoutes:
    """Answers the agents' methods."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Make a route for every agent's every method."""
        return [
            route_any_case(f"{BASE}/{agent}/{method}", self._resource(service))
            for agent, methods in AGENTS.items()
            for method, service in methods.items()
        ]

    def _resource(self, service: Service) -> Resource:
        verbs: dict[str, Handler] = {
            "POST": partial(self._call, service),
            "GET": partial(self._describe, service),
        }
        return Resource(verbs, write_error)

    async def _call(self, service: Service, request: Request) -> ASGIApp:
        principal = await self._door.callers.principal(request.scope)
        given = given_of(request, service, await self._body(request))
        return await answer_service(service, await ask_of(self._door, request, principal, given))

    async def _describe(self, service: Service, request: Request) -> Response:
        # A GET on an agent's method says what it does; only POST carries it out.
        await self._door.callers.principal(request.scope)
        said = description(service)
        if negotiate(headers_of(request.scope), READABLE) in XML_TYPES:
            return Response(write_xml("string", said), headers={"Content-Type": XML, "Vary": "Accept"})
        return PlainTextResponse(said, headers={"Vary": "Accept"})

    async def _body(self, request: Request) -> Any:
        try:
            return (await json_of(request, self._door.limits))[0]
        except MissingBody:
            return None


def given_of(request: Request, service: Service, body: Any) -> Given:
    """Read the arguments: of the query, and of a body that has members or is the argument itself."""
    if not service.raw and body is not None and not isinstance(body, dict):
        raise InvalidRequest("The body must be an object with the arguments, or null.")
    members = body if isinstance(body, dict) and not service.raw else {}
    return Given([*request.query_params.items(), *members.items()], body)


def description(service: Service) -> str:
    """Say in plain text what a method does, takes and answers."""
    lines = [
        service.summary,
        f"Query: {service.query}" if service.query else "",
        f"Body: {{{service.body}}}" if service.body else f"Body: {service.raw}" if service.raw else "",
        f"Answer: {service.answers or 'none (204)'}",
        "Call it with POST.",
    ]
    return "".join(f"{line}\n" for line in lines if line)
