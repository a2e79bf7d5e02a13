"""Facts written with every change, for whoever listens later."""

from collections.abc import Iterator, Mapping
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


def differences(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Tell by path how a member differs, before and after: of a list that stays as long the items alone.

    A guest of hundreds who answers changes one of them, in every row of the booking.
    """
    if not isinstance(old, tuple) or not isinstance(new, tuple) or len(old) != len(new):
        yield f"/{name}", old, new
        return
    for place, (before, after) in enumerate(zip(old, new, strict=True)):
        if before is not after and before != after:
            yield f"/{name}/{place}", before, after


def replaced(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Give the document with a member, or one item of a list in it, replaced as an event's patch says."""
    name, _slash, place = path[1:].partition("/")
    if not place:
        return {**document, name: value}
    items = list(document[name])
    items[int(place)] = value
    return {**document, name: items}
