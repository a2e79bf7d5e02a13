"""How full days are, which are holidays, and which alarms ring next (Agents WebAPI, Appointment)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import Associate
from appointed.domain.errors import InvalidRequest
from appointed.domain.free_time import hours_of
from appointed.domain.hours import Span, common, merged, whole_day
from appointed.domain.participant import InvitationStatus
from appointed.domain.rights import demand_nameable
from appointed.superoffice.agents.calls import needed_moment
from appointed.superoffice.agents.carriers import (
    RIGHTS,
    alarm_at,
    company,
    is_done,
    join_address,
    of,
    person_name,
    what,
)
from appointed.superoffice.agents.lists import DONE, IN_DIARY, mine
from appointed.superoffice.agents.pages import every_row
from appointed.superoffice.carriers.participant import INVITATION_STATUSES
from appointed.superoffice.carriers.shape import Field, Shape, fixed, number, text, written
from appointed.superoffice.choices import ASSIGNMENT_STATUSES, BOOKING_TYPES, KINDS
from appointed.superoffice.context import Context
from appointed.superoffice.service import Ask
from appointed.superoffice.wiretime import write_wall
from appointed.usecases.ports import Time
from appointed.usecases.query import AllOf, Node, Not, Operator, Test

Json = Any
MOST_DAYS: Final = 366
ONE_DAY: Final = timedelta(days=1)
WHOLE: Final = 100
# Minutes until a client asks again, and after which it reminds no more.
POLLING: Final = 5
SILENT_AFTER: Final = 24 * 60
FARTHEST_ALARM: Final = timedelta(days=31)
UNANSWERED: Final = (
    InvitationStatus.INVITATION,
    InvitationStatus.SEEN,
    InvitationStatus.MOVED,
    InvitationStatus.MOVED_SEEN,
)


class Day(msgspec.Struct, frozen=True):
    """A day: its holidays, how many of its appointments block and how many do not, how full it is (%)."""

    on: date
    holidays: tuple[str, ...]
    busy: int = 0
    free: int = 0
    percentage: int = 0


def _on(day: Day, ctx: Context) -> Json:
    return write_wall(day.on, ctx.style)


ACTIVITY_SUMMARY: Shape = (
    Field("NumBusyActivities", "int32", number("busy")),
    Field("NumFreeActivities", "int32", number("free")),
    Field("PercentageBusy", "int32", number("percentage")),
    *RIGHTS,
)
RED_LETTER_SUMMARY: Shape = (
    Field("IsOwnCountryHoliday", "bool", lambda day, _ctx: bool(day.holidays)),
    Field("IsOtherCountryHoliday", "bool", fixed(False)),
    *RIGHTS,
)
RED_LETTER_DETAILS: Shape = (
    Field("OwnCountryDayTexts", "string[]", lambda day, _ctx: list(day.holidays)),
    Field("OtherCountryDayTexts", "string[]", fixed([])),
    *RIGHTS,
)
_ACTIVITY: Final = Field(
    "ActivityInformation", "ActivitySummary", lambda day, ctx: written(ACTIVITY_SUMMARY, day, ctx)
)
_RED: Final = Field(
    "RedLetterInformation", "RedLetterSummary", lambda day, ctx: written(RED_LETTER_SUMMARY, day, ctx)
)
_DATE: Final = Field("Date", "date-time", _on)
DAY_INFORMATION: Shape = (_ACTIVITY, _RED, _DATE, *RIGHTS)
ACTIVITY_INFORMATION: Shape = (_DATE, _ACTIVITY, *RIGHTS)
RED_LETTER_INFORMATION: Shape = (
    _DATE,
    _RED,
    Field("RedLetterDetails", "RedLetterDetails", lambda day, ctx: written(RED_LETTER_DETAILS, day, ctx)),
    *RIGHTS,
)
ALARM_DATA: Shape = (
    Field("AppointmentId", "int32", number("id")),
    Field("StartTime", "date-time", lambda row, ctx: ctx.style.instant(row.starts_at)),
    Field("EndDate", "date-time", lambda row, ctx: ctx.style.instant(row.ends_at)),
    Field("AlarmTime", "date-time", lambda row, ctx: ctx.style.instant(alarm_at(row))),
    Field("PersonId", "int32", number("person_id")),
    Field("PersonFullName", "string", person_name),
    Field("ContactName", "string", of("contacts", "contact_id", "name")),
    Field("ProjectId", "int32", number("project_id")),
    Field("ProjectName", "string", of("projects", "project_id", "name")),
    Field("AppointmentText", "string", what),
    Field("SaleId", "int32", number("sale_id")),
    Field("SaleName", "string", of("sales", "sale_id", "title")),
    Field("Location", "string", text("location")),
    Field("AppointmentType", "enum:AppointmentType", lambda row, _ctx: KINDS[row.kind]),
    Field("ContactId", "int32", number("contact_id")),
    Field(
        "AssignmentStatus",
        "enum:AssignmentStatus",
        lambda row, _ctx: ASSIGNMENT_STATUSES[row.assignment_status],
    ),
    Field(
        "InvitationStatus",
        "enum:InvitationStatus",
        lambda row, _ctx: INVITATION_STATUSES[row.invitation_status],
    ),
    Field("BookingType", "enum:BookingType", lambda row, _ctx: BOOKING_TYPES[row.booking_type]),
    Field("FormalName", "string", person_name),
    Field("TaskName", "string", of("tasks", "task_id", "value")),
    Field("ContactDepartment", "string", of("contacts", "contact_id", "department")),
    Field("ContactFullName", "string", company),
    Field("JoinVideomeetUrl", "string", join_address),
    *RIGHTS,
)
MULTI_ALARM_DATA: Shape = (
    Field("Alarms", "AlarmData[]", lambda alarms, _ctx: alarms),
    Field("PollingInterval", "int32", fixed(POLLING)),
    Field("SilentAfter", "int32", fixed(SILENT_AFTER)),
    *RIGHTS,
)
DAY_SHAPES: dict[str, Shape] = {
    "ActivitySummary": ACTIVITY_SUMMARY,
    "RedLetterSummary": RED_LETTER_SUMMARY,
    "RedLetterDetails": RED_LETTER_DETAILS,
    "DayInformationListItem": DAY_INFORMATION,
    "ActivityInformationListItem": ACTIVITY_INFORMATION,
    "RedLetterInformationListItem": RED_LETTER_INFORMATION,
    "AlarmData": ALARM_DATA,
    "MultiAlarmData": MULTI_ALARM_DATA,
}


async def day_information(ask: Ask) -> Json:
    """How full each day is, and whether it is a holiday."""
    return [ask.write(DAY_INFORMATION, day) for day in await _days(ask)]


async def activity_information(ask: Ask) -> Json:
    """How full each day is."""
    return [ask.write(ACTIVITY_INFORMATION, day) for day in await _days(ask)]


async def red_letter_information(ask: Ask) -> Json:
    """Which days are holidays of the associate's department, and their names."""
    return [ask.write(RED_LETTER_INFORMATION, day) for day in await _days(ask)]


async def alarms(ask: Ask) -> Json:
    """The caller's alarms that ring before a client asks again, until a day after."""
    early = ask.given.number("DefaultAlarmLeadTimeInMinutes", 0)
    if not 0 <= early <= FARTHEST_ALARM // timedelta(minutes=1):
        raise InvalidRequest("DefaultAlarmLeadTimeInMinutes must be 0 to 31 days.")
    now = ask.ctx.view.now
    nodes: list[Node] = [
        mine(ask),
        Test("starts_at", Operator.LT, now + FARTHEST_ALARM + ONE_DAY),
        Test("ends_at", Operator.GE, now - timedelta(minutes=SILENT_AFTER)),
        Test("status", Operator.NOT_IN, DONE),
    ]
    if not ask.given.flag("IncludeAllAppointments"):
        nodes.append(Test("has_alarm", Operator.EQ, True))
    if not ask.given.flag("IncludeInvitations"):
        invited = (
            Test("is_booking_row", Operator.EQ, True),
            Test("invitation_status", Operator.IN, UNANSWERED),
        )
        nodes.append(Not(AllOf(invited)))
    rows = [_with_alarm(row, early) for row in await every_row(ask, AllOf(tuple(nodes)))]
    until = now + timedelta(minutes=POLLING)
    found = sorted((row for row in rows if alarm_at(row) <= until and not is_done(row)), key=alarm_at)
    return ask.write(MULTI_ALARM_DATA, [_alarm(ask, row) for row in found])


def _with_alarm(row: Appointment, early: int) -> Appointment:
    return row if row.has_alarm else msgspec.structs.replace(row, alarm_minutes=early)


def _alarm(ask: Ask, row: Appointment) -> Json:
    return written(ALARM_DATA, row, ask.manner.context(row, ask.ctx.view))


async def _days(ask: Ask) -> list[Day]:
    who, dates = _associate(ask), _dates(ask)
    zone, directory = ask.directory.zone, ask.directory
    hours = hours_of([who], directory)
    span = Span(whole_day(dates[0], zone).since, whole_day(dates[-1], zone).until)
    time = Time(starts_at=span.since, ends_at=span.until, owner_id=who.id)
    taken = merged(await ask.door.store.busy(ask.ctx.principal.tenant_id, [who.id], time))
    overlapping = AllOf(
        (
            Test("owner_id", Operator.EQ, who.id),
            Test("starts_at", Operator.LT, span.until),
            Test("ends_at", Operator.GE, span.since),
            IN_DIARY,
        )
    )
    rows = await every_row(ask, overlapping, is_open=True)
    department = directory.departments.get(who.group_id)
    names: dict[date, list[str]] = {}
    for holiday in department.holidays if department else ():
        names.setdefault(holiday.on, []).append(holiday.name)
    found = []
    for on in dates:
        day = whole_day(on, zone)
        # Of one that lasts into the day counts that day too; one without length counts where it is.
        on_day = [
            row
            for row in rows
            if row.starts_at < day.until and (row.ends_at > day.since or row.starts_at >= day.since)
        ]
        free = sum(row.is_free for row in on_day)
        full = _percentage(hours.spans(on, zone) or [day], taken)
        found.append(Day(on, tuple(names.get(on, ())), len(on_day) - free, free, full))
    return found


def _percentage(opened: list[Span], taken: list[Span]) -> int:
    whole = sum((span.until - span.since for span in opened), timedelta())
    full = sum((span.until - span.since for span in common(opened, taken)), timedelta())
    return round(WHOLE * full / whole) if whole else 0


def _associate(ask: Ask) -> Associate:
    number = ask.given.number("AssociateId") or ask.ctx.principal.associate_id
    found = ask.directory.associates.get(number)
    demand_nameable(ask.ctx.principal, number, ask.directory)
    if found is None or found.is_deleted:
        raise InvalidRequest(f"There is no associate {number}.")
    return found


def _dates(ask: Ask) -> Sequence[date]:
    zone = ask.directory.zone
    first, last = (
        needed_moment(ask, ask.given, name).astimezone(zone).date() for name in ("StartDate", "EndDate")
    )
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS or last == date.max:
        raise InvalidRequest(f"1 to {MOST_DAYS} days can be asked for, from StartDate to EndDate.")
    return [first + timedelta(days=place) for place in range(count)]
