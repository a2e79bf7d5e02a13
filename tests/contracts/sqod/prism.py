"""Prism as a judge: what passes between the tests and the server, held against the contract's own schema.

Prism is a proxy. Each request of a test goes through it too, and behind it stands what the server answered: so tests
may send what no proxy lets pass, move the server's clock and look into its store.
"""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml

PRISM = Path(__file__).parents[2] / "clients" / "node_modules" / ".bin" / "prism"
DATA = Path(__file__).parents[2] / "data" / "sqod"
PATIENCE_SECONDS = 60
EXCHANGE = "x-exchange"
NOT_PASSED = ("host", "connection", "content-length", "transfer-encoding")
RESOURCES = ("AppointmentResource", "AppointmentClaimantResource", "DepartmentResource", "Meeting")
CREATE, ONE = "/api/v1/appointments", "/api/v1/appointments/{appointment}"


def document() -> dict[str, Any]:
    """Make the page's schema whole: with the overlay, and null where its prose allows it."""
    page, overlay = (
        yaml.safe_load((DATA / name).read_text()) for name in ("updateappointment.yaml", "overlay.yaml")
    )
    schemas = page["components"]["schemas"]
    patch = page["paths"][ONE]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    # A department is shown with its number, and may be sent back so.
    patch["properties"]["department_id"] = {
        "anyOf": [patch["properties"]["department_id"], {"type": "integer"}]
    }
    # "Fields not marked as required can have a value, but may also be null"; arrays are always there.
    for name in RESOURCES:
        _allow_null(schemas[name])
    # … and what is required has one.
    del schemas[RESOURCES[0]]["nullable"]
    whole: dict[str, Any] = _merged(page, overlay)
    made = whole["paths"][CREATE]["post"]["requestBody"]["content"]["application/json"]["schema"]
    made["properties"] |= {name: one for name, one in patch["properties"].items() if name != "status"}
    return whole


def _allow_null(schema: dict[str, Any]) -> None:
    schema["nullable"] = True
    for member in schema["properties"].values():
        if member.get("type") == "array":
            _allow_null(member["items"])
        elif "type" in member:
            member["nullable"] = True


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _merged(one[key], value) if key in one else value for key, value in other.items()}
    return other


# The addresses of the document and its overlay.
DOCUMENTED = re.compile(
    r"(?P<token>/oauth2/token)|/api/v1/appointments(?P<one>/(?!batch)[^/]+(?P<cancel>/cancel)?)?"
)
VERBS = frozenset({"GET", "POST", "PATCH"})


class Judge:
    """Shows Prism each exchange of its kind once; what it finds wrong fails the test that it belongs to."""

    def __init__(self, url: str, exchanges: dict[str, httpx.Response]) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS)
        self._exchanges = exchanges
        self._seen: set[Any] = set()
        # Where a test sends what the document does not describe, and means it: beginnings of places.
        self.forgives: tuple[str, ...] = ()

    async def __call__(self, answer: httpx.Response) -> None:
        """Judge an exchange (a hook of httpx)."""
        route = DOCUMENTED.fullmatch(answer.request.url.path)
        if route is None or answer.request.method not in VERBS:
            return
        await answer.aread()
        try:
            await answer.request.aread()
        except httpx.StreamConsumed:
            # Sent in pieces that are gone; the same is sent whole elsewhere.
            return
        kind = _kind(answer, tuple(name for name, part in route.groupdict().items() if part))
        if kind in self._seen:
            return
        # What is refused was wrong on purpose; what is taken must be as the document says, and so must answers.
        forgives = self.forgives if answer.is_success else ("",)
        found = [one for one in await self.violations(answer) if not _is_login(one, answer.request)]
        wrong = [one for one in found if not _is_asked(one, forgives)]
        assert wrong == [], (answer.request.method, str(answer.request.url), answer.request.content, wrong)
        if not self.forgives:
            self._seen.add(kind)

    async def violations(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """Give what Prism finds wrong with an exchange."""
        key = uuid4().hex
        self._exchanges[key] = answer
        asked = answer.request
        headers = {name: value for name, value in asked.headers.items() if name not in NOT_PASSED}
        told = await self._client.request(
            asked.method,
            asked.url.raw_path.decode("ascii"),
            headers=headers | {EXCHANGE: key},
            content=asked.content,
        )
        if self._exchanges.pop(key, None) is not None:
            # Prism could not read the request and did not pass it on: it says why.
            return [{"location": ["request"], "message": told.text}]
        return list(json.loads(told.headers.get("sl-violations", "[]")))

    async def close(self) -> None:
        await self._client.aclose()


def _is_asked(violation: dict[str, Any], places: tuple[str, ...]) -> bool:
    """Tell whether a violation is one of the request, at one of these places."""
    side, *rest = map(str, violation["location"])
    return side == "request" and ".".join(rest).startswith(places)


def _is_login(violation: dict[str, Any], asked: httpx.Request) -> bool:
    """Tell whether all that is wrong is a login: ours to give, while the document knows clients' tokens alone."""
    is_basic = asked.headers.get("authorization", "").startswith("Basic ")
    return is_basic and (violation["location"], violation.get("code")) == (["request"], 401)


def _kind(answer: httpx.Response, route: tuple[str, ...]) -> Any:
    asked = answer.request
    form = asked.headers.get("content-type", "").partition(";")[0]
    is_json = answer.headers.get("content-type") == "application/json"
    # Of what is refused the answer alone is judged.
    sent = (asked.url.query, asked.content) if answer.is_success else ()
    return asked.method, route, form, answer.status_code, sent, _types(answer.json()) if is_json else is_json


def _types(value: Any) -> Any:
    if isinstance(value, dict):
        # The members that are wrong are many, and all told alike.
        return tuple((name, _types(one) if name != "errors" else len(one)) for name, one in value.items())
    if isinstance(value, list):
        return tuple(sorted({repr(_types(one)) for one in value}))
    return type(value)


@asynccontextmanager
async def judging(folder: Path) -> AsyncIterator[Judge]:
    """Run Prism, with a server behind it that answers again what was answered."""
    exchanges: dict[str, httpx.Response] = {}
    behind = await asyncio.start_server(lambda *ends: _answer_again(exchanges, *ends), "127.0.0.1", 0)
    described = folder / "document.json"
    described.write_text(json.dumps(document()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    upstream = f"http://127.0.0.1:{behind.sockets[0].getsockname()[1]}"
    words = ("proxy", str(described), upstream, "--port", str(port), "--cors", "false", "-v", "error")
    log = (folder / "prism.log").open("wb")
    process = await asyncio.create_subprocess_exec(str(PRISM), *words, stdout=log, stderr=log)
    judge = Judge(f"http://127.0.0.1:{port}", exchanges)
    try:
        await _await_port(port, process, folder / "prism.log")
        yield judge
    finally:
        await judge.close()
        process.terminate()
        await process.wait()
        log.close()
        behind.close()


async def _await_port(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while process.returncode is None:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
    raise AssertionError(f"Prism ended at its start:\n{log.read_text()}")


async def _answer_again(
    exchanges: dict[str, httpx.Response], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    await reader.readexactly(int(headers.get("content-length", "0")))
    answer = exchanges.pop(headers[EXCHANGE])
    body = answer.content
    lines = [f"HTTP/1.1 {answer.status_code} Answered", "connection: close", f"content-length: {len(body)}"]
    lines += [f"content-type: {answer.headers['content-type']}"] if body else []
    writer.write("\r\n".join((*lines, "", "")).encode("latin-1") + body)
    await writer.drain()
    writer.close()
