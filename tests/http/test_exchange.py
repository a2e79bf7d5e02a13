"""One answer on the wire: a whole one in one write, one of unknown length as it comes, none with a broken head."""

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from appointed.http.body import read_body
from appointed.http.exchange import Exchange
from appointed.http.limits import Limits


class Wire:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def exchange(wire: Any, method: str = "GET", *, keep_alive: bool = True, waits: bool = False) -> Exchange:
    return Exchange(
        scope={"type": "http", "method": method, "headers": []},  # type: ignore[typeddict-item] # no more is read
        transport=wire,
        flow=FlowControl(wire),
        logger=logging.getLogger("test"),
        access_logger=logging.getLogger("test"),
        access_log=False,
        default_headers=[(b"date", b"today")],
        message_event=asyncio.Event(),
        expect_100_continue=waits,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )


def head(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


LENGTH = (b"content-length", b"2")
CLOSE = (b"connection", b"close")
START = b"HTTP/1.1 200 OK\r\ndate: today\r\n"
WHOLE: dict[str, tuple[str, bool, list[dict[str, Any]], list[bytes], bool]] = {
    "whole": ("GET", True, [head(LENGTH), body(b"ab")], [START + b"content-length: 2\r\n\r\nab"], False),
    "HEAD": ("HEAD", True, [head(LENGTH), body(b"ab")], [START + b"content-length: 2\r\n\r\n"], False),
    "last by the caller": (
        "GET",
        False,
        [head(LENGTH), body(b"ab")],
        [START + b"content-length: 2\r\nconnection: close\r\n\r\nab"],
        True,
    ),
    "last by the answer": (
        "GET",
        True,
        [head(LENGTH, CLOSE), body(b"ab")],
        [START + b"content-length: 2\r\nconnection: close\r\n\r\nab"],
        True,
    ),
    "two pieces": (
        "GET",
        True,
        [head(LENGTH), body(b"a", more=True), body(b"b")],
        [START + b"content-length: 2\r\n\r\n", b"a", b"b"],
        False,
    ),
    "length unknown": (
        "GET",
        True,
        [head(), body(b"a", more=True), body(b"")],
        [START + b"transfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n", b"0\r\n\r\n"],
        False,
    ),
    "no body": ("GET", True, [head(status=304), body(b"")], [b"HTTP/1.1 304 Not Modified\r\ndate: today\r\n\r\n"], False),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
async def test_an_answer_leaves_in_as_few_writes_as_it_can(name: str) -> None:
    method, keep_alive, messages, writes, is_closed = WHOLE[name]
    wire = Wire()
    under_way = exchange(wire, method, keep_alive=keep_alive)
    for message in messages:
        await under_way.send(message)
    assert b"".join(wire.writes) == b"".join(writes)
    assert [one for one in wire.writes if one] == writes
    assert (wire.is_closed, under_way.response_complete) == (is_closed, True)


@pytest.mark.parametrize(
    "header",
    [(b"x", b"a\r\nset-cookie: b"), (b"x", b"a\nb"), (b"x", b"a\0"), (b"x\r\ny", b""), (b"x", b"\x7f")],
    ids=["line", "line feed", "zero", "name", "delete"],
)
async def test_no_header_can_end_its_line_early(header: tuple[bytes, bytes]) -> None:
    wire = Wire()
    under_way = exchange(wire)
    await under_way.send(head(LENGTH, header))
    with pytest.raises(RuntimeError):
        await under_way.send(body(b"ab"))
    assert wire.writes == []


async def test_a_body_of_another_length_is_not_sent() -> None:
    wire = Wire()
    under_way = exchange(wire)
    await under_way.send(head(LENGTH))
    with pytest.raises(RuntimeError):
        await under_way.send(body(b"abc"))
    assert wire.writes == []


async def test_nothing_is_written_for_who_left() -> None:
    wire = Wire()
    under_way = exchange(wire)
    await under_way.send(head(LENGTH))
    under_way.disconnected = True
    await under_way.send(body(b"ab"))
    assert wire.writes == []


async def read(under_way: Any) -> bytes:
    return await read_body(under_way.scope, under_way.receive, Limits())


async def test_a_body_that_is_there_is_read_at_once_and_only_once() -> None:
    under_way = exchange(Wire(), "POST")
    under_way.body += b"hello"
    assert under_way.whole_body() is None
    under_way.more_body = False
    under_way.message_event.set()
    assert await read(under_way) == b"hello"
    assert not under_way.message_event.is_set()
    assert under_way.whole_body() == b""


async def test_who_waits_for_a_yes_gets_one_before_the_body_is_read() -> None:
    wire = Wire()
    under_way = exchange(wire, "POST", waits=True)
    under_way.more_body = False
    under_way.message_event.set()
    assert under_way.whole_body() is None
    await read(under_way)
    assert wire.writes == [b"HTTP/1.1 100 Continue\r\n\r\n"]
