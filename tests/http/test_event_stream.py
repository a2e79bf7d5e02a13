"""Event streams: their form on the wire, when they end, and that they count as no requests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from starlette.requests import Request
from tests.http.test_gate import World
from tests.http.virtual_time import run

from appointed.domain.errors import StoreBusy, TooManyRequests
from appointed.domain.status import Status
from appointed.http.event_stream import (
    HEARD_SECONDS,
    LONGEST_PLACE,
    MOST_OF_ONE,
    EventStream,
    ServerEvent,
    Streams,
    plain,
    resumes_after,
    write_event,
)
from appointed.http.gate import admit_tenant
from appointed.http.limits import Limits
from appointed.http.replies import UNANSWERED
from appointed.usecases.live import Again, Message, Moved, Topic

TOPIC = Topic(tenant_id=1, department_ids=frozenset({3}))
MOVED = Moved(
    position="5",
    appointment_id=7,
    uid=UUID(int=7),
    department_id=3,
    former_department_id=0,
    status=Status.WAITING,
    revision=2,
)


class FakeLive:
    """Tells what is put in; `is_closed` once nobody listens any more."""

    def __init__(self) -> None:
        self.batches: list[tuple[Message, ...] | None] = []
        self.asked: list[tuple[Topic, str]] = []
        self.is_closed = False
        self.wake: Callable[[], None] = lambda: None

    async def position(self, _tenant_id: int) -> str:
        return "0"

    async def listen(self, topic: Topic, after: str, wake: Callable[[], None]) -> "FakeLive":
        self.asked.append((topic, after))
        self.wake = wake
        return self

    def subscribe(self, topic: Topic, after: str = "") -> AsyncIterator[tuple[Message, ...]]:
        raise NotImplementedError

    def put(self, *batch: Message) -> None:
        """Tell a batch; an empty one is the end."""
        self.batches.append(batch or None)
        self.wake()

    def take(self) -> tuple[Message, ...] | None:
        return self.batches.pop(0) if self.batches else ()

    def close(self) -> None:
        self.is_closed = True


class Browser:
    """What a page sends and gets."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.is_gone = asyncio.Event()
        self.is_blocked = False

    async def receive(self) -> dict[str, Any]:
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if self.is_blocked:
            await asyncio.sleep(1_000_000)
        self.messages.append(message)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.messages).decode()

    @property
    def is_ended(self) -> bool:
        return self.messages[-1].get("more_body") is False


def stream(live: FakeLive, limits: Limits | None = None, **more: Any) -> EventStream:
    streams = more.pop("streams", Streams(limits or Limits()))
    return EventStream(live, streams, TOPIC, "4", more.pop("reader", "page"), **more)


async def opened(app: Any, browser: Browser) -> asyncio.Task[None]:
    scope = {"type": "http", "method": "GET", "path": "/events", "headers": []}
    task = asyncio.create_task(app(scope, browser.receive, browser.send))
    await asyncio.sleep(0.01)
    return task


def test_a_page_is_told_what_happens_and_where_to_go_on() -> None:
    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live, first=(ServerEvent("hello"),)), browser)
        assert live.asked == [(TOPIC, "4")]
        live.put(MOVED, Again("6"))
        await asyncio.sleep(0.01)
        start = browser.messages[0]
        assert start["status"] == 200
        assert (b"content-type", b"text/event-stream") in start["headers"]
        assert (b"cache-control", b"no-store") in start["headers"]
        assert start[UNANSWERED] == Limits().stream_send_seconds
        retry, hello, first, second, rest = browser.text.split("\n\n")
        assert 1_000 <= int(retry.removeprefix("retry: ")) <= 5_000
        assert (hello, rest) == ("data: hello", "")
        assert first == 'event: moved\ndata: {"appointment":7,"status":"waiting","revision":2}'
        assert second == "id: 6\nevent: again\ndata: {}"
        browser.is_gone.set()
        await task
        assert live.is_closed

    run(main())


def test_what_a_page_writes_itself_carries_the_place_of_its_batch() -> None:
    async def render(batch: tuple[Message, ...]) -> list[ServerEvent]:
        return [ServerEvent("a\r\nb\rc", "place"), ServerEvent(str(len(batch)))] if MOVED in batch else []

    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live, render=render), browser)
        live.put(Again("6"))
        await asyncio.sleep(0.01)
        live.put(MOVED)
        await asyncio.sleep(0.01)
        assert (
            browser.text.partition("\n\n")[2]
            == "event: place\ndata: a\ndata: b\ndata: c\n\nid: 5\ndata: 1\n\n"
        )
        browser.is_gone.set()
        await task

    run(main())


def test_nothing_that_is_told_can_begin_a_field_of_its_own() -> None:
    assert (
        write_event(ServerEvent("x\n\nid: 9", "a\nb", "1\r2"))
        == b"id: 1 2\nevent: a b\ndata: x\ndata: \ndata: id: 9\n\n"
    )


def test_a_silent_stream_is_kept_open_and_ends_after_a_while() -> None:
    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live), browser)
        await asyncio.sleep(46)
        assert browser.text.count(":\n\n") == 3
        loop = asyncio.get_running_loop()
        await task
        assert 675 <= loop.time() <= 901
        assert browser.is_ended
        assert live.is_closed

    run(main())


def test_what_a_page_is_told_nothing_of_keeps_no_stream_from_being_kept_open() -> None:
    async def nothing(_batch: tuple[Message, ...]) -> list[ServerEvent]:
        return []

    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live, render=nothing), browser)
        # Found at the very moment of the first comment.
        live.batches.append((MOVED,))
        await asyncio.sleep(46)
        assert browser.text.count(":\n\n") == 3
        browser.is_gone.set()
        await task

    run(main())


def test_it_ends_with_the_server() -> None:
    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live), browser)
        live.put()
        await task
        assert browser.is_ended

    run(main())


def test_whoever_may_hear_no_more_is_told_nothing_and_the_stream_is_over() -> None:
    async def main() -> None:
        for happens in ("news", "silence", "asked"):
            live, browser, streams, allowed = FakeLive(), Browser(), Streams(Limits()), [True]

            async def may_hear(allowed: list[bool] = allowed) -> bool:
                return allowed[0]

            task = await opened(stream(live, streams=streams, may_hear=may_hear), browser)
            live.put(MOVED)
            await asyncio.sleep(0.01)
            told = browser.text
            assert told.count("event: moved") == 1
            streams.ask_all()
            await asyncio.sleep(0.01)
            # To be asked alone tells a page nothing.
            assert (browser.text, task.done()) == (told, False)
            allowed[0] = False
            began = asyncio.get_running_loop().time()
            if happens == "news":
                # What another process has ended counts a little longer.
                await asyncio.sleep(HEARD_SECONDS)
                live.put(MOVED)
            if happens == "asked":
                streams.ask_all()
            await task
            assert (browser.text, browser.is_ended, live.is_closed) == (told, True, True)
            lasted = asyncio.get_running_loop().time() - began
            assert lasted < {"news": HEARD_SECONDS + 0.1, "silence": 16, "asked": 0.1}[happens]
            assert streams.count == 0

    run(main())


def test_a_page_that_takes_nothing_is_given_up() -> None:
    async def main() -> None:
        live, browser = FakeLive(), Browser()
        task = await opened(stream(live), browser)
        browser.is_blocked = True
        live.put(MOVED)
        await task
        assert 30 <= asyncio.get_running_loop().time() < 31
        assert live.is_closed

    run(main())


def test_there_are_only_so_many_and_a_place_is_free_again() -> None:
    async def main() -> None:
        streams = Streams(Limits(event_streams=1))
        live, browser, second = FakeLive(), Browser(), Browser()
        task = await opened(stream(live, streams=streams), browser)
        with pytest.raises(TooManyRequests):
            await (await opened(stream(live, streams=streams), second))
        assert second.messages == []
        browser.is_gone.set()
        await task
        assert streams.count == 0

    run(main())


def test_one_reader_cannot_take_the_places_of_others() -> None:
    async def main() -> None:
        streams = Streams(Limits())
        pages = [Browser() for _ in range(MOST_OF_ONE)]
        open_now = [await opened(stream(FakeLive(), streams=streams, reader="one"), page) for page in pages]
        with pytest.raises(TooManyRequests):
            await (await opened(stream(FakeLive(), streams=streams, reader="one"), Browser()))
        pages.append(Browser())
        open_now.append(await opened(stream(FakeLive(), streams=streams, reader="other"), pages[-1]))
        assert streams.count == MOST_OF_ONE + 1
        for page in pages:
            page.is_gone.set()
        await asyncio.gather(*open_now)
        pages.append(Browser())
        await opened(stream(FakeLive(), streams=streams, reader="one"), pages[-1])
        assert streams.count == 1

    run(main())


def test_a_store_that_is_away_is_a_failure_like_any_other() -> None:
    class Away(FakeLive):
        async def listen(self, topic: Topic, after: str, wake: Callable[[], None]) -> FakeLive:
            raise StoreBusy

    async def main() -> None:
        streams, browser = Streams(Limits()), Browser()
        with pytest.raises(StoreBusy):
            await (await opened(stream(Away(), streams=streams), browser))
        assert browser.messages == []
        assert streams.count == 0

    run(main())


def test_a_stream_is_no_request_under_way_and_has_no_time_to_be_over_by() -> None:
    async def main() -> None:
        live, browser, limits = FakeLive(), Browser(), Limits(in_flight=1, in_flight_per_tenant=1)

        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
            admit_tenant(scope, 1)
            if scope["path"] == "/events":
                await stream(live)(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})

        world = World(app, limits)
        task = await opened(world.gate, browser)
        assert world.registry.get_sample_value("appointed_event_streams") == 1
        assert world.registry.get_sample_value("appointed_requests_in_flight") == 0
        assert (await world.ask()).status == 200
        await asyncio.sleep(100)
        live.put(MOVED)
        await asyncio.sleep(0.01)
        assert "event: moved" in browser.text
        browser.is_gone.set()
        await task
        assert world.registry.get_sample_value("appointed_event_streams") == 0
        slow = {"method": "GET", "route": "unmatched", "le": "0.25"}
        assert world.registry.get_sample_value("appointed_request_seconds_bucket", slow) == 2

    run(main())


@pytest.mark.parametrize(
    ("headers", "query", "place"),
    [
        ([(b"last-event-id", b"9")], b"after=4", "9"),
        ([], b"after=4:x", "4:x"),
        ([], b"", ""),
        ([], b"after=" + b"7" * 200, "7" * LONGEST_PLACE),
    ],
    ids=["the browser's own", "the page's", "none", "a long one"],
)
def test_a_stream_goes_on_from_where_the_page_was(
    headers: list[tuple[bytes, bytes]], query: bytes, place: str
) -> None:
    assert resumes_after(Request({"type": "http", "headers": headers, "query_string": query})) == place


def test_the_plain_form_says_when_a_row_is_gone() -> None:
    async def main() -> None:
        gone = Moved(
            position="8",
            appointment_id=7,
            uid=None,
            department_id=0,
            former_department_id=3,
            status=None,
            revision=4,
        )
        (event,) = await plain((gone,))
        assert event.data == '{"appointment":7,"status":null,"revision":4}'

    run(main())
