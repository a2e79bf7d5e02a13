"""Facts written with every change, for whoever listens later."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec


class EventKind(StrEnum):
    """What happened to the appointment."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one appointment. `at` is the true instant (aware UTC), `id` a UUIDv7.

    `patch` and `inverse` are JSON Patch documents over the appointment's domain names; the claimant
    stands in them sealed. Of a list as long as before only the items that changed are told, by their places.
    `door` names where the change came in.
    """

    id: UUID
    tenant_id: int
    appointment_id: int
    revision: int
    kind: EventKind
    at: datetime
    by: int
    door: str
    patch: tuple[dict[str, Any], ...]
    inverse: tuple[dict[str, Any], ...]


class RecordEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one small record, as `Event` is one of an appointment. `by` 0: a command or import."""

    tenant_id: int
    record_kind: str
    record_id: int
    revision: int
    kind: EventKind
    at: datetime
    by: int
    door: str
    patch: tuple[dict[str, Any], ...]
    inverse: tuple[dict[str, Any], ...]


def member_of(path: str) -> str:
    """Name the member that a step of an event's patch is about, "" for the whole."""
    return path[1:].partition("/")[0]


def replaced(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Give the document with a member, or one item of a list in it, replaced as an event's patch says."""
    name, _slash, place = path[1:].partition("/")
    if not place:
        return {**document, name: value}
    items = list(document[name])
    items[int(place)] = value
    return {**document, name: items}
