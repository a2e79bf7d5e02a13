"""`Idempotency-Key`, and what makes two requests the same."""

import hashlib
import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from appointed.domain.errors import InvalidIdempotencyKey
from appointed.http.headers import Headers, Scope

_KEY = re.compile(rb"[ -~]{1,255}")


def read_idempotency_key(headers: Headers) -> str | None:
    """Give the key: 1 to 255 printable ASCII characters; None when not sent.

    Raises InvalidIdempotencyKey.
    """
    value = headers.get(b"idempotency-key")
    if value is None:
        return None
    if _KEY.fullmatch(value) is None:
        raise InvalidIdempotencyKey
    return value.decode("ascii")


def fingerprint(scope: Scope, content: Any, meaning: Sequence[str | bool] = ()) -> bytes:
    """Tell requests apart by what they ask for, however it is spelt; a SHA-256.

    `content` is the body as it was read, so that neither spaces nor a multipart boundary count; `meaning` is
    what else of the request decides what is done or answered. Of the path neither case nor last slash counts.
    """
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    asked = (
        scope["method"],
        scope["path"].lower().rstrip("/"),
        sorted(query, key=itemgetter(0)),
        tuple(meaning),
        content,
    )
    return hashlib.sha256(msgspec.msgpack.encode(asked, order="deterministic")).digest()
