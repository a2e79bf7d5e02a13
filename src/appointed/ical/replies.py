"""Answers to our invitations, as other calendars send them (RFC 5546 §3.2.3)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event

from appointed.domain.participant import ExternalReply
from appointed.domain.recurrence import Series, Wall
from appointed.ical.damaged import DAMAGED
from appointed.ical.own_zones import own_zones

MOST_BYTES = 1_000_000
MOST_EVENTS = 500
MOST_CHARACTERS = 1_000
OUTERMOST = (date.min.year, date.max.year)


class UnreadableReply(ValueError):
    """What was sent is no answer to an invitation; the message says why."""


class CalendarReply(msgspec.Struct, frozen=True, kw_only=True):
    """What one invited address says to one appointment, or to one date of a series (`date_of`).

    Dates without a zone are on the wall of the series. `starts_at` is the time that was answered to, if said.
    """

    uid: str
    address: str
    answer: ExternalReply
    date_of: date | datetime | None = None
    starts_at: date | datetime | None = None
    comment: str = ""


PARTSTATS = {
    "ACCEPTED": ExternalReply.ACCEPTED,
    "DECLINED": ExternalReply.DECLINED,
    "TENTATIVE": ExternalReply.TENTATIVE,
}


def read_replies(data: bytes) -> tuple[CalendarReply, ...]:
    """Read all answers of one iCalendar object; raises UnreadableReply."""
    if len(data) > MOST_BYTES:
        raise UnreadableReply("It is too large.")
    try:
        with own_zones():
            return _read(data)
    except UnreadableReply:
        raise
    except DAMAGED as error:
        raise UnreadableReply("It is no iCalendar object, or a damaged one.") from error


def day_named(said: date | datetime, zone: ZoneInfo) -> date:
    """Tell which day of a series is meant by what names one of its occurrences."""
    if not isinstance(said, datetime):
        return said
    return said.date() if said.tzinfo is None else said.astimezone(zone).date()


def is_occurrence(said: date | datetime, series: Series, usual: Wall) -> bool:
    """Tell whether an instant is what readers make of the usual time on a date of a series.

    A time that the clock skips or shows twice counts by the clock before or after the change.
    """
    if not isinstance(said, datetime) or said.tzinfo is None:
        return False
    day = datetime.combine(series.on, usual.start, ZoneInfo(series.zone))
    return said.astimezone(UTC) in {day.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}


def is_same_start(said: date | datetime, starts_at: datetime, zone: tzinfo) -> bool:
    """Tell whether a start, as other calendars say it, is this instant (a date: this day in the zone)."""
    if not isinstance(said, datetime):
        return said == starts_at.astimezone(zone).date()
    aware = said.replace(tzinfo=zone) if said.tzinfo is None else said
    return aware.astimezone(UTC) == starts_at.replace(microsecond=0)


def _read(data: bytes) -> tuple[CalendarReply, ...]:
    calendar = Calendar.from_ical(data)
    if not isinstance(calendar, Calendar):
        raise UnreadableReply("It is no iCalendar object.")
    method = str(calendar.get("METHOD", "")).upper()
    if method != "REPLY":
        raise UnreadableReply(f"Its METHOD is not REPLY but {method[:20] or 'missing'}.")
    events = [one for one in calendar.subcomponents if isinstance(one, Event)]
    if not 0 < len(events) <= MOST_EVENTS:
        raise UnreadableReply("It has no event, or too many.")
    return tuple(reply for event in events for reply in _replies(event))


def _replies(event: Event) -> Iterator[CalendarReply]:
    given = event.get("ATTENDEE", [])
    named = event.get("RECURRENCE-ID")
    if named is not None and "RANGE" in named.params:
        raise UnreadableReply("It answers to this date and all that follow; only one or all can be.")
    for attendee in (given if isinstance(given, list) else [given])[:MOST_EVENTS]:
        answer = PARTSTATS.get(str(attendee.params.get("PARTSTAT", "")).upper())
        address = str(attendee).strip().lower().removeprefix("mailto:")
        if answer is not None and address:
            yield CalendarReply(
                uid=str(event.get("UID", ""))[:MOST_CHARACTERS].strip(),
                address=address,
                answer=answer,
                date_of=_moment(event, "RECURRENCE-ID"),
                starts_at=_moment(event, "DTSTART"),
                comment=_comment(event),
            )


def _moment(event: Event, name: str) -> date | datetime | None:
    said = event.get(name)
    if said is None:
        return None
    value = getattr(said, "dt", None)
    # Whatever else stands there (a list, a duration, text that is no date) names no day, and what is none any
    # more by another clock neither.
    if not isinstance(value, date) or value.year in OUTERMOST:
        raise UnreadableReply(f"Its {name} is no date.")
    return value


def _comment(event: Event) -> str:
    said = event.get("COMMENT", "")
    return str(said[0] if isinstance(said, list) else said)[:MOST_CHARACTERS]
