"""A subscription and its deliveries as they are shown (ours: ADR 0072)."""

import base64
from typing import Any

import msgspec
from msgspec.structs import replace

from appointed.domain.webhook import Delivery, SigningKey, Webhook
from appointed.sqod.moments import write_instant
from appointed.sqod.webhooks.event_body import EVENTS
from appointed.sqod.webhooks.rules import Payload

PREFIX = "whsec_"


class WebhookResource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription. `secret` is shown once, when it was made or rotated."""

    id: int
    name: str
    url: str
    events: list[str]
    payload: str
    status: str
    is_failing: bool
    consecutive_failures: int
    last_error: str | None
    created_at: str
    updated_at: str | None
    secret: str | msgspec.UnsetType = msgspec.UNSET


class WebhookEnvelope(msgspec.Struct, frozen=True):
    """What a single subscription is wrapped in."""

    data: WebhookResource


class DeliveryResource(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was not delivered: still being tried (`waiting`), or not any more (`dead`)."""

    id: int
    event_id: str
    topic: str
    occurred_at: str
    status: str
    attempts: int
    last_error: str | None
    last_attempt_at: str | None
    next_attempt_at: str | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """Some deliveries; `next` is the address of those that follow."""

    data: list[DeliveryResource]
    next: str | None


class PingResult(msgspec.Struct, frozen=True):
    """What became of a test event."""

    delivered: bool
    status: int | None
    error: str | None


class PingEnvelope(msgspec.Struct, frozen=True):
    """What a test's result is wrapped in."""

    data: PingResult


class Redelivered(msgspec.Struct, frozen=True):
    """How many deliveries will be tried again."""

    redelivered: int


class RedeliveredEnvelope(msgspec.Struct, frozen=True):
    """What that number is wrapped in."""

    data: Redelivered


def show(hook: Webhook, secret: bytes | None = None) -> WebhookResource:
    """Show a subscription, with its secret when that is new."""
    return WebhookResource(
        id=hook.id,
        name=hook.name,
        url=hook.target_url,
        events=list(hook.events),
        payload=Payload.RESOURCE if hook.is_whole else Payload.REFERENCE,
        status=hook.state,
        is_failing=hook.usage.is_failing,
        consecutive_failures=hook.usage.errors_in_row,
        last_error=hook.usage.last_error or None,
        created_at=write_instant(hook.created_at),
        updated_at=write_instant(hook.updated_at) if hook.updated_at else None,
        secret=msgspec.UNSET if secret is None else PREFIX + base64.b64encode(secret).decode(),
    )


def show_delivery(delivery: Delivery) -> DeliveryResource:
    """Show a delivery."""
    tried_at, due_at = delivery.tried_at, delivery.due_at
    return DeliveryResource(
        id=delivery.id,
        event_id=str(delivery.event_id),
        topic=delivery.signal.name if delivery.signal else delivery.topic,
        occurred_at=write_instant(delivery.at),
        status=delivery.state,
        attempts=delivery.calls,
        last_error=delivery.last_error or None,
        last_attempt_at=write_instant(tried_at) if tried_at else None,
        next_attempt_at=write_instant(due_at) if due_at else None,
    )


def edited(hook: Webhook, values: dict[str, Any]) -> Webhook:
    """Set the members that were given; switching a webhook on again forgets its failures in a row."""
    changes: dict[str, Any] = {}
    if "url" in values:
        changes["target_url"] = values["url"]
    if "name" in values:
        changes["name"] = values["name"]
    if "events" in values:
        changes["events"] = tuple(values["events"])
        kinds = (EVENTS[event] for event in values["events"])
        changes["kinds"] = tuple(dict.fromkeys(kinds))
    if "payload" in values:
        changes["is_whole"] = values["payload"] == Payload.RESOURCE
    if "status" in values:
        changes["state"] = values["status"]
        changes["usage"] = replace(hook.usage, errors_in_row=0)
    return replace(hook, **changes)


def with_key(hook: Webhook, secret: bytes, older: tuple[SigningKey, ...] = ()) -> Webhook:
    """Give a webhook a new signing key beside older ones that end."""
    return replace(hook, secrets=replace(hook.secrets, keys=(SigningKey(secret), *older)))
