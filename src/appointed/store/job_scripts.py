"""What is due in a tenant, and whose turn it is, by scripts that are the same on both engines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from appointed.domain.status import Status
from appointed.domain.timers import TIMED, Slot
from appointed.store.scripts import Script, instant

# As the index of such rows says it, word by word: an engine takes it for nothing else.
_STATES = ", ".join(f"'{status}'" for status in TIMED)
WAITING = f"claimant_id IS NOT NULL AND status IN ({_STATES}) AND created_at <= ends_at"
COLUMNS = "id, status, department_id, starts_at, ends_at"
TIMED_ROWS = (
    f"SELECT {COLUMNS} FROM appointment WHERE tenant_id = $1 AND {WAITING}"
    " AND starts_at >= $2 AND starts_at <= $3 AND (starts_at, id) > ($4, $5)"
    " AND body -> 'appointment' -> 'meeting' IS NOT NULL ORDER BY starts_at, id LIMIT $6"
)


def timed(
    tenant_id: int, since: datetime, until: datetime, after: tuple[datetime, int], limit: int
) -> Script[tuple[Slot, ...]]:
    """List rows that wait for a time."""
    rows = yield TIMED_ROWS, (tenant_id, since, until, *after, limit)
    return tuple(map(_slot, rows))


def take(tenant_id: int, job: str, holder: UUID, at: datetime, until: datetime) -> Script[datetime | None]:
    """Take a job, or tell until when it is another's."""
    taken = yield (
        "INSERT INTO job (tenant_id, name, holder, until) VALUES ($1, $2, $3, $5)"
        " ON CONFLICT (tenant_id, name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
        " WHERE job.until <= $4 OR job.holder = $3 RETURNING until",
        (tenant_id, job, holder, at, until),
    )
    if taken:
        return None
    rows = yield "SELECT until FROM job WHERE tenant_id = $1 AND name = $2", (tenant_id, job)
    return instant(rows[0][0])


def rest(tenant_id: int, job: str, holder: UUID, nobody: UUID, until: datetime) -> Script[None]:
    """Give a job back."""
    yield (
        "UPDATE job SET holder = $4, until = $5 WHERE tenant_id = $1 AND name = $2 AND holder = $3",
        (tenant_id, job, holder, nobody, until),
    )


def _slot(row: Sequence[Any]) -> Slot:
    row_id, status, department_id, starts_at, ends_at = row
    return Slot(
        id=row_id,
        status=Status(status),
        department_id=department_id,
        starts_at=instant(starts_at),
        ends_at=instant(ends_at),
    )
