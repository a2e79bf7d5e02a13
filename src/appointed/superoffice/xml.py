"""Carriers as XML, an answer format only (Request Headers, Accept; docs/contracts/superoffice/xml.md).

The root is the carrier's name, its children are the members' names. Nothing here reads XML.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'
NAMESPACE: Final = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NIL: Final = 'xsi:nil="true"'

# Member → the carrier that its array holds; arrays of other members hold what their items' types say.
ITEMS: Final = {
    "Dates": "RecurrenceDate",
    "Links": "Link",
    "LocalizedAddress": "LocalizedField",
    "Offers": "TimeOffer",
    "Participants": "ParticipantInfo",
    "Patch": "PatchStep",
    "VisibleFor": "VisibleFor",
    "changes": "DryRunChange",
    "notices": "DryRunNotice",
    "patch": "DryRunStep",
}
SCALARS: Final = {bool: "boolean", int: "int", float: "double", str: "string"}
LIST: Final = "ArrayOf"
# Members whose names are data, written as entries of key and value.
DICTIONARIES: Final = frozenset(
    {
        "ColumnData",
        "CustomFields",
        "Dictionary",
        "ExtraFields",
        "FieldProperties",
        "Headers",
        "InUse",
        "Problems",
        "Properties",
        "TimeZoneDSTRules",
        "TimeZoneSTDRules",
        "UserDefinedFields",
        "_Links",
    }
)

# Markup, a carriage return (it would be read as a line feed), and what XML 1.0 has no way to write (§2.2).
_SPECIAL = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
REPLACEMENT: Final = "\ufffd"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*", re.ASCII)
_NO_NAME_CHARACTER = re.compile(r"[^A-Za-z0-9_.\-]|^[0-9.\-]", re.ASCII)


class Markup(NamedTuple):
    """An element that is written already, as the only one inside another."""

    text: str


def write_xml(root: str, value: Any) -> bytes:
    """Write a JSON value as an XML document in UTF-8; null is an empty element with `xsi:nil`.

    `ArrayOfX` as the root of a list names its items X. Members keep their order.
    """
    out: list[str] = []
    _write(out, root, root, value)
    # The root's start tag ends at the first bracket or slash; the namespace goes in before it.
    opened = len(root) + 1
    body = "".join(out)
    return f"{DECLARATION}{body[:opened]} {NAMESPACE}{body[opened:]}".encode()


def _write(out: list[str], tag: str, member: str, value: Any) -> None:
    # `member` says what is inside: the rows of an array keep its name while their tag is the item's.
    kind = type(value)
    if kind in _PLAIN:
        out.append(_PLAIN[kind](tag, value))
    elif kind is dict:
        out.append(f"<{tag}>")
        (_write_entries if member in DICTIONARIES else _write_members)(out, value)
        out.append(f"</{tag}>")
    elif kind is list:
        out.append(f"<{tag}>")
        for item in value:
            _write(out, _item_tag(member, item), member, item)
        out.append(f"</{tag}>")
    else:
        # Encoded already, or one of the types that JSON would write as plain ones.
        _write(out, tag, member, msgspec.json.decode(msgspec.json.encode(value)))


def _write_members(out: list[str], value: dict[str, Any]) -> None:
    for name, item in value.items():
        tag = element_name(name)
        kind = type(item)
        if kind in _PLAIN:
            out.append(_PLAIN[kind](tag, item))
        else:
            _write(out, tag, name, item)


def _write_entries(out: list[str], value: dict[str, Any]) -> None:
    for key, item in value.items():
        out.append(f"<Entry><Key>{_escaped(key)}</Key>")
        _write(out, "Value", "Value", item)
        out.append("</Entry>")


def _item_tag(member: str, item: Any) -> str:
    name = item_name(member)
    return LIST + name if isinstance(item, list) else SCALARS.get(type(item), name)


def item_name(member: str) -> str:
    """Name the carriers in a member's array."""
    return ITEMS.get(member) or (member.removeprefix(LIST) if member.startswith(LIST) else "Item")


@lru_cache(maxsize=1024)
def element_name(name: str) -> str:
    """Name the element of a member, as .NET writes names that XML cannot have: _x002F_ for a slash."""
    if _NAME.fullmatch(name):
        return name
    return _NO_NAME_CHARACTER.sub(lambda match: f"_x{ord(match[0]):04X}_", name) or "_"


def _escaped(text: str) -> str:
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], REPLACEMENT), text)


_PLAIN: Final[dict[type, Callable[[str, Any], str]]] = {
    str: lambda tag, value: f"<{tag}>{_escaped(value)}</{tag}>",
    bool: lambda tag, value: f"<{tag}>{'true' if value else 'false'}</{tag}>",
    int: lambda tag, value: f"<{tag}>{value}</{tag}>",
    float: lambda tag, value: f"<{tag}>{value!r}</{tag}>",
    type(None): lambda tag, _value: f"<{tag} {NIL}/>",
    Markup: lambda tag, value: f"<{tag}>{value.text}</{tag}>",
}
