import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.http.keys import rsa_key
from tests.http.virtual_time import run

from appointed.http.jwks import MAX_DOCUMENT_BYTES, FetchFailed, RemoteKeys, fetch_document, parse_jwks
from appointed.http.limits import Limits
from appointed.http.signing import TokenSigner, key_id

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KID = key_id(rsa_key("own").public_key())


def document(*names: str) -> bytes:
    return json.dumps(TokenSigner("x", tuple(rsa_key(name) for name in names)).jwks()).encode()


class Remote:
    """An issuer that answers what it is told, and a clock beside it."""

    def __init__(self, answer: bytes | Exception | None = None) -> None:
        self.answer = document("own") if answer is None else answer
        self.fetches = 0
        self.now = START
        self.keys = RemoteKeys("https://issuer.example/jwks", self.fetch, lambda: self.now, Limits())

    async def fetch(self, source: str) -> bytes:
        assert source == "https://issuer.example/jwks"
        self.fetches += 1
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def has(self, kid: str = KID) -> bool:
        return await self.keys.key(kid) is not None

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


async def test_keys_are_fetched_once_an_hour() -> None:
    remote = Remote()
    for _ in range(3):
        assert await remote.has()
    assert remote.fetches == 1
    remote.pass_seconds(3_599)
    assert await remote.has()
    assert remote.fetches == 1
    remote.pass_seconds(1)
    assert await remote.has()
    assert remote.fetches == 2


async def test_unknown_keys_are_asked_for_once_a_minute() -> None:
    remote = Remote()
    for number in range(50):
        assert not await remote.has(f"unknown{number}")
    assert remote.fetches == 1
    remote.pass_seconds(59)
    assert not await remote.has("unknown")
    assert remote.fetches == 1
    remote.pass_seconds(1)
    remote.answer = document("own", "previous")
    assert await remote.has(key_id(rsa_key("previous").public_key()))
    assert remote.fetches == 2


async def test_those_who_wait_share_one_question() -> None:
    remote = Remote()
    assert await asyncio.gather(*[remote.has() for _ in range(10)]) == [True] * 10
    assert remote.fetches == 1


async def test_one_who_gives_up_does_not_take_the_question_along() -> None:
    remote = Remote()
    first, second = asyncio.ensure_future(remote.has()), asyncio.ensure_future(remote.has())
    await asyncio.sleep(0)
    first.cancel()
    assert await second
    assert remote.fetches == 1


async def test_a_withdrawn_key_is_gone_after_the_next_question() -> None:
    remote = Remote()
    assert await remote.has()
    remote.answer = document("previous")
    remote.pass_seconds(3_600)
    assert not await remote.has()


@pytest.mark.parametrize("failure", [FetchFailed("away"), b"no JSON", b"[]", b"{}", TimeoutError()])
async def test_old_keys_serve_for_a_day_while_the_issuer_is_away(failure: bytes | Exception) -> None:
    remote = Remote()
    assert await remote.has()
    remote.answer = failure
    remote.pass_seconds(86_399)
    assert await remote.has()
    remote.pass_seconds(1)
    assert not await remote.has()
    remote.answer = document("own")
    remote.pass_seconds(60)
    assert await remote.has()


async def test_an_issuer_that_never_answered_has_no_keys() -> None:
    remote = Remote(FetchFailed("away"))
    assert not await remote.has()


def test_an_issuer_that_does_not_answer_is_left_after_three_seconds() -> None:
    async def never(_source: str) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def main() -> float:
        assert await RemoteKeys("x", never, lambda: START, Limits()).key(KID) is None
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(3, abs=0.3)


def entry(**given: Any) -> dict[str, Any]:
    made = json.loads(document("own"))["keys"][0] | given
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize("good", [entry(), entry(use=None), entry(alg=None), entry(key_ops=["verify"])])
def test_a_usable_key_is_read(good: dict[str, Any]) -> None:
    keys = parse_jwks(json.dumps({"keys": [good]}).encode())
    assert keys[KID].public_numbers() == rsa_key("own").public_key().public_numbers()


@pytest.mark.parametrize(
    "bad",
    [
        entry(kid=None),
        entry(kid=5),
        entry(kty="EC"),
        entry(kty="oct", k="AQAB"),
        entry(use="enc"),
        entry(alg="RS512"),
        entry(n=None),
        entry(n="!"),
        entry(n="AQAB"),
        entry(e=7),
        "text",
        None,
    ],
)
def test_other_keys_are_passed_over(bad: object) -> None:
    assert list(parse_jwks(json.dumps({"keys": [bad, entry(kid="good")]}).encode())) == ["good"]


def test_a_short_key_is_passed_over() -> None:
    numbers = TokenSigner("x", (rsa_key("short", 1_024),)).jwks()
    assert parse_jwks(json.dumps(numbers).encode()) == {}


def test_the_first_of_two_keys_of_one_name_counts() -> None:
    other = json.loads(document("previous"))["keys"][0] | {"kid": KID}
    keys = parse_jwks(json.dumps({"keys": [entry(), other]}).encode())
    assert keys[KID].public_numbers() == rsa_key("own").public_key().public_numbers()


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_key_set_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its kind is all that counts
        parse_jwks(text)


def test_keys_that_are_no_list_are_none() -> None:
    assert parse_jwks(b'{"keys":{}}') == {}


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"


async def test_a_document_comes_from_a_url() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as url:
        assert await fetch_document(url) == b"{}"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (MAX_DOCUMENT_BYTES + 1),
        b"nonsense\r\n\r\n",
    ],
)
async def test_any_other_answer_is_a_failure(answer: bytes) -> None:
    async with answering(answer) as url:
        with pytest.raises(FetchFailed):
            await fetch_document(url)


async def test_a_redirect_is_not_followed() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as good:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {good}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        async with answering(moved.encode()) as url:
            with pytest.raises(FetchFailed):
                await fetch_document(url)


async def test_a_document_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(b"{}")
    assert await fetch_document(str(tmp_path / "jwks.json")) == b"{}"
    with pytest.raises(FetchFailed):
        await fetch_document(str(tmp_path / "absent.json"))
