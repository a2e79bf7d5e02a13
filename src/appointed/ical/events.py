"""Events of other calendars, as appointments to be made of them (RFC 5545 §3.6.1)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event

from appointed.domain.recurrence import MOST_OCCURRENCES, Rule, days_of, narrowed, of_dates
from appointed.ical.damaged import DAMAGED
from appointed.ical.own_zones import own_zones
from appointed.ical.rule_reading import UnreadableRule, is_endless, rule_from

MOST_BYTES: Final = 10_000_000
MOST_EVENTS: Final = 5_000
LONGEST_NAME: Final = 200
DAY: Final = timedelta(days=1)
# What an event may have that no appointment is made of; it is told.
LEFT_OUT: Final = {"ATTENDEE": "participants", "ATTACH": "attachments"}


class UnreadableCalendar(ValueError):
    """What was given is no calendar with events; the message says why."""


class Unreadable(ValueError):
    """One event cannot be taken; the message says why."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One time of an event with its texts; instants are aware UTC."""

    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    title: str
    description: str
    location: str
    is_free: bool
    is_private: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An event that can be taken: its name elsewhere, its rule if it repeats, and dates that differ.

    `others` are by their day of the rule. `left_out` says what of it is not taken.
    """

    uid: str
    first: Happening
    zone: str
    rule: Rule | None = None
    others: dict[date, Happening] = {}
    left_out: tuple[str, ...] = ()


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An event that cannot be taken, and why."""

    uid: str
    title: str
    why: str


def read_events(data: bytes, zone: ZoneInfo) -> tuple[Found | Refused, ...]:
    """Read all events of an iCalendar file, one for each UID; `zone` is of times that name none.

    Raises UnreadableCalendar.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableCalendar("The file is too large.")
    with own_zones():
        return _read_all(data, zone)


def _read_all(data: bytes, zone: ZoneInfo) -> tuple[Found | Refused, ...]:
    try:
        calendars = Calendar.from_ical(data, multiple=True)
        events = [one for each in calendars for one in each.walk("VEVENT") if isinstance(one, Event)]
    except DAMAGED as error:
        raise UnreadableCalendar("It is no iCalendar file, or a damaged one.") from error
    if not 0 < len(events) <= MOST_EVENTS:
        raise UnreadableCalendar(f"It has no event, or more than {MOST_EVENTS}.")
    by_uid: dict[str, list[Event]] = {}
    for event in events:
        by_uid.setdefault(str(event.get("UID", "")).strip(), []).append(event)
    return tuple(_read(uid, group, zone) for uid, group in by_uid.items())


def _read(uid: str, group: Sequence[Event], zone: ZoneInfo) -> Found | Refused:
    try:
        return _found(uid, group, zone)
    except (Unreadable, UnreadableRule) as refused:
        why = str(refused)
    # Whatever the library stumbles over when it is asked for a member.
    except DAMAGED:
        why = "it is damaged"
    return Refused(uid=uid[:LONGEST_NAME], title=_text(group[0], "SUMMARY")[:LONGEST_NAME], why=why)


def _found(uid: str, group: Sequence[Event], base: ZoneInfo) -> Found:
    heads = [one for one in group if one.get("RECURRENCE-ID") is None]
    if not uid or len(heads) != 1:
        raise Unreadable("it has no UID" if not uid else "it does not say once what it is")
    (head,) = heads
    if _text(head, "STATUS").upper() == "CANCELLED":
        raise Unreadable("it was cancelled")
    starts = _said(head, "DTSTART")
    zone = _zone(starts, base)
    first = _happening(head, zone)
    changed = {_day(_said(one, "RECURRENCE-ID"), zone): one for one in group if one is not head}
    if any("RANGE" in one["RECURRENCE-ID"].params for one in changed.values()):
        raise Unreadable("a date of it changes all that follow")
    rule = _rule(head, starts, zone, changed)
    others = {day: _happening(one, zone) for day, one in changed.items() if not _is_off(one)}
    return Found(
        uid=uid,
        first=first,
        zone=zone.key,
        rule=rule,
        others=others,
        left_out=tuple(_left_out(group, head)),
    )


def _rule(head: Event, starts: date | datetime, zone: ZoneInfo, changed: dict[date, Event]) -> Rule | None:
    words, extra, gone = head.get("RRULE"), _days(head, "RDATE", zone), _days(head, "EXDATE", zone)
    if isinstance(words, list):
        raise Unreadable("it has several rules")
    first = _day(starts, zone)
    local = starts.astimezone(zone) if isinstance(starts, datetime) and starts.tzinfo else starts
    rule = rule_from(dict(words), local, zone) if words else of_dates([first])
    days = set(days_of(rule, MOST_OCCURRENCES + 1))
    if len(days) > MOST_OCCURRENCES:
        raise Unreadable(f"it has more than {MOST_OCCURRENCES} dates")
    if first not in days:
        raise Unreadable("its first date is none of its rule")
    if not changed.keys() <= days | extra:
        raise Unreadable("a date of it is changed that its rule has not")
    off = gone | {day for day, one in changed.items() if _is_off(one)}
    kept = sorted((days | extra) - off)
    if not kept:
        raise Unreadable("it has no date left")
    if set(kept) == days:
        return rule if words else None
    return narrowed(rule, kept) if words and days.issuperset(kept) else of_dates(kept)


def _happening(event: Event, zone: ZoneInfo) -> Happening:
    starts = _said(event, "DTSTART")
    is_all_day = not isinstance(starts, datetime)
    starts_at = _instant(starts, zone)
    ends_at = _end(event, starts, starts_at, zone)
    if ends_at < starts_at:
        raise Unreadable("it ends before it begins")
    return Happening(
        starts_at=starts_at,
        ends_at=ends_at,
        is_all_day=is_all_day,
        title=_text(event, "SUMMARY"),
        description=_text(event, "DESCRIPTION"),
        location=_text(event, "LOCATION"),
        is_free=_text(event, "TRANSP").upper() == "TRANSPARENT",
        is_private=_text(event, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"),
    )


def _end(event: Event, starts: date | datetime, starts_at: datetime, zone: ZoneInfo) -> datetime:
    if event.get("DTEND") is not None:
        return _instant(_said(event, "DTEND"), zone)
    length = event.get("DURATION")
    if length is None:
        return starts_at if isinstance(starts, datetime) else _instant(starts + DAY, zone)
    if isinstance(starts, datetime):
        exact: datetime = starts_at + length.dt
        return exact
    return _instant(starts + length.dt, zone)


def _said(event: Event, name: str) -> date | datetime:
    value = getattr(event.get(name), "dt", None)
    if not isinstance(value, date):
        raise Unreadable(f"its {name} is no date")
    return value


def _days(event: Event, name: str, zone: ZoneInfo) -> set[date]:
    given = event.get(name, [])
    starts = _said(event, "DTSTART")
    found = set()
    for part in given if isinstance(given, list) else [given]:
        for one in part.dts:
            if not isinstance(one.dt, date) or not _is_alike(one.dt, starts, zone):
                raise Unreadable(f"its {name} is at another time of day")
            found.add(_day(one.dt, zone))
    return found


def _is_alike(one: date | datetime, starts: date | datetime, zone: ZoneInfo) -> bool:
    if not isinstance(one, datetime) or not isinstance(starts, datetime):
        return isinstance(one, datetime) is isinstance(starts, datetime)
    return _wall(one, zone) == _wall(starts, zone)


def _wall(said: datetime, zone: ZoneInfo) -> time:
    return (said.astimezone(zone) if said.tzinfo else said).time()


def _day(said: date | datetime, zone: ZoneInfo) -> date:
    if not isinstance(said, datetime):
        return said
    return (said.astimezone(zone) if said.tzinfo else said).date()


def _instant(said: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)


def _zone(starts: date | datetime, base: ZoneInfo) -> ZoneInfo:
    """Give the zone that an event goes by: its own where it names one that is known, else the base."""
    named = starts.tzinfo if isinstance(starts, datetime) else None
    return named if isinstance(named, ZoneInfo) and named.key not in (None, "UTC") else base


def _unknown_zone(event: Event) -> str:
    starts = event.get("DTSTART")
    said = getattr(starts, "dt", None)
    is_naive = isinstance(said, datetime) and said.tzinfo is None
    return str(starts.params.get("TZID", ""))[:LONGEST_NAME] if starts is not None and is_naive else ""


def _is_off(event: Event) -> bool:
    return _text(event, "STATUS").upper() == "CANCELLED"


def _text(event: Event, name: str) -> str:
    value = event.get(name, "")
    return str(value[0] if isinstance(value, list) else value).strip()


def _left_out(group: Sequence[Event], head: Event) -> Iterator[str]:
    for name, word in LEFT_OUT.items():
        if any(one.get(name) is not None for one in group):
            yield word
    for name in dict.fromkeys(filter(None, map(_unknown_zone, group))):
        yield f"its zone, {name}, which nobody knows"
    if any(part.name == "VALARM" for one in group for part in one.subcomponents):
        yield "alarms"
    words = head.get("RRULE")
    if words and is_endless(dict(words)):
        yield "dates past a year, since its rule has no end"
