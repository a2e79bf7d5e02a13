"""Media types, trimming, and the verb behind a POST (PatchMethod; bad input 2b, 11, 23, 27)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.domain.errors import (
    AppointedError,
    DuplicateKey,
    InvalidRequest,
    InvalidString,
    MalformedJson,
    MalformedMultipart,
    UnsupportedMediaType,
)
from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.forms import Fields
from appointed.sqod.input import cleaned, is_form, read_input, read_query, requested_verb


def read(content_type, data):
    headers = {} if content_type is None else {b"content-type": content_type}
    return read_input(headers, data, DEFAULT_LIMITS).values


@pytest.mark.parametrize(
    ("content_type", "data", "values"),
    [
        (b"application/json", b'{"a":{"b":1}}', {"a": {"b": 1}}),
        (b"Application/JSON; charset=UTF-8", b'{"a":true}', {"a": True}),
        (b"text/json", b'{"a":1}', {"a": 1}),
        (b"application/merge-patch+json", b'{"a":1}', {"a": 1}),
        (b"application/vnd.api+json; x=y", b'{"a":1}', {"a": 1}),
        (None, b'  {"a":1}', {"a": 1}),
        (b"", b'{"a":1}', {"a": 1}),
        (b"application/json", b"[]", {}),
        (b"application/x-www-form-urlencoded", b"a[b]=1", {"a": {"b": "1"}}),
        (b"application/x-www-form-urlencoded; charset=UTF-8", b"a=1\r\n", {"a": "1"}),
        (
            b"multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--',
            {"a": "1"},
        ),
    ],
)
def test_each_form_of_body_is_read(content_type, data, values):
    assert read(content_type, data) == values


@pytest.mark.parametrize("content_type", [None, b"application/json", b"text/plain", b"multipart/form-data"])
@pytest.mark.parametrize("data", [b"", b" \r\n"])
def test_an_empty_body_has_no_members(content_type, data):
    assert read(content_type, data) == {}


@pytest.mark.parametrize(
    ("content_type", "data", "error"),
    [
        (b"application/json", b"5", MalformedJson),
        (b"application/json", b"null", MalformedJson),
        (b"application/json", b'"x"', MalformedJson),
        (b"application/json", b"[1]", MalformedJson),
        (b"application/json", b"{'a':1}", MalformedJson),
        (b"application/json", b'{"a":1,"a":2}', DuplicateKey),
        (b"application/json", b'{"a":"\\u0000"}', InvalidString),
        (None, b"[1]", MalformedJson),
        (None, b"a=1", UnsupportedMediaType),
        (None, b"<a/>", UnsupportedMediaType),
        (b"text/plain", b'{"a":1}', UnsupportedMediaType),
        (b"application/xml", b"<a/>", UnsupportedMediaType),
        (b"text/xml", b'{"a":1}', UnsupportedMediaType),
        (b"image/svg+xml", b"<a/>", UnsupportedMediaType),
        (b"application/json; charset=utf-7", b"{}", UnsupportedMediaType),
        (b"application/x-www-form-urlencoded; charset=iso-8859-1", b"a=1", UnsupportedMediaType),
        (b"multipart/mixed; boundary=b", b"--b--", UnsupportedMediaType),
        (b"multipart/form-data; x=/json", b"{}", MalformedMultipart),
    ],
)
def test_other_bodies_are_refused(content_type, data, error):
    with pytest.raises(error):
        read(content_type, data)


def test_names_that_differ_in_case_are_two_names():
    assert read(b"application/json", b'{"a":1,"A":2}') == {"a": 1, "A": 2}


def test_forms_have_their_own_size():
    assert is_form({b"content-type": b"multipart/form-data; boundary=x"})
    assert is_form({b"content-type": b"application/x-www-form-urlencoded"})
    assert not is_form({b"content-type": b"application/json"})
    assert not is_form({})


@pytest.mark.clause("SQ-INPUT-trimmed")
def test_texts_are_trimmed_and_empty_ones_are_null():
    given = {
        "a": " x ",
        "b": "",
        "c": " \t\r\n\u00a0\u3000\ufeff\u200b",
        "d": ["", {"e": " y"}],
        "f": 5,
        "g": None,
        "h": False,
        "i": "a  b",
    }
    assert cleaned(given) == {
        "a": "x",
        "b": None,
        "c": None,
        "d": [None, {"e": "y"}],
        "f": 5,
        "g": None,
        "h": False,
        "i": "a  b",
    }
    assert given["d"] == ["", {"e": " y"}]


def verb(header=None, body=None, query=b""):
    headers = {} if header is None else {b"x-http-method-override": header}
    body = body if isinstance(body, Fields) else Fields(body or {})
    return requested_verb(headers, read_query(query, DEFAULT_LIMITS), body)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "POST"),
        ({"query": b"_method=PATCH"}, "PATCH"),
        ({"query": b"_method=patch"}, "PATCH"),
        ({"body": {"_method": "patch"}}, "PATCH"),
        ({"header": b"Patch"}, "PATCH"),
        ({"header": b""}, "POST"),
        ({"header": b"PATCH", "body": {"_method": "PUT"}, "query": b"_method=DELETE"}, "PATCH"),
        ({"body": {"_method": "PUT"}, "query": b"_method=PATCH"}, "PUT"),
        ({"body": {"_method": None}, "query": b"_method=PATCH"}, "PATCH"),
        ({"query": b"_method=DELETE"}, "DELETE"),
        ({"query": b"_method=FLY"}, "FLY"),
    ],
)
def test_the_first_place_that_names_a_verb_counts(given, expected):
    assert verb(**given) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"query": b"_method=patch%00"},
        {"query": b"_method="},
        {"query": b"_method=PA-TCH"},
        {"query": b"_method=PATCH&_method=PATCH"},
        {"query": b"_method[]=PATCH"},
        {"query": "_method=\u017ft".encode()},
        {"body": {"_method": ""}},
        {"body": {"_method": 5}},
        {"body": {"_method": ["PATCH"]}},
        {"body": Fields({"_method": "PATCH"}, frozenset({"_method"}))},
        {"header": b"PATCH, PATCH"},
        {"header": b"5"},
    ],
)
def test_what_is_no_single_word_is_refused(given):
    with pytest.raises(InvalidRequest):
        verb(**given)


TYPES = (b"", b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b")
PIECES = st.sampled_from(
    [
        b"--b",
        b"--",
        b"\r\n",
        b'Content-Disposition: form-data; name="a[b]"',
        b"[",
        b"]",
        b"{",
        b"}",
        b'"a"',
        b":",
        b"=",
    ]
)


@given(st.sampled_from(TYPES), st.binary(max_size=40) | st.lists(PIECES, max_size=12).map(b"".join))
def test_any_bytes_are_read_or_refused(content_type, data):
    with contextlib.suppress(AppointedError):
        assert isinstance(cleaned(read(content_type, data)), dict)
