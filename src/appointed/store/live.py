"""The LiveStore port on either engine: changes by their place in the event log, with rows as they are now."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from appointed.domain.errors import InvalidRequest
from appointed.domain.events import EventKind
from appointed.domain.status import Status
from appointed.store.scripted import ScriptedStore
from appointed.store.scripts import every, one, uuid_of
from appointed.usecases.live import Moved

DEPARTMENT: Final = "/department_id"
# An inverse is read only where it tells of a department that the row has left.
_COLUMNS = (
    "e.position, e.id, e.appointment_id, e.revision, e.kind,"
    " CASE WHEN e.kind = 'deleted' OR {inverse} LIKE '%\"/department_id\"%' THEN {inverse} END,"
    " a.uid, a.department_id, a.status, a.revision"
    " FROM event e LEFT JOIN appointment a ON a.tenant_id = e.tenant_id AND a.id = e.appointment_id"
    " WHERE e.tenant_id = $1"
)
_patch = msgspec.json.Decoder(tuple[dict[str, Any], ...]).decode


class LiveSql(msgspec.Struct, frozen=True):
    """One engine's way: the position now ($1 tenant), what came after ($1, $2 how many, $3 on the position).

    `form` has a group for each part of a position.
    """

    now: str
    after: str
    form: re.Pattern[str]

    def values(self, position: str) -> tuple[Any, ...]:
        """Read a position; raises InvalidRequest."""
        found = self.form.fullmatch(position)
        if found is None:
            raise InvalidRequest("after")
        return tuple(found.groups())


# Another transaction that is still running may have an earlier position; what it writes comes first.
POSTGRES: Final = LiveSql(
    now="SELECT pg_snapshot_xmin(pg_current_snapshot())::text || ':00000000-0000-0000-0000-000000000000'"
    " FROM tenant WHERE id = $1",
    after=f"SELECT {_COLUMNS.format(inverse='e.inverse::text')}"
    " AND (e.position, e.id) > ($3::text::xid8, $4::text::uuid)"
    " AND e.position < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY e.position, e.id LIMIT $2",
    form=re.compile(r"([0-9]{1,19}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"),
)
SQLITE: Final = LiveSql(
    now="SELECT CAST(coalesce(max(position), 0) AS TEXT) FROM event WHERE tenant_id = $1",
    after=f"SELECT {_COLUMNS.format(inverse='e.inverse')}"
    " AND e.position > CAST($3 AS INTEGER) ORDER BY e.position LIMIT $2",
    form=re.compile(r"([0-9]{1,18})"),
)


class StoredLive:
    """Reads the feed through a store of either engine."""

    def __init__(self, store: ScriptedStore, sql: LiveSql) -> None:
        self._store = store
        self._sql = sql

    async def position(self, tenant_id: int) -> str:
        """Give the position behind all that is committed now; raises Unauthenticated for no tenant."""
        found = await self._store._look(one(self._sql.now, (tenant_id,)))
        return "" if found is None else str(found[0])

    async def after(self, tenant_id: int, position: str, limit: int) -> tuple[tuple[Moved, ...], str]:
        """Read what was committed past a position; raises InvalidRequest for one that is none."""
        values = (tenant_id, limit, *self._sql.values(position))
        rows = await self._store._look(every(self._sql.after, values))
        is_single = self._sql is SQLITE
        moved = tuple(_moved(row, is_single=is_single) for row in rows)
        return moved, moved[-1].position if moved else position


def _moved(row: Sequence[Any], *, is_single: bool) -> Moved:
    place, event_id, appointment_id, revision, kind, inverse, uid, department_id, status, newest = row
    return Moved(
        position=str(place) if is_single else f"{place}:{uuid_of(event_id)}",
        appointment_id=appointment_id,
        uid=None if uid is None else uuid_of(uid),
        department_id=department_id or 0,
        former_department_id=_former(kind, inverse),
        status=None if status is None else Status(status),
        revision=revision if newest is None else newest,
    )


def _former(kind: str, inverse: str | None) -> int:
    """Read from the inverse of a change the department that the row has left; 0 for none."""
    if inverse is None:
        return 0
    steps = _patch(inverse)
    if kind == EventKind.DELETED:
        return int(steps[0]["value"]["department_id"])
    return next((int(step["value"]) for step in steps if step["path"] == DEPARTMENT), 0)
