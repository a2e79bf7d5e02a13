"""What an event speaks of: the appointment as it stood then, made from today's by undoing what came later."""

from collections.abc import Iterable
from typing import Any

import msgspec

from appointed.domain.events import Event, EventKind
from appointed.store.document import Row, decode
from appointed.store.scripts import EVENT_COLUMNS, Script, event_of
from appointed.usecases.ports import Json

Found = tuple[Event, Row, bytes | None]

_document = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def fact(tenant_id: int, appointment_id: int, revision: int) -> Script[Found | None]:
    """Read an event, its row as it was after it (before it when deleted), and the claimant's wrapped key."""
    now = yield (
        "SELECT body, revision FROM appointment WHERE tenant_id = $1 AND id = $2",
        (tenant_id, appointment_id),
    )
    newest = now[0][1] if now else None
    # A change that came between the two readings is as little to be undone as it was seen.
    rows = yield (
        f"SELECT {EVENT_COLUMNS} FROM event WHERE tenant_id = $1 AND appointment_id = $2 AND revision >= $3"
        " ORDER BY revision DESC",
        (tenant_id, appointment_id, revision),
    )
    events = [event_of(tenant_id, row) for row in rows]
    events = [event for event in events if newest is None or event.revision <= newest]
    if not events or events[-1].revision != revision:
        return None
    event = events[-1]
    undone = events if event.kind is EventKind.DELETED else events[:-1]
    document = _undo(_members(now[0][0]) if now else None, undone)
    if document is None:
        return None
    if undone:
        document |= {"revision": revision, "updated_by": event.by}
        document["updated_at"] = None if event.kind is EventKind.CREATED else event.at
    row = _row(document)
    wrapped = None
    if row.claimant is not None:
        keys = yield (
            "SELECT wrapped FROM claimant_key WHERE tenant_id = $1 AND claimant_id = $2",
            (tenant_id, row.claimant.id),
        )
        wrapped = keys[0][0] if keys else None
    return event, row, wrapped


def _members(body: str) -> dict[str, Json]:
    document = _document(body)
    members: dict[str, Json] = document["appointment"]
    return members | ({"claimant": document["claimant"]} if document.get("claimant") else {})


def _undo(document: dict[str, Json] | None, newest_first: Iterable[Event]) -> dict[str, Json] | None:
    for event in newest_first:
        for step in event.inverse:
            if step["path"]:
                document = (document or {}) | {step["path"][1:]: step["value"]}
            else:
                document = step.get("value")
    return document


def _row(document: dict[str, Json]) -> Row:
    members = dict(document)
    claimant = members.pop("claimant", None)
    return decode(_encode({"appointment": members, "claimant": claimant}).decode())
