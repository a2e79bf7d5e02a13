"""The audit log, claimants and settings in the OpenAPI document (ours: ADR 0151)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appointed.domain.audit import Act
from appointed.domain.redirect_url import LONGEST_HOST, MOST_HOSTS
from appointed.sqod.openapi_parts import VERB, bodies
from appointed.sqod.protection.carrier import (
    AuditEnvelope,
    AuditPage,
    ClaimantExport,
    ErasureEnvelope,
    FoundClaimants,
    SettingsEnvelope,
)
from appointed.sqod.protection.rules import LONGEST_SEARCH
from appointed.usecases.claimant_ports import Lookup

Schema = dict[str, Any]

TAG: Final = "Data protection"
TEXT: Final[Schema] = {"type": "string"}
UID: Final[Schema] = {"type": "string", "format": "uuid"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
READING: Final = (400, 401, 403, 404, 405, 408, 429, 431, 503)
WRITING: Final = (*READING, 409, 412, 413, 415, 422, 507)
PATCH_VIA_POST: Final = (
    "patchSettingsViaPost",
    "change what holds for the customer by POST",
    "SettingsEnvelope",
    [VERB],
    "SettingsUpdate",
    WRITING,
)
TAG_HEADER: Final[Schema] = {"ETag": {"schema": TEXT, "description": "What an erasure asks for."}}
REQUESTS: Final[Schema] = {
    "ClaimantSearch": {
        "type": "object",
        "properties": {
            "by": {"enum": [str(way) for way in Lookup]},
            "text": TEXT | {"minLength": 1, "maxLength": LONGEST_SEARCH},
        },
        "required": ["by", "text"],
    },
    "SettingsUpdate": {
        "type": "object",
        "properties": {
            "redirect_hosts": {
                "type": ["array", "null"],
                "items": TEXT | {"maxLength": LONGEST_HOST},
                "maxItems": MOST_HOSTS,
                "description": "Hosts that people may be led to after a call; none: every public one.",
            }
        },
    },
}


def protection_paths(failure: Callable[[int], Schema]) -> Schema:
    """Describe every address; `failure` describes the answer of a status."""

    def operation(
        name: str, summary: str, answer: str, more: Any = (), body: str = "", failures: Any = READING
    ) -> Schema:
        done: Schema = {"description": "Done.", "content": {"application/json": {"schema": _named(answer)}}}
        described: Schema = {
            "operationId": name,
            "summary": f"Ours: {summary}",
            "tags": [TAG],
            "parameters": list(more),
            "responses": {"200": done, **{str(code): failure(code) for code in failures}},
        }
        if body:
            described["requestBody"] = bodies(body)
        return described

    export = operation("exportClaimant", "tell all that is kept of a claimant", "ClaimantExport")
    export["responses"]["200"]["headers"] = TAG_HEADER
    erase = operation(
        "eraseClaimant", "erase a claimant for ever", "ErasureEnvelope", ERASING, failures=WRITING
    )
    return {
        "/api/v1/audit": {
            "get": operation(
                "getAudit", "list who did what, newest first", "AuditPage", FILTERS, failures=(*READING, 422)
            )
        },
        "/api/v1/audit/{reference}": {
            "parameters": [_parameter("reference", "path", UID)],
            "get": operation("getAuditEntry", "read an entry", "AuditEnvelope"),
        },
        "/api/v1/claimants/search": {
            "post": operation(
                "searchClaimants",
                "find claimants",
                "FoundClaimants",
                body="ClaimantSearch",
                failures=WRITING,
            )
        },
        "/api/v1/claimants/{claimant}": {
            "parameters": [_parameter("claimant", "path", UID)],
            "get": export,
            "delete": erase,
        },
        "/api/v1/settings": {
            "get": operation("getSettings", "read what holds for the customer", "SettingsEnvelope"),
            "patch": operation(
                "patchSettings",
                "change what holds for the customer",
                "SettingsEnvelope",
                body="SettingsUpdate",
                failures=WRITING,
            ),
            "post": operation(*PATCH_VIA_POST),
        },
    }


def protection_schemas() -> Schema:
    """Describe carriers and requests."""
    answers = [AuditPage, AuditEnvelope, FoundClaimants, ClaimantExport, ErasureEnvelope, SettingsEnvelope]
    _roots, carriers = msgspec.json.schema_components(answers, ref_template="#/components/schemas/{name}")
    return {**carriers, **REQUESTS}


def _parameter(name: str, place: str, schema: Schema, description: str = "") -> Schema:
    made: Schema = {"name": name, "in": place, "required": place == "path", "schema": schema}
    return made | ({"description": description} if description else {})


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


FILTERS: Final = [
    _parameter("user", "query", NUMBER, "Who did it; 0 is the server or its operator."),
    _parameter("action", "query", TEXT, "What was done, between commas: " + ", ".join(Act) + "."),
    _parameter("from", "query", MOMENT),
    _parameter("to", "query", MOMENT, "Before this instant; a day without a time counts whole."),
    _parameter("appointment", "query", TEXT, "Number, UUID or reference."),
    _parameter("department", "query", TEXT, "Number or UUID: what is about its appointments."),
    _parameter("after", "query", UID, "A reference; what came before it."),
    _parameter("page", "query", {"type": "integer", "minimum": 1}, "From 1; `next` needs none."),
    _parameter("per_page", "query", {"type": "integer", "minimum": 1, "maximum": 100}),
]
ERASING: Final = [
    _parameter("If-Match", "header", TEXT, "The tag of the export or dry run that was looked at."),
    _parameter("Prefer", "header", TEXT, "`dry-run` only tells what would be erased."),
]
