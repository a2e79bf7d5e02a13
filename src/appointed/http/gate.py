"""What every request passes: its id, its time, its place among the others, its log line."""

import math
import random
import re
import time
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appointed.domain.errors import AppointedError, OutcomeUnknown, StoreBusy, TooManyRequests
from appointed.http.body import HANDLING, close_after_answer, closes_after_answer
from appointed.http.deadlines import Deadline
from appointed.http.headers import headers_of
from appointed.http.limits import Limits
from appointed.http.logs import Log, describe_failure
from appointed.http.metrics import RequestMetrics

ErrorBody = Callable[[str, int, str, str, bytes], tuple[str, bytes]]
"""(path, status, code, request id, Accept) -> (content type, body), as the contract of the path words it.

The request id is empty where a failure came before the request had one.
"""

RawHeaders = tuple[tuple[bytes, bytes], ...]

UNMATCHED = "unmatched"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NO_ANSWER = 0

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# What is kept is asked for anew each time, and is nobody else's: tags tell revisions apart, and no callers.
NO_CACHE = ((b"cache-control", b"private, no-cache"), (b"vary", b"authorization, cookie"))
API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")

# Request ids tell requests apart; they are no secrets, and the system's own source costs too much here.
_getrandbits = random.Random().getrandbits  # noqa: S311
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_VISIT = "appointed.visit"
_ATTEMPT = "appointed.attempt"


class Visit:
    """One request on its way through."""

    __slots__ = (
        "_crowd",
        "_is_in",
        "_metrics",
        "error",
        "headers",
        "request_id",
        "started",
        "status",
        "streams_from",
        "tenant_id",
    )

    def __init__(self, request_id: bytes, crowd: "Crowd", metrics: RequestMetrics) -> None:
        self._crowd = crowd
        self._metrics = metrics
        self._is_in = False
        self.streams_from: float | None = None
        self.request_id = request_id
        self.started = time.perf_counter()
        self.status = NO_ANSWER
        self.error = b""
        self.headers: RawHeaders = ()
        self.tenant_id: int | None = None

    def enter(self, tenant_id: int) -> None:
        """Count this request as one of the tenant's; raises TooManyRequests when it has too many."""
        if self.tenant_id is None:
            self._crowd.add(tenant_id)
            self.tenant_id = tenant_id

    def come_in(self) -> None:
        """Count this request as one under way."""
        self._is_in = True
        self._crowd.total += 1
        self._metrics.in_flight.inc()

    def leave(self) -> None:
        """Make room for others; once is enough."""
        if not self._is_in:
            return
        self._is_in = False
        self._crowd.total -= 1
        self._metrics.in_flight.dec()
        if self.tenant_id is not None:
            self._crowd.remove(self.tenant_id)

    def stream(self) -> None:
        """Count this request no more: from now on it is an event stream."""
        self.leave()
        self.streams_from = time.perf_counter()
        self._metrics.event_streams.inc()

    def end(self) -> float:
        """Leave for good; gives for how long there was no answer, in seconds."""
        self.leave()
        if self.streams_from is None:
            return time.perf_counter() - self.started
        self._metrics.event_streams.dec()
        return self.streams_from - self.started


class Crowd:
    """How many requests are under way, in all and of each tenant."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of_tenant: dict[int, int] = {}
        self.total = 0

    @property
    def is_full(self) -> bool:
        """Whether no more requests may come in."""
        return self.total >= self._limits.in_flight

    def add(self, tenant_id: int) -> None:
        """Count one more of the tenant; raises TooManyRequests."""
        count = self._of_tenant.get(tenant_id, 0)
        if count >= self._limits.in_flight_per_tenant:
            raise TooManyRequests
        self._of_tenant[tenant_id] = count + 1

    def remove(self, tenant_id: int) -> None:
        """Count one less of the tenant."""
        count = self._of_tenant.pop(tenant_id) - 1
        if count:
            self._of_tenant[tenant_id] = count


def admit_tenant(scope: Scope, tenant_id: int) -> None:
    """Say whose request this is, once the caller is known; raises TooManyRequests."""
    visit: Visit | None = scope.get(_VISIT)
    if visit is not None:
        visit.enter(tenant_id)


def admit_stream(scope: Scope) -> None:
    """Say that this answer lasts: it is no request under way any more, and has no time to be over by."""
    visit: Visit | None = scope.get(_VISIT)
    if visit is not None:
        visit.stream()
    handling: Deadline | None = scope.get(HANDLING)
    if handling is not None:
        handling.restart(math.inf)


def add_headers(scope: Scope, headers: RawHeaders) -> None:
    """Have the answer carry further headers, whatever it is."""
    visit: Visit | None = scope.get(_VISIT)
    if visit is not None:
        visit.headers = (*visit.headers, *headers)


def request_id_of(scope: Scope) -> str:
    """Give the id that this request goes by in answers and logs."""
    visit: Visit | None = scope.get(_VISIT)
    return "" if visit is None else visit.request_id.decode("ascii")


def note_attempt(scope: Scope, attempt: Mapping[str, object]) -> None:
    """Have a refused attempt written down, beside the request's own line; `attempt` holds closed fields."""
    scope[_ATTEMPT] = attempt


class Gate:
    """The outermost ASGI application."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        error_body: ErrorBody,
        log: Log,
        metrics: RequestMetrics,
        *,
        new_id: Callable[[], str] = lambda: f"{_getrandbits(64):016x}",
        is_https: bool = False,
        is_leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app = app
        self._limits = limits
        self._error_body = error_body
        self._log = log
        self._metrics = metrics
        self._new_id = new_id
        self._is_leaving = is_leaving
        self._crowd = Crowd(limits)
        self._headers = (*SECURITY_HEADERS, STRICT_TRANSPORT) if is_https else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = Visit(self._id_of(scope), self._crowd, self._metrics)
        scope[_VISIT] = visit
        marked = self._marking(scope, visit, send)
        if self._crowd.is_full:
            await self._answer(scope, marked, 429, TooManyRequests())
            self._leave_trace(scope, visit)
            return
        visit.come_in()
        try:
            await self._run(scope, receive, marked, visit)
        finally:
            self._leave_trace(scope, visit)

    async def _run(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        is_safe = scope["method"] in SAFE_METHODS
        # The time of a request with a body counts anew from the body's end.
        seconds = self._limits.handler_seconds + (0 if is_safe else self._limits.body_seconds)
        handling = Deadline(seconds)
        scope[HANDLING] = handling
        try:
            with handling:
                await self._app(scope, receive, send)
        except Exception as error:
            self._log.error(
                "failed",
                request_id=visit.request_id.decode("ascii"),
                route=_route(scope),
                **describe_failure(error),
            )
            if visit.status != NO_ANSWER:
                # Half an answer is out: only a broken connection can tell.
                raise
            if handling.is_expired:
                await self._answer(scope, send, 503, StoreBusy() if is_safe else OutcomeUnknown())
            else:
                await self._answer(scope, send, 500, AppointedError())

    def _id_of(self, scope: Scope) -> bytes:
        given = headers_of(scope).get(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return self._new_id().encode("ascii")

    def _marking(self, scope: Scope, visit: Visit, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(message, scope, visit)
            await send(message)

        return sending

    def _mark(self, message: Message, scope: Scope, visit: Visit) -> None:
        visit.status = message["status"]
        headers = [*message.get("headers", ()), (b"x-request-id", visit.request_id)]
        headers += (*visit.headers, *self._headers)
        names = {name for name, _value in headers}
        if API_POLICY[0] not in names:
            headers.append(API_POLICY)
        if NO_CACHE[0][0] not in names:
            headers += NO_CACHE
        if visit.status >= 400:
            visit.error = dict(headers).get(b"appointed-error", b"")
        # Who keeps a connection to a server that leaves would lose a later request with it.
        if (closes_after_answer(scope) or self._is_leaving()) and b"connection" not in names:
            headers.append((b"connection", b"close"))
        message["headers"] = headers

    async def _answer(self, scope: Scope, send: Send, status: int, error: AppointedError) -> None:
        accept = headers_of(scope).get(b"accept", b"")
        content_type, body = self._error_body(scope["path"], status, error.code, request_id_of(scope), accept)
        headers = [
            (b"content-type", content_type.encode("ascii")),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"appointed-error", error.code.encode("ascii")),
        ]
        if status in (429, 503):
            headers.append((b"retry-after", b"1"))
        if status != 429:
            close_after_answer(scope)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _leave_trace(self, scope: Scope, visit: Visit) -> None:
        seconds = visit.end()
        route = _route(scope)
        self._metrics.observe(scope["method"], route, visit.status, seconds)
        fields = {
            "request_id": visit.request_id.decode("ascii"),
            "method": scope["method"],
            "route": route,
            "status": visit.status,
            "milliseconds": round(seconds * 1000, 3),
            "tenant": visit.tenant_id,
        }
        if visit.error:
            fields["error"] = visit.error.decode("latin-1")
            attempt = scope.get(_ATTEMPT)
            if attempt is not None:
                self._log.warning("attempt", **fields, **attempt)
        self._log.info("request", **fields)


def _route(scope: Scope) -> str:
    # The template, so that no id and no name of anybody gets into logs and metrics.
    return getattr(scope.get("route"), "path", UNMATCHED)
