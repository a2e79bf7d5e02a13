"""The kinds of members an entity is made of: how each is written, read back and left empty.

A reader gets the value as it stands after the caller's changes and as it stood before; it answers the row
with the member set, or the row as it was with a note of what is wrong.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from appointed.domain.rights import Access
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.shape import Json, Rendered
from appointed.superoffice.context import Context
from appointed.superoffice.durations import read_minutes, write_minutes
from appointed.superoffice.enums import read_enum
from appointed.superoffice.notes import Notes
from appointed.superoffice.numbers import HIGH, LOW, read_int32
from appointed.superoffice.references import UNREADABLE, Kind, resolve
from appointed.superoffice.wiretime import read_instant

# What every carrier tells of rights: it hangs on what the caller may do, and no request sets it.
RIGHTS = frozenset(("TableRight", "FieldProperties"))

Row = TypeVar("Row")
Choice = TypeVar("Choice", bound=StrEnum)


class Sent(msgspec.Struct, frozen=True):
    """One member of a caller's document: its value now and before, its path, and where findings go.

    `same` compares two values of a wire type as that type is compared.
    """

    value: Json
    before: Json
    path: str
    ctx: Context
    notes: Notes
    same: Callable[[str, Json, Json, Context], bool]

    def wrong(self, rule: str, allowed: Any = None) -> None:
        """Note that the value breaks a rule."""
        self.notes.wrong(self.path, rule, self.value, allowed)


class Member(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """One member of an entity.

    `read` None: the server keeps it. `is_fixed`: a JSON Patch that changes it is refused.
    `raw` writes the same as `write`, already encoded where that is quicker.
    `empty` stands there for a caller who may only see the times; `is_open` members they see as they are.
    `is_first`: it is read before the others, which depend on it; `is_last` tells of which rows it is last.
    """

    name: str
    type: str
    write: Callable[[Row, Context], Json]
    read: Callable[[Sent, Row], Row] | None = None
    raw: Callable[[Row, Context], Any] | None = None
    is_fixed: bool = False
    is_open: bool = False
    is_first: bool = False
    is_last: Callable[[Row], bool] | None = None
    empty: Json = None


def text(name: str, attribute: str) -> Member[Any]:
    """Make a text; null empties it."""

    def write(row: Any, ctx: Context) -> Json:
        return ctx.text(getattr(row, attribute))

    def read(sent: Sent, row: Any) -> Any:
        if sent.value is not None and not isinstance(sent.value, str):
            sent.wrong("string")
            return row
        return replace(row, **{attribute: sent.value or ""})

    return Member(name=name, type="string", write=write, read=read, empty="")


def flag(name: str, attribute: str, *, is_open: bool = False) -> Member[Any]:
    """Make a true-or-false; null is false."""

    def read(sent: Sent, row: Any) -> Any:
        value = read_flag(sent.value)
        if value is None:
            sent.wrong("boolean")
            return row
        return replace(row, **{attribute: value})

    return Member(
        name=name,
        type="bool",
        write=lambda row, _ctx: getattr(row, attribute),
        read=read,
        empty=False,
        is_open=is_open,
    )


def read_flag(value: Json) -> bool | None:
    """Read a true-or-false, also as a word; null is false, and None stands for anything else."""
    if isinstance(value, bool):
        return value
    words: dict[Any, bool] = {"true": True, "false": False}
    return False if value is None else words.get(value.lower()) if isinstance(value, str) else None


def number(name: str, attribute: str, low: int = LOW, high: int = HIGH) -> Member[Any]:
    """Make a whole number within a range; null is 0."""

    def read(sent: Sent, row: Any) -> Any:
        value = 0 if sent.value is None else read_int32(sent.value)
        if value is None:
            sent.wrong("integer")
            return row
        if not low <= value <= high:
            sent.wrong("range", (low, high))
            return row
        return replace(row, **{attribute: value})

    return Member(
        name=name,
        type="int32",
        write=lambda row, _ctx: getattr(row, attribute),
        read=read,
        empty=0,
    )


def minutes(name: str, attribute: str) -> Member[Any]:
    """Make a length of time that is kept in whole minutes; null is none."""

    def read(sent: Sent, row: Any) -> Any:
        try:
            value = 0 if sent.value is None else read_minutes(sent.value)
        except ValueError:
            sent.wrong("duration")
            return row
        return replace(row, **{attribute: value})

    return Member(
        name=name,
        type="timespan",
        write=lambda row, _ctx: write_minutes(getattr(row, attribute)),
        read=read,
        empty=write_minutes(0),
    )


def choice(
    name: str,
    enum: str,
    attribute: str,
    names: Mapping[Choice, str],
    default: Choice,
    *,
    is_open: bool = False,
) -> Member[Any]:
    """Make one of an enum's names; null is the default."""
    by_name = {wire: value for value, wire in names.items()}

    def read(sent: Sent, row: Any) -> Any:
        try:
            value = default if sent.value is None else by_name[read_enum(enum, sent.value)]
        except (ValueError, KeyError):
            sent.wrong("enum", tuple(by_name))
            return row
        return replace(row, **{attribute: value})

    return Member(
        name=name,
        type=f"enum:{enum}",
        write=lambda row, _ctx: names[getattr(row, attribute)],
        read=read,
        empty=names[default],
        is_open=is_open,
    )


def instant(name: str, attribute: str) -> Member[Any]:
    """Make a diary time, which every row has; written in the caller's zone."""

    def read(sent: Sent, row: Any) -> Any:
        if sent.value is None:
            sent.wrong("required")
            return row
        value = read_changed(sent)
        return row if value is None else replace(row, **{attribute: value})

    return Member(
        name=name,
        type="date-time",
        write=lambda row, ctx: ctx.style.instant(getattr(row, attribute)),
        read=read,
        is_open=True,
    )


def read_changed(sent: Sent) -> datetime | None:
    """Read an instant; None when it is wrong (noted) or only another spelling of what stands there.

    In the hour that the clock repeats, the same wall time means two instants: the stored one stays.
    """
    try:
        if not isinstance(sent.value, str):
            raise ValueError(sent.value)
        value = read_instant(sent.value, sent.ctx.style)
    except ValueError:
        sent.wrong("date")
        return None
    return None if sent.before is not None and value == read_instant(sent.before, sent.ctx.style) else value


def reference(
    name: str,
    kind: Kind,
    attribute: str,
    render: Callable[[int, Context], Rendered | None],
    shown: Callable[[Any, Context], int] | None = None,
) -> Member[Any]:
    """Make a reference to a small record; null clears it. `shown` gives another id to show."""
    id_of: Callable[[Any, Context], int] = shown or (lambda row, _ctx: getattr(row, attribute))

    def read(sent: Sent, row: Any) -> Any:
        key = resolve(kind, sent.value, sent.before, sent.path, sent.ctx, sent.notes)
        if key == id_of(row, sent.ctx):
            note_stale(kind, sent)
            return row
        if key == UNREADABLE or is_gone(kind, key, sent):
            return row
        return replace(row, **{attribute: key})

    return carrier(name, kind.carrier, lambda row, ctx: render(id_of(row, ctx), ctx), read=read)


def carrier(
    name: str,
    type_name: str,
    render: Callable[[Row, Context], Rendered | None],
    *,
    read: Callable[[Sent, Row], Row] | None = None,
    is_fixed: bool = False,
    is_open: bool = False,
) -> Member[Row]:
    """Make a member that is a whole carrier, kept rendered; without `read` the server keeps it."""
    return Member(
        name=name,
        type=type_name,
        write=lambda row, ctx: _part(render(row, ctx), 0),
        raw=lambda row, ctx: _part(render(row, ctx), 1),
        read=read,
        is_fixed=is_fixed,
        is_open=is_open,
    )


def note_stale(kind: Kind, sent: Sent) -> None:
    """Note what differs beside the id that stands: it belongs to the record, which no reference changes.

    Without an id the names are what it was found by. Clients send whole carriers: of the other members
    those that say nothing are not meant.
    """
    if not (isinstance(sent.value, dict) and isinstance(sent.before, dict)):
        return
    members = {fold(name): member for name, member in sent.value.items()}
    has_id = bool(members.get(fold(kind.key)))
    if has_id and read_int32(members[fold(kind.key)]) != sent.before.get(kind.key):
        # What stood there was another record, which had become the right one meanwhile.
        return
    for field in kind.shape:
        name, value = field.name, members.get(fold(field.name))
        is_meant = (has_id and fold(name) in members) if name in kind.names else bool(value)
        if name in (kind.key, *RIGHTS) or not is_meant:
            continue
        if not sent.same(field.type, sent.before.get(name), value, sent.ctx):
            sent.notes.ignore(f"{sent.path}.{name}")


def is_gone(kind: Kind, key: int, sent: Sent) -> bool:
    """Note a record that was deleted: rows that have it keep it, others cannot get it."""
    if not getattr(kind.records(sent.ctx.directory).get(key), "is_deleted", False):
        return False
    sent.notes.wrong(f"{sent.path}.{kind.key}", "exists", key)
    return True


def _part(rendered: Rendered | None, index: int) -> Any:
    return rendered[index] if rendered else None


def kept(
    name: str,
    type_name: str,
    write: Callable[[Row, Context], Json],
    *,
    raw: Callable[[Row, Context], Any] | None = None,
    empty: Json = None,
    is_open: bool = False,
) -> Member[Row]:
    """Make a member that the server keeps; another value in a request is ignored and named."""
    return Member(name=name, type=type_name, write=write, raw=raw, empty=empty, is_open=is_open)


def fixed(
    name: str,
    type_name: str,
    write: Callable[[Row, Context], Json],
    *,
    empty: Json = None,
    is_open: bool = False,
) -> Member[Row]:
    """Make a member that never changes; a JSON Patch that would is refused."""
    return Member(name=name, type=type_name, write=write, empty=empty, is_open=is_open, is_fixed=True)


def shown(member: Member[Row], row: Row, ctx: Context) -> Json:
    """Write one member as far as the caller may see it."""
    if member.is_open or ctx.access >= Access.READ:
        return member.write(row, ctx)
    return ctx.style.stamp(None) if member.type == "date-time" else member.empty
