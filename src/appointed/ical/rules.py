"""A rule of the domain in the words of RFC 5545 §3.3.10."""

from collections.abc import Callable

from icalendar import vRecur

from appointed.domain.recurrence import EVERY_DAY, LAST_WEEK, WORKDAYS, DayStep, Pattern, Rule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def rrule_of(rule: Rule, occurrences: int) -> vRecur | None:
    """Say a rule as the RRULE of a series that begins on the rule's first day; None when no RRULE can.

    It ends by number, whatever the rule ends by: so no reader has to know which zone an end is in.
    """
    words = _WORDS.get(rule.pattern)
    return None if words is None else vRecur(words(rule) | {"COUNT": occurrences, "WKST": "MO"})


def _daily(rule: Rule) -> dict[str, object]:
    if rule.step is not DayStep.CYCLE:
        return {"FREQ": "WEEKLY", "BYDAY": _weekdays(WORKDAYS)}
    return {"FREQ": "DAILY", "INTERVAL": max(rule.cycle, 1)}


def _weekly(rule: Rule) -> dict[str, object]:
    return {"FREQ": "WEEKLY", "INTERVAL": max(rule.cycle, 1), "BYDAY": _weekdays(_chosen(rule))}


def _monthly(rule: Rule) -> dict[str, object]:
    return {"FREQ": "MONTHLY", "INTERVAL": max(rule.cycle, 1), **_in_month(rule)}


def _yearly(rule: Rule) -> dict[str, object]:
    return {"FREQ": "YEARLY", "BYMONTH": rule.month or rule.starts_on.month, **_in_month(rule)}


def _in_month(rule: Rule) -> dict[str, object]:
    if not rule.week:
        return {"BYMONTHDAY": rule.day or rule.starts_on.day}
    place = -1 if rule.week >= LAST_WEEK else rule.week
    return {"BYDAY": [f"{place}{weekday}" for weekday in _weekdays(_chosen(rule))]}


def _chosen(rule: Rule) -> int:
    return rule.weekdays & EVERY_DAY or 1 << rule.starts_on.weekday()


def _weekdays(bits: int) -> list[str]:
    return [name for number, name in enumerate(WEEKDAYS) if bits >> number & 1]


_WORDS: dict[Pattern, Callable[[Rule], dict[str, object]]] = {
    Pattern.DAILY: _daily,
    Pattern.WEEKLY: _weekly,
    Pattern.MONTHLY: _monthly,
    Pattern.YEARLY: _yearly,
}
