"""`$filter` cut into tokens: words, quoted texts, signs, brackets and commas (OData, Using filters)."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from appointed.domain.errors import InvalidRequest

LONGEST = 10_000
LONGEST_SHOWN = 40


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    TEXT = "text"
    SIGN = "sign"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    END = "end"


class Token(NamedTuple):
    """One token: `text` is its value, quotes taken away; `at` counts characters from 1.

    `written` is the word that stands there, where it is another that means the same.
    """

    kind: Kind
    text: str
    at: int
    written: str = ""


# A quote inside a text is doubled. Samples also write a backslash before it, where the text cannot end.
_QUOTE = re.compile(r"''|\\'(?=[^\s(),'])")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|''|(?<=\\)'(?=[^\s(),']))*'|"[^"]*")
    |(?P<sign><>|!=|<=|>=|==|[=<>])
    |(?P<open>\()
    |(?P<close>\))
    |(?P<comma>,)
    |(?P<word>[^\s(),'"=<>!]+)
    |(?P<end>$)
    )""",
    re.VERBOSE,
)


def tokens_of(text: str) -> Iterator[Token]:
    """Cut a filter into tokens as they are asked for, END for ever at the last.

    Raises InvalidRequest naming the place.
    """
    if len(text) > LONGEST:
        raise InvalidRequest(f"$filter has more than {LONGEST} characters")
    start = 0
    while True:
        match = _TOKEN.match(text, start)
        if match is None:
            raise _no_token(text, start)
        yield _token(match)
        start = match.end()


def _no_token(text: str, start: int) -> InvalidRequest:
    left = text[start:].lstrip()
    what = "the quote is never closed" if left[:1] in ("'", '"') else "this belongs nowhere"
    return wrong(what, Token(Kind.WORD, left, len(text) - len(left) + 1))


def wrong(what: str, token: Token) -> InvalidRequest:
    """Make the error that names a place in the filter."""
    if token.kind is Kind.END:
        return InvalidRequest(f"$filter, at its end: {what}")
    text = token.written or token.text
    shown = text[:LONGEST_SHOWN] + ("..." if len(text) > LONGEST_SHOWN else "")
    return InvalidRequest(f"$filter, character {token.at}, '{shown}': {what}")


def _token(match: re.Match[str]) -> Token:
    group = match.lastgroup or ""
    kind, text = Kind[group.upper()], match[group]
    if kind is Kind.TEXT:
        text = _QUOTE.sub("'", text[1:-1]) if text[0] == "'" else text[1:-1]
    return Token(kind, text, match.start(group) + 1)
