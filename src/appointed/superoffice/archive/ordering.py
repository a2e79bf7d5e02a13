"""`$orderBy` as an order of the store, and the place where the next page begins (OData, $orderBy).

A continuation names the order it belongs to and the place behind the last row. It is taken apart and
checked like any input; whoever makes one up gets rows they could have asked for anyhow.
"""

import base64
import binascii
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.literals import LARGEST
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.options import Options, Sorted
from appointed.usecases.query import ORDERED_CHARACTERS, Node, Order
from appointed.usecases.query_fields import FieldKind, field

LONGEST_TOKEN = 4_000
TYPES: dict[FieldKind, tuple[type, ...]] = {
    FieldKind.TEXT: (str,),
    FieldKind.WORD: (str,),
    FieldKind.NUMBER: (int, float),
    FieldKind.FLAG: (bool,),
    FieldKind.INSTANT: (datetime,),
}

# What a store could not take, though it is of the right type.
FITS: dict[FieldKind, Callable[[Any], bool]] = {
    FieldKind.TEXT: lambda value: len(value) <= ORDERED_CHARACTERS and "\0" not in value,
    FieldKind.WORD: lambda value: len(value) <= ORDERED_CHARACTERS and "\0" not in value,
    FieldKind.NUMBER: lambda value: abs(value) <= LARGEST,
    FieldKind.INSTANT: lambda value: value.tzinfo is not None,
}

Place = tuple[Any, ...]


class Continuation(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: which list it was, the records' revision its ranks belong to, and the place."""

    mark: int
    revision: int
    row_id: int
    place: tuple[Any, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Continuation).decode


def order_of(options: Options, columns: Columns, asked: Asked, seen: Node | None) -> tuple[Order, ...]:
    """Make the order of a list, the id last; raises InvalidRequest naming the column.

    What only readers of a row may see decides the place of rows for which `seen` holds.
    """
    found: list[Order] = []
    for wanted in options.orders:
        found += _ordered(wanted, columns, asked, seen)
    kept: dict[tuple[str, object], Order] = {}
    for one in (*found, Order(field="id")):
        kept.setdefault((one.field, one.ranks), one)
        if one.field == "id":
            break
    return tuple(kept.values())


def _ordered(wanted: Sorted, columns: Columns, asked: Asked, seen: Node | None) -> list[Order]:
    one = columns.get(wanted.name.lower())
    if one is None:
        raise InvalidRequest(f"$orderBy, '{wanted.name[:40]}': there is no such column")
    if one.order is None:
        raise InvalidRequest(f"$orderBy, '{wanted.name[:40]}': rows cannot be ordered by this column")
    hidden = None if one.is_open else seen
    return [replace(part, is_descending=wanted.is_descending, seen=hidden) for part in one.order(asked)]


def mark_of(options: Options, path: str) -> int:
    """Tell one list from another: the same rows in the same order have the same mark."""
    what = (path.lower(), options.filter_text, options.orders, sorted(options.entities))
    return zlib.crc32(repr(what).encode())


def write_token(continuation: Continuation) -> str:
    """Write a continuation as the text that stands in a link."""
    return base64.urlsafe_b64encode(_encode(continuation)).decode().rstrip("=")


def read_token(token: str, mark: int, order: tuple[Order, ...]) -> Continuation:
    """Read a continuation back; raises InvalidRequest unless it belongs to this very list."""
    wrong = InvalidRequest("$skiptoken is not of this list: follow the link as it was given")
    if len(token) > LONGEST_TOKEN:
        raise wrong
    try:
        found = _decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise wrong from None
    if found.mark != mark or len(found.place) != len(order):
        raise wrong
    if not all(_fits(value, one) for value, one in zip(found.place, order, strict=True)):
        raise wrong
    return found


def _fits(value: Any, order: Order) -> bool:
    if value is None:
        return True
    kind = FieldKind.NUMBER if order.ranks is not None else field(order.field).kind
    return type(value) in TYPES[kind] and FITS.get(kind, lambda _value: True)(value)
