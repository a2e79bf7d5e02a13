"""Server-sent events (WHATWG HTML §9.2): one answer that goes on while its page is open."""

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from appointed.domain.errors import TooManyRequests
from appointed.http.deadlines import NEVER, watch_of
from appointed.http.gate import admit_stream
from appointed.http.limits import Limits
from appointed.http.replies import UNANSWERED
from appointed.usecases.live import Again, Listening, Live, Message, Topic

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
# That a page may hear counts so long, as a proven credential does; what ends in this process ends at once.
HEARD_SECONDS: Final = 5.0
# More pages than one reader ever has open at once, and too few to take the places of all others.
MOST_OF_ONE: Final = 50
_LINES: Final = re.compile(r"\r\n|\r|\n")
_share = random.Random().random  # noqa: S311 - it spreads load, and is no secret


class ServerEvent(msgspec.Struct, frozen=True):
    """One event; `data` may have several lines, `event` and `id` have one."""

    data: str
    event: str = ""
    id: str = ""


Render = Callable[[tuple[Message, ...]], Awaitable[Iterable[ServerEvent]]]
"""What a page is told of a batch; nothing is fine."""
MayHear = Callable[[], Awaitable[bool]]
"""Whether whoever looks may still hear of the topic."""


class Streams:
    """How many event streams are open in this process, in all and of each reader."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: set[Callable[[], None]] = set()
        self._of: Counter[Hashable] = Counter()

    @property
    def count(self) -> int:
        """Tell how many are open."""
        return len(self._open)

    @contextlib.contextmanager
    def place(self, reader: Hashable, ask: Callable[[], None]) -> Iterator[None]:
        """Take a place for a reader while the context is open; raises TooManyRequests when there is none.

        `ask`, each its own, has the page asked anew whether it may hear.
        """
        if self.count >= self.limits.event_streams or self._of[reader] >= MOST_OF_ONE:
            raise TooManyRequests(retry_after=RETRY_MILLISECONDS[1] // 1_000)
        self._open.add(ask)
        self._of[reader] += 1
        try:
            yield
        finally:
            self._open.discard(ask)
            self._of[reader] -= 1
            if not self._of[reader]:
                del self._of[reader]

    def ask_all(self) -> None:
        """Have all pages asked anew: a session has ended in this process, or somebody's rights are others."""
        for ask in tuple(self._open):
            ask()


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


async def always() -> bool:
    """Let a page hear whatever comes."""
    return True


class EventStream:
    """An ASGI application that tells a page what happens to its topic, from a place on.

    It begins with `first`; `reader` is whoever may have MOST_OF_ONE open. `may_hear` is asked with each
    comment, and before something is told if it was not lately; the stream ends for one who may not. Raises
    TooManyRequests, and what the store raises, before anything is sent.
    """

    def __init__(
        self,
        live: Live,
        streams: Streams,
        topic: Topic,
        after: str,
        reader: Hashable,
        render: Render = plain,
        first: Iterable[ServerEvent] = (),
        may_hear: MayHear = always,
    ) -> None:
        self._live = live
        self._streams = streams
        self._topic = topic
        self._after = after
        self._reader = reader
        self._render = render
        self._first = tuple(first)
        self._may_hear = may_hear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until the page is closed, the server stops, or the page is to come again."""
        with (
            contextlib.closing(_Page(send, self._streams.limits)) as page,
            self._streams.place(self._reader, page.ask),
        ):
            # A store that is away is still a failure like any other.
            listening = await self._live.listen(self._topic, self._after, page.wake)
            with contextlib.closing(listening):
                admit_stream(scope)
                start = {"type": "http.response.start", "status": 200, "headers": HEADERS}
                await send(start | {UNANSWERED: self._streams.limits.stream_send_seconds})
                await self._go_on(listening, page, receive)
            if not page.is_gone:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _go_on(self, listening: Listening, page: "_Page", receive: Receive) -> None:
        gone = asyncio.create_task(page.watch(receive))
        try:
            await page.send(_beginning(self._first))
            await self._tell(listening, page)
        finally:
            gone.cancel()
            await asyncio.wait({gone})

    async def _tell(self, listening: Listening, page: "_Page") -> None:
        while await page.is_there():
            told = listening.take()
            if told is None:
                return
            if (told or page.is_silent or page.is_asked) and not await self._is_heard(page):
                return
            piece = await self._written(told) if told else b""
            if piece or page.is_silent:
                await page.send(piece or COMMENT)

    async def _is_heard(self, page: "_Page") -> bool:
        asked_at = asyncio.get_running_loop().time()
        if asked_at < page.heard_until and not page.is_asked:
            return True
        page.is_asked, page.heard_until = False, asked_at + HEARD_SECONDS
        return await self._may_hear()

    async def _written(self, batch: tuple[Message, ...]) -> bytes:
        events = list(await self._render(batch))
        # Only with the last does a page have all of a batch, whatever it makes of it, and can go on there.
        if events and not events[-1].id:
            events[-1] = msgspec.structs.replace(events[-1], id=batch[-1].position)
        return b"".join(map(write_event, events))


class _Page:
    """An open page. Its one deadline is for taking what it is sent, for the next comment, or for its end."""

    def __init__(self, send: Send, limits: Limits) -> None:
        self._send = send
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        # A page's life varies, so that those that began together do not come again together.
        self._ends = self._loop.time() + limits.stream_life_seconds * (0.75 + _share() / 4)
        self._awake = asyncio.Event()
        self.wake = self._awake.set
        self._is_sending = False
        self.is_silent = False
        self.is_asked = False
        self.heard_until = 0.0
        self.is_gone = False
        self.due = NEVER
        watch_of(self._loop).add(self)

    def close(self) -> None:
        """Watch it no more."""
        watch_of(self._loop).discard(self)

    def ask(self) -> None:
        """Have it asked whether it may hear, and be told nothing by that."""
        self.is_asked = True
        self.wake()

    async def watch(self, receive: Receive) -> None:
        """Wait until the page is closed."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self.wake()

    async def is_there(self) -> bool:
        """Wait until something happens; tells whether the page is still to hear of it."""
        await self._awake.wait()
        self._awake.clear()
        return not self.is_gone and self._loop.time() < self._ends

    async def send(self, piece: bytes) -> None:
        """Send a piece; a page that takes none for long counts as gone."""
        self._is_sending, self.is_silent = True, False
        self.due = self._loop.time() + self._limits.stream_send_seconds
        try:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        except asyncio.CancelledError:
            if not self.is_gone or self._task is None or self._task.uncancel():
                raise
        finally:
            self._is_sending = False
            self.due = min(self._ends, self._loop.time() + self._limits.stream_comment_seconds)

    def expire(self) -> None:
        """Act on the deadline."""
        if self._is_sending and self._task is not None:
            self.is_gone = True
            self._task.cancel()
        self.is_silent = True
        self.wake()


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
