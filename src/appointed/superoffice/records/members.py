"""The kinds of members that only records have: amounts, dates that may be none, and addresses."""

import math
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.directory import Address, Contact
from appointed.patching.operations import equal
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.address import address
from appointed.superoffice.carriers.shape import Field, Json
from appointed.superoffice.catalogue import member_type
from appointed.superoffice.enums import read_enum
from appointed.superoffice.listed_names import Listed, names_by_id
from appointed.superoffice.members import Member, Sent, number
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.wiretime import read_open

LARGEST: Final = 1e15
# Part of the carrier Address → the contact's own; the members of a StructuredAddress likewise.
PARTS: Final = {"Street": "street", "Postal": "postal"}
LINES: Final = {
    "Address1": "line1",
    "Address2": "line2",
    "Address3": "line3",
    "Zipcode": "zip_code",
    "City": "city",
    "County": "county",
    "State": "state",
}


def member_of(field: Field, readers: dict[str, Member[Any]], key: str) -> Member[Any]:
    """Make a member that is written as the carrier writes it; without a reader the server keeps it."""
    reader = readers.get(field.name)
    return Member(
        name=field.name,
        type=field.type,
        write=field.render,
        read=reader.read if reader else None,
        is_fixed=field.name == key,
        is_first=reader is not None and reader.is_first,
    )


def _read_only(name: str, kind: str, read: Any) -> Member[Any]:
    # How it is written stands in the carrier's table.
    return Member(name=name, type=kind, write=lambda _row, _ctx: None, read=read)


def text_or_null(name: str, attribute: str) -> Member[Any]:
    """Make a text that may be null."""

    def read(sent: Sent, row: Any) -> Any:
        if sent.value is not None and not isinstance(sent.value, str):
            sent.wrong("string")
            return row
        return replace(row, **{attribute: sent.value})

    return _read_only(name, "string", read)


def item_text(name: str, attribute: str) -> Member[Any]:
    """Make a text that clients also send as an item of a list, `{"Value": …}`; no value says nothing."""

    def read(sent: Sent, row: Any) -> Any:
        value = sent.value
        if isinstance(value, dict):
            sent.notes.miss(
                f"{sent.path}.{key}" for key, part in value.items() if part and fold(key) != "value"
            )
            value = next((text for key, text in value.items() if fold(key) == "value"), None)
            value = sent.before if value is None else value
        if value is not None and not isinstance(value, str):
            sent.wrong("string")
            return row
        return row if value == sent.before else replace(row, **{attribute: value or ""})

    return _read_only(name, "string", read)


def amount(name: str, attribute: str) -> Member[Any]:
    """Make a number with decimals; its digits may stand in a text, null is 0."""

    def read(sent: Sent, row: Any) -> Any:
        value = 0.0 if sent.value is None else read_double(sent.value)
        if value is None:
            sent.wrong("decimal")
            return row
        if abs(value) > LARGEST:
            sent.wrong("range", (-LARGEST, LARGEST))
            return row
        return replace(row, **{attribute: value})

    return _read_only(name, "double", read)


def read_double(value: Json) -> float | None:
    """Read a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def moment(name: str, attribute: str) -> Member[Any]:
    """Make an instant that may be none: null, and the lowest and highest dates."""

    def read(sent: Sent, row: Any) -> Any:
        style = sent.ctx.style
        try:
            value = read_open(sent.value, style)
            is_same = value == read_open(sent.before, style)
        except ValueError:
            sent.wrong("date")
            return row
        # In the hour that the clock repeats, the same wall time means two instants: the stored one stays.
        return row if is_same else replace(row, **{attribute: value})

    return _read_only(name, "date-time", read)


def name_of(name: str, enum: str, attribute: str, default: str) -> Member[Any]:
    """Make one of an enum's names, kept as the contract spells it; null is the default."""

    def read(sent: Sent, row: Any) -> Any:
        try:
            value = default if sent.value is None else read_enum(enum, sent.value)
        except ValueError:
            sent.wrong("enum")
            return row
        return replace(row, **{attribute: value})

    return _read_only(name, f"enum:{enum}", read)


def listed_id(name: str, listed: Listed) -> Member[Any]:
    """Make the id of an item that stands beside its text: another id brings its own text along, or none.

    It is read before the text, so that a new text beside a new id stays what it is.
    """
    plain = number(name, listed.number, low=0)

    def read(sent: Sent, row: Any) -> Any:
        edited = plain.read(sent, row) if plain.read else row
        key = getattr(edited, listed.number)
        if key == getattr(row, listed.number):
            return edited
        return replace(edited, **{listed.name: names_by_id(listed, sent.ctx.directory).get(key, "")})

    return replace(plain, read=read, is_first=True)


def flag_number(name: str, attribute: str) -> Member[Any]:
    """Make a true-or-false that stands as 1 or 0."""

    def read(sent: Sent, row: Any) -> Any:
        value = 0 if sent.value is None else read_int32(sent.value)
        if value not in (0, 1):
            sent.wrong("range", (0, 1))
            return row
        return replace(row, **{attribute: bool(value)})

    return _read_only(name, "int32", read)


def read_address(sent: Sent, row: Contact) -> Contact:
    """Read the two addresses by their lines; the other forms of them follow and are left alone."""
    if sent.value is None:
        return replace(row, street=Address(), postal=Address())
    if not isinstance(sent.value, dict):
        sent.wrong("object")
        return row
    given = {fold(name): value for name, value in sent.value.items()}
    edited = row
    for name, attribute in PARTS.items():
        stood = sent.before[name]
        value = given.get(fold(name), stood)
        if not equal((), stood, value):
            edited = replace(edited, **{attribute: _part(sent, name, value, getattr(row, attribute))})
    now = address(edited, sent.ctx)
    _note_others(sent, "Address", sent.path, sent.value, sent.before, now)
    for name in PARTS:
        path = f"{sent.path}.{name}"
        _note_others(sent, "StructuredAddress", path, given.get(fold(name)), sent.before[name], now[name])
    return edited


def _note_others(sent: Sent, kind: str, path: str, value: Json, stood: Json, now: Json) -> None:
    """Note what follows from the lines, and was wanted to be neither what it was nor what it is now."""
    given = {fold(name): part for name, part in value.items()} if isinstance(value, dict) else {}
    for name in now:
        wanted = given.get(fold(name))
        if name in PARTS or name in LINES or wanted is None:
            continue
        if not any(sent.same(member_type(kind, name), one[name], wanted, sent.ctx) for one in (stood, now)):
            sent.notes.ignore(f"{path}.{name}")


def _part(sent: Sent, name: str, value: Json, stood: Address) -> Address:
    path = f"{sent.path}.{name}"
    if value is None:
        return Address()
    if not isinstance(value, dict):
        sent.notes.wrong(path, "object", value)
        return stood
    given = {fold(line): text for line, text in value.items()}
    lines: dict[str, str] = {}
    for wire, line in LINES.items():
        text = given.get(fold(wire), getattr(stood, line))
        if text is not None and not isinstance(text, str):
            sent.notes.wrong(f"{path}.{wire}", "string", text)
        else:
            lines[line] = text or ""
    return replace(stood, **lines)
