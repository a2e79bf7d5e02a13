"""Request bodies as bytes: within size, time, media type and charset."""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any

from appointed.domain.errors import BodyTooLarge, RequestTimeout, UnsupportedMediaType
from appointed.http.deadlines import Deadline
from appointed.http.exchange import Exchange
from appointed.http.headers import Headers, Scope, headers_of
from appointed.http.limits import Limits

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

PLAIN_ENCODINGS = frozenset({b"", b"identity"})
UTF8_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

HANDLING = "appointed.handling"
"""Where the scope keeps the Deadline of the answer; it counts from the end of the body."""

_CLOSES = "appointed.closes"


async def read_body(scope: Scope, receive: Receive, limits: Limits, *, is_form: bool = False) -> bytes:
    """Read the whole body; b"" when there is none.

    Raises BodyTooLarge and RequestTimeout (the connection is then closed after the answer), and
    UnsupportedMediaType when the body is compressed.
    """
    headers = headers_of(scope)
    if headers.get(b"content-encoding", b"").strip().lower() not in PLAIN_ENCODINGS:
        raise UnsupportedMediaType("content-encoding")
    limit = limits.form_bytes if is_form else limits.body_bytes
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        close_after_answer(scope)
        raise BodyTooLarge(str(limit))
    try:
        # Most bodies come with their head: nobody has to wait for them, nor to watch the time.
        exchange = getattr(receive, "__self__", None)
        body = exchange.whole_body() if isinstance(exchange, Exchange) else None
        if body is None:
            body = await _gather(receive, limits, limit)
        elif len(body) > limit:
            raise BodyTooLarge(str(limit))
    except (RequestTimeout, BodyTooLarge):
        close_after_answer(scope)
        raise
    handling: Deadline | None = scope.get(HANDLING)
    if handling is not None:
        handling.restart(limits.handler_seconds)
    return body


async def _gather(receive: Receive, limits: Limits, limit: int) -> bytes:
    parts = []
    size = 0
    allowed = _seconds(limits, 0)
    try:
        with Deadline(allowed) as deadline:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    # The caller hung up: nobody will read the answer.
                    raise RequestTimeout
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise BodyTooLarge(str(limit))
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
                deadline.due += _seconds(limits, size) - allowed
                allowed = _seconds(limits, size)
    except TimeoutError:
        raise RequestTimeout from None


def _seconds(limits: Limits, size: int) -> float:
    # Every byte earns the time it may take at the slowest allowed pace, up to the whole body's time.
    return min(limits.body_grace_seconds + size / limits.body_bytes_per_second, limits.body_seconds)


def close_after_answer(scope: Scope) -> None:
    """Demand that the connection ends with this request's answer."""
    scope[_CLOSES] = True


def closes_after_answer(scope: Scope) -> bool:
    """Tell whether the connection must end with this request's answer."""
    return _CLOSES in scope


def media_type_of(headers: Headers) -> str:
    """Give the body's media type, lower case and without parameters; "" when none is named.

    Raises UnsupportedMediaType for XML and for any charset but UTF-8.
    """
    return _media_type(headers.get(b"content-type", b""))


@lru_cache(maxsize=256)
def _media_type(value: bytes) -> str:
    media_type, *parameters = value.decode("latin-1").lower().split(";")
    media_type = media_type.strip()
    if media_type.endswith(("/xml", "+xml")):
        raise UnsupportedMediaType(media_type)
    for parameter in parameters:
        name, _equals, text = parameter.partition("=")
        if name.strip() == "charset" and text.strip().strip("\"'") not in UTF8_CHARSETS:
            raise UnsupportedMediaType("charset")
    return media_type
