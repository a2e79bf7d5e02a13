"""A Store that keeps rows in a dict: enough to run one change and its family, nothing about engines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.audit import Act, Anchor, Entry, Verdict, Wanted
from appointed.domain.directory import Record, Tenant
from appointed.domain.errors import AppointmentNotFound
from appointed.domain.revision import advance
from appointed.usecases.ports import (
    Account,
    ByFamily,
    ById,
    ByMany,
    ByUid,
    Change,
    Decision,
    NoRows,
    Outcome,
    Page,
    Reading,
    Rows,
    Ticket,
)
from appointed.usecases.query import Query
from tests.builders import NOW, directory, view

Pairs = list[tuple[Appointment | None, Appointment | None]]


class FakeAudit:
    """Remembers what was written, noted and asked for: (act, by, appointment, details)."""

    def __init__(self) -> None:
        self.told: list[tuple[Act, int, int, dict[str, Any]]] = []
        self.wanted: list[Wanted] = []

    def unnoted(self, _tenant_id: int, _act: Act, _by: int, numbers: Iterable[int]) -> list[int]:
        return list(numbers)

    def note(self, _tenant_id: int, act: Act, by: int, **more: Any) -> None:
        self.told.append((act, by, more.get("appointment_id", 0), more.get("details") or {}))

    async def entries(self, tenant_id: int, wanted: Wanted) -> tuple[Entry, ...]:
        """Give one entry about the appointment that is asked for."""
        self.wanted.append(wanted)
        about = wanted.appointment_id or 0
        return (
            Entry(
                id=UUID(int=1), tenant_id=tenant_id, at=NOW, act=Act.CLAIMANT_READ, by=2, appointment_id=about
            ),
        )

    async def verify(self, tenant_id: int) -> tuple[Verdict, ...]:
        """Give the verdict of one log without anything in it."""
        return (Verdict(tenant_id=tenant_id, anchor=Anchor("event", 0, ""), rows=0, unsealed=0, faults=()),)

    async def write(self, tenant_id: int, act: Act, by: int, **more: Any) -> Entry:
        self.note(tenant_id, act, by, **more)
        told = {key: value for key, value in more.items() if value}
        return Entry(id=UUID(int=len(self.told)), tenant_id=tenant_id, at=NOW, act=act, by=by, **told)


@dataclass
class FakeStore:
    rows: dict[int, Appointment] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    audit: FakeAudit = field(default_factory=FakeAudit)
    pairs: Pairs = field(default_factory=list)
    next_id: int = 1

    def __post_init__(self) -> None:
        self.next_id = max(self.rows, default=0) + 1

    async def change(self, change: Change) -> Outcome:
        self.changes.append(change)
        rows = self._scope(change.scope)
        change.permit(rows, view())
        for row in rows:
            for ref, precondition in change.preconditions:
                if ref in (row.id, row.uid):
                    precondition.demand(row)
        decision = change.decide(rows, view())
        self.decisions.append(decision)
        pairs = self._pairs(change, rows, decision)
        if not change.dry_run:
            self.pairs = pairs
            self.keep(pairs)
        return self._outcome(change, rows, decision, pairs)

    def keep(self, pairs: Pairs) -> None:
        for before, after in pairs:
            if after is not None:
                self.rows[after.id] = after
            elif before is not None:
                del self.rows[before.id]

    def _scope(self, scope) -> Rows:
        if isinstance(scope, NoRows):
            return ()
        if isinstance(scope, ByFamily):
            family = scope.family_id
            return tuple(
                row
                for _id, row in sorted(self.rows.items())
                if family in (row.mother_id, row.series_id, row.id)
            )
        if isinstance(scope, ByUid):
            return (self._find(scope.uid),)
        rows = {row_id: self._find(row_id) for row_id in scope.ids}
        for family_id in scope.families if isinstance(scope, ByMany) else ():
            rows |= {row.id: row for row in self._scope(ByFamily(family_id))}
        return tuple(rows.values())

    def _pairs(self, change: Change, rows: Rows, decision: Decision) -> Pairs:
        """Give what is really written: new names, new revisions, nothing for a row that stays as it is."""
        wanted = (*decision.creations, *decision.replacements)
        new = dict.fromkeys(row.id for row in decision.creations)
        new |= dict.fromkeys(row.series_id for row in wanted if row.series_id < 0)
        ids = {} if change.dry_run else {made: self.next_id + place for place, made in enumerate(new)}
        self.next_id += len(ids)
        standing = {row.id: row for row in rows}

        def named(row: Appointment) -> Appointment:
            mother_id, series_id = (
                ids.get(row.mother_id, row.mother_id),
                ids.get(row.series_id, row.series_id),
            )
            return replace(row, id=ids.get(row.id, row.id), mother_id=mother_id, series_id=series_id)

        pairs: Pairs = []
        for row in map(named, decision.replacements):
            # A row that is named twice, or is out of scope, is a KeyError.
            old = standing.pop(row.id)
            if row != old:
                pairs.append((old, advance(old, row, view().now, change.principal.associate_id)))
        pairs += [(standing.pop(row_id), None) for row_id in decision.deletions]
        return pairs + [(None, named(row)) for row in decision.creations]

    def _outcome(self, change: Change, rows: Rows, decision: Decision, pairs: Pairs) -> Outcome:
        after = {old.id: new for old, new in pairs if old}
        first = next(
            (new.id for row, (_old, new) in _created(decision, pairs) if row == decision.first), None
        )
        standing = [row for row in (after.get(row.id, row) for row in rows) if row]
        standing += [new for old, new in pairs if old is None and new]
        standing.sort(key=lambda row: row.id != (first or decision.first))
        return Outcome(
            rows=tuple(standing),
            deleted=tuple(old for old, new in pairs if old and not new),
            changed_ids=frozenset(new.id for _old, new in pairs if new),
            directory=directory(),
            ignored=decision.ignored,
            pairs=tuple(pairs) if change.dry_run else None,
            lost=decision.lost if change.dry_run else (),
        )

    def _find(self, ref) -> Appointment:
        for row in self.rows.values():
            if ref in (row.id, row.uid):
                return row
        raise AppointmentNotFound(ref)

    async def read(self, tenant_id: int, scope: ById | ByUid, *, wants_conflict: bool = False) -> Reading:
        (row,) = self._scope(scope)
        return Reading(row, directory(), wants_conflict)

    async def page(self, query: Query) -> Page:
        self.queries.append(query)
        return Page(tuple(self.rows.values()), directory(), len(self.rows))

    async def directory(self, tenant_id: int):
        return directory()

    async def create_tenant(self, tenant: Tenant, records) -> int:
        self.records += records
        return tenant.id

    async def account(self, kind: str, name: str) -> Account | None:
        return self.accounts.get((kind, name))

    async def put_account(self, account: Account) -> None:
        self.accounts[account.kind, account.name] = account

    async def ticket(self, tenant_id: int, ticket_id: str) -> Ticket | None:
        found = self.tickets.get(ticket_id)
        return found if found and found.tenant_id == tenant_id else None

    async def put_ticket(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket

    async def drop_ticket(self, tenant_id: int, ticket_id: str) -> None:
        self.tickets.pop(ticket_id, None)


def _created(decision: Decision, pairs: Pairs):
    made = [pair for pair in pairs if pair[0] is None]
    return zip((row.id for row in decision.creations), made, strict=True)


def with_rows(*rows: Appointment) -> FakeStore:
    return FakeStore(rows={row.id: row for row in rows})


def uid(number: int) -> UUID:
    return UUID(int=number)
