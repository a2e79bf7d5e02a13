"""What every webhook of this contract has, whatever address or method makes it, and which a list has."""

from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.errors import InvalidAppointment, Problem
from appointed.domain.webhook import Contract, Webhook
from appointed.superoffice.webhooks.event_body import EVENTS

CONTRACT: Final = Contract.SUPEROFFICE
# What a new webhook is proposed to listen to: everything that this server tells (GET Webhook/default).
DEFAULT_EVENTS: Final = tuple(EVENTS)
UNFILTERED: Final = "Unknown"


def finished(hook: Webhook) -> Webhook:
    """Derive what follows from the members; raises InvalidAppointment for what every webhook has."""
    missing = [
        Problem(name, "required")
        for name, value in (("Events", hook.events), ("target_url", hook.target_url))
        if not value
    ]
    if missing:
        raise InvalidAppointment(tuple(missing))
    events = tuple(event.lower() for event in hook.events)
    kinds = tuple(kind for name, kind in EVENTS.items() if name in events)
    return replace(hook, events=events, kinds=kinds)


def is_wanted(tree: dict[str, Any], name: str, event: str, state: str) -> bool:
    """Tell whether a list asks for a webhook; "" and the state Unknown ask for any."""
    return (
        (not name or name == tree["Name"])
        and (not event or event.lower() in tree["Events"])
        and state in (UNFILTERED, tree["State"])
    )
