"""Booking a claimant: a department, a free time, who comes, and the questions that the department asks."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.booking_form import (
    Booking,
    bookable,
    groups_of,
    is_own_choice,
    read_booking,
    update_of,
)
from appointed.console.agents.desk import HOME, Desk, address, leads
from appointed.console.agents.edit_form import sort_problems
from appointed.console.agents.forms import Form
from appointed.console.agents.offers import LONGEST_MINUTES, is_offered, offers
from appointed.console.agents.once import key_of, once
from appointed.console.agents.session import Visitor
from appointed.domain.directory import Department, View
from appointed.domain.errors import (
    AnswerErased,
    Forbidden,
    IdempotencyKeyReused,
    InvalidAppointment,
    Problem,
    TimeHeld,
)
from appointed.domain.letter import Channel
from appointed.usecases.change_appointment import Call, Edited
from appointed.usecases.create_appointment import Draft, NewNames, create_appointment, new_names
from appointed.usecases.ports import Outcome

BOOK: Final = f"{HOME}/book"
LOOK: Final = "look"
MINUTES: Final = "duration_in_minutes"
# What stands beside the times, and not in a group of fields.
TIMES: Final = ("appointment_at", MINUTES, "department_id")
# Groups that are open at once only where somebody has chosen something in them.
FOLDED: Final = frozenset({"meeting", "after"})


class BookingPages(msgspec.Struct, frozen=True):
    """Answers the page of a new appointment."""

    desk: Desk

    async def form(self, request: Request) -> Response:
        """Offer free times of a department, and ask who comes."""
        visitor = await self.desk.sessions.visitor(request)
        zone = self.desk.zone(request, visitor)
        return await self._show(request, visitor, zone, self._read(request.query_params, visitor, zone))

    async def book(self, request: Request) -> Response:
        """Make the appointment, or look for other times; whatever goes wrong, nothing typed is lost."""
        visitor, form = await self.desk.sessions.posted(request)
        zone = self.desk.zone(request, visitor, form)
        booking = self._read(form.values, visitor, zone)
        key = key_of(form)
        if form.text("do") == LOOK:
            return await self._show(request, visitor, zone, booking, key=key)
        if booking.chosen_at and booking.offered != booking.wish:
            # The times that were shown are of another department, or of another length.
            return await self._show(request, visitor, zone, booking, 409, "agents.booking.other", key)
        update = update_of(booking, zone)
        try:
            return leads(await self._booked(request, visitor, form, booking, update))
        except InvalidAppointment as error:
            problems = sort_problems(error.problems, update)
            wrong = replace(booking, typed=replace(booking.typed, problems=problems))
            return await self._show(request, visitor, zone, wrong, 422, key=key)
        except TimeHeld:
            return await self._show(request, visitor, zone, booking, 409, "agents.moving.held", key)
        except (IdempotencyKeyReused, AnswerErased):
            return await self._show(request, visitor, zone, booking, 409, "agents.booking.again")

    async def _booked(
        self, request: Request, visitor: Visitor, form: Form, booking: Booking, update: dict[str, Any]
    ) -> str:
        """Make the appointment once, however often its form comes, and give the address of its page."""
        door, draft = self.desk.door, await self._draft(visitor, booking, update)

        async def create(call: Call) -> Outcome:
            return await create_appointment(door.store, call, new_names(door.ids, door.clock()), draft)

        def page_of(outcome: Outcome) -> str:
            return address(outcome.rows[0].uid, "?done=booked")

        return await once(request, form, self.desk.call(visitor), create, page_of)

    async def _draft(self, visitor: Visitor, booking: Booking, update: Mapping[str, Any]) -> Draft:
        """Make the draft that the API makes; it refuses a time that was offered and has been taken since.

        So it does a length that times are not offered for. It refuses only when it runs: what was booked by
        this very form has taken its own time.
        """
        draft, chosen_at = self.desk.to_draft(update, visitor.principal), booking.chosen_at
        if chosen_at is None:
            return draft
        view = View(visitor.directory, self.desk.now())
        asked = booking.asked(visitor.directory.zone)
        is_free = await is_offered(self.desk.door.store, visitor.principal, view, asked, chosen_at)

        def offered(names: NewNames, now: View) -> Edited:
            made = draft(names, now)
            if made.appointment.duration != asked.length:
                raise InvalidAppointment(
                    (Problem(MINUTES, "between", booking.minutes, (1, LONGEST_MINUTES)),)
                )
            if not is_free:
                raise TimeHeld(asked.owner_id, 0)
            return made

        return offered

    def _read(self, values: Mapping[str, str], visitor: Visitor, zone: ZoneInfo) -> Booking:
        departments = bookable(visitor.principal, visitor.directory)
        if not departments:
            raise Forbidden
        today = self.desk.now().astimezone(zone).date()
        return read_booking(values, departments, visitor.principal, visitor.directory, today)

    async def _show(
        self,
        request: Request,
        visitor: Visitor,
        zone: ZoneInfo,
        booking: Booking,
        status: int = 200,
        refused: str = "",
        key: str = "",
    ) -> Response:
        view, store = View(visitor.directory, self.desk.now()), self.desk.door.store
        groups = groups_of(booking, visitor.principal, view, zone)
        problems, names = booking.typed.problems, {field.name for one in groups for field in one.fields}
        return self.desk.page(
            request,
            "agents_book.html",
            visitor,
            status,
            booking=booking,
            key=key or self.desk.door.ids.token(),
            departments=bookable(visitor.principal, visitor.directory),
            days=await offers(store, visitor.principal, view, booking.asked(zone)),
            groups=groups,
            folding=FOLDED,
            folded={one.name for one in groups if one.name in FOLDED and not is_own_choice(one)},
            refused=refused,
            problems=problems,
            others=[
                one for name in problems if name not in names and name not in TIMES for one in problems[name]
            ],
            told_by=told_by(booking.department, store.mail.channels),
            owner=visitor.directory.associates.get(booking.department.default_associate_id),
            zone=zone,
        )


def told_by(department: Department, channels: frozenset[Channel]) -> str:
    """Say how the claimant will hear of the appointment: "none", one channel, or "both"."""
    ways = [way for way in department.invites_by if way in channels]
    return "both" if len(ways) > 1 else next(iter(ways), "none")
