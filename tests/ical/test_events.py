"""Events of other calendars: what is read of them, and what is refused and why (RFC 5545)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import vRecur

from appointed.domain.recurrence import Pattern, days_left, days_of
from appointed.ical import own_zones
from appointed.ical.events import Found, Refused, UnreadableCalendar, read_events
from appointed.ical.rule_reading import rule_from
from appointed.ical.rules import rrule_of

OSLO = ZoneInfo("Europe/Oslo")
AT = "DTSTART;TZID=Europe/Oslo:20320105T100000"  # a Monday


def calendar(*events: str) -> bytes:
    body = "".join(
        "BEGIN:VEVENT\r\n" + "\r\n".join(event.strip().splitlines()) + "\r\nEND:VEVENT\r\n"
        for event in events
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{body}END:VCALENDAR\r\n".encode()


def read(*events: str) -> Found | Refused:
    (found,) = read_events(calendar(*events), OSLO)
    return found


def taken(*events: str) -> Found:
    found = read(*events)
    assert isinstance(found, Found), found
    return found


def test_a_single_event() -> None:
    found = taken(
        f"UID:one\n{AT}\nDURATION:PT45M\nSUMMARY:Talk\\, long\nDESCRIPTION:All of it\nLOCATION:Hall\n"
        "TRANSP:TRANSPARENT\nCLASS:PRIVATE\nATTENDEE:mailto:a@example.org\nATTACH:https://a.example/x\n"
        "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
    )
    one = found.first
    assert (one.starts_at, one.ends_at) == (
        datetime(2032, 1, 5, 9, tzinfo=UTC),
        datetime(2032, 1, 5, 9, 45, tzinfo=UTC),
    )
    assert (one.title, one.description, one.location) == ("Talk, long", "All of it", "Hall")
    assert (one.is_free, one.is_private, one.is_all_day, found.rule) == (True, True, False, None)
    assert found.left_out == ("participants", "attachments", "alarms")


def zone_defined(zone: str, hours: str) -> bytes:
    """What says in a calendar of a zone that its clocks are so many hours off."""
    lines = f"BEGIN:VTIMEZONE\r\nTZID:{zone}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    lines += f"TZOFFSETFROM:{hours}\r\nTZOFFSETTO:{hours}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    return lines.encode()


def defining(zone: str, hours: str, *events: str) -> bytes:
    return calendar(*events).replace(b"BEGIN:VEVENT", zone_defined(zone, hours) + b"BEGIN:VEVENT", 1)


def test_a_zone_means_what_its_own_calendar_says() -> None:
    event = "UID:a\nDTSTART;TZID=Customized Time Zone:20320105T100000"
    for hours, utc in (("+0300", 7), ("-0400", 14), ("+0300", 7)):
        (found,) = read_events(defining("Customized Time Zone", hours, event), OSLO)
        assert isinstance(found, Found)
        assert (found.first.starts_at, found.left_out) == (datetime(2032, 1, 5, utc, tzinfo=UTC), ())
    found = taken(event)
    assert found.first.starts_at == datetime(2032, 1, 5, 9, tzinfo=UTC)
    assert found.left_out == ("its zone, Customized Time Zone, which nobody knows",)


def test_one_calendar_is_read_at_a_time() -> None:
    with own_zones.own_zones():
        assert own_zones._reading.locked()
    assert not own_zones._reading.locked()


@pytest.mark.parametrize(
    ("times", "starts", "ends", "zone"),
    [
        ("DTSTART:20320105T100000\nDTEND:20320105T110000", 9, 10, "Europe/Oslo"),
        ("DTSTART:20320105T100000Z\nDTEND:20320105T110000Z", 10, 11, "Europe/Oslo"),
        ("DTSTART;TZID=America/New_York:20320105T100000", 15, 15, "America/New_York"),
        ("DTSTART;VALUE=DATE:20320105", -1, 23, "Europe/Oslo"),
        ("DTSTART;VALUE=DATE:20320105\nDTEND;VALUE=DATE:20320106", -1, 23, "Europe/Oslo"),
        ("DTSTART;VALUE=DATE:20320105\nDURATION:P1D", -1, 23, "Europe/Oslo"),
    ],
)
def test_times_of_every_kind(times: str, starts: int, ends: int, zone: str) -> None:
    found = taken(f"UID:one\n{times}")
    base = datetime(2032, 1, 5, tzinfo=UTC)
    assert (found.first.starts_at, found.first.ends_at, found.zone) == (
        base + timedelta(hours=starts),
        base + timedelta(hours=ends),
        zone,
    )
    assert found.first.is_all_day is ("VALUE=DATE" in times)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", "05 07 09"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", "05 07 12 14"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=MO;COUNT=2", "05 19"),
        ("FREQ=DAILY;UNTIL=20320107T100000Z", "05 06 07"),
        ("FREQ=DAILY;UNTIL=20320107T085900Z", "05 06"),
        ("FREQ=DAILY;UNTIL=20320107", "05 06 07"),
        ("FREQ=MONTHLY;BYMONTHDAY=5;UNTIL=20320301", "05 05"),
        ("FREQ=MONTHLY;UNTIL=20320301", "05 05"),
        ("FREQ=MONTHLY;BYDAY=1MO;UNTIL=20320301", "05 02 01"),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5;COUNT=2", "05 05"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO;COUNT=2", "05 03"),
    ],
)
def test_rules(rule: str, days: str) -> None:
    found = taken(f"UID:one\n{AT}\nRRULE:{rule}")
    assert found.rule is not None
    assert [f"{day:%d}" for day in days_of(found.rule)] == days.split()
    assert found.left_out == ()


def test_a_rule_without_an_end_is_a_year_of_it() -> None:
    found = taken(f"UID:one\n{AT}\nRRULE:FREQ=WEEKLY")
    assert found.rule is not None
    assert len(days_of(found.rule)) == 53
    assert found.left_out == ("dates past a year, since its rule has no end",)


def test_dates_more_less_and_changed() -> None:
    found = taken(
        f"UID:one\n{AT}\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Oslo:20320106T100000\n"
        "RDATE;TZID=Europe/Oslo:20320112T100000",
        "UID:one\nRECURRENCE-ID;TZID=Europe/Oslo:20320107T100000\nSUMMARY:Other\n"
        "DTSTART;TZID=Europe/Oslo:20320107T150000",
        "UID:one\nRECURRENCE-ID;TZID=Europe/Oslo:20320108T100000\nSTATUS:CANCELLED\n"
        "DTSTART;TZID=Europe/Oslo:20320108T100000",
    )
    assert found.rule is not None
    assert found.rule.pattern is Pattern.CUSTOM
    assert [day.day for day in days_of(found.rule)] == [5, 7, 12]
    assert {day: one.title for day, one in found.others.items()} == {date(2032, 1, 7): "Other"}
    assert found.others[date(2032, 1, 7)].starts_at == datetime(2032, 1, 7, 14, tzinfo=UTC)


def test_days_of_an_all_day_series_are_left_out_by_day() -> None:
    found = taken(
        "UID:one\nDTSTART;VALUE=DATE:20320105\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20320106"
    )
    assert found.rule is not None
    assert found.rule.pattern is Pattern.DAILY
    assert [day.day for day in days_left(found.rule)] == [5, 7]


@pytest.mark.parametrize(
    ("rule", "gone", "left"),
    [
        ("FREQ=WEEKLY;COUNT=5", [12, 26], [5, 19, 33]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=6", [5, 37], [9, 19, 23, 33]),
        ("FREQ=WEEKLY;UNTIL=20320202T090000Z", [33], [5, 12, 19, 26]),
        ("FREQ=MONTHLY;BYDAY=1MO;COUNT=4", [5, 33], [61, 96]),
        ("FREQ=WEEKLY;COUNT=3", [13], [5, 12, 19]),
        ("FREQ=WEEKLY;COUNT=3", [5, 12], [19]),
    ],
    ids=["between", "both ends", "the last", "the first two", "none of it", "all but one"],
)
def test_a_rule_with_dates_less_stays_that_rule(rule: str, gone: list[int], left: list[int]) -> None:
    def said(day: int) -> str:
        return f"{date(2032, 1, 1) + timedelta(days=day - 1):%Y%m%d}T100000"

    found = taken(f"UID:one\n{AT}\nRRULE:{rule}\nEXDATE;TZID=Europe/Oslo:{','.join(map(said, gone))}")
    assert found.rule is not None
    days = days_left(found.rule)
    assert [(day - date(2031, 12, 31)).days for day in days] == left
    assert found.rule.pattern is (Pattern.MONTHLY if "MONTHLY" in rule else Pattern.WEEKLY)
    # It begins and ends with dates that it has.
    assert (days_of(found.rule)[0], days_of(found.rule)[-1]) == (days[0], days[-1])


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (AT, "no UID"),
        (f"UID:one\n{AT}\nSTATUS:CANCELLED", "cancelled"),
        ("UID:one\nSUMMARY:x", "DTSTART"),
        (f"UID:one\n{AT}\nDTEND:20200101T000000Z", "ends before it begins"),
        (f"UID:one\n{AT}\nRRULE:FREQ=HOURLY;COUNT=3", "repeats hourly"),
        (f"UID:one\n{AT}\nRRULE:FREQ=DAILY;COUNT=3;BYHOUR=9,10", "BYHOUR"),
        (f"UID:one\n{AT}\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1;COUNT=3", "BYSETPOS"),
        (f"UID:one\n{AT}\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=3", "Monday"),
        (f"UID:one\n{AT}\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3", "first date"),
        (f"UID:one\n{AT}\nRRULE:FREQ=WEEKLY;BYDAY=2MO;COUNT=3", "counts weekdays of a week"),
        (f"UID:one\n{AT}\nRRULE:FREQ=DAILY;UNTIL=20991231", "more than 2000"),
        (f"UID:one\n{AT}\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=3", "leaves out years"),
        (f"UID:one\n{AT}\nRRULE:FREQ=YEARLY;BYDAY=1MO;COUNT=3", "weekdays of a year"),
        (f"UID:one\n{AT}\nRRULE:FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=5;COUNT=3", "both days and weekdays"),
        (f"UID:one\n{AT}\nRRULE:FREQ=MONTHLY;BYDAY=-2MO;COUNT=3", "from its end"),
        (f"UID:one\n{AT}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "from the end"),
        (f"UID:one\n{AT}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=5,6;COUNT=3", "several BYMONTHDAY"),
        (f"UID:one\n{AT}\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY;COUNT=2", "several rules"),
        (f"UID:one\n{AT}\nRDATE;TZID=Europe/Oslo:20320106T110000", "another time of day"),
        (f"UID:one\n{AT}\nRDATE;VALUE=DATE:20320106", "another time of day"),
        (f"UID:one\n{AT}\nEXDATE;TZID=Europe/Oslo:20320105T100000", "no date left"),
        (f"UID:one\n{AT}\nRECURRENCE-ID;TZID=Europe/Oslo:20320105T100000", "say once"),
    ],
)
def test_what_is_refused_says_why(event: str, why: str) -> None:
    found = read(event)
    assert isinstance(found, Refused)
    assert why in found.why


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("RECURRENCE-ID;TZID=Europe/Oslo:20320120T100000", "changed that its rule has not"),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Oslo:20320106T100000", "all that follow"),
    ],
)
def test_changed_dates_that_cannot_be(named: str, why: str) -> None:
    found = read(f"UID:one\n{AT}\nRRULE:FREQ=DAILY;COUNT=3", f"UID:one\n{named}\n{AT}")
    assert isinstance(found, Refused)
    assert why in found.why


FOLDER_AS_ZONE = calendar("UID:one\nDTSTART;TZID=Europe:20320105T100000")


@pytest.mark.parametrize(
    "data", [b"", b"hello", calendar(), b"BEGIN:VEVENT\r\n", b"x" * 10_000_001, FOLDER_AS_ZONE]
)
def test_what_is_no_calendar(data: bytes) -> None:
    with pytest.raises(UnreadableCalendar):
        read_events(data, OSLO)


@pytest.mark.parametrize("at", [date(2032, 1, 5), datetime(2032, 1, 5, 10)])  # noqa: DTZ001 - on the wall
def test_a_rule_that_we_write_is_read_as_the_same(at: date) -> None:
    for text in ("FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=-1MO"):
        first = at if "-1MO" not in text else at.replace(day=26)
        rule = rule_from(dict(vRecur.from_ical(f"{text};COUNT=9")), first, OSLO)
        written = rrule_of(rule, 9)
        assert written is not None
        again = rule_from(dict(vRecur.from_ical(written.to_ical().decode())), first, OSLO)
        assert days_of(again) == days_of(rule)
