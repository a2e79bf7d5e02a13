"""One address and its verbs: finds the handler, and words every failure as the contract does."""

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from appointed.domain.errors import AppointedError, MethodNotAllowed

Handler = Callable[[Request], Awaitable[Response]]
ErrorWriter = Callable[[Request, AppointedError], Response]
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

    async def _answer(self, request: Request) -> Response:
        method = request.method
        if method == "POST" and self._override is not None:
            method = await self._override(request)
        handler = self._verbs.get(method)
        if handler is not None:
            return await handler(request)
        if method == "OPTIONS":
            return Response(status_code=200, headers={"Allow": ", ".join(self._allowed)})
        raise MethodNotAllowed(method, request.url.path, self._allowed)


def route(path: str, resource: Resource) -> Route:
    """Make a route whose path matches exactly as written."""
    return Route(path, endpoint=resource)


def route_any_case(path: str, resource: Resource) -> Route:
    """Make a route whose path matches without regard to ASCII case, with or without a trailing slash."""
    made = Route(path, endpoint=resource)
    pattern = made.path_regex.pattern.removesuffix("$") + "/?$"
    made.path_regex = _ignoring_case(pattern)
    return made


def _ignoring_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)
