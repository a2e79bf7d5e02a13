"""Bracket keys and multipart (PHP form parsing; bad input 24, 25, 26)."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.domain.errors import (
    AppointedError,
    InvalidAppointment,
    InvalidRequest,
    InvalidString,
    MalformedMultipart,
    TooManyParts,
)
from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.forms import parse_multipart, parse_urlencoded


def urlencoded(text):
    return parse_urlencoded(text.encode(), DEFAULT_LIMITS).values


@pytest.mark.clause("SQ-INPUT-brackets", "SQ-INPUT-later")
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("&&a=1&&b=2&", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=John+Doe&b=%2B44", {"a": "John Doe", "b": "+44"}),
        ("a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
        ("a=Booking+declined+%E2%80%94+no", {"a": "Booking declined — no"}),
        ("n=Bj\u00f8rn", {"n": "Bj\u00f8rn"}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a[b]=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        ("a[5]=1&a[]=2", {"a": {"5": "1", "6": "2"}}),
        ("a[999999999]=1&a[]=2", {"a": {"999999999": "1", "1000000000": "2"}}),
        ("a[01]=1&a[]=2", {"a": {"01": "1", "0": "2"}}),
        ("a[" + "9" * 30 + "]=1&a[]=2", {"a": {"9" * 30: "1", "0": "2"}}),
        ("a[0][id]=1&a[0][value]=2&a[1][id]=3", {"a": {"0": {"id": "1", "value": "2"}, "1": {"id": "3"}}}),
        ("a[][id]=1&a[][id]=2", {"a": {"0": {"id": "1"}, "1": {"id": "2"}}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a[b]=1&a[b][c]=2", {"a": {"b": {"c": "2"}}}),
        ("a.b=1&c+d=2", {"a_b": "1", "c_d": "2"}),
        ("a.b[c.d]=1", {"a_b": {"c.d": "1"}}),
        ("a[b c]=1", {"a": {"b c": "1"}}),
        ("++a=1", {"a": "1"}),
        ("a[ ]=1", {"a": {"0": "1"}}),
        ("a[ b]=1", {"a": {"b": "1"}}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("a[b=1", {"a_b": "1"}),
        ("a]=1", {"a]": "1"}),
        ("a[b[c]=1", {"a": {"b[c": "1"}}),
        ("[a]=1", {}),
        ("=1", {}),
        ("[=1", {}),
    ],
)
def test_names_are_read_as_php_reads_them(text, values):
    assert urlencoded(text) == values


def test_a_text_given_twice_is_remembered():
    assert parse_urlencoded(b"_method=PATCH&_method=PUT&a=1", DEFAULT_LIMITS).repeated == {"_method"}
    assert parse_urlencoded(b"a[b]=1&a[b]=2&c=1", DEFAULT_LIMITS).repeated == frozenset()


def test_200_parts_and_no_more():
    assert len(urlencoded("&".join(f"a{n}=1" for n in range(200)))) == 200
    with pytest.raises(TooManyParts):
        urlencoded("&".join(f"a{n}=1" for n in range(201)))


def test_brackets_nest_32_deep_and_no_deeper():
    assert urlencoded("a" + "[b]" * 31 + "=1")
    with pytest.raises(InvalidAppointment) as caught:
        urlencoded("x=1&a" + "[b]" * 32 + "=1&a" + "[c]" * 200 + "=1")
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("a", "depth")]


@pytest.mark.timeout(5)
@pytest.mark.parametrize("brackets", ["[" * 500_000, "[]" * 500_000, "[" + " " * 1_000_000, "[a" * 500_000])
def test_a_mass_of_brackets_takes_no_time(brackets):
    with contextlib.suppress(InvalidAppointment):
        parse_urlencoded(b"a" + brackets.encode() + b"=1", DEFAULT_LIMITS)


def test_a_nul_is_refused_with_its_path():
    with pytest.raises(InvalidString) as caught:
        urlencoded("claimant[name]=a%00b")
    assert caught.value.reason == "claimant.name"


def test_what_is_not_utf8_is_refused():
    with pytest.raises(InvalidRequest):
        urlencoded("a=%ff")


def test_every_query_string_is_read_or_refused():
    @given(st.text(alphabet="a.[]= +&%05_\x00é", max_size=60))
    def check(text):
        try:
            values = urlencoded(text)
        except AppointedError:
            return
        assert msgspec.json.encode(values)

    check()


BOUNDARY = "------------------------d74496d66958873e"
TYPE = f"multipart/form-data; boundary={BOUNDARY}".encode()


def body(*parts, end="--\r\n"):
    lines = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts
    ]
    return ("".join(lines) + f"--{BOUNDARY}{end}").encode()


def multipart(data, content_type=TYPE):
    return parse_multipart(data, content_type, DEFAULT_LIMITS).values


def test_multipart_names_nest_like_all_others():
    data = body(
        ('name="claimant[name]"', "Jos\u00e9"),
        ('name="claimant[data][0][value]"', "two\r\nlines"),
        ('name="interpreter_language"', ""),
    )
    assert multipart(data) == {
        "claimant": {"name": "Jos\u00e9", "data": {"0": {"value": "two\r\nlines"}}},
        "interpreter_language": "",
    }


def test_multipart_names_are_utf8_and_plus_stays_plus():
    assert multipart(body(('name="n\u00e5vn"', "a+b%20c"))) == {"n\u00e5vn": "a+b%20c"}


def test_files_and_parts_without_a_name_are_passed_over():
    data = body(
        ('name="a"; filename="a.txt"', "file"), ('name="b"; filename=""', ""), ("x=1", "y"), ('name="c"', "1")
    )
    assert multipart(data) == {"c": "1"}


def test_a_preamble_and_an_epilogue_do_not_matter():
    for before in (b"\r\n", b"To be read by old programs.\r\n--x\r\n\r\n"):
        assert multipart(before + body(('name="a"', "1")) + b"\r\nepilogue") == {"a": "1"}


def test_an_empty_multipart_has_no_members():
    assert multipart(f"--{BOUNDARY}--\r\n".encode()) == {}


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (body(('name="a"', "1")), b"multipart/form-data"),
        (body(('name="a"', "1")), b"multipart/form-data; boundary="),
        (body(('name="a"', "1")), b"multipart/form-data; boundary=other"),
        (b"--" + b"b" * 300 + b"--\r\n", b"multipart/form-data; boundary=" + b"b" * 300),
        (body(('name="a"', "1"), end=""), TYPE),
        (body(('name="a"', "1"))[:40], TYPE),
        (f"--{BOUNDARY}\r\n".encode(), TYPE),
        (f"--{BOUNDARY}\r\nBad Header\r\n\r\n--{BOUNDARY}--".encode(), TYPE),
        (b"hello", TYPE),
        (body(('name="a"', "\u00e9")).replace(b"\xc3", b"\xff"), TYPE),
    ],
)
def test_a_broken_multipart_is_refused(data, content_type):
    with pytest.raises(MalformedMultipart):
        multipart(data, content_type)


def test_parts_and_their_headers_have_limits():
    assert len(multipart(body(*((f'name="a{n}"', "1") for n in range(200))))) == 200
    with pytest.raises(TooManyParts):
        multipart(body(*((f'name="a{n}"', "1") for n in range(1001))))
    assert multipart(body((f'name="a"; x={"y" * 8000}', "1"))) == {"a": "1"}
    with pytest.raises(TooManyParts):
        multipart(body((f'name="a"; x={"y" * 65_536}', "1")))
    with pytest.raises(TooManyParts):
        multipart(body(('name="a"' + "\r\nX: yyyyyyyy" * 1000, "1")))


def test_a_nul_in_multipart_is_refused():
    with pytest.raises(InvalidString):
        multipart(body(('name="a"', "x\0y")))
