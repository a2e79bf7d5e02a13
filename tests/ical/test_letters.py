"""Letters read back by others: recurring-ical-events expands ours to exactly our own instants."""

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Privacy
from appointed.domain.participant import ExternalReply, InvitationStatus, Participant
from appointed.domain.recurrence import (
    EVERY_DAY,
    LAST_WEEK,
    DayStep,
    Pattern,
    Rule,
    Series,
    Wall,
    days_of,
    instant_on,
    leaving_out,
    of_dates,
)
from appointed.domain.status import Status
from appointed.ical.letters import Letter, Method, Party, partstat, write
from appointed.ical.names import SeriesName, named_by, uid_of
from tests.builders import NOW, START, appointment
from tests.seeds import a_seed

RANDOM_RULES = 10_000 if os.environ.get("APPOINTED_TEST_SIZE") == "full" else 500
OSLO = ZoneInfo("Europe/Oslo")
HOST = "appointments.example"
ZONES = (
    "Europe/Oslo",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Cairo",
    "Pacific/Auckland",
)
# Where the clocks change, and where they never do.
WALLS = (time(0), time(1, 30), time(2), time(2, 30), time(3), time(9, 15), time(23, 30))
LENGTHS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=7), timedelta(days=2))


def letter(method: Method = Method.REQUEST, *invited: Party, at: datetime = NOW) -> Letter:
    return Letter(
        method=method,
        organizer=Party(address="ola@example.com", name="Ola O"),
        invited=lambda _row: invited,
        at=at,
        zone=OSLO,
        host=HOST,
    )


def series_of(
    rule: Rule, zone: str, wall: time, length: timedelta, *, is_all_day: bool = False
) -> list[Appointment]:
    made = []
    for number, day in enumerate(days_of(rule), start=10):
        on = Wall(wall, length, is_all_day)
        starts_at, ends_at = on.on(day, ZoneInfo(zone))
        made.append(
            appointment(
                id=number,
                uid=UUID(int=number),
                series_id=10,
                series=Series(rule=rule, zone=zone, on=day),
                starts_at=starts_at,
                ends_at=ends_at,
                is_all_day=is_all_day,
                title="Review",
            )
        )
    return made


def random_rule(source: random.Random) -> Rule:
    starts_on = date(source.randint(2020, 2035), 1, 1) + timedelta(days=source.randint(0, 364))
    rule = Rule(
        pattern=source.choice([Pattern.DAILY, Pattern.WEEKLY, Pattern.MONTHLY, Pattern.YEARLY]),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=source.randint(0, 4000)) if source.random() < 0.5 else None,
        count=source.randint(1, 40),
        cycle=source.randint(1, 5),
        step=source.choice([DayStep.CYCLE, DayStep.CYCLE, DayStep.WORKDAY]),
        weekdays=source.randint(0, EVERY_DAY),
        day=source.randint(0, 31),
        week=source.randint(0, LAST_WEEK),
        month=source.randint(0, 12),
    )
    days = days_of(rule)
    is_free = days and source.random() < 0.1
    return of_dates(sorted(source.sample(days, source.randint(1, len(days))))) if is_free else rule


def spans(text: bytes) -> list[tuple[datetime, datetime]]:
    """Give what another reader makes of a letter."""
    found = recurring_ical_events.of(Calendar.from_ical(text)).all()
    return sorted((_instant(event["DTSTART"].dt), _instant(event["DTEND"].dt)) for event in found)


def _instant(said: date) -> datetime:
    if isinstance(said, datetime):
        # Some hold a time that the clock skips in its zone's own terms: in UTC all read the same.
        return said.astimezone(UTC)
    return datetime.combine(said, time(), tzinfo=UTC)


def own(rows: list[Appointment]) -> list[tuple[datetime, datetime]]:
    return sorted((row.starts_at, row.ends_at) for row in rows)


def changed(source: random.Random, rows: list[Appointment]) -> list[Appointment]:
    """Move some occurrences, retitle some, delete some, as people do; the first rule day stays a row."""
    made = []
    for row in rows:
        chance, by = source.random(), timedelta(minutes=source.choice((-1440, -45, 30, 60, 3000)))
        if chance < 0.1 and row is not rows[0]:
            continue
        if chance < 0.2:
            made.append(replace(row, starts_at=row.starts_at + by, ends_at=row.ends_at + by))
        elif chance < 0.3:
            made.append(replace(row, title="Another"))
        elif chance < 0.4:
            made.append(replace(row, ends_at=row.ends_at + timedelta(minutes=5)))
        else:
            made.append(row)
    standing = {row.series.on for row in made if row.series}
    gone = [row.series.on for row in rows if row.series and row.series.on not in standing]
    return [said_out(row, gone) for row in made]


def said_out(row: Appointment, gone: list[date]) -> Appointment:
    """Let the rule say which dates somebody took out, as deleting them does."""
    assert row.series
    return replace(row, series=replace(row.series, rule=leaving_out(row.series.rule, gone)))


@pytest.mark.timeout(1800)
def test_random_series_with_exceptions_are_read_as_they_are() -> None:
    seed = a_seed()
    source = random.Random(seed)
    for _number in range(RANDOM_RULES):
        rule = random_rule(source)
        zone, wall, length = source.choice(ZONES), source.choice(WALLS), source.choice(LENGTHS)
        rows = series_of(rule, zone, wall, length)
        if not rows:
            continue
        rows = changed(source, rows)
        text = write(rows, letter())
        assert spans(text) == own(rows), f"seed {seed}: {rule} {zone} {wall} {length}\n{text.decode()}"


def test_random_all_day_series_are_read_day_by_day() -> None:
    seed = a_seed()
    source = random.Random(seed)
    for _number in range(RANDOM_RULES // 5):
        rule, zone, days = random_rule(source), source.choice(ZONES), source.randint(1, 3)
        rows = series_of(rule, zone, time(0), timedelta(days=days), is_all_day=True)
        if not rows:
            continue
        wanted = [
            (datetime.combine(day, time(), tzinfo=UTC), datetime.combine(day, time(), tzinfo=UTC))
            for day in days_of(rule)
        ]
        wanted = [(start, end + timedelta(days=days)) for start, end in wanted]
        assert spans(write(rows, letter())) == wanted, f"seed {seed}: {rule} {zone} {days}"


def events(text: bytes) -> list[dict[str, str]]:
    parsed = Calendar.from_ical(text)
    return [
        {name: part.to_ical().decode() for name, part in one.items() if not isinstance(part, list)}
        for one in parsed.walk("VEVENT")
    ]


def test_one_appointment() -> None:
    row = appointment(
        title="Møte, med; alt\\",
        description="Line\r\nbreak\x00",
        location="Oslo",
        privacy=Privacy.OWNER,
        is_free=True,
    )
    (event,) = events(write([row], letter(Method.REQUEST, Party(address="guest@example.com", name='A "B"'))))
    assert event == {
        "UID": str(row.uid),
        "DTSTAMP": "20260302T080000Z",
        "SEQUENCE": "194601601",
        "SUMMARY": "Møte\\, med\\; alt\\\\",
        "DESCRIPTION": "Line\\nbreak",
        "LOCATION": "Oslo",
        "STATUS": "CONFIRMED",
        "CLASS": "PRIVATE",
        "TRANSP": "TRANSPARENT",
        "ORGANIZER": "mailto:ola@example.com",
        "ATTENDEE": "mailto:guest@example.com",
        "DTSTART": "20260303T100000",
        "DTEND": "20260303T110000",
    }


def test_a_letter_is_the_same_for_the_same_change_and_later_for_a_later_one() -> None:
    row = appointment()
    assert write([row], letter()) == write([row], letter())
    numbers = [
        int(events(write([one], letter(method, at=NOW + timedelta(seconds=passed))))[0]["SEQUENCE"])
        for passed, one, method in (
            (0, row, Method.REQUEST),
            (0, replace(row, revision=row.revision + 1), Method.REQUEST),
            # What is deleted is told as the revision that it would have become.
            (0, replace(row, revision=row.revision + 2), Method.CANCEL),
            (1, replace(row, revision=row.revision + 3), Method.REQUEST),
        )
    ]
    assert numbers == sorted(set(numbers))


def test_a_series_counts_by_the_newest_of_its_dates_and_each_date_by_itself() -> None:
    rule = Rule(pattern=Pattern.DAILY, starts_on=date(2026, 3, 2), count=3)
    rows = series_of(rule, "Europe/Oslo", time(10), timedelta(hours=1))
    first = int(events(write(rows, letter()))[0]["SEQUENCE"])
    rows[1] = replace(rows[1], revision=rows[1].revision + 4, title="Other")
    whole, one = (int(event["SEQUENCE"]) for event in events(write(rows, letter())))
    assert (whole, one) == (first + 4, first + 4)
    told = events(write(rows, letter(), frozenset({rows[2].id})))
    assert [int(event["SEQUENCE"]) for event in told] == [first]


@pytest.mark.parametrize("method", list(Method))
def test_methods(method: Method) -> None:
    text = write([appointment()], letter(method, Party(address="guest@example.com")))
    assert f"METHOD:{method}\r\n" in text.decode()
    (event,) = events(text)
    assert event["STATUS"] == ("CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    assert ("RSVP=TRUE" in text.decode()) is (method is Method.REQUEST)


def test_what_is_cancelled_says_so() -> None:
    (event,) = events(write([appointment(status=Status.CANCELLED)], letter()))
    assert event["STATUS"] == "CANCELLED"


def test_a_time_that_comes_twice_is_told_in_utc_where_it_is_the_second() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    row = appointment(starts_at=first, ends_at=first + timedelta(hours=1))
    assert spans(write([row], letter())) == own([row])


def test_the_zone_is_told_with_both_its_offsets() -> None:
    text = write([appointment()], letter()).decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/Oslo" in text
    assert "TZOFFSETTO:+0100" in text
    assert "TZOFFSETTO:+0200" in text


def test_an_all_day_event_needs_no_zone() -> None:
    starts_at = instant_on(date(2026, 3, 28), time(0), OSLO)
    row = appointment(starts_at=starts_at, ends_at=starts_at + timedelta(hours=47), is_all_day=True)
    text = write([row], letter()).decode()
    assert "DTSTART;VALUE=DATE:20260328\r\nDTEND;VALUE=DATE:20260330\r\n" in text
    assert "VTIMEZONE" not in text


WEEKLY = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 3), count=4)


def test_one_occurrence_is_named_by_the_time_the_series_gives_it() -> None:
    rows = series_of(WEEKLY, "Europe/Oslo", time(10), timedelta(hours=1))
    moved = replace(
        rows[2],
        starts_at=rows[2].starts_at + timedelta(hours=3),
        ends_at=rows[2].ends_at + timedelta(hours=3),
    )
    (event,) = events(write([*rows[:2], moved, rows[3]], letter(), only=frozenset({moved.id})))
    assert event["UID"] == f"series-1-10@{HOST}"
    assert (event["RECURRENCE-ID"], event["DTSTART"]) == ("20260317T100000", "20260317T130000")


def test_a_rule_that_no_rrule_says_is_told_as_dates() -> None:
    days = [date(2026, 3, 3), date(2026, 3, 8), date(2026, 5, 1)]
    rows = series_of(of_dates(days), "Europe/Oslo", time(10), timedelta(hours=1))
    text = write(rows, letter())
    assert b"RRULE" not in text
    assert spans(text) == own(rows)


def test_a_row_outside_its_rule_is_told() -> None:
    rows = series_of(WEEKLY, "Europe/Oslo", time(10), timedelta(hours=1))
    shorter = replace(WEEKLY, count=3)
    rows = [replace(row, series=replace(row.series, rule=shorter)) for row in rows if row.series]
    assert spans(write(rows, letter())) == own(rows)


def test_a_series_whose_first_day_is_gone_is_read_without_it() -> None:
    rows = series_of(WEEKLY, "Europe/Oslo", time(10), timedelta(hours=1))[1:]
    assert spans(write(rows, letter())) == own(rows)


def test_who_answered_one_date_differently_is_told_with_that_date() -> None:
    rows = series_of(WEEKLY, "Europe/Oslo", time(10), timedelta(hours=1))

    def invited(row: Appointment) -> list[Party]:
        answer = "DECLINED" if row.id == 11 else "ACCEPTED"
        return [Party(address="guest@example.com", answer=answer)]

    text = write(rows, replace(letter(), invited=invited)).decode()
    assert text.count("PARTSTAT=DECLINED") == text.count("RECURRENCE-ID") == 1


def test_names_lead_back() -> None:
    row = appointment()
    assert named_by(uid_of(row, HOST)) == row.uid
    assert named_by(uid_of(replace(row, series_id=77), HOST)) == SeriesName(1, 77)
    assert named_by("somebody's own") is None


def test_an_address_cannot_break_out_of_its_line() -> None:
    party = Party(address="a@example.com\r\nATTENDEE:mailto:b@example.com", name="N\r\nX-EVIL:1")
    text = write([appointment()], letter(Method.REQUEST, party))
    assert len(events(text)) == 1
    assert not any(line.startswith(("X-EVIL", "ATTENDEE:mailto:b")) for line in text.decode().split("\r\n"))


@pytest.mark.parametrize(
    ("status", "reply", "said"),
    [
        (InvitationStatus.ACCEPTED, ExternalReply.UNKNOWN, "ACCEPTED"),
        (InvitationStatus.DECLINED, ExternalReply.UNKNOWN, "DECLINED"),
        (InvitationStatus.SEEN, ExternalReply.TENTATIVE, "TENTATIVE"),
        (InvitationStatus.INVITATION, ExternalReply.UNKNOWN, "NEEDS-ACTION"),
        (InvitationStatus.ACCEPTED, ExternalReply.TENTATIVE, "ACCEPTED"),
    ],
)
def test_answers_as_others_say_them(status: InvitationStatus, reply: ExternalReply, said: str) -> None:
    assert partstat(Participant(key=1, invitation_status=status, external_reply=reply)) == said


def test_the_untitled_begin_with_their_description() -> None:
    (event,) = events(write([appointment(description="First\nSecond", starts_at=START)], letter()))
    assert event["SUMMARY"] == "First"
