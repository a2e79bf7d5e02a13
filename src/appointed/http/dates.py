"""Dates as HTTP writes them (RFC 9110 §5.6.7)."""

import re
from datetime import UTC, datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_MONTH = r"(?P<month>[a-z]{3})"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"[a-z]{{3}}, (?P<day>\d\d?) {_MONTH} (?P<year>\d{{4}}) {_TIME} (?:GMT|UTC)",
        rf"[a-z]{{6,9}}, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"[a-z]{{3}} {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)

# A year of two digits reads as Unix does it; no appointment is older than that.
_CENTURY_PIVOT = 70


def http_date(at: datetime) -> str:
    """Write an aware UTC instant as IMF-fixdate; parts of a second are dropped."""
    return (
        f"{DAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year:04}"
        f" {at.hour:02}:{at.minute:02}:{at.second:02} GMT"
    )


def parse_http_date(text: str) -> datetime | None:
    """Read any of the three forms as an aware UTC instant; None for what is no date."""
    for form in _FORMS:
        found = form.fullmatch(text.strip())
        if found is not None:
            return _instant(found.groupdict())
    return None


def _instant(parts: dict[str, str]) -> datetime | None:
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= _CENTURY_PIVOT else 2000
    # A leap second has no place of its own in our time; it is the last second of its minute.
    second = min(int(parts["second"]), 59) if parts["second"] <= "60" else 99
    try:
        return datetime(
            year,
            _MONTH_NUMBERS.get(parts["month"].lower(), 0),
            int(parts["day"]),
            int(parts["hour"]),
            int(parts["minute"]),
            second,
            tzinfo=UTC,
        )
    except ValueError:
        return None
