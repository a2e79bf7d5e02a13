"""Webhooks in the OpenAPI document, made from the table of their members."""

from typing import Final

from appointed.superoffice.enums import ENUMS
from appointed.superoffice.openapi_parts import (
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
    xml,
)
from appointed.superoffice.schemas import (
    INPUT,
    TEXT,
    Schema,
    listed,
    mapped,
    named,
    nullable,
    read,
    record,
    written,
)
from appointed.superoffice.webhooks.members import MASK, MEMBERS
from appointed.superoffice.webhooks.routes import BASE, RESULT, ROOT

TAG: Final = "Webhook"
FREE: Schema = {"type": "object"}
# Members whose schema says more than their wire type.
TOLD: Final[dict[str, Schema]] = {
    "Secret": TEXT | {"description": "Always null in answers; null leaves it, '' removes it."},
    "Headers": mapped(TEXT) | {"description": f"Values are answered as {MASK}, which sent back leaves them."},
    "Properties": mapped(FREE),
    "ErrorAssociates": listed(FREE),
}

ID = parameter("id", "The webhook's id.", "path", {"type": "integer", "minimum": 1})
EVENT = [
    parameter("event", "An entity and a verb, joined by a dot.", "path"),
    parameter("id", "The key of what the event is about.", "path", {"type": "integer", "minimum": 0}),
]
FILTERS = [
    parameter("nameFilter", "Only webhooks of this name.", "query"),
    parameter("eventFilter", "Only webhooks that listen to this event.", "query"),
    parameter("statusFilter", "Only webhooks in this state.", "query", named("WebhookState" + INPUT)),
]


def webhook_tags() -> list[Schema]:
    """Name the group of these operations."""
    return [{"name": TAG, "description": "Who is told of changes; for administrators."}]


def webhook_paths() -> Schema:
    """Describe every address of webhooks."""
    return {
        BASE: {
            "get": _operation("getAll", "List webhooks", [*FORM, *FILTERS], _many(), failures=READING),
            "post": _operation("post", "Subscribe to events", FORM, _one(), body_of(ROOT + INPUT)),
        },
        f"{BASE}/default": {
            "get": _operation("default", "What a new webhook would be", FORM, _one(), failures=READING)
        },
        f"{BASE}/Test": {
            "post": _operation(
                "test", "Send a test event to a target", FORM, _result(), body_of(ROOT + INPUT)
            )
        },
        f"{BASE}/{{id}}": {
            "parameters": [ID],
            "get": _operation("get", "Read a webhook", FORM, _one(), failures=READING),
            "put": _operation("put", "Replace a webhook", FORM, _one(), body_of(ROOT + INPUT)),
            "patch": _operation("patch", "Change some members", FORM, _one(), patch_body_of(ROOT + INPUT)),
            "delete": _operation("delete", "End a subscription", [], _nothing("Deleted.")),
        },
        f"{BASE}/{{id}}/LastError": {
            "parameters": [ID],
            "get": _operation("lastError", "What went wrong last", FORM[1:], _text(), failures=READING),
        },
        f"{BASE}/{{event}}/{{id}}": {
            "parameters": EVENT,
            "post": _operation("signal", "Tell of an event of one's own", [], _nothing("Told."), _details()),
        },
    }


def webhook_schemas() -> Schema:
    """Describe the webhook, what a request may hold of it, and its enums."""
    enums = ("WebhookState", "WebhookNotifyVia", "WebhookNotifyWhen")
    whole = {
        one.name: nullable(TOLD.get(one.name) or written(one.type))
        | ({"readOnly": True} if one.read is None else {})
        for one in MEMBERS
    }
    sent = {
        one.name: nullable(TOLD.get(one.name) or read(one.type)) for one in MEMBERS if one.read is not None
    }
    found = {
        ROOT: record(whole, is_whole=True),
        ROOT + INPUT: record(sent, is_whole=False),
        RESULT: record({"Success": {"type": "boolean"}, "Message": TEXT}, is_whole=True),
    }
    for enum in enums:
        names: Schema = {"type": "string", "enum": list(ENUMS[enum].numbers)}
        numbers: Schema = {"type": "integer", "enum": sorted(ENUMS[enum].names)}
        found |= {enum: names, enum + INPUT: {"anyOf": [names, numbers]}}
    return found


def _operation(
    name: str,
    summary: str,
    parameters: list[Schema],
    answers: Schema,
    body: Schema | None = None,
    failures: set[int] = FAILURES,
) -> Schema:
    return operation(f"{name}{ROOT}", TAG, summary, parameters, answers, body, failures)


def _one() -> Schema:
    answer = said("The webhook as it stands.", named(ROOT))
    answer["content"][XML] = {"schema": xml(ROOT)}
    return {"200": answer | {"headers": headed("Appointed-Ignored")}}


def _many() -> Schema:
    answer = said("The webhooks, oldest first.", listed(named(ROOT)))
    answer["content"][XML] = {"schema": xml(f"ArrayOf{ROOT}")}
    return {"200": answer}


def _result() -> Schema:
    answer = said("Whether the target answered 200, and what it said.", named(RESULT))
    answer["content"][XML] = {"schema": xml(RESULT)}
    return {"200": answer}


def _text() -> Schema:
    answer = said("The error; empty when there was none.", TEXT)
    answer["content"][XML] = {"schema": xml("string")}
    return {"200": answer}


def _nothing(description: str) -> Schema:
    return {"204": {"description": description}}


def _details() -> Schema:
    told: Schema = {"anyOf": [listed(TEXT), FREE]}
    return {"required": False, "content": {JSON: {"schema": told}}}
