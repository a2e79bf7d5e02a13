"""What a caller asks of a list: `$select`, `$filter`, `$orderBy` and the rest (OData, Options).

Names ignore case. A form or JSON body says the same as the query string, and comes after it.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.archive.grammar import Tree, parse_filter
from appointed.superoffice.archive.links import unpacked

USUAL_TOP = 100
MOST_TOP = 1_000
MOST_SKIP = 10_000_000
MOST_COLUMNS = 300
MOST_ORDERS = 8
LONGEST_LIST = 10_000
LONGEST_CONTEXT = 1_000

Json = Any


class Mode(StrEnum):
    """How much of each value is told."""

    SLIM = "slim"
    WIDE = "wide"
    FULL = "full"


class Wanted(NamedTuple):
    """One selected column; `name` as it was written. `function` counts it instead of showing it."""

    name: str
    function: str = ""
    modifiers: frozenset[str] = frozenset()


class Sorted(NamedTuple):
    """One column to order by."""

    name: str
    is_descending: bool = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it was asked for: `select` None means the usual columns, `token` continues a page."""

    select: tuple[Wanted, ...] | None = None
    filter_text: str = ""
    tree: Tree | None = None
    orders: tuple[Sorted, ...] = ()
    entities: frozenset[str] = frozenset()
    top: int = USUAL_TOP
    skip: int = 0
    mode: Mode = Mode.SLIM
    wants_total: bool = False
    is_json_safe: bool = False
    is_display: bool = False
    form: str = ""
    token: str = ""
    given: tuple[tuple[str, str], ...] = ()


_AGGREGATE = re.compile(r"([A-Za-z]+)\(([^()]*)\)((?::[A-Za-z]+)*)", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)
COUNTS = frozenset({"count", "countall"})
MODIFIERS = frozenset({"header", "footer", "hidedetail"})
TRUE, FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no", ""})
FORMS = {
    "": "",
    "json": "json",
    "application/json": "json",
    "text/json": "json",
    "xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
}
DESCENDING = {"asc": False, "ascending": False, "desc": True, "descending": True}
COUNTED = {"": False, "none": False, "false": False, "allpages": True, "true": True}

# Every option by its folded name; what else stands in a query is not about the list.
NAMES = {
    "select": "$select",
    "filter": "$filter",
    "orderby": "$orderBy",
    "entities": "$entities",
    "top": "$top",
    "skip": "$skip",
    "mode": "$mode",
    "options": "$options",
    "context": "$context",
    "format": "$format",
    "jsonsafe": "$jsonSafe",
    "output": "$output",
    "inlinecount": "$inlineCount",
    "skiptoken": "$skiptoken",
}


def read_options(pairs: Iterable[tuple[str, Json]]) -> Options:
    """Read the options of a list; raises InvalidRequest naming the option, or the place in the filter."""
    said = {name: _text(name, value) for key, value in pairs if (name := _name(key)) and value is not None}
    given = unpacked(said, NAMES)
    context = given.get("context", "")
    if len(context) > LONGEST_CONTEXT:
        raise InvalidRequest("$context is too long")
    return Options(
        select=_select(given.get("select", "")),
        filter_text=given.get("filter", ""),
        tree=parse_filter(given.get("filter", "")),
        orders=_orders(given.get("orderby", "")),
        entities=frozenset(part.lower() for part in _parts("$entities", given.get("entities", ""))),
        top=min(_number("$top", given.get("top", ""), USUAL_TOP), MOST_TOP),
        skip=min(_number("$skip", given.get("skip", ""), 0), MOST_SKIP),
        mode=_mode(given.get("mode", "")),
        wants_total=_wants_total(given),
        is_json_safe=_flag("$jsonSafe", given.get("jsonsafe", "")),
        is_display=_output(given.get("output", "")),
        form=_choice("$format", given.get("format", ""), FORMS),
        token=given.get("skiptoken", ""),
        given=tuple((name, text) for name, text in given.items() if text),
    )


def _name(key: str) -> str:
    folded = key.strip().lower().removeprefix("$")
    return folded if folded in NAMES and (key.strip().startswith("$") or folded != "context") else ""


def _text(name: str, value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    if isinstance(value, str | int):
        return str(value)
    raise InvalidRequest(f"{NAMES[name]} must be a text")


def _parts(name: str, text: str) -> list[str]:
    if len(text) > LONGEST_LIST:
        raise InvalidRequest(f"{name} is too long")
    # Samples of the reference end their lists with a stray question mark.
    parts = (part.strip().rstrip("?").strip() for part in text.split(","))
    return [part for part in parts if part]


def _select(text: str) -> tuple[Wanted, ...] | None:
    parts = _parts("$select", text)
    if len(parts) > MOST_COLUMNS:
        raise InvalidRequest(f"$select names more than {MOST_COLUMNS} columns")
    if not parts or "*" in parts:
        return None
    return tuple(_wanted(part) for part in parts)


def _wanted(part: str) -> Wanted:
    match = _AGGREGATE.fullmatch(part)
    if match is None:
        name, *modifiers = re.split(r":(?=(?:header|footer|hidedetail)\b)", part, flags=re.IGNORECASE)
        return Wanted(name, modifiers=_modifiers(modifiers))
    if match[1].lower() not in COUNTS:
        raise InvalidRequest(f"$select, '{part[:40]}': only Count and CountAll are computed here")
    return Wanted(match[2].strip(), match[1], _modifiers(match[3].split(":")))


def _modifiers(words: Iterable[str]) -> frozenset[str]:
    found = frozenset(word.lower() for word in words if word)
    if found - MODIFIERS:
        raise InvalidRequest(f"$select has no modifier '{min(found - MODIFIERS)[:20]}'")
    return found


def _orders(text: str) -> tuple[Sorted, ...]:
    parts = _parts("$orderBy", text)
    if len(parts) > MOST_ORDERS:
        raise InvalidRequest(f"$orderBy names more than {MOST_ORDERS} columns")
    return tuple(_sorted(part) for part in parts)


def _sorted(part: str) -> Sorted:
    name, *words = part.split()
    directions = [DESCENDING.get(word.lower()) for word in words]
    if None in directions or len(directions) > 1:
        raise InvalidRequest(f"$orderBy, '{part[:40]}': a column and asc or desc are expected")
    return Sorted(name, True in directions)


def _number(name: str, text: str, usual: int) -> int:
    if not text.strip():
        return usual
    if not _DIGITS.fullmatch(text.strip()):
        raise InvalidRequest(f"{name} must be a whole number, 0 or more")
    return int(text)


def _flag(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise InvalidRequest(f"{name} must be true or false")
    return word in TRUE


def _choice(name: str, text: str, table: dict[str, Any]) -> Any:
    found = table.get(text.strip().lower())
    if found is None:
        raise InvalidRequest(f"{name} must be one of {', '.join(key for key in table if key)}")
    return found


def _mode(text: str) -> Mode:
    table: dict[str, Any] = {"": Mode.SLIM} | {mode.value: mode for mode in Mode}
    mode: Mode = _choice("$mode", text, table)
    return mode


def _output(text: str) -> bool:
    return bool(_choice("$output", text, {"": 0, "logical": 0, "display": 1}))


def _wants_total(given: dict[str, str]) -> bool:
    words = [word.strip().lower() for word in re.split("[,;&]", given.get("options", ""))]
    is_counted = _choice("$inlineCount", given.get("inlinecount", ""), COUNTED)
    return bool(is_counted) or "grandtotal=true" in words
