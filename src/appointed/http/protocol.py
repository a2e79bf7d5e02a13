"""HTTP/1.1 from the wire: uvicorn's protocol with deadlines, and without a doubtful reading (RFC 9112)."""

import asyncio
import socket
import sys
from collections.abc import Callable
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from appointed.domain.errors import AppointedError, HeadersTooLarge, InvalidRequest, RequestTimeout
from appointed.http.deadlines import NEVER, watch_of
from appointed.http.exchange import Exchange
from appointed.http.limits import Limits
from appointed.http.origin import HOST

ErrorBody = Callable[[str, int, str, str, bytes], tuple[str, bytes]]
"""(path, status, code, "", Accept) -> (content type, body), in the words of the path's contract."""

# After the last answer: so long, and for so many bytes, we listen on, lest a reset destroy that answer.
LINGER_SECONDS = 2.0
LINGER_BYTES = 8_388_608
# A server that leaves waits so long for a request that may be on its way already.
LAST_CALL_SECONDS = 0.1
# A worker that says nothing for so long is replaced. A busy machine needs a good part of it to start one.
WORKER_SECONDS = 30
# So many requests may wait behind the one that is being answered.
MAX_PIPELINED = 64
# So much of a body that nobody wanted is read past before the connection is given up.
UNWANTED_BYTES = 65_536

_STATUS = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    RequestTimeout: HTTPStatus.REQUEST_TIMEOUT,
    HeadersTooLarge: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}
_VERSIONS = frozenset({"1.0", "1.1"})
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_OFFER = frozenset({b"upgrade", b"http2-settings"})


class _Stage(Enum):
    """How far the request that is arriving has come."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"
    OVER = "over"


class StrictProtocol(HttpToolsProtocol):
    """One connection. Whatever two servers could read in two ways is refused, and the connection ends."""

    def __init__(self, limits: Limits, error_body: ErrorBody, **uvicorn_parts: Any) -> None:
        super().__init__(**uvicorn_parts)
        self.due = NEVER
        self.url = b""
        self.headers = []
        self._limits = limits
        self._error_body = error_body
        self._stage = _Stage.IDLE
        self._offers_upgrade = False
        # Bytes since the head began, or since the body last grew; of an unwanted body, all of them.
        self._unproductive = 0
        self._received = 0

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._wire = _Wire(self, transport)
        self.due = self.loop.time() + self._limits.header_seconds
        watch_of(self.loop).add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.due = NEVER
        watch_of(self.loop).discard(self)
        super().connection_lost(exc)

    def expire(self) -> None:
        """Act on the deadline: refuse half a head, close what only waits."""
        if self._stage is _Stage.HEAD:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """End behind the answer that is under way, or that is asked for in this moment."""
        self.loop.call_later(LAST_CALL_SECONDS, super().shutdown)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived."""
        self._received = len(data)
        self._unproductive += len(data)
        if self._stage is _Stage.OVER:
            if self._unproductive > LINGER_BYTES:
                self.transport.close()
            return
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, AppointedError):
                self._refuse(cause)
            elif not self._refuses_size():
                self._refuse(InvalidRequest("framing"))
        else:
            self._refuses_size()

    def _feed(self, data: bytes) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._without_offer() + data[offer.args[0] :]
            else:
                return

    def _refuses_size(self) -> bool:
        longest_head = self._limits.request_line_bytes + self._limits.header_bytes
        if self._stage is _Stage.HEAD and self._unproductive > longest_head:
            self._refuse(HeadersTooLarge())
        elif self._stage is _Stage.BODY and self._unproductive > UNWANTED_BYTES:
            self._refuse(InvalidRequest("framing"))
        return self._stage is _Stage.OVER

    # The parser's callbacks

    def on_message_begin(self) -> None:
        """Begin a head; it has its time."""
        super().on_message_begin()
        self._stage = _Stage.HEAD
        self._offers_upgrade = False
        self._unproductive = self._received
        self._hosts: list[bytes] = []
        self._coding: bytes | None = None
        self.due = self.loop.time() + self._limits.header_seconds

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header of the head; what comes behind the body is dropped."""
        if self._stage is not _Stage.HEAD:
            return
        name = name.lower()
        value = value.rstrip()
        if name == b"host":
            self._hosts.append(value)
        elif name == b"transfer-encoding":
            self._coding = value
        elif name == b"expect":
            self.expect_100_continue = value.lower() == b"100-continue"
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Judge the head, and start to answer."""
        self._demand_size()
        self._demand_meaning()
        if self.parser.should_upgrade():
            self._demand_alone()
            self._offers_upgrade = True
            return
        self.due = NEVER
        self._stage = _Stage.BODY
        self._unproductive = 0
        self._begin()

    def on_body(self, body: bytes) -> None:
        """Pass a piece of the body on, or past when it was already answered."""
        if not self.cycle.response_complete:
            self._unproductive = 0
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; what follows is another one."""
        if self._offers_upgrade:
            return
        self._stage = _Stage.IDLE
        super().on_message_complete()
        if self.cycle.response_complete:
            self.due = self.loop.time() + self._limits.keep_alive_seconds

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self._stage is _Stage.IDLE:
            self.due = self.loop.time() + self._limits.keep_alive_seconds
        elif self._stage is _Stage.BODY:
            self._unproductive = 0
            self.due = self.loop.time() + self._limits.body_seconds

    def _begin(self) -> None:
        target = httptools.parse_url(self.url)
        path = target.path.decode("ascii")
        scope = self.scope
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = version = self.parser.get_http_version()
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = target.path
        scope["query_string"] = target.query or b""
        before: RequestResponseCycle | None = self.cycle
        self.cycle = Exchange(
            scope=scope,
            transport=self._wire,  # type: ignore[arg-type]  # it writes and closes, no more
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    # What is refused

    def _demand_size(self) -> None:
        limits = self._limits
        line = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1")
        if line > limits.request_line_bytes or len(self.headers) > limits.header_count:
            raise HeadersTooLarge
        if len(self.pipeline) >= MAX_PIPELINED:
            raise InvalidRequest("pipeline")
        if self._unproductive > limits.header_bytes:
            # Only a head that came with much else is counted exactly.
            size = sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
            if size > limits.header_bytes:
                raise HeadersTooLarge

    def _demand_meaning(self) -> None:
        version = self.parser.get_http_version()
        if version not in _VERSIONS:
            raise InvalidRequest("version")
        if self._coding is not None and (version == "1.0" or self._coding.lower() != b"chunked"):
            raise InvalidRequest("transfer-encoding")
        if len(self._hosts) != 1 and (self._hosts or version == "1.1"):
            raise InvalidRequest("host")
        if self._hosts and HOST.fullmatch(self._hosts[0]) is None:
            raise InvalidRequest("host")
        if not self.url.startswith(b"/"):
            self._demand_own_authority()

    def _demand_alone(self) -> None:
        # Each offer makes the rest be read anew: one at a time.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            raise InvalidRequest("upgrade")

    def _demand_own_authority(self) -> None:
        # The absolute form names the host a second time: both must agree (RFC 9112 §3.2.2).
        scheme, _separator, rest = self.url.partition(b"://")
        authority = rest.split(b"/")[0].split(b"?")[0]
        is_absolute = scheme.lower() in (b"http", b"https") and rest[len(authority) :].startswith(b"/")
        if not is_absolute or [authority.lower()] != [host.lower() for host in self._hosts]:
            raise InvalidRequest("target")

    def _without_offer(self) -> bytes:
        # The parser would take the body for another protocol: read the request as if nothing were offered.
        version = self.parser.get_http_version().encode("ascii")
        lines = [b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b\r\n" % header for header in self.headers if header[0] not in _OFFER]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"".join([*lines, b"\r\n"])

    def _refuse(self, error: AppointedError) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        stage = self._stage
        if cycle is None or cycle.response_complete:
            # A body that breaks behind its answer gets no second one.
            self._say_last(error, is_silent=stage is _Stage.BODY)
        elif stage is _Stage.BODY and not cycle.response_started and not self.pipeline:
            cycle.disconnected = True
            cycle.message_event.set()
            self._say_last(error)
        else:
            # An earlier request is being answered; that answer is the last.
            self._stage = _Stage.OVER
            self.due = NEVER
            cycle.keep_alive = False

    def _say_last(self, error: AppointedError, *, is_silent: bool = False) -> None:
        if not is_silent:
            self.transport.write(self._answer(error))
        self.linger()

    def _answer(self, error: AppointedError) -> bytes:
        status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
        self.logger.info(f"refused a request: {error.code}")
        path = self.url.partition(b"?")[0].decode("latin-1")
        accept = b", ".join(value for name, value in self.headers if name == b"accept")
        content_type, body = self._error_body(path, status, error.code, "", accept)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", content_type.encode("ascii")),
            (b"content-length", b"%d" % len(body)),
            (b"appointed-error", error.code.encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, status.phrase.encode("ascii"), head, body)

    def finish(self) -> None:
        """End the connection behind an answer, so that the caller can still read it."""
        if self._stage is _Stage.BODY:
            self.linger()
        else:
            self.transport.close()

    def linger(self) -> None:
        """Say that nothing more will come, and read past what still arrives for a moment."""
        self._stage = _Stage.OVER
        self._unproductive = 0
        if not self.transport.can_write_eof() or self.transport.is_closing():
            self.transport.close()
            return
        self.due = self.loop.time() + LINGER_SECONDS
        self.transport.write_eof()
        self.flow.resume_reading()


class _Wire:
    """What an answer needs of the connection."""

    __slots__ = ("_transport", "close", "is_closing", "write")

    def __init__(self, protocol: StrictProtocol, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = protocol.finish

    def give_up_after(self, seconds: float) -> None:
        """Lose the connection once what is sent has stayed unanswered for so long; on Linux alone."""
        # A machine that is switched off closes nothing; usually that is noticed after a quarter of an hour.
        end = self._transport.get_extra_info("socket")
        # Who has left meanwhile has no socket any more.
        is_there = end is not None and not self._transport.is_closing()
        if is_there and end.family in _INTERNET and sys.platform == "linux":
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1_000))


def server_config(app: Any, limits: Limits, error_body: ErrorBody, **options: Any) -> uvicorn.Config:
    """Configure uvicorn: this protocol, and nothing that would log or trust what callers send."""
    http: Any = partial(StrictProtocol, limits, error_body)
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=round(limits.drain_seconds),
        timeout_worker_healthcheck=WORKER_SECONDS,
        **options,
    )
