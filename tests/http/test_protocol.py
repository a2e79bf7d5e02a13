import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop
from tests.http.wire import Caller, Echo, serving

from appointed.http.limits import Limits
from appointed.http.protocol import MAX_PIPELINED

LIMITS = Limits(body_bytes=1_000)
HOST = b"Host: a.example\r\n"
GET = b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"


def play(
    scenario: Callable[[Callable[[], Awaitable[Caller]], Echo], Awaitable[None]], limits: Limits = LIMITS
) -> None:
    """Run a scenario against a server, on the event loop of production."""

    async def main() -> None:
        async with asyncio.timeout(20), serving(limits) as (connect, echo):
            await scenario(connect, echo)

    uvloop.run(main())


def post(*headers: bytes, body: bytes = b"", path: bytes = b"/x") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return post(b"Transfer-Encoding: chunked", body=pieces + b"0\r\n" + trailer + b"\r\n")


GOOD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "get": (GET, {"path": "/x", "method": "GET"}),
    "query and escapes": (b"GET /%C3%A9?a=b HTTP/1.1\r\nHost: a\r\n\r\n", {"path": "/é"}),
    "declared body": (post(b"Content-Length: 5", body=b"hello"), {"body": "hello"}),
    "chunked body": (chunked(b"hel", b"lo"), {"body": "hello"}),
    "chunk extension": (post(b"Transfer-Encoding: chunked", body=b"5;a=b\r\nhello\r\n0\r\n\r\n"), {"body": "hello"}),
    "coding in capitals": (post(b"Transfer-Encoding: Chunked", body=b"0\r\n\r\n"), {"body": ""}),
    "empty lines before": (b"\r\n\r\n" + GET, {"path": "/x"}),
    "absolute form": (b"GET http://A.example:80/y?z HTTP/1.1\r\nHost: a.example:80\r\n\r\n", {"path": "/y"}),
    "address as host": (b"GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", {"path": "/"}),
    "trimmed value": (b"GET / HTTP/1.1\r\nHost: \t a \t \r\n\r\n", {"headers": {"host": "a"}}),
    "latin-1 value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n", {"headers": {"host": "a", "x": "é"}}),
    "100 headers": (GET[:-2] + b"".join(b"X%d: y\r\n" % n for n in range(99)) + b"\r\n", {"path": "/x"}),
    "line of 8 kB": (b"GET /" + b"x" * (8_192 - 14) + b" HTTP/1.1\r\nHost: a\r\n\r\n", {"method": "GET"}),
    "headers of 32 kB": (GET[:-2] + b"X: " + b"y" * (32_768 - 22) + b"\r\n\r\n", {"path": "/x"}),
    "websocket offered": (GET[:-2] + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", {"path": "/x"}),
    "h2c offered with a body": (
        post(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAM", b"Content-Length: 5", body=b"hello"),
        {"body": "hello", "headers": {"host": "a.example", "connection": "Upgrade, HTTP2-Settings", "content-length": "5"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "seen"), GOOD.values(), ids=GOOD.keys())
def test_a_plain_request_is_read_whole_and_in_pieces(data: bytes, seen: dict[str, Any]) -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        for _ in range(2):
            caller.say(data)
            answer = await caller.answer()
            assert answer.status == 200
            assert {name: answer.seen[name] for name in seen} == seen
        slow = await connect()
        step = 1 + len(data) // 1_000
        for start in range(0, len(data), step):
            slow.say(data[start : start + step])
            await asyncio.sleep(0)
        assert (await slow.answer()).status == 200
        assert len(echo.seen) == 3

    play(scenario)


HEAD = b"POST /x HTTP/1.1\r\n"
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"
DOUBTFUL = {
    "39: TE and CL": post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "39: CL and TE": post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n"),
    "39: two CL": post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello"),
    "39: the same CL twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"),
    "39: CL list": post(b"Content-Length: 5, 5", body=b"hello"),
    "CL with a sign": post(b"Content-Length: +5", body=b"hello"),
    "CL negative": post(b"Content-Length: -5", body=b"hello"),
    "CL empty": post(b"Content-Length:", body=b"hello"),
    "CL beyond 64 bit": post(b"Content-Length: 99999999999999999999", body=b"hello"),
    "39: two Host": b"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "39: the same Host twice": b"GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "39: no Host": b"GET /x HTTP/1.1\r\n\r\n",
    "Host empty": b"GET /x HTTP/1.1\r\nHost:\r\n\r\n",
    "Host with a path": b"GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "Host list": b"GET /x HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "Host with user": b"GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n",
    "two Host in HTTP/1.0": b"GET /x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "39: TE with a space": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "39: obs-fold": b"GET /x HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
    "39: obs-fold by tab": b"GET /x HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n",
    "39: NUL in a value": b"GET /x HTTP/1.1\r\nHost: a\r\nX: y\x00z\r\n\r\n",
    "39: NUL in a name": b"GET /x HTTP/1.1\r\nHost: a\r\nX\x00: y\r\n\r\n",
    "39: NUL in the target": b"GET /x\x00y HTTP/1.1\r\nHost: a\r\n\r\n",
    "39: bare CR in a value": b"GET /x HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
    "39: bare CR as line end": b"GET /x HTTP/1.1\rHost: a\r\r",
    "bare LF as line end": b"GET /x HTTP/1.1\nHost: a\n\n",
    "control character": b"GET /x HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
    "no name": b"GET /x HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
    "no colon": b"GET /x HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n",
    "space before the first header": b"GET /x HTTP/1.1\r\n Host: a\r\n\r\n",
    "TE gzip, chunked": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "TE chunked, gzip": post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "TE twice": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "TE identity": post(b"Transfer-Encoding: identity", body=b"hello"),
    "TE xchunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "TE vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "TE in HTTP/1.0": b"POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/2.0": b"GET /x HTTP/2.0\r\nHost: a\r\n\r\n",
    "HTTP/1.2": b"GET /x HTTP/1.2\r\nHost: a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "lower case version": b"GET /x http/1.1\r\nHost: a\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 32,
    "unknown verb": b"BREW /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "lower case verb": b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
    "target is a star": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "target of another host": b"GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "target of another port": b"GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "target with user": b"GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "target of another scheme": b"GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "target with a space": b"GET /x y HTTP/1.1\r\nHost: a\r\n\r\n",
    "target in UTF-8": "GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "offer without a host": b"GET /x HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
}


async def expect_refusal(caller: Caller, status: int, code: str) -> None:
    answer = await caller.answer()
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert answer.headers["appointed-error"] == code
    assert answer.headers["content-type"] == "application/json"
    said = json.loads(answer.body)
    assert (said["status"], said["code"]) == (status, code)
    assert await caller.rest() == b""


@pytest.mark.parametrize("data", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_39_a_doubtful_request_gets_one_refusal_and_the_connection_ends(data: bytes) -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(data + SECOND)
        await expect_refusal(caller, 400, "invalid_request")
        assert echo.seen == []

    play(scenario)


def test_a_refusal_is_worded_in_the_form_that_is_accepted() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        for accept in (b"", b"Accept: application/xml\r\n", b"Accept: text/html\r\nAccept: text/xml\r\n"):
            caller = await connect()
            caller.say(b"GET * HTTP/1.1\r\nHost: a\r\n" + accept + b"\r\n")
            said = json.loads((await caller.answer()).body)
            wanted = b", ".join(line.partition(b": ")[2] for line in accept.splitlines())
            assert said["accept"] == wanted.decode()

    play(scenario)


BROKEN_BODIES = {
    "chunk size no number": b"x\r\nabc\r\n0\r\n\r\n",
    "chunk size negative": b"-3\r\nabc\r\n0\r\n\r\n",
    "chunk size 0x": b"0x3\r\nabc\r\n0\r\n\r\n",
    "chunk size beyond 64 bit": b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "chunk size with a space": b"3 \r\nabc\r\n0\r\n\r\n",
    "chunk by bare LF": b"3\nabc\n0\n\n",
    "chunk longer than told": b"3\r\nabcd\r\n0\r\n\r\n",
    "trailer with CL": b"3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
    "endless extension": b"3;" + b"x" * 70_000,
    "endless trailer": b"3\r\nabc\r\n0\r\nX: " + b"x" * 1_000_000,
}


@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES.keys())
def test_39_a_body_that_breaks_gets_one_refusal_and_the_connection_ends(body: bytes) -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Transfer-Encoding: chunked"))
        caller.say(body + SECOND)
        await expect_refusal(caller, 400, "invalid_request")

    play(scenario)


TOO_LARGE = {
    "39: header of 64 kB": GET[:-2] + b"X: " + b"y" * 65_536 + b"\r\n\r\n",
    "39: 200 headers": GET[:-2] + b"".join(b"X%d: y\r\n" % n for n in range(200)) + b"\r\n",
    "101 headers": GET[:-2] + b"".join(b"X%d: y\r\n" % n for n in range(100)) + b"\r\n",
    "headers of 32 kB and a byte": GET[:-2] + b"X: " + b"y" * (32_768 - 21) + b"\r\n\r\n",
    "line of 8 kB and a byte": b"GET /" + b"x" * (8_192 - 13) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "endless line": b"GET /" + b"x" * 100_000,
    "endless name": GET[:-2] + b"x" * 100_000,
}


@pytest.mark.parametrize("data", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_39_a_head_over_its_limit_is_431(data: bytes) -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(data + SECOND)
        await expect_refusal(caller, 431, "headers_too_large")
        assert echo.seen == []

    play(scenario)


def test_a_refusal_is_worded_for_the_path() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(b"GET /api/v1/Appointment/1?secret HTTP/1.1\r\n\r\n")
        answer = await caller.answer()
        assert json.loads(answer.body)["path"] == "/api/v1/Appointment/1"

    play(scenario)


def test_a_refusal_behind_an_answer_ends_the_connection() -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(GET)
        assert (await caller.answer()).status == 200
        caller.say(b"nonsense\r\n\r\n" + SECOND)
        await expect_refusal(caller, 400, "invalid_request")
        assert echo.seen == ["/x"]

    play(scenario)


def test_pipelined_requests_are_answered_in_order() -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        echo.gate = asyncio.Event()
        caller = await connect()
        caller.say(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + GET + chunked(b"abc"))
        await asyncio.sleep(0)
        echo.gate.set()
        answers = [await caller.answer() for _ in range(3)]
        assert [answer.seen["path"] for answer in answers] == ["/slow", "/x", "/x"]
        assert answers[2].seen["body"] == "abc"

    play(scenario)


@pytest.mark.parametrize(
    "garbage", [b"nonsense\r\n\r\n" + GET, DOUBTFUL["39: TE and CL"], GOOD["h2c offered with a body"][0]]
)
def test_what_is_refused_behind_a_running_request_gets_no_answer_and_spoils_none(garbage: bytes) -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        echo.gate = asyncio.Event()
        caller = await connect()
        caller.say(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + GET + garbage)
        while not echo.seen:
            await asyncio.sleep(0)
        echo.gate.set()
        first, second = await caller.answer(), await caller.answer()
        assert [first.seen["path"], second.seen["path"]] == ["/slow", "/x"]
        assert second.headers["connection"] == "close"
        assert await caller.rest() == b""

    play(scenario)


def test_a_long_pipeline_ends_with_what_was_taken() -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(GET * 500)
        said = await caller.rest()
        assert said.count(b"HTTP/1.1 200") == len(echo.seen) == MAX_PIPELINED + 1

    play(scenario)


def test_nothing_is_read_behind_a_request_that_closes() -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(GET[:-2] + b"Connection: close\r\n\r\n" + SECOND)
        assert (await caller.answer()).headers["connection"] == "close"
        assert await caller.rest() == b""
        assert echo.seen == ["/x"]

    play(scenario)


def test_http_1_0_needs_no_host_and_ends_the_connection() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(b"GET /x HTTP/1.0\r\n\r\n")
        assert (await caller.answer()).status == 200
        assert await caller.rest() == b""

    play(scenario)


def test_a_body_waits_for_its_invitation() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Expect: 100-Continue", b"Content-Length: 5"))
        assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.say(b"hello")
        assert (await caller.answer()).seen["body"] == "hello"

    play(scenario)


def test_9_a_body_over_its_limit_is_not_invited() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Expect: 100-continue", b"Content-Length: 1001"))
        answer = await caller.answer()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert await caller.rest() == b""

    play(scenario)


@pytest.mark.parametrize("how", ["declared", "chunked"])
def test_9_a_body_over_its_limit_is_413_also_for_those_who_send_before_they_read(how: str) -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        body = b"x" * 4_000_000
        if how == "declared":
            caller.say(post(b"Content-Length: %d" % len(body), body=body))
        else:
            caller.say(chunked(*[body[:65_536]] * 60))
        await caller.writer.drain()
        answer = await caller.answer()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert await caller.rest() == b""

    play(scenario)


def test_trailers_do_not_become_headers() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(chunked(b"abc", trailer=b"Authorization: Bearer x\r\n"))
        answer = await caller.answer()
        assert answer.seen["body"] == "abc"
        assert "authorization" not in answer.seen["headers"]
        caller.say(GET)
        assert (await caller.answer()).status == 200

    play(scenario)


def test_a_small_body_that_nobody_wanted_is_read_past() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Content-Length: 5", path=b"/unread"))
        assert (await caller.answer()).status == 200
        caller.say(b"hello" + GET)
        assert (await caller.answer()).seen["path"] == "/x"

    play(scenario)


def test_a_large_body_that_nobody_wanted_ends_the_connection() -> None:
    async def scenario(connect: Any, echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Content-Length: 10000000", path=b"/unread"))
        assert (await caller.answer()).status == 200
        caller.say(b"x" * 1_000_000)
        assert await caller.rest() == b""
        assert echo.seen == ["/unread"]

    play(scenario)


def test_a_body_that_breaks_behind_its_answer_gets_no_second_one() -> None:
    async def scenario(connect: Any, _echo: Echo) -> None:
        caller = await connect()
        caller.say(post(b"Transfer-Encoding: chunked", path=b"/unread"))
        assert (await caller.answer()).status == 200
        caller.say(b"nonsense\r\n" + SECOND)
        assert await caller.rest() == b""

    play(scenario)
