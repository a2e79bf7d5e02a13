"""Members of a request that makes or changes a department (ours: ADR 0116)."""

import re
from typing import Any, Final

from msgspec.structs import replace

from appointed.domain.directory import DataFieldType
from appointed.domain.hours import DAY_MINUTES
from appointed.domain.letter import Channel
from appointed.domain.meeting import Bandwidth
from appointed.sqod.readers import integer, one_of, read_birthday, read_boolean, read_uuid, text
from appointed.sqod.rules import PATCH, SWITCHES
from appointed.sqod.validation import Broken, Null, Rule, Table

LONGEST_NAME: Final = 219
MOST_MINUTES: Final = DAY_MINUTES
MOST_DAYS: Final = 36_500
MOST_CHOICES: Final = 100
MOST_ID: Final = 2**31 - 1
MOST_LANGUAGE: Final = 20
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_REMINDER_MINUTES: Final = 14 * DAY_MINUTES
LONGEST_SUPPORT: Final = 500
# Switches of the ways by which claimants are told.
WAYS: Final = {"invite_by_email": Channel.EMAIL, "invite_by_sms": Channel.SMS}
LANGUAGE: Final = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_LANGUAGE: Final = re.compile(LANGUAGE, re.ASCII)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)


def read_time(value: Any) -> int | Broken:
    """Read a time of day as its minute; 24:00 is the end of the day."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return Broken("time")
    hours, _colon, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


def read_weekday(value: Any) -> int | Broken:
    """Read a day of the week, 0 for Monday."""
    name = value.lower() if isinstance(value, str) else ""
    return WEEKDAYS.index(name) if name in WEEKDAYS else Broken("in")


def read_language(value: Any) -> str | Broken:
    """Read a language by its code, as in "en" or "cy-GB"."""
    if isinstance(value, str) and len(value) <= MOST_LANGUAGE and _LANGUAGE.fullmatch(value):
        return value.lower()
    return Broken("in")


def read_choices(value: Any) -> tuple[str, ...] | Broken:
    """Read a list of texts, none twice."""
    if not isinstance(value, dict | list):
        return Broken("array")
    rows = list(value.values()) if isinstance(value, dict) else value
    if len(rows) > MOST_CHOICES:
        return Broken("most", MOST_CHOICES)
    read = [text(LONGEST_NAME)(row) for row in rows]
    broken = next((one for one in read if isinstance(one, Broken)), None)
    if broken is not None:
        return broken
    return tuple(read) if len(set(read)) == len(read) else Broken("distinct")


DATA_FIELD: Final[Table] = {
    "id": Rule(read=read_uuid, null=Null.LEAVES),
    "name": Rule(read=text(LONGEST_NAME), is_required=True),
    "type": Rule(read=one_of(DataFieldType), null=Null.LEAVES),
    "required": Rule(read=read_boolean, null=Null.LEAVES),
    "choices": Rule(read=read_choices, null=Null.LEAVES),
}
OPENING: Final[Table] = {
    "weekday": Rule(read=read_weekday, is_required=True),
    "opens": Rule(read=read_time, is_required=True),
    "closes": Rule(read=read_time, is_required=True),
}
HOLIDAY: Final[Table] = {
    "date": Rule(read=read_birthday, is_required=True),
    "name": Rule(read=text(LONGEST_NAME), null=Null.LEAVES),
}
REDIRECTS: Final = (
    "use_custom_post_call_redirect",
    "custom_user_post_call_redirect_url",
    "custom_agent_post_call_redirect_url",
)
UPDATE: Final[Table] = {
    "name": Rule(read=text(LONGEST_NAME)),
    "default_user_id": Rule(read=integer(1, MOST_ID)),
    "late_after_minutes": Rule(read=integer(0, MOST_MINUTES)),
    "no_show_after_minutes": Rule(read=integer(0, MOST_MINUTES)),
    **dict.fromkeys(WAYS, Rule(read=read_boolean)),
    "reminder_minutes": Rule(read=integer(0, MOST_REMINDER_MINUTES)),
    "language": Rule(read=read_language),
    "support_text": Rule(read=text(LONGEST_SUPPORT), null=Null.CLEARS, cleared=""),
    "retention_days": Rule(read=integer(1, MOST_DAYS), null=Null.CLEARS),
    "opening_hours": Rule(rows=OPENING, null=Null.CLEARS),
    "holidays": Rule(rows=HOLIDAY, null=Null.CLEARS, cleared=()),
    "data_fields": Rule(rows=DATA_FIELD, null=Null.CLEARS, cleared=()),
    **dict.fromkeys(SWITCHES, Rule(read=read_boolean)),
    "features_bandwidth": Rule(read=one_of(Bandwidth), null=Null.LEAVES),
    **{name: PATCH[name] for name in REDIRECTS},
}
STORE: Final[Table] = {
    name: replace(rule, is_required=name in ("name", "default_user_id")) for name, rule in UPDATE.items()
}
# How many rows each list may have.
MOST_ROWS: Final = {"opening_hours": 70, "holidays": 1000, "data_fields": 50}
