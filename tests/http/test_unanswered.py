"""Pages whose machine or line is gone: nobody closes such a connection, so it ends when nothing is answered."""

import asyncio
import socket
import sys
from typing import Any

import uvloop
from tests.http.wire import error_body
from uvicorn.server import ServerState

from appointed.http.limits import Limits
from appointed.http.protocol import StrictProtocol, server_config
from appointed.http.replies import UNANSWERED

LIMITS = Limits()


async def answers(scope: Any, _receive: Any, send: Any) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}
    if scope["path"] == "/stream":
        start |= {UNANSWERED: 7.5}
    await send(start)
    await send({"type": "http.response.body", "body": b"end"})


async def patience(path: str) -> int:
    """Ask for something on a connection; tells how long the server then waits there, in milliseconds."""
    loop, made = asyncio.get_running_loop(), []
    config = server_config(answers, LIMITS, error_body, log_config=None, lifespan="off")
    config.load()

    def protocol() -> StrictProtocol:
        parts = {"config": config, "server_state": ServerState(), "app_state": {}, "_loop": loop}
        made.append(StrictProtocol(LIMITS, error_body, **parts))
        return made[-1]

    async with await loop.create_server(protocol, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        async with asyncio.timeout(20):
            await reader.readuntil(b"end")
        end = made[0].transport.get_extra_info("socket")
        found = int(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
        writer.close()
    return found


def test_a_stream_ends_when_nothing_of_it_is_answered_and_other_answers_keep_their_time() -> None:
    for run in (uvloop.run, asyncio.run):
        assert run(patience("/stream")) == (7_500 if sys.platform == "linux" else 0)
        assert run(patience("/other")) == 0


async def leaves_before_the_stream() -> list[BaseException]:
    """Ask for a stream and close the connection while it is being prepared; tells what failed at the server."""
    loop, asked, left = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    failed: list[BaseException] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [], UNANSWERED: 7.5})
        except (OSError, ValueError) as error:
            failed.append(error)
        left.set()

    config = server_config(slow, LIMITS, error_body, log_config=None, lifespan="off")
    config.load()

    def protocol() -> StrictProtocol:
        parts = {"config": config, "server_state": ServerState(), "app_state": {}, "_loop": loop}
        return StrictProtocol(LIMITS, error_body, **parts)

    async with await loop.create_server(protocol, "127.0.0.1", 0) as server, asyncio.timeout(20):
        _reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        await asked.wait()
        writer.close()
        await left.wait()
    return failed


def test_who_leaves_before_a_stream_begins_is_no_failure() -> None:
    for run in (uvloop.run, asyncio.run):
        assert run(leaves_before_the_stream()) == []
