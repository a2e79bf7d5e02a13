"""Giving an appointment another time: free ones to choose from, or any other."""

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.change_pages import change, read, revision_of
from appointed.console.agents.desk import Desk, address, leads, uid_of
from appointed.console.agents.edit_form import instant_text, local, sort_problems
from appointed.console.agents.offers import Asked, offers, read_day, read_minutes
from appointed.console.agents.session import Visitor
from appointed.domain.directory import View
from appointed.domain.errors import Forbidden, InvalidAppointment, PreconditionFailed, TimeHeld
from appointed.usecases.life import rescheduling

MINUTE: Final = timedelta(minutes=1)


class MovingPages(msgspec.Struct, frozen=True):
    """Answers the page of another time."""

    desk: Desk

    async def form(self, request: Request) -> Response:
        """Offer free times from a day on."""
        visitor = await self.desk.sessions.visitor(request)
        return await self._moving(request, visitor, request.query_params, self.desk.zone(request, visitor))

    async def move(self, request: Request) -> Response:
        """Move the appointment to the chosen time, else to the one that was typed."""
        visitor, form = await self.desk.sessions.posted(request)
        zone, chosen = self.desk.zone(request, visitor, form), form.text("slot")
        starts_at = instant_text(form.text("own"), zone) if chosen in ("", "own") else chosen
        update = {"appointment_at": starts_at, "duration_in_minutes": form.text("minutes")}
        try:
            edit = rescheduling(self.desk.to_edit(update, self.desk.door.ids), self.desk.calls.window)
            await change(self.desk, request, visitor, edit, revision_of(form))
        except PreconditionFailed:
            return await self._moving(
                request, visitor, form.values, zone, 412, refused="agents.moving.changed"
            )
        except InvalidAppointment as error:
            found = sort_problems(error.problems, update)
            return await self._moving(request, visitor, form.values, zone, 422, problems=found)
        except TimeHeld:
            return await self._moving(request, visitor, form.values, zone, 409, refused="agents.moving.held")
        return leads(address(uid_of(request), "?done=moved"))

    async def _moving(
        self, request: Request, visitor: Visitor, asked: Any, zone: ZoneInfo, status: int = 200, **values: Any
    ) -> Response:
        reading, may = await read(self.desk, request, visitor)
        if not may.may_change:
            raise Forbidden
        row, now = reading.row, self.desk.now()
        minutes = read_minutes(asked.get("minutes", ""), int(row.duration / MINUTE))
        since = read_day(asked.get("since", "")) or max(now, row.starts_at).astimezone(zone).date()
        asked_for = Asked(
            owner_id=row.owner_id,
            length=minutes * MINUTE,
            since=since,
            zone=zone,
            lead=timedelta(minutes=row.lead_minutes),
            lag=timedelta(minutes=row.lag_minutes),
            family_id=row.mother_id or row.id,
        )
        view = View(reading.directory, now)
        days = await offers(self.desk.door.store, visitor.principal, view, asked_for)
        told = {"refused": "", "problems": {}} | values
        return self.desk.page(
            request,
            "agents_moving.html",
            visitor,
            status,
            row=row,
            days=days,
            since=since,
            minutes=minutes,
            own=asked.get("own") or local(row.starts_at, zone),
            slot=asked.get("slot", ""),
            zone=zone,
            **told,
        )
