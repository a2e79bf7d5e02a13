"""One address and its verbs: finds the handler, and words every failure as the contract does."""

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from appointed.domain.errors import AppointedError, MethodNotAllowed

Handler = Callable[[Request], Awaitable[ASGIApp]]
ErrorWriter = Callable[[Request, AppointedError], ASGIApp]
Override = Callable[[Request], Awaitable[str]]


class Resource:
    """An ASGI application for one address. HEAD is answered as GET; OPTIONS lists the verbs."""

    def __init__(
        self, verbs: Mapping[str, Handler], write_error: ErrorWriter, override: Override | None = None
    ) -> None:
        self._verbs = dict(verbs)
        if "GET" in self._verbs:
            self._verbs.setdefault("HEAD", self._verbs["GET"])
        self._allowed = tuple(self._verbs)
        self._write_error = write_error
        self._override = override

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except AppointedError as error:
            response = self._write_error(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        method = request.method
        if method == "POST" and self._override is not None:
            method = await self._override(request)
        handler = self._verbs.get(method)
        if handler is not None:
            return await handler(request)
        if method == "OPTIONS":
            # A verb that only an override makes another is none of its own, but the address takes it.
            verbs = (*self._allowed, "POST") if self._override is not None else self._allowed
            return Response(status_code=200, headers={"Allow": ", ".join(verbs)})
        raise MethodNotAllowed(method, request.url.path, self._allowed)


def route(path: str, resource: Resource) -> Route:
    """Make a route whose path matches as written; a slash at its end is nothing, as in Laravel's router."""
    made = Route(path, endpoint=resource)
    made.path_regex = re.compile(made.path_regex.pattern.removesuffix("$") + "/?$")
    return made


def route_any_case(path: str, resource: Resource, but_not: tuple[str, ...] = ()) -> Route:
    """Make a route whose path matches without regard to ASCII case, with or without a trailing slash.

    `but_not` are last segments that belong to other routes.
    """
    made = Route(path, endpoint=resource)
    pattern = made.path_regex.pattern.removesuffix("$") + "/?$"
    if but_not:
        head, _slash, last = pattern.rpartition("(?P<")
        pattern = f"{head}(?!(?:{'|'.join(but_not)})/?$)(?P<{last}"
    made.path_regex = re.compile(pattern, re.IGNORECASE | re.ASCII)
    return made
