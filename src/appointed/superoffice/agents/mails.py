"""What is asked of mail, and answers that came by it (Agents WebAPI, Appointment)."""

import base64
import binascii
from typing import Any, Final

import msgspec
from starlette.types import ASGIApp

from appointed.domain.appointment import Appointment
from appointed.domain.directory import View
from appointed.domain.errors import (
    AppointmentNotFound,
    Forbidden,
    InvalidAppointment,
    InvalidRequest,
    TimeHeld,
)
from appointed.domain.letter import Note
from appointed.domain.series import Reach
from appointed.http.lost import lost_header
from appointed.ical.replies import MOST_BYTES
from appointed.superoffice.agents.appointments import save_entity
from appointed.superoffice.agents.calls import call_of, mail_of, reach_of, row_of
from appointed.superoffice.agents.letters import EMAIL_ENTITY
from appointed.superoffice.carriers.shape import Field, Shape, fixed
from appointed.superoffice.render import entity_tree
from appointed.superoffice.request import wish_of
from appointed.superoffice.service import Ask, write_value
from appointed.usecases.take_reply import take_reply

Json = Any
# Four letters carry three bytes.
MOST_LETTERS: Final = MOST_BYTES * 4 // 3 + 4


class Saved(msgspec.Struct, frozen=True):
    """An appointment that was saved, and whether mail goes out."""

    row: Appointment
    sends_mail: bool


APPOINTMENT_SAVE_DATA: Shape = (
    Field(
        "AppointmentEntity",
        "AppointmentEntity",
        lambda saved, ctx: entity_tree(saved.row, ctx, with_links=False),
    ),
    Field("EmailCreated", "bool", lambda saved, _ctx: saved.sends_mail),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


async def will_send_email(ask: Ask) -> Json:
    """Whether saving the appointment with mail would send any: not without a mail server, or to nobody."""
    try:
        document = ask.given.carrier("Appointment")
        return (await save_entity(ask, document, Reach.THIS, mail=Note(), dry_run=True)).sends_mail
    except (AppointmentNotFound, Forbidden, InvalidAppointment, TimeHeld):
        # What cannot be saved sends nothing.
        return False


async def save_with_invitation(ask: Ask) -> ASGIApp:
    """Save an appointment, and tell participants in words of the caller's own."""
    given, mail = ask.given, mail_of(ask.given)
    own = Note(
        subject=given.text("Subject", ""),
        body=given.text("EmailBody", ""),
        language=given.text("TemplateLanguage", ""),
    )
    document = given.carrier("AppointmentEntity")
    outcome = await save_entity(ask, document, reach_of(given), mail=None if mail is None else own)
    if outcome.directory is None:
        raise TypeError("the store answered a change without its directory")
    row = row_of(outcome)
    ctx = ask.manner.context(row, View(outcome.directory, ask.door.clock()))
    told = {field.name: field.render(Saved(row, outcome.sends_mail), ctx) for field in APPOINTMENT_SAVE_DATA}
    return write_value(told, "AppointmentSaveData", wish_of(ask.request), *lost_header(outcome))


async def invitation(ask: Ask) -> Json:
    """The letter by which participants would be invited to the appointment, in the language asked for."""
    document, language = ask.given.carrier("Appointment"), ask.given.text("Language", "")
    # There is one template of an invitation, whatever its name.
    ask.given.text("TemplateName", "")
    outcome = await save_entity(ask, document, Reach.THIS, mail=Note(), dry_run=True)
    if outcome.directory is None:
        raise TypeError("the store answered a change without its directory")
    letter = ask.door.invitations.invitation(
        row_of(outcome), outcome.directory, language, ask.ctx.principal.associate_id, ask.ctx.base_url
    )
    return ask.write(EMAIL_ENTITY, letter)


async def take_ics(ask: Ask) -> Json:
    """Take the answer of somebody invited that came as iCalendar; true when it was for a date at least."""
    address = ask.given.text("EmailAddress")
    calendar = _bytes(ask.given.anything("IcsData"))
    return (await take_reply(ask.door.store, call_of(ask), address, calendar)).dates > 0


def _bytes(value: Json) -> bytes:
    if not isinstance(value, str) or len(value) > MOST_LETTERS:
        raise InvalidRequest("The argument IcsData must be an iCalendar object in Base64.")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("The argument IcsData must be an iCalendar object in Base64.") from None
