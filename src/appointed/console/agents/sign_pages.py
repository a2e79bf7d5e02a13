"""Signing in and out."""

import re
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.desk import HOME, Desk, leads
from appointed.domain.errors import CrossSiteRequest, TooManyAttempts, TooManyRequests, Unauthenticated
from appointed.http.headers import headers_of

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
        try:
            return leads(goes_on, await self.desk.sessions.sign_in(request))
        except CrossSiteRequest:
            # A form that lay open for long has lost its cookie; a new one is as good.
            return self._page(request, 403, "sign.stale", goes_on)
        except TooManyAttempts as error:
            return self._page(request, 429, "sign.too_many", goes_on, error.retry_after)
        except TooManyRequests as error:
            return self._page(request, 429, "sign.busy", goes_on, error.retry_after)
        except Unauthenticated:
            return self._page(request, 401, "sign.wrong", goes_on)

    async def sign_out(self, request: Request) -> Response:
        """End the session; where there is none any more, that is as good."""
        try:
            return leads(SIGN_IN, await self.desk.sessions.sign_out(request))
        except CrossSiteRequest:
            raise
        except Unauthenticated:
            return leads(SIGN_IN)

    def again(self, request: Request) -> Response:
        """Ask whoever has no session (any more) to sign in, and then to go on where they were."""
        if request.method != "GET" or b"x-requested-with" in headers_of(request.scope):
            return self._page(request, 401, "sign.ended", _goes_on(""))
        goes_on = _goes_on(request.url.path)
        return leads(SIGN_IN + ("" if goes_on == HOME else f"?next={goes_on}"))

    def _page(
        self, request: Request, status: int = 200, problem: str = "", goes_on: str = HOME, seconds: int = 0
    ) -> Response:
        token, cookies = self.desk.sessions.first_visit(request)
        values = {"token": token, "problem": problem, "goes_on": goes_on, "seconds": seconds}
        answer = self.desk.page(request, "agents_sign_in.html", None, status, **values)
        for name, value in cookies:
            answer.headers.append(name, value)
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer


def _goes_on(path: str) -> str:
    return path if _OURS.fullmatch(path) else HOME
