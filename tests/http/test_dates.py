from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.http.dates import http_date, parse_http_date

EXAMPLE = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
        "Mon, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_the_three_forms_are_read(text: str) -> None:
    assert parse_http_date(text) == EXAMPLE


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Sunday, 06-Nov-69 08:49:37 GMT", 2069),
        ("Sunday, 06-Nov-70 08:49:37 GMT", 1970),
        ("Sunday, 06-Nov-26 08:49:37 GMT", 2026),
    ],
)
def test_two_digits_of_a_year(text: str, year: int) -> None:
    read = parse_http_date(text)
    assert read is not None
    assert read.year == year


def test_a_leap_second_is_the_last_second() -> None:
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 +0200",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 30 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nuv 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, ٠6 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "784111777",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


FIRST = datetime(1000, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)


@given(st.timedeltas(timedelta(0), LAST - FIRST))
def test_dates_are_written_as_the_standard_library_does_and_read_back(since: timedelta) -> None:
    at = FIRST + since
    assert http_date(at) == format_datetime(at, usegmt=True)
    read = parse_http_date(http_date(at))
    assert read is not None
    assert timedelta(0) <= at - read < timedelta(seconds=1)
