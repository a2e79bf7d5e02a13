"""The AuditStore port on either engine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from appointed.domain.audit import Act, Anchor, Entry, Fault, Tampering, Verdict, Wanted
from appointed.domain.errors import AppointedError
from appointed.store import audit_scripts as scripts
from appointed.store.audit_sql import LOGS, NOWHERE, AuditSql
from appointed.store.batch import Tools
from appointed.store.seals import ROW_BYTES, Place, Seal, compared, hash_of, head_mac, seal_rows
from appointed.usecases.trail import Trail

if TYPE_CHECKING:
    from appointed.store.scripted import ScriptedStore

MOST_WRITTEN = 200
MOST_SEALED = 200
# A log that somebody took apart has as many faults as rows.
MOST_FAULTS = 100
MOST_UNSEALED = 10_000
SEALS_AT_ONCE = 50


class StoredAudit:
    """Runs the scripts of the audit log through a store of either engine."""

    def __init__(self, store: "ScriptedStore", sql: AuditSql, tools: Tools) -> None:
        self._store = store
        self._sql = sql
        self._tools = tools
        self._trail = Trail(tools.clock, tools.ids)
        self.note, self.unnoted = self._trail.note, self._trail.unnoted

    async def write(
        self,
        tenant_id: int,
        act: Act,
        by: int,
        *,
        appointment_id: int = 0,
        door: str = "",
        details: dict[str, Any] | None = None,
    ) -> Entry:
        """Write an entry now, and give it."""
        now = self._tools.clock()
        entry = Entry(
            id=self._tools.ids.uuid7(now),
            tenant_id=tenant_id,
            at=now,
            act=act,
            by=by,
            door=door,
            appointment_id=appointment_id,
            details=details or {},
        )
        await self._store._write(scripts.add((entry,)))
        return entry

    async def flush(self) -> None:
        """Write down what was noted; what cannot be written now waits again."""
        while entries := self._trail.take(MOST_WRITTEN):
            try:
                await self._store._write(scripts.add(entries))
            except AppointedError:
                self._trail.give_back(entries)
                return
            except BaseException:
                # Also when the server stops midway: what was written is not written twice.
                self._trail.give_back(entries)
                raise

    async def entries(self, tenant_id: int, wanted: Wanted) -> tuple[Entry, ...]:
        """List entries, newest first."""
        return await self._store._search(scripts.entries(tenant_id, wanted))

    async def seal(self) -> int:
        """Seal some of what was committed; gives how many rows."""
        count = 0
        for log in LOGS:
            for head in await self._store._scan(scripts.every(self._sql.due(log), ())):
                count += await self._seal(log, head)
        return count

    async def _seal(self, log: str, head: Sequence[Any]) -> int:
        tenant_id, number, position, row_id, before = head
        place = (str(position), row_id or NOWHERE[1])
        rows = await self._store._scan(scripts.every(self._sql.next(log), (tenant_id, *place, MOST_SEALED)))
        if not rows:
            return 0
        sealer, now = self._tools.sealer, self._tools.clock()
        seal = seal_rows(sealer, log, (tenant_id, number, before or b""), rows, now)
        is_ours = await self._store._write(scripts.keep_seal(seal, head_mac(sealer, seal)))
        return len(rows) if is_ours else 0

    async def verify(self, tenant_id: int, anchors: tuple[Anchor, ...] = ()) -> tuple[Verdict, ...]:
        """Compare a tenant's logs with their seals; gives what each came to."""
        return tuple(
            [
                await self._verified(
                    tenant_id, log, {one.number: one.hash for one in anchors if one.log == log}
                )
                for log in LOGS
            ]
        )

    async def _verified(self, tenant_id: int, log: str, anchors: dict[int, str]) -> Verdict:
        faults: list[Fault] = []
        last = Seal(
            tenant_id=tenant_id,
            log=log,
            number=0,
            at=self._tools.clock(),
            place=NOWHERE,
            rows=b"",
            hash=b"",
        )
        count = 0
        while seals := await self._store._scan(scripts.seals(tenant_id, log, last.number, SEALS_AT_ONCE)):
            for seal in seals:
                faults += self._own_faults(seal, last, anchors)
                faults += await self._row_faults(seal, last.place)
                count += len(seal.rows) // ROW_BYTES
                last = seal
            if len(faults) >= MOST_FAULTS:
                break
        else:
            faults += await self._head_faults(last, anchors)
        waiting = await self._store._scan(
            scripts.every(self._sql.next(log), (tenant_id, str(last.place[0]), last.place[1], MOST_UNSEALED))
        )
        return Verdict(
            tenant_id=tenant_id,
            anchor=Anchor(log, last.number, last.hash.hex()),
            rows=count,
            unsealed=len(waiting),
            faults=tuple(faults[:MOST_FAULTS]),
        )

    def _own_faults(self, seal: Seal, before: Seal, anchors: dict[int, str]) -> list[Fault]:
        faults = [Fault(Tampering.SEAL_REMOVED, number) for number in range(before.number + 1, seal.number)]
        is_sound = hash_of(self._tools.sealer, seal, before.hash) == seal.hash
        if (not is_sound and not faults) or anchors.get(seal.number, seal.hash.hex()) != seal.hash.hex():
            faults.append(Fault(Tampering.SEAL_CHANGED, seal.number))
        return faults

    async def _row_faults(self, seal: Seal, start: Place) -> list[Fault]:
        most = len(seal.rows) // ROW_BYTES + MOST_FAULTS
        ends = (str(start[0]), start[1], str(seal.place[0]), seal.place[1])
        rows = await self._store._scan(
            scripts.every(self._sql.between(seal.log), (seal.tenant_id, *ends, most))
        )
        return list(compared(seal, rows))

    async def _head_faults(self, last: Seal, anchors: dict[int, str]) -> list[Fault]:
        gone = [number for number in anchors if number > last.number]
        if gone:
            return [Fault(Tampering.SEAL_REMOVED, max(gone))]
        head = await self._store._look(scripts.head(last.tenant_id, last.log))
        if head is None:
            return [Fault(Tampering.SEAL_REMOVED, last.number)] if last.number else []
        number, digest, mac = head
        if number > last.number:
            return [Fault(Tampering.SEAL_REMOVED, number)]
        is_last = mac == head_mac(self._tools.sealer, replace(last, hash=digest, number=number))
        if not is_last or (number, digest) != (last.number, last.hash):
            return [Fault(Tampering.SEAL_CHANGED, number)]
        return []
