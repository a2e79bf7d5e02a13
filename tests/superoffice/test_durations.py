"""Durations in their three forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.superoffice.durations import LONGEST_MINUTES, read_minutes, write_minutes

WRITTEN = {
    0: "00:00:00",
    1: "00:01:00",
    15: "00:15:00",
    90: "01:30:00",
    1439: "23:59:00",
    1440: "1.00:00:00",
    1501: "1.01:01:00",
    65_535: "45.12:15:00",
}


@pytest.mark.parametrize(("minutes", "text"), WRITTEN.items())
@pytest.mark.clause("SO-WIRE-009")
def test_minutes_are_written_and_read(minutes, text) -> None:
    assert write_minutes(minutes) == text
    assert read_minutes(text) == minutes


READ = {
    "00:15": 15,
    "1:30": 90,
    "0:05:00": 5,
    "1.00:30": 1470,
    "00:15:59": 15,
    "00:15:00.9999999": 15,
    "PT15M": 15,
    "pt15m": 15,
    "PT1H30M": 90,
    "P1D": 1440,
    "P1DT1H": 1500,
    "P2W": 20_160,
    "PT90M": 90,
    "PT36H": 2160,
    "PT0S": 0,
    "PT59S": 0,
    "PT120S": 2,
    "PT60.999S": 1,
    "PT65535M": 65_535,
    "P45DT12H15M59S": 65_535,
}


@pytest.mark.parametrize(("text", "minutes"), READ.items())
@pytest.mark.clause("SO-WIRE-009")
def test_other_forms_are_read(text, minutes) -> None:
    assert read_minutes(text) == minutes


REFUSED = [
    "", " ", "15", "est", "00:60", "24:00", "25:00:00", "00:00:60", "-00:15:00", "-PT15M", "PT-15M", "+PT15M", "P",
    "PT", "P1DT", "P1Y", "P1M", "PT1.5H", "PT15", "15M", "P1", "P15MT", " PT15M", "PT15M ", "PT15M\n", "00:15:00Z",
    "00:15:00.", "1.2.00:00", "45.12:16:00", "PT65536M", "P46D", "99999.00:00:00", "PT" + "9" * 5_000 + "M", "٠٠:١٥",
    "1.", ".00:15", None, 15, 15.0, True, ["PT15M"], {},
]  # fmt: skip


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value)[:20])
def test_what_is_no_duration_is_refused(value) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
        read_minutes(value)


@given(st.integers(0, LONGEST_MINUTES))
def test_each_length_is_read_back(minutes) -> None:
    assert read_minutes(write_minutes(minutes)) == minutes


@given(st.text(max_size=20) | st.from_regex(r"[PT0-9DHMSW:.]{1,20}", fullmatch=True))
def test_reading_gives_minutes_or_a_value_error(text) -> None:
    try:
        assert 0 <= read_minutes(text) <= LONGEST_MINUTES
    except ValueError:
        return
