"""The SuperOffice contract as an OpenAPI 3.1 document, made from the tables that read and write it.

The vendor's own description lacks PATCH; here it stands.
"""

from appointed import __version__
from appointed.http.credentials import SESSION_COOKIE
from appointed.http.limits import described
from appointed.http.lost import LOST
from appointed.http.preferences import STRICT
from appointed.patching.operations import MOST_OPERATIONS
from appointed.superoffice.archive.openapi import find_operation, list_paths, list_schemas, list_tags
from appointed.superoffice.catalogue import ENTITY
from appointed.superoffice.openapi_batch import batch_request, batch_result
from appointed.superoffice.openapi_parts import (
    ASKING,
    ERROR,
    FAILURES,
    FORM,
    JSON,
    READING,
    XML,
    body_of,
    headed,
    operation,
    parameter,
    patch_body_of,
    said,
    shared_failures,
    xml,
)
from appointed.superoffice.openapi_services import service_paths, service_schemas, service_tags
from appointed.superoffice.openapi_trial import trial_answer, trial_schemas
from appointed.superoffice.records.openapi import record_paths, record_schemas, record_tags
from appointed.superoffice.schemas import (
    ANSWER,
    ENTITY_INPUT,
    MERGE_PATCH,
    TEXT,
    Schema,
    listed,
    mapped,
    named,
    nullable,
    record,
    schemas,
    written,
)
from appointed.superoffice.webhooks.openapi import webhook_paths, webhook_schemas, webhook_tags

BASE = "/api/v1/Appointment"
_WHOLE = body_of(ENTITY_INPUT)
PRINCIPAL, TICKET = "SoPrincipalCarrier", "TicketCarrier"

# The caller, by wire type; a test holds this against what is answered.
PRINCIPAL_MEMBERS = {
    "UserType": "enum:UserType",
    "Associate": "string",
    "AssociateId": "int32",
    "IsPerson": "bool",
    "PersonId": "int32",
    "CountryId": "int32",
    "HomeCountryId": "int32",
    "ContactId": "int32",
    "GroupId": "int32",
    "BusinessId": "int32",
    "CategoryId": "int32",
    "ContactOwner": "int32",
    "RoleId": "int32",
    "RoleName": "string",
    "RoleDescription": "string",
    "RoleType": "string",
    "Licenses": "string[]",
    "FullName": "string",
    "EMailAddress": "string",
    "FunctionRights": "string[]",
    "EjUserId": "int32",
    "EjAccessLevel": "int32",
    "EjUserStatus": "string",
    "ProvidedCredentials": "string[]",
    "SecondaryGroups": "int32[]",
    "DatabaseContextIdentifier": "string",
}

SECURITY: Schema = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "ticket": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`SOTicket`, a space and a ticket of User/currentToken.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
    "xsrf": {"type": "apiKey", "in": "header", "name": "X-XSRF-TOKEN"},
}
CREDENTIALS = (("basic",), ("bearer",), ("ticket",), ("session", "xsrf"))

ANSWER_HEADERS: Schema = {
    "ETag": {"required": True, "schema": TEXT, "description": "The revision, and which form of it this is."},
    "Last-Modified": {"required": True, "schema": TEXT, "description": "An HTTP date."},
    "Appointed-Ignored": {"schema": TEXT, "description": "Members that were given and left as they are."},
    LOST: {
        "schema": TEXT,
        "description": "Days of exceptions that a new rule deleted: at most 100 dates with commas.",
    },
    "Preference-Applied": {
        "schema": {"enum": [STRICT]},
        "description": "What was preferred, and counted.",
    },
    "Idempotent-Replayed": {"schema": TEXT, "description": "`true`: the answer to the same request before."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until it is worth another try."},
    "Appointed-Error": {"required": True, "schema": TEXT, "description": "The failure's stable code."},
}


ID = parameter("id", "The appointment's id.", "path", {"type": "integer", "minimum": 1})
CULTURE = parameter("SO-Culture", "Accepted; nothing of this server's is written in the form of a culture.")
SEEN = [
    parameter("If-Match", "ETag that the appointment must still have."),
    parameter("If-Unmodified-Since", "HTTP date after which the appointment must not have changed."),
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


def document() -> Schema:
    """Make the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SuperOffice API",
            "version": __version__,
            "description": "Appointments of a CRM diary. Paths ignore case and a slash at their end. "
            "Every write takes `Prefer: dry-run` and then answers a DryRun. "
            f"{described()} A JSON Patch has at most {MOST_OPERATIONS} operations.",
        },
        "security": [{name: [] for name in names} for names in CREDENTIALS],
        "tags": [
            {"name": "Appointment"},
            {"name": "User"},
            *list_tags(),
            *record_tags(),
            *service_tags(),
            *webhook_tags(),
        ],
        "paths": _appointment_paths()
        | list_paths()
        | _user_paths()
        | record_paths()
        | service_paths()
        | webhook_paths(),
        "components": {
            "schemas": schemas()
            | list_schemas()
            | record_schemas()
            | service_schemas()
            | webhook_schemas()
            | trial_schemas()
            | _other_schemas(),
            "responses": shared_failures() | {"DryRun": trial_answer()},
            "headers": ANSWER_HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def _appointment_paths() -> Schema:
    stored = ("ETag", "Last-Modified", "Appointed-Ignored", LOST, "Preference-Applied")
    replayable = (*stored, "Idempotent-Replayed")
    return {
        BASE: {
            "get": find_operation(),
            "post": _operation("post", "Create an appointment", [*FORM, KEY], _entity(*replayable), _WHOLE),
        },
        f"{BASE}/default": {
            "get": _operation(
                "default", "What a new appointment would be", FORM, _entity(carrier=ENTITY), failures=ASKING
            )
        },
        f"{BASE}/Validate": {
            "post": _operation(
                "validate",
                "Say what is wrong, by member; nothing is stored",
                FORM[1:],
                _findings(),
                _WHOLE,
            )
        },
        f"{BASE}/Batch": {
            "post": _operation(
                "batch",
                "Ours: change several appointments in one atomic change, all or none",
                [KEY],
                _carrier("Every appointment as it stands then.", "BatchResult", LOST, "Preference-Applied"),
                {"required": True, "content": {JSON: {"schema": named("BatchRequest")}}},
                failures=FAILURES | {406},
            )
        },
        f"{BASE}/{{id}}": {
            "parameters": [ID],
            "get": _operation(
                "get",
                "Read an appointment",
                [*FORM, CULTURE, *SEEN, *NEWER],
                _entity("ETag", "Last-Modified") | {"304": {"description": "The caller has it."}},
                failures=READING,
            ),
            "put": _operation("put", "Replace an appointment", [*FORM, *SEEN], _entity(*stored), _WHOLE),
            "patch": _operation(
                "patch",
                "Change some members",
                [*FORM, CULTURE, *SEEN, KEY],
                _entity(*replayable),
                patch_body_of(MERGE_PATCH),
            ),
            "delete": _operation(
                "delete",
                "Delete an appointment",
                SEEN,
                {"204": {"description": "Deleted.", "headers": headed(LOST)}},
                failures=FAILURES - {415},
            ),
        },
    }


def _user_paths() -> Schema:
    return {
        f"/api/v1/User/{address}": {
            "get": _operation(address, summary, [], _carrier(summary, carrier), failures=failures, tag="User")
        }
        for address, summary, carrier, failures in (
            ("currentPrincipal", "Who is calling", PRINCIPAL, ASKING),
            ("currentToken", "A new ticket, and when it ends", TICKET, ASKING | {507}),
        )
    }


def _operation(
    name: str,
    summary: str,
    parameters: list[Schema],
    answers: Schema,
    body: Schema | None = None,
    failures: set[int] = FAILURES,
    tag: str = "Appointment",
) -> Schema:
    operation_id = name if tag == "User" else f"{name}AppointmentEntity"
    return operation(operation_id, tag, summary, parameters, answers, body, failures)


def _entity(*headers: str, carrier: str = ANSWER) -> Schema:
    answer = said("The entity as it stands.", named(carrier))
    answer["content"][XML] = {"schema": xml(carrier)}
    return {"200": answer | {"headers": headed(*headers)}}


def _carrier(summary: str, carrier: str, *headers: str) -> Schema:
    answer = said(summary, named(carrier))
    answer["content"][XML] = {"schema": xml(carrier)}
    return {"200": answer | ({"headers": headed(*headers)} if headers else {})}


def _findings() -> Schema:
    answer = said("Empty when the entity can be saved.", mapped(TEXT))
    answer["content"][XML] = {"schema": xml("Dictionary")}
    return {"200": answer}


def _other_schemas() -> Schema:
    error: Schema = {
        "Error": {"const": True},
        "ErrorType": TEXT,
        "ErrorMessage": TEXT,
        "Message": TEXT,
        "ErrorSource": TEXT,
    }
    where: Schema = {
        "OperationIndex": {"type": "integer", "description": "The operation that failed, from 0."},
        "OperationPath": TEXT,
        "Problems": mapped(TEXT),
        "Item": {"type": "integer", "description": "Which of several items failed, from 0."},
        "InUse": mapped({"type": "integer"}) | {"description": "What refers to it, and how often."},
        "Held": named("HeldTime"),
        "Offers": listed(named("TimeOffer")),
    }
    moment = TEXT | {"format": "date-time"}
    held: Schema = {
        "AssociateId": written("int32"),
        "AppointmentId": written("int32"),
        "StartDate": moment,
        "EndDate": moment,
        "Title": nullable(TEXT),
    }
    step: Schema = {"op": TEXT, "path": TEXT, "value": moment}
    offer = {"StartDate": moment, "EndDate": moment, "Patch": listed(named("PatchStep"))}
    principal = {name: written(kind) for name, kind in PRINCIPAL_MEMBERS.items()}
    return {
        ERROR: record(error | where, is_whole=False) | {"required": list(error)},
        "BatchRequest": batch_request(),
        "BatchResult": batch_result(),
        "HeldTime": record(held, is_whole=True),
        "TimeOffer": record(offer, is_whole=True),
        "PatchStep": record(step, is_whole=True),
        PRINCIPAL: record(principal, is_whole=True),
        TICKET: record({"Ticket": TEXT, "ExpiresAt": TEXT | {"format": "date-time"}}, is_whole=True),
    }
