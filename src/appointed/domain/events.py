"""Facts written with every change, for whoever listens later."""

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
    stands in them sealed. `door` names where the change came in.
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
