from typing import Any

import pytest

from appointed.domain.errors import InvalidIdempotencyKey
from appointed.http.idempotency import fingerprint, read_idempotency_key

SCOPE: dict[str, Any] = {
    "method": "PATCH",
    "raw_path": b"/api/v1/Appointment/1",
    "query_string": b"$select=Title",
}


@pytest.mark.parametrize(
    "key", ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", '"quoted"', "with space", "~" * 255]
)
def test_a_key_is_read(key: str) -> None:
    assert read_idempotency_key({b"idempotency-key": key.encode()}) == key


def test_without_a_key_there_is_none() -> None:
    assert read_idempotency_key({}) is None


@pytest.mark.parametrize("value", [b"", b"~" * 256, b"a\tb", b"a\x7f", "é".encode(), b"\x00", b"a\n"])
def test_what_cannot_be_a_key_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        read_idempotency_key({b"idempotency-key": value})


def test_the_same_request_has_the_same_fingerprint() -> None:
    assert fingerprint(SCOPE, b"[]") == fingerprint(dict(SCOPE), b"[]")
    assert len(fingerprint(SCOPE, b"[]")) == 32


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"method": "POST"}, b"[]"),
        ({"raw_path": b"/api/v1/Appointment/2"}, b"[]"),
        ({"query_string": b""}, b"[]"),
        ({"raw_path": b"/api/v1/Appointment/1\0$select=Title", "query_string": b""}, b"[]"),
        ({}, b"{}"),
        ({}, b""),
    ],
)
def test_another_request_has_another(change: dict[str, Any], body: bytes) -> None:
    assert fingerprint(SCOPE | change, body) != fingerprint(SCOPE, b"[]")
