"""Server-sent events (WHATWG HTML §9.2): one answer that goes on while its page is open."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from appointed.domain.errors import TooManyRequests
from appointed.http.gate import admit_stream
from appointed.http.limits import Limits
from appointed.usecases.live import Again, Live, Message, Topic

HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    # Proxies that gather answers would hold events back.
    (b"x-accel-buffering", b"no"),
]
COMMENT: Final = b":\n\n"
# A browser comes back after so long, no two at the same moment.
RETRY_MILLISECONDS: Final = (1_000, 5_000)
LONGEST_PLACE: Final = 64
_LINES: Final = re.compile(r"\r\n|\r|\n")
_share = random.Random().random  # noqa: S311 - it spreads load, and is no secret


class ServerEvent(msgspec.Struct, frozen=True):
    """One event; `data` may have several lines, `event` and `id` have one."""

    data: str
    event: str = ""
    id: str = ""


Render = Callable[[tuple[Message, ...]], Awaitable[Iterable[ServerEvent]]]
"""What a page is told of a batch; nothing is fine."""


class Streams:
    """How many event streams are open in this process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Take a place while the context is open; raises TooManyRequests when there is none."""
        if self.count >= self.limits.event_streams:
            raise TooManyRequests(retry_after=RETRY_MILLISECONDS[1] // 1_000)
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


def resumes_after(request: Request) -> str:
    """Give the place from which a stream is to go on: the browser's own, else the page's (`?after=`)."""
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    return given[:LONGEST_PLACE]


async def plain(batch: tuple[Message, ...]) -> Iterable[ServerEvent]:
    """Tell ids, states and revisions."""
    return [_plain(message) for message in batch]


def _plain(message: Message) -> ServerEvent:
    if isinstance(message, Again):
        return ServerEvent("{}", "again")
    told = {"appointment": message.appointment_id, "status": message.status, "revision": message.revision}
    return ServerEvent(msgspec.json.encode(told).decode(), "moved")


class EventStream:
    """An ASGI application that tells a page what happens to its topic, from a place on.

    It begins with `first`. Raises TooManyRequests before anything is sent.
    """

    def __init__(
        self,
        live: Live,
        streams: Streams,
        topic: Topic,
        after: str,
        render: Render = plain,
        first: Iterable[ServerEvent] = (),
    ) -> None:
        self._live = live
        self._streams = streams
        self._topic = topic
        self._after = after
        self._render = render
        self._first = tuple(first)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until the page is closed, the server stops, or the page is to come again."""
        with self._streams.place():
            admit_stream(scope)
            sending = _Sending(send, self._streams.limits.stream_send_seconds)
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await sending.send(_beginning(self._first))
            gone = asyncio.create_task(_gone(receive))
            batches = self._live.subscribe(self._topic, self._after)
            try:
                await self._tell(batches, gone, sending)
            finally:
                gone.cancel()
                await asyncio.wait({gone})
            if not gone.cancelled() or sending.is_stalled:
                return
            await sending.send(b"", is_last=True)

    async def _tell(
        self, batches: AsyncIterator[tuple[Message, ...]], gone: asyncio.Task[None], sending: "_Sending"
    ) -> None:
        limits = self._streams.limits
        loop = asyncio.get_running_loop()
        # A page's life varies, so that those that began together do not come again together.
        ends = loop.time() + limits.stream_life_seconds * (0.75 + _share() / 4)
        batch = _next(batches)
        try:
            while not sending.is_stalled and (left := ends - loop.time()) > 0:
                seconds = min(left, limits.stream_comment_seconds)
                done, _waiting = await asyncio.wait(
                    {batch, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if gone in done or (batch in done and not batch.result()):
                    return
                if batch in done:
                    await sending.send(await self._written(batch.result()))
                    batch = _next(batches)
                else:
                    await sending.send(COMMENT)
        finally:
            batch.cancel()
            await asyncio.wait({batch})
            await _closed(batches)

    async def _written(self, batch: tuple[Message, ...]) -> bytes:
        events = list(await self._render(batch))
        # Only with the last does a page have all of a batch, whatever it makes of it, and can go on there.
        if events and not events[-1].id:
            events[-1] = msgspec.structs.replace(events[-1], id=batch[-1].position)
        return b"".join(map(write_event, events))


class _Sending:
    """Sends pieces of the body; a page that takes none for long is given up."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self.is_stalled = False

    async def send(self, piece: bytes, *, is_last: bool = False) -> None:
        if not piece and not is_last:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._send({"type": "http.response.body", "body": piece, "more_body": not is_last})
        except TimeoutError:
            self.is_stalled = True


def write_event(event: ServerEvent) -> bytes:
    """Write one event as it goes over the wire."""
    fields = [(name, value) for name, value in (("id", event.id), ("event", event.event)) if value]
    lines = [f"{name}: {_LINES.sub(' ', value)}" for name, value in fields]
    lines += [f"data: {line}" for line in _LINES.split(event.data)]
    return ("\n".join(lines) + "\n\n").encode()


def _beginning(first: tuple[ServerEvent, ...]) -> bytes:
    low, high = RETRY_MILLISECONDS
    retry = b"retry: %d\n\n" % (low + int(_share() * (high - low)))
    return retry + b"".join(map(write_event, first))


def _next(batches: AsyncIterator[tuple[Message, ...]]) -> asyncio.Task[tuple[Message, ...]]:
    async def take() -> tuple[Message, ...]:
        async for batch in batches:
            return batch
        return ()

    return asyncio.create_task(take())


async def _closed(batches: AsyncIterator[tuple[Message, ...]]) -> None:
    close = getattr(batches, "aclose", None)
    if close is not None:
        await close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
