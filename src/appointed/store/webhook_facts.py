"""What an event speaks of: the appointment as it stood then, made from today's by undoing what came later."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from appointed.domain.events import Event, EventKind, replaced
from appointed.store.document import Row, decode
from appointed.store.scripts import EVENT_COLUMNS, Script, event_of

Found = tuple[Event, Row, bytes | None]
Change = tuple[Row | None, Row | None, dict[UUID, bytes]]

_document = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def fact(tenant_id: int, appointment_id: int, revision: int) -> Script[Found | None]:
    """Read an event, its row as it was after it (before it when deleted), and the claimant's wrapped key."""
    found = yield from _undone(tenant_id, appointment_id, revision)
    if found is None:
        return None
    event, before, after = found
    document = before if event.kind is EventKind.DELETED else after
    if document is None:
        return None
    row = _row(document)
    wrapped = yield from _keys(tenant_id, row)
    return event, row, wrapped.get(row.claimant.id) if row.claimant else None


def change(tenant_id: int, appointment_id: int, revision: int) -> Script[Change | None]:
    """Read a row before and after an event, with the claimants' wrapped keys; revision 0: as it is now."""
    if revision == 0:
        now = yield from _now(tenant_id, appointment_id)
        before, after = None, now[0] if now else None
    else:
        found = yield from _undone(tenant_id, appointment_id, revision)
        if found is None:
            return None
        _event, before, after = found
    was, stands = (None if document is None else _row(document) for document in (before, after))
    wrapped = yield from _keys(tenant_id, was, stands)
    return was, stands, wrapped


def _now(tenant_id: int, appointment_id: int) -> Script[tuple[dict[str, Any], int] | None]:
    rows = yield (
        "SELECT body, revision FROM appointment WHERE tenant_id = $1 AND id = $2",
        (tenant_id, appointment_id),
    )
    return (_members(rows[0][0]), rows[0][1]) if rows else None


def _undone(
    tenant_id: int, appointment_id: int, revision: int
) -> Script[tuple[Event, dict[str, Any] | None, dict[str, Any] | None] | None]:
    """Find an event and the documents before and after it."""
    now = yield from _now(tenant_id, appointment_id)
    newest = now[1] if now else None
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
    after = _undo(now[0] if now else None, events[:-1])
    if after is not None and events[:-1]:
        after = after | _stamps(event)
    before = _undo(after, [event])
    if before is not None:
        before = before | _stamps(event)
    return event, before, after


def _stamps(event: Event) -> dict[str, Any]:
    updated_at = None if event.kind is EventKind.CREATED else event.at
    return {"revision": event.revision, "updated_by": event.by, "updated_at": updated_at}


def _keys(tenant_id: int, *rows: Row | None) -> Script[dict[UUID, bytes]]:
    wrapped: dict[UUID, bytes] = {}
    for claimant_id in {row.claimant.id for row in rows if row is not None and row.claimant is not None}:
        keys = yield (
            "SELECT wrapped FROM claimant_key WHERE tenant_id = $1 AND claimant_id = $2",
            (tenant_id, claimant_id),
        )
        wrapped |= {claimant_id: keys[0][0]} if keys else {}
    return wrapped


def _members(body: str) -> dict[str, Any]:
    document = _document(body)
    members: dict[str, Any] = document["appointment"]
    return members | ({"claimant": document["claimant"]} if document.get("claimant") else {})


def _undo(document: dict[str, Any] | None, newest_first: Iterable[Event]) -> dict[str, Any] | None:
    for event in newest_first:
        for step in event.inverse:
            if step["path"]:
                document = replaced(document or {}, step["path"], step["value"])
            else:
                document = step.get("value")
    return document


def _row(document: dict[str, Any]) -> Row:
    members = dict(document)
    claimant = members.pop("claimant", None)
    return decode(_encode({"appointment": members, "claimant": claimant}).decode())
