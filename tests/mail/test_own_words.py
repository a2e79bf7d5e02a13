"""Letters in words of their sender's own, written as text or as HTML."""

import pytest

from appointed.mail.own_words import is_html, is_page, words_of

CASES = {
    "text": ("Come!\n  a < b, 1 <2> <x@y.example> & more", "Come!\n  a < b, 1 <2> <x@y.example> & more"),
    "addresses": ("Per <p.hansen@x.example>\nAnna <a.b@x.example>",) * 2,
    "lines as they stand": ("<p>A</p><pre>b\n  c</pre>d", "A\n\nb\nc\n\nd"),
    "paragraphs": ("<p>One &amp;\n two</p><P class='x'>Three<br/>four</P>", "One & two\n\nThree\nfour"),
    "a list": ("<div>Bring:</div><ul><li>cake</li><li>tea</li></ul>", "Bring:\n\n- cake\n- tea"),
    "a table": (
        "A<table>\n <tr><th>When</th><td>at ten</td></tr>\n <tr><td>1</td><td>2</td></tr></table>",
        "A\n\nWhen: at ten\n1 2",
    ),
    "lines that are kept": (
        "<p style='white-space:pre-line'>One\n two<b> &gt;</b>\n\nthree</p>\nfour\nfive<br><br>six",
        "One\ntwo >\n\nthree\n\nfour five\n\nsix",
    ),
    "links": (
        "<a href='https://a.example/?x=1&amp;y=2'>here</a>, <a href=\"javascript:alert(1)\">there</a>,"
        " <a href='https://b.example'>https://b.example</a>",
        "here (https://a.example/?x=1&y=2), there, https://b.example",
    ),
    "what nobody reads": (
        "<html><head><title>T</title><style>p{}</style></head><body>A<script>alert('<p>')</script>B"
        "<!-- <p>C</p> -->D</body>",
        "ABD",
    ),
    "a picture": (f"A<img src='data:image/png;base64,{'x' * 9000}'>B", "AB"),
    "what never ends": ("<b>A</b><script>x<p>B", "A"),
    "a comment that never ends": ("<b>A</b><!-- <p>B", "A"),
    "brackets that are words": ("<b>1 < 2</b> &lt;b&gt;", "1 < 2 <b>"),
}


@pytest.mark.parametrize("name", CASES)
def test_words(name: str) -> None:
    body, words = CASES[name]
    assert words_of(body) == words


def test_what_is_a_page_and_what_is_some_html() -> None:
    assert [is_html(text) for text in ("<b>A</b>", "a <b", "<x@y.example>")] == [True, False, False]
    assert [is_page(text) for text in ("<!DOCTYPE html><HTML>A", "<p>A</p>", "A")] == [True, False, False]
