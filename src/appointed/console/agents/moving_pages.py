"""Giving an appointment another time: free ones to choose from, or any other."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.change_pages import change, read, revision_of
from appointed.console.agents.desk import Desk, address, leads, uid_of
from appointed.console.agents.edit_form import LOCAL, instant_text, local, sort_problems
from appointed.console.agents.forms import Form
from appointed.console.agents.offers import Asked, is_offered, offers, read_day, read_instant, read_minutes
from appointed.console.agents.session import Visitor
from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import Forbidden, InvalidAppointment, PreconditionFailed, TimeHeld
from appointed.usecases.change_appointment import Edit, Edited
from appointed.usecases.life import rescheduling
from appointed.usecases.ports import Reading

MINUTE: Final = timedelta(minutes=1)
OWN: Final = "own"
LOOK: Final = "look"
MOVE: Final = "move"


class MovingPages(msgspec.Struct, frozen=True):
    """Answers the page of another time."""

    desk: Desk

    async def form(self, request: Request) -> Response:
        """Offer free times from a day on."""
        visitor = await self.desk.sessions.visitor(request)
        return await self._show(request, visitor, request.query_params, self.desk.zone(request, visitor))

    async def move(self, request: Request) -> Response:
        """Move the appointment to the chosen time, else to the typed one; or look for other times."""
        visitor, form = await self.desk.sessions.posted(request)
        zone, wanted = self.desk.zone(request, visitor, form), form.text("do")
        reading = await self._read(request, visitor)
        is_chosen = form.text("slot") != "" or _typed(form.values) is not None
        if wanted == LOOK or (not is_chosen and wanted != MOVE):
            # Whoever presses the return key beside the day or the length wants to see what is free.
            return await self._show(request, visitor, form.values, zone)
        if not is_chosen:
            return await self._show(request, visitor, form.values, zone, 422, refused="agents.booking.choose")
        if read_instant(form.text("slot")) and form.text("offered") not in ("", form.text("minutes")):
            return await self._show(request, visitor, form.values, zone, 409, refused="agents.moving.length")
        return await self._moved(request, visitor, form, zone, reading)

    async def _moved(
        self, request: Request, visitor: Visitor, form: Form, zone: ZoneInfo, reading: Reading
    ) -> Response:
        chosen = form.text("slot")
        starts_at = instant_text(form.text("own"), zone) if chosen in ("", OWN) else chosen
        update = {"appointment_at": starts_at, "duration_in_minutes": form.text("minutes")}
        try:
            edit = rescheduling(self.desk.to_edit(update, self.desk.door.ids), self.desk.calls.window)
            edit = await self._offered(visitor, form, reading, edit)
            await change(self.desk, request, visitor, edit, revision_of(form))
        except PreconditionFailed:
            row = (await self._read(request, visitor)).row
            stands = (row.starts_at.strftime(LOCAL), str(row.duration // MINUTE))
            if stands == (starts_at[:16], form.text("minutes")):
                # The very same form came twice.
                return leads(address(row.uid, "?done=moved"))
            return await self._show(request, visitor, form.values, zone, 412, refused="agents.moving.changed")
        except InvalidAppointment as error:
            found = sort_problems(error.problems, update)
            return await self._show(request, visitor, form.values, zone, 422, problems=found)
        except TimeHeld:
            return await self._show(request, visitor, form.values, zone, 409, refused="agents.moving.held")
        return leads(address(uid_of(request), "?done=moved"))

    async def _offered(self, visitor: Visitor, form: Form, reading: Reading, edit: Edit) -> Edit:
        """Refuse a time that was offered and has been taken since; whoever types one may take any."""
        chosen_at = read_instant(form.text("slot"))
        if chosen_at is None or chosen_at == reading.row.starts_at:
            return edit
        view, zone = View(reading.directory, self.desk.now()), visitor.directory.zone
        asked = _asked(reading.row, form.values, view, zone)
        is_free = await is_offered(self.desk.door.store, visitor.principal, view, asked, chosen_at)

        def offered(row: Appointment, view: View) -> Edited:
            if not is_free:
                raise TimeHeld(row.owner_id, 0)
            return edit(row, view)

        return offered

    async def _read(self, request: Request, visitor: Visitor) -> Reading:
        reading, may = await read(self.desk, request, visitor)
        if not may.may_change:
            raise Forbidden
        return reading

    async def _show(
        self,
        request: Request,
        visitor: Visitor,
        given: Mapping[str, str],
        zone: ZoneInfo,
        status: int = 200,
        **values: Any,
    ) -> Response:
        reading = await self._read(request, visitor)
        row, view = reading.row, View(reading.directory, self.desk.now())
        asked, stands = _asked(row, given, view, zone), local(row.starts_at, zone)
        offered = str(asked.length // MINUTE)
        return self.desk.page(
            request,
            "agents_moving.html",
            visitor,
            status,
            row=row,
            days=await offers(self.desk.door.store, visitor.principal, view, asked),
            since=asked.since,
            offered=offered,
            # A length that was refused stays as it was typed.
            minutes=given.get("minutes", offered) if values.get("problems") else offered,
            stands=stands,
            own=_typed(given) or stands,
            slot=given.get("slot", ""),
            zone=zone,
            **({"refused": "", "problems": {}} | values),
        )


def _typed(given: Mapping[str, str]) -> str | None:
    """Give the time that somebody typed, None for the one that stood there."""
    own = given.get("own")
    return None if own == given.get("was.own") else own


def _asked(row: Appointment, given: Mapping[str, str], view: View, zone: ZoneInfo) -> Asked:
    """Say which times are looked for: of the length and from the day that are given, else its own."""
    return Asked(
        owner_id=row.owner_id,
        length=read_minutes(given.get("minutes", ""), int(row.duration / MINUTE)) * MINUTE,
        since=read_day(given.get("since", "")) or max(view.now, row.starts_at).astimezone(zone).date(),
        zone=zone,
        lead=timedelta(minutes=row.lead_minutes),
        lag=timedelta(minutes=row.lag_minutes),
        family_id=row.mother_id or row.id,
    )
