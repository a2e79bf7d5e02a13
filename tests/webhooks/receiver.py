"""A receiver on loopback that can be told to misbehave, to die, and to come back."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """Write an answer."""
    head = [f"HTTP/1.1 {code} Said", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


OK = status(200)
CLOSE = b""
HANG = None
# What is answered to a call: bytes, nothing and a closed connection, or nothing at all.
Answer = bytes | None


@dataclass
class Receiver:
    """`answer` decides about each call; `heard` are those that were answered with a success."""

    answer: Callable[[Call], Answer] = lambda _call: OK
    calls: list[Call] = field(default_factory=list)
    heard: list[Call] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    _server: asyncio.Server | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{HOST}:{self.port}/hook?a=1"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, on the same port as before after the first time."""
        self._tls = tls or self._tls
        self.scheme = "https" if self._tls else "http"
        self._server = await asyncio.start_server(self._serve, HOST, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """Stop listening and cut every connection."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is so; looks after every call."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while (call := await _read(reader)) is not None:
                if not await self._take(call, writer):
                    return
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self._open.discard(writer)
            writer.close()

    async def _take(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        said = self.answer(call)
        async with self._changed:
            self.calls.append(call)
            if said is not None and said.startswith(b"HTTP/1.1 2"):
                self.heard.append(call)
            self._changed.notify_all()
        if said is HANG:
            await asyncio.Event().wait()
        if said == CLOSE:
            return False
        writer.write(said or b"")
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Call | None:
    first = await reader.readline()
    if not first:
        return None
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _colon, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(first.split()[1].decode(), headers, body)


@asynccontextmanager
async def receiving(
    answer: Callable[[Call], Answer] = lambda _call: OK, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Run a receiver on a port of its own."""
    made = Receiver(answer)
    await made.start(tls)
    try:
        yield made
    finally:
        await made.kill()
