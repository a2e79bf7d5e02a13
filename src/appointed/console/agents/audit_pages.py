"""The audit log as its administrators read it, and whether the logs are whole."""

import asyncio
import contextlib
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.audit_filter import (
    PER_PAGE,
    Asked,
    line_of,
    read_asked,
    read_id,
    read_uuid,
    wanted_of,
)
from appointed.console.agents.desk import HOME, Desk, address, leads
from appointed.console.agents.session import Visitor
from appointed.domain.audit import Act, Entry, Verdict
from appointed.domain.errors import AppointmentNotFound, RecordNotFound, TooManyRequests
from appointed.domain.rights import audited, may_administer
from appointed.usecases.change_department import departments_seen
from appointed.usecases.change_user import users_seen
from appointed.usecases.query import Operator, Order, Query, Test
from appointed.usecases.read_appointment import read_appointment
from appointed.usecases.read_audit import (
    NOWHERE,
    number_by_reference,
    number_of,
    read_audit,
    read_entry,
    verify_logs,
)

AUDIT: Final = f"{HOME}/audit"
AUDITED: Final = f"{AUDIT}/appointments/{{number}}"
# Reading both logs takes a while; so long one waits for somebody else's look.
BUSY_SECONDS: Final = 5
# Longer logs are for the operator's command, which nobody waits for.
PATIENCE_SECONDS: Final = 9.0
# Of what a request may take, so that the page still says so itself.
SHARE: Final = 0.9


class AuditPages(msgspec.Struct, frozen=True):
    """Answers the page of the audit log.

    `looking` are the tenants whose logs are being compared.
    """

    desk: Desk
    looking: set[int] = msgspec.field(default_factory=set)

    @property
    def seconds(self) -> float:
        """Give how long comparing the logs may take."""
        return min(PATIENCE_SECONDS, SHARE * self.desk.door.limits.handler_seconds)

    async def page(self, request: Request) -> Response:
        """Show entries, newest first."""
        return await self._show(request, await self.desk.sessions.visitor(request))

    async def verify(self, request: Request) -> Response:
        """Compare both logs with their seals, and show what that came to."""
        visitor, _form = await self.desk.sessions.posted(request)
        tenant_id = visitor.principal.tenant_id
        if tenant_id in self.looking:
            raise TooManyRequests(BUSY_SECONDS)
        self.looking.add(tenant_id)
        try:
            async with asyncio.timeout(self.seconds):
                verdicts = await verify_logs(self.desk.door.store, visitor.principal, visitor.directory)
        except TimeoutError:
            return await self._show(request, visitor, is_too_long=True)
        finally:
            self.looking.discard(tenant_id)
        return await self._show(request, visitor, verdicts)

    async def appointment(self, request: Request) -> Response:
        """Lead to the page of the appointment that an entry is about."""
        visitor = await self.desk.sessions.visitor(request)
        audited(visitor.principal, visitor.directory)
        number = read_id(request.path_params["number"])
        if number is None:
            raise AppointmentNotFound(request.path_params["number"])
        reading, _access = await read_appointment(
            self.desk.door.store, visitor.principal, number, hides_foreign=True, is_shown=False
        )
        return leads(address(reading.row.uid))

    async def _show(
        self,
        request: Request,
        visitor: Visitor,
        verdicts: tuple[Verdict, ...] = (),
        *,
        is_too_long: bool = False,
    ) -> Response:
        principal, directory = visitor.principal, visitor.directory
        own = audited(principal, directory)
        asked = read_asked(request.query_params, directory)
        found = await self._found(request, visitor, asked)
        seen = departments_seen(principal, directory)
        return self.desk.page(
            request,
            "agents_audit.html",
            visitor,
            asked=asked,
            lines=[line_of(entry, directory) for entry in found[:PER_PAGE]],
            references=await self._references(principal.tenant_id, found),
            following=asked.query(after=found[PER_PAGE - 1].id) if found[PER_PAGE:] else "",
            departments=[one for one in seen if own is None or one.id in own],
            users=users_seen(principal, directory),
            acts=tuple(Act),
            may_verify=may_administer(principal, directory),
            verdicts=verdicts,
            is_too_long=is_too_long,
            faults=[(one.anchor.log, fault) for one in verdicts for fault in one.faults],
            sealed=sum(one.rows for one in verdicts),
            unsealed=sum(one.unsealed for one in verdicts),
        )

    async def _references(self, tenant_id: int, found: tuple[Entry, ...]) -> dict[int, str]:
        """Give the references of the appointments that entries are about, of those that are there still."""
        ids = tuple({entry.appointment_id for entry in found} - {0})
        if not ids:
            return {}
        where, order = Test("id", Operator.IN, ids), (Order(field="id"),)
        query = Query(tenant_id=tenant_id, where=where, order=order, limit=len(ids))
        return {row.id: row.reference for row in (await self.desk.door.store.page(query)).rows}

    async def _found(self, request: Request, visitor: Visitor, asked: Asked) -> tuple[Entry, ...]:
        """Find entries: one by its own reference, else those about the appointment that is named so."""
        store, principal, directory = self.desk.door.store, visitor.principal, visitor.directory
        zone, named = self.desk.zone(request, visitor), asked.reference
        reference = read_uuid(named)
        if reference is not None:
            # One that no entry has may be an appointment's.
            with contextlib.suppress(RecordNotFound):
                return (await read_entry(store, principal, directory, reference),)
        number = None
        if named:
            number = await number_by_reference(store, principal.tenant_id, named)
            number = await number_of(store, principal.tenant_id, named) if number == NOWHERE else number
        return await read_audit(store, principal, directory, wanted_of(asked, zone, number))
