from typing import Any

import pytest

from appointed.http.cors import Cors
from appointed.settings import Settings


async def plain(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"accept")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def ask(
    origins: tuple[str, ...], method: str = "PATCH", **headers: str
) -> tuple[int, dict[str, list[str]], bytes]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await Cors(plain, origins)({"type": "http", "method": method, "headers": pairs}, None, send)  # type: ignore[arg-type]
    found: dict[str, list[str]] = {}
    for name, value in messages[0]["headers"]:
        found.setdefault(name.decode(), []).append(value.decode())
    return messages[0]["status"], found, messages[1].get("body", b"")


LISTED = ("https://desk.example", "http://localhost:3000/")


@pytest.mark.parametrize("origin", ["https://desk.example", "https://Desk.Example", "http://localhost:3000"])
async def test_a_listed_origin_may_read_the_answer(origin: str) -> None:
    status, headers, body = await ask(LISTED, origin=origin)
    assert (status, body) == (200, b"ok")
    assert headers["access-control-allow-origin"] == [origin]
    assert "ETag" in headers["access-control-expose-headers"][0]
    assert headers["vary"] == ["accept", "origin"]
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://desk.example.evil.example", "http://desk.example", "null", ""]
)
async def test_another_origin_may_not(origin: str) -> None:
    _status, headers, _body = await ask(LISTED, origin=origin)
    assert headers == {"vary": ["accept", "origin"]}


async def test_without_an_origin_nothing_is_said_but_that_it_matters() -> None:
    assert (await ask(LISTED))[1] == {"vary": ["accept", "origin"]}


@pytest.mark.clause("SQ-ERROR-cors")
async def test_any_origin_may_be_allowed() -> None:
    _status, headers, _body = await ask(("*",), origin="https://anyone.example")
    assert headers["access-control-allow-origin"] == ["*"]
    assert (await ask(("*",)))[1] == {"vary": ["accept"]}


@pytest.mark.clause("SQ-ERROR-cors")
async def test_without_any_listed_origin_nothing_is_added() -> None:
    assert Settings().cors_origins == ()
    assert await ask((), origin="https://desk.example") == (200, {"vary": ["accept"]}, b"ok")


PREFLIGHT = {
    "access_control_request_method": "PATCH",
    "access_control_request_headers": "authorization,if-match",
}


@pytest.mark.clause("SQ-ERROR-cors")
async def test_a_preflight_is_answered() -> None:
    status, headers, body = await ask(LISTED, "OPTIONS", origin="https://desk.example", **PREFLIGHT)
    assert (status, body) == (204, b"")
    assert headers == {
        "access-control-allow-origin": ["https://desk.example"],
        "access-control-allow-headers": ["authorization,if-match"],
        "access-control-allow-methods": ["GET, HEAD, POST, PUT, PATCH, DELETE"],
        "access-control-max-age": ["600"],
        "vary": ["origin"],
    }


async def test_a_preflight_from_elsewhere_is_an_ordinary_request() -> None:
    status, headers, body = await ask(LISTED, "OPTIONS", origin="https://evil.example", **PREFLIGHT)
    assert (status, body) == (200, b"ok")
    assert "access-control-allow-origin" not in headers


async def test_options_that_is_no_preflight_passes() -> None:
    status, _headers, body = await ask(LISTED, "OPTIONS", origin="https://desk.example")
    assert (status, body) == (200, b"ok")


async def test_other_than_http_passes_untouched() -> None:
    seen = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    await Cors(app, LISTED)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]
