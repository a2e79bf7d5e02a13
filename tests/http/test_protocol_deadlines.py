"""Half requests and idle connections, in virtual time; and once in real time through a whole uvicorn."""

import asyncio
import re
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn
import uvloop
from tests.http.virtual_time import run
from tests.http.wire import Caller, Echo, error_body
from uvicorn.server import ServerState

from appointed.http.limits import Limits
from appointed.http.protocol import LINGER_BYTES, LINGER_SECONDS, StrictProtocol, server_config

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
TICK = 0.3


class Wire(asyncio.Transport):
    """A transport that keeps what is written, and when it ended."""

    def __init__(self, can_write_eof: bool = True) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.written = b""
        self.half_closed_at: float | None = None
        self.closed_at: float | None = None
        self._can_write_eof = can_write_eof

    def write(self, data: Any) -> None:
        assert self.closed_at is None
        self.written += bytes(data)

    def can_write_eof(self) -> bool:
        return self._can_write_eof

    def write_eof(self) -> None:
        self.half_closed_at = self.loop.time()

    def close(self) -> None:
        self.closed_at = self.closed_at or self.loop.time()

    def is_closing(self) -> bool:
        return self.closed_at is not None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    @property
    def ended_at(self) -> float:
        """When the caller learned that nothing more comes."""
        end = self.half_closed_at if self.half_closed_at is not None else self.closed_at
        assert end is not None
        return end

    @property
    def statuses(self) -> list[bytes]:
        return re.findall(rb"HTTP/1\.1 (\d+)", self.written)


class Connection:
    """A protocol on a wire, fed by hand."""

    def __init__(self, limits: Limits | None = None, can_write_eof: bool = True) -> None:
        self.loop = asyncio.get_running_loop()
        limits = limits or Limits()
        self.echo = Echo(limits)
        config = server_config(self.echo, limits, error_body, log_config=None, lifespan="off")
        parts = {"config": config, "server_state": ServerState(), "app_state": {}, "_loop": self.loop}
        self.protocol = StrictProtocol(limits, error_body, **parts)
        self.wire = Wire(can_write_eof)
        self.protocol.connection_made(self.wire)

    def say(self, data: bytes) -> None:
        self.protocol.data_received(data)

    async def drip(self, data: bytes, pause: float) -> None:
        """Say one byte after each pause, until the server ends the connection."""
        for index in range(len(data)):
            if self.wire.half_closed_at is not None or self.wire.closed_at is not None:
                return
            self.say(data[index : index + 1])
            await asyncio.sleep(pause)

    async def end(self) -> None:
        """Wait until the connection is closed."""
        while self.wire.closed_at is None:
            await asyncio.sleep(0.1)
        self.protocol.connection_lost(None)


def play(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(scenario())


def about(seconds: float, at: float) -> bool:
    return seconds <= at <= seconds + TICK


def test_40_half_a_head_is_408_after_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(GET[:20])
        await connection.end()
        assert connection.wire.statuses == [b"408"]
        assert about(10, connection.wire.ended_at)
        assert connection.echo.seen == []

    play(scenario)


def test_40_a_dripping_head_gets_no_more_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        await connection.drip(b"GET /" + b"x" * 1_000, 1)
        await connection.end()
        assert connection.wire.statuses == [b"408"]
        assert about(10, connection.wire.ended_at)

    play(scenario)


def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async def scenario() -> None:
        connection = Connection()
        await connection.drip(b"\r\n" * 100, 1)
        await connection.end()
        assert connection.wire.written == b""
        assert about(10, connection.wire.ended_at)

    play(scenario)


def test_40_half_a_body_is_408_within_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(POST + b"x" * 500)
        await connection.end()
        assert connection.wire.statuses == [b"408"]
        assert b"connection: close" in connection.wire.written
        assert about(5.5, connection.wire.ended_at)

    play(scenario)


def test_40_a_dripping_body_is_408_within_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(POST)
        await connection.drip(b"x" * 1_000, 0.5)
        await connection.end()
        assert connection.wire.statuses == [b"408"]
        assert connection.wire.ended_at <= 15

    play(scenario)


def test_a_connection_between_requests_is_closed_after_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(GET)
        await asyncio.sleep(29)
        connection.say(GET)
        await connection.end()
        assert connection.wire.statuses == [b"200", b"200"]
        assert about(59, connection.wire.ended_at)

    play(scenario)


def test_half_a_second_head_is_408_after_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(GET)
        await asyncio.sleep(1)
        connection.say(GET[:10])
        await connection.end()
        assert connection.wire.statuses == [b"200", b"408"]
        assert about(11, connection.wire.ended_at)

    play(scenario)


def test_an_answer_may_take_longer_than_a_head() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.echo.gate = asyncio.Event()
        connection.say(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + GET[:10])
        await asyncio.sleep(15)
        assert connection.wire.written == b""
        connection.echo.gate.set()
        await connection.end()
        assert connection.wire.statuses == [b"200"]
        assert b"connection: close" in connection.wire.written

    play(scenario)


def test_an_unwanted_body_that_never_comes_ends_the_connection() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(POST.replace(b"/x", b"/unread"))
        await connection.end()
        assert connection.wire.statuses == [b"200"]
        assert about(15, connection.wire.ended_at)

    play(scenario)


def test_after_an_unwanted_body_the_connection_may_idle_its_time() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(POST.replace(b"/x", b"/unread"))
        await asyncio.sleep(5)
        connection.say(b"x" * 1_000)
        await connection.end()
        assert connection.wire.statuses == [b"200"]
        assert about(35, connection.wire.ended_at)

    play(scenario)


def test_behind_the_last_answer_the_server_listens_for_a_moment() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(b"nonsense\r\n\r\n")
        assert connection.wire.half_closed_at == 0
        await connection.drip(b"x" * 100, 0.1)
        await connection.end()
        assert connection.wire.statuses == [b"400"]
        assert connection.wire.closed_at is not None
        assert about(LINGER_SECONDS, connection.wire.closed_at)

    play(scenario)


def test_one_who_goes_on_and_on_is_cut_off() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(b"nonsense\r\n\r\n")
        for _ in range(LINGER_BYTES // 65_536):
            connection.say(b"x" * 65_536)
        assert connection.wire.closed_at is None
        connection.say(b"x")
        assert connection.wire.closed_at == 0

    play(scenario)


def test_where_half_a_close_is_impossible_the_connection_is_closed() -> None:
    async def scenario() -> None:
        connection = Connection(can_write_eof=False)
        connection.say(b"nonsense\r\n\r\n")
        assert connection.wire.closed_at == 0
        assert connection.wire.statuses == [b"400"]

    play(scenario)


def test_a_lost_connection_is_watched_no_more() -> None:
    async def scenario() -> None:
        connection = Connection()
        connection.say(GET[:10])
        connection.protocol.connection_lost(None)
        await asyncio.sleep(60)
        assert connection.wire.written == b""

    play(scenario)


def test_a_whole_uvicorn_serves_and_refuses_with_it() -> None:
    limits = Limits(header_seconds=0.05, keep_alive_seconds=0.05)

    async def main() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(
            server_config(Echo(limits), limits, error_body, log_config=None, lifespan="off")
        )
        running = asyncio.ensure_future(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0)
        caller = Caller(*await asyncio.open_connection(*listening.getsockname()))
        caller.say(GET)
        answer = await caller.answer()
        assert answer.status == 200
        assert "server" not in answer.headers
        assert await caller.rest() == b""
        half = Caller(*await asyncio.open_connection(*listening.getsockname()))
        half.say(GET[:20])
        assert (await half.answer()).status == 408
        assert await half.rest() == b""
        for ended in (caller, half):
            ended.writer.close()
            await ended.writer.wait_closed()
        server.should_exit = True
        await running

    uvloop.run(main())
