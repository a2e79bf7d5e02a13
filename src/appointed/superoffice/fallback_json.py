"""The vendor's own samples are not quite JSON: unquoted names, single quotes, a comma before the end.

Read such a body once strict reading has failed, within the same limits and in linear time.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

from appointed.domain.errors import DuplicateKey, MalformedJson
from appointed.http.json_body import BYTE_ORDER_MARK, demand_limits, fold
from appointed.http.limits import Limits

# One token with the white space before it; of the groups exactly one matches.
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:"
    r"([{}\[\]:,])"
    r"|(\"[^\"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^\"\\\x00-\x1f]*)*\"|'[^'\\\x00-\x1f]*(?:\\[^\x00-\x1f][^'\\\x00-\x1f]*)*')"
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|([A-Za-z_$][A-Za-z0-9_$]*)"
    r"|(\Z))"
)
_LITERALS: Final = {"true": True, "false": False, "null": None}
_REQUOTED: Final = {"\\'": "'", '"': '\\"'}
_TO_REQUOTE = re.compile(r'\\.|"', re.DOTALL)
_BROKEN_PAIR = re.compile("[\ud800-\udfff]")

_PUNCTUATION, _STRING, _NUMBER, _NAME, _END = range(1, 6)


def read_tolerant(data: bytes, limits: Limits) -> Any:
    """Read one JSON value that may have unquoted or single-quoted names and trailing commas.

    Names that differ only in ASCII case are the same. Raises MalformedJson, DuplicateKey or InvalidString.
    """
    try:
        text = data.removeprefix(BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError:
        raise MalformedJson("invalid UTF-8") from None
    value = _Reader(text, limits).document()
    demand_limits(value, limits)
    return value


class _Reader:
    """Reads tokens from left to right, one ahead: `kind` and `token` are the one to look at."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.at = 0
        self.depth = 0
        self.nodes = 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None or match.lastindex is None:
            raise MalformedJson(f"unexpected character after {self.at}")
        self.kind = match.lastindex
        self.token = match[self.kind]
        self.at = match.end()

    def take(self, punctuation: str) -> bool:
        if self.kind != _PUNCTUATION or self.token != punctuation:
            return False
        self.advance()
        return True

    def document(self) -> Any:
        value = self.value()
        if self.kind != _END:
            raise self.unexpected()
        return value

    def value(self) -> Any:
        self.nodes += 1
        if self.nodes > self.limits.json_nodes:
            raise MalformedJson("too many values")
        if self.take("{"):
            return self.nested(self.members)
        if self.take("["):
            return self.nested(self.items)
        kind, token = self.kind, self.token
        if kind == _STRING:
            value: Any = _string(token)
        elif kind == _NUMBER:
            value = self.number(token)
        elif kind == _NAME and token in _LITERALS:
            value = _LITERALS[token]
        else:
            raise self.unexpected()
        self.advance()
        return value

    def nested(self, read: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > self.limits.json_depth:
            raise MalformedJson("nested too deep")
        value = read()
        self.depth -= 1
        return value

    def members(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        seen: set[str | bytes] = set()
        while not self.take("}"):
            if self.kind not in (_STRING, _NAME):
                raise self.unexpected()
            name = _string(self.token) if self.kind == _STRING else self.token
            self.advance()
            if not self.take(":"):
                raise self.unexpected()
            if fold(name) in seen:
                raise DuplicateKey(name)
            seen.add(fold(name))
            found[name] = self.value()
            if not self.take(",") and not self.at_end("}"):
                raise self.unexpected()
        return found

    def items(self) -> list[Any]:
        found: list[Any] = []
        while not self.take("]"):
            found.append(self.value())
            if not self.take(",") and not self.at_end("]"):
                raise self.unexpected()
        return found

    def at_end(self, bracket: str) -> bool:
        return self.kind == _PUNCTUATION and self.token == bracket

    def number(self, token: str) -> int | float:
        if len(token) > self.limits.json_number_digits:
            raise MalformedJson("number too long")
        if token.lstrip("-").isdigit():
            return int(token)
        value = float(token)
        if not math.isfinite(value):
            raise MalformedJson("number out of range")
        return value

    def unexpected(self) -> MalformedJson:
        return MalformedJson(f"unexpected token before character {self.at}")


def _string(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    if token[0] == "'":
        token = '"' + _TO_REQUOTE.sub(lambda match: _REQUOTED.get(match[0], match[0]), token[1:-1]) + '"'
    try:
        value: str = json.loads(token)
    except ValueError:
        raise MalformedJson("unknown escape in a string") from None
    if _BROKEN_PAIR.search(value):
        raise MalformedJson("half a surrogate pair")
    return value
