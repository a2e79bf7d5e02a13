"""The claimant's page: one address, and whatever it is to show at this moment."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from appointed.console.claimants.lines import Lines
from appointed.console.claimants.link import LIVE_PAGE, Links, address_of, zone_of
from appointed.console.claimants.shown import (
    EXPIRED,
    LOOKS_AGAIN,
    STEPS,
    State,
    department_of,
    ending_of,
    host_of,
    is_asked_first,
    onward_of,
    seconds_until,
    state_of,
    when_of,
)
from appointed.console.claimants.telling import Telling
from appointed.console.look.failures import shown
from appointed.console.look.pages import Pages
from appointed.console.look.policy import origin_of
from appointed.domain.call import Side, Welcome, asks_consent
from appointed.domain.errors import AppointmentNotFound, CrossSiteRequest
from appointed.domain.meeting import CLAIMANT_PAGE
from appointed.domain.waiting_area import hours_today, is_open, waiting_area_of
from appointed.http.event_stream import EventStream, Streams
from appointed.usecases.live import Live
from appointed.usecases.meetings import Calls, Visit
from appointed.usecases.presence import Attendance
from appointed.usecases.waiting_line import waiting_line

NO_STORE: Final = {"Cache-Control": "no-store"}
STREAM: Final = "text/event-stream"
ANSWERS: Final = {"yes": True, "no": False}
CHECK: Final = "check"
DOOR: Final = "/" + CLAIMANT_PAGE.split("/")[1]
ELSEWHERE: Final = (DOOR, DOOR + "/{elsewhere:path}")


async def nowhere(request: Request) -> ASGIApp:
    """Say that an address leads nowhere: what is left of a link that was copied in part."""
    raise AppointmentNotFound(request.url.path)


class ClaimantPages:
    """Answers the claimant's link."""

    def __init__(
        self,
        calls: Calls,
        links: Links,
        pages: Pages,
        live: Live,
        streams: Streams,
        attendance: Attendance,
    ) -> None:
        self._calls = calls
        self._attendance = attendance
        self._live = live
        self._streams = streams
        self._links = links
        self._pages = pages
        self._lines = Lines(
            lambda tenant, department: waiting_line(
                calls.store, tenant, department, calls.window, calls.clock()
            )
        )
        self._show: dict[Welcome, Callable[[Request, Visit], Awaitable[Response]]] = {
            Welcome.EARLY: self._before,
            Welcome.ARRIVE: self._before,
            Welcome.WAIT: self._waiting,
            Welcome.ENTER: self._meeting,
            Welcome.OVER: self._over,
        }
        self._do: dict[str, Callable[[Request, Mapping[str, str]], Awaitable[Response | None]]] = {
            "arrive": self._arrive,
            "leave": self._leave,
            "consent": self._consent,
        }

    def routes(self) -> list[Route]:
        """Make the routes."""
        language = self._pages.language_of
        return [
            Route(CLAIMANT_PAGE, shown(self._pages, self.page, language), methods=["GET", "POST"]),
            Route(LIVE_PAGE, self.live, methods=["GET"]),
            *(Route(path, shown(self._pages, nowhere, language), methods=["GET"]) for path in ELSEWHERE),
        ]

    async def page(self, request: Request) -> ASGIApp:
        """Show where the claimant stands; a POST does before what their button says."""
        visit = await self._links.visit(request)
        if request.method == "POST":
            return await self._act(request, visit)
        self._attendance.see(visit.row)
        return await self._show[visit.welcome](request, visit)

    async def _act(self, request: Request, visit: Visit) -> Response:
        form = await self._links.form(request)
        try:
            self._links.demand_own(request, form)
        except CrossSiteRequest:
            return self._asked_again(request, visit, form)
        act = self._do.get(form.get("do", "arrive"))
        refused = await act(request, form) if act else None
        # Programs that open links do not press buttons, and a page that is loaded again presses none twice.
        return refused or RedirectResponse(address_of(request), 303, NO_STORE)

    async def live(self, request: Request) -> ASGIApp:
        """Tell how things stand, for the page's script."""
        visit = await self._links.visit(request)
        if STREAM not in request.headers.get("accept", ""):
            self._attendance.see(visit.row)
            body = msgspec.json.encode(await self._state(request, visit))
            return Response(body, headers=NO_STORE, media_type="application/json")
        # Asked before the state is read: nothing is missed in between.
        position = await self._live.position(visit.row.tenant_id)
        key = request.query_params["key"]
        telling = Telling(key, self._calls, lambda read: self._state(request, read), self._lines)
        first = await telling.first()
        stream = EventStream(
            self._live,
            self._streams,
            telling.topic,
            position,
            key,
            telling.render,
            first,
            telling.may_hear,
        )

        async def attended(scope: Scope, receive: Receive, send: Send) -> None:
            with self._attendance.stay(visit.row):
                await stream(scope, receive, send)

        return attended

    async def _state(self, request: Request, visit: Visit) -> State:
        zone = zone_of(request, visit.directory.zone)
        place = await self._place(visit)
        return state_of(visit, place, self._pages.language_of(request), zone)

    async def _place(self, visit: Visit) -> int:
        row = visit.row
        if visit.welcome is not Welcome.WAIT:
            return 0
        return await self._lines.place(row.tenant_id, row.department_id, row.id)

    async def _arrive(self, request: Request, form: Mapping[str, str]) -> Response | None:
        key = request.query_params["key"]
        visit = await self._calls.visit(Side.CLAIMANT, key)
        answer = ANSWERS.get(form.get("consent", ""))
        if answer is not None:
            await self._calls.consent(key, answer)
        elif asks_consent(visit.row) and visit.welcome is Welcome.ARRIVE:
            return await self._checking(request, visit, is_missing=True)
        await self._calls.arrive(key)
        return None

    async def _leave(self, request: Request, _form: Mapping[str, str]) -> None:
        await self._calls.leave(request.query_params["key"])

    async def _consent(self, request: Request, form: Mapping[str, str]) -> None:
        answer = ANSWERS.get(form.get("consent", ""))
        if answer is not None:
            await self._calls.consent(request.query_params["key"], answer)

    def _asked_again(self, request: Request, visit: Visit, form: Mapping[str, str]) -> Response:
        # Whoever did press the button has only to press it once more, with what they had chosen.
        act = form.get("do", "arrive")
        if act not in self._do or visit.welcome is Welcome.OVER:
            return RedirectResponse(address_of(request), 303, NO_STORE)
        return self._page(
            request,
            visit,
            "again.html",
            status=403,
            headers={"Appointed-Error": CrossSiteRequest.code},
            live="",
            act=act,
            asks_consent=_may_be_recorded(visit),
            answer=ANSWERS.get(form.get("consent", ""), visit.row.recording_consent),
            is_missing=False,
            refresh=0,
        )

    async def _before(self, request: Request, visit: Visit) -> Response:
        if request.query_params.get("step") == CHECK:
            return await self._checking(request, visit)
        return self._page(request, visit, "summary.html", check=address_of(request, step=CHECK))

    async def _checking(self, request: Request, visit: Visit, *, is_missing: bool = False) -> Response:
        return self._page(
            request,
            visit,
            "check.html",
            status=422 if is_missing else 200,
            asks_consent=_may_be_recorded(visit),
            answer=visit.row.recording_consent,
            is_missing=is_missing,
            refresh=0,
        )

    async def _waiting(self, request: Request, visit: Visit) -> Response:
        state = await self._state(request, visit)
        area = waiting_area_of(visit.row.department_id, visit.directory)
        hours = hours_today(area, visit.directory, visit.now) if area else ()
        return self._page(
            request,
            visit,
            "waiting.html",
            place=state.place,
            messages=state.messages,
            area=area,
            hours=hours,
            is_open=is_open(hours, visit.now),
        )

    async def _meeting(self, request: Request, visit: Visit) -> Response:
        language = self._pages.language_of(request)
        if visit.address is None:
            # Without a server nobody can be let in, and trying again does not help.
            is_demo = visit.directory.tenant.is_demo
            title = language.text("call.no_server")
            text = language.text("call.no_server_demo" if is_demo else "call.no_server_text")
            status = 200 if is_demo else 404
            return self._page(
                request, visit, "over.html", status=status, live="", title=title, text=text, onward=None
            )
        state = await self._state(request, visit)
        meeting = state.meeting
        return self._page(
            request,
            visit,
            "call.html",
            frame=origin_of(visit.address),
            address=visit.address,
            framed=visit.framed,
            joining=meeting.joining if meeting else "",
            switches_digest=meeting.digest if meeting else "",
            messages=state.messages,
            asks_consent=asks_consent(visit.row),
        )

    async def _over(self, request: Request, visit: Visit) -> Response:
        language, zone = self._pages.language_of(request), zone_of(request, visit.directory.zone)
        ending, onward = ending_of(visit), onward_of(visit)
        if onward is not None and not is_asked_first(visit):
            return RedirectResponse(onward, 303, NO_STORE)
        return self._page(
            request,
            visit,
            "over.html",
            status=410 if ending == EXPIRED else 200,
            live="",
            title=language.text(f"over.{ending}"),
            text=language.text(f"over.{ending}_text", start=language.moment(visit.row.starts_at, zone)),
            onward=onward,
            onward_host=host_of(onward or ""),
        )

    def _page(
        self,
        request: Request,
        visit: Visit,
        template: str,
        *,
        status: int = 200,
        frame: str = "",
        **values: Any,
    ) -> Response:
        row, language = visit.row, self._pages.language_of(request)
        zone = zone_of(request, visit.directory.zone)
        is_early = visit.welcome is Welcome.EARLY
        department = visit.directory.departments.get(row.department_id)
        usual: dict[str, Any] = {
            "name": visit.welcome.value,
            "when": when_of(row),
            "brand": visit.directory.tenant.name,
            "row": row,
            "zone": zone,
            "department": department_of(row, visit),
            "support": department.support_text if department else "",
            "reference": row.reference,
            "summary": address_of(request),
            "live": address_of(request, LIVE_PAGE),
            "token": self._links.token(request),
            "step": STEPS.get(template),
            "is_early": is_early,
            "opens": language.moment(visit.opens_at, zone),
            "opens_in": seconds_until(visit.opens_at, visit.now) if is_early else 0,
            "refresh": LOOKS_AGAIN.get(visit.welcome, 0),
        }
        return self._pages.page(request, template, language, status=status, frame=frame, **(usual | values))


def _may_be_recorded(visit: Visit) -> bool:
    return visit.row.features.call_recording and visit.row.claimant is not None
