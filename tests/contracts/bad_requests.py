"""What nobody should send to the addresses of the SuperOffice document: long, deep, wrong, hostile, unknown."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import quote

from appointed.superoffice.openapi import document

DOCUMENT = document()
LONG = "x" * 10_000
# A target of more than 8 KiB is refused before any door, so that links stay short of it.
LONG_IN_LINK = "x" * 4_000
HOSTILE = "'; DROP TABLE appointment; --"
WORDS = (
    LONG_IN_LINK,
    HOSTILE,
    "' OR '1'='1",
    "\0",
    "%",
    "../../etc/passwd",
    "-1",
    "9" * 30,
    "(" * 1_000,
    "\U0001f389é",
)
VALUES: tuple[Any, ...] = (
    LONG,
    HOSTILE,
    "\0",
    "\ud800",
    "",
    -1,
    2**31,
    2**63,
    1e308,
    True,
    {"a": {"b": [{}]}},
    [[[[1]]]],
    [LONG, None],
    {"Id": 99_999_999, "Name": HOSTILE},
)
CONTENTS = (
    b"[" * 100_000,
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b"[1" + b",1" * 100_000 + b"]",
    b"\xff\xfe",
    b'{"a": 1e400}',
    b"'",
    b"null",
    b'"text"',
    b"17",
    b"[]",
    b"[null]",
    b"{}",
)
PATHS = (LONG, HOSTILE, "/" * 1_000, "\0", "/~", "AppointmentId/" * 20)
FEW = 8
# What stands in an address where something else is bad.
USUAL = {
    "event": "custom.event",
    "fieldName": "SuperOffice:1",
    "fieldType": "Number",
    "isoLangCode": "en",
    "key": "DefaultAlarmTime",
    "listname": "task",
    "name": "Task",
    "prefLevel": "Individual",
    "progidOrLabel": "SuperOffice:1",
    "provider": "FindAppointment",
    "section": "DiaryView",
    "sr_id": "SR_NO",
}


class Operation(NamedTuple):
    path: str
    verb: str
    told: dict[str, Any]

    def parameters(self, place: str) -> list[str]:
        return [one["name"] for one in map(resolved, self.told.get("parameters", ())) if one["in"] == place]

    def at(self, **given: str) -> str:
        """Give its address, with what is there wherever nothing else is said."""

        def said(match: re.Match[str]) -> str:
            return given.get(match[1]) or USUAL.get(match[1]) or "1"

        return re.sub(r"\{(\w+)\}", said, self.path)

    @property
    def members(self) -> list[str]:
        """Name the members that its body may have, and of the items of a list."""
        content = resolved(self.told.get("requestBody", {})).get("content", {})
        found: dict[str, None] = {}
        for one in content.values():
            found |= dict.fromkeys(names_in(one.get("schema", {})))
        return list(found)


class Try(NamedTuple):
    """One bad request."""

    path: str
    query: dict[str, str] = {}
    content: bytes | None = None


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        found: Any = DOCUMENT
        for token in schema["$ref"].removeprefix("#/").split("/"):
            found = found[token.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def names_in(schema: dict[str, Any]) -> Iterator[str]:
    schema = resolved(schema)
    yield from schema.get("properties", ())
    for kind in ("oneOf", "anyOf", "allOf"):
        for one in schema.get(kind, ()):
            yield from names_in(one)
    if "items" in schema:
        yield from names_in(schema["items"])


def operations() -> dict[str, list[Operation]]:
    """List every operation by the first part of its address, agents by theirs."""
    found: dict[str, list[Operation]] = {}
    for path, verbs in DOCUMENT["paths"].items():
        parts = path.removeprefix("/api").removeprefix("/v1").strip("/").split("/")
        group = "/".join(parts[:2]) if parts[0] == "Agents" else parts[0].partition("$")[0]
        for verb, told in verbs.items():
            if verb != "parameters":
                shared = [*verbs.get("parameters", ()), *told.get("parameters", ())]
                found.setdefault(group, []).append(Operation(path, verb, told | {"parameters": shared}))
    return found


OPERATIONS = operations()


def tries(one: Operation) -> Iterator[Try]:
    """Make the bad requests of one operation, each bad in one place."""
    usual = one.at()
    for name, word in product(one.parameters("path"), WORDS):
        yield Try(one.at(**{name: quote(word, safe="")}))
    for name, word in product(one.parameters("query"), WORDS):
        yield Try(usual, {name: word})
    if "requestBody" in one.told:
        yield from (Try(usual, content=content) for content in contents(one))


def contents(one: Operation) -> Iterator[bytes]:
    """Make bad bodies: every member bad, or one after the other where they are few."""
    members = one.members
    bodies: list[Any] = [dict.fromkeys(members, value) for value in VALUES]
    bodies += [[body] for body in bodies]
    if len(members) <= FEW:
        bodies += [{name: value} for name, value in product(members, VALUES)]
    if one.verb == "patch":
        bodies += [[{"op": "replace", "path": path, "value": 1}] for path in PATHS]
    yield from (json.dumps(body).encode() for body in bodies)
    yield from CONTENTS
