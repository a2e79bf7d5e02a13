"""Dates in and out (AppointmentResource: date-time; bad input 8)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.sqod.moments import read_day, read_instant, write_instant, write_second

AT = datetime(2025, 8, 19, 16, 50, tzinfo=UTC)


@pytest.mark.clause("SQ-TIME-naive", "SQ-TIME-read")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-19T16:50:00.000000", AT),
        ("2025-08-19T16:50:00.000Z", AT),
        ("2025-08-19T16:50:00Z", AT),
        ("2025-08-19T16:50Z", AT),
        ("2025-08-19t16:50:00z", AT),
        ("2025-08-19 16:50", AT),
        ("2025-08-19 16:50:00", AT),
        ("2025-08-19T18:50:00+02:00", AT),
        ("2025-08-19T18:50:00+0200", AT),
        ("2025-08-19T11:20:00-05:30", AT),
        ("2025-08-20T02:50:00.0+10:00", AT),
        ("2025-08-19", datetime(2025, 8, 19, tzinfo=UTC)),
        ("2025-08-19T16:50:00.5", AT.replace(microsecond=500_000)),
        ("2025-08-19T16:50:00.123456", AT.replace(microsecond=123_456)),
        ("2025-08-19T16:50:00.123456789Z", AT.replace(microsecond=123_456)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("9997-12-31T23:59:59", datetime(9997, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_utc(text, expected):
    read = read_instant(text)
    assert read == expected
    assert read.tzinfo is UTC


@pytest.mark.clause("SQ-TIME-refused")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-02-30",
        "2026-02-30T10:00:00Z",
        "2025-02-29",
        "10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01",
        "2026-04-20T10:00:61Z",
        "2026-04-20T10:60:00Z",
        "2026-04-20T24:00:00Z",
        "2026-13-01",
        "1745143200",
        "20260420",
        "20260420T100000Z",
        "2026-W17-1",
        "2026-04-20T10",
        "2026-04-20T10:00:00.",
        "2026-04-20T10:00:00.1234567890",
        "2026-04-20T10:00:00,5",
        "2026-04-20T10:00:00+2",
        "2026-04-20T10:00:00+02:75",
        "2026-04-20T10:00:00+24:00",
        "2026-04-20T10:00:00 +02:00",
        "2026-04-20Z",
        "\u0662\u0660\u0662\u0666-04-20",
        "2026-04-20T10:00:00Z\n",
    ],
)
def test_what_is_no_date_is_refused(text):
    assert read_instant(text) is None


FIRST, LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9997, 12, 31, tzinfo=UTC)


@given(
    st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)),
)
def test_an_instant_comes_back_as_it_went(instant):
    written = write_instant(instant)
    assert len(written) == 27
    assert read_instant(written) == instant


@pytest.mark.clause("SQ-TIME-written", "SQ-TIME-meeting")
def test_instants_are_written_in_two_forms():
    assert write_instant(AT) == "2025-08-19T16:50:00.000000Z"
    assert write_instant(AT.replace(microsecond=7)) == "2025-08-19T16:50:00.000007Z"
    assert write_second(AT.replace(microsecond=999_999)) == "2025-08-19T16:50:00Z"
    assert write_second(datetime(2, 1, 1, tzinfo=UTC)) == "0002-01-01T00:00:00Z"


@pytest.mark.clause("SQ-TIME-birthday")
def test_days_are_plain():
    assert read_day("1990-01-01") == date(1990, 1, 1)
    for text in (
        "",
        "1990-1-1",
        "1990-02-30",
        "19900101",
        "1990-01-01T00:00:00Z",
        "1990-W01-1",
        "01/01/1990",
    ):
        assert read_day(text) is None
