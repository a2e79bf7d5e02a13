"""What the two engines say differently in a search; every other word of a statement is the same on both."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.errors import InvalidRequest
from appointed.store.scripts import json_text, micros


class Type(Enum):
    """What a field's values are to an engine: TEXT compares in lower case, WORD as it stands."""

    TEXT = auto()
    WORD = auto()
    UUID = auto()
    INTEGER = auto()
    NUMBER = auto()
    FLAG = auto()
    INSTANT = auto()


TEXTS = (Type.TEXT, Type.WORD)
# The largest number any engine is told; no value that is stored comes near.
MOST = 10**300
LONG = 2**63


class Ranking(msgspec.Struct, frozen=True):
    """A row's rank in SQL, and what it needs before the statement and beside the table."""

    rank: str
    before: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """How an engine writes the pieces of a search; in a pattern `{x}` is SQL of ours, `{n}` a bound value.

    `member` reads a member of the document by its path (of ours), null where it is left out. `entry` reads
    what a dictionary of the document holds under a bound key, null unless it is of this type. `bind` and
    `bind_all` give what stands behind a place, and the value or array for the driver. `ranking` looks a value
    up in a bound JSON object, under a name of its own.
    """

    member: Callable[[str, Type], str]
    entry: Callable[[str, Type, str], str]
    folded: str
    by_code: str
    seconds: str
    is_in: Callable[[str, Type, str], str]
    begins: str
    contains: str
    ends: str
    bind: Callable[[Type, Any], tuple[str, Any]]
    bind_all: Callable[[Type, tuple[Any, ...]], tuple[str, Any]]
    ranking: Callable[[str, Type, str, str], Ranking]


ACCEPTED: dict[Type, type | tuple[type, ...]] = {
    Type.TEXT: str,
    Type.WORD: str,
    Type.UUID: UUID,
    Type.INTEGER: (int, float),
    Type.NUMBER: (int, float),
    Type.FLAG: bool,
    Type.INSTANT: datetime,
}


def plain(kind: Type, value: Any) -> Any:
    """Bring a value into the one form that compares on both engines; raises InvalidRequest."""
    is_accepted = isinstance(value, ACCEPTED[kind]) and (kind is Type.FLAG or not isinstance(value, bool))
    if not is_accepted:
        raise InvalidRequest(repr(value)[:100])
    reader = READERS.get(kind)
    return reader(value) if reader else value


def _text(value: str) -> str:
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("characters") from error
    # PostgreSQL has no such text.
    if b"\0" in encoded:
        raise InvalidRequest("characters")
    return value


def _number(value: float) -> float:
    if isinstance(value, int):
        return max(-MOST, min(MOST, value))
    if not math.isfinite(value):
        raise InvalidRequest(repr(value))
    return int(value) if value.is_integer() else value


READERS: dict[Type, Callable[[Any], Any]] = {
    Type.TEXT: lambda value: _text(value.lower()),
    Type.WORD: _text,
    Type.INTEGER: _number,
    Type.NUMBER: _number,
}


def _is_long(value: float) -> bool:
    return isinstance(value, int) and -LONG <= value < LONG


# PostgreSQL.

CASTS = {
    Type.TEXT: "text",
    Type.WORD: "text",
    Type.UUID: "uuid",
    Type.INTEGER: "bigint",
    Type.NUMBER: "numeric",
    Type.FLAG: "boolean",
    Type.INSTANT: "timestamptz",
}
JSON_TYPES = {Type.TEXT: "string", Type.NUMBER: "number", Type.FLAG: "boolean"}


def _postgres_member(path: str, kind: Type) -> str:
    value = f"(a.body #>> '{{appointment,{path.replace('.', ',')}}}')"
    return value if kind in TEXTS else f"{value}::{CASTS[kind]}"


def _postgres_entry(dictionary: str, kind: Type, key: str) -> str:
    path = f"ARRAY['appointment', '{dictionary}', {key}]"
    return (
        f"(CASE jsonb_typeof(a.body #> {path}) WHEN '{JSON_TYPES[kind]}'"
        f" THEN (a.body #>> {path})::{CASTS[kind]} END)"
    )


def _postgres_bind(kind: Type, value: Any) -> tuple[str, Any]:
    (cast, values) = _postgres_bind_all(kind, (value,))
    return cast.removesuffix("[]"), values[0]


def _postgres_bind_all(kind: Type, values: tuple[Any, ...]) -> tuple[str, Any]:
    if kind is Type.NUMBER or (kind is Type.INTEGER and not all(map(_is_long, values))):
        return "::numeric[]", [Decimal(repr(value)) for value in values]
    return f"::{CASTS[kind]}[]", list(values)


POSTGRES = Engine(
    member=_postgres_member,
    entry=_postgres_entry,
    folded='lower({x} COLLATE "und-x-icu")',
    by_code='({x} COLLATE "C")',
    seconds="floor(extract(epoch FROM {x} - {y}))::bigint",
    is_in=lambda x, _kind, n: f"{x} = ANY({n})",
    begins="starts_with({x}, {n})",
    contains="strpos({x}, {n}) > 0",
    ends="right({x}, length({n})) = {n}",
    bind=_postgres_bind,
    bind_all=_postgres_bind_all,
    ranking=lambda x, _kind, n, _name: Ranking(f"coalesce(({n}::jsonb ->> {x}::text)::bigint, 0)"),
)

# SQLite.

JSON_EACH_TYPES = {
    Type.TEXT: "type = 'text'",
    Type.NUMBER: "type IN ('integer', 'real')",
    Type.FLAG: "type IN ('true', 'false')",
}
FOLD = "folded"


def fold(*texts: Any) -> Any:
    """Turn one text into lower case; what SQLite calls as FOLD, since by itself it knows ASCII alone."""
    (text,) = texts
    return text.lower() if isinstance(text, str) else text


def _sqlite_member(path: str, kind: Type) -> str:
    value = f"(a.body ->> '$.appointment.{path}')"
    if kind is not Type.INSTANT:
        return value
    # The seconds by themselves: with a fraction SQLite would round them.
    seconds, fraction = f"substr({value}, 1, 19)", f"substr({value}, 21, 6)"
    return f"(unixepoch({seconds}) * 1000000 + CAST({fraction} AS INTEGER))"


def _sqlite_entry(dictionary: str, kind: Type, key: str) -> str:
    return (
        f"(SELECT value FROM json_each(a.body, '$.appointment.{dictionary}')"
        f" WHERE key = {key} AND {JSON_EACH_TYPES[kind]})"
    )


def _sqlite_in(x: str, kind: Type, n: str) -> str:
    return f"{x} IN (SELECT {'unhex(value)' if kind is Type.UUID else 'value'} FROM json_each({n}))"


def _sqlite_value(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not _is_long(value) else value


def _sqlite_bind_all(kind: Type, values: Iterable[Any]) -> tuple[str, Any]:
    if kind is Type.INSTANT:
        values = map(micros, values)
    if kind is Type.UUID:
        values = (value.hex for value in values)
    return "", json_text([_sqlite_value(value) for value in values])


def _sqlite_ranking(x: str, kind: Type, n: str, name: str) -> Ranking:
    key = "CAST(key AS INTEGER)" if kind in (Type.INTEGER, Type.NUMBER) else "key"
    return Ranking(
        f"coalesce({name}.rank, 0)",
        (f"{name} (id, rank) AS MATERIALIZED (SELECT {key}, value FROM json_each({n}))",),
        (f"LEFT JOIN {name} ON {name}.id = {x}",),
    )


SQLITE = Engine(
    member=_sqlite_member,
    entry=_sqlite_entry,
    # A text of plain ASCII never leaves the engine. The limit lets it read the text only once.
    folded=(
        f"(SELECT CASE WHEN octet_length(t) <> length(t) THEN {FOLD}(t) ELSE lower(t) END"
        " FROM (SELECT {x} AS t LIMIT 1))"
    ),
    by_code="{x}",
    seconds="(({x} - {y}) / 1000000)",
    is_in=_sqlite_in,
    begins="substr({x}, 1, length({n})) = {n}",
    contains="instr({x}, {n}) > 0",
    ends="substr({x}, length({x}) - length({n}) + 1) = {n}",
    bind=lambda _kind, value: ("", _sqlite_value(value)),
    bind_all=_sqlite_bind_all,
    ranking=_sqlite_ranking,
)
