from typing import Any

import pytest

from appointed.domain.errors import InvalidIdempotencyKey
from appointed.http.idempotency import fingerprint, read_idempotency_key

SCOPE: dict[str, Any] = {
    "method": "PATCH",
    "path": "/api/v1/Appointment/1",
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


CONTENT = {"Title": "a", "Links": [1, 2]}


def test_the_same_request_has_the_same_fingerprint() -> None:
    assert fingerprint(SCOPE, []) == fingerprint(dict(SCOPE), [])
    assert len(fingerprint(SCOPE, [])) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/API/v1/appointment/1/"},
        {"query_string": b"%24select=Title"},
        {"headers": [(b"content-type", b"text/plain")]},
    ],
)
def test_a_request_that_is_spelt_otherwise_is_the_same(change: dict[str, Any]) -> None:
    assert fingerprint(SCOPE | change, CONTENT) == fingerprint(SCOPE, CONTENT)
    assert fingerprint(SCOPE, dict(reversed(CONTENT.items()))) == fingerprint(SCOPE, CONTENT)


def test_the_order_of_different_parameters_is_nothing_and_that_of_one_is() -> None:
    prints = [
        fingerprint(SCOPE | {"query_string": query}, CONTENT) for query in (b"a=1&b=2&a=3", b"b=2&a=1&a=3")
    ]
    assert prints[0] == prints[1]
    assert prints[0] != fingerprint(SCOPE | {"query_string": b"a=3&b=2&a=1"}, CONTENT)


@pytest.mark.parametrize(
    ("change", "content", "meaning"),
    [
        ({"method": "POST"}, CONTENT, ()),
        ({"path": "/api/v1/Appointment/2"}, CONTENT, ()),
        ({"query_string": b""}, CONTENT, ()),
        ({"query_string": b"$select=Title&x="}, CONTENT, ()),
        ({"path": "/api/v1/Appointment/1\0$select=Title", "query_string": b""}, CONTENT, ()),
        ({}, CONTENT | {"Title": "b"}, ()),
        ({}, CONTENT | {"Links": [2, 1]}, ()),
        ({}, CONTENT | {"Links": [1, 2.5]}, ()),
        ({}, {}, ()),
        ({}, [], ()),
        ({}, CONTENT, ("no",)),
        ({}, CONTENT, (False,)),
    ],
)
def test_another_request_has_another(change: dict[str, Any], content: Any, meaning: tuple[Any, ...]) -> None:
    assert fingerprint(SCOPE | change, content, meaning) != fingerprint(SCOPE, CONTENT)
