"""An RRULE in the words of the domain, as far as its rules say the same (RFC 5545 §3.3.10)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.recurrence import LAST_WEEK, Pattern, Rule, shifted
from appointed.ical.rules import WEEKDAYS

Words = dict[str, list[Any]]
# A rule without an end goes on for a year.
YEAR: Final = 365
COMMON: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
IN_MONTH: Final = frozenset({"BYMONTHDAY", "BYDAY"})


class UnreadableRule(ValueError):
    """The rule is none that a series here can follow; the message says why."""


def rule_from(words: Words, starts_at: date | datetime, zone: ZoneInfo) -> Rule:
    """Read the rule of an event that first happens at `starts_at`, on the wall of `zone`.

    A rule without an end ends after a year. Raises UnreadableRule.
    """
    first = starts_at.date() if isinstance(starts_at, datetime) else starts_at
    freq = str(_one(words, "FREQ")).upper()
    known = _READERS.get(freq)
    if known is None:
        raise UnreadableRule(f"its rule repeats {freq.lower()[:20]}")
    allowed, read = known
    beyond = sorted(name for name, values in words.items() if values and name not in allowed | COMMON)
    if beyond:
        raise UnreadableRule(f"its rule has {', '.join(beyond)[:100]}")
    return _ended(read(words, first), words, starts_at, zone)


def is_endless(words: Words) -> bool:
    """Tell whether a rule has no end of its own."""
    return not words.get("COUNT") and not words.get("UNTIL")


def _ended(rule: Rule, words: Words, starts_at: date | datetime, zone: ZoneInfo) -> Rule:
    if words.get("COUNT"):
        return replace(rule, count=_number(words, "COUNT", 1))
    until = _one(words, "UNTIL") if words.get("UNTIL") else None
    if until is None:
        return replace(rule, ends_on=shifted(rule.starts_on, YEAR))
    if not isinstance(until, datetime):
        return replace(rule, ends_on=until)
    last = until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until
    is_over = isinstance(starts_at, datetime) and last.time() < starts_at.time()
    return replace(rule, ends_on=last.date() - timedelta(days=is_over))


def _daily(words: Words, first: date) -> Rule:
    return Rule(pattern=Pattern.DAILY, starts_on=first, cycle=_number(words, "INTERVAL", 1))


def _weekly(words: Words, first: date) -> Rule:
    cycle = _number(words, "INTERVAL", 1)
    if cycle > 1 and str((words.get("WKST") or ["MO"])[0]).upper() != "MO":
        raise UnreadableRule("its weeks do not begin on Monday")
    bits = 0
    for place, weekday in _weekdays(words):
        if place:
            raise UnreadableRule("its rule counts weekdays of a week")
        bits |= 1 << weekday
    return Rule(pattern=Pattern.WEEKLY, starts_on=first, cycle=cycle, weekdays=bits)


def _monthly(words: Words, first: date) -> Rule:
    rule = Rule(pattern=Pattern.MONTHLY, starts_on=first, cycle=_number(words, "INTERVAL", 1))
    return _in_month(rule, words)


def _yearly(words: Words, first: date) -> Rule:
    if _number(words, "INTERVAL", 1) != 1:
        raise UnreadableRule("its rule leaves out years")
    month = _number(words, "BYMONTH", first.month)
    if words.get("BYDAY") and not words.get("BYMONTH"):
        raise UnreadableRule("its rule counts weekdays of a year")
    return _in_month(Rule(pattern=Pattern.YEARLY, starts_on=first, month=month), words)


def _in_month(rule: Rule, words: Words) -> Rule:
    days = words.get("BYMONTHDAY") or []
    if days and words.get("BYDAY"):
        raise UnreadableRule("its rule has both days and weekdays of a month")
    if days:
        return replace(rule, day=_number(words, "BYMONTHDAY", 0))
    weekdays = _weekdays(words)
    if not weekdays:
        return rule
    (place, weekday), *more = weekdays
    if more or place not in (1, 2, 3, 4, -1):
        raise UnreadableRule("its rule takes several weekdays of a month, or one from its end")
    return replace(rule, week=LAST_WEEK if place < 0 else place, weekdays=1 << weekday)


def _weekdays(words: Words) -> list[tuple[int, int]]:
    found = []
    for one in words.get("BYDAY") or []:
        text = str(one).upper()
        if text[-2:] not in WEEKDAYS:
            raise UnreadableRule("its rule names no weekday")
        place = text[:-2].removeprefix("+")
        found.append((int(place) if place else 0, WEEKDAYS.index(text[-2:])))
    return found


def _number(words: Words, name: str, otherwise: int) -> int:
    if not words.get(name):
        return otherwise
    found = int(_one(words, name))
    if found < 1:
        raise UnreadableRule(f"its rule counts {name} from the end, or not at all")
    return found


def _one(words: Words, name: str) -> Any:
    values = words.get(name) or [""]
    if len(values) != 1:
        raise UnreadableRule(f"its rule has several {name}")
    return values[0]


_READERS: dict[str, tuple[frozenset[str], Callable[[Words, date], Rule]]] = {
    "DAILY": (frozenset(), _daily),
    "WEEKLY": (frozenset({"BYDAY"}), _weekly),
    "MONTHLY": (IN_MONTH, _monthly),
    "YEARLY": (IN_MONTH | {"BYMONTH"}, _yearly),
}
