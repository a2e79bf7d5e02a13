"""Signals: events that a client tells of itself (POST Webhook/{eventName}/{primaryKey})."""

import re
from typing import Any, Final

from appointed.domain.errors import InvalidPatch, InvalidRequest
from appointed.domain.webhook import Signal
from appointed.http.json_body import parse_json
from appointed.http.limits import Limits

MOST_BYTES: Final = 8_192
# The longest that a row's key can be.
LARGEST_KEY: Final = 2**63 - 1

_NAME = re.compile(r"[A-Za-z0-9_]{1,60}\.[A-Za-z0-9_]{1,60}", re.ASCII)


def read_signal(name: str, key: int, body: bytes, limits: Limits) -> Signal:
    """Read a signal; names in the body are its changes, an object gives them values as well.

    Raises InvalidRequest, InvalidPatch, and what reading JSON raises.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidRequest("An event is named by an entity and a verb, joined by a dot.")
    if key > LARGEST_KEY or len(body) > MOST_BYTES:
        raise InvalidRequest("The key or the details of the event are too large.")
    details = parse_json(body, limits, fold_keys=False) if body.strip() else None
    return Signal(name=name.lower(), id=key, by=0, changes=_changes(details), values=_values(details))


def _changes(details: Any) -> tuple[str, ...]:
    names = [] if details is None else details
    if not isinstance(names, dict | list) or not all(isinstance(name, str) for name in names):
        raise InvalidPatch(reason="details are an array of names, or an object")
    return tuple(names)


def _values(details: Any) -> dict[str, Any]:
    return dict(details) if isinstance(details, dict) else {}
