"""Subscriptions in the OpenAPI document."""

from typing import Any, Final

from appointed.domain.webhook import DeliveryState, HookState
from appointed.sqod.openapi_parts import (
    FORMS,
    PAGING,
    VERB,
    Failure,
    Page,
    Schema,
    bodies,
    carriers,
    named,
    parameter,
    request_of,
)
from appointed.sqod.webhooks.carrier import (
    DeliveryPage,
    PingEnvelope,
    RedeliveredEnvelope,
    WebhookEnvelope,
    WebhookResource,
)
from appointed.sqod.webhooks.event_body import EVENTS
from appointed.sqod.webhooks.rules import LONGEST_NAME, LONGEST_URL, STORE, UPDATE, Payload

TAG: Final = "Webhook"
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1}
MEMBERS: Final[dict[str, Schema]] = {
    "url": {"type": "string", "format": "uri", "maxLength": LONGEST_URL},
    "events": {"type": "array", "minItems": 1, "items": {"enum": list(EVENTS)}},
    "name": {"type": "string", "maxLength": LONGEST_NAME},
    "payload": {"enum": [str(payload) for payload in Payload]},
    "status": {"enum": [str(state) for state in HookState]},
}
ONE: Final = [parameter("webhook", "path", NUMBER)]
LISTING: Final = [
    parameter("status", "query", {"enum": [str(state) for state in DeliveryState]}),
    parameter("after", "query", {"type": "integer", "minimum": 0}),
    PAGING[1],
]
FAILURES: Final = (400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431, 503, 507)
BASE: Final = "/api/v1/webhooks"
PATCH_VIA_POST: Final = (
    "patchWebhookViaPost",
    "Change a subscription by POST",
    "WebhookEnvelope",
    200,
    "WebhookUpdate",
    [VERB],
)


def webhook_paths(failure: Failure) -> Schema:
    """Describe every address; `failure` describes the answer of a status."""

    def operation(
        name: str, summary: str, answer: str, status: int = 200, body: str = "", more: Any = ()
    ) -> Schema:
        done: Schema = {"description": "Done."}
        if answer:
            done["content"] = {"application/json": {"schema": named(answer)}}
        described: Schema = {
            "operationId": name,
            "summary": f"Ours: {summary[0].lower()}{summary[1:]}",
            "tags": [TAG],
            "parameters": list(more),
            "responses": {
                str(status): done,
                **{str(code): failure(code) for code in FAILURES},
            },
        }
        if body:
            described["requestBody"] = bodies(body, FORMS[:1])
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
            "post": operation(*PATCH_VIA_POST),
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


def webhook_schemas(page: Page) -> Schema:
    """Describe carriers and requests; `page` wraps a carrier's name in the envelope of lists."""
    return {
        **carriers(WebhookEnvelope, DeliveryPage, PingEnvelope, RedeliveredEnvelope),
        "WebhookPage": page(WebhookResource.__name__),
        "WebhookStore": request_of(STORE, lambda name, _rule: MEMBERS[name]),
        "WebhookUpdate": request_of(UPDATE, lambda name, _rule: MEMBERS[name]),
    }
