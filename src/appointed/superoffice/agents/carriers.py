"""AppointmentInfo, AppointmentSyncData and what they nest: appointments in short (Agents WebAPI).

Of a row whose times alone may be seen, nothing else is told.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, AssignmentStatus, Kind, Privacy
from appointed.domain.diary import occupies
from appointed.domain.directory import Person
from appointed.domain.participant import Participant
from appointed.domain.rights import Access
from appointed.domain.status import Completion
from appointed.superoffice.carriers.contact import full_name as company_name
from appointed.superoffice.carriers.person import full_name
from appointed.superoffice.carriers.shape import Field, Json, Shape, fixed, number, text, written
from appointed.superoffice.choices import EXTERNAL_OWNERS
from appointed.superoffice.context import Context
from appointed.superoffice.countries import country_in
from appointed.superoffice.enums import ENUMS
from appointed.superoffice.row_status import INVITED
from appointed.superoffice.specials import first_day, title
from appointed.superoffice.video_part import join_url

Render = Callable[[Any, Context], Json]
RIGHTS: Final = (
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)
COLORS: Final = ENUMS["ColorIndex"].names
STATUSES: Final = ENUMS["AppointmentStatus"].names
PENDING: Final = frozenset({AssignmentStatus.ASSIGNING, AssignmentStatus.SEEN})
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_JOIN_URL: Final = join_url()


def hidden(render: Render, empty: Json) -> Render:
    """Write a member for those who may read the row, and nothing for others."""
    return lambda row, ctx: render(row, ctx) if ctx.access >= Access.READ else empty


def of(kind: str, field: str, attribute: str) -> Render:
    """Write a text of the record that a member names."""

    def render(row: Any, ctx: Context) -> Json:
        found = getattr(ctx.directory, kind).get(getattr(row, field))
        return ctx.text(getattr(found, attribute)) if found else ""

    return hidden(render, "")


def person_name(row: Any, ctx: Context) -> Json:
    """Write the name of the person an appointment is with."""
    return full_name(ctx.directory.persons.get(row.person_id))


def company(row: Any, ctx: Context) -> Json:
    """Write the name and department of the company an appointment is with."""
    return company_name(ctx.directory.contacts.get(row.contact_id))


def join_address(row: Any, ctx: Context) -> Json:
    """Write where the video meeting is."""
    return _JOIN_URL.write(row, ctx)


def what(row: Any, ctx: Context) -> Json:
    """Write what an appointment is about: its description, or else its title."""
    return ctx.text(row.description) or title(row, ctx)


def alarm_at(row: Appointment) -> datetime:
    """Give when an alarm rings."""
    early = timedelta(minutes=row.alarm_minutes)
    return row.starts_at - early if row.starts_at - EARLIEST > early else EARLIEST


def is_done(row: Appointment) -> bool:
    """Tell whether an appointment is complete."""
    return row.completion is Completion.COMPLETED


def _color(row: Any, _ctx: Context) -> Json:
    return COLORS.get(row.color_index, COLORS[0])


def _recurrence(row: Any, ctx: Context) -> Json:
    if row.series is None:
        return None
    rendered = first_day(row, replace(ctx, has_conflict=False))
    return rendered[0]


def _mother_owner(row: Any, _ctx: Context) -> Json:
    return row.mother_owner_id if row.is_booking_row else row.owner_id


APPOINTMENT_INFO: Shape = (
    Field("AppointmentId", "int32", number("id")),
    Field("AssociateId", "int32", number("owner_id")),
    Field("MotherId", "int32", hidden(number("mother_id"), 0)),
    Field("StartDate", "date-time", lambda row, ctx: ctx.style.instant(row.starts_at)),
    Field("EndDate", "date-time", lambda row, ctx: ctx.style.instant(row.ends_at)),
    Field("ColorIndex", "enum:ColorIndex", hidden(_color, COLORS[0])),
    Field("TaskName", "string", of("tasks", "task_id", "value")),
    Field("ContactName", "string", hidden(company, "")),
    Field("ProjectName", "string", of("projects", "project_id", "name")),
    Field("Title", "string", hidden(title, "")),
    Field("Agenda", "string", hidden(text("agenda"), "")),
    Field("IsAllDay", "bool", number("is_all_day")),
    Field("IsBusy", "bool", lambda row, _ctx: occupies(row)),
    Field("IsRecurring", "bool", hidden(lambda row, _ctx: row.series_id != 0, False)),
    Field("IsVideoMeeting", "bool", hidden(lambda row, _ctx: bool(row.video_url or row.meeting), False)),
    Field("HasAlarm", "bool", hidden(number("has_alarm"), False)),
    Field("IsCompleted", "bool", hidden(lambda row, _ctx: is_done(row), False)),
    Field("IsTentative", "bool", hidden(lambda row, _ctx: _is_tentative(row), False)),
    Field(
        "IsBookingMain",
        "bool",
        hidden(
            lambda row, ctx: row.mother_id == row.id and row.owner_id == ctx.principal.associate_id, False
        ),
    ),
    Field("SendEmail", "bool", hidden(lambda row, _ctx: _sends(row, own=True), False)),
    Field("AnySendEmail", "bool", hidden(lambda row, _ctx: _sends(row, own=False), False)),
    Field("IsPrivate", "bool", lambda row, _ctx: row.privacy is not Privacy.PUBLIC),
    Field("RecurrenceInfo", "RecurrenceInfo", hidden(_recurrence, None)),
    Field("PersonName", "string", hidden(person_name, "")),
    Field("IsBooking", "bool", hidden(lambda row, _ctx: row.mother_id != 0, False)),
    Field(
        "OwnedExternally",
        "enum:AppointmentExternalOwner",
        hidden(lambda row, _ctx: EXTERNAL_OWNERS[row.external_owner], "None"),
    ),
    Field("MotherAssociateId", "int32", hidden(_mother_owner, 0)),
    *RIGHTS,
)


def _is_tentative(row: Appointment) -> bool:
    return row.is_booking_row and row.invitation_status in INVITED


def _sends(row: Appointment, *, own: bool) -> bool:
    return any(one.send_email for one in row.participants if not own or one.associate_id == row.owner_id)


ADDRESS_SYNC_DATA: Shape = (
    Field("AddressId", "int32", fixed(0)),
    Field("AddressType", "enum:AddressType", fixed("Unknown")),
    Field("Address1", "string", number("line1")),
    Field("Address2", "string", number("line2")),
    Field("Address3", "string", number("line3")),
    Field("City", "string", number("city")),
    Field("County", "string", number("county")),
    Field("ZipCode", "string", number("zip_code")),
    Field("State", "string", number("state")),
    Field("Latitude", "double", fixed(0.0)),
    Field("Longitude", "double", fixed(0.0)),
    Field("FormattedAddress", "string", fixed("")),
    *RIGHTS,
)


def _who(render: Callable[[Person], Json], empty: Json = "") -> Render:
    def write(one: Participant, ctx: Context) -> Json:
        person = ctx.directory.persons.get(one.person_id)
        return empty if person is None else render(person)

    return write


def _firm(attribute: str, empty: Json = "") -> Render:
    def write(one: Participant, ctx: Context) -> Json:
        contact = ctx.directory.contacts.get(one.contact_id)
        return empty if contact is None else ctx.text(getattr(contact, attribute))

    return write


def _country(one: Participant, ctx: Context) -> Json:
    contact = ctx.directory.contacts.get(one.contact_id)
    return "" if contact is None else country_in(contact.country_id, contact.country_name, ctx.language)


def _several(write: Render) -> Render:
    def render(one: Any, ctx: Context) -> Json:
        found = write(one, ctx)
        return [found] if found else []

    return render


def _mail(one: Participant, ctx: Context) -> Json:
    person = ctx.directory.persons.get(one.person_id)
    return one.email_address or (person.email if person else "")


def _address(attribute: str, kind: str) -> Render:
    def render(one: Participant, ctx: Context) -> Json:
        contact = ctx.directory.contacts.get(one.contact_id)
        if contact is None:
            return None
        return written(ADDRESS_SYNC_DATA, getattr(contact, attribute), ctx) | {"AddressType": kind}

    return render


def _answer(one: Participant, _ctx: Context) -> Json:
    return STATUSES[INVITED.get(one.invitation_status, 1)]


def _person(name: str, attribute: str) -> Field:
    return Field(name, "string", _who(lambda person: getattr(person, attribute)))


PARTICIPANT_SYNC_DATA: Shape = (
    Field("PersonId", "int32", number("person_id")),
    _person("PersonFirstName", "first_name"),
    _person("PersonMiddleName", "middle_name"),
    _person("PersonLastname", "last_name"),
    _person("PersonMrmrs", "salutation"),
    _person("PersonTitle", "title"),
    _person("PersonPosition", "position"),
    Field("PersonAcademicTitle", "string", fixed("")),
    Field("PersonFormalName", "string", _who(full_name)),
    Field("PersonFullName", "string", _who(full_name)),
    Field("ContactId", "int32", number("contact_id")),
    Field("ContactName", "string", _firm("name")),
    Field("ContactDepartment", "string", _firm("department")),
    Field("ContactBusiness", "string", _firm("business_name")),
    Field("ContactCountry", "string", _country),
    Field("ContactCategory", "string", _firm("category_name")),
    Field("ContactFullName", "string", company),
    Field("EMail", "string[]", _several(_mail)),
    Field("PhonePrivate", "string[]", fixed([])),
    Field("PhoneFax", "string[]", _several(_who(lambda person: person.fax))),
    Field("PhoneMobile", "string[]", _several(_who(lambda person: person.mobile))),
    Field("PhoneDirect", "string[]", _several(_who(lambda person: person.phone))),
    Field("PhoneContact", "string[]", _several(_firm("phone"))),
    Field("Messenger", "string[]", fixed([])),
    Field("Voip", "string[]", fixed([])),
    Field("ContactUrl", "string[]", _several(_firm("url"))),
    Field("Url", "string[]", fixed([])),
    Field("StreetAddress", "AddressSyncData", _address("street", "ContactStreetAddress")),
    Field("PostalAddress", "AddressSyncData", _address("postal", "ContactPostalAddress")),
    Field("Country", "string", _country),
    Field("PersonAddress", "AddressSyncData", fixed(None)),
    Field("PersonCountry", "string", fixed("")),
    Field("ParticipantStatus", "enum:AppointmentStatus", _answer),
    *RIGHTS,
)

APPOINTMENT_SYNC_DATA: Shape = (
    Field("AlarmTime", "date-time", lambda row, ctx: ctx.style.instant(alarm_at(row))),
    Field("AppointmentId", "int32", number("id")),
    Field("AppointmentText", "string", what),
    Field("ContactDepartment", "string", of("contacts", "contact_id", "department")),
    Field("ContactFullName", "string", company),
    Field("ContactName", "string", of("contacts", "contact_id", "name")),
    Field("ContactId", "int32", number("contact_id")),
    Field("EndDate", "date-time", lambda row, ctx: ctx.style.instant(row.ends_at)),
    Field("HasAlarm", "bool", number("has_alarm")),
    Field("IsAllDay", "bool", number("is_all_day")),
    Field("IsAssignment", "bool", lambda row, _ctx: row.assignment_status in PENDING),
    Field("IsBusy", "bool", lambda row, _ctx: occupies(row)),
    Field("IsCompleted", "bool", lambda row, _ctx: is_done(row)),
    Field(
        "IsInvitation",
        "bool",
        lambda row, _ctx: row.kind in (Kind.BOOKING_FOR_DIARY, Kind.BOOKING_FOR_CHECKLIST),
    ),
    Field("IsTentative", "bool", lambda row, _ctx: _is_tentative(row)),
    Field("Location", "string", text("location")),
    Field(
        "Participants",
        "ParticipantSyncData[]",
        lambda row, ctx: [written(PARTICIPANT_SYNC_DATA, one, ctx) for one in row.participants],
    ),
    Field("PersonFormalName", "string", person_name),
    Field("PersonFullName", "string", person_name),
    Field("PersonId", "int32", number("person_id")),
    Field("ProjectId", "int32", number("project_id")),
    Field("ProjectName", "string", of("projects", "project_id", "name")),
    Field("SaleId", "int32", number("sale_id")),
    Field("SaleName", "string", of("sales", "sale_id", "title")),
    Field("StartDate", "date-time", lambda row, ctx: ctx.style.instant(row.starts_at)),
    Field("TaskName", "string", of("tasks", "task_id", "value")),
    *RIGHTS,
)
