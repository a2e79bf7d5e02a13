"""A mail as it goes out: text, HTML and calendar (RFC 5322, RFC 6047)."""

from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.follow import who
from appointed.domain.letter import SeriesTold
from appointed.domain.time_of_day import days_zone
from appointed.ical.letters import Letter, Method, Party, partstat, sequence, write
from appointed.mail.dates import Known, dates_told
from appointed.mail.outgoing import Outgoing, Word
from appointed.mail.wording import Written, one_line
from appointed.usecases.receivers import Receiver, name_of

METHODS: Final = {
    Word.INVITED: Method.REQUEST,
    Word.MOVED: Method.REQUEST,
    Word.CANCELLED: Method.CANCEL,
    Word.REPLACED: Method.CANCEL,
    Word.ACCEPTED: Method.REPLY,
    Word.DECLINED: Method.REPLY,
}
# A claimant answers to nobody: what is published asks for nothing.
CLAIMANTS: Final = {
    Word.INVITED: Method.PUBLISH,
    Word.MOVED: Method.PUBLISH,
    Word.REMINDED: Method.PUBLISH,
    Word.ASKED: Method.PUBLISH,
    Word.CANCELLED: Method.CANCEL,
}


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who mail is from, and under which host calendars know our appointments."""

    address: str
    name: str
    host: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed for a letter: its id, the instant of what it tells, and when it leaves."""

    mailing_id: UUID
    at: datetime
    now: datetime


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar of a letter, what it asks its receiver's calendar to do, and what that then has."""

    text: bytes
    method: Method
    told: SeriesTold | None


class _Mails(EmailPolicy):
    """How mails are written: a subject that the library folds is read with two spaces here and there."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        said = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {said}{self.linesep}".encode("ascii")


_PLAIN: Final = _Mails(linesep="\r\n")
_INTERNATIONAL: Final = _Mails(linesep="\r\n", utf8=True)


def message_id(mailing_id: UUID, name: str, host: str) -> str:
    """Name a mail after what it tells and whom: the same however often it is tried."""
    return f"<{mailing_id}.{sha256(name.encode()).hexdigest()[:24]}@{host}>"


def compose(
    letter: Outgoing, written: Written, calendar: Enclosed | None, sender: Sender, envelope: Envelope
) -> bytes:
    """Put a mail together; without a calendar it is text and HTML alone."""
    owner = letter.directory.associates.get(letter.rows[0].owner_id)
    is_from_owner = letter.guest is not None and owner is not None
    name = owner.full_name if is_from_owner and owner else sender.name
    message = _begun(letter.name.name, letter.receiver, written, replace(sender, name=name), envelope)
    if calendar is not None:
        text, asks = calendar.text.decode(), {"method": str(calendar.method)}
        # Inside, for programs that offer to answer; beside it, for those that only open files.
        message.add_alternative(text, subtype="calendar", cte="base64", params=asks)
        message.add_attachment(
            calendar.text, maintype="application", subtype="ics", cte="base64", filename="invite.ics"
        )
    return message.as_bytes()


def compose_plain(
    name: str, receiver: Receiver, written: Written, sender: Sender, envelope: Envelope
) -> bytes:
    """Put a mail together that is about no appointment; `name` is the letter's."""
    return _begun(name, receiver, written, sender, envelope).as_bytes()


def _begun(
    name: str, receiver: Receiver, written: Written, sender: Sender, envelope: Envelope
) -> EmailMessage:
    message = EmailMessage(policy=_PLAIN if receiver.address.isascii() else _INTERNATIONAL)
    message["From"] = _address(sender.address, sender.name)
    message["To"] = _address(receiver.address, receiver.name)
    message["Subject"] = written.subject
    message["Date"] = format_datetime(envelope.now)
    message["Message-ID"] = message_id(envelope.mailing_id, name, sender.host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    return message


def calendar_of(
    letter: Outgoing, written: Written, known: Known, sender: Sender, at: datetime, zone: ZoneInfo
) -> Enclosed | None:
    """Write the calendar of a letter; None where its receiver's own diary here has the appointment."""
    guest, is_answer = letter.guest, _method(letter) is Method.REPLY
    if guest is not None and letter.receiver.associate_id and not is_answer:
        return None
    if guest is not None and not guest.key:
        # What was assigned changes hands here alone: no calendar elsewhere knows of an invitation.
        return None
    attendee = letter.guest_address if is_answer else letter.receiver.address
    if guest is not None and not attendee:
        return None
    owner = letter.directory.associates.get(letter.rows[0].owner_id)

    def invited(row: Appointment) -> list[Party]:
        if guest is None:
            return []
        now = next((one for one in row.participants if who(one) == who(guest)), guest)
        return [Party(address=attendee, name=name_of(guest, letter.directory), answer=partstat(now))]

    organizer = Party(address=sender.address, name=owner.full_name if owner and guest else sender.name)
    dates = dates_told(letter, _method(letter), known)
    # Its calendar takes only what counts higher, whatever became of the date that made the last change.
    least = known.told.counted + 1 if known.told is not None else 0
    told = Letter(
        method=dates.method,
        organizer=organizer,
        invited=invited,
        at=at,
        zone=days_zone(dates.rows[0], letter.directory.zone) if dates.rows[0].is_all_day else zone,
        host=sender.host,
        least=least,
    )
    text = write([_shown(row, letter, written) for row in dates.rows], told, dates.only)
    counted = max(sequence(at, max(row.revision for row in dates.rows)), least)
    kept = dates.told
    if kept is None and known.told is not None:
        # It is called off; whoever is invited again later is told by a higher one.
        kept = replace(known.told, dates={})
    if kept is not None:
        kept = replace(kept, counted=counted)
    return Enclosed(text=text, method=dates.method, told=kept)


def _shown(row: Appointment, letter: Outgoing, written: Written) -> Appointment:
    if letter.guest is not None:
        # The summary of what has no title is rendered elsewhere from the claimant.
        return row if row.title or row.description else replace(row, title=written.title)
    # Each date is a letter of its own here, by a name that it keeps in whatever series it comes to stand.
    return replace(
        row,
        title=written.title,
        description=written.link,
        video_url=written.link,
        location="",
        claimant=None,
        series=None,
        series_id=0,
    )


def _method(letter: Outgoing) -> Method:
    return METHODS[letter.word] if letter.guest is not None else CLAIMANTS[letter.word]


def _address(address: str, name: str) -> Address:
    user, _at, domain = address.rpartition("@")
    return Address(display_name=one_line(name), username=user, domain=domain)
