"""Forms as PHP reads them: bracket keys out of urlencoded and multipart bodies and query strings."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from appointed.domain.errors import (
    InvalidRequest,
    InvalidString,
    MalformedMultipart,
    Problem,
    TooManyParts,
    invalid,
)
from appointed.http.limits import Limits

METHOD = "_method"

# The parser warns of every malformed body: a caller could fill the log with it.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

_BRACKETS = re.compile(r"\[([^\]]*)\]")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_PLAIN = str.maketrans(". ", "__")

Pairs = list[tuple[str, str]]


class Fields(msgspec.Struct, frozen=True):
    """The members of a request; `repeated` names top-level texts that came more than once.

    Lists are objects with their indexes as names, as PHP keeps them: an index of 999999999 is one member.
    """

    values: dict[str, Any] = {}
    repeated: frozenset[str] = frozenset()


NO_FIELDS = Fields()


def parse_urlencoded(data: bytes, limits: Limits) -> Fields:
    """Read an application/x-www-form-urlencoded body or a query string.

    Raises TooManyParts, InvalidAppointment for brackets nested too deep, InvalidString (its reason is the
    name), and InvalidRequest when it is not UTF-8.
    """
    if not data:
        return NO_FIELDS
    if data.count(b"&") >= limits.form_parts:
        raise TooManyParts(str(limits.form_parts))
    pairs = (part.partition(b"=") for part in data.split(b"&") if part)
    try:
        read = [(_unquoted(name), _unquoted(value)) for name, _equals, value in pairs]
    except UnicodeDecodeError:
        raise InvalidRequest("form is not UTF-8") from None
    return nest(read, limits)


def _unquoted(part: bytes) -> str:
    if b"+" in part:
        part = part.replace(b"+", b" ")
    return (unquote_to_bytes(part) if b"%" in part else part).decode()


def parse_multipart(data: bytes, content_type: bytes, limits: Limits) -> Fields:
    """Read a multipart/form-data body (RFC 7578); parts with a file name are passed over unread.

    Raises MalformedMultipart, and what `parse_urlencoded` raises.
    """
    parts = _Parts(limits)
    boundary = _boundary(content_type, limits)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.read_header_name,
                "on_header_value": parts.read_header_value,
                "on_header_end": parts.end_header,
                "on_part_data": parts.read_data,
                "on_part_end": parts.end,
                "on_end": parts.close,
            },
            # Parts count their own headers, to tell too large from malformed.
            max_header_count=len(data) + 1,
            max_header_size=len(data) + 1,
        )
        parser.write(data[_start(data, boundary) :])
        parser.finalize()
        if not parts.is_closed:
            raise MalformedMultipart("no closing boundary")
        pairs = [(name.decode(), value.decode()) for name, value in parts.pairs]
    except (FormParserError, UnicodeDecodeError) as error:
        raise MalformedMultipart(str(error)) from None
    return nest(pairs, limits)


def _boundary(content_type: bytes, limits: Limits) -> bytes:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 0 < len(boundary) <= limits.form_boundary_characters:
        raise MalformedMultipart("boundary")
    return boundary


def _start(data: bytes, boundary: bytes) -> int:
    # What stands before the first boundary is for nobody (RFC 2046 §5.1.1), and the parser knows of none.
    if data.startswith(b"--" + boundary):
        return 0
    return max(data.find(b"\r\n--" + boundary), 0)


class _Parts:
    """Gathers the text parts of one multipart body as the parser meets them."""

    def __init__(self, limits: Limits) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []
        self.is_closed = False
        self._limits = limits
        self._count = 0

    def begin(self) -> None:
        """Start a part."""
        self._count += 1
        if self._count > self._limits.form_parts:
            raise TooManyParts(str(self._limits.form_parts))
        self._header_bytes = 0
        self._header_name = self._header_value = self._disposition = b""
        self._data: list[bytes] = []

    def read_header_name(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self._header_name += self._header_piece(data, start, end)

    def read_header_value(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self._header_value += self._header_piece(data, start, end)

    def _header_piece(self, data: bytes, start: int, end: int) -> bytes:
        self._header_bytes += end - start
        if self._header_bytes > self._limits.form_part_header_bytes:
            raise TooManyParts(str(self._limits.form_part_header_bytes))
        return data[start:end]

    def end_header(self) -> None:
        """Keep the one header that counts."""
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def read_data(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of the part's content."""
        self._data.append(data[start:end])

    def end(self) -> None:
        """Finish a part: a text with a name is kept."""
        options = parse_options_header(self._disposition)[1]
        if b"name" in options and b"filename" not in options:
            self.pairs.append((options[b"name"], b"".join(self._data)))

    def close(self) -> None:
        """Meet the closing boundary."""
        self.is_closed = True


def nest(pairs: Pairs, limits: Limits) -> Fields:
    """Put named texts into nested objects: `a[b][]=1` is {"a": {"b": {"0": "1"}}}; the later one wins."""
    values: dict[str, Any] = {}
    plain: Counter[str] = Counter()
    too_deep: dict[str, None] = {}
    for name, value in pairs:
        path = _path(name, limits.json_depth + 1)
        if not path:
            continue
        if "\0" in value and path[0] != METHOD:
            raise InvalidString(".".join(path))
        if len(path) > limits.json_depth:
            too_deep[path[0]] = None
            continue
        _put(values, path, value)
        if len(path) == 1:
            plain[path[0]] += 1
    if too_deep:
        raise invalid(Problem(name, "depth", allowed=limits.json_depth) for name in too_deep)
    return Fields(values, frozenset(name for name, count in plain.items() if count > 1))


def _path(name: str, longest: int) -> list[str]:
    # [] for a name that PHP passes over; no more than `longest` steps.
    top, bracket, rest = name.lstrip(" ").partition("[")
    top = top.translate(_PLAIN)
    if not top or not bracket:
        return [top] if top else []
    keys = list(islice(_keys(bracket + rest), longest))
    # A bracket that never closes is an underscore.
    return [top, *keys] if keys else [f"{top}_{rest}"]


def _keys(brackets: str) -> Iterator[str]:
    position = 0
    while found := _BRACKETS.match(brackets, position):
        yield found[1].lstrip()
        position = found.end()


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    *outer, last = path
    for key in outer:
        name = key or _next_index(values)
        inner = values.get(name)
        if not isinstance(inner, dict):
            inner = values[name] = {}
        values = inner
    values[last or _next_index(values)] = value


def _next_index(values: dict[str, Any]) -> str:
    indexes = (int(key) for key in values if _INDEX.fullmatch(key))
    return str(max(indexes, default=-1) + 1)
