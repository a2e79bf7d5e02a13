"""JSON Pointers are read as RFC 6901 says, but for the leading slash and the case of names."""

import pytest

from appointed.domain.errors import InvalidPointer
from appointed.patching import pointer
from appointed.patching.pointer import fold, index_of, member_of, parse, write


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    # What another test has had parsed would not be parsed here.
    pointer._parsed.cache_clear()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ()),
        ("/", ("",)),
        ("/foo", ("foo",)),
        ("foo", ("foo",)),
        ("Category/Id", ("Category", "Id")),
        ("/Category/Id", ("Category", "Id")),
        ("//foo", ("", "foo")),
        ("/foo/", ("foo", "")),
        ("/a~1b", ("a/b",)),
        ("/m~0n", ("m~n",)),
        ("/~01", ("~1",)),
        ("a~1b", ("a/b",)),
        ("/ ", (" ",)),
        ("/c%d", ("c%d",)),
        ("/CustomFields/SuperOffice:1", ("CustomFields", "SuperOffice:1")),
        ("/Participants/-", ("Participants", "-")),
        ("/é", ("é",)),
    ],
)
def test_pointers_are_split(text, tokens):
    assert parse(text) == tokens


@pytest.mark.parametrize("text", ["/~", "~", "/a~", "/~2", "/a~2b", "/~~1", "/a/~/b"])
def test_a_tilde_that_escapes_nothing_is_refused(text):
    with pytest.raises(InvalidPointer) as caught:
        parse(text, 7)
    assert (caught.value.index, caught.value.path) == (7, text)


def test_a_pointer_has_at_most_256_bytes():
    assert parse("/" + "a" * 255) == ("a" * 255,)
    assert parse("é" * 128) == ("é" * 128,)
    for text in ("/" + "a" * 256, "é" * 128 + "a", "\ud800" * 86):
        with pytest.raises(InvalidPointer):
            parse(text)


def test_a_pointer_has_at_most_32_tokens():
    assert len(parse("/a" * 32)) == 32
    for text in ("/a" * 33, "/" * 33, "/" * 5000):
        with pytest.raises(InvalidPointer):
            parse(text)


def test_the_pointer_in_the_error_is_never_long():
    with pytest.raises(InvalidPointer) as caught:
        parse("a" * 60_000)
    assert len(caught.value.path or "") == 256


@pytest.mark.parametrize("tokens", [(), ("",), ("a/b", "m~n", "~1", "~01", "x"), ("", "")])
def test_what_is_written_reads_the_same(tokens):
    assert parse(write(tokens)) == tokens


@pytest.mark.parametrize(("token", "index"), [("0", 0), ("7", 7), ("10", 10), ("999999999", 999_999_999)])
def test_indexes(token, index):
    assert index_of(token) == index


@pytest.mark.parametrize(
    "token",
    [
        "",
        "-",
        "-1",
        "+1",
        "01",
        "00",
        "1e0",
        "1.0",
        " 1",
        "1 ",
        "1\n",
        "0x1",
        "1_0",
        "٣",
        "²",
        "１",
        "9" * 11,
    ],
)
def test_anything_else_is_no_index(token):
    assert index_of(token) is None


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Title", "title"),
        ("SuperOffice:1", "superoffice:1"),
        ("[\\]^_`{@", "[\\]^_`{@"),
        ("ÉÅ", "ÉÅ"),
        ("Aé", "aé"),
    ],
)
def test_only_ascii_letters_are_folded(name, folded):
    assert fold(name) == folded


def test_a_member_is_found_whatever_its_ascii_case():
    assert member_of({"Title": 1}, "title") == "Title"
    assert member_of({"Title": 1}, "TITLE") == "Title"
    assert member_of({"Title": 1}, "Titel") is None
    assert member_of({"Title": 1}, "Titl") is None
    assert member_of({}, "Title") is None


def test_the_exact_name_comes_before_one_in_another_case():
    node = {"title": 1, "Title": 2, "TITLE": 3}
    assert [member_of(node, name) for name in node] == list(node)
    assert member_of(node, "tItLe") == "title"


@pytest.mark.parametrize(
    ("name", "token"), [("K", "\u212a"), ("k", "\u212a"), ("s", "ſ"), ("S", "ſ"), ("É", "é"), ("ß", "SS")]
)
def test_other_letters_keep_their_case(name, token):
    assert member_of({name: 1}, token) is None
