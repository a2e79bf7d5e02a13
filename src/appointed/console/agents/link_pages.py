"""The links of agents, interpreters and guests: into the meeting, or to a page that says why not (yet)."""

from collections.abc import Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appointed.console.agents.one import goes_on
from appointed.console.look.pages import Pages
from appointed.domain.call import INVITED, Side, Welcome
from appointed.domain.errors import AppointmentNotFound, TooManyAttempts
from appointed.domain.meeting import AGENT_PATH, JOIN_PATH, read_place
from appointed.http.attempts import Attempts, network_of
from appointed.http.gate import admit_tenant
from appointed.http.headers import Scope
from appointed.usecases.meetings import Calls, Visit

# A page that waits for somebody looks again after so long.
REFRESH_SECONDS: Final = 5
STATUS: Final = {Welcome.OVER: 410}
NOTHING: Final = "agents.link.unknown"
# Without a server nobody can be let in, and trying again does not help.
NO_SERVER: Final = "agents.link.no_server"


class LinkPages(msgspec.Struct, frozen=True, kw_only=True):
    """Answers these links; `guesses` counts wrong ones by address."""

    calls: Calls
    pages: Pages
    guesses: Attempts
    client_address: Callable[[Scope], str]

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
            return self._told(request, 404, NOTHING)
        return await self._lead(request, Side(role), key)

    async def _lead(self, request: Request, side: Side, key: str) -> Response:
        try:
            visit = await self._visit(request, side, key)
        except AppointmentNotFound:
            return self._told(request, 404, NOTHING)
        except TooManyAttempts as error:
            return self._told(request, 429, "error.too_many", **{"Retry-After": str(error.retry_after)})
        if visit.address is not None:
            return Response(status_code=303, headers={"Cache-Control": "no-store", "Location": visit.address})
        return self._waits(request, visit, side)

    async def _visit(self, request: Request, side: Side, key: str) -> Visit:
        guess = self.guesses.take(f"caller {network_of(self.client_address(request.scope))}", "")
        place = read_place(key)
        if place is None:
            raise AppointmentNotFound("")
        admit_tenant(request.scope, place.tenant_id)
        visit = await self.calls.visit(side, key)
        self.guesses.give_back(guess)
        return visit

    def _waits(self, request: Request, visit: Visit, side: Side) -> Response:
        if visit.welcome is Welcome.ENTER:
            return self._told(request, 404, NO_SERVER)
        language, zone = self.pages.language_of(request), visit.directory.zone
        who = "agent" if side is Side.AGENT else "invited"
        headers = {"Refresh": str(REFRESH_SECONDS)} if visit.welcome is Welcome.WAIT else {}
        is_over = visit.welcome is Welcome.OVER
        return self.pages.page(
            request,
            "agents_link.html",
            language,
            status=STATUS.get(visit.welcome, 200),
            headers=headers,
            key=f"agents.link.{who}_{visit.welcome}",
            when=language.moment(visit.row.starts_at, zone),
            opens=language.moment(visit.opens_at, zone),
            zone=zone,
            is_over=is_over,
            goes_on=goes_on(visit.row, visit.directory) if is_over and side is Side.AGENT else None,
        )

    def _told(self, request: Request, status: int, key: str, **headers: str) -> Response:
        language = self.pages.language_of(request)
        title, text = language.text(key), language.text(f"{key}_text")
        return self.pages.page(
            request, "error.html", language, status=status, headers=headers, title=title, text=text
        )
