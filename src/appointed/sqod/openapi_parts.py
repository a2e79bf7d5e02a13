"""What every operation of SQOD's OpenAPI document is made of: parameters, names and bodies."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appointed.sqod.paging import MOST_PER_PAGE, PER_PAGE
from appointed.sqod.validation import Null, Rule, Table

Schema = dict[str, Any]
# The answer of a status; the envelope of a list by the name of its rows' schema.
Failure = Callable[[int], Schema]
Page = Callable[[str], Schema]

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
FORMS: Final = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def parameter(name: str, place: str, schema: Schema) -> Schema:
    """Describe a parameter; those of a path are required."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


PAGING: Final = [
    parameter("page", "query", {"type": "integer", "minimum": 1, "default": 1}),
    parameter(
        "per_page", "query", {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE}
    ),
]
CONDITIONS: Final = [
    parameter("If-Match", "header", TEXT),
    parameter("If-Unmodified-Since", "header", TEXT),
]
KEY: Final = parameter("Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": 255})
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
    """Describe a body in every form that is read, by the name of its schema."""
    return {"content": {form: {"schema": named(name)} for form in forms}}


def carriers(*roots: type[msgspec.Struct]) -> Schema:
    """Describe carriers, and all that they hold."""
    _roots, found = msgspec.json.schema_components(roots, ref_template="#/components/schemas/{name}")
    return dict(found)
