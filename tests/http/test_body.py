import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from tests.http.virtual_time import run

from appointed.domain.errors import BodyTooLarge, RequestTimeout, UnsupportedMediaType
from appointed.http.body import close_after_answer, closes_after_answer, media_type_of, read_body
from appointed.http.limits import Limits

LIMITS = Limits(body_bytes=1_000, form_bytes=2_000)


def scope_of(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


def chunks(*parts: bytes) -> list[dict[str, Any]]:
    return [
        {"type": "http.request", "body": part, "more_body": index < len(parts)}
        for index, part in enumerate(parts, 1)
    ]


class Sender:
    """Gives messages with a pause before each, then waits for ever."""

    def __init__(self, messages: Iterable[dict[str, Any]], pause: float = 0) -> None:
        self.messages = list(messages)
        self.pause = pause

    async def receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        if self.pause:
            await asyncio.sleep(self.pause)
        return self.messages.pop(0)


@pytest.mark.parametrize(
    ("parts", "body"),
    [([b"abc"], b"abc"), ([b""], b""), ([b"a", b"", b"b"], b"ab"), ([b"a", b"b", b""], b"ab")],
)
async def test_the_whole_body_is_read(parts: list[bytes], body: bytes) -> None:
    scope = scope_of()
    assert await read_body(scope, Sender(chunks(*parts)).receive, LIMITS) == body
    assert not closes_after_answer(scope)


@pytest.mark.parametrize(
    ("is_form", "size", "is_good"),
    [(False, 1_000, True), (False, 1_001, False), (True, 2_000, True), (True, 2_001, False)],
)
@pytest.mark.parametrize("how", ["declared", "one chunk", "chunked"])
async def test_a_body_over_its_limit_is_refused_and_the_connection_ends(
    is_form: bool, size: int, is_good: bool, how: str
) -> None:
    parts = [b"x" * 600, b"x" * (size - 600)] if how == "chunked" else [b"x" * size]
    scope = scope_of(content_length=str(size)) if how == "declared" else scope_of(transfer_encoding="chunked")
    sender = Sender(chunks(*parts))
    if is_good:
        assert len(await read_body(scope, sender.receive, LIMITS, is_form=is_form)) == size
        return
    with pytest.raises(BodyTooLarge):
        await read_body(scope, sender.receive, LIMITS, is_form=is_form)
    assert closes_after_answer(scope)


async def test_a_declared_giant_is_refused_without_reading_a_byte() -> None:
    with pytest.raises(BodyTooLarge):
        await read_body(scope_of(content_length="9" * 30), Sender([]).receive, LIMITS)


async def test_an_endless_body_is_left_after_its_limit() -> None:
    sender = Sender(chunks(*[b"x" * 100] * 1_000))
    with pytest.raises(BodyTooLarge):
        await read_body(scope_of(transfer_encoding="chunked"), sender.receive, LIMITS)
    assert len(sender.messages) == 1_000 - 11


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
async def test_a_compressed_body_is_not_read(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        await read_body(scope_of(content_encoding=encoding), Sender([]).receive, LIMITS)


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
async def test_identity_is_no_compression(encoding: str) -> None:
    assert await read_body(scope_of(content_encoding=encoding), Sender(chunks(b"a")).receive, LIMITS) == b"a"


def seconds_until_timeout(messages: list[dict[str, Any]], pause: float, limits: Limits) -> float:
    async def main() -> float:
        scope = scope_of()
        with pytest.raises(RequestTimeout):
            await read_body(scope, Sender(messages, pause).receive, limits)
        assert closes_after_answer(scope)
        return asyncio.get_running_loop().time()

    return run(main())


def test_a_body_that_never_comes_is_given_up_after_the_grace() -> None:
    assert seconds_until_timeout([], 0, Limits()) == pytest.approx(5, abs=0.3)


def test_half_a_body_is_given_up_within_its_time() -> None:
    assert seconds_until_timeout(chunks(b"x" * 3_000, b"")[:1], 0, Limits()) == pytest.approx(8, abs=0.3)


def test_a_body_below_a_kilobyte_a_second_is_given_up() -> None:
    drip = chunks(*[b"x" * 500] * 100)
    assert seconds_until_timeout(drip, 1, Limits()) == pytest.approx(9, abs=0.3)


def test_a_steady_body_is_given_up_after_the_whole_time() -> None:
    steady = chunks(*[b"x" * 2_000] * 100)
    assert seconds_until_timeout(steady, 1, Limits()) == pytest.approx(15, abs=0.3)


def test_a_steady_body_within_the_time_is_read() -> None:
    async def main() -> bytes:
        return await read_body(scope_of(), Sender(chunks(*[b"x" * 1_200] * 12), 1).receive, Limits())

    assert len(run(main())) == 14_400


async def test_a_caller_who_hangs_up_ends_the_reading() -> None:
    messages = [*chunks(b"a", b"b")[:1], {"type": "http.disconnect"}]
    with pytest.raises(RequestTimeout):
        await read_body(scope_of(), Sender(messages).receive, LIMITS)


async def test_a_caller_who_hangs_up_before_the_body_is_no_empty_body() -> None:
    with pytest.raises(RequestTimeout):
        await read_body(scope_of(), Sender([{"type": "http.disconnect"}]).receive, LIMITS)


async def test_cancelling_the_request_is_no_timeout() -> None:
    reading = asyncio.ensure_future(read_body(scope_of(), Sender([]).receive, LIMITS))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


@pytest.mark.parametrize(
    ("value", "media_type"),
    [
        ("", ""),
        ("application/json", "application/json"),
        ("Application/JSON; Charset=UTF-8", "application/json"),
        ('application/merge-patch+json;charset="utf-8"', "application/merge-patch+json"),
        ("text/plain; charset=us-ascii", "text/plain"),
        ("multipart/form-data; boundary=charset=x", "multipart/form-data"),
        ("nonsense", "nonsense"),
        (";;", ""),
    ],
)
def test_media_types_are_read_leniently(value: str, media_type: str) -> None:
    assert media_type_of({b"content-type": value.encode()}) == media_type


@pytest.mark.parametrize(
    "value",
    [
        "application/xml",
        "text/xml; charset=utf-8",
        "application/soap+xml",
        "APPLICATION/XML",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json;charset=iso-8859-1",
    ],
)
def test_xml_and_odd_charsets_are_not_read(value: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        media_type_of({b"content-type": value.encode()})


def test_a_request_closes_only_when_told() -> None:
    scope = scope_of()
    assert not closes_after_answer(scope)
    close_after_answer(scope)
    assert closes_after_answer(scope)
