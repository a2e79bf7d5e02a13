"""Subscriptions in the OpenAPI document."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from appointed.domain.webhook import DeliveryState, HookState
from appointed.sqod.validation import Null, Table
from appointed.sqod.webhooks.carrier import (
    DeliveryPage,
    PingEnvelope,
    RedeliveredEnvelope,
    WebhookEnvelope,
    WebhookResource,
)
from appointed.sqod.webhooks.event_body import EVENTS
from appointed.sqod.webhooks.rules import LONGEST_NAME, LONGEST_URL, STORE, UPDATE, Payload

Schema = dict[str, Any]
Failure = Callable[[int], Schema]

TAG: Final = "Webhook"
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1}
MEMBERS: Final[dict[str, Schema]] = {
    "url": {"type": "string", "format": "uri", "maxLength": LONGEST_URL},
    "events": {"type": "array", "minItems": 1, "items": {"enum": list(EVENTS)}},
    "name": {"type": "string", "maxLength": LONGEST_NAME},
    "payload": {"enum": [str(payload) for payload in Payload]},
    "status": {"enum": [str(state) for state in HookState]},
}
ONE: Final = [{"name": "webhook", "in": "path", "required": True, "schema": NUMBER}]
PAGING: Final = [
    {"name": name, "in": "query", "required": False, "schema": NUMBER} for name in ("page", "per_page")
]
LISTING: Final = [
    {
        "name": "status",
        "in": "query",
        "required": False,
        "schema": {"enum": [str(state) for state in DeliveryState]},
    },
    {"name": "after", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 0}},
    PAGING[1],
]
FAILURES: Final = (400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431, 503, 507)
BASE: Final = "/api/v1/webhooks"


def webhook_paths(failure: Failure) -> Schema:
    """Describe every address; `failure` describes the answer of a status."""

    def operation(
        name: str, summary: str, answer: str, status: int = 200, body: str = "", more: Any = ()
    ) -> Schema:
        done: Schema = {"description": "Done."}
        if answer:
            done["content"] = {"application/json": {"schema": _named(answer)}}
        described: Schema = {
            "operationId": name,
            "summary": summary,
            "tags": [TAG],
            "parameters": list(more),
            "responses": {
                str(status): done,
                **{str(code): failure(code) for code in FAILURES},
            },
        }
        if body:
            described["requestBody"] = {"content": {"application/json": {"schema": _named(body)}}}
        return described

    one = {"parameters": ONE}
    dead = {**ONE[0], "name": "delivery"}
    return {
        BASE: {
            "get": operation("getWebhooks", "List subscriptions", "WebhookPage", more=PAGING),
            "post": operation("createWebhook", "Subscribe", "WebhookEnvelope", 201, "WebhookStore"),
        },
        f"{BASE}/{{webhook}}": one
        | {
            "get": operation("getWebhook", "Read a subscription", "WebhookEnvelope"),
            "put": operation("putWebhook", "Change a subscription", "WebhookEnvelope", 200, "WebhookUpdate"),
            "patch": operation(
                "patchWebhook", "Change a subscription", "WebhookEnvelope", 200, "WebhookUpdate"
            ),
            "delete": operation("deleteWebhook", "End a subscription", "", 204),
        },
        f"{BASE}/{{webhook}}/rotate": one
        | {"post": operation("rotateWebhook", "Get a new secret, shown once", "WebhookEnvelope")},
        f"{BASE}/{{webhook}}/test": one
        | {"post": operation("testWebhook", "Send a test event", "PingEnvelope")},
        f"{BASE}/{{webhook}}/deliveries": one
        | {
            "get": operation(
                "getWebhookDeliveries", "List what was not delivered", "DeliveryPage", more=LISTING
            )
        },
        f"{BASE}/{{webhook}}/redeliver": one
        | {"post": operation("redeliverWebhook", "Try all that is dead again", "RedeliveredEnvelope", 202)},
        f"{BASE}/{{webhook}}/deliveries/{{delivery}}/redeliver": {
            "parameters": [*ONE, dead],
            "post": operation(
                "redeliverWebhookDelivery", "Try one delivery again", "RedeliveredEnvelope", 202
            ),
        },
    }


def webhook_schemas(page: Callable[[str], Schema]) -> Schema:
    """Describe carriers and requests; `page` wraps a carrier's name in the envelope of lists."""
    answers = [WebhookEnvelope, DeliveryPage, PingEnvelope, RedeliveredEnvelope]
    _roots, carriers = msgspec.json.schema_components(answers, ref_template="#/components/schemas/{name}")
    return {
        **carriers,
        "WebhookPage": page(WebhookResource.__name__),
        "WebhookStore": _request(STORE),
        "WebhookUpdate": _request(UPDATE),
    }


def _request(table: Table) -> Schema:
    properties = {
        name: MEMBERS[name] if rule.null is Null.REFUSED else {"anyOf": [MEMBERS[name], {"type": "null"}]}
        for name, rule in table.items()
    }
    required = [name for name, rule in table.items() if rule.is_required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
