"""Answers as other calendars send them, and what is none."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from appointed.domain.participant import ExternalReply
from appointed.ical.letters import Method, Party, write
from appointed.ical.replies import (
    MOST_BYTES,
    CalendarReply,
    UnreadableReply,
    day_named,
    is_same_start,
    read_replies,
)
from tests.builders import START, appointment
from tests.ical.test_events import zone_defined
from tests.ical.test_letters import letter
from tests.seeds import a_seed

OSLO = ZoneInfo("Europe/Oslo")
UID = "00000000-0000-0000-0000-00000000000a"
LINES = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Somebody//EN",
    "METHOD:REPLY",
    "BEGIN:VEVENT",
    f"UID:{UID}",
    "DTSTAMP:20260302T090000Z",
    "ATTENDEE;PARTSTAT=ACCEPTED;CN=Guest:MAILTO:Guest@Example.com",
    "END:VEVENT",
    "END:VCALENDAR",
)


def text(*more: str, **replaced: str) -> bytes:
    """Write a reply; `more` are further lines of its event, `replaced` other values of its lines."""
    lines = [*LINES[:-2], *more, *LINES[-2:]]
    for name, line in replaced.items():
        lines = [line if one.startswith(name) else one for one in lines]
    return "\r\n".join(line for line in lines if line).encode()


def test_an_answer() -> None:
    (reply,) = read_replies(text("COMMENT:Too early\\, sorry", "DTSTART:20260303T090000Z"))
    assert reply == CalendarReply(
        uid=UID,
        address="guest@example.com",
        answer=ExternalReply.ACCEPTED,
        starts_at=START,
        comment="Too early, sorry",
    )


@pytest.mark.parametrize(("said", "answer"), [("DECLINED", "declined"), ("tentative", "tentative")])
def test_answers(said: str, answer: str) -> None:
    (reply,) = read_replies(text(ATTENDEE=f"ATTENDEE;PARTSTAT={said}:mailto:guest@example.com"))
    assert reply.answer == answer


@pytest.mark.parametrize("said", ["NEEDS-ACTION", "DELEGATED", ""])
def test_what_is_no_answer_yet_is_left_out(said: str) -> None:
    assert read_replies(text(ATTENDEE=f"ATTENDEE;PARTSTAT={said}:mailto:guest@example.com")) == ()


def test_our_own_reply_is_read_back() -> None:
    guest = Party(address="guest@example.com", answer="DECLINED")
    (reply,) = read_replies(write([appointment()], letter(Method.REPLY, guest)))
    assert (reply.uid, reply.address, reply.answer) == (UID, "guest@example.com", ExternalReply.DECLINED)
    assert reply.starts_at is not None
    assert is_same_start(reply.starts_at, START, OSLO)


def test_a_date_is_named_in_the_zone_that_its_own_calendar_defines() -> None:
    named = text("RECURRENCE-ID;TZID=Customized Time Zone:20260303T100000")
    for hours in ("+0300", "-0400", "+0300"):
        zone = zone_defined("Customized Time Zone", hours)
        (reply,) = read_replies(named.replace(b"BEGIN:VEVENT", zone + b"BEGIN:VEVENT"))
        assert isinstance(reply.date_of, datetime)
        assert reply.date_of.strftime("%H:%M%z") == f"10:00{hours}"


BAD = {
    "no calendar": b"hello",
    "nothing": b"",
    "no bytes of text": b"\xff\xfe\x00BEGIN",
    "an invitation": text(METHOD="METHOD:REQUEST"),
    "a counter proposal": text(METHOD="METHOD:COUNTER"),
    "no method": text(METHOD=""),
    "no event": b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
    "cut short": text()[:-20],
    "an event alone": b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n",
    "this and following": text("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T090000Z"),
    "a day that is none": text("RECURRENCE-ID:sometime"),
    "a zone that is a folder of zones": text("RECURRENCE-ID;TZID=Europe:20260303T100000"),
    "the first day of all": text("RECURRENCE-ID:00010101T000000Z"),
    "the last day of all": text("DTSTART;TZID=America/Lima:99991231T235959"),
    "two names of a date": text("RECURRENCE-ID:20260303", "RECURRENCE-ID:20260304"),
    "too large": text(f"X-FILL:{'x' * MOST_BYTES}"),
    "too many events": b"\r\n".join(
        [b"BEGIN:VCALENDAR", b"METHOD:REPLY", *[b"BEGIN:VEVENT\r\nEND:VEVENT"] * 501, b"END:VCALENDAR"]
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_reply(name: str) -> None:
    with pytest.raises(UnreadableReply):
        read_replies(BAD[name])


def test_damaged_replies_never_fail_otherwise() -> None:
    seed = a_seed()
    source = random.Random(seed)
    whole = text("RECURRENCE-ID;TZID=Europe/Oslo:20260303T100000", "DTSTART;VALUE=DATE:20260303")
    for _number in range(500):
        damaged = bytearray(whole)
        for _each in range(source.randint(1, 8)):
            damaged[source.randrange(len(damaged))] = source.choice(b'\r\n:;="TZ0-\x00\xff')
        try:
            read_replies(bytes(damaged))
        except UnreadableReply:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {bytes(damaged)!r}") from error


@pytest.mark.parametrize(
    ("said", "day"),
    [
        (date(2026, 3, 3), "2026-03-03"),
        (datetime(2026, 3, 3, 23, 30), "2026-03-03"),  # noqa: DTZ001  # floating, as others send it
        (datetime(2026, 3, 3, 23, 30, tzinfo=UTC), "2026-03-04"),
    ],
)
def test_days_are_those_of_the_series(said: date, day: str) -> None:
    assert day_named(said, OSLO).isoformat() == day


def test_starts_are_compared_as_instants() -> None:
    local = START.astimezone(OSLO)
    assert is_same_start(local, START, OSLO)
    assert is_same_start(local.replace(tzinfo=None), START, OSLO)
    assert is_same_start(date(2026, 3, 3), START, OSLO)
    assert not is_same_start(START + timedelta(minutes=1), START, OSLO)
    assert not is_same_start(date(2026, 3, 4), START, OSLO)


def test_a_series_of_the_own_is_named_by_its_calendar() -> None:
    guest = Party(address="guest@example.com", answer="ACCEPTED")
    row = replace(appointment(), series_id=4)
    parsed = Calendar.from_ical(write([row], letter(Method.REPLY, guest)))
    assert str(parsed.walk("VEVENT")[0]["UID"]).startswith("series-1-4@")
