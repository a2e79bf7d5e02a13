"""A server on loopback with our protocol, and raw sockets that say anything."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from uvicorn.server import ServerState

from appointed.domain.errors import BodyTooLarge, RequestTimeout
from appointed.http.body import closes_after_answer, read_body
from appointed.http.limits import Limits
from appointed.http.protocol import StrictProtocol, server_config

STATUS = {BodyTooLarge: 413, RequestTimeout: 408}


def error_body(path: str, status: int, code: str, _id: str, accept: bytes) -> tuple[str, bytes]:
    """Word an error so that tests see what was handed in."""
    said = {"path": path, "status": int(status), "code": code, "accept": accept.decode()}
    return "application/json", json.dumps(said).encode()


class Echo:
    """Answers each request with what it saw of it; `seen` are their paths in order."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seen: list[str] = []
        self.gate: asyncio.Event | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request; `/unread` leaves its body unread, `/slow` waits for the gate."""
        self.seen.append(scope["path"])
        if scope["path"] == "/slow" and self.gate is not None:
            await self.gate.wait()
        status, body = 200, b""
        try:
            if scope["path"] != "/unread":
                body = await read_body(scope, receive, self.limits)
        except (BodyTooLarge, RequestTimeout) as error:
            status = STATUS[type(error)]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        seen = {"path": scope["path"], "method": scope["method"], "body": body.decode(), "headers": headers}
        content = json.dumps(seen).encode()
        closing = [(b"connection", b"close")] if closes_after_answer(scope) else []
        fields = [(b"content-length", str(len(content)).encode()), *closing]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": content})


class Answer:
    """One response as it came."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def seen(self) -> Any:
        """What the application says it saw."""
        return json.loads(self.body)


class Caller:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)

    async def answer(self) -> Answer:
        """Read one whole response."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """Read until the server ends the connection."""
        return await self.reader.read()


Scenario = Callable[[Callable[[], Awaitable[Caller]], Echo], Awaitable[None]]


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[tuple[Callable[[], Awaitable[Caller]], Echo]]:
    """Serve the echo on loopback; gives a function that connects, and the echo."""
    echo = Echo(limits)
    config = server_config(echo, limits, error_body, log_config=None, lifespan="off")
    state = ServerState()
    loop = asyncio.get_running_loop()
    writers: list[asyncio.StreamWriter] = []

    def make() -> StrictProtocol:
        return StrictProtocol(limits, error_body, config=config, server_state=state, app_state={}, _loop=loop)

    async def connect() -> Caller:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return Caller(reader, writer)

    server = await loop.create_server(make, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield connect, echo
    finally:
        for writer in writers:
            writer.close()
        server.close()
        for protocol in list(state.connections):
            protocol.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
