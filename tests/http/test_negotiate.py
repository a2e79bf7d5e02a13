import pytest

from appointed.domain.errors import NotAcceptable
from appointed.http import negotiate as module
from appointed.http.negotiate import JSON_OR_XML, XML_TYPES, negotiate


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/json", "text/json"),
        ("application/merge-patch+json", "application/merge-patch+json"),
        ("application/json-patch+json", "application/json-patch+json"),
        ("application/xml", "application/xml"),
        ("TEXT/XML", "text/xml"),
        ("text/*", "text/json"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/json;odata=verbose;q=0.5, text/xml;q=0.4", "application/json"),
        ("application/json;q=0.4,text/xml;q=0.5", "text/xml"),
        ("application/xml, application/json", "application/json"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/xml"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/json;q=0, */*", "text/json"),
        ("application/*;q=0, text/xml", "text/xml"),
        # broken ones
        ("json", "application/json"),
        ("*", "application/json"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),
        (",,;;q=1", "application/json"),
        ("text/xml;q=high", "text/xml"),
        ("text/xml;q=7, application/json;q=0.9", "text/xml"),
        ("text/xml;q=nan", "text/xml"),
        ("text/xml;;q = 0.3 , application/json ; q=0.2", "text/xml"),
        ("/json, text/, text/xml", "text/xml"),
        ("text/xml;q=0.1, text/xml", "text/xml"),
    ],
)
def test_the_best_liked_type_is_chosen(accept: str, media_type: str) -> None:
    assert negotiate({b"accept": accept.encode()}) == media_type


def test_without_accept_anything_goes() -> None:
    assert negotiate({}) == "application/json"
    assert negotiate({}, XML_TYPES) == "application/xml"


@pytest.mark.parametrize(
    "accept", ["image/png", "text/html", "*/*;q=0", "application/json;q=0", "application/json;q=0.0, image/*"]
)
def test_what_is_not_offered_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        negotiate({b"accept": accept.encode()})


def test_the_memory_of_headers_is_bounded() -> None:
    for number in range(2_000):
        negotiate({b"accept": f"text/json;x={number}".encode()}, JSON_OR_XML)
    before = module._remembered.cache_info()
    assert before.currsize <= 512
    assert negotiate({b"accept": b"text/xml;x=" + b"x" * 10_000}) == "text/xml"
    assert module._remembered.cache_info() == before
