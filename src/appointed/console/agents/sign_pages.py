"""Signing in and out."""

import re
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.desk import HOME, Desk, leads
from appointed.console.agents.kept import Kept, is_kept, keep, kept_in
from appointed.console.agents.kept_words import KeptWords
from appointed.console.agents.session import Headers, Visitor
from appointed.domain.appointment import Appointment
from appointed.domain.errors import (
    AppointedError,
    CrossSiteRequest,
    TooManyAttempts,
    TooManyRequests,
    Unauthenticated,
)
from appointed.domain.rights import may_administer_department
from appointed.http.headers import headers_of
from appointed.usecases.read_appointment import read_appointment

SIGN_IN: Final = f"{HOME}/sign-in"
# Said where somebody comes from who has changed their password.
CHANGED: Final = "password"
SIGN_OUT: Final = f"{HOME}/sign-out"
# Only to pages of ours, and to none of them with what somebody may have put into its address.
_OURS: Final = re.compile(r"/agent-web(?:/appointments/[0-9a-f-]{36}(?:/(?:edit|cancel|reschedule))?)?")


class SignPages(msgspec.Struct, frozen=True):
    """Answers the pages of nobody yet."""

    desk: Desk

    async def form(self, request: Request) -> Response:
        """Show the form; whoever has signed in already goes on."""
        try:
            await self.desk.sessions.visitor(request)
        except Unauthenticated:
            said = "sign.changed" if request.query_params.get("done") == CHANGED else ""
            return self._page(request, problem=said, goes_on=_goes_on(request.query_params.get("next", "")))
        return leads(_goes_on(request.query_params.get("next", "")))

    async def sign_in(self, request: Request) -> Response:
        """Take name and password; what was wrong with them is not told."""
        goes_on = _goes_on(request.query_params.get("next", ""))
        form = await self.desk.sessions.form(request)
        kept = kept_in(request, form)
        again = partial(self._page, request, goes_on=goes_on, kept=kept)
        try:
            cookies, visitor = await self.desk.sessions.sign_in(request, form)
        except CrossSiteRequest:
            # A form that lay open for long has lost its cookie; a new one is as good.
            return again(403, "sign.stale")
        except TooManyAttempts as error:
            return again(429, "sign.too_many", seconds=error.retry_after)
        except TooManyRequests as error:
            return again(429, "sign.busy", seconds=error.retry_after)
        except Unauthenticated:
            return again(401, "sign.wrong")
        if kept is None:
            return leads(goes_on, cookies)
        return await self._once_more(request, kept, visitor, 200, cookies)

    async def sign_out(self, request: Request) -> Response:
        """End the session; where there is none any more, that is as good."""
        try:
            return leads(SIGN_IN, await self.desk.sessions.sign_out(request))
        except CrossSiteRequest:
            raise
        except Unauthenticated:
            return leads(SIGN_IN)

    async def again(self, request: Request) -> Response:
        """Ask whoever has no session (any more) to sign in, and then to go on where they were."""
        if request.method == "POST":
            kept = await self._kept(request)
            return self._page(request, 401, "sign.ended_kept" if kept else "sign.ended", kept=kept)
        if request.method != "GET" or b"x-requested-with" in headers_of(request.scope):
            return self._page(request, 401, "sign.ended")
        goes_on = _goes_on(request.url.path)
        return leads(SIGN_IN + ("" if goes_on == HOME else f"?next={goes_on}"))

    async def once_more(self, request: Request) -> Response | None:
        """Offer a form that came with the token of a session before this one; None where it was not kept."""
        kept = await self._kept(request)
        if kept is None:
            return None
        try:
            visitor = await self.desk.sessions.again(request)
        except AppointedError:
            return None
        return await self._once_more(request, kept, visitor, 403)

    async def _kept(self, request: Request) -> Kept | None:
        try:
            return keep(request, await self.desk.sessions.form(request)) if is_kept(request) else None
        except AppointedError:
            return None

    async def _once_more(
        self, request: Request, kept: Kept, visitor: Visitor, status: int, cookies: Headers = ()
    ) -> Response:
        words = KeptWords(kept, self.desk.language(request), visitor.principal, visitor.directory)
        zone = words.zone if "zone" in kept.fields else self.desk.zone(request, visitor)
        about = await self._about(kept, visitor)
        values = {"kept": kept, "token": visitor.token, "who": visitor.who, "words": words}
        values |= {"about": about, "department": _department(kept, visitor), "zone": zone}
        answer = self.desk.page(request, "agents_once_more.html", None, status, **values)
        for name, value in cookies:
            answer.headers.append(name, value)
        return answer

    async def _about(self, kept: Kept, visitor: Visitor) -> Appointment | None:
        """Find the appointment that a form is about, where whoever has signed in may see it."""
        if kept.uid is None:
            return None
        store = self.desk.door.store
        try:
            reading, _may = await read_appointment(store, visitor.principal, kept.uid, hides_foreign=True)
        except AppointedError:
            return None
        return reading.row

    def _page(
        self,
        request: Request,
        status: int = 200,
        problem: str = "",
        goes_on: str = HOME,
        seconds: int = 0,
        kept: Kept | None = None,
    ) -> Response:
        token, cookies = self.desk.sessions.first_visit(request)
        values = {"token": token, "problem": problem, "goes_on": goes_on, "seconds": seconds, "kept": kept}
        answer = self.desk.page(request, "agents_sign_in.html", None, status, **values)
        for name, value in cookies:
            answer.headers.append(name, value)
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer


def _department(kept: Kept, visitor: Visitor) -> str:
    """Name the department that a form is about, where whoever has signed in may change it."""
    found = visitor.directory.departments.get(kept.department_id or 0)
    if found is None or not may_administer_department(visitor.principal, found.id, visitor.directory):
        return ""
    return found.name


def _goes_on(path: str) -> str:
    return path if _OURS.fullmatch(path) else HOME
