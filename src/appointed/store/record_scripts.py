"""Writing small records: every one has a revision, and every change of one leaves an event.

Whoever writes a record first holds its tenant's row. So directory revisions are taken and committed one after
the other, and a snapshot is brought up to date by the records of the revisions that it lacks.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from appointed.domain.audit import Act, Entry
from appointed.domain.claims import is_unanswered
from appointed.domain.directory import KINDS, Associate, Record
from appointed.domain.errors import Unauthenticated
from appointed.domain.events import EventKind, RecordEvent
from appointed.domain.revision import advance
from appointed.store.audit_scripts import add
from appointed.store.batch import Tools
from appointed.store.document import decode
from appointed.store.scripts import Script, instant, json_text
from appointed.usecases.ports import IdSource

KIND_OF = {record: kind for kind, record in KINDS.items()}
# What a command or an import puts there comes in by no contract's door, and nobody is its author.
COMMAND, NOBODY = "command", 0
# What people work on, unlike what is administered.
CONTENTS = frozenset({"contact", "person", "project", "sale"})
# The event says these itself: they change with every revision.
STAMPS = frozenset({"revision", "created_at", "created_by", "updated_at", "updated_by", "is_second_shared"})

PUT = (
    "INSERT INTO record (tenant_id, kind, id, body, directory_revision, is_gone)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, kind, id) DO UPDATE SET body = excluded.body,"
    " directory_revision = excluded.directory_revision, is_gone = excluded.is_gone"
)
EVENT_COLUMNS = "record_kind, record_id, revision, kind, at, by, door, patch, inverse"
EVENT = (
    f"INSERT INTO record_event (tenant_id, {EVENT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)

_patch = msgspec.json.Decoder(tuple[dict[str, Any], ...]).decode
Patch = list[dict[str, Any]]


class BesideChanges(Exception):
    """A script came to what may only happen between changes of appointments, and ran beside them."""


class Mark(NamedTuple):
    """Under which directory revision a record is written, when, by whom and through which door.

    `is_between`: no change of an appointment is under way meanwhile, or none could have to do with it.
    """

    tenant_id: int
    directory_revision: int
    at: datetime
    by: int
    door: str
    ids: IdSource
    is_between: bool = False


def hold_directory(tenant_id: int) -> Script[int]:
    """Keep all other writers of the tenant's records out, and give the revision that stands.

    Raises Unauthenticated.
    """
    # Written on both engines alike, so that it waits for whoever came before; the value stays.
    rows = yield (
        "UPDATE tenant SET directory_revision = directory_revision WHERE id = $1"
        " RETURNING directory_revision",
        (tenant_id,),
    )
    if not rows:
        raise Unauthenticated
    revision: int = rows[0][0]
    return revision


def put_records(
    tenant_id: int, records: Sequence[Record], tools: Tools, hold: str, *, is_between: bool
) -> Script[tuple[int, ...]]:
    """Add or replace records, and let every process notice; gives their ids.

    `hold` is the engine's statement that adds a claim; `is_between` as in Mark. Raises Unauthenticated,
    BesideChanges.
    """
    revision = yield from hold_directory(tenant_id)
    mark = Mark(tenant_id, revision + 1, tools.clock(), NOBODY, COMMAND, tools.ids, is_between)
    ids = []
    for record in records:
        ids.append((yield from _put(record, mark, hold)))
    yield from raise_directory(mark)
    return tuple(ids)


def _put(record: Record, mark: Mark, hold: str) -> Script[int]:
    kind = KIND_OF[type(record)]
    if not record.id:
        record = replace(record, id=(yield from next_id(mark.tenant_id, kind)))
        # Nothing belongs to a new number.
        yield from write_record(None, record, mark._replace(is_between=True), hold)
        return record.id
    rows = yield (
        "SELECT body, is_gone FROM record WHERE tenant_id = $1 AND kind = $2 AND id = $3",
        (mark.tenant_id, kind, record.id),
    )
    before = None
    for body, is_gone in rows:
        last = msgspec.json.decode(body, type=KINDS[kind])
        born = replace(record, created_at=last.created_at, created_by=last.created_by)
        record = advance(last, born, mark.at, mark.by)
        before = None if is_gone else last
    yield from write_record(before, record, mark, hold)
    return record.id


def next_id(tenant_id: int, kind: str) -> Script[int]:
    """Give the id that follows all that were ever used."""
    ((found,),) = yield (
        "SELECT coalesce(max(id), 0) + 1 FROM record WHERE tenant_id = $1 AND kind = $2",
        (tenant_id, kind),
    )
    number: int = found
    return number


def write_record(before: Record | None, after: Record | None, mark: Mark, hold: str) -> Script[None]:
    """Let `after` stand, or nothing; the revision of what goes is counted on. Raises BesideChanges."""
    last = after if after is not None else advance(_given(before), _given(before), mark.at, mark.by)
    kind = KIND_OF[type(last)]
    key = (mark.tenant_id, kind, last.id)
    if isinstance(last, Associate):
        was = isinstance(before, Associate) and before.is_exclusive
        if was != last.is_exclusive:
            yield from _hold_anew(mark, last, hold)
    yield PUT, (*key, json_text(last), mark.directory_revision, after is None)
    event, patch, inverse = _difference(before, after)
    said = (event, mark.at, mark.by, mark.door, json_text(patch), json_text(inverse))
    yield EVENT, (*key, last.revision, *said)
    # What a command does it writes down itself, and contents are no administration.
    if mark.door != COMMAND and kind not in CONTENTS:
        told = {"kind": kind, "id": last.id, "revision": last.revision, "change": event}
        yield from add((_entry(mark, told | _members(patch)),))


def _members(patch: Patch) -> dict[str, list[str]]:
    names = [step["path"][1:] for step in patch if step["path"]]
    return {"members": names} if names else {}


def _entry(mark: Mark, told: dict[str, Any]) -> Entry:
    return Entry(
        id=mark.ids.uuid7(mark.at),
        tenant_id=mark.tenant_id,
        at=mark.at,
        act=Act.RECORD_CHANGED,
        by=mark.by,
        door=mark.door,
        details=told,
    )


def raise_directory(mark: Mark) -> Script[None]:
    """Let every process notice."""
    yield (
        "UPDATE tenant SET directory_revision = $2 WHERE id = $1",
        (mark.tenant_id, mark.directory_revision),
    )


def _hold_anew(mark: Mark, owner: Associate, hold: str) -> Script[None]:
    """Let a diary's rows hold their time when it becomes exclusive; of two that overlap, the earlier does."""
    if not mark.is_between:
        raise BesideChanges
    tenant_id = mark.tenant_id
    yield "DELETE FROM claim WHERE tenant_id = $1 AND resource_id = $2", (tenant_id, owner.id)
    if not owner.is_exclusive:
        return
    rows = yield (
        "SELECT id, busy_from, busy_until, body FROM appointment"
        " WHERE tenant_id = $1 AND busy_owner_id = $2 ORDER BY busy_from, id",
        (tenant_id, owner.id),
    )
    held_until = None
    for row_id, busy_from, busy_until, body in rows:
        is_free = held_until is None or busy_from >= held_until
        if is_free and not is_unanswered(decode(body).appointment, owner):
            yield hold, (tenant_id, owner.id, row_id, busy_from, busy_until)
            held_until = busy_until


def _difference(before: Record | None, after: Record | None) -> tuple[EventKind, Patch, Patch]:
    if before is None:
        return EventKind.CREATED, _whole(_given(after)), [{"op": "remove", "path": ""}]
    if after is None:
        return EventKind.DELETED, [{"op": "remove", "path": ""}], _whole(before)
    patch, inverse = [], []
    for name in after.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name not in STAMPS:
            patch.append({"op": "replace", "path": f"/{name}", "value": new})
            inverse.append({"op": "replace", "path": f"/{name}", "value": old})
    return EventKind.CHANGED, patch, inverse


def _whole(record: Record) -> Patch:
    return [{"op": "add", "path": "", "value": record}]


def _given(record: Record | None) -> Record:
    if record is None:
        raise ValueError("a change of nothing")
    return record


def record_history(tenant_id: int, kind: str, record_id: int) -> Script[tuple[RecordEvent, ...]]:
    """Read all events of one record, oldest first."""
    rows = yield (
        f"SELECT {EVENT_COLUMNS} FROM record_event"
        " WHERE tenant_id = $1 AND record_kind = $2 AND record_id = $3 ORDER BY revision",
        (tenant_id, kind, record_id),
    )
    return tuple(_event_of(tenant_id, row) for row in rows)


def _event_of(tenant_id: int, row: Sequence[Any]) -> RecordEvent:
    record_kind, record_id, revision, kind, at, by, door, patch, inverse = row
    return RecordEvent(
        tenant_id=tenant_id,
        record_kind=record_kind,
        record_id=record_id,
        revision=revision,
        kind=EventKind(kind),
        at=instant(at),
        by=by,
        door=door,
        patch=_patch(patch),
        inverse=_patch(inverse),
    )
