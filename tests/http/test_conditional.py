from datetime import UTC, datetime

import pytest

from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.http.conditional import etag, not_modified, read_precondition

AT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
DATE = b"Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = b"Sun, 06 Nov 1994 08:49:36 GMT"


def headers(**values: bytes) -> dict[bytes, bytes]:
    return {name.replace("_", "-").encode(): value for name, value in values.items()}


def test_a_tag_names_revision_and_form() -> None:
    assert etag(12) == '"12"'
    assert etag(12, "xml") == '"12-xml"'


def test_without_headers_nothing_is_demanded() -> None:
    assert read_precondition({b"accept": b"*/*"}) is NO_PRECONDITION


@pytest.mark.parametrize(
    ("value", "revisions"),
    [
        (b'"12"', (12,)),
        (b'"12-xml"', (12,)),
        (b'"12-tz:NO,en,select=a,b"', (12,)),
        (b'"12", "13-xml" ,"x","14"', (12, 13, 14)),
        (b'"12""13"', (12, 13)),
        (b'W/"12"', ()),
        (b'w/"12"', ()),
        (b'W/"12", "13"', (13,)),
        (b'"abc"', ()),
        (b'"012"', ()),
        (b'"+12"', ()),
        (b'"12x"', ()),
        (b'""', ()),
        (b"12", ()),
        (b'"12', ()),
        (b"", ()),
        (b'"99999999999999999999"', ()),
        ('"١"'.encode(), ()),
    ],
)
def test_if_match_knows_our_strong_tags_of_any_form(value: bytes, revisions: tuple[int, ...]) -> None:
    assert read_precondition(headers(if_match=value)) == Precondition(if_match=revisions)


@pytest.mark.parametrize("value", [b"*", b" * "])
def test_if_match_any(value: bytes) -> None:
    assert read_precondition(headers(if_match=value)) == Precondition(if_match_any=True)


def test_if_match_makes_the_date_ignored() -> None:
    read = read_precondition(headers(if_match=b'"3"', if_unmodified_since=DATE))
    assert read == Precondition(if_match=(3,))
    read = read_precondition(headers(if_match=b"*", if_unmodified_since=DATE))
    assert read == Precondition(if_match_any=True)


@pytest.mark.parametrize(("value", "at"), [(DATE, AT), (b"tomorrow", None), (b"", None)])
def test_if_unmodified_since(value: bytes, at: datetime | None) -> None:
    assert read_precondition(headers(if_unmodified_since=value)) == Precondition(unmodified_since=at)


def test_if_none_match_on_writes_only() -> None:
    weak = headers(if_none_match=b'W/"3", "4-xml"')
    assert read_precondition(weak) == Precondition(if_none_match=(3, 4))
    assert read_precondition(headers(if_none_match=b"*")) == Precondition(if_none_match_any=True)
    assert read_precondition(weak, for_write=False) is NO_PRECONDITION


@pytest.mark.parametrize(
    ("value", "is_same"),
    [
        (b'"3-xml"', True),
        (b'W/"3-xml"', True),
        (b'"2", "3-xml"', True),
        (b"*", True),
        (b'"3"', False),
        (b'"4-xml"', False),
        (b"3-xml", False),
        (b"", False),
    ],
)
def test_a_read_is_not_modified_when_the_caller_has_this_very_form(value: bytes, is_same: bool) -> None:
    assert not_modified(headers(if_none_match=value), etag(3, "xml"), AT) is is_same


@pytest.mark.parametrize(
    ("value", "is_same"),
    [(DATE, True), (EARLIER, False), (b"Sun, 06 Nov 1995 08:49:37 GMT", True), (b"x", False)],
)
def test_a_read_is_not_modified_since_a_date(value: bytes, is_same: bool) -> None:
    assert not_modified(headers(if_modified_since=value), etag(3), AT) is is_same
    assert not_modified(headers(if_modified_since=value), etag(3), AT.replace(microsecond=999)) is is_same


def test_a_second_that_proves_nothing_is_never_not_modified() -> None:
    assert not not_modified(headers(if_modified_since=DATE), etag(3), None)


def test_the_tag_comes_before_the_date() -> None:
    assert not not_modified(headers(if_none_match=b'"2"', if_modified_since=DATE), etag(3), AT)
    assert not_modified(headers(if_none_match=b'"3"', if_modified_since=EARLIER), etag(3), AT)


def test_without_headers_a_read_is_answered() -> None:
    assert not not_modified({}, etag(3), AT)
