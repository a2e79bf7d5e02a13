"""The links of agents and claimants: into the meeting with a fresh token, or to a page that says why not."""

import hmac
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.domain.call import INVITED, Side
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.meeting import AGENT_PAGE, CLAIMANT_PAGE, JOIN_PAGE, read_place
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
            Route(CLAIMANT_PAGE, self.claimant, methods=["GET", "POST"]),
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

    async def claimant(self, request: Request) -> Response:
        """Lead the claimant into the meeting once an agent is there; a POST says that they are here."""
        key = request.query_params.get("key", "")
        try:
            _admit(request, key)
            visit = await self.calls.visit(Side.CLAIMANT, key)
            _demand_reference(request, visit)
            if request.method == "POST":
                await self.calls.arrive(key)
                # Programs that open links do not press buttons: what is read stays as it was.
                return Response(status_code=303, headers=PRIVATE | {"Location": f"?{request.url.query}"})
            return _answer(visit, Side.CLAIMANT)
        except AppointmentNotFound:
            return page(*UNKNOWN)


def _admit(request: Request, key: str) -> None:
    place = read_place(key)
    if place is None:
        raise AppointmentNotFound("")
    admit_tenant(request.scope, place.tenant_id)


def _demand_reference(request: Request, visit: Visit) -> None:
    given = request.query_params.get("reference", "").encode(errors="surrogatepass")
    if not hmac.compare_digest(given, visit.row.reference.encode()):
        raise AppointmentNotFound("")


def _answer(visit: Visit, side: Side) -> Response:
    if visit.address is None:
        return page_of(visit, side)
    return Response(status_code=303, headers=PRIVATE | {"Location": visit.address})
