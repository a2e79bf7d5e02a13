"""Dates on the wire: every kind in every manner, each change of the clock, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz as other_clock
from hypothesis import given
from hypothesis import strategies as st

from appointed.domain.errors import InvalidRequest
from appointed.superoffice.wiretime import (
    FIRST,
    FOREVER,
    LAST,
    NEVER,
    TimeStyle,
    TimeWish,
    parse_zone_header,
    read_instant,
    read_open,
    read_wall,
    style_of,
    write_wall,
)
from appointed.superoffice.zones import ZONES
from tests.work import no_hang, steps

OSLO = ZoneInfo("Europe/Oslo")
NEW_YORK = ZoneInfo("America/New_York")


def style(header: str = "", base: ZoneInfo = OSLO) -> TimeStyle:
    return style_of(parse_zone_header(header), base)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


# One and the same appointment in three manners, base zone NO (the SO-TimeZone page and its samples).
MANNERS = ("", "NO,includeTZOffset", "UTC,includeTZOffset")
STARTED, CREATED, UPDATED = utc("2002-03-31T16:00"), utc("2002-08-07T12:52"), utc("2003-02-10T10:00:59")
KINDS = [
    ("StartDate", lambda s: s.instant(STARTED),
     "2002-03-31T18:00:00", "2002-03-31T18:00:00+02:00", "2002-03-31T16:00:00Z"),
    ("CreatedDate", lambda s: s.stamp(CREATED),
     "2002-08-07T14:52:00", "2002-08-07T12:52:00Z", "2002-08-07T12:52:00Z"),
    ("UpdatedDate, never", lambda s: s.stamp(None),
     "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ("Project.Updated", lambda s: s.stamp(UPDATED),
     "2003-02-10T11:00:59", "2003-02-10T10:00:59Z", "2003-02-10T10:00:59Z"),
    ("Recurrence.StartDate", lambda s: write_wall(date(2002, 3, 31), s),
     "2002-03-31T00:00:00", "2002-03-31T00:00:00+01:00", "2002-03-31T00:00:00Z"),
    ("Recurrence.EndDate", lambda s: write_wall(date(2003, 3, 31), s),
     "2003-03-31T00:00:00", "2003-03-31T00:00:00+02:00", "2003-03-31T00:00:00Z"),
    ("PublishFrom", lambda s: s.open_start(None),
     "0001-01-01T00:00:00", "0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z"),
    ("PublishTo", lambda s: s.open_end(None),
     "9999-12-31T23:59:59", "9999-12-31T23:59:59+01:00", "9999-12-31T23:59:59Z"),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("column", range(3))
@pytest.mark.clause("SO-WIRE-001")
def test_every_kind_of_date_in_every_manner(kind, column) -> None:
    _name, write, *expected = kind
    assert write(style(MANNERS[column])) == expected[column]


def test_a_stamp_without_tags_follows_the_named_zone() -> None:
    assert style("US-NY").stamp(CREATED) == "2002-08-07T08:52:00"
    assert style("UTC").stamp(CREATED) == "2002-08-07T12:52:00"


def test_open_dates_that_are_set_are_instants() -> None:
    for header, text in zip(MANNERS, KINDS[0][2:], strict=True):
        assert style(header).open_start(STARTED) == style(header).open_end(STARTED) == text


# (header, sent, wall time kept in the base zone NO, given back): the examples of the SO-TimeZone page.
EXAMPLES = [
    ("", "2018-12-24T12:34:45", "2018-12-24T12:34:45", "2018-12-24T12:34:45"),
    ("US-NY", "2018-12-24T12:34:45", "2018-12-24T18:34:45", "2018-12-24T12:34:45"),
    ("US-NY, includeTZOffset", "2018-12-24T12:34:45Z", "2018-12-24T13:34:45", "2018-12-24T07:34:45-05:00"),
    ("US-NY", "2018-12-24T12:34:45Z", "2018-12-24T13:34:45", "2018-12-24T07:34:45"),
]


@pytest.mark.parametrize(("header", "sent", "kept", "answered"), EXAMPLES)
@pytest.mark.clause("SO-WIRE-003")
def test_the_worked_examples(header, sent, kept, answered) -> None:
    at = read_instant(sent, style(header))
    assert style().instant(at) == kept
    assert style(header).instant(at) == answered


HEADERS = {
    "": (None, False),
    "NO": ("Europe/Oslo", False),
    "261": ("Europe/Oslo", False),
    "UTC, includeTZOffset": ("UTC", True),
    "NO,includeTZOffset": ("Europe/Oslo", True),
    "no,INCLUDETZOFFSET": ("Europe/Oslo", True),
    "  us-ny  ,\tincludeTzOffset ": ("America/New_York", True),
    "includeTZOffset,460": ("America/New_York", True),
    "includeTZOffset": (None, True),
    ",includeTZOffset": (None, True),
    " , ": (None, False),
    "NO,": ("Europe/Oslo", False),
}


@pytest.mark.parametrize(("header", "wish"), HEADERS.items())
@pytest.mark.clause("SO-WIRE-002")
def test_the_header_is_read_in_all_its_spellings(header, wish) -> None:
    name, tagged = wish
    assert parse_zone_header(header) == TimeWish(ZoneInfo(name) if name else None, tagged)
    assert style(header).zone is (ZoneInfo(name) if name else OSLO)
    assert style(header).base is OSLO


@pytest.mark.parametrize(
    "header", ["XX", "NO,DK", "NO DK", "includeTZOffset=1", "Z", "x" * 101, "," * 101, "+02:00", "UTC;x"]
)
def test_a_header_that_says_nothing_known_is_refused(header) -> None:
    with pytest.raises(InvalidRequest):
        parse_zone_header(header)


def test_styles_can_be_keys() -> None:
    assert {style("NO"): 1}[style("no ")] == 1
    assert style("NO") != style("NO,includeTZOffset")


# (sent, instant); base zone NO, no header.
READ = {
    "2026-01-01T10:00:00Z": "2026-01-01T10:00:00",
    "2026-01-01t10:00:00z": "2026-01-01T10:00:00",
    "2026-01-01T10:00:00.000Z": "2026-01-01T10:00:00",
    "2026-01-01T10:00:00.999999999Z": "2026-01-01T10:00:00",
    "2002-10-31T23:04:03.6450241+01:00": "2002-10-31T22:04:03",
    "2026-01-01T10:00:00.Z": "2026-01-01T10:00:00",
    "2026-01-01T10:00:00,5Z": "2026-01-01T10:00:00",
    "2026-01-01T10:00:00+02:00": "2026-01-01T08:00:00",
    "2026-01-01T10:00:00-0500": "2026-01-01T15:00:00",
    "2026-01-01T10:00:00+0545": "2026-01-01T04:15:00",
    "2026-01-01T10:00:00-23:59": "2026-01-02T09:59:00",
    "2026-01-01T10:00:00": "2026-01-01T09:00:00",
    "2026-07-01 10:00:00": "2026-07-01T08:00:00",
    "2026-07-01T10:00": "2026-07-01T08:00:00",
    "2026-07-01T10:00Z": "2026-07-01T10:00:00",
    "2026-07-01": "2026-06-30T22:00:00",
    "2024-02-29": "2024-02-28T23:00:00",
    "0001-01-01T00:00:00": "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00",
    "0001-01-01T01:00:00+01:00": "0001-01-01T00:00:00",
    "9999-12-31T23:59:59": "9999-12-31T22:59:59",
    "9999-12-31T23:59:59.9999999": "9999-12-31T22:59:59",
    "9999-12-31T23:59:59-05:00": "9999-12-31T23:59:59",
}


@pytest.mark.parametrize(("sent", "instant"), READ.items())
def test_dates_are_read_to_the_second(sent, instant) -> None:
    assert read_instant(sent, style()) == utc(instant)
    assert read_instant(sent, style()).tzinfo is UTC


REFUSED = [
    "", " ", "now", "20260101", "20260101T100000Z", "2026-1-1", "26-01-01", "2026-02-30", "2025-02-29",
    "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "0000-01-01", "10000-01-01", "+02026-01-01",
    "-2026-01-01", "2026-01-01T24:00:00", "2026-01-01T25:00:00", "2026-01-01T10:60:00", "2026-01-01T10:00:60",
    "2026-01-01T10:00:61", "2026-01-01T10", "2026-01-01T10:00:00.1234567890", "2026-01-01T10:00.5",
    "2026-01-01T10:00:00+2", "2026-01-01T10:00:00+02", "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00+02:60",
    "2026-01-01T", "2026-01-01Z", "2026-W01-1", "2026-001", "2026-01-01T10:00:00 Z", " 2026-01-01",
    "2026-01-01\n", "2026-01-01T10:00:00Zx", "1767261600", "٢٠٢٦-01-01", "2026−01−01", "01/01/2026",
    "/Date(1767261600000)/", "2026-01-01_10:00:00", "null", "PT1H",
    1767261600, 1.5, True, None, [], {}, ["2026-01-01"], b"2026-01-01",
]  # fmt: skip


@pytest.mark.parametrize("sent", REFUSED, ids=repr)
def test_what_is_no_date_is_refused(sent) -> None:
    for read in (read_instant, read_wall):
        with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
            read(sent, style())


BOUNDS = [
    None, NEVER, NEVER + "Z", "0001-01-01", "0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00-05:00",
    "0001-01-01T05:00:00.000Z", "0000-12-31T23:17:00.000Z", FOREVER, FOREVER + "Z", "9999-12-31T23:59:59+01:00",
    "9999-12-31T23:59:59.9999999", "9999-12-31T22:59:59.000Z", "+010000-01-01T04:59:59.000Z",
]  # fmt: skip


@pytest.mark.parametrize("sent", BOUNDS)
def test_both_ends_of_time_mean_nothing_is_set(sent) -> None:
    assert read_open(sent, style()) is None


def test_open_dates_are_instants_otherwise() -> None:
    assert read_open("2026-01-01T10:00:00Z", style()) == utc("2026-01-01T10:00")
    for sent in ("", "0002-13-01", "0001-01-01x", 0, False):
        with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
            read_open(sent, style())


def test_instants_at_the_ends_of_time_are_written_in_every_zone() -> None:
    for zone in ZONES:
        for tagged in (False, True):
            far = TimeStyle(zone.info, tagged, OSLO)
            assert far.instant(FIRST)[:10] == far.open_start(None)[:10] == NEVER[:10]
            assert far.instant(LAST)[:10] == FOREVER[:10]
            assert far.open_end(None)[:19] == FOREVER
            assert read_open(far.open_start(None), far) is read_open(far.open_end(None), far) is None


def test_bounds_in_other_zones() -> None:
    assert style("US-NY,includeTZOffset").open_start(None) == "0001-01-01T00:00:00-05:00"
    assert style("US-NY,includeTZOffset").open_end(None) == "9999-12-31T23:59:59-05:00"
    assert style("AU-ACT,includeTZOffset").open_start(None) == "0001-01-01T10:00:00+10:00"
    assert style("GB,includeTZOffset").open_start(None) == "0001-01-01T00:00:00+00:00"
    assert style("includeTZOffset", ZoneInfo("UTC")).open_start(None) == NEVER + "Z"


def test_z_stands_for_utc_alone() -> None:
    assert style("GB,includeTZOffset").instant(utc("2026-01-01T10:00")) == "2026-01-01T10:00:00+00:00"
    assert style("UTC,includeTZOffset").instant(utc("2026-01-01T10:00")) == "2026-01-01T10:00:00Z"


def test_fractions_of_a_second_are_left_out() -> None:
    at = utc("2026-01-01T10:00:00.999999")
    assert style().instant(at) == "2026-01-01T11:00:00"
    assert style("includeTZOffset").stamp(at) == "2026-01-01T10:00:00Z"


def test_odd_seconds_of_old_clocks_stay_the_same_instant() -> None:
    old = TimeStyle(ZoneInfo("Africa/Monrovia"), tagged=True, base=OSLO)
    at = utc("1960-01-01T12:00")
    assert old.instant(at) == "1960-01-01T11:16:00-00:44"
    assert read_instant(old.instant(at), old) == at
    assert write_wall(date(1960, 1, 1), old) == "1960-01-01T00:00:00-00:44"


# (zone, wall, instant): first the gap, then the overlap, each by RFC 5545 §3.3.5.
CHANGES = [
    ("Europe/Oslo", "2026-03-29T02:30:00", "2026-03-29T01:30:00"),
    ("Europe/Oslo", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
    ("America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00"),
    ("America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00"),
    ("Europe/London", "2026-03-29T01:15:00", "2026-03-29T01:15:00"),
    ("Europe/London", "2026-10-25T01:15:00", "2026-10-25T00:15:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00"),
    ("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00"),
    ("America/Santiago", "2026-09-06T00:30:00", "2026-09-06T04:30:00"),
    ("America/Santiago", "2026-04-04T23:30:00", "2026-04-05T02:30:00"),
]


@pytest.mark.parametrize(("zone", "sent", "instant"), CHANGES)
def test_wall_times_in_a_gap_or_overlap(zone, sent, instant) -> None:
    assert read_instant(sent, TimeStyle(ZoneInfo(zone), False, OSLO)) == utc(instant)


ZONES_WITH_SUMMER = [
    "Europe/Oslo", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "America/Santiago",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Beirut", "Atlantic/Azores", "EET",
]  # fmt: skip
ALL_CLOCKS = sorted({zone.iana for zone in ZONES})
WINTER_IS_THE_EXCEPTION = {"Europe/Dublin", "Africa/Casablanca", "Africa/El_Aaiun"}
# Nowhere do two changes lie closer together in these years: Morocco's leave a month between them.
STRIDE = timedelta(days=5)


def clock_changes(zone: str) -> list[tuple[datetime, timedelta, timedelta]]:
    # Another implementation of the same rules, asked every few days, then to the minute. It cannot read
    # the clocks that count winter as the exception.
    clock = ZoneInfo(zone) if zone in WINTER_IS_THE_EXCEPTION else other_clock.gettz(zone)
    found, at, end = [], datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    before = at.astimezone(clock).utcoffset()
    while at < end:
        at += STRIDE
        after = at.astimezone(clock).utcoffset()
        if after != before:
            low, high = at - STRIDE, at
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=int((high - low) / timedelta(minutes=2)))
                low, high = (
                    (middle, high) if middle.astimezone(clock).utcoffset() == before else (low, middle)
                )
            found.append((high, before, after))
            before = after
    return found


@pytest.mark.parametrize("name", ZONES_WITH_SUMMER)
def test_these_clocks_change_twice_a_year(name) -> None:
    assert name in ALL_CLOCKS
    assert len(clock_changes(name)) == 32


@pytest.mark.parametrize("name", ALL_CLOCKS)
def test_every_change_of_the_clock_from_2020_to_2035(name) -> None:
    zone = ZoneInfo(name)
    plain, tagged = TimeStyle(zone, False, OSLO), TimeStyle(zone, True, OSLO)
    changes = clock_changes(name)
    for moment, before, after in changes:
        for minutes in (-120, -61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60, 120):
            at = moment + timedelta(minutes=minutes)
            offset = before if minutes < 0 else after
            shown = (at + offset).replace(tzinfo=None)
            sign = "-" if offset < timedelta() else "+"
            text = f"{shown:%Y-%m-%dT%H:%M:%S}{sign}{utc('2000-01-01') + abs(offset):%H:%M}"
            assert tagged.instant(at) == text
            assert plain.instant(at) == text[:19]
            assert read_instant(text, plain) == read_instant(text, tagged) == at
        judge_wall_times(plain, moment, before, after)


def judge_wall_times(plain: TimeStyle, moment: datetime, before: timedelta, after: timedelta) -> None:
    low, high = sorted(((moment + before).replace(tzinfo=None), (moment + after).replace(tzinfo=None)))
    for minutes in range(-60, int((high - low) / timedelta(minutes=1)) + 60, 15):
        shown = low + timedelta(minutes=minutes)
        # In a gap as in an overlap the offset before the change counts; so the overlap's first time is meant.
        offset = before if shown < high else after
        assert read_instant(f"{shown:%Y-%m-%dT%H:%M:%S}", plain) == shown.replace(tzinfo=UTC) - offset


def test_wall_dates_never_shift() -> None:
    for header in ("", "NO", "US-NY", "UTC", *MANNERS[1:], "US-NY,includeTZOffset"):
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 1, 1)):
            text = write_wall(day, style(header))
            assert text.startswith(f"{day}T00:00:00")
            assert read_wall(text, style(header)) == datetime.combine(day, datetime.min.time())
    assert write_wall(wall("2026-01-01T09:30"), style("NO,includeTZOffset")) == "2026-01-01T09:30:00+01:00"


def test_a_wall_date_in_a_gap_is_tagged_with_the_offset_before_it() -> None:
    assert write_wall(date(2026, 9, 6), TimeStyle(ZoneInfo("America/Santiago"), True, OSLO)).endswith(
        "-04:00"
    )


def test_a_wall_date_sent_back_as_an_instant_is_the_same_day() -> None:
    # A browser turns what it was given into its own instant and sends that back.
    for header in ("", "NO,includeTZOffset"):
        assert read_wall("2026-03-28T23:00:00.000Z", style(header)) == wall("2026-03-29")
    assert read_wall("2026-03-29T00:00:00.000Z", style("UTC,includeTZOffset")) == wall("2026-03-29")


def test_wall_dates_at_the_ends_of_time() -> None:
    assert read_wall("0001-01-01T00:00:00+01:00", style("US-NY")) == wall(NEVER)
    assert read_wall("9999-12-31T23:59:59-01:00", style()) == wall(FOREVER)


@given(
    st.datetimes(wall("1990-01-01"), wall("2060-01-01"), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
def test_what_is_written_with_an_offset_is_read_back_exactly(at, zone) -> None:
    at = at.replace(microsecond=0)
    tagged = TimeStyle(zone.info, True, OSLO)
    assert read_instant(tagged.instant(at), tagged) == at
    assert read_instant(tagged.stamp(at), tagged) == at


@given(st.text(max_size=40) | st.from_regex(r"[0-9T:.+Z-]{8,35}", fullmatch=True))
def test_reading_raises_nothing_but_value_errors(text) -> None:
    for read in (read_instant, read_wall, read_open):
        try:
            read(text, style())
        except ValueError:
            continue


def test_hostile_texts_are_refused() -> None:
    for text in ("2026-01-01T10:00:00." + "1" * 1_000_000, "0" * 1_000_000, "0001-01-01T" + ":" * 1_000_000):
        with no_hang(), steps() as work, pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
            read_open(text, style())
        assert work.number <= 200
