"""Changing an appointment: the steps of a call, cancelling it, and everything else by a form."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.appointment_pages import AppointmentPages
from appointed.console.agents.desk import Desk, address, leads, uid_of
from appointed.console.agents.edit_form import WAS, Typed, changes_of, shown, sort_problems, stands_so
from appointed.console.agents.forms import Form
from appointed.console.agents.one import Rights, history_of, rights_of
from appointed.console.agents.session import Visitor
from appointed.console.agents.steps import DONE, is_cancellable, read_step
from appointed.domain.errors import (
    Forbidden,
    InvalidAppointment,
    InvalidRequest,
    MoveRefused,
    PreconditionFailed,
    Problem,
    TimeHeld,
)
from appointed.domain.precondition import NO_PRECONDITION, Precondition
from appointed.domain.status import Happening, Mover, Status, steps
from appointed.domain.validity import TEXT_LIMITS
from appointed.usecases.change_appointment import Edit, change_appointment
from appointed.usecases.life import MARKS, stepping, stepping_in_time
from appointed.usecases.ports import Outcome, Reading
from appointed.usecases.read_appointment import read_appointment

LONGEST_REASON: Final = TEXT_LIMITS["cancellation_reason"]


class ChangePages(msgspec.Struct, frozen=True):
    """Answers what changes an appointment."""

    desk: Desk
    appointments: AppointmentPages

    async def step(self, request: Request) -> Response:
        """Admit, complete, mark as late or as a no-show: a button of the page, or of the board."""
        visitor, form = await self.desk.sessions.posted(request)
        wanted = read_step(form.text("step"))
        if wanted is None:
            raise InvalidRequest("step")
        try:
            edit = stepping_in_time(wanted, self.desk.calls.window)
            await change(self.desk, request, visitor, edit)
        except MoveRefused as error:
            # What the table allows was refused for the time alone.
            is_early = wanted in steps(Mover.AGENT, Status(error.before))
            early = "agents.refused.unbegun" if wanted in MARKS else "agents.refused.early"
            key = early if is_early else "agents.refused.step"
            return await self.appointments.refused(request, visitor, 409, key)
        return leads(address(uid_of(request), f"?done={DONE[wanted]}"))

    async def cancel_form(self, request: Request) -> Response:
        """Ask for the reason."""
        visitor = await self.desk.sessions.visitor(request)
        return await self._cancelling(request, visitor)

    async def cancel(self, request: Request) -> Response:
        """Call the appointment off."""
        visitor, form = await self.desk.sessions.posted(request)
        reason = form.text("reason")
        if len(reason) > LONGEST_REASON:
            problem = Problem("reason", "longest", allowed=LONGEST_REASON)
            return await self._cancelling(request, visitor, 422, reason=reason, problems=(problem,))
        try:
            await change(self.desk, request, visitor, stepping(Happening.CANCELLED, reason or None))
        except MoveRefused:
            return await self.appointments.refused(request, visitor, 409, "agents.refused.step")
        return leads(address(uid_of(request), "?done=cancelled"))

    async def _cancelling(
        self, request: Request, visitor: Visitor, status: int = 200, **values: Any
    ) -> Response:
        reading, may = await read(self.desk, request, visitor)
        if not is_cancellable(reading.row, may):
            return await self.appointments.refused(request, visitor, 409, "agents.refused.step")
        told = {"reason": "", "problems": (), "longest": LONGEST_REASON, "row": reading.row} | values
        return self.desk.page(request, "agents_cancel.html", visitor, status, **told)

    async def edit_form(self, request: Request) -> Response:
        """Show everything that can be changed."""
        visitor = await self.desk.sessions.visitor(request)
        return await self._editing(request, visitor, self.desk.zone(request, visitor))

    async def edit(self, request: Request) -> Response:
        """Keep what was changed in the form; whatever goes wrong, nothing that was typed is lost."""
        visitor, form = await self.desk.sessions.posted(request)
        was = form.beginning(WAS)
        given = {name: form.text(name) for name in was if name in form.values}
        uid, zone = uid_of(request), self.desk.zone(request, visitor, form)
        update = changes_of(given, was, zone)
        if not update:
            return leads(address(uid, "?done=same"))
        typed = Typed(given=given, was=was)
        try:
            edit = self.desk.to_edit(update, self.desk.door.ids)
            await change(self.desk, request, visitor, edit, revision_of(form))
        except PreconditionFailed:
            now, _may = await read(self.desk, request, visitor)
            if stands_so(now.row, now.directory, zone, typed):
                return leads(address(uid, "?done=saved"))
            return await self._editing(request, visitor, zone, 412, typed, is_changed=True)
        except InvalidAppointment as error:
            found = replace(typed, problems=sort_problems(error.problems, update))
            return await self._editing(request, visitor, zone, 422, found)
        except TimeHeld as error:
            return await self._editing(request, visitor, zone, 409, typed, held=error)
        return leads(address(uid, "?done=saved"))

    async def _editing(
        self,
        request: Request,
        visitor: Visitor,
        zone: ZoneInfo,
        status: int = 200,
        typed: Typed | None = None,
        *,
        is_changed: bool = False,
        held: TimeHeld | None = None,
    ) -> Response:
        reading, may = await read(self.desk, request, visitor)
        if not may.may_change:
            raise Forbidden
        row, directory = reading.row, reading.directory
        groups = shown(row, directory, zone, typed)
        events = await self.desk.door.store.history(row.tenant_id, row.id, 1) if is_changed else ()
        return self.desk.page(
            request,
            "agents_edit.html",
            visitor,
            status,
            row=row,
            groups=groups,
            changed=[field for group in groups for field in group.fields if field.theirs is not None],
            changed_by=history_of(events, directory)[0] if events else None,
            problems=_told(groups, typed),
            held=held,
            zone=zone,
        )


def _told(groups: list[Any], typed: Typed | None) -> list[Problem]:
    """List the problems that stand beside no field."""
    names = {field.name for group in groups for field in group.fields}
    found: Mapping[str, list[Problem]] = typed.problems if typed else {}
    return [problem for name, problems in found.items() if name not in names for problem in problems]


def revision_of(form: Form) -> Precondition:
    """Read which revision a form showed."""
    text = form.text("revision")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return NO_PRECONDITION
    return Precondition(if_match=(int(text),))


async def change(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    edit: Edit,
    precondition: Precondition = NO_PRECONDITION,
) -> Outcome:
    """Change the appointment of an address by the one write path."""
    call = replace(desk.call(visitor), precondition=precondition)
    return await change_appointment(desk.door.store, call, uid_of(request), edit)


async def read(desk: Desk, request: Request, visitor: Visitor) -> tuple[Reading, Rights]:
    """Read the appointment of an address, and what the agent may do with it."""
    store = desk.door.store
    reading, granted = await read_appointment(store, visitor.principal, uid_of(request), hides_foreign=True)
    return reading, rights_of(granted)
