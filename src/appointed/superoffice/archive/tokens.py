"""`$filter` cut into tokens: words, quoted texts, signs, brackets and commas (OData, Using filters)."""

import re
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
    """One token: `text` is its value, quotes taken away; `at` counts characters from 1."""

    kind: Kind
    text: str
    at: int


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*'|"[^"]*")
    |(?P<sign><>|!=|<=|>=|==|[=<>])
    |(?P<open>\()
    |(?P<close>\))
    |(?P<comma>,)
    |(?P<word>[^\s(),'"=<>!]+)
    |(?P<end>$)
    )""",
    re.VERBOSE,
)


def tokens_of(text: str) -> list[Token]:
    """Cut a filter into tokens, the last of which is END; raises InvalidRequest naming the place."""
    if len(text) > LONGEST:
        raise InvalidRequest(f"$filter has more than {LONGEST} characters")
    found: list[Token] = []
    start = 0
    while not found or found[-1].kind is not Kind.END:
        match = _TOKEN.match(text, start)
        if match is None:
            left = text[start:].lstrip()
            raise wrong(
                "the quote is never closed" if left[:1] in "'\"" else "this belongs nowhere",
                Token(Kind.WORD, left, len(text) - len(left) + 1),
            )
        found.append(_token(match))
        start = match.end()
    return found


def wrong(what: str, token: Token) -> InvalidRequest:
    """Make the error that names a place in the filter."""
    if token.kind is Kind.END:
        return InvalidRequest(f"$filter, at its end: {what}")
    shown = token.text[:LONGEST_SHOWN] + ("..." if len(token.text) > LONGEST_SHOWN else "")
    return InvalidRequest(f"$filter, character {token.at}, '{shown}': {what}")


def _token(match: re.Match[str]) -> Token:
    group = match.lastgroup or ""
    kind, text = Kind[group.upper()], match[group]
    if kind is Kind.TEXT:
        text = text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    return Token(kind, text, match.start(group) + 1)
