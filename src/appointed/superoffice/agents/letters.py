"""EMailEntity and what it nests: a letter that nobody has sent (Agents WebAPI, Appointment)."""

from typing import Any

from appointed.domain.directory import Person
from appointed.superoffice.agents.carriers import RIGHTS
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, written
from appointed.superoffice.context import Context

EMPTY: dict[str, Json] = {"int32": 0, "bool": False, "string": "", "byte": ""}


def _person(receiver: Any, ctx: Context) -> Person | None:
    who = ctx.directory.associates.get(receiver.associate_id)
    return ctx.directory.persons.get(who.person_id) if who else None


def _company(receiver: Any, ctx: Context) -> Json:
    person = _person(receiver, ctx)
    return company_name(ctx.directory.contacts.get(person.contact_id)) if person else ""


def _contact_id(receiver: Any, ctx: Context) -> Json:
    person = _person(receiver, ctx)
    return person.contact_id if person else 0


def _person_id(receiver: Any, ctx: Context) -> Json:
    person = _person(receiver, ctx)
    return person.id if person else 0


def _nothing(name: str, kind: str) -> Field:
    """Make a member that this server keeps nothing for."""
    if kind == "date-time":
        return Field(name, kind, lambda _letter, ctx: ctx.style.open_start(None))
    return Field(name, kind, fixed([] if kind.endswith("[]") else EMPTY.get(kind)))


def _kept_by_mailboxes(words: str) -> Shape:
    return tuple(_nothing(*word.split(":")) for word in words.split())


EMAIL_ADDRESS: Shape = (
    Field("ContactId", "int32", _contact_id),
    Field("ContactName", "string", _company),
    Field("PersonId", "int32", _person_id),
    Field("PersonName", "string", lambda receiver, ctx: full_name(_person(receiver, ctx))),
    Field("AssociateId", "int32", number("associate_id")),
    Field("Address", "string", number("address")),
    Field("EmailId", "int32", fixed(0)),
    Field("DuplicatePersonIds", "int32[]", fixed([])),
    Field("Name", "string", number("name")),
    *RIGHTS,
)
EMAIL_SO_INFO: Shape = (
    *_kept_by_mailboxes(
        "DocumentId:int32 AppointmentId:int32 ProjectId:int32 SaleId:int32 Archived:bool "
        "ArchivedAt:date-time ArchivedBy:int32 ArchivedDisplayName:string"
    ),
    *RIGHTS,
)
EMAIL_ATTACHMENT: Shape = (
    *_kept_by_mailboxes(
        "Description:string Filename:string Size:int32 Type:string Encoding:string Id:string "
        "Disposition:string IsSafeFileExtension:bool Stream:byte"
    ),
    *RIGHTS,
)
EMAIL_CUSTOM_HEADER: Shape = (*_kept_by_mailboxes("Name:string Values:string[]"), *RIGHTS)
EMAIL_ENVELOPE: Shape = (
    *_kept_by_mailboxes(
        "ServerId:int32 ServerIdentifier:string MessageId:string Subject:string From:EMailAddress "
        "To:EMailAddress[] Sent:date-time Priority:string Flags:string Size:int32 EMailSOInfo:EMailSOInfo"
    ),
    *RIGHTS,
)


def _receivers(letter: Any, ctx: Context) -> Json:
    return [written(EMAIL_ADDRESS, one, ctx) for one in letter.receivers]


EMAIL_ENTITY: Shape = (
    Field("To", "EMailAddress[]", _receivers),
    *_kept_by_mailboxes("Cc:EMailAddress[] Bcc:EMailAddress[]"),
    Field("Subject", "string", number("subject")),
    Field("HTMLBody", "string", number("html")),
    Field("From", "EMailAddress", lambda letter, ctx: written(EMAIL_ADDRESS, letter.sender, ctx)),
    *_kept_by_mailboxes("Sent:date-time Size:int32"),
    Field("Priority", "string", fixed("Normal")),
    Field("Flags", "string", fixed("Draft")),
    _nothing("MessageID", "string"),
    Field("PlainBody", "string", number("text")),
    *_kept_by_mailboxes(
        "IsSent:bool EMailSOInfo:EMailSOInfo ServerId:int32 ServerIdentifier:string "
        "Attachments:EMailAttachment[] CustomHeaderList:EMailCustomHeader[] FolderName:string "
        "EmailItemId:int32 AccountId:int32 ReceivedAt:date-time InReplyTo:EMailEnvelope RepliedAt:date-time"
    ),
    # The calendar is written when the letter is sent, for each receiver their own.
    Field("HasCalendarData", "bool", fixed(True)),
    Field("CalMethod", "string", fixed("Request")),
    Field("CalReplyStatus", "string", fixed("Unknown")),
    *RIGHTS,
)
LETTER_SHAPES: dict[str, Shape] = {
    "EMailEntity": EMAIL_ENTITY,
    "EMailAddress": EMAIL_ADDRESS,
    "EMailSOInfo": EMAIL_SO_INFO,
    "EMailAttachment": EMAIL_ATTACHMENT,
    "EMailCustomHeader": EMAIL_CUSTOM_HEADER,
    "EMailEnvelope": EMAIL_ENVELOPE,
}
