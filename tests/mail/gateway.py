"""A gateway of short messages on loopback: an HTTP server that does what a test wants."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

SECRET = b"s" * 32


@dataclass
class Phones:
    """What the gateway was asked, by ids; `answer` gives a status, 0 to hang up, -1 to say nothing."""

    url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], int] = lambda _call: 202

    @property
    def texts(self) -> list[str]:
        return [call["text"] for call in self.calls]


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


@asynccontextmanager
async def gateway() -> AsyncIterator[Phones]:
    """Run a gateway."""
    phones = Phones()
    waiting: set[asyncio.Task[Any]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        waiting.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
            headers = {name.lower(): value for name, _colon, value in lines}
            body = await reader.readexactly(int(headers["content-length"]))
            assert is_signed(headers, body)
            call = json.loads(body)
            assert call["id"] == headers["webhook-id"]
            phones.calls.append(call)
            status = phones.answer(call)
            if status == -1:
                await asyncio.Event().wait()
            if status:
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        finally:
            waiting.discard(task)
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    phones.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sms"
    try:
        yield phones
    finally:
        server.close()
        for task in list(waiting):
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await server.wait_closed()
