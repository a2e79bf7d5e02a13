"""JSON Pointer (RFC 6901), read leniently: the leading slash may be missing, and names ignore ASCII case."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from appointed.domain.errors import InvalidPointer

MOST_BYTES = 256
MOST_TOKENS = 32

_BAD_ESCAPE = re.compile(r"~(?![01])")
# An index never has a sign, a leading zero, or other digits than ASCII's (RFC 6901 §4).
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

APPEND = "-"

Tokens = tuple[str, ...]


def parse(path: str, index: int | None = None) -> Tokens:
    """Split a pointer into its tokens; "" and "/" alone differ: the root, and the member named "".

    Raises InvalidPointer with the operation's `index`.
    """
    size = len(path) if path.isascii() else len(path.encode(errors="surrogatepass"))
    if size > MOST_BYTES:
        raise InvalidPointer(index, path[:MOST_BYTES], "too long")
    tokens, wrong = _parsed(path)
    if wrong:
        raise InvalidPointer(index, path, wrong)
    return tokens


@lru_cache(maxsize=1024)
def _parsed(path: str) -> tuple[Tokens, str]:
    # The same few members are named again and again.
    if not path:
        return (), ""
    text = path[1:] if path[0] == "/" else path
    tokens = tuple(text.split("/"))
    if len(tokens) > MOST_TOKENS:
        return (), "too long"
    if "~" not in text:
        return tokens, ""
    if _BAD_ESCAPE.search(text):
        return (), "bad escape"
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens), ""


def write(tokens: Iterable[str]) -> str:
    """Write tokens as a pointer."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def fold(name: str) -> str:
    """Fold ASCII capitals, and nothing else: K (U+212A) stays what it is."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


def member_of(node: Mapping[str, Any], token: str) -> str | None:
    """Find the member that a token names: spelt just so, else but for ASCII case; None when there is none."""
    if token in node:
        return token
    folded, length = fold(token), len(token)
    return next((name for name in node if len(name) == length and fold(name) == folded), None)


def index_of(token: str) -> int | None:
    """Read an array index; None when the token is none."""
    return int(token) if _INDEX.fullmatch(token) else None
