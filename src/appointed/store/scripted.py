"""The methods of the Store port that are the same on every engine."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar
from uuid import UUID

from appointed.domain.directory import Directory, Record, Tenant
from appointed.domain.errors import AppointmentNotFound, Unauthenticated
from appointed.domain.events import Event, RecordEvent
from appointed.domain.hours import Span
from appointed.domain.preference import Level, Preference
from appointed.store import (
    directory_scripts,
    preference_scripts,
    presence_scripts,
    record_scripts,
    scripts,
)
from appointed.store.backlog import backlog
from appointed.store.batch import Tools
from appointed.store.conflict_sql import Spelling
from appointed.store.diary_scripts import DiaryScripts
from appointed.store.document import Row, asked_words, decode, open_claimant
from appointed.store.opened import OpenedRows
from appointed.store.record_change import change_record, change_records
from appointed.store.schema import DemoPresent
from appointed.store.scripts import Script
from appointed.store.search.engines import Engine
from appointed.store.search.pages import page
from appointed.usecases.ports import (
    Account,
    ById,
    ByUid,
    Outcome,
    Page,
    Reading,
    RecordChange,
    RecordsChange,
    Ticket,
    Time,
)
from appointed.usecases.presence_ports import Presence
from appointed.usecases.query import Query
from appointed.usecases.safety_ports import Backlog

Answer = TypeVar("Answer")
# Who types more than so many words of a name, or finds more, has to be more exact.
MOST_WORDS = 8
MOST_FOUND = 500
# A search that takes longer holds others up.
SEARCH_SECONDS = 4.0


class ScriptedStore(ABC):
    """What only needs a way to run a script; see `scripts`."""

    _engine: ClassVar[Engine]

    def __init__(self, tools: Tools, spelling: Spelling, hold: str, by_uid: str = "appointment") -> None:
        self._tools = tools
        self._hold = hold
        self._lately = OpenedRows(tools.sealer)
        self._directories: dict[int, Directory] = {}
        day = spelling.day
        self._read = {ById: scripts.read_text("id", day), ByUid: scripts.read_text("uid", day, by_uid)}
        self._diary = DiaryScripts(spelling)

    @abstractmethod
    async def _look(self, script: Script[Answer]) -> Answer:
        """Run a script that reads a row or two."""

    @abstractmethod
    async def _scan(self, script: Script[Answer]) -> Answer:
        """Run a script that reads many rows."""

    @abstractmethod
    async def _search(self, script: Script[Answer]) -> Answer:
        """Run a script that may take long, but only for so long; raises SearchTooSlow."""

    @abstractmethod
    async def _write(self, script: Script[Answer]) -> Answer:
        """Run a script that writes, in one transaction."""

    async def _write_records(self, script: Callable[..., Script[Answer]]) -> Answer:
        """Run a script that only lacks `is_between` (see Mark)."""
        return await self._write(script(is_between=True))

    async def read(self, tenant_id: int, scope: ById | ByUid, *, wants_conflict: bool = False) -> Reading:
        """Read one row; raises AppointmentNotFound."""
        ref = scope.uid if isinstance(scope, ByUid) else scope.ids[0]
        statement = self._read[type(scope)], (tenant_id, ref, wants_conflict)
        found = await self._look(scripts.one(*statement))
        if found is None:
            raise AppointmentNotFound(ref)
        body, wrapped, revision, has_conflict = found
        directory = await self._directory_at(tenant_id, revision)
        return Reading(self._opened(body, wrapped).appointment, directory, bool(has_conflict))

    async def blockers(self, tenant_id: int, times: Sequence[Time]) -> tuple[tuple[int, ...], ...]:
        """List, for each time, the ids of the rows that block it."""
        return await self._scan(self._diary.blockers(tenant_id, times)) if times else ()

    async def busy(self, tenant_id: int, owners: Sequence[int], time: Time) -> tuple[Span, ...]:
        """List what blocks any of these owners between two instants."""
        return await self._scan(self._diary.busy(tenant_id, owners, time))

    async def page(self, query: Query) -> Page:
        """Read one page of a list. Raises InvalidRequest, SearchTooSlow."""
        directory = await self.directory(query.tenant_id)
        found, total = await self._search(page(query, self._engine))
        rows = tuple(self._lately.open(body, wrapped).appointment for body, wrapped in found)
        return Page(rows, directory, total)

    async def directory(self, tenant_id: int) -> Directory:
        """Read the tenant's newest directory; cached by its revision. Raises Unauthenticated."""
        return await self._directory_at(
            tenant_id, await self._look(directory_scripts.directory_revision(tenant_id))
        )

    async def create_tenant(self, tenant: Tenant, records: Sequence[Record]) -> int:
        """Add a tenant with its first records, and give its id (`tenant.id` 0 means the next free)."""
        return await self._write(directory_scripts.create_tenant(tenant, records, self._tools, self._hold))

    async def keep_demo_out(self) -> None:
        """See that there is no demo tenant, and none comes while this store is open. Raises DemoPresent."""
        if any(tenant.is_demo for tenant in await self.tenants()):
            raise DemoPresent("the store holds the demo tenant, whose passwords everyone knows")

    async def tenants(self) -> tuple[Tenant, ...]:
        """List all tenants."""
        return await self._look(directory_scripts.tenants())

    async def change_tenant(self, tenant_id: int, edit: Callable[[Tenant], Tenant]) -> Tenant:
        """Run a pure function on a tenant; raises Unauthenticated."""
        return await self._write(directory_scripts.change_tenant(tenant_id, edit))

    async def put_records(self, tenant_id: int, records: Sequence[Record]) -> tuple[int, ...]:
        """Add (id 0) or replace small records in one transaction; gives their ids."""
        script = partial(record_scripts.put_records, tenant_id, records, self._tools, self._hold)
        return await self._write_records(script)

    async def change_record(self, change: RecordChange) -> Outcome:
        """Run one change of one small record; raises domain errors, and then nothing was written."""
        known = self._directories.get(change.tenant_id)
        script = partial(change_record, change, known, self._tools, self._hold)
        outcome = await self._write_records(script)
        if outcome.directory is not None:
            self._keep_newest(change.tenant_id, outcome.directory)
        return outcome

    async def change_records(self, change: RecordsChange) -> Directory:
        """Run one change of the small records of a kind; raises domain errors, and writes nothing then."""
        known = self._directories.get(change.tenant_id)
        script = partial(change_records, change, known, self._tools, self._hold)
        found = await self._write_records(script)
        self._keep_newest(change.tenant_id, found)
        return found

    def _keep_newest(self, tenant_id: int, found: Directory) -> None:
        # Whoever writes one record after another would read all of them again and again.
        known = self._directories.get(tenant_id)
        if known is None or known.revision < found.revision:
            self._directories[tenant_id] = found

    async def record_history(self, tenant_id: int, kind: str, record_id: int) -> tuple[RecordEvent, ...]:
        """Read all events of one small record, oldest first."""
        return await self._scan(record_scripts.record_history(tenant_id, kind, record_id))

    async def preferences(
        self, tenant_id: int, owners: Sequence[tuple[Level, int]], *names: str
    ) -> tuple[Preference, ...]:
        """Read the preferences of some owners; with names those alone."""
        return await self._look(preference_scripts.preferences(tenant_id, owners, names))

    async def put_preferences(
        self, tenant_id: int, wanted: Sequence[Preference], *, drops_nearer: bool = False
    ) -> None:
        """Add or replace preferences, all or none; raises InvalidRequest when they are too many."""
        await self._write(preference_scripts.put_preferences(tenant_id, wanted, drops_nearer=drops_nearer))

    async def account(self, kind: str, name: str) -> Account | None:
        """Find an account by its name."""
        return await self._look(scripts.account(kind, name))

    async def put_account(self, account: Account) -> None:
        """Add or replace an account."""
        await self._write(scripts.put_account(account))

    async def ticket(self, tenant_id: int, ticket_id: str) -> Ticket | None:
        """Find a ticket or session, expired ones included."""
        return await self._look(scripts.ticket(tenant_id, ticket_id))

    async def put_ticket(self, ticket: Ticket) -> None:
        """Add or replace a ticket or session."""
        await self._write(scripts.put_ticket(ticket))

    async def drop_ticket(self, tenant_id: int, ticket_id: str) -> None:
        """Forget a ticket or session."""
        await self._write(scripts.drop_ticket(tenant_id, ticket_id))

    async def forget_idempotency(self, before: datetime) -> None:
        """Drop the answers that were stored before."""
        await self._write(scripts.forget_idempotency(before))

    async def backlog(self) -> Backlog:
        """Count what waits to be delivered."""
        return await self._scan(backlog())

    async def forget_tickets(self, before: datetime) -> None:
        """Drop the tickets and sessions that ended before."""
        await self._write(scripts.forget_tickets(before))

    async def find_claimants(self, tenant_id: int, text: str) -> tuple[int, ...]:
        """Find rows by their claimant's whole e-mail address, or by whole words of the name."""
        words = asked_words(tenant_id, text, self._tools.sealer)
        if not 0 < len(words) <= MOST_WORDS:
            return ()
        return await self._search(scripts.rows_of_claimants(tenant_id, words, MOST_FOUND))

    async def put_presences(self, presences: Sequence[Presence]) -> None:
        """Add presences or prolong them, all or none."""
        await self._write(presence_scripts.put_presences(presences))

    async def presences(self, tenant_id: int, now: datetime) -> tuple[Presence, ...]:
        """List which associates have which appointment open now."""
        return await self._look(presence_scripts.presences(tenant_id, now))

    async def claimants_present(self, tenant_id: int, numbers: Sequence[int]) -> tuple[Presence, ...]:
        """List the presences of these appointments' claimants, also those that have ended of late."""
        return await self._look(presence_scripts.claimants_present(tenant_id, numbers))

    async def forget_presences(self, before: datetime) -> None:
        """Drop the presences that ended before."""
        await self._write(presence_scripts.forget_presences(before))

    async def erase_claimant(self, tenant_id: int, claimant_id: UUID) -> None:
        """Destroy a claimant's key: rows, events and answers that hold the claimant stay sealed for ever."""
        await self._write(scripts.erase_claimant(tenant_id, claimant_id))

    async def history(self, tenant_id: int, appointment_id: int, latest: int = 0) -> tuple[Event, ...]:
        """Read all events of one appointment, or the latest so many, oldest first."""
        return await self._scan(scripts.history(tenant_id, appointment_id, latest))

    async def _directory_at(self, tenant_id: int, revision: int | None) -> Directory:
        known = self._directories.get(tenant_id)
        if known is not None and known.revision == revision:
            return known
        if revision is None:
            raise Unauthenticated
        found = await self._scan(directory_scripts.directory(tenant_id, known))
        if found is None:
            raise Unauthenticated
        self._directories[tenant_id] = found
        return found

    def _opened(self, body: str, wrapped: bytes | None) -> Row:
        return open_claimant(decode(body), wrapped, self._tools.sealer)
