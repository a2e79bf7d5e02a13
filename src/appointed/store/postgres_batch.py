"""The requests of a batch on a PostgreSQL connection, inside its transaction; see `postgres_sql`."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import asyncpg
from msgspec.structs import astuple

from appointed.domain.claims import Claim
from appointed.domain.directory import Directory
from appointed.store import postgres_sql as sql
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
    Name,
    Needs,
    Replaced,
    ReplyKey,
    Request,
    Slot,
    StoredEvent,
    StoredReply,
    TakeKeys,
    Uid,
    Writes,
)
from appointed.store.replies import pack, unpack
from appointed.store.schema import index_values

DirectoryAt = Callable[[asyncpg.Connection, int, int], Awaitable[Directory]]


class PostgresBatch:
    """Answers requests; the caller begins and ends the transaction.

    `directory_at` gives a tenant's directory at a revision or newer.
    """

    def __init__(self, connection: asyncpg.Connection, directory_at: DirectoryAt) -> None:
        self._connection = connection
        self._directory_at = directory_at
        self._handlers: dict[type, Callable[[Any], Awaitable[Any]]] = {
            TakeKeys: self._take_keys,
            LockRows: self._lock_rows,
            Needs: self._fetch,
            Writes: self._write,
            FindConflicts: self._find_conflicts,
            KeepReplies: self._keep_replies,
        }

    async def perform(self, request: Request) -> Any:
        """Do what is asked and give the answer."""
        return await self._handlers[type(request)](request)

    async def _take_keys(self, request: TakeKeys) -> KeyStates:
        rows = await self._connection.fetch(sql.TRY_KEYS, [lock_number(key) for key in request.keys])
        taken = [row[0] for row in rows]
        # Looked up only now: an answer that was committed while the lock was taken is seen.
        found = await self._connection.fetch(sql.STORED_REPLIES, *_columns(request.keys, 3))
        uids = {(row[0], uid) for row in found for uid in unpack(row[4])}
        wrapped = await self._keys(uids, sql.CLAIMANT_KEYS) if uids else {}
        stored = {}
        for tenant_id, principal, key, fingerprint, claimants, answer in found:
            keys = {uid: wrapped.get((tenant_id, uid)) for uid in unpack(claimants)}
            stored[(tenant_id, principal, key)] = StoredReply(fingerprint, answer, keys)
        in_use = (key for key, is_ours in zip(request.keys, taken, strict=True) if not is_ours)
        return KeyStates(frozenset(in_use), stored)

    async def _lock_rows(self, request: LockRows) -> Locked:
        locked = Locked({}, {}, {}, {})
        ids = request.ids | request.families
        found = await self._connection.fetch(
            sql.LOCK,
            *_columns(ids, 2),
            *_columns(request.uids, 2),
            *_columns(request.families, 2),
            list(request.tenants),
        )
        for tenant_id, row_id, body, wrapped, directory_revision in found:
            if body is None:
                locked.directories[tenant_id] = await self._directory_at(
                    self._connection, tenant_id, directory_revision
                )
                continue
            row = locked.rows[(tenant_id, row_id)] = decode(body)
            if row.claimant is not None and wrapped is not None:
                locked.wrapped[(tenant_id, row.claimant.id)] = wrapped
        if request.families:
            await self._recheck(request.families, locked)
        return locked

    async def _recheck(self, families: Iterable[Key], locked: Locked) -> None:
        members: dict[Key, set[int]] = {}
        for tenant_id, family_id, row_id in await self._connection.fetch(sql.MEMBERS, *_columns(families, 2)):
            members.setdefault((tenant_id, family_id), set()).add(row_id)
        locked.families.update((family, frozenset(found)) for family, found in members.items())

    async def _fetch(self, needs: Needs) -> Facts:
        facts = Facts(slots=frozenset(needs.slots))
        if needs.tenants:
            rows = await self._connection.fetch(sql.COUNTERS, list(needs.tenants))
            facts.counters = {row[0]: row[1] for row in rows}
        if needs.claimants:
            keys = await self._keys(needs.claimants, sql.CLAIMANT_KEYS_HELD)
            facts.wrapped = {uid: keys.get(uid) for uid in needs.claimants}
        if needs.names:
            facts.names = await self._names(needs.names)
        if needs.slots:
            facts.held = await self._held(needs.slots)
        return facts

    async def _keys(self, uids: Iterable[Uid], statement: str) -> dict[Uid, bytes]:
        rows = await self._connection.fetch(statement, *_columns(uids, 2))
        return {(tenant_id, claimant_id): wrapped for tenant_id, claimant_id, wrapped in rows}

    async def _names(self, names: set[Name]) -> dict[Name, int | None]:
        holders: dict[Name, int | None] = dict.fromkeys(names)
        for member, statement in sql.NAMES.items():
            wanted = [(tenant_id, value) for tenant_id, kind, value in names if kind == member]
            if wanted:
                rows = await self._connection.fetch(statement, *_columns(wanted, 2))
                holders.update({(tenant_id, member, value): row_id for tenant_id, value, row_id in rows})
        return holders

    async def _held(self, slots: set[Slot]) -> dict[Key, list[Claim]]:
        resources = {slot[:2] for slot in slots}
        await self._connection.fetch(sql.LOCK_RESOURCES, *_columns(resources, 2))
        held: dict[Key, dict[Claim, None]] = {}
        for tenant_id, resource_id, row_id, since, until in await self._connection.fetch(
            sql.HELD, *_columns(slots, 4)
        ):
            held.setdefault((tenant_id, resource_id), {})[Claim(resource_id, row_id, since, until)] = None
        return {resource: list(claims) for resource, claims in held.items()}

    async def _write(self, writes: Writes) -> None:
        for statement, rows, width in _side_rows(writes):
            if rows:
                await self._connection.fetch(statement, *_columns(rows, width))
        if writes.deletes:
            guards = [_guard(row) for row in writes.deletes]
            await self._guarded(sql.DELETE, guards, 3)
        plain, full = _sorted_out(writes.updates)
        if full:
            await self._guarded(sql.UPDATE, full, len(full[0]))
        if writes.inserts:
            rows = [_inserted(row) for row in writes.inserts]
            await self._connection.fetch(sql.INSERT, *_columns(rows, len(rows[0])))
        if writes.claims:
            await self._connection.fetch(sql.HOLD, *_columns(_periods(writes), 5))
        events = [_event(event) for event in writes.events]
        await self._guarded(sql.CHANGE, plain, 6, *_columns(events, 10))
        for mailing in writes.mailings:
            await self._connection.execute(MAILING, *mailing)

    async def _guarded(
        self, statement: str, rows: list[tuple[Any, ...]], width: int, *more: list[Any]
    ) -> None:
        count = await self._connection.fetchval(statement, *_columns(rows, width), *more)
        if count != len(rows):
            raise LostRace

    async def _find_conflicts(self, request: FindConflicts) -> frozenset[Key]:
        probes = [astuple(probe) for probe in request.probes]
        rows = await self._connection.fetch(sql.CONFLICTS, *_columns(probes, 7), list(request.without))
        return frozenset((tenant_id, row_id) for tenant_id, row_id in rows)

    async def _keep_replies(self, request: KeepReplies) -> None:
        rows = [
            (*reply.key, reply.fingerprint, pack(reply.claimants), reply.sealed, reply.at)
            for reply in request.replies
        ]
        await self._connection.fetch(sql.KEEP_REPLIES, *_columns(rows, 7))


def lock_number(key: ReplyKey) -> int:
    """Give the advisory lock that stands for an Idempotency-Key."""
    text = f"{key[0]}:{key[1]}:{key[2]}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _column in range(width)]


def _side_rows(writes: Writes) -> tuple[tuple[str, list[tuple[Any, ...]], int], ...]:
    return (
        (sql.COUNT_ON, sorted(writes.counters.items()), 2),
        (sql.NEW_KEYS, [(*claimant, wrapped) for claimant, wrapped in writes.keys.items()], 3),
        (sql.DROP_WORDS, list(writes.words), 2),
        (
            sql.NEW_WORDS,
            [(key[0], word, key[1]) for key, words in writes.words.items() for word in words],
            3,
        ),
        (sql.DROP_VIEWERS, list(writes.viewers), 2),
        (
            sql.NEW_VIEWERS,
            [(key[0], viewer, key[1]) for key, named in writes.viewers.items() for viewer in named],
            3,
        ),
        (sql.RELEASE, list(writes.released), 2),
    )


def _periods(writes: Writes) -> list[tuple[int, int, int, datetime, datetime]]:
    return [
        (tenant_id, claim.resource_id, claim.appointment_id, claim.starts_at, claim.ends_at)
        for tenant_id, claim in writes.claims
    ]


def _sorted_out(updates: list[Replaced]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    plain, full = [], []
    for replaced in updates:
        before, after = replaced.before, replaced.after
        indexed = index_values(after.appointment, after.claimant_id)
        if indexed == index_values(before.appointment, before.claimant_id):
            plain.append((*_guard(replaced.before), *_plain(replaced.after)))
        else:
            full.append((*_guard(replaced.before), *indexed, *_plain(replaced.after)))
    return plain, full


def _guard(row: Row) -> tuple[int, int, int]:
    return row.appointment.tenant_id, row.appointment.id, row.appointment.revision


def _plain(row: Row) -> tuple[int, datetime | None, str]:
    return row.appointment.revision, row.appointment.updated_at, row.body


def _inserted(row: Row) -> tuple[Any, ...]:
    return (
        row.appointment.tenant_id,
        row.appointment.id,
        *index_values(row.appointment, row.claimant_id),
        *_plain(row),
    )


def _event(event: StoredEvent) -> tuple[Any, ...]:
    return (
        event.tenant_id,
        event.id,
        event.appointment_id,
        event.revision,
        event.kind,
        event.at,
        event.by,
        event.door,
        event.patch,
        event.inverse,
    )
