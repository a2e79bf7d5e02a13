"""The requests of a batch on a SQLite connection, inside its writing transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import apsw

from appointed.domain.claims import Claim
from appointed.domain.directory import Directory
from appointed.store.conflict_sql import Spelling, exists
from appointed.store.document import Row, decode
from appointed.store.mailings import INSERT as MAILING
from appointed.store.plan import (
    Facts,
    FindConflicts,
    KeepReplies,
    Key,
    KeyStates,
    Locked,
    LockRows,
    LostRace,
    Needs,
    Probe,
    Replaced,
    Request,
    StoredEvent,
    StoredReply,
    TakeKeys,
    Uid,
    Writes,
)
from appointed.store.replies import pack, unpack
from appointed.store.schema import COLUMNS, INDEXED, index_values
from appointed.store.scripts import MICROSECOND, instant, json_text, micros

DAY = timedelta(days=1) // MICROSECOND
SPELLING = Spelling(each="json_each($2)", gather="json_group_array", instant="INTEGER", day=str(DAY))

ROW = (
    "SELECT a.tenant_id, a.id, a.body, k.wrapped FROM appointment a LEFT JOIN claimant_key k"
    " ON k.tenant_id = a.tenant_id AND k.claimant_id = a.claimant_id WHERE a.tenant_id = ?"
)
BY_ID = f"{ROW} AND a.id = ?"
BY_UID = f"{ROW} AND a.uid = ?"
BY_MOTHER = f"{ROW} AND a.mother_id = ? AND a.mother_id <> 0"
BY_SERIES = f"{ROW} AND a.series_id = ? AND a.series_id <> 0"
INSERT = f"INSERT INTO appointment ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
GUARD = "WHERE tenant_id = ? AND id = ? AND revision = ?"
UPDATE = (
    f"UPDATE appointment SET {', '.join(f'{name} = ?' for name in INDEXED)},"
    f" revision = ?, updated_at = ?, body = ? {GUARD}"
)
# Most edits touch no column that an index holds; naming only the others spares the indexes.
UPDATE_PLAIN = f"UPDATE appointment SET revision = ?, updated_at = ?, body = ? {GUARD}"
DELETE = f"DELETE FROM appointment {GUARD}"
PROBE = {
    "tenant": "?1",
    "owner": "?2",
    "starts": "?3",
    "ends": "?4",
    "family": "?5",
    "series": "?6",
    "day": str(DAY),
}
CONFLICT = exists(**PROBE)
CONFLICT_WITHOUT = exists("AND a.id NOT IN (SELECT value FROM json_each(?7))", **PROBE)
HELD = (
    "SELECT appointment_id, starts_at, ends_at FROM claim"
    " WHERE tenant_id = ? AND resource_id = ? AND ends_at > ? AND starts_at < ?"
)
HOLD = (
    "INSERT INTO claim (tenant_id, resource_id, appointment_id, starts_at, ends_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5)"
)
KEY = "SELECT wrapped FROM claimant_key WHERE tenant_id = ? AND claimant_id = ?"
NAMES = {
    "uid": "SELECT id FROM appointment WHERE tenant_id = ? AND uid = ?",
    "reference": "SELECT id FROM appointment WHERE tenant_id = ? AND reference = ? AND status <> 'cancelled'",
}
EVENT = (
    "INSERT INTO event (tenant_id, id, appointment_id, revision, kind, at, by, door, patch, inverse)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
OUTBOX = (
    "INSERT INTO outbox (tenant_id, event_id, appointment_id, revision, topic, due_at)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


class SqliteBatch:
    """Answers requests; the caller begins and ends the transaction.

    What is done for many rows is one statement run many times: each run by itself would cost a look for it
    among those that are kept, and a large batch would push the others out of there.

    `directory_of` gives a tenant's newest directory, None for an unknown tenant.
    """

    def __init__(self, connection: apsw.Connection, directory_of: Callable[[int], Directory | None]) -> None:
        self._cursor = connection.cursor()
        self._connection = connection
        self._directory_of = directory_of
        self._handlers: dict[type, Callable[[Any], Any]] = {
            TakeKeys: self._take_keys,
            LockRows: self._lock_rows,
            Needs: self._fetch,
            Writes: self._write,
            FindConflicts: self._find_conflicts,
            KeepReplies: self._keep_replies,
        }

    def perform(self, request: Request) -> Any:
        """Do what is asked and give the answer."""
        return self._handlers[type(request)](request)

    def _take_keys(self, request: TakeKeys) -> KeyStates:
        # There is one writer: whatever came before has ended.
        stored = {}
        for key in request.keys:
            row = self._one(
                "SELECT fingerprint, claimants, answer FROM idempotency"
                " WHERE tenant_id = ? AND principal = ? AND key = ?",
                key,
            )
            if row:
                fingerprint, claimants, answer = row
                keys = {uid: self._key((key[0], uid)) for uid in unpack(claimants)}
                stored[key] = StoredReply(fingerprint, answer, keys)
        return KeyStates(frozenset(), stored)

    def _lock_rows(self, request: LockRows) -> Locked:
        directories = {
            tenant_id: directory
            for tenant_id in request.tenants
            if (directory := self._directory_of(tenant_id)) is not None
        }
        locked = Locked({}, {}, directories, {})
        self._lock(locked, BY_ID, request.ids)
        self._lock(locked, BY_UID, [(tenant_id, uid.bytes) for tenant_id, uid in request.uids])
        for family in request.families:
            self._lock(locked, BY_ID, (family,))
            found = self._lock(locked, BY_MOTHER, (family,))
            found += self._lock(locked, BY_SERIES, (family,))
            locked.families[family] = frozenset(found)
        return locked

    def _lock(
        self, locked: Locked, statement: str, wanted: Iterable[tuple[int, int] | tuple[int, bytes]]
    ) -> list[int]:
        found = []
        for tenant_id, row_id, body, wrapped in self._cursor.executemany(statement, wanted):
            row = decode(body)
            locked.rows[(tenant_id, row_id)] = row
            if row.claimant is not None and wrapped is not None:
                locked.wrapped[(tenant_id, row.claimant.id)] = wrapped
            found.append(row_id)
        return found

    def _fetch(self, needs: Needs) -> Facts:
        facts = Facts(slots=frozenset(needs.slots))
        for tenant_id in needs.tenants:
            (facts.counters[tenant_id],) = self._one(
                "SELECT next_appointment_id FROM tenant WHERE id = ?", (tenant_id,)
            ) or (1,)
        for claimant in needs.claimants:
            facts.wrapped[claimant] = self._key(claimant)
        for name in needs.names:
            tenant_id, member, value = name
            row = self._one(NAMES[member], (tenant_id, value.bytes if isinstance(value, UUID) else value))
            facts.names[name] = row[0] if row else None
        held: dict[Key, dict[Claim, None]] = {}
        for tenant_id, resource_id, starts_at, ends_at in needs.slots:
            claims = held.setdefault((tenant_id, resource_id), {})
            window = (tenant_id, resource_id, micros(starts_at), micros(ends_at))
            for row_id, since, until in self._cursor.execute(HELD, window):
                claims[Claim(resource_id, row_id, instant(since), instant(until))] = None
        facts.held = {resource: list(claims) for resource, claims in held.items()}
        return facts

    def _write(self, writes: Writes) -> None:
        run = self._cursor.execute
        for tenant_id, next_id in writes.counters.items():
            run("UPDATE tenant SET next_appointment_id = ? WHERE id = ?", (next_id, tenant_id))
        for (tenant_id, claimant_id), wrapped in writes.keys.items():
            values = (tenant_id, claimant_id.bytes, wrapped)
            run("INSERT INTO claimant_key (tenant_id, claimant_id, wrapped) VALUES (?, ?, ?)", values)
        for row in writes.deletes:
            this = row.appointment
            run(DELETE, (this.tenant_id, this.id, this.revision))
            # What goes with the row counts as changed too, so each is looked at by itself.
            if self._connection.changes() != 1:
                raise LostRace
        self._update(writes.updates)
        for row in writes.inserts:
            this = row.appointment
            run(INSERT, (this.tenant_id, this.id, *_index(row), *_plain(row)))
        self._write_side_tables(writes)
        self._log(writes.events)
        for mailing in writes.mailings:
            run(MAILING, tuple(map(to_sqlite, mailing)))

    def _log(self, events: list[StoredEvent]) -> None:
        log, outbox = [], []
        for event in events:
            at = micros(event.at)
            head = (event.tenant_id, event.id.bytes, event.appointment_id, event.revision, event.kind, at)
            log.append((*head, event.by, event.door, event.patch, event.inverse))
            outbox.append(head)
        self._cursor.executemany(EVENT, log)
        self._cursor.executemany(OUTBOX, outbox)

    def _update(self, updates: list[Replaced]) -> None:
        plain, full = [], []
        for replaced in updates:
            before, after = replaced.before, replaced.after
            guard = (before.appointment.tenant_id, before.appointment.id, before.appointment.revision)
            indexed = index_values(after.appointment, after.claimant_id)
            if indexed == index_values(before.appointment, before.claimant_id):
                plain.append((*_plain(after), *guard))
            else:
                full.append((*map(to_sqlite, indexed), *_plain(after), *guard))
        self._guarded(UPDATE_PLAIN, plain)
        self._guarded(UPDATE, full)

    def _guarded(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        before = self._connection.total_changes()
        self._cursor.executemany(statement, rows)
        if self._connection.total_changes() - before != len(rows):
            raise LostRace

    def _write_side_tables(self, writes: Writes) -> None:
        run = self._cursor.execute
        for (tenant_id, row_id), words in writes.words.items():
            run("DELETE FROM claimant_word WHERE tenant_id = ? AND appointment_id = ?", (tenant_id, row_id))
            for word in words:
                values = (tenant_id, word, row_id)
                run("INSERT INTO claimant_word (tenant_id, word, appointment_id) VALUES (?, ?, ?)", values)
        for (tenant_id, row_id), named in writes.viewers.items():
            run("DELETE FROM viewer WHERE tenant_id = ? AND appointment_id = ?", (tenant_id, row_id))
            for viewer in named:
                seen = (tenant_id, viewer, row_id)
                run("INSERT INTO viewer (tenant_id, viewer, appointment_id) VALUES (?, ?, ?)", seen)
        for key in writes.released:
            run("DELETE FROM claim WHERE tenant_id = ? AND appointment_id = ?", key)
        for tenant_id, claim in writes.claims:
            period = (micros(claim.starts_at), micros(claim.ends_at))
            run(HOLD, (tenant_id, claim.resource_id, claim.appointment_id, *period))

    def _find_conflicts(self, request: FindConflicts) -> frozenset[Key]:
        if request.without:
            hits = [self.has_conflict(probe, request.without) for probe in request.probes]
        else:
            hits = [
                hit for (hit,) in self._cursor.executemany(f"SELECT {CONFLICT}", map(_asked, request.probes))
            ]
        pairs = zip(request.probes, hits, strict=True)
        return frozenset((probe.tenant_id, probe.id) for probe, hit in pairs if hit)

    def has_conflict(self, probe: Probe, without: Iterable[int] = ()) -> bool:
        """Tell whether another row overlaps, rows with the ids of `without` left out."""
        values = _asked(probe)
        if not without:
            row = self._one(f"SELECT {CONFLICT}", values)
        else:
            row = self._one(f"SELECT {CONFLICT_WITHOUT}", (*values, json_text(list(without))))
        return bool(row and row[0])

    def _keep_replies(self, request: KeepReplies) -> None:
        for reply in request.replies:
            self._cursor.execute(
                "INSERT INTO idempotency"
                " (tenant_id, principal, key, fingerprint, claimants, answer, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*reply.key, reply.fingerprint, pack(reply.claimants), reply.sealed, micros(reply.at)),
            )

    def _key(self, claimant: Uid) -> bytes | None:
        row = self._one(KEY, (claimant[0], claimant[1].bytes))
        return row[0] if row else None

    def _one(self, statement: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        # All rows are fetched: a statement left open would hold its snapshot, and the log could never end.
        rows = self._cursor.execute(statement, values).fetchall()
        return rows[0] if rows else None


def _asked(probe: Probe) -> tuple[Any, ...]:
    period = (micros(probe.starts_at), micros(probe.ends_at))
    return (probe.tenant_id, probe.owner_id, *period, probe.family, probe.series_id)


def _index(row: Row) -> tuple[Any, ...]:
    return tuple(map(to_sqlite, index_values(row.appointment, row.claimant_id)))


def _plain(row: Row) -> tuple[Any, ...]:
    this = row.appointment
    return (this.revision, micros(this.updated_at) if this.updated_at else None, row.body)


def to_sqlite(value: Any) -> Any:
    """Turn an instant into microseconds and a UUID into bytes."""
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, UUID):
        return value.bytes
    return value
