"""Who looks at a page: sessions in a cookie, the token in every form, signing in and out."""

from typing import Final

import msgspec
from starlette.requests import Request

from appointed.console.agents.forms import Form, read_form
from appointed.domain.directory import Associate, Directory
from appointed.domain.errors import Unauthenticated
from appointed.domain.principal import Principal
from appointed.domain.rights import caller
from appointed.http.credentials import (
    demand_own_page,
    no_session_cookies,
    read_cookie,
    session_cookies,
    session_text,
    xsrf_value,
)
from appointed.http.door import Door
from appointed.http.gate import admit_tenant
from appointed.http.headers import headers_of
from appointed.usecases.authenticate import TICKET_LIFETIME, Authenticator

SESSION: Final = "session"
# Before anybody is known, the token of the form for signing in hangs on this cookie.
VISIT_COOKIE: Final = "appointed_visit"
TOKEN: Final = "token"  # noqa: S105 - the name of a field
LONGEST_NAME: Final = 255
LONGEST_PASSWORD: Final = 1_024

Headers = tuple[tuple[str, str], ...]


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who has signed in; `token` stands in every form of theirs."""

    principal: Principal
    who: Associate
    directory: Directory
    token: str


class Sessions(msgspec.Struct, frozen=True):
    """Opens, finds and ends sessions."""

    door: Door
    authenticator: Authenticator
    xsrf_key: bytes

    async def visitor(self, request: Request) -> Visitor:
        """Find who looks at a page. Raises Unauthenticated, also once the session has ended."""
        visitor = await self.again(request)
        admit_tenant(request.scope, visitor.principal.tenant_id)
        return visitor

    async def again(self, request: Request) -> Visitor:
        """Find the same a while later, when a stream is about to tell them something."""
        text = self._text(request)
        if not text:
            raise Unauthenticated
        principal = await self.authenticator.ticket(text, SESSION)
        directory = await self.door.store.directory(principal.tenant_id)
        return Visitor(principal, caller(principal, directory), directory, xsrf_value(text, self.xsrf_key))

    async def posted(self, request: Request) -> tuple[Visitor, Form]:
        """Find who sent a form of ours. Raises Unauthenticated, CrossSiteRequest, and what forms raise."""
        visitor = await self.visitor(request)
        form = await self.form(request)
        self._demand_own(request, self._text(request), form)
        return visitor, form

    async def form(self, request: Request) -> Form:
        """Read the form of a request, once. Raises what forms raise."""
        if not hasattr(request.state, "form"):
            request.state.form = await read_form(request, self.door.limits)
        found: Form = request.state.form
        return found

    async def sign_in(self, request: Request, form: Form) -> tuple[Headers, Visitor]:
        """Open a session by a form's name and password, and end the session before it.

        Gives its cookies, and who has signed in.
        Raises Unauthenticated, TooManyAttempts, CrossSiteRequest.
        """
        self._demand_own(request, self._visit(request), form)
        name, password = form.text("name"), form.values.get("password", "")
        if not name or len(name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD:
            raise Unauthenticated
        principal = await self.authenticator.password(name, password, self.door.client_address(request.scope))
        # Whoever was locked out is told so here, and not by the next page.
        directory = await self.door.store.directory(principal.tenant_id)
        who = caller(principal, directory)
        await self._end(request)
        text, _expires_at = await self.authenticator.issue(principal, SESSION)
        cookies = session_cookies(
            text,
            self.xsrf_key,
            is_secure=self._is_secure(request),
            seconds=int(TICKET_LIFETIME.total_seconds()),
        )
        return cookies, Visitor(principal, who, directory, xsrf_value(text, self.xsrf_key))

    async def sign_out(self, request: Request) -> Headers:
        """End the session that a form of ours was sent in; gives the headers that take its cookies back."""
        await self.posted(request)
        await self._end(request)
        return no_session_cookies(is_secure=self._is_secure(request))

    def first_visit(self, request: Request) -> tuple[str, Headers]:
        """Give the token of the form for signing in, and the cookie that it hangs on."""
        text = self._visit(request) or self.door.ids.token()
        is_secure = self._is_secure(request)
        cookie = f"{_visit_name(is_secure=is_secure)}={text}; Path=/; SameSite=Lax; HttpOnly"
        cookies = (("set-cookie", cookie + ("; Secure" if is_secure else "")),)
        return xsrf_value(text, self.xsrf_key), cookies

    async def _end(self, request: Request) -> None:
        text = self._text(request)
        if text:
            try:
                await self.authenticator.revoke(text)
            except Unauthenticated:
                return
            self.door.callers.forget()

    def _demand_own(self, request: Request, text: str, form: Form) -> None:
        given = form.text(TOKEN).encode(errors="surrogatepass")
        demand_own_page(headers_of(request.scope), self._base_url(request), text, given, self.xsrf_key)

    def _text(self, request: Request) -> str:
        return session_text(headers_of(request.scope), self._base_url(request))

    def _visit(self, request: Request) -> str:
        name = _visit_name(is_secure=self._is_secure(request))
        return read_cookie(headers_of(request.scope), name)

    def _is_secure(self, request: Request) -> bool:
        return self._base_url(request).startswith("https:")

    def _base_url(self, request: Request) -> str:
        return self.door.base_url(request.scope)


def _visit_name(*, is_secure: bool) -> str:
    return f"__Host-{VISIT_COOKIE}" if is_secure else VISIT_COOKIE
