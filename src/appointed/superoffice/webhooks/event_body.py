"""The body of a call (Webhooks, Receiving notifications; Activity events; Test event)."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from appointed.domain.events import EventKind
from appointed.domain.webhook import Delivery, Fact, Signal, Webhook
from appointed.superoffice.webhooks.columns import CREATED, changed_columns, deleted_values, field_values
from appointed.usecases.webhook_ports import Message

ENTITY: Final = "activity"
EVENTS: Final = {f"{ENTITY}.{kind}": kind for kind in EventKind}
NAMES: Final = {kind: name for name, kind in EVENTS.items()}

Json = dict[str, Any]


def write_event(hook: Webhook, delivery: Delivery, fact: Fact | None) -> Message | None:
    """Write what a webhook is told; None when it does not listen to such an event."""
    if delivery.signal is not None:
        signal = delivery.signal
        body = _frame(hook, delivery, signal.shown_as or signal.name, signal.id, signal.by)
        return _message(signal.name, body | _told_by_signal(signal))
    if fact is None or NAMES[fact.event.kind] not in hook.events:
        return None
    name = NAMES[fact.event.kind]
    body = _frame(hook, delivery, name, fact.row.id, fact.event.by)
    return _message(name, body | _told(fact))


def _frame(hook: Webhook, delivery: Delivery, name: str, key: int, by: int) -> Json:
    return {
        "EventId": str(delivery.event_id),
        "Timestamp": _timestamp(delivery.at),
        "Changes": [],
        "Event": name,
        "PrimaryKey": key,
        "Entity": name.partition(".")[0],
        "ContextIdentifier": f"Tenant{hook.tenant_id}",
        "ChangedByAssociateId": by,
        "WebhookName": hook.name,
    }


def _told(fact: Fact) -> Json:
    if fact.event.kind is EventKind.DELETED:
        return {"Values": deleted_values(fact.row)}
    is_new = fact.event.kind is EventKind.CREATED
    return {
        "Changes": list(CREATED) if is_new else changed_columns(fact),
        "FieldValues": field_values(fact.row, fact.directory.zone),
    }


def _told_by_signal(signal: Signal) -> Json:
    values = {"FieldValues": signal.values} if signal.values else {}
    return {"Changes": list(signal.changes)} | values


def _message(name: str, body: Json) -> Message:
    return Message(name, msgspec.json.encode(body))


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
