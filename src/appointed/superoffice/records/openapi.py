"""Contact, Person, Project and Sale in the OpenAPI document, made from their tables."""

from appointed.superoffice.archive.openapi import find_records_operation
from appointed.superoffice.openapi_parts import (
    FAILURES,
    FORM,
    READING,
    XML,
    body_of,
    headed,
    operation,
    parameter,
    patch_body_of,
    said,
    xml,
)
from appointed.superoffice.records.answer import WITH_LINKS
from appointed.superoffice.records.tables import KINDS, LINKS, Kind
from appointed.superoffice.schemas import (
    INPUT,
    Schema,
    named,
    nullable,
    read,
    read_schemas,
    record,
    written,
)

STORED = ("ETag", "Last-Modified", "Appointed-Ignored")
REPLAYABLE = (*STORED, "Idempotent-Replayed")

ID = parameter("id", "The record's id.", "path", {"type": "integer", "minimum": 1})
SEEN = [
    parameter("If-Match", "ETag that the record must still have."),
    parameter("If-Unmodified-Since", "HTTP date after which the record must not have changed."),
]
NEWER = [
    parameter("If-None-Match", "ETag that the caller has; 304 when it is still the same."),
    parameter("If-Modified-Since", "HTTP date of what the caller has; 304 when it has not changed since."),
]
KEY = parameter(
    "Idempotency-Key",
    "Names this request: sent again within 24 hours it is answered again, and not done again.",
    schema={"type": "string", "minLength": 1, "maxLength": 255},
)


def record_tags() -> list[Schema]:
    """Name the groups of these operations."""
    return [{"name": kind.name} for kind in KINDS]


def record_paths() -> Schema:
    """Describe every address of a record."""
    return {path: verbs for kind in KINDS for path, verbs in _paths(kind).items()}


def record_schemas() -> Schema:
    """Describe the entities, and what requests may hold of them."""
    found: Schema = {}
    for kind in KINDS:
        members = kind.entity.members
        whole = {
            one.name: nullable(written(one.type)) | ({"readOnly": True} if one.read is None else {})
            for one in members
        }
        plain = {name: schema for name, schema in whole.items() if name != LINKS}
        writable = {one.name: one.type for one in members if one.read is not None}
        found |= read_schemas(writable.values())
        found[kind.root + WITH_LINKS] = record(whole, is_whole=True)
        found[kind.root] = record(plain, is_whole=True)
        found[kind.root + INPUT] = record(
            {name: nullable(read(type_name)) for name, type_name in writable.items()}, is_whole=False
        )
    return found


def _paths(kind: Kind) -> Schema:
    create = _operation(
        kind, "post", "Create a record", [*FORM, KEY], _entity(kind, *REPLAYABLE), body_of(kind.root + INPUT)
    )
    default = _operation(
        kind, "default", "What a new record would be", FORM, _answer(kind.root), failures=READING - {404, 412}
    )
    return {
        kind.path: {"get": find_records_operation(kind.name), "post": create},
        f"{kind.path}/default": {"get": default},
        f"{kind.path}/{{id}}": {"parameters": [ID], **_verbs_of_one(kind)},
    }


def _verbs_of_one(kind: Kind) -> Schema:
    fresh = {"304": {"description": "The caller has it."}}
    found = _entity(kind, "ETag", "Last-Modified") | fresh
    return {
        "get": _operation(kind, "get", "Read a record", [*FORM, *SEEN, *NEWER], found, failures=READING),
        "put": _operation(
            kind,
            "put",
            "Replace a record",
            [*FORM, *SEEN],
            _entity(kind, *STORED),
            body_of(kind.root + INPUT),
        ),
        "patch": _operation(
            kind,
            "patch",
            "Change some members",
            [*FORM, *SEEN, KEY],
            _entity(kind, *REPLAYABLE),
            patch_body_of(kind.root + INPUT),
        ),
    }


def _operation(
    kind: Kind,
    name: str,
    summary: str,
    parameters: list[Schema],
    answers: Schema,
    body: Schema | None = None,
    failures: set[int] = FAILURES,
) -> Schema:
    return operation(f"{name}{kind.root}", kind.name, summary, parameters, answers, body, failures)


def _entity(kind: Kind, *headers: str) -> Schema:
    answer = _answer(kind.root + WITH_LINKS)
    return {"200": answer["200"] | {"headers": headed(*headers)}}


def _answer(root: str) -> Schema:
    answer = said("The entity as it stands.", named(root))
    answer["content"][XML] = {"schema": xml(root)}
    return {"200": answer}
