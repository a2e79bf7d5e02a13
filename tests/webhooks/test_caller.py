"""One call on a real connection: what is sent, and what is told of whatever the other side does."""

import asyncio
import ssl
from pathlib import Path

import pytest

from appointed.usecases.webhook_ports import CallResult
from appointed.webhooks.caller import MOST_ANSWER_BYTES, Caller
from appointed.webhooks.targets import Guard, TargetRules
from tests.certificates import certificate
from tests.webhooks.receiver import CLOSE, HANG, OK, Answer, Call, receiving, status

LOOPBACK = TargetRules(networks=("127.0.0.0/8",), ports=(), allows_http=True)
SECONDS = 20.0


async def post(url: str, caller: Caller | None = None) -> CallResult:
    caller = caller or Caller(Guard(LOOPBACK), SECONDS)
    try:
        return await caller.post(url, (("X-Name", "välue"), ("User-Agent", "test")), b'{"a": 1}')
    finally:
        await caller.close()


async def test_a_call_brings_headers_and_body_as_they_are() -> None:
    async with receiving() as receiver:
        assert await post(receiver.url) == CallResult(200)
    (call,) = receiver.calls
    assert (call.path, call.body) == ("/hook?a=1", b'{"a": 1}')
    assert call.headers["x-name"] == "välue"
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.headers["user-agent"] == "test"


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (status(500), CallResult(500)),
        (status(204), CallResult(204)),
        (CLOSE, CallResult(0, "the answer is not HTTP")),
        (b"SMTP hello\r\n\r\n", CallResult(0, "the answer is not HTTP")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", CallResult(200)),
        (status(200, body=b"x" * (4 * MOST_ANSWER_BYTES)), CallResult(200)),
        (status(302, "Location: http://127.0.0.1:1/"), CallResult(302)),
    ],
    ids=["failing", "no content", "closing", "no http", "half a body", "huge", "redirect"],
)
async def test_whatever_is_answered_is_told(said: bytes, result: CallResult) -> None:
    async with receiving(lambda _call: said) as receiver:
        assert await post(receiver.url) == result
        assert len(receiver.calls) == 1


async def test_who_hangs_is_given_up() -> None:
    async with receiving(lambda _call: HANG) as receiver:
        result = await post(receiver.url, Caller(Guard(LOOPBACK), 0.2))
    assert result == CallResult(0, "no answer in time")


async def test_nobody_there() -> None:
    async with receiving() as receiver:
        await receiver.kill()
        assert await post(receiver.url) == CallResult(0, "could not connect")


async def test_a_connection_is_used_again() -> None:
    async with receiving() as receiver:
        caller = Caller(Guard(LOOPBACK), SECONDS)
        assert [await caller.post(receiver.url, (), b"") for _each in range(3)] == [CallResult(200)] * 3
        assert len(receiver._open) == 1
        await caller.close()


async def test_a_name_that_leads_elsewhere_at_the_call_is_blocked_without_a_socket() -> None:
    """Public when it was registered, inner when it is called."""
    addresses = ["8.8.8.8"]

    async def rebinding(_host: str, _port: int) -> list[str]:
        return [addresses.pop() if addresses else "127.0.0.1"]

    async with receiving() as receiver:
        guard = Guard(TargetRules(ports=(), allows_http=True), rebinding)
        url = f"http://receiver.example:{receiver.port}/"
        await guard.demand(url)
        result = await post(url, Caller(guard, SECONDS))
        assert result == CallResult(0, "blocked: the address is not allowed")
        assert receiver.calls == []


async def test_the_call_goes_to_the_address_that_was_checked() -> None:
    asked: list[str] = []

    async def lookup(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with receiving() as receiver:
        url = f"http://receiver.example:{receiver.port}/"
        assert (await post(url, Caller(Guard(LOOPBACK, lookup), SECONDS))).status == 200
    assert asked == ["receiver.example"]
    assert receiver.calls[0].headers["host"] == f"receiver.example:{receiver.port}"


async def test_the_second_address_is_tried_when_the_first_does_not_answer() -> None:
    async def lookup(_host: str, _port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async with receiving() as receiver:
        url = f"http://receiver.example:{receiver.port}/"
        assert (await post(url, Caller(Guard(LOOPBACK, lookup), SECONDS))).status == 200


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with receiving() as receiver:
        assert (await post(receiver.url)).status == 200


# TLS.


async def test_a_certificate_must_be_trusted_and_for_the_host(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    async with receiving(tls=context) as receiver:
        assert await post(receiver.url) == CallResult(0, "TLS failed")
        assert await post(receiver.url, Caller(Guard(LOOPBACK), SECONDS, str(path))) == CallResult(200)

        async def lookup(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        elsewhere = Caller(Guard(LOOPBACK, lookup), SECONDS, str(path))
        url = f"https://other.example:{receiver.port}/"
        assert await post(url, elsewhere) == CallResult(0, "TLS failed")
        assert len(receiver.calls) == 1


async def test_calls_at_once_do_not_wait_for_one_that_hangs() -> None:
    def answer(call: Call) -> Answer:
        return HANG if "hang" in call.path else OK

    async with receiving(answer) as receiver:
        caller = Caller(Guard(LOOPBACK), SECONDS)
        hanging = asyncio.create_task(caller.post(receiver.url.replace("hook", "hang"), (), b""))
        await receiver.until(lambda: receiver.calls)
        assert (await caller.post(receiver.url, (), b"")).status == 200
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        await caller.close()
