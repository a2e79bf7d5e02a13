"""The addresses that belong to neither contract, as an OpenAPI 3.1 document of their own."""

from typing import Any

from appointed import __version__
from appointed.console.claimants.openapi import SCHEMAS as CLAIMANT_SCHEMAS
from appointed.console.claimants.openapi import TAG as CLAIMANT_TAG
from appointed.console.claimants.openapi import paths as claimant_paths
from appointed.http.credentials import SESSION_COOKIE, XSRF_COOKIE
from appointed.meetings.openapi import SCHEMAS as MEETING_SCHEMAS
from appointed.meetings.openapi import SECURITY_SCHEME, TAGS
from appointed.meetings.openapi import paths as meeting_paths
from appointed.sqod.token import SERVER_ERRORS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
JSON, FORM, PROBLEM = "application/json", "application/x-www-form-urlencoded", "application/problem+json"
MULTIPART = "multipart/form-data"
METRICS = "text/plain"

# Status → what it says; all have the body `Problem` (RFC 9457).
FAILURES = {
    400: "The request cannot be read.",
    401: "The name or password is wrong, or there is no session.",
    408: "The request did not arrive in time.",
    413: "The body is too large.",
    415: "The body is in a form that is not read.",
    422: "A text holds a character that cannot be kept.",
    429: "Too many requests, or too many wrong passwords (`Retry-After`).",
    431: "The head of the request is too large.",
    503: "The store is not available.",
    507: "The store is full.",
}
WATCHING = (429, 431)

# RFC 6749 §5.2, as far as a client's own credentials can fail.
OAUTH_ERRORS = (
    "invalid_client",
    "invalid_request",
    "unsupported_grant_type",
    *dict.fromkeys(SERVER_ERRORS.values()),
)


def document() -> Schema:
    """Make the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Appointed server",
            "version": __version__,
            "description": "Tokens, sessions, meetings, health and measurements; for both contracts.",
        },
        "security": [],
        "tags": [{"name": "Credentials"}, {"name": "Health"}, *TAGS, CLAIMANT_TAG],
        "paths": _credential_paths() | _health_paths() | meeting_paths() | claimant_paths(),
        "components": {
            "schemas": _schemas() | MEETING_SCHEMAS | CLAIMANT_SCHEMAS,
            "securitySchemes": SECURITY_SCHEME
            | {
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
                "xsrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-XSRF-TOKEN",
                    "description": f"The value of the cookie {XSRF_COOKIE}.",
                },
            },
        },
    }


def with_server(described: Schema, public_url: str) -> Schema:
    """Say in a document where its addresses are; without a public URL at the document's own origin."""
    return described | {"servers": [{"url": public_url.rstrip("/") or "/"}]}


def _credential_paths() -> Schema:
    token_answers = {
        "200": _said("The token, and how many seconds it is good for.", "Token"),
        "400": _said("What is wrong with the request (RFC 6749 §5.2).", "OAuthError"),
    }
    sessions = {"204": {"description": "Done; both cookies are set.", "headers": {"Set-Cookie": _header()}}}
    unread = [status for status in FAILURES if status not in (400, 401, 413, 415, 422, 507)]
    return {
        "/oauth2/token": {
            "post": _operation(
                "getToken",
                "Exchange a client's id and secret for a bearer token",
                token_answers | _failures(unread, JSON, "OAuthError"),
                body=_body("TokenRequest", FORM, MULTIPART, JSON),
            )
        },
        "/.well-known/jwks.json": {
            "get": _operation(
                "getKeys",
                "The public keys to check tokens by (RFC 7517 §5)",
                {"200": _said("The keys.", "Keys")} | _failures(WATCHING),
            )
        },
        "/login": {
            "post": _operation(
                "login",
                "Open a session in a browser",
                sessions | _failures(FAILURES),
                body=_body("Login", JSON, FORM),
            )
        },
        "/logout": {
            "post": _operation("logout", "End the session", sessions | _failures((401, 408, 429, 431, 503)))
            | {"security": [{"session": [], "xsrf": []}]}
        },
    }


def _health_paths() -> Schema:
    ready = {"200": _said("Changes can be written.", "Health"), "503": _said("They cannot.", "Health")}
    shown = {"description": "Prometheus' text form.", "content": {METRICS: {"schema": TEXT}}}
    rows = (
        ("live", "/healthz/live", "Whether the process answers", {"200": _said("It does.", "Health")}),
        ("ready", "/healthz/ready", "Whether a change could be written now", ready),
        ("metrics", "/metrics", "All measurements", {"200": shown}),
    )
    return {
        path: {"get": _operation(name, summary, answers | _failures(WATCHING), tag="Health")}
        for name, path, summary, answers in rows
    }


def _operation(
    name: str, summary: str, answers: Schema, body: Schema | None = None, tag: str = "Credentials"
) -> Schema:
    operation: Schema = {"operationId": name, "summary": summary, "tags": [tag], "responses": answers}
    return operation | ({"requestBody": body} if body else {})


def _failures(statuses: Any, form: str = PROBLEM, schema: str = "Problem") -> Schema:
    problem = {form: {"schema": _named(schema)}}
    headers = {"Appointed-Error": _header()}
    return {
        str(status): {"description": FAILURES[status], "content": problem, "headers": headers}
        for status in statuses
    }


def _said(description: str, schema: str) -> Schema:
    return {"description": description, "content": {JSON: {"schema": _named(schema)}}}


def _body(schema: str, *forms: str) -> Schema:
    return {"required": True, "content": {form: {"schema": _named(schema)} for form in forms}}


def _header() -> Schema:
    return {"required": True, "schema": TEXT}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Schema:
    return {
        "TokenRequest": _object(
            {
                "grant_type": {"const": "client_credentials"},
                "client_id": TEXT | {"description": "Unless it stands in an Authorization header (Basic)."},
                "client_secret": TEXT,
            },
            "grant_type",
        ),
        "Token": _object(
            {
                "access_token": TEXT,
                "expires_in": {"type": "integer", "description": "Seconds."},
                "token_type": {"const": "Bearer"},
            }
        ),
        "OAuthError": _object({"error": {"enum": list(OAUTH_ERRORS)}}),
        "Keys": _object({"keys": {"type": "array", "items": {"type": "object"}}}),
        "Login": _object({"username": TEXT, "password": TEXT}),
        "Health": _object({"status": {"enum": ["live", "ready", "not ready"]}, "detail": TEXT}, "status"),
        "Problem": _object(
            {
                "type": TEXT,
                "title": TEXT,
                "status": {"type": "integer"},
                "detail": TEXT,
                "code": TEXT,
                "request_id": TEXT | {"description": "What the log knows this request by."},
            },
            *("type", "title", "status", "detail", "code"),
        ),
    }


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required or properties)}
