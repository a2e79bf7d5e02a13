"""The small reads and writes that are the same on both engines, each a generator of statements.

A script yields (statement, values) and is sent the rows. Values are plain Python; an engine that has no
type for instants and UUIDs keeps microseconds since 1970 and 16 bytes, hence `instant` and `uuid_of`.
"""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from appointed.domain.events import Event, EventKind
from appointed.store.conflict_sql import exists
from appointed.usecases.ports import Account, Ticket

Answer = TypeVar("Answer")
Script = Generator[tuple[str, tuple[Any, ...]], Sequence[Sequence[Any]], Answer]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_to_json = msgspec.json.Encoder().encode
_patch = msgspec.json.Decoder(tuple[dict[str, Any], ...]).decode


def micros(at: datetime) -> int:
    """Count microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def instant(value: datetime | int) -> datetime:
    """Read an instant of either engine."""
    return value if isinstance(value, datetime) else EPOCH + timedelta(microseconds=value)


def uuid_of(value: UUID | bytes) -> UUID:
    """Read a UUID of either engine."""
    return UUID(bytes=value) if isinstance(value, bytes) else value


def json_text(value: Any) -> str:
    """Write JSON as both engines take it."""
    return _to_json(value).decode()


def row_places(rows: int, columns: int) -> str:
    """Write the places of so many rows of values."""
    of_rows = (range(first, first + columns) for first in range(1, rows * columns, columns))
    return ", ".join(f"({', '.join(f'${place}' for place in row)})" for row in of_rows)


def one(text: str, values: tuple[Any, ...]) -> Script[Sequence[Any] | None]:
    """Run one statement and give its first row."""
    rows = yield text, values
    return rows[0] if rows else None


def every(text: str, values: tuple[Any, ...]) -> Script[Sequence[Sequence[Any]]]:
    """Run one statement and give all rows."""
    return (yield text, values)


# Who may call.


def account(kind: str, name: str) -> Script[Account | None]:
    """Find an account."""
    rows = yield (
        "SELECT tenant_id, associate_id, secret FROM account WHERE kind = $1 AND name = $2",
        (kind, name),
    )
    return None if not rows else _account(kind, name, *rows[0])


def _account(kind: str, name: str, tenant_id: int, associate_id: int, secret: str | None) -> Account:
    return Account(kind=kind, name=name, tenant_id=tenant_id, associate_id=associate_id, secret=secret)


def put_account(new: Account) -> Script[None]:
    """Add or replace an account."""
    yield (
        "INSERT INTO account (kind, name, tenant_id, associate_id, secret) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (kind, name) DO UPDATE SET tenant_id = excluded.tenant_id,"
        " associate_id = excluded.associate_id, secret = excluded.secret",
        (new.kind, new.name, new.tenant_id, new.associate_id, new.secret),
    )


def ticket(tenant_id: int, ticket_id: str) -> Script[Ticket | None]:
    """Find a ticket."""
    rows = yield (
        "SELECT kind, secret_hash, associate_id, expires_at FROM ticket WHERE tenant_id = $1 AND id = $2",
        (tenant_id, ticket_id),
    )
    if not rows:
        return None
    kind, secret_hash, associate_id, expires_at = rows[0]
    return Ticket(
        tenant_id=tenant_id,
        id=ticket_id,
        kind=kind,
        secret_hash=secret_hash,
        associate_id=associate_id,
        expires_at=instant(expires_at),
    )


def put_ticket(new: Ticket) -> Script[None]:
    """Add or replace a ticket."""
    yield (
        "INSERT INTO ticket (tenant_id, id, kind, secret_hash, associate_id, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, id) DO UPDATE SET kind = excluded.kind,"
        " secret_hash = excluded.secret_hash, associate_id = excluded.associate_id,"
        " expires_at = excluded.expires_at",
        (new.tenant_id, new.id, new.kind, new.secret_hash, new.associate_id, new.expires_at),
    )


def drop_ticket(tenant_id: int, ticket_id: str) -> Script[None]:
    """Forget a ticket."""
    yield "DELETE FROM ticket WHERE tenant_id = $1 AND id = $2", (tenant_id, ticket_id)


# What is kept for a while, or destroyed.


def forget_idempotency(before: datetime) -> Script[None]:
    """Drop the answers that were stored before."""
    for (tenant_id,) in (yield "SELECT id FROM tenant ORDER BY id", ()):
        yield "DELETE FROM idempotency WHERE tenant_id = $1 AND created_at < $2", (tenant_id, before)


def forget_tickets(before: datetime) -> Script[None]:
    """Drop the tickets that ended before."""
    for (tenant_id,) in (yield "SELECT id FROM tenant ORDER BY id", ()):
        yield "DELETE FROM ticket WHERE tenant_id = $1 AND expires_at < $2", (tenant_id, before)


def rows_of_claimants(tenant_id: int, words: Sequence[bytes], most: int) -> Script[tuple[int, ...]]:
    """Find the rows whose claimant has all of these words, the youngest first."""
    one = "SELECT appointment_id FROM claimant_word WHERE tenant_id = $1 AND word = ${}"
    each = " INTERSECT ".join(one.format(number) for number in range(2, len(words) + 2))
    rows = yield f"{each} ORDER BY appointment_id DESC LIMIT {most:d}", (tenant_id, *words)
    return tuple(row_id for (row_id,) in rows)


def erase_claimant(tenant_id: int, claimant_id: UUID) -> Script[bool]:
    """Destroy a claimant's key and search words; tells whether there was a key."""
    rows = yield (
        "SELECT id FROM appointment WHERE tenant_id = $1 AND claimant_id = $2 ORDER BY id",
        (tenant_id, claimant_id),
    )
    gone = yield (
        "DELETE FROM claimant_key WHERE tenant_id = $1 AND claimant_id = $2 RETURNING tenant_id",
        (tenant_id, claimant_id),
    )
    for (appointment_id,) in rows:
        yield (
            "DELETE FROM claimant_word WHERE tenant_id = $1 AND appointment_id = $2",
            (tenant_id, appointment_id),
        )
    return bool(gone)


# The event log.

EVENT_COLUMNS = "id, appointment_id, revision, kind, at, by, door, patch, inverse"


def history(tenant_id: int, appointment_id: int, latest: int = 0) -> Script[tuple[Event, ...]]:
    """Read all events of one appointment, or the latest so many, oldest first."""
    rows = yield (
        f"SELECT {EVENT_COLUMNS} FROM event WHERE tenant_id = $1 AND appointment_id = $2 ORDER BY revision"
        + (f" DESC LIMIT {latest:d}" if latest else ""),
        (tenant_id, appointment_id),
    )
    found = tuple(event_of(tenant_id, row) for row in rows)
    return found[::-1] if latest else found


def event_of(tenant_id: int, row: Sequence[Any]) -> Event:
    """Read an event's EVENT_COLUMNS."""
    event_id, appointment_id, revision, kind, at, by, door, patch, inverse = row
    return Event(
        id=uuid_of(event_id),
        tenant_id=tenant_id,
        appointment_id=appointment_id,
        revision=revision,
        kind=EventKind(kind),
        at=instant(at),
        by=by,
        door=door,
        patch=_patch(patch),
        inverse=_patch(inverse),
    )


# Appointments.

FAMILY = "(CASE p.mother_id WHEN 0 THEN p.id ELSE p.mother_id END)"


def read_text(column: str, day: str, source: str = "appointment") -> str:
    """Write the statement that reads one row: document, key, directory revision, and whether others overlap.

    `day` is a day in the engine's own measure, `source` where the row is looked for. The last value says
    whether overlaps are looked for.
    """
    overlaps = exists(
        tenant="p.tenant_id",
        owner="p.owner_id",
        starts="p.starts_at",
        ends="p.ends_at",
        family=FAMILY,
        series="p.series_id",
        day=day,
    )
    return (
        f"SELECT p.body, k.wrapped, t.directory_revision, $3 AND p.busy_owner_id IS NOT NULL AND {overlaps}"
        f" FROM {source} p JOIN tenant t ON t.id = p.tenant_id"
        " LEFT JOIN claimant_key k ON k.tenant_id = p.tenant_id AND k.claimant_id = p.claimant_id"
        f" WHERE p.tenant_id = $1 AND p.{column} = $2"
    )
