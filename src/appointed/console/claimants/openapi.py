"""The claimant's link, for the OpenAPI document of the server."""

from collections.abc import Iterable
from typing import Any, Final

from appointed.console.claimants.link import LIVE_PAGE
from appointed.domain.meeting import CLAIMANT_PAGE

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
TAG: Final = {"name": "Pages of claimants"}
FORM: Final = "application/x-www-form-urlencoded"
STREAM: Final = "text/event-stream"
JSON: Final = "application/json"

# What is shown as a page.
PAGES: Final = {
    200: "Where the claimant stands: summary, check of devices, waiting area, meeting, or how it ended.",
    400: "What was sent cannot be read.",
    404: "The link is not known.",
    410: "The link has expired.",
    429: "The link, or the caller's address, was used too often (`Retry-After`).",
    503: "The store is not available.",
}
SHOWN: Final = (200, 400, 404, 410, 429, 503)
SENT: Final = {
    403: "No page of this link has sent this: nothing is done, and the page offers it again.",
    422: "The question about recording is not answered yet.",
}
# What comes before any page, or is nobody's fault here; all have the body `Problem`.
FAILURES: Final = {
    400: "The request cannot be read.",
    404: "The link is not known.",
    408: "The request did not arrive in time.",
    409: "The time is taken.",
    429: "The link was used too often (`Retry-After`).",
    431: "The head of the request is too large.",
    503: "The store is not available.",
    507: "The store is full.",
}

_MESSAGE: Final[Schema] = {"type": "object", "properties": {"id": TEXT, "at": TEXT, "text": TEXT}}
SCHEMAS: Final[Schema] = {
    "ClaimantForm": {
        "type": "object",
        "properties": {
            "token": {"type": "string", "description": "What the page's own forms bring along."},
            "do": {"enum": ["arrive", "leave", "consent"]},
            "consent": {"enum": ["yes", "no"]},
        },
        "required": ["token"],
    },
    "ClaimantState": {
        "type": "object",
        "properties": {
            "page": TEXT,
            "when": TEXT,
            "place": {"type": "integer", "minimum": 0},
            "messages": {"type": "array", "items": _MESSAGE},
            "asks_consent": {"type": "boolean"},
            "meeting": {"type": ["object", "null"]},
        },
        "required": ["page", "when", "place", "messages", "asks_consent"],
    },
}


def paths() -> Schema:
    """Describe them."""
    html = {str(status): _page(PAGES[status]) for status in SHOWN}
    onward = {"303": _leads("Where the office wants the claimant to go after the call.")}
    done = {"303": _leads("Back to the page, which is read anew.")}
    sent = {str(status): _page(text) for status, text in SENT.items()}
    told = {JSON: {"schema": _named("ClaimantState")}, STREAM: {"schema": TEXT}}
    state = {"description": "How things stand; as a stream, events `state`.", "content": told}
    return {
        CLAIMANT_PAGE: {
            "get": _operation("openClaimantLink", "The claimant's page", html | onward | _failures((431,))),
            "post": _operation(
                "claimantActs",
                "Say that the claimant is there, has gone, or may be recorded",
                {name: answer for name, answer in html.items() if name not in ("200", "410")}
                | done
                | sent
                | _failures((408, 409, 431, 507)),
            )
            | {"requestBody": {"content": {FORM: {"schema": _named("ClaimantForm")}}}},
        },
        LIVE_PAGE: {
            "get": _operation(
                "claimantState",
                "How things stand, for the script of the page",
                {"200": state} | _failures((400, 404, 429, 431, 503)),
            )
        },
    }


def _operation(name: str, summary: str, answers: Schema) -> Schema:
    parameters = [
        *(_parameter(one, required=True) for one in ("reference", "key")),
        *(_parameter(one, required=False) for one in ("lang", "zone")),
    ]
    return {
        "operationId": name,
        "summary": summary,
        "tags": [TAG["name"]],
        "parameters": parameters,
        "responses": answers,
    }


def _parameter(name: str, *, required: bool) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": TEXT}


def _page(description: str) -> Schema:
    return {"description": description, "content": {"text/html": {"schema": TEXT}}}


def _leads(description: str) -> Schema:
    return {"description": description, "headers": {"Location": {"required": True, "schema": TEXT}}}


def _failures(statuses: Iterable[int]) -> Schema:
    headers = {"Appointed-Error": {"required": True, "schema": TEXT}}
    problem = {"application/problem+json": {"schema": _named("Problem")}}
    return {
        str(status): {"description": FAILURES[status], "content": problem, "headers": headers}
        for status in statuses
    }


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
