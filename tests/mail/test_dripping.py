"""Servers that drip their answers, a byte now and then: what was asked of them is over in its time all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from appointed.domain.letter import LetterState
from appointed.mail.sms import Gateway, Texter
from appointed.mail.smtp import Mailer, Result, Server
from tests.mail.gateway import SECRET

S = LetterState
# Far less than one waits for any single byte.
SECONDS, DRIP_SECONDS = 0.4, 0.01
# Far more than whatever ends well takes, also on a busy machine; and so much that nothing waits longer.
ENOUGH_SECONDS, PATIENCE_SECONDS = 20, 30
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\n\r\nBody\r\n"
HEAD = b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000000\r\n\r\n"


@asynccontextmanager
async def dripping(
    at_once: dict[bytes, bytes], begins: bytes | None = b"", pause: float = 0.0
) -> AsyncIterator[int]:
    """Answer known lines after a pause, and drip for ever after any other; None: from the beginning."""
    tasks: set[asyncio.Task[Any]] = set()

    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            if begins is None:
                await drip(writer)
            writer.write(begins or b"")
            while line := await reader.readline():
                answer = next((text for start, text in at_once.items() if line.startswith(start)), None)
                if answer is None:
                    await drip(writer)
                await asyncio.sleep(pause)
                writer.write(answer or b"")
        except ConnectionError:
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def begin() -> bool:
    return True


async def text(port: int, seconds: float = SECONDS) -> Result:
    gateway = Gateway(url=f"http://127.0.0.1:{port}/", secret=SECRET, seconds=seconds)
    texter = Texter(gateway, lambda: datetime(2026, 3, 2, tzinfo=UTC))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await texter.send("1", "+4712345678", "Hello", begin)
    finally:
        await texter.close()


HEADERS = dict.fromkeys((b"Host", b"host", b"User", b"Accept", b"Conn", b"Content", b"webhook"), b"")


async def test_a_gateway_that_drips_its_answer_holds_nobody() -> None:
    async with dripping({b"POST": b"", **HEADERS}) as port:
        assert await text(port) == Result(S.UNSURE, "no answer from the gateway")


async def test_a_gateway_that_drips_what_follows_its_answer_has_answered() -> None:
    async with dripping({b"POST": HEAD, **HEADERS}) as port:
        assert await text(port, ENOUGH_SECONDS) == Result(S.SENT)


async def mail(port: int, seconds: float = SECONDS) -> Result:
    server = Server(host="127.0.0.1", port=port, tls="none", sender="a@example.org", seconds=seconds)
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await Mailer(server).send("b@example.org", MAIL, begin)


HELLO = {b"EHLO": b"250 here\r\n"}
SENDER = HELLO | {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n"}
DATA = SENDER | {b"DATA": b"354 go\r\n", b"From": b"", b"To": b"", b"\r\n": b"", b"Body": b""}


@pytest.mark.parametrize(
    ("at_once", "seconds", "told"),
    [
        (HELLO, SECONDS, Result(S.WAITING, "no answer in time")),
        (SENDER, SECONDS, Result(S.WAITING, "no answer in time")),
        # What comes before has to end well.
        (DATA, 3 * SECONDS, Result(S.UNSURE, "no answer to the end of the mail")),
    ],
    ids=["the sender", "the data", "the end"],
)
async def test_a_mail_server_that_drips_holds_nobody(
    at_once: dict[bytes, bytes], seconds: float, told: Result
) -> None:
    async with dripping(at_once, b"220 here\r\n") as port:
        assert await mail(port, seconds) == told


async def test_a_mail_server_that_drips_its_greeting_holds_nobody() -> None:
    async with dripping({}, None) as port:
        assert (await mail(port)).state is S.WAITING


async def test_a_mail_server_that_takes_nearly_all_the_time_for_each_answer_holds_nobody() -> None:
    whole = DATA | {b".": b"250 ok\r\n", b"QUIT": b"221 bye\r\n"}
    async with dripping(whole, b"220 here\r\n") as port:
        assert await mail(port, ENOUGH_SECONDS) == Result(S.SENT)
    async with dripping(whole, b"220 here\r\n", pause=SECONDS * 0.6) as port:
        assert await mail(port) == Result(S.WAITING, "no answer in time")
