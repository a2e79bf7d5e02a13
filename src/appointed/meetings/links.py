"""The links of agents, interpreters and guests: into the meeting, or to a page that says why not."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.domain.call import INVITED, Side
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.meeting import AGENT_PAGE, JOIN_PAGE, read_place
from appointed.http.gate import admit_tenant
from appointed.meetings.pages import PRIVATE, UNKNOWN, page, page_of
from appointed.usecases.meetings import Calls, Visit

AGENT_PATH: Final = AGENT_PAGE + "/{agent_key}"
JOIN_PATH: Final = JOIN_PAGE + "/{role}/{join_key}"


class Links(msgspec.Struct, frozen=True):
    """Answers all links."""

    calls: Calls

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            Route(AGENT_PATH, self.agent, methods=["GET"]),
            Route(JOIN_PATH, self.invited, methods=["GET"]),
        ]

    async def agent(self, request: Request) -> Response:
        """Lead an agent, or who helps them, into the meeting once the claimant waits."""
        return await self._lead(request, Side.AGENT, request.path_params["agent_key"])

    async def invited(self, request: Request) -> Response:
        """Lead an interpreter or guest into the meeting once an agent is there."""
        role, key = request.path_params["role"], request.path_params["join_key"]
        if role not in INVITED:
            return page(*UNKNOWN)
        return await self._lead(request, Side(role), key)

    async def _lead(self, request: Request, side: Side, key: str) -> Response:
        try:
            _admit(request, key)
            return _answer(await self.calls.visit(side, key), side)
        except AppointmentNotFound:
            return page(*UNKNOWN)


def _admit(request: Request, key: str) -> None:
    place = read_place(key)
    if place is None:
        raise AppointmentNotFound("")
    admit_tenant(request.scope, place.tenant_id)


def _answer(visit: Visit, side: Side) -> Response:
    if visit.address is None:
        return page_of(visit, side)
    return Response(status_code=303, headers=PRIVATE | {"Location": visit.address})
