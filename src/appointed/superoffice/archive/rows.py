"""Rows of a list: Slim (what people read), Wide (raw values too), Full (OData, Using filters)."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from appointed.superoffice.archive.columns import Column
from appointed.superoffice.archive.meaning import Asked
from appointed.superoffice.archive.options import Mode, Options
from appointed.superoffice.enums import read_flags
from appointed.usecases.query_fields import FieldKind

Json = Any
_UNSAFE = re.compile(r"[^A-Za-z0-9_]", re.ASCII)
# What stands for a truth value that is displayed: the hint of an icon, named after its column.
NO_ICON = ""


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """One row to write: what its columns read, its key, and what the caller may do with it.

    `mask` is the contract's TableRight in words; `is_read` tells whether the contents may be seen.
    """

    item: Any
    key: int
    entity: str
    mask: str = "Select"
    is_read: bool = True


Write = Callable[[Thing], dict[str, Json]]


def writer_of(columns: Sequence[Column], options: Options, asked: Asked) -> Write:
    """Make the function that writes one row in the mode that was asked for."""
    named = [(_named(one.name, options), one) for one in columns]
    if options.mode is Mode.FULL:
        return lambda thing: _full(thing, named, options, asked)
    return lambda thing: _slim(thing, named, options, asked)


def footer(totals: dict[str, int], entity: str, options: Options) -> dict[str, Json]:
    """Write the row that counts all rows of a list."""
    named = {_named(name, options): total for name, total in totals.items()}
    if options.mode is not Mode.FULL:
        return {"PrimaryKey": "", "EntityName": entity, **named}
    cells = {
        name: {"RawValue": total, "DisplayValue": str(total), "LinkHint": "", "TooltipHint": ""}
        for name, total in named.items()
    }
    return _frame(0, entity, "", 0) | {"Column": cells}


def _slim(thing: Thing, named: list[tuple[str, Column]], options: Options, asked: Asked) -> dict[str, Json]:
    row: dict[str, Json] = {"PrimaryKey": str(thing.key), "EntityName": thing.entity}
    for name, one in named:
        raw, shown = _values(thing, one, asked)
        row[name] = _icon(one, raw) if options.is_display and one.kind is FieldKind.FLAG else shown
        if options.mode is Mode.WIDE:
            row[_named(f"{one.name}:raw", options)] = raw
    return row


def _full(thing: Thing, named: list[tuple[str, Column]], options: Options, asked: Asked) -> dict[str, Json]:
    frame = _frame(thing.key, thing.entity, _link(thing.entity, thing.key), _mask(thing.mask))
    return frame | {"Column": {name: _cell(thing, one, options, asked) for name, one in named}}


def _frame(key: int, entity: str, link: str, mask: int) -> dict[str, Json]:
    return {
        "PrimaryKey": key,
        "EntityName": entity,
        "StyleHint": "",
        "LinkHint": link,
        "TableRight": {"Mask": mask, "Reason": ""},
    }


def _cell(thing: Thing, one: Column, options: Options, asked: Asked) -> dict[str, Json]:
    raw, shown = _values(thing, one, asked)
    is_icon = options.is_display and one.kind is FieldKind.FLAG
    names = raw if one.hint and type(raw) is int else 0
    entity, key = (one.hint, names) if one.hint else (thing.entity, thing.key)
    return {
        "RawValue": raw,
        "DisplayValue": _icon(one, raw) if is_icon else str(shown),
        "LinkHint": _link(one.hint, names) if names else "",
        "TooltipHint": f"{{{entity.lower()}_id={key}}}" if key else "",
    }


def _values(thing: Thing, one: Column, asked: Asked) -> tuple[Json, Json]:
    """Give what a column holds and what people read; both empty for what the caller may not see."""
    if not (thing.is_read or one.is_open):
        raw = _wire(one.empty, one, asked)
        if one.is_day:
            return raw, asked.style.stamp(None)
        return raw, "" if one.shown and one.kind is FieldKind.NUMBER else raw
    value = one.value(thing.item, asked)
    shown = one.shown(thing.item, asked) if one.shown else None
    # Several values are written as they are read.
    raw = shown if isinstance(value, tuple) else _wire(value, one, asked)
    return raw, shown if one.shown else raw


def _wire(value: Any, one: Column, asked: Asked) -> Json:
    if one.is_stamp:
        return asked.style.stamp(value)
    return asked.style.open_start(value) if one.kind is FieldKind.INSTANT else value


def _icon(one: Column, raw: Json) -> str:
    return one.name if raw else NO_ICON


def _link(entity: str, key: int) -> str:
    return f"nav={entity.lower()}&{entity.lower()}_id={key}"


def _mask(words: str) -> int:
    return read_flags("ETableRight", words)


def _named(name: str, options: Options) -> str:
    return _UNSAFE.sub("_", name) if options.is_json_safe else name
