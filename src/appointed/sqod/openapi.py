"""The SQOD contract as an OpenAPI 3.1 document, made from the tables that read and write it."""

from collections.abc import Mapping
from datetime import timedelta

from appointed import __version__
from appointed.domain.meeting import Bandwidth
from appointed.domain.status import Status
from appointed.http.dry_run import CONFIRMED, DryRun
from appointed.http.limits import described
from appointed.sqod.availability import COUNT, AvailabilityEnvelope
from appointed.sqod.carrier import Envelope
from appointed.sqod.listing import SORTABLE
from appointed.sqod.openapi_parts import (
    CONDITIONS,
    FLAG,
    HEADERS,
    KEY,
    NEWER,
    PAGING,
    RATES,
    SAID_BY,
    TAGGED,
    TEXT,
    VERB,
    Schema,
    bodies,
    carriers,
    headed,
    named,
    nullable,
    parameter,
    request_of,
    with_forms,
)
from appointed.sqod.organisation.openapi import organisation_paths, organisation_schemas
from appointed.sqod.protection.openapi import protection_paths, protection_schemas
from appointed.sqod.rules import ANSWER, CANCEL, CLAIMANT, CREATE, LONGEST_MINUTES, PATCH, SWITCHES
from appointed.sqod.validation import Rule, Table
from appointed.sqod.webhooks.openapi import webhook_paths, webhook_schemas
from appointed.usecases.change_many import MOST_ITEMS
from appointed.usecases.free_time import LONGEST, MOST_SLOTS

UID: Schema = {"type": "string", "format": "uuid"}
URL: Schema = {"type": "string", "format": "uri"}
MOMENT: Schema = {"type": "string", "format": "date-time", "description": "Without an offset it is UTC."}

# What each member of a request is; a test holds this against the rules.
MEMBERS: Mapping[str, Schema] = {
    "appointment_at": MOMENT,
    "duration_in_minutes": {"type": "integer", "minimum": 1, "maximum": LONGEST_MINUTES},
    "department_id": {"anyOf": [{"type": "integer"}, TEXT], "description": "Number or UUID."},
    "is_interpreter_needed": FLAG,
    "interpreter_language": TEXT,
    "status": {"enum": [str(status) for status in Status]},
    **dict.fromkeys(SWITCHES, FLAG),
    "features_bandwidth": {"enum": [str(bandwidth) for bandwidth in Bandwidth]},
    "use_custom_post_call_redirect": FLAG,
    "custom_user_post_call_redirect_url": URL,
    "custom_agent_post_call_redirect_url": URL,
    "reference": TEXT,
    "cancellation_reason": TEXT,
    "name": TEXT,
    "email": {"type": "string", "format": "email"},
    "phone_number": TEXT,
    "date_of_birth": {"type": "string", "format": "date"},
    "id": UID,
    "value": TEXT,
}

TABLES: Mapping[str, Table] = {
    "AppointmentPatch": PATCH,
    "AppointmentCreate": CREATE,
    "Claimant": CLAIMANT,
    "Answer": ANSWER,
    "Cancel": CANCEL,
}
CREATE_CLAIMANT = "ClaimantCreate"

# Which appointment holds a time, and a time that is free instead with the body that moves to it.
HELD: Schema = {"appointment_id": {"type": ["string", "null"]}, "appointment_at": MOMENT, "ends_at": MOMENT}
OFFER: Schema = {
    "appointment_at": MOMENT,
    "ends_at": MOMENT,
    "patch": {"$ref": "#/components/schemas/AppointmentPatch"},
}

# Status → what it says; all have the body `Message`, 422 has `ValidationError`.
FAILURES = {
    400: "The request cannot be read.",
    401: "Missing, expired or invalid token.",
    403: "The caller may not do this.",
    404: "No such appointment, or none that the caller may see.",
    405: "The address has no such verb.",
    408: "The request did not arrive in time.",
    409: "Another request stands in the way: the Idempotency-Key is in use, or the time is taken.",
    412: "The appointment is not what the caller last saw.",
    413: "The body is too large.",
    415: "The body is in a form that is not read.",
    422: "The input breaks rules; all of them are told.",
    429: "Too many requests.",
    431: "The head of the request is too large.",
    503: "The store is not available.",
    507: "The store is full; reading goes on.",
}
TAGS = ("Appointment", "Webhook", "Organisation", "Data protection")
READING = (400, 401, 403, 404, 405, 408, 412, 429, 431, 503)


def document() -> Schema:
    """Make the document."""
    paths = {
        **_paths(),
        **_paths_of_ours(),
        **webhook_paths(_failure),
        **organisation_paths(_failure),
        **protection_paths(_failure),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SQOD API",
            "version": __version__,
            "description": "Video appointments of claimants with agents. Every write takes `Prefer: dry-run`,"
            f" and then answers a DryRun. {described()}",
        },
        "security": [{"bearer": []}, {"client": []}, {"basic": []}],
        "tags": [{"name": name} for name in TAGS],
        "paths": paths,
        "components": {
            "schemas": with_forms(_all_schemas(), paths),
            "headers": HEADERS,
            "responses": {"DryRun": _trial()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "client": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {}}},
                },
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _all_schemas() -> Schema:
    return {
        **_schemas(),
        **webhook_schemas(_page),
        **organisation_schemas(_page),
        **protection_schemas(),
        **carriers(DryRun),
    }


def _trial() -> Schema:
    # Shared, and in no operation's list, so that clients made from this document keep their types.
    return {
        "description": "To every write with `Prefer: dry-run`: what would happen. Nothing is written.",
        "headers": {"Preference-Applied": {"required": True, "schema": {"enum": [*CONFIRMED]}}},
        "content": {"application/json": {"schema": named(DryRun.__name__)}},
    }


def _paths() -> Schema:
    one = {"parameters": [parameter("appointment", "path", UID)]}
    return {
        "/api/v1/appointments": {
            "get": _operation(
                "getAppointments",
                "List appointments",
                200,
                "Page",
                parameters=[*PAGING, *LISTING],
                failures=(*READING, 422),
            ),
            "post": _operation(
                "createAppointment", "Create an appointment", 201, "Envelope", body="AppointmentCreate"
            ),
        },
        "/api/v1/appointments/{appointment}": one
        | {
            "get": _operation(
                "getAppointmentById",
                "Read an appointment",
                200,
                "Envelope",
                failures=READING,
                parameters=[*CONDITIONS, *NEWER],
            ),
            "patch": _operation(
                "patchAppointmentById",
                "Change some members of an appointment",
                200,
                "Envelope",
                body="AppointmentPatch",
                parameters=CONDITIONS,
            ),
            "post": _operation(
                "patchAppointmentByIdViaPost",
                "Change an appointment by POST, with _method=PATCH in query, body or X-HTTP-Method-Override",
                200,
                "Envelope",
                body="AppointmentPatch",
                parameters=[VERB, *CONDITIONS],
            ),
        },
        "/api/v1/appointments/{appointment}/cancel": one
        | {
            "post": _operation(
                "cancelAppointment",
                "Cancel an appointment; it stays, cancelled",
                200,
                "Envelope",
                body="Cancel",
                parameters=CONDITIONS,
            )
        },
    }


def _paths_of_ours() -> Schema:
    return {
        "/api/v1/appointments/batch": {
            "post": _operation(
                "patchAppointments",
                "Ours: change several appointments in one atomic change, all or none",
                200,
                "BatchEnvelope",
                body="BatchPatch",
            )
        },
        "/api/v1/availability": {
            "get": _operation(
                "getAvailability",
                "Ours: the next free times of a department, in its hours and outside of its diary",
                200,
                "AvailabilityEnvelope",
                parameters=AVAILABILITY,
                failures=(*READING, 422),
            )
        },
    }


STATUSES: Schema = {"enum": [str(status) for status in Status]}
# The list's filters and order, which are ours.
FILTERS: Mapping[str, tuple[Schema, str]] = {
    "status": ({"type": "array", "items": STATUSES}, "one or more statuses, between commas"),
    "reference": (TEXT, "this very reference"),
    "department_id": ({"type": "array", "items": TEXT}, "numbers or UUIDs, between commas"),
    "from": (TEXT, "starts then or later; without an offset it is UTC"),
    "to": (TEXT, "starts before then; a day without a time counts whole"),
}
SORTS = [sign + name for name in SORTABLE for sign in ("", "-")]
LISTING = [
    *(
        parameter(f"filter[{name}]", "query", schema)
        | {"description": f"Ours: {text}."}
        | ({"style": "form", "explode": False} if schema.get("type") == "array" else {})
        for name, (schema, text) in FILTERS.items()
    ),
    parameter("sort", "query", {"type": "array", "items": {"enum": SORTS}})
    | {"description": "Ours: the order, descending behind a minus.", "style": "form", "explode": False},
]
AVAILABILITY = [
    parameter("from", "query", MOMENT) | {"required": True},
    parameter(
        "duration_in_minutes",
        "query",
        {"type": "integer", "minimum": 1, "maximum": LONGEST // timedelta(minutes=1)},
    )
    | {"required": True},
    parameter("to", "query", MOMENT),
    parameter("department_id", "query", MEMBERS["department_id"]),
    parameter("count", "query", {"type": "integer", "minimum": 1, "maximum": MOST_SLOTS, "default": COUNT}),
]


def _operation(
    name: str,
    summary: str,
    status: int,
    answer: str,
    *,
    body: str = "",
    parameters: list[Schema] | None = None,
    failures: tuple[int, ...] = tuple(FAILURES),
) -> Schema:
    tagged = TAGGED if answer == "Envelope" else ()
    replayed = ("Idempotent-Replayed", "Preference-Applied") if body else ()
    operation: Schema = {
        "operationId": name,
        "summary": summary,
        "tags": ["Appointment"],
        "parameters": [*(parameters or []), *([KEY] if body else [])],
        "responses": {
            str(status): {
                "description": "Done.",
                "content": {"application/json": {"schema": named(answer)}},
                **headed(*tagged, *replayed, *RATES),
            },
            **{str(code): _failure(code) for code in failures},
        },
    }
    if name == "getAppointmentById":
        operation["responses"]["304"] = {
            "description": "The caller has this very revision.",
            **headed(*TAGGED),
        }
    if body:
        operation["requestBody"] = bodies(body)
    return operation


def _failure(status: int) -> Schema:
    schema = named({409: "Held", 422: "ValidationError"}.get(status, "Message"))
    said: Schema = {"description": FAILURES[status], "content": {"application/json": {"schema": schema}}}
    return said | headed("Appointed-Error", *SAID_BY.get(status, ()))


def _schemas() -> Schema:
    claimant = CREATE["claimant"].members or {}
    return {
        **carriers(Envelope, AvailabilityEnvelope),
        **{name: _request(table, is_create=name == "AppointmentCreate") for name, table in TABLES.items()},
        CREATE_CLAIMANT: _request(claimant),
        "Page": _page("AppointmentResource"),
        "BatchPatch": _batch_patch(),
        "BatchEnvelope": _whole(
            {"data": _list(_whole({"etag": TEXT, "appointment": named("AppointmentResource")}))}
        ),
        "Message": _object({"message": TEXT}, ["message"]),
        "Held": _object(
            {
                "message": TEXT,
                "held": _object(HELD, list(HELD)),
                "offers": _list(_object(OFFER, list(OFFER))),
            },
            ["message"],
        ),
        "ValidationError": _object(
            {"message": TEXT, "errors": {"type": "object", "additionalProperties": _list(TEXT)}},
            ["message", "errors"],
        ),
    }


def _batch_patch() -> Schema:
    item = _object(
        {
            "id": UID,
            "patch": named("AppointmentPatch"),
            "if_match": nullable(TEXT),
            "if_unmodified_since": nullable(TEXT),
            "series": {"enum": ["this", "following", "all"]},
        },
        ["id", "patch"],
    )
    return _whole({"items": _list(item) | {"minItems": 1, "maxItems": MOST_ITEMS}})


def _request(table: Table, *, is_create: bool = False) -> Schema:
    def describe(name: str, rule: Rule) -> Schema:
        if rule.members is not None:
            return named(CREATE_CLAIMANT if is_create else "Claimant")
        return MEMBERS[name] if rule.rows is None else _list(named("Answer"))

    return request_of(table, describe)


def _page(row: str) -> Schema:
    link = _object({"url": nullable(TEXT), "label": TEXT, "active": FLAG}, ["url", "label", "active"])
    links = {name: nullable(TEXT) for name in ("first", "last", "prev", "next")}
    count: Schema = {"type": "integer"}
    meta = {
        "current_page": count,
        "from": nullable(count),
        "last_page": count,
        "links": _list(link),
        "path": TEXT,
        "per_page": count,
        "to": nullable(count),
        "total": count,
    }
    members = {
        "data": _list(named(row)),
        "links": _object(links, list(links)),
        "meta": _object(meta, list(meta)),
    }
    return _object(members, list(members))


def _object(properties: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    return schema | {"required": required} if required else schema


def _whole(properties: Schema) -> Schema:
    return _object(properties, list(properties))


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
