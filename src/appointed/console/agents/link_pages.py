"""The links of agents, interpreters and guests: into the meeting, or to a page that says why not (yet)."""

from collections.abc import Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from appointed.console.agents.one import goes_on
from appointed.console.agents.room import STREAM, RoomTelling, is_led_on, room_state
from appointed.console.look.pages import Pages
from appointed.console.look.policy import origin_of
from appointed.console.look.visitors import Visitors
from appointed.domain.call import INVITED, Side, Welcome
from appointed.domain.errors import AppointmentNotFound, TooManyAttempts
from appointed.domain.meeting import AGENT_LIVE_PATH, AGENT_PAGE, AGENT_PATH, JOIN_PATH, read_place
from appointed.http.event_stream import EventStream, Streams
from appointed.http.gate import admit_tenant
from appointed.http.headers import Scope
from appointed.usecases.live import Live
from appointed.usecases.meetings import Calls, Visit

# A page that waits for somebody looks again after so long.
REFRESH_SECONDS: Final = 5
STATUS: Final = {Welcome.OVER: 410}
NOTHING: Final = "agents.link.unknown"
# Without a server nobody can be let in, and trying again does not help.
NO_SERVER: Final = "agents.link.no_server"
NO_STORE: Final = {"Cache-Control": "no-store"}


class LinkPages(msgspec.Struct, frozen=True, kw_only=True):
    """Answers these links."""

    calls: Calls
    pages: Pages
    visitors: Visitors
    client_address: Callable[[Scope], str]
    live: Live
    streams: Streams

    def routes(self) -> list[Route]:
        """Make the routes."""
        return [
            Route(AGENT_PATH, self.agent, methods=["GET"]),
            Route(AGENT_LIVE_PATH, self.told, methods=["GET"]),
            Route(JOIN_PATH, self.invited, methods=["GET"]),
        ]

    async def agent(self, request: Request) -> Response:
        """Let an agent, or who helps them, into the meeting once the claimant waits."""
        return await self._lead(request, Side.AGENT, request.path_params["agent_key"])

    async def invited(self, request: Request) -> Response:
        """Lead an interpreter or guest into the meeting once an agent is there."""
        role, key = request.path_params["role"], request.path_params["join_key"]
        if role not in INVITED:
            return self._said(request, 404, NOTHING)
        return await self._lead(request, Side(role), key)

    async def told(self, request: Request) -> ASGIApp:
        """Tell how things stand in an agent's room, for the page's script."""
        key = request.path_params["agent_key"]
        visit = await self._visit(request, Side.AGENT, key)
        if STREAM not in request.headers.get("accept", ""):
            body = msgspec.json.encode(room_state(visit))
            return Response(body, headers=NO_STORE, media_type="application/json")
        # Asked before the state is read: nothing is missed in between.
        position = await self.live.position(visit.row.tenant_id)
        telling = RoomTelling(self.calls, key, visit.row)
        first = await telling.first()
        return EventStream(self.live, self.streams, telling.topic, position, key, telling.render, first)

    async def _lead(self, request: Request, side: Side, key: str) -> Response:
        try:
            visit = await self._visit(request, side, key)
        except AppointmentNotFound:
            return self._said(request, 404, NOTHING)
        except TooManyAttempts as error:
            return self._said(request, 429, "error.too_many", **{"Retry-After": str(error.retry_after)})
        if visit.address is not None:
            return self._entered(request, visit, side, key)
        onward = goes_on(visit.row, visit.directory) if side is Side.AGENT else None
        if onward is not None and is_led_on(visit):
            return Response(status_code=303, headers=NO_STORE | {"Location": onward[0]})
        return self._waits(request, visit, side, onward)

    def _entered(self, request: Request, visit: Visit, side: Side, key: str) -> Response:
        address = visit.address or ""
        # Only an agent's page has something to hold the meeting to, and only where it can talk with it.
        if side is not Side.AGENT or visit.framed == address:
            return Response(status_code=303, headers=NO_STORE | {"Location": address})
        return self.pages.page(
            request,
            "agents_room.html",
            self.pages.language_of(request),
            frame=origin_of(address),
            brand=visit.directory.tenant.name,
            address=address,
            framed=visit.framed,
            here=f"{AGENT_PAGE}/{key}",
            state=room_state(visit),
            goes_on=goes_on(visit.row, visit.directory),
        )

    async def _visit(self, request: Request, side: Side, key: str) -> Visit:
        async with self.visitors.counted(self.client_address(request.scope)):
            place = read_place(key)
            if place is None:
                raise AppointmentNotFound("")
            admit_tenant(request.scope, place.tenant_id)
            self.visitors.opened(key)
            return await self.calls.visit(side, key)

    def _waits(self, request: Request, visit: Visit, side: Side, onward: tuple[str, str] | None) -> Response:
        if visit.welcome is Welcome.ENTER:
            return self._said(request, 404, NO_SERVER)
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
            brand=visit.directory.tenant.name,
            key=f"agents.link.{who}_{visit.welcome}",
            when=language.moment(visit.row.starts_at, zone),
            opens=language.moment(visit.opens_at, zone),
            zone=zone,
            is_over=is_over,
            goes_on=onward if is_over else None,
        )

    def _said(self, request: Request, status: int, key: str, **headers: str) -> Response:
        language = self.pages.language_of(request)
        title, text = language.text(key), language.text(f"{key}_text")
        return self.pages.page(
            request, "error.html", language, status=status, headers=headers, title=title, text=text
        )
