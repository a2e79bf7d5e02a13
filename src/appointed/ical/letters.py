"""Appointments as iCalendar objects that calendars elsewhere understand (RFC 5545, RFC 5546)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from appointed.domain.appointment import Appointment, Privacy
from appointed.domain.participant import ExternalReply, InvitationStatus, Participant
from appointed.domain.recurrence import MOST_OCCURRENCES, Series, Wall, days_of, instant_on
from appointed.domain.status import Status
from appointed.domain.time_of_day import time_of_day
from appointed.ical.names import uid_of
from appointed.ical.rules import rrule_of

Rows = Sequence[Appointment]
PRODUCT = "-//Appointed//Appointed//EN"
SEQUENCE_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
WHOLE_DAY = timedelta(days=1)


class Method(StrEnum):
    """What a letter asks its receiver to do."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a mail address; `answer` is the PARTSTAT of one who is invited."""

    address: str
    name: str = ""
    answer: str = "NEEDS-ACTION"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an appointment, and to whom.

    `at` is the instant (aware UTC) of the change it tells of: the same change gives the same letter, and a
    later one a later SEQUENCE, by its revision also within a second, and at least `least`. `zone` is that of
    appointments in no series, for a whole day any clock by which it is one; `host` as for `uid_of`.
    """

    method: Method
    organizer: Party
    invited: Callable[[Appointment], Sequence[Party]]
    at: datetime
    zone: tzinfo
    host: str
    least: int = 0


PARTSTATS = {
    InvitationStatus.ACCEPTED: "ACCEPTED",
    InvitationStatus.DECLINED: "DECLINED",
    InvitationStatus.HIDDEN: "DECLINED",
}


def partstat(one: Participant) -> str:
    """Say a participant's answer as PARTSTAT."""
    if one.external_reply is ExternalReply.TENTATIVE and one.invitation_status not in PARTSTATS:
        return "TENTATIVE"
    return PARTSTATS.get(one.invitation_status, "NEEDS-ACTION")


def write(rows: Rows, letter: Letter, only: frozenset[int] = frozenset()) -> bytes:
    """Write a letter about one appointment, or about a series, of which `rows` are all masters.

    With `only` it tells of these occurrences of the series (by their ids) and no others.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", letter.method)
    events = list(_events(rows, letter, only))
    for zone, first, last in _zones(rows, letter):
        calendar.add_component(_timezone(zone, first, last))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def sequence(at: datetime, revision: int) -> int:
    """Count the change that was made at an instant and became this revision: later ones count higher."""
    return max(int((at - SEQUENCE_EPOCH).total_seconds()), 0) + revision


def usual_time(rows: Rows) -> Wall | None:
    """Give the time of day by which a series is known, of which `rows` are all masters; None for none."""
    series = rows[0].series
    return _wall(_pattern(rows, series)) if series is not None else None


def _events(rows: Rows, letter: Letter, only: frozenset[int]) -> Iterator[Event]:
    series = rows[0].series
    if series is None:
        yield _single(rows[0], letter)
        return
    pattern = _pattern(rows, series)
    if not only:
        yield _whole(rows, pattern, series, letter)
    for row in rows:
        is_told = row.id in only if only else not _follows(row, pattern, letter)
        if is_told and row.series is not None:
            event = _single(row, letter)
            _add_times(event, "RECURRENCE-ID", [row.series.on], _wall(pattern), ZoneInfo(series.zone))
            yield event


def _pattern(rows: Rows, series: Series) -> Appointment:
    """Find the first of the occurrences that are at the usual time: the others are told as exceptions."""
    ordered = sorted(rows, key=lambda row: row.series.on if row.series else date.max)
    usual, _count = Counter(_wall(row) for row in ordered).most_common(1)[0]
    return next(row for row in ordered if _wall(row) == usual)


def _whole(rows: Rows, pattern: Appointment, series: Series, letter: Letter) -> Event:
    zone, wall = ZoneInfo(series.zone), _wall(pattern)
    days = days_of(series.rule, MOST_OCCURRENCES)
    standing = {row.series.on for row in rows if row.series}
    event = _told(pattern, letter, max(row.revision for row in rows))
    _add_times(event, "DTSTART", days[:1], wall, zone)
    event.add("DURATION", timedelta(days=_whole_days(wall)) if wall.is_all_day else wall.length)
    recurrence = rrule_of(series.rule, len(days))
    extra = sorted(standing - set(days))
    if recurrence is None:
        extra = sorted({*days[1:], *extra})
    elif len(days) > 1:
        event.add("RRULE", recurrence)
    _add_times(event, "RDATE", extra, wall, zone)
    _add_times(event, "EXDATE", [day for day in days if day not in standing], wall, zone)
    return event


def _follows(row: Appointment, pattern: Appointment, letter: Letter) -> bool:
    """Tell whether every reader gets an occurrence right from the series alone.

    Some readers count a length on the wall and others in true time: where the clock changes between start
    and end an occurrence is told by itself.
    """
    series, wall = row.series, _wall(pattern)
    if series is None or _facts(row, letter) != _facts(pattern, letter):
        return False
    zone = ZoneInfo(series.zone)
    starts_at, ends_at = wall.on(series.on, zone)
    if (row.starts_at, row.ends_at) != (starts_at, ends_at):
        return False
    end = datetime.combine(series.on, wall.start) + wall.length
    return wall.is_all_day or instant_on(end.date(), end.time(), zone) == ends_at


def _facts(row: Appointment, letter: Letter) -> tuple[object, ...]:
    return (*_texts(row).items(), row.is_all_day, tuple(letter.invited(row)))


def _texts(row: Appointment) -> dict[str, str]:
    texts = {
        "SUMMARY": row.title or row.description.strip().partition("\n")[0],
        "DESCRIPTION": row.description,
        "LOCATION": row.location,
        "URL": row.video_url,
        "STATUS": "CANCELLED" if row.status is Status.CANCELLED else "CONFIRMED",
        "CLASS": "PUBLIC" if row.privacy is Privacy.PUBLIC else "PRIVATE",
        "TRANSP": "TRANSPARENT" if row.is_free else "OPAQUE",
    }
    return {name: clean for name, text in texts.items() if (clean := _printable(text))}


def _told(row: Appointment, letter: Letter, revision: int) -> Event:
    event = Event()
    event.add("UID", uid_of(row, letter.host))
    event.add("DTSTAMP", letter.at)
    event.add("SEQUENCE", max(sequence(letter.at, revision), letter.least))
    texts = _texts(row)
    if letter.method is Method.CANCEL:
        texts["STATUS"] = "CANCELLED"
    for name, text in texts.items():
        event.add(name, text)
    event.add("ORGANIZER", _address(letter.organizer))
    for party in letter.invited(row):
        address = _address(party)
        address.params["PARTSTAT"] = vText(party.answer)
        if letter.method is Method.REQUEST and party.answer == "NEEDS-ACTION":
            address.params["RSVP"] = vText("TRUE")
        event.add("ATTENDEE", address)
    return event


def _single(row: Appointment, letter: Letter) -> Event:
    zone = _zone(row, letter)
    event = _told(row, letter, row.revision)
    if row.is_all_day:
        first = row.starts_at.astimezone(zone).date()
        event.add("DTSTART", first)
        event.add("DTEND", first + timedelta(days=_whole_days(_wall_in(row, zone))))
    else:
        starts_at, ends_at = _sayable(row, zone)
        event.add("DTSTART", starts_at)
        event.add("DTEND", ends_at)
    return event


def _add_times(event: Event, name: str, days: Sequence[date], wall: Wall, zone: ZoneInfo) -> None:
    """Add what names occurrences by the time they have on the wall, whether or not the clock shows it."""
    said = [day if wall.is_all_day else datetime.combine(day, wall.start, tzinfo=zone) for day in days]
    is_list = name in ("RDATE", "EXDATE")
    if is_list and said:
        event.add(name, said, parameters={"VALUE": "DATE"} if wall.is_all_day else {})
    elif said:
        event.add(name, said[0])


def _sayable(row: Appointment, zone: tzinfo) -> tuple[datetime, datetime]:
    """Give both ends in the zone, or in UTC where the clock changes between or makes a time come twice."""
    start, end = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    is_plain = start.utcoffset() == end.utcoffset() and not start.fold and not end.fold
    return (start, end) if is_plain else (row.starts_at, row.ends_at)


def _whole_days(wall: Wall) -> int:
    end = datetime.combine(date(2000, 1, 1), wall.start) + wall.length
    days = (end.date() - date(2000, 1, 1)).days
    return max(days + (end.time() != end.time().min), 1)


def _zone(row: Appointment, letter: Letter) -> tzinfo:
    return ZoneInfo(row.series.zone) if row.series else letter.zone


def _wall_in(row: Appointment, zone: tzinfo) -> Wall:
    return time_of_day(row, zone)


def _wall(row: Appointment) -> Wall:
    return _wall_in(row, ZoneInfo(row.series.zone) if row.series else ZoneInfo("UTC"))


def _zones(rows: Rows, letter: Letter) -> Iterator[tuple[ZoneInfo, date, date]]:
    timed = [row for row in rows if not row.is_all_day]
    zone = _zone(rows[0], letter)
    if timed and isinstance(zone, ZoneInfo) and zone.key != "UTC":
        days = [row.starts_at.date() for row in timed] + [row.ends_at.date() for row in timed]
        days += [row.series.rule.starts_on for row in timed[:1] if row.series]
        # A whole year before and behind: a reader must meet both of the zone's offsets.
        yield zone, date(max(min(days).year - 1, 1), 1, 1), date(min(max(days).year + 2, 9999), 1, 1)


def _timezone(zone: ZoneInfo, first: date, last: date) -> Timezone:
    made = Timezone.from_tzinfo(zone, zone.key, first, last)
    made.pop("COMMENT", None)
    return made


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{_printable(party.address).replace(' ', '').replace(chr(10), '')}")
    name = _printable(party.name).replace('"', "'").replace("\n", " ")
    if name:
        address.params["CN"] = vText(name)
    return address


def _printable(text: str) -> str:
    return "".join(sign for sign in text.replace("\r\n", "\n") if sign >= " " or sign in "\n\t")
