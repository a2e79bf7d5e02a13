"""Members of a subscription's request (ours: ADR 0072)."""

from enum import StrEnum
from typing import Any

from appointed.domain.webhook import HookState
from appointed.sqod.readers import one_of, text
from appointed.sqod.validation import Broken, Null, Rule, Table
from appointed.sqod.webhooks.event_body import EVENTS

LONGEST_NAME = 255
LONGEST_URL = 2_048


class Payload(StrEnum):
    """How much of an appointment a receiver is told."""

    REFERENCE = "reference"
    RESOURCE = "resource"


def _events(value: Any) -> list[str] | Broken:
    # Forms bring lists as objects of their indexes.
    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(items, list):
        return Broken("array")
    if not items:
        return Broken("required")
    if not all(isinstance(item, str) and item in EVENTS for item in items):
        return Broken("in")
    return list(dict.fromkeys(items))


STORE: Table = {
    "url": Rule(read=text(LONGEST_URL), is_required=True),
    "events": Rule(read=_events, is_required=True),
    "name": Rule(read=text(LONGEST_NAME), null=Null.CLEARS, cleared=""),
    "payload": Rule(read=one_of(Payload), null=Null.LEAVES),
    "status": Rule(read=one_of(HookState), null=Null.LEAVES),
}
UPDATE: Table = {
    "url": Rule(read=text(LONGEST_URL)),
    "events": Rule(read=_events),
    **{name: STORE[name] for name in ("name", "payload", "status")},
}
