"""The carriers as JSON schemas, made from the tables that write and read them.

An answer has every member of its carrier; each may be null, because `$select` makes it so. A request may
leave out anything and may hold members that nobody knows.
"""

from collections.abc import Callable, Iterable
from typing import Any

from appointed.patching.operations import MOST_OPERATIONS
from appointed.patching.pointer import MOST_BYTES
from appointed.superoffice.carriers.extra import EXTRAS
from appointed.superoffice.catalogue import ENTITY, TYPES, value_type
from appointed.superoffice.entity import MEMBERS
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.members import RIGHTS, Member
from appointed.superoffice.numbers import HIGH, LOW
from appointed.superoffice.references import KINDS
from appointed.superoffice.render import LINKS

Schema = dict[str, Any]
MembersOf = Callable[[str], dict[str, str]]

ANSWER = "AppointmentEntityWithLinks"
PATCH, MERGE_PATCH = "JsonPatch", "AppointmentMergePatch"
# What a name gets when a request's form of the carrier is meant.
INPUT = "Input"
ENTITY_INPUT = ENTITY + INPUT
CUSTOM_FIELDS = "CustomFields"

# The entity's members that a request may set, and the members that name a record that is referred to.
WRITABLE = {member.name: member.type for member in MEMBERS if member.read is not None}
# What every appointment has: null there is refused.
NEEDED = frozenset({"StartDate", "EndDate"})
REFERENCES = {kind.carrier: (kind.key, *kind.names) for kind in KINDS}

NULL: Schema = {"type": "null"}
TEXT: Schema = {"type": "string"}
DATE_TIME: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?$",
    "examples": ["2026-03-31T18:00:00", "2026-03-31T18:00:00+02:00"],
    "description": "Without an offset unless SO-TimeZone asks for it: wall time of the base or asked zone.",
}
PLAIN: dict[str, Schema] = {
    "int32": {"type": "integer", "format": "int32"},
    "double": {"type": "number", "format": "double"},
    "bool": {"type": "boolean"},
    "string": TEXT,
    "byte": {"type": "string", "contentEncoding": "base64"},
    "date-time": DATE_TIME,
    "timespan": {
        "type": "string",
        "pattern": r"^(\d+\.)?\d{2}:\d{2}:\d{2}$",
        "examples": ["00:15:00"],
        "description": "Whole minutes as hh:mm:ss, from one day on as d.hh:mm:ss.",
    },
}
# The same in requests, where more than one form is read.
READ: dict[str, Schema] = PLAIN | {
    "int32": {
        "type": ["integer", "string"],
        "minimum": LOW,
        "maximum": HIGH,
        "pattern": r"^[+-]?[0-9]{1,10}$",
        "description": "A number, or its digits as a text.",
    },
    "bool": {"enum": [True, False, "true", "false"]},
    "double": PLAIN["double"] | {"minimum": -1e15, "maximum": 1e15},
    "date-time": {
        "anyOf": [{"type": "string", "format": "date-time"}, DATE_TIME],
        "description": "Without an offset it is wall time of the zone that SO-TimeZone names.",
    },
    "timespan": TEXT
    | {"examples": ["00:15:00", "PT15M"], "description": "hh:mm:ss, or a duration of ISO 8601."},
}


def named(name: str) -> Schema:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema) -> Schema:
    """Describe an array."""
    return {"type": "array", "items": items}


def mapped(values: Schema) -> Schema:
    """Describe a dictionary."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """Let null stand there too."""
    return {"anyOf": [schema, NULL]}


def record(properties: dict[str, Schema], *, is_whole: bool) -> Schema:
    """Describe an object; a whole one has all of its members."""
    schema: Schema = {"type": "object", "properties": properties}
    return schema | {"required": list(properties)} if is_whole else schema


def written(kind: str) -> Schema:
    """Describe what is answered for a wire type."""
    if kind.endswith("[]"):
        return listed(written(kind[:-2]))
    if kind.startswith("map<"):
        return mapped(nullable(written(value_type(kind))))
    return PLAIN.get(kind) or named(kind.removeprefix("enum:"))


def read(kind: str) -> Schema:
    """Describe what a request may hold for a wire type."""
    if kind.endswith("[]"):
        return listed(read(kind[:-2]))
    if kind.startswith("map<"):
        return mapped({"type": ["string", "number", "boolean", "null"]})
    return READ.get(kind) or named(kind.removeprefix("enum:") + INPUT)


def schemas() -> dict[str, Schema]:
    """Make every schema of the contract, by name."""
    return {
        ANSWER: _answer(MEMBERS),
        ENTITY: _answer(tuple(member for member in MEMBERS if member.name != LINKS)),
        ENTITY_INPUT: _entity_input(),
        PATCH: _patch(),
        MERGE_PATCH: named(ENTITY_INPUT)
        | {"description": "Members to change (RFC 7396); null clears, an object on an array is appended."},
        CUSTOM_FIELDS: _custom_fields(),
        **{name: _written_schema(name) for name in reached(TYPES[ENTITY].values(), _written_members)},
        **read_schemas(WRITABLE.values()),
    }


def read_schemas(kinds: Iterable[str]) -> dict[str, Schema]:
    """Make the schemas of what a request may hold below members of these wire types."""
    return {name + INPUT: _read_schema(name) for name in reached(kinds, _read_members)}


def reached(kinds: Iterable[str], members_of: MembersOf) -> list[str]:
    """Name every carrier and enum that wire types lead to."""
    found: set[str] = set()
    waiting = [_innermost(kind) for kind in kinds]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in PLAIN:
            found.add(name)
            waiting += [_innermost(kind) for kind in members_of(name).values()]
    return sorted(found)


def _innermost(kind: str) -> str:
    while kind.endswith("[]") or kind.startswith("map<"):
        kind = kind[:-2] if kind.endswith("[]") else value_type(kind)
    return kind.removeprefix("enum:")


def _written_members(name: str) -> dict[str, str]:
    return TYPES.get(name, {})


def _read_members(name: str) -> dict[str, str]:
    members = {member: kind for member, kind in _written_members(name).items() if member not in RIGHTS}
    # Of a record that is referred to the key is enough; names count only where there is no key.
    return {member: members[member] for member in REFERENCES.get(name, members)}


def _written_schema(name: str) -> Schema:
    if name in ENUMS:
        return _enum(name)
    members = _written_members(name).items()
    return record({member: nullable(written(kind)) for member, kind in members}, is_whole=True)


def _read_schema(name: str) -> Schema:
    if name in ENUMS:
        return _enum_input(name)
    members = _read_members(name).items()
    return record({member: nullable(read(kind)) for member, kind in members}, is_whole=False)


def _enum(name: str) -> Schema:
    table = ENUMS[name]
    if not table.flags:
        return {"type": "string", "enum": list(table.numbers)}
    names = "|".join(table.numbers)
    return {
        "type": "string",
        "pattern": f"^({names})(, ({names}))*$",
        "description": "Several are joined by a comma and a space.",
    }


def _enum_input(name: str) -> Schema:
    table = ENUMS[name]
    if table.flags:
        return {"type": ["string", "integer"], "description": "Names joined by commas, or the sum."}
    return {"anyOf": [_enum(name), {"type": "integer", "enum": sorted(table.names)}]}


def _answer(members: tuple[Member[Any], ...]) -> Schema:
    properties = {}
    for member in members:
        schema = named(CUSTOM_FIELDS) if member.name == CUSTOM_FIELDS else written(member.type)
        properties[member.name] = nullable(schema) | ({"readOnly": True} if member.read is None else {})
    return record(properties, is_whole=True)


def _entity_input() -> Schema:
    properties = {
        name: read(kind) if name in NEEDED else nullable(read(kind)) for name, kind in WRITABLE.items()
    }
    return record(properties, is_whole=False) | {
        "description": "Every member may be left out; names ignore case. Members that the server keeps, and "
        "those it does not know, are ignored; the first are named in Appointed-Ignored when they differ."
    }


def _custom_fields() -> Schema:
    fields = {extra.name: nullable(TEXT) | ({} if extra.write else {"readOnly": True}) for extra in EXTRAS}
    return mapped(nullable(TEXT)) | {
        "properties": fields,
        "description": "User-defined fields by progId, each with :org and perhaps :DisplayText and "
        ":DisplayTooltip beside it; the x_ fields below; and any other x_ field that was set.",
    }


def _patch() -> Schema:
    path = {"path": TEXT | {"maxLength": MOST_BYTES, "examples": ["/Priority/Id"]}}
    with_value = {"op": {"enum": ["add", "replace", "test"]}, **path, "value": {}}
    without = {"op": {"const": "remove"}, **path}
    steps = [record(step, is_whole=True) for step in (with_value, without)]
    return listed({"anyOf": steps}) | {
        "maxItems": MOST_OPERATIONS,
        "description": "Operations of RFC 6902 except move and copy; paths ignore case, the leading slash "
        "may be left out. All of them are done, or none.",
    }
