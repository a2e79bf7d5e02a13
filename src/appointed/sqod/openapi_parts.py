"""What every operation of SQOD's OpenAPI document is made of: parameters, names and bodies."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from appointed.http.preferences import STRICT
from appointed.sqod.paging import MOST_PER_PAGE, PER_PAGE
from appointed.sqod.validation import Null, Rule, Table

Schema = dict[str, Any]
# The answer of a status; the envelope of a list by the name of its rows' schema.
Failure = Callable[[int], Schema]
Page = Callable[[str], Schema]

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
JSON: Final = "application/json"
FORMS: Final = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")
# What the name of a body's schema ends in when it is one of a form.
FORM: Final = "Form"


def parameter(name: str, place: str, schema: Schema, description: str = "") -> Schema:
    """Describe a parameter; those of a path are required."""
    described = {"name": name, "in": place, "required": place == "path", "schema": schema}
    return described | ({"description": description} if description else {})


PAGING: Final = [
    parameter("page", "query", {"type": "integer", "minimum": 1, "default": 1}),
    parameter(
        "per_page", "query", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE}
    ),
]
CONDITIONS: Final = [
    parameter(
        "If-Match", "header", TEXT, "ETag that the appointment must still have; else 412 and nothing is done."
    ),
    parameter(
        "If-Unmodified-Since",
        "header",
        TEXT,
        "HTTP date after which the appointment must not have changed; counts only without If-Match.",
    ),
]
NEWER: Final = [
    parameter("If-None-Match", "header", TEXT, "ETag that the caller has; 304 when it is still the same."),
    parameter(
        "If-Modified-Since",
        "header",
        TEXT,
        "HTTP date of what the caller has; 304 when it did not change; If-None-Match comes first.",
    ),
]
KEY: Final = parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": 255},
    "Names this request: sent again within 24 hours it is answered again, and not done again; with another "
    "request 422, while the first still runs 409.",
)
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
HEADERS: Final[Schema] = {
    "ETag": {
        "required": True,
        "schema": TEXT,
        "description": "The revision, for If-Match and If-None-Match.",
    },
    "Last-Modified": {"required": True, "schema": TEXT, "description": "HTTP date of the last change."},
    "Idempotent-Replayed": {"schema": TEXT, "description": "`true`: the answer to the same request before."},
    "Preference-Applied": {"schema": {"enum": [STRICT]}, "description": "What was preferred, and counted."},
    "Appointed-Error": {"required": True, "schema": TEXT, "description": "The failure's stable code."},
    "Retry-After": {"schema": NUMBER, "description": "Seconds until it is worth another try."},
    "X-RateLimit-Limit": {
        "schema": NUMBER,
        "description": "Requests or tries a minute, where they are counted.",
    },
    "X-RateLimit-Remaining": {"schema": NUMBER, "description": "How many of them are left."},
    "X-RateLimit-Reset": {"schema": NUMBER, "description": "When they are counted anew (Unix time)."},
}
TAGGED: Final = ("ETag", "Last-Modified")
RATES: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
# Status → the headers of that failure beside its code.
SAID_BY: Final[dict[int, tuple[str, ...]]] = {
    409: ("Retry-After",),
    429: ("Retry-After", *RATES),
    503: ("Retry-After",),
}


def headed(*names: str) -> Schema:
    """Refer to the headers of an answer."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


VERB: Final = parameter("_method", "query", {"enum": ["PATCH"]})


def named(name: str) -> Schema:
    """Refer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """Allow null too."""
    return {"anyOf": [schema, {"type": "null"}]}


def request_of(table: Table, describe: Callable[[str, Rule], Schema]) -> Schema:
    """Describe a body by the rules of its members, each of which `describe` describes."""
    properties = {}
    for name, rule in table.items():
        schema = describe(name, rule)
        properties[name] = schema if rule.null is Null.REFUSED else nullable(schema)
    required = [name for name, rule in table.items() if rule.is_required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def bodies(name: str, forms: tuple[str, ...] = FORMS) -> Schema:
    """Describe a body in every form that is read, by the name of its schema; see `with_forms`."""
    return {"content": {form: {"schema": named(name if form == JSON else name + FORM)} for form in forms}}


def with_forms(schemas: Schema, paths: Schema) -> Schema:
    """Add to the schemas of JSON bodies those of the same bodies as forms, whose names are in brackets."""
    names = re.findall(rf'/schemas/(\w+){FORM}"', msgspec.json.encode(paths).decode())
    return schemas | {name + FORM: _flat(schemas[name], schemas) for name in dict.fromkeys(names)}


def _flat(schema: Schema, schemas: Schema) -> Schema:
    members = dict(_members("", schema, schemas, is_required=True))
    required = [name for name, (_schema, is_required) in members.items() if is_required]
    properties = {name: one for name, (one, _is_required) in members.items()}
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _members(
    path: str, schema: Schema, schemas: Schema, *, is_required: bool
) -> Iterator[tuple[str, tuple[Schema, bool]]]:
    """List what a form has for a member: one for each member of an object, or of a list's first row."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    # Null is an empty text in a form.
    if schema.get("anyOf", [{}])[-1] == {"type": "null"}:
        schema = schema["anyOf"][0]
        yield from _members(path, schema, schemas, is_required=is_required)
    elif "properties" in schema:
        for name, one in schema["properties"].items():
            needed = is_required and name in schema.get("required", ())
            yield from _members(f"{path}[{name}]" if path else name, one, schemas, is_required=needed)
    elif "items" in schema and schema["items"].keys() & {"$ref", "properties"}:
        yield from _members(f"{path}[0]", schema["items"], schemas, is_required=False)
    else:
        yield path + ("[]" if "items" in schema else ""), (schema, is_required)


def carriers(*roots: type[msgspec.Struct]) -> Schema:
    """Describe carriers, and all that they hold."""
    _roots, found = msgspec.json.schema_components(roots, ref_template="#/components/schemas/{name}")
    # As JSON has it: a default that is a tuple is no array yet.
    described: Schema = msgspec.json.decode(msgspec.json.encode(found))
    return described
