"""Hooks of schemathesis that aim its requests at what exists; left alone, nearly all would end at the door.

A generated id names nothing, a generated tag is stale, a key that came before is refused, and of forty
members one is always wrong. Most requests therefore get ids of the store, lose such headers and most of
their members; the others stay as they were generated.
"""

import json
import os
from random import Random
from typing import Any

import schemathesis

SEED = 20260302
AIMED = 0.8
FEW = 4

# Path parameter → ids of the store, the last of which may be deleted; and the paths of a JSON Patch.
IDS: dict[str, list[Any]] = json.loads(os.environ["AIMED_IDS"])
PATHS: list[str] = json.loads(os.environ["AIMED_PATHS"])
DELETABLE = 20

DOORS = (
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "If-Modified-Since",
    "Idempotency-Key",
    "SO-TimeZone",
)
# A new or replaced appointment must have these.
NEEDED = {
    "appointment_at",
    "duration_in_minutes",
    "claimant",
    "claimant[name]",
    "name",
    "StartDate",
    "EndDate",
}

TIMES = {"StartDate": "2026-10-25T02:30:00", "EndDate": "2026-10-25T03:30:00"}
HIGHEST_RECORD = 5
ONESELF, SOMEBODY = ("me", "1"), "2"
# Values that can be, where a generated one never is.
KNOWN: dict[str, tuple[Any, ...]] = {
    "department_id": (1, 2, "2"),
    "data": ([],),
    "name": ("Ada Lovelace", "Ærlig Ødegård \U0001f389"),
    "custom_user_post_call_redirect_url": (None,),
    "custom_agent_post_call_redirect_url": (None,),
}

luck = Random(SEED)


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case, _options: Any) -> None:
    """Change one request before it is sent."""
    for name, known in IDS.items():
        if name in (case.path_parameters or {}) and is_aimed():
            some = known[-DELETABLE:] if case.method == "DELETE" else known[:-DELETABLE]
            case.path_parameters[name] = luck.choice(some)
    if (case.path_parameters or {}).get("user") in ONESELF:
        # With another password of one's own all that follows would end at the door.
        case.path_parameters["user"] = SOMEBODY
    for name in DOORS:
        if name in (case.headers or {}) and is_aimed():
            del case.headers[name]
    if case.method == "PATCH" and isinstance(case.body, list):
        case.body = [_step(step) if isinstance(step, dict) and is_aimed() else step for step in case.body]
    elif isinstance(case.body, dict) and is_aimed():
        case.body = _thinned(case.body) | (TIMES if case.method == "PUT" else {})


def is_aimed() -> bool:
    return luck.random() < AIMED


def _step(step: dict[str, Any]) -> dict[str, Any]:
    return {name: _existing(name, value) for name, value in step.items()} | {"path": luck.choice(PATHS)}


def _thinned(body: dict[str, Any]) -> dict[str, Any]:
    kept = NEEDED | set(luck.sample(sorted(body), min(FEW, len(body))))
    return {name: _existing(name, value) for name, value in body.items() if name in kept}


def _existing(name: str, value: Any) -> Any:
    """Let a reference name a record that there is."""
    if name in KNOWN:
        return luck.choice(KNOWN[name])
    if isinstance(value, dict):
        return {inner: _existing(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_existing(name, one) for one in value]
    is_reference = name.lower().endswith("id") and isinstance(value, int) and not isinstance(value, bool)
    return luck.randint(0, HIGHEST_RECORD) if is_reference else value
