"""Departments and users in the OpenAPI document."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appointed.domain.directory import DataFieldType
from appointed.domain.meeting import Bandwidth
from appointed.sqod.organisation.carrier import (
    DepartmentDetail,
    DepartmentEnvelope,
    UserEnvelope,
    UserResource,
)
from appointed.sqod.organisation.rules import (
    DATA_FIELD,
    HOLIDAY,
    MOST_CHOICES,
    MOST_ID,
    MOST_MINUTES,
    MOST_ROWS,
    OPENING,
    STORE,
    UPDATE,
    WEEKDAYS,
)
from appointed.sqod.rules import SWITCHES
from appointed.sqod.validation import Null, Table

Schema = dict[str, Any]

TAG: Final = "Organisation"
TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
TIME: Final[Schema] = {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}
MINUTES: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": MOST_MINUTES}
FORMS: Final = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")

MEMBERS: Final[dict[str, Schema]] = {
    "name": TEXT,
    "default_user_id": {"type": "integer", "minimum": 1, "maximum": MOST_ID},
    "late_after_minutes": MINUTES | {"description": "After the start; then the claimant is late."},
    "no_show_after_minutes": MINUTES | {"description": "After the end; then it is a no-show."},
    **dict.fromkeys(SWITCHES, FLAG),
    "features_bandwidth": {"enum": [str(bandwidth) for bandwidth in Bandwidth]},
    "id": {"type": "string", "format": "uuid"},
    "type": {"enum": [str(kind) for kind in DataFieldType]},
    "required": FLAG,
    "choices": {"type": "array", "items": TEXT, "maxItems": MOST_CHOICES},
    "weekday": {"enum": list(WEEKDAYS)},
    "opens": TIME,
    "closes": TIME,
    "date": {"type": "string", "format": "date"},
}
ROWS: Final = {"opening_hours": OPENING, "holidays": HOLIDAY, "data_fields": DATA_FIELD}
PAGING: Final = [
    {"name": name, "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1}}
    for name in ("page", "per_page")
]
KEY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
CONDITIONS: Final = [
    {"name": name, "in": "header", "required": False, "schema": TEXT}
    for name in ("If-Match", "If-Unmodified-Since")
]
VERB: Final[Schema] = {"name": "_method", "in": "query", "required": False, "schema": {"enum": ["PATCH"]}}
READING: Final = (400, 401, 403, 404, 405, 408, 412, 429, 431, 503)
WRITING: Final = (*READING, 409, 413, 415, 422, 507)


def organisation_paths(failure: Callable[[int], Schema]) -> Schema:
    """Describe every address; `failure` describes the answer of a status."""

    def operation(name: str, summary: str, answer: str, more: Any = (), body: str = "") -> Schema:
        status = 201 if body == "DepartmentStore" else 200
        failures = WRITING if body else READING
        described: Schema = {
            "operationId": name,
            "summary": f"Ours: {summary}",
            "tags": [TAG],
            "parameters": [*more, *([KEY] if body else [])],
            "responses": {
                str(status): {
                    "description": "Done.",
                    "content": {"application/json": {"schema": _named(answer)}},
                },
                **{str(code): failure(code) for code in failures},
            },
        }
        if name == "getDepartment":
            described["responses"]["304"] = {"description": "The caller has this very revision."}
        if body:
            described["requestBody"] = {"content": {form: {"schema": _named(body)} for form in FORMS}}
        return described

    update = ("DepartmentEnvelope", CONDITIONS, "DepartmentUpdate")
    by_post = ("DepartmentEnvelope", [VERB, *CONDITIONS], "DepartmentUpdate")
    return {
        "/api/v1/departments": {
            "get": operation("getDepartments", "list departments", "DepartmentPage", PAGING),
            "post": operation(
                "createDepartment", "make a department", "DepartmentEnvelope", (), "DepartmentStore"
            ),
        },
        "/api/v1/departments/{department}": {
            "parameters": [_in_path("department", "Number or UUID.")],
            "get": operation("getDepartment", "read a department", "DepartmentEnvelope", CONDITIONS),
            "patch": operation("patchDepartment", "change some members of a department", *update),
            "post": operation("patchDepartmentViaPost", "change a department by POST", *by_post),
        },
        "/api/v1/users": {"get": operation("getUsers", "list users", "UserPage", PAGING)},
        "/api/v1/users/{user}": {
            "parameters": [_in_path("user", "Number, or `me`.")],
            "get": operation("getUser", "read a user", "UserEnvelope"),
        },
        "/api/v1/me": {"get": operation("getMe", "tell who is calling", "UserEnvelope")},
    }


def organisation_schemas(page: Callable[[str], Schema]) -> Schema:
    """Describe carriers and requests; `page` wraps a carrier's name in the envelope of lists."""
    answers = [DepartmentEnvelope, UserEnvelope]
    _roots, carriers = msgspec.json.schema_components(answers, ref_template="#/components/schemas/{name}")
    return {
        **carriers,
        "DepartmentPage": page(DepartmentDetail.__name__),
        "UserPage": page(UserResource.__name__),
        "DepartmentStore": _request(STORE),
        "DepartmentUpdate": _request(UPDATE),
    }


def _request(table: Table) -> Schema:
    properties = {}
    for name, rule in table.items():
        schema = _rows(name) if rule.rows is not None else MEMBERS[name]
        is_plain = rule.null is Null.REFUSED
        properties[name] = schema if is_plain else {"anyOf": [schema, {"type": "null"}]}
    required = [name for name, rule in table.items() if rule.is_required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _rows(name: str) -> Schema:
    return {"type": "array", "maxItems": MOST_ROWS[name], "items": _request(ROWS[name])}


def _in_path(name: str, description: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": TEXT, "description": description}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
