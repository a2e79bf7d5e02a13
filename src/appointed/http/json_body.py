"""Strict JSON out of a request body (RFC 8259), within limits and without a doubtful reading."""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from appointed.domain.errors import DuplicateKey, InvalidString, MalformedJson, MissingBody
from appointed.http.limits import Limits

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**64 - 1

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_LONG_DIGITS = re.compile(rb"[0-9]{19}")
_NUL_ESCAPE = b"\\u0000"

_decode = msgspec.json.Decoder().decode


def parse_json(data: bytes, limits: Limits, *, fold_keys: bool) -> Any:
    """Read one JSON value; `fold_keys` says that names which differ only in ASCII case are the same.

    Integers reach from -2^63 to 2^64-1; a UTF-8 byte order mark is skipped. Raises MissingBody,
    MalformedJson, DuplicateKey (its reason is the name) or InvalidString (its reason is the dotted path).
    """
    if data.startswith(BYTE_ORDER_MARK):
        data = data[3:]
    value = _decoded(data)
    skeleton = _skeleton(data)
    members = skeleton.count(b":")
    if not _is_plain(data, skeleton, members, limits):
        _demand_digits(skeleton, limits)
        demand_limits(value, limits)
    if members and _distinct_names(value, fold_keys) != members:
        _raise_duplicate(data, fold_keys)
    return value


def _decoded(data: bytes) -> Any:
    try:
        return _decode(data)
    except UnicodeDecodeError:
        raise MalformedJson("invalid UTF-8") from None
    except RecursionError:
        raise MalformedJson("nested too deep") from None
    except msgspec.DecodeError as error:
        if not data.strip():
            raise MissingBody from None
        raise MalformedJson(str(error)) from None


def _skeleton(data: bytes) -> bytes:
    # What is left of valid JSON without its strings: every colon there is one member, every bracket real.
    if b"\\" in data:
        return _STRING.sub(b"", data)
    return b"".join(data.split(b'"')[::2])


def _is_plain(data: bytes, skeleton: bytes, members: int, limits: Limits) -> bool:
    # So short and flat that no limit can be broken: each node, key and character takes at least a byte.
    return (
        len(data) <= min(limits.json_nodes, limits.json_string_bytes)
        and members <= limits.json_object_keys
        and skeleton.count(b"{") + skeleton.count(b"[") <= limits.json_depth
        and _NUL_ESCAPE not in data
        and _LONG_DIGITS.search(skeleton) is None
    )


def _demand_digits(skeleton: bytes, limits: Limits) -> None:
    if re.search(rb"[0-9]{%d}" % (limits.json_number_digits + 1), skeleton):
        raise MalformedJson("number too long")


def demand_limits(value: Any, limits: Limits) -> None:
    """Raise MalformedJson or InvalidString unless a JSON value keeps to the limits."""
    depth, nodes, level = 0, 1, [value]
    while level:
        for item in level:
            nodes += _demand_item(item, limits)
            if nodes > limits.json_nodes:
                raise MalformedJson("too many values")
        containers = [item for item in level if isinstance(item, (dict, list))]
        depth += bool(containers)
        if depth > limits.json_depth:
            raise MalformedJson("nested too deep")
        level = [child for item in containers for child in _children(item)]
    path = _path_of_nul(value)
    if path is not None:
        raise InvalidString(path, *_operation(value, path))


def _demand_item(item: Any, limits: Limits) -> int:
    if isinstance(item, str):
        _demand_string(item, limits)
    elif isinstance(item, int):
        if not SMALLEST_INTEGER <= item <= LARGEST_INTEGER:
            raise MalformedJson("number out of range")
    elif isinstance(item, dict):
        if len(item) > limits.json_object_keys:
            raise MalformedJson("too many names in one object")
        for name in item:
            _demand_string(name, limits)
        return len(item)
    elif isinstance(item, list):
        return len(item)
    return 0


def _demand_string(text: str, limits: Limits) -> None:
    if len(text) * 4 > limits.json_string_bytes and len(text.encode()) > limits.json_string_bytes:
        raise MalformedJson("string too long")


def _children(item: Any) -> Iterable[Any]:
    return item.values() if isinstance(item, dict) else item


def _path_of_nul(value: Any) -> str | None:
    if isinstance(value, str):
        return "" if "\0" in value else None
    if not isinstance(value, (dict, list)):
        return None
    for name, child in value.items() if isinstance(value, dict) else enumerate(value):
        path = "" if "\0" in str(name) else _path_of_nul(child)
        if path is not None:
            return f"{name}.{path}" if path else f"{name}"
    return None


def _operation(value: Any, place: str) -> tuple[int | None, str | None]:
    """Give the index and the path of the operation that a place is in; only patches are lists of them."""
    if not isinstance(value, list):
        return None, None
    index = int(place.partition(".")[0])
    path = value[index].get("path") if isinstance(value[index], dict) else None
    return index, path if isinstance(path, str) and "\0" not in path else None


def _distinct_names(value: Any, fold_keys: bool) -> int:
    kind = type(value)
    if kind is dict:
        count = len(set(_folded(value))) if fold_keys else len(value)
        for child in value.values():
            if type(child) is dict or type(child) is list:
                count += _distinct_names(child, fold_keys)
        return count
    count = 0
    if kind is list:
        for child in value:
            if type(child) is dict or type(child) is list:
                count += _distinct_names(child, fold_keys)
    return count


def _folded(value: dict[str, Any]) -> Iterable[str | bytes]:
    return map(str.lower, value) if "".join(value).isascii() else map(fold, value)


def fold(name: str) -> str | bytes:
    """Fold ASCII letters, and no others, to one case (a Kelvin sign is not a k)."""
    return name.lower() if name.isascii() else name.encode().lower()


def _raise_duplicate(data: bytes, fold_keys: bool) -> NoReturn:
    def demand_distinct(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str | bytes] = set()
        for name, _value in pairs:
            key = fold(name) if fold_keys else name
            if key in seen:
                raise DuplicateKey(name)
            seen.add(key)

    json.loads(data, object_pairs_hook=demand_distinct)
    raise DuplicateKey
