"""Open pages as browsers have them, at next to no cost: a claimant's, and the board of an agent."""

import asyncio
import html
import re
import time
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

# As the board's script does: what comes within this time is asked for once.
SOON_SECONDS = 0.15
OK = b"HTTP/1.1 200 "
PASSWORD = "only measured"


class Stream(asyncio.Protocol):
    """One event stream: tells each event's name and data."""

    def __init__(self, address: str, headers: str, heard: "Claimant | Board") -> None:
        self._head = (
            f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{headers}\r\n"
        )
        self._heard = heard
        self._rest = b""
        self._name = ""
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._head.encode())

    def data_received(self, data: bytes) -> None:
        """Take lines as they come."""
        if not self.opened.done():
            self.opened.set_result(data.startswith(OK))
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"event: "):
                self._name = line[7:].decode()
            elif line.startswith(b"data: "):
                self._heard.hear(self._name, line[6:])

    def close(self) -> None:
        """Close it."""
        self._transport.close()


async def _opened(port: int, address: str, headers: str, heard: "Claimant | Board") -> Stream:
    stream = Stream(address, headers, heard)
    await asyncio.get_running_loop().create_connection(lambda: stream, "127.0.0.1", port)
    if not await stream.opened:
        raise SystemExit(f"No stream: {address.partition('?')[0]}")
    return stream


class Claimant:
    """Somebody's own page, which is read anew when it is to be another one."""

    def __init__(self, client: httpx.AsyncClient, port: int, url: str) -> None:
        parts = urlsplit(url)
        self._page = f"{parts.path}?{parts.query}"
        self._live = f"{parts.path}/live?{parts.query}"
        self._client = client
        self._port = port
        self._shown = ""
        self._stream: Stream | None = None
        self._going: asyncio.Task[None] | None = None
        self.told = 0

    async def open(self) -> None:
        """Read the page and listen."""
        answer = await self._client.get(self._page)
        answer.raise_for_status()
        self._shown = re.findall(r'data-page="(\w+)"', answer.text)[0]
        self._stream = await _opened(self._port, self._live, "", self)

    def hear(self, _name: str, data: bytes) -> None:
        """Do as the page's script does."""
        self.told += 1
        state = msgspec.json.decode(data)
        if state["page"] != self._shown and self._going is None and self._stream is not None:
            self._stream.close()
            self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        await self.open()
        self._going = None

    async def close(self) -> None:
        """Close the page."""
        if self._going is not None:
            await self._going
        if self._stream is not None:
            self._stream.close()


class Board:
    """An agent's board: hears that something moved, and soon asks for its changing part."""

    def __init__(self, port: int, login: str, department: int) -> None:
        self._login = login
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self._port = port
        self._department = urlencode({"department": department})
        self._heard: dict[tuple[int, int], asyncio.Future[float]] = {}
        self._fresh: asyncio.Task[None] | None = None
        self._is_stale = False
        self._fetched = asyncio.Condition()
        self._asked_at = self._shown_at = 0.0

    async def open(self) -> None:
        """Sign in, read the page and listen."""
        form = await self._client.get("/agent-web/sign-in")
        values = {"name": self._login, "password": PASSWORD, "token": _attribute(form.text, "value")}
        await self._client.post("/agent-web/sign-in", data=values)
        page = await self._client.get(f"/agent-web?{self._department}")
        page.raise_for_status()
        self._piece = _attribute(page.text, "data-piece")
        stream, after = _attribute(page.text, "data-stream"), _attribute(page.text, "data-after")
        cookies = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        address = f"{stream}&{urlencode({'after': after})}"
        self._stream = await _opened(self._port, address, f"Cookie: {cookies}\r\n", self)

    def hear(self, name: str, data: bytes) -> None:
        """Do as the page's script does."""
        if name == "moved":
            told = msgspec.json.decode(data)
            waiting = self.heard(told["appointment"], told["revision"])
            if not waiting.done():
                waiting.set_result(time.perf_counter())
        self._is_stale = True
        if self._fresh is None:
            self._fresh = asyncio.create_task(self._refresh())

    def heard(self, number: int, revision: int) -> asyncio.Future[float]:
        """Give when this board hears, or has heard, of a revision."""
        return self._heard.setdefault((number, revision), asyncio.get_running_loop().create_future())

    async def shows(self, heard: float) -> float:
        """Wait until the board shows what was so at an instant; gives when."""
        async with self._fetched:
            await self._fetched.wait_for(lambda: self._asked_at >= heard)
        return self._shown_at

    async def _refresh(self) -> None:
        while self._is_stale:
            await asyncio.sleep(SOON_SECONDS)
            self._is_stale = False
            asked_at = time.perf_counter()
            if (await self._client.get(self._piece)).is_error:
                # A busy server is asked again.
                self._is_stale = True
                continue
            async with self._fetched:
                self._asked_at, self._shown_at = asked_at, time.perf_counter()
                self._fetched.notify_all()
        self._fresh = None

    async def close(self) -> None:
        """Close the page."""
        self._stream.close()
        if self._fresh is not None:
            await self._fresh
        await self._client.aclose()


def _attribute(text: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', text)
    if found is None:
        raise SystemExit(f"No {name} on the page.")
    return html.unescape(found.group(1))
