"""Cross-origin calls from browsers, for configured origins (Fetch Standard §3.3)."""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appointed.http.headers import headers_of

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
EXPOSED = (
    b"ETag, Last-Modified, Location, Retry-After, X-Request-Id,"
    b" Appointed-Error, Appointed-Ignored, Appointed-Lost, Idempotent-Replayed, Preference-Applied"
)
PREFLIGHT_SECONDS = b"600"
ANY = "*"


class Cors:
    """Lets pages of some origins call and read. Cookies stay with our own pages, so none are allowed here."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._allows_any = ANY in origins
        self._origins = frozenset(origin.rstrip("/").lower().encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or let the request pass and mark its answer."""
        if not self._origins or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = headers_of(scope).get(b"origin")
        if origin is None or not (self._allows_any or origin.lower() in self._origins):
            await self._app(scope, receive, send if self._allows_any else _varying(send))
            return
        allowed = [(b"access-control-allow-origin", b"*" if self._allows_any else origin)]
        asked = headers_of(scope)
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked:
            wanted = asked.get(b"access-control-request-headers", b"")
            await _answer_preflight(send, [*allowed, (b"access-control-allow-headers", wanted)])
            return
        await self._app(
            scope, receive, _adding([*allowed, (b"access-control-expose-headers", EXPOSED)], send)
        )


_VARY = (b"vary", b"origin")


def _varying(send: Send) -> Send:
    return _adding([], send)


def _adding(headers: list[tuple[bytes, bytes]], send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers, _VARY]
        await send(message)

    return sending


async def _answer_preflight(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": 204,
        "headers": [
            *headers,
            (b"access-control-allow-methods", METHODS),
            (b"access-control-max-age", PREFLIGHT_SECONDS),
            _VARY,
        ],
    }
    await send(start)
    await send({"type": "http.response.body"})
