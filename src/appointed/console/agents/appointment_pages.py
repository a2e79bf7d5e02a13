"""The page of one appointment, and what can be done there without leaving it."""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from appointed.console.agents.desk import Desk, address, leads, uid_of
from appointed.console.agents.edit_form import SWITCHES
from appointed.console.agents.once import key_of, once, with_own_key
from appointed.console.agents.one import (
    MOST_HISTORY,
    answers_of,
    goes_on,
    history_of,
    links_of,
    rights_of,
    room_for_agent,
)
from appointed.console.agents.session import Visitor
from appointed.console.agents.steps import in_time, is_cancellable, steps_for
from appointed.domain.errors import InvalidAppointment
from appointed.domain.letter import Channel
from appointed.domain.notices import ways_to
from appointed.domain.rights import keys
from appointed.usecases.ask_to_join import ask_to_join, is_joinable
from appointed.usecases.change_appointment import Call, change_appointment
from appointed.usecases.live import Topic
from appointed.usecases.message_claimant import BEFORE_GOODBYE, LONGEST, message_claimant
from appointed.usecases.ports import Outcome
from appointed.usecases.presence import be_present, missed_since, others_present
from appointed.usecases.read_appointment import read_appointment
from appointed.usecases.tell_claimant import EXPECTED, resend_invitation

# What a page may say after something was done; other texts in its address are not shown.
DONE: Final = frozenset(
    {
        "booked",
        "admitted",
        "late",
        "no_show",
        "complete",
        "cancelled",
        "saved",
        "same",
        "moved",
        "message",
        "invitation",
        "asked_email",
        "asked_sms",
    }
)


class AppointmentPages(msgspec.Struct, frozen=True):
    """Answers an appointment's addresses."""

    desk: Desk

    async def page(self, request: Request) -> Response:
        """Show an appointment with everything that the agent may see."""
        visitor = await self.desk.sessions.visitor(request)
        done = request.query_params.get("done", "")
        return await self._show(request, visitor, done=done if done in DONE else "")

    async def piece(self, request: Request) -> Response:
        """Write the changing part of the page anew."""
        visitor = await self.desk.sessions.visitor(request)
        values = await self._values(request, visitor)
        text = self.desk.piece(request, "agents_appointment_live.html", visitor, **values)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def live(self, request: Request) -> ASGIApp:
        """Tell the page of changes of its appointment."""

        async def topic_of(visitor: Visitor) -> Topic:
            reading, _access = await read_appointment(
                self.desk.door.store, visitor.principal, uid_of(request), hides_foreign=True, is_shown=False
            )
            return Topic(tenant_id=visitor.principal.tenant_id, appointment_ids=frozenset({reading.row.id}))

        return await self.desk.stream(request, topic_of)

    async def back(self, request: Request) -> Response:
        """Lead to the page from an address that only takes forms."""
        return leads(address(uid_of(request)))

    async def message(self, request: Request) -> Response:
        """Tell the claimant something, once; a text that cannot be sent stays in its field."""
        visitor, form = await self.desk.sessions.posted(request)
        uid, text = uid_of(request), form.text("message")
        edit = message_claimant(visitor.principal, text)

        async def tell(call: Call) -> Outcome:
            return await change_appointment(self.desk.door.store, call, uid, edit)

        def page_of(_outcome: Outcome) -> str:
            return address(uid, "?done=message")

        try:
            said = with_own_key(form, text)
            return leads(await once(request, said, self.desk.call(visitor), tell, page_of))
        except InvalidAppointment as error:
            return await self._show(request, visitor, 422, message=text, message_problems=error.problems)

    async def presence(self, request: Request) -> Response:
        """Note that the agent has the page open, and say who else has."""
        visitor, _form = await self.desk.sessions.posted(request)
        store, now = self.desk.door.store, self.desk.now()
        reading, _access = await read_appointment(
            store, visitor.principal, uid_of(request), hides_foreign=True, is_shown=False
        )
        await be_present(store, visitor.principal, reading.row.id, now)
        present = await others_present(store, visitor.principal, visitor.directory, now)
        names = present.get(reading.row.id, ())
        text = self.desk.piece(request, "agents_present.html", visitor, names=names)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def invitation(self, request: Request) -> Response:
        """Send the claimant's invitation again, once for each time that the page was shown."""
        visitor, form = await self.desk.sessions.posted(request)
        uid, door, now = uid_of(request), self.desk.door, self.desk.now()
        if not await resend_invitation(door.store, door.ids, visitor.principal, uid, now, key_of(form)):
            return await self.refused(request, visitor, 409, "agents.refused.invitation")
        return leads(address(uid, "?done=invitation"))

    async def ask(self, request: Request) -> Response:
        """Send an interpreter or a guest their link; an address that cannot be stays in its field."""
        visitor, form = await self.desk.sessions.posted(request)
        uid, door = uid_of(request), self.desk.door
        role, to = form.text("role"), form.text("to")
        try:
            asked = await ask_to_join(
                door.store, door.ids, visitor.principal, uid, role, to, self.desk.now(), self.desk.pseudonym
            )
        except InvalidAppointment as error:
            if any(one.rule == "step" for one in error.problems):
                return await self.refused(request, visitor, 409, "agents.refused.step")
            return await self._show(request, visitor, 422, role=role, to=to, to_problems=error.problems)
        if not asked.is_new:
            return await self.refused(request, visitor, 409, "agents.refused.asked")
        return leads(address(uid, f"?done=asked_{asked.channel}"))

    async def refused(
        self, request: Request, visitor: Visitor, status: int, key: str, **values: Any
    ) -> Response:
        """Show the appointment as it is now, and say why what was wanted was not done."""
        return await self._show(request, visitor, status, refused=key, **values)

    async def _show(self, request: Request, visitor: Visitor, status: int = 200, **values: Any) -> Response:
        told = {"done": "", "refused": "", "message": "", "message_problems": ()}
        told |= {"role": "", "to": "", "to_problems": (), "key": self.desk.door.ids.token()}
        values = told | await self._values(request, visitor) | values
        return self.desk.page(request, "agents_appointment.html", visitor, status, **values)

    async def _values(self, request: Request, visitor: Visitor) -> dict[str, Any]:
        store, now, base_url = self.desk.door.store, self.desk.now(), self.desk.door.base_url(request.scope)
        position = await self.desk.live.position(visitor.principal.tenant_id)
        reading, granted = await read_appointment(
            store, visitor.principal, uid_of(request), hides_foreign=True
        )
        row, directory = reading.row, reading.directory
        events = await store.history(row.tenant_id, row.id, MOST_HISTORY)
        present = await others_present(store, visitor.principal, directory, now)
        missed = await missed_since(store, row.tenant_id, (row,), now)
        opens = keys(visitor.principal, row, granted)
        may, ways = rights_of(granted), ways_to(row, directory, store.mail.channels)
        return {
            "row": row,
            "may": may,
            "steps": in_time(steps_for(row, may), row, self.desk.calls.window, now),
            "is_cancellable": is_cancellable(row, may),
            "room": room_for_agent(self.desk.calls, row, now) if opens.room else None,
            # What is over is joined by nobody, whatever link they have.
            "links": links_of(row, base_url) if opens.claimant and row.status in BEFORE_GOODBYE else {},
            "answers": answers_of(row, directory, self.desk.language(request)),
            "history": history_of(events, directory),
            "names": present.get(row.id, ()),
            "missed": missed.get(row.id),
            "goes_on": goes_on(row, directory),
            "may_tell": may.may_change and row.claimant is not None and row.status in BEFORE_GOODBYE,
            "may_resend": may.may_change and row.status in EXPECTED and bool(ways),
            "ask_by": ask_by(store.mail.channels) if may.may_change and is_joinable(row, now) else "",
            "longest_message": LONGEST,
            "features": SWITCHES,
            "after_position": position,
        }


def ask_by(channels: frozenset[Channel]) -> str:
    """Name the field for whom a link is sent to; "" where nothing can be sent."""
    return {0: "", 1: "".join(f"to_{one}" for one in channels)}.get(len(channels), "to_both")
