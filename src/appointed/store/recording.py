"""What a change leaves in the event log: a JSON Patch over the stored document, and its inverse."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from appointed.domain.appointment import Appointment
from appointed.domain.events import EventKind, differences
from appointed.store.document import Row
from appointed.store.plan import StoredEvent
from appointed.usecases.ports import Change, IdSource

MEMBERS = Appointment.__struct_fields__
# The event says these itself: they change with every revision.
STAMPS = frozenset({"revision", "updated_at", "updated_by", "is_second_shared"})

_encode = msgspec.json.Encoder().encode


def event_of(
    change: Change, before: Row | None, after: Row | None, now: datetime, ids: IdSource
) -> StoredEvent:
    """Describe one row's change; None before means created, None after deleted."""
    kind, patch, inverse = _patches(before, after)
    row = after or before
    if row is None:
        raise ValueError("a change of nothing")
    return StoredEvent(
        id=ids.uuid7(now),
        tenant_id=change.tenant_id,
        appointment_id=row.appointment.id,
        revision=row.appointment.revision + (after is None),
        kind=kind,
        at=now,
        by=change.principal.associate_id,
        door=change.door,
        patch=_encode(patch).decode(),
        inverse=_encode(inverse).decode(),
    )


def _patches(
    before: Row | None, after: Row | None
) -> tuple[EventKind, list[dict[str, Any]], list[dict[str, Any]]]:
    if before is None and after is not None:
        return EventKind.CREATED, _whole(after), [{"op": "remove", "path": ""}]
    if after is None and before is not None:
        return EventKind.DELETED, [{"op": "remove", "path": ""}], _whole(before)
    if before is None or after is None:
        raise ValueError("a change of nothing")
    return EventKind.CHANGED, *_difference(before, after)


def _whole(row: Row) -> list[dict[str, Any]]:
    document = msgspec.to_builtins(replace(row.appointment, claimant=None))
    if row.claimant:
        document["claimant"] = row.claimant
    return [{"op": "add", "path": "", "value": document}]


def _difference(before: Row, after: Row) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    patch, inverse = [], []
    for name, old, new in zip(MEMBERS, astuple(before.appointment), astuple(after.appointment), strict=True):
        if old is new or old == new or name in STAMPS:
            continue
        if name == "claimant":
            old, new = before.claimant, after.claimant  # noqa: PLW2901 - never in clear
        for path, before_it, after_it in differences(name, old, new):
            patch.append({"op": "replace", "path": path, "value": after_it})
            inverse.append({"op": "replace", "path": path, "value": before_it})
    return patch, inverse
