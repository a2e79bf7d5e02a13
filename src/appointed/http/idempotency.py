"""`Idempotency-Key`, and what makes two requests the same."""

import hashlib
import re

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


def fingerprint(scope: Scope, body: bytes) -> bytes:
    """Tell requests apart: SHA-256 over method, path with query, and the body."""
    head = b"\0".join((scope["method"].encode(), scope["raw_path"], scope["query_string"]))
    return hashlib.sha256(head + b"\0" + hashlib.sha256(body).digest()).digest()
