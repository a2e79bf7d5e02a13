"""A Store that keeps rows in a dict: enough to run one change, nothing about engines."""

from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Record, Tenant
from appointed.domain.errors import AppointmentNotFound
from appointed.usecases.ports import (
    Account,
    ById,
    ByUid,
    Change,
    Decision,
    NoRows,
    Outcome,
    Page,
    Reading,
    Ticket,
)
from appointed.usecases.query import Query
from tests.builders import directory, view


@dataclass
class FakeStore:
    rows: dict[int, Appointment] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    async def change(self, change: Change) -> Outcome:
        self.changes.append(change)
        rows = () if isinstance(change.scope, NoRows) else (self._find(change.scope),)
        change.permit(rows, view())
        for row in rows:
            for _ref, precondition in change.preconditions:
                precondition.demand(row)
        decision = change.decide(rows, view())
        self.decisions.append(decision)
        created = tuple(replace(row, id=max(self.rows, default=0) + 1) for row in decision.creations)
        for row in (*created, *decision.replacements):
            self.rows[row.id] = row
        for deleted in decision.deletions:
            del self.rows[deleted]
        return Outcome(rows=created or decision.replacements or rows, ignored=decision.ignored)

    def _find(self, scope) -> Appointment:
        ref = scope.uid if isinstance(scope, ByUid) else scope.ids[0]
        for row in self.rows.values():
            if ref in (row.id, row.uid):
                return row
        raise AppointmentNotFound(ref)

    async def read(self, tenant_id: int, scope: ById | ByUid, *, wants_conflict: bool = False) -> Reading:
        return Reading(self._find(scope), directory(), wants_conflict)

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


def with_rows(*rows: Appointment) -> FakeStore:
    return FakeStore(rows={row.id: row for row in rows})


def uid(number: int) -> UUID:
    return UUID(int=number)
