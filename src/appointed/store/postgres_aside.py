"""Changes of rows that others hold locked: they wait aside, and the writer goes on with all others."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from appointed.domain.errors import StoreBusy
from appointed.store.plan import Key
from appointed.store.postgres_pool import borrowed
from appointed.store.postgres_sql import HELD_BY_OTHERS
from appointed.usecases.ports import ByFamily, ById, ByMany, ByUid, Change, Outcome

# So long a caller waits for a row before hearing StoreBusy, and so often it is looked at. One that nobody
# waits for any more is kept in mind while it is held: the next to come shall not hold up the writer.
WAIT_SECONDS = 2.0
POLL_SECONDS = 0.05
IDLE_SECONDS = 1.0

Ref = tuple[int, str, int | UUID]


class Member(msgspec.Struct, frozen=True):
    """A change and whoever waits for it."""

    change: Change
    future: "asyncio.Future[Outcome]"


class HeldRow(msgspec.Struct, frozen=True):
    """A row that another transaction holds."""

    tenant_id: int
    id: int
    uid: UUID
    mother_id: int
    series_id: int


class _Queue(msgspec.Struct, frozen=True):
    """Who waits for a row, each until when by the loop's clock."""

    row: HeldRow
    members: list[tuple[Member, float]] = msgspec.field(default_factory=list)


class Aside:
    """Keeps members in order of arrival until their row is free; `put_back` gets them then.

    True while any row is known to be held.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", put_back: Callable[[list[Member]], None]
    ) -> None:
        self._pool = pool
        self._put_back = put_back
        self._queues: dict[Key, _Queue] = {}
        self._refs: dict[Ref, Key] = {}
        self._has_members = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        """Tell whether any row is known to be held."""
        return bool(self._queues)

    @property
    def is_waited_for(self) -> bool:
        """Tell whether members wait."""
        return any(queue.members for queue in self._queues.values())

    async def stop(self) -> None:
        """Look no longer; nobody waits any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def add(self, row: HeldRow, member: Member) -> None:
        """Let a member wait for a row."""
        queue = self._queues.setdefault((row.tenant_id, row.id), _Queue(row))
        queue.members.append((member, asyncio.get_running_loop().time() + WAIT_SECONDS))
        self._note_refs()
        self._has_members.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    def divert(self, members: Iterable[Member]) -> list[Member]:
        """Take out those whose row is waited for already, and give the others."""
        others = []
        for member in members:
            key = next((self._refs[ref] for ref in _asked(member.change) if ref in self._refs), None)
            if key is None:
                others.append(member)
            else:
                self.add(self._queues[key].row, member)
        return others

    async def _watch(self) -> None:
        while self._queues:
            await self._pause()
            held = await self._still_held()
            now = asyncio.get_running_loop().time()
            for key, queue in list(self._queues.items()):
                if key in held:
                    _dismiss_late(queue, now)
                else:
                    del self._queues[key]
                    self._put_back([member for member, _until in queue.members])
            self._note_refs()
            # The writer may be waiting for the last to leave.
            self._put_back([])

    async def _pause(self) -> None:
        self._has_members.clear()
        if self.is_waited_for:
            await asyncio.sleep(POLL_SECONDS)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_members.wait(), IDLE_SECONDS)

    async def _still_held(self) -> set[Key]:
        keys = list(self._queues)
        try:
            async with borrowed(self._pool) as connection:
                rows = await _held(connection, keys, (), ())
        except Exception:  # noqa: BLE001 - a database that cannot be asked is asked again
            return set(self._queues)
        # Whatever came while the question was under way is not answered by it.
        return {(row.tenant_id, row.id) for row in rows} | (self._queues.keys() - set(keys))

    def _note_refs(self) -> None:
        self._refs = {ref: key for key, queue in self._queues.items() for ref in _refs(queue.row)}


async def held_rows(connection: Any, changes: Sequence[Change]) -> dict[int, HeldRow]:
    """Tell which changes, by their place, touch a row that another transaction holds."""
    asked = {index: _asked(change) for index, change in enumerate(changes)}
    every = {ref for refs in asked.values() for ref in refs}
    columns = ([(tenant, ref) for tenant, kind, ref in every if kind == wanted] for wanted in KINDS)
    held = {ref: row for row in await _held(connection, *columns) for ref in _refs(row)}
    found = ((index, next((held[ref] for ref in refs if ref in held), None)) for index, refs in asked.items())
    return {index: row for index, row in found if row is not None}


KINDS = ("id", "uid", "family")


async def _held(connection: Any, *kinds: Sequence[tuple[int, int | UUID]]) -> list[HeldRow]:
    columns = [[pair[place] for pair in pairs] for pairs in kinds for place in (0, 1)]
    return [HeldRow(*row) for row in await connection.fetch(HELD_BY_OTHERS, *columns)]


def _asked(change: Change) -> list[Ref]:
    tenant_id, scope = change.tenant_id, change.scope
    if isinstance(scope, ById):
        return [(tenant_id, "id", row_id) for row_id in scope.ids]
    if isinstance(scope, ByUid):
        return [(tenant_id, "uid", scope.uid)]
    if isinstance(scope, ByFamily):
        # The head of a family is locked with its members.
        return [(tenant_id, "family", scope.family_id), (tenant_id, "id", scope.family_id)]
    if isinstance(scope, ByMany):
        families: list[Ref] = [(tenant_id, "family", family_id) for family_id in scope.families]
        return families + [(tenant_id, "id", row_id) for row_id in (*scope.ids, *scope.families)]
    return []


def _refs(row: HeldRow) -> list[Ref]:
    families = (row.mother_id, row.series_id)
    named: list[Ref] = [(row.tenant_id, "id", row.id), (row.tenant_id, "uid", row.uid)]
    return named + [(row.tenant_id, "family", family) for family in families if family]


def _dismiss_late(queue: _Queue, now: float) -> None:
    late = [member for member, until in queue.members if until <= now]
    queue.members[:] = [entry for entry in queue.members if entry[1] > now]
    for member in late:
        if not member.future.done():
            member.future.set_exception(StoreBusy())
