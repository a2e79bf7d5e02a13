"""What a server that leaves owes those who have called already."""

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import uvicorn
import uvloop

from appointed.app.leaving import Farewell, ask_parent, close_door
from appointed.app.parts import Parts, assemble
from appointed.http.limits import Limits
from appointed.http.protocol import server_config
from appointed.settings import Settings
from tests.http.wire import Echo, error_body
from tests.running import PATIENCE_SECONDS, Running, running, until

REQUEST = b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"
CALLERS = 5


async def listening() -> uvicorn.Server:
    """Start a server on loopback, as uvicorn does."""
    limits = Limits()
    config = server_config(Echo(limits), limits, error_body, log_config=None, lifespan="off", port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    return server


def call(server: uvicorn.Server) -> socket.socket:
    """Connect and ask, while the server's event loop has no time to see it."""
    wire = socket.create_connection(server.servers[0].sockets[0].getsockname())
    wire.sendall(REQUEST)
    wire.setblocking(False)
    return wire


async def heard(wire: socket.socket) -> bytes:
    """Give the first that is answered; nothing where the connection was broken."""
    with wire:
        try:
            return await asyncio.get_running_loop().sock_recv(wire, 65_536)
        except ConnectionError:
            return b""


def test_who_is_connected_already_is_answered_though_the_door_closes() -> None:
    async def leave() -> list[bytes]:
        server = await listening()
        wires = [call(server) for _ in range(CALLERS)]
        close_door(server)
        answers = await asyncio.gather(*map(heard, wires))
        await server.shutdown()
        return answers

    answers = uvloop.run(leave())
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * CALLERS


def test_a_request_that_is_on_its_way_on_an_idle_connection_is_answered() -> None:
    async def leave() -> tuple[bytes, bytes]:
        server = await listening()
        loop = asyncio.get_running_loop()
        wire = call(server)
        first = await loop.sock_recv(wire, 65_536)
        wire.send(REQUEST)
        for connection in list(server.server_state.connections):
            connection.shutdown()
        second = await heard(wire)
        await server.shutdown()
        return first, second

    for answer in uvloop.run(leave()):
        assert answer.startswith(b"HTTP/1.1 200")


@contextmanager
def assembled(folder: Path) -> Iterator[Parts]:
    """Make the parts of a server that has no notice to give."""
    parts = assemble(Settings(data=str(folder), drain_notice_seconds=0))
    try:
        yield parts
    finally:
        parts.passwords.close()


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open nothing."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


def test_a_server_that_can_open_nothing_more_still_ends(tmp_path: Path) -> None:
    async def leave(parts: Parts) -> list[str]:
        server, left = await listening(), list[str]()
        try:
            with no_more_files():
                Farewell(parts, server, lambda: left.append("left")).say()
            assert not server.servers[0].is_serving()
        finally:
            await server.shutdown()
        return left

    with assembled(tmp_path) as parts:
        assert uvloop.run(leave(parts)) == ["left"]
        assert parts.watch.is_draining


def test_a_worker_hurries_nobody_who_ends_already(tmp_path: Path) -> None:
    heard = list[int]()
    usual = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        with assembled(tmp_path) as parts:
            ask_parent(parts, os.getpid())
            assert heard == [signal.SIGTERM]
            parts.watch.is_draining = True
            ask_parent(parts, os.getpid())
            assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, usual)


@pytest.mark.server
def test_several_processes_say_that_they_stop_before_they_do(postgres_dsn: str, tmp_path: Path) -> None:
    # Far longer than this test would wait.
    settings = {"APPOINTED_DATABASE": postgres_dsn, "APPOINTED_DRAIN_NOTICE_SECONDS": "3600"}
    with running(tmp_path, "--workers", "2", **settings) as server:
        # A service manager tells the workers too, besides what their parent does.
        family = [server.process.pid, *workers(server)]
        for number in family:
            os.kill(number, signal.SIGTERM)
        until(lambda: all(ready(server).status_code != 200 for _ in range(10)))
        answer = ready(server)
        assert answer.json() == {"status": "not ready", "detail": "stopping"}
        assert answer.headers["connection"] == "close"
        # The parent looks for signals now and then, and what came before it looked counts once.
        parent = psutil.Process(server.process.pid)
        until(lambda: not any(one.status == psutil.CONN_LISTEN for one in parent.net_connections()))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0
    assert [number for number in family if psutil.pid_exists(number)] == []
    assert "Traceback" not in server.output


def workers(server: Running) -> list[int]:
    """Name the processes that serve."""
    below = psutil.Process(server.process.pid).children()
    return [each.pid for each in below if "spawn_main" in " ".join(each.cmdline())]


def ready(server: Running) -> httpx.Response:
    """Ask anew, maybe another of the processes."""
    return httpx.get(f"{server.url}/healthz/ready")
