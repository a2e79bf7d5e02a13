"""Days of rules, by hand where a rule is easily got wrong, and against python-dateutil for random ones."""

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from msgspec.structs import replace

from appointed.domain.recurrence import (
    EVERY_DAY,
    LAST_WEEK,
    DayStep,
    Pattern,
    Rule,
    begun,
    days_left,
    days_of,
    ended,
    endless_days,
    instant_on,
    leaving_out,
    moved,
    of_dates,
    wall_of,
)
from tests.seeds import a_seed

RANDOM_RULES = 10_000 if os.environ.get("APPOINTED_TEST_SIZE") == "full" else 500
MONDAY, WEDNESDAY, FRIDAY = 1, 4, 16
WEEKS = Rule(pattern=Pattern.WEEKLY, starts_on=date(2026, 3, 16), weekdays=MONDAY, count=4)


def d(text: str) -> date:
    return date.fromisoformat(text)


CASES: dict[str, tuple[Rule, list[str]]] = {
    "every third day": (
        Rule(pattern=Pattern.DAILY, starts_on=d("2026-02-26"), cycle=3, count=3),
        ["2026-02-26", "2026-03-01", "2026-03-04"],
    ),
    "every workday from a Saturday": (
        Rule(pattern=Pattern.DAILY, starts_on=d("2026-11-21"), step=DayStep.WORKDAY, count=2),
        ["2026-11-23", "2026-11-24"],
    ),
    "Monday, Wednesday and Friday, the end counts": (
        Rule(
            pattern=Pattern.WEEKLY,
            starts_on=d("2026-11-17"),
            ends_on=d("2026-11-25"),
            weekdays=MONDAY | WEDNESDAY | FRIDAY,
        ),
        ["2026-11-18", "2026-11-20", "2026-11-23", "2026-11-25"],
    ),
    "every second week counts from the week of the start": (
        Rule(pattern=Pattern.WEEKLY, starts_on=d("2026-11-18"), cycle=2, weekdays=MONDAY, count=2),
        ["2026-11-30", "2026-12-14"],
    ),
    "no weekday is that of the start": (
        Rule(pattern=Pattern.WEEKLY, starts_on=d("2026-11-18"), count=2),
        ["2026-11-18", "2026-11-25"],
    ),
    "the 31st skips short months": (
        Rule(pattern=Pattern.MONTHLY, starts_on=d("2026-01-31"), day=31, count=3),
        ["2026-01-31", "2026-03-31", "2026-05-31"],
    ),
    "the last Friday": (
        Rule(pattern=Pattern.MONTHLY, starts_on=d("2026-01-01"), week=LAST_WEEK, weekdays=FRIDAY, count=3),
        ["2026-01-30", "2026-02-27", "2026-03-27"],
    ),
    "the second Monday of every third month": (
        Rule(pattern=Pattern.MONTHLY, starts_on=d("2026-01-13"), week=2, weekdays=MONDAY, cycle=3, count=2),
        ["2026-04-13", "2026-07-13"],
    ),
    "leap days": (
        Rule(pattern=Pattern.YEARLY, starts_on=d("2026-01-01"), month=2, day=29, count=2),
        ["2028-02-29", "2032-02-29"],
    ),
    "a day that never comes": (
        Rule(pattern=Pattern.YEARLY, starts_on=d("2026-01-01"), month=2, day=31),
        [],
    ),
    "dates by hand, sorted, each once": (
        Rule(
            pattern=Pattern.CUSTOM,
            starts_on=d("2026-01-01"),
            dates=(d("2026-03-01"), d("2026-02-01"), d("2026-03-01")),
        ),
        ["2026-02-01", "2026-03-01"],
    ),
    "the end of the calendar": (
        Rule(pattern=Pattern.DAILY, starts_on=d("9999-12-30")),
        ["9999-12-30", "9999-12-31"],
    ),
    "the beginning of the calendar": (
        Rule(pattern=Pattern.WEEKLY, starts_on=d("0001-01-01"), weekdays=MONDAY, count=1),
        ["0001-01-01"],
    ),
    "the last week of the calendar": (
        Rule(pattern=Pattern.WEEKLY, starts_on=d("9999-12-27"), weekdays=EVERY_DAY),
        ["9999-12-27", "9999-12-28", "9999-12-29", "9999-12-30", "9999-12-31"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_days(name: str) -> None:
    rule, expected = CASES[name]
    assert [day.isoformat() for day in days_of(rule)] == expected


def test_most_is_the_end_of_a_rule_without_one() -> None:
    rule = Rule(pattern=Pattern.DAILY, starts_on=d("2026-01-01"))
    assert len(days_of(rule)) == 2000
    assert len(days_of(rule, most=3)) == 3


def test_months_end_with_the_calendar() -> None:
    rule = Rule(pattern=Pattern.MONTHLY, starts_on=d("9999-10-20"), day=15)
    assert days_of(rule) == [d("9999-11-15"), d("9999-12-15")]


def test_a_rule_that_begins_later_keeps_its_steps() -> None:
    fortnightly = Rule(pattern=Pattern.WEEKLY, starts_on=d("2026-03-16"), weekdays=MONDAY, cycle=2, count=4)
    later = begun(fortnightly, d("2026-03-23"))
    assert (later.pattern, later.count) == (Pattern.WEEKLY, 3)
    assert days_of(later) == [d("2026-03-30"), d("2026-04-13"), d("2026-04-27")]
    assert days_of(begun(fortnightly, d("2027-01-01"))) == []


def random_rule(random_source: random.Random) -> Rule:
    starts_on = date(random_source.randint(2020, 2035), 1, 1) + timedelta(days=random_source.randint(0, 364))
    by_week = random_source.random() < 0.5
    return Rule(
        pattern=random_source.choice([Pattern.DAILY, Pattern.WEEKLY, Pattern.MONTHLY, Pattern.YEARLY]),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=random_source.randint(0, 4000))
        if random_source.random() < 0.5
        else None,
        cycle=random_source.randint(1, 5),
        step=random_source.choice([DayStep.CYCLE, DayStep.CYCLE, DayStep.WORKDAY]),
        weekdays=random_source.randint(0, EVERY_DAY),
        day=0 if by_week else random_source.randint(0, 31),
        week=random_source.randint(1, LAST_WEEK) if by_week else 0,
        month=random_source.randint(0, 12),
    )


def by_dateutil(rule: Rule) -> list[date]:
    """Say the same rule in the words of RFC 5545."""
    chosen = rule.weekdays or 1 << rule.starts_on.weekday()
    weekdays = [rrule.weekday(number) for number in range(7) if chosen >> number & 1]
    words: dict[str, object] = {"dtstart": datetime.combine(rule.starts_on, time()), "wkst": rrule.MO}
    if rule.ends_on is not None:
        words["until"] = datetime.combine(rule.ends_on, time())
    if rule.pattern is Pattern.DAILY and rule.step is DayStep.CYCLE:
        words |= {"freq": rrule.DAILY, "interval": rule.cycle}
    elif rule.pattern is Pattern.DAILY:
        words |= {"freq": rrule.DAILY, "byweekday": range(5)}
    elif rule.pattern is Pattern.WEEKLY:
        words |= {"freq": rrule.WEEKLY, "interval": rule.cycle, "byweekday": weekdays}
    else:
        is_yearly = rule.pattern is Pattern.YEARLY
        words |= {"freq": rrule.MONTHLY, "interval": 1 if is_yearly else rule.cycle}
        if is_yearly:
            words["bymonth"] = rule.month or rule.starts_on.month
        if rule.week:
            place = -1 if rule.week == LAST_WEEK else rule.week
            words["byweekday"] = [weekday(place) for weekday in weekdays]
        else:
            words["bymonthday"] = rule.day or rule.starts_on.day
    return [at.date() for at in islice(rrule.rrule(**words), 60)]  # type: ignore[arg-type]  # one call, all words


def test_random_rules_agree_with_dateutil() -> None:
    seed = a_seed()
    source = random.Random(seed)
    for _number in range(RANDOM_RULES):
        rule = random_rule(source)
        ours = list(islice(endless_days(rule), 60))
        assert ours == by_dateutil(rule), f"seed {seed}: {rule}"
        assert ours == sorted(set(ours)), f"seed {seed}: {rule}"


ZONES = (
    "Europe/Oslo",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Auckland",
)
# Between them they meet every gap of these zones: Chile's and Egypt's is at midnight, Lord Howe's half an hour.
WALLS = (time(0, 30), time(1, 30), time(2, 15), time(2, 30), time(10), time(23, 30))


@pytest.mark.parametrize("name", ZONES)
def test_wall_time_holds_over_every_transition(name: str) -> None:
    zone = ZoneInfo(name)
    day = d("2020-01-01")
    changed, gaps, twice = set[date](), set[date](), set[date]()
    while day.year < 2036:
        tomorrow = day + timedelta(days=1)
        if (
            datetime.combine(day, time(), zone).utcoffset()
            != datetime.combine(tomorrow, time(), zone).utcoffset()
        ):
            changed.add(day)
        for wall in WALLS:
            at = instant_on(day, wall, zone)
            shown = at.astimezone(zone)
            naive = datetime.combine(day, wall)
            if shown.replace(tzinfo=None, fold=0) == naive:
                # Of two times that read the same, the first.
                assert shown.fold == 0
                if shown.replace(fold=1).utcoffset() != shown.utcoffset():
                    twice.add(day)
            else:
                # Skipped by the clock: the offset before the gap, so it reads later than asked.
                before = (at - timedelta(hours=3)).astimezone(zone).utcoffset()
                assert before is not None
                assert at == (naive - before).replace(tzinfo=UTC)
                assert shown.replace(tzinfo=None) > naive
                gaps.add(day)
        day = tomorrow
    # Each change of the clock was met: at the times that it skips, or at those that come twice.
    assert gaps
    assert twice
    assert changed == gaps | twice


def test_an_all_day_event_is_measured_on_the_wall() -> None:
    oslo = ZoneInfo("Europe/Oslo")
    starts_at = instant_on(d("2026-03-28"), time(0), oslo)
    ends_at = instant_on(d("2026-03-30"), time(0), oslo)
    assert ends_at - starts_at == timedelta(hours=47)
    whole = wall_of(starts_at, ends_at, oslo, is_all_day=True)
    assert whole.on(d("2026-03-28"), oslo) == (starts_at, ends_at)
    assert whole.on(d("2026-05-01"), oslo)[1] - whole.on(d("2026-05-01"), oslo)[0] == timedelta(hours=48)
    timed = wall_of(starts_at, ends_at, oslo, is_all_day=False)
    assert timed.on(d("2026-05-01"), oslo)[1] - timed.on(d("2026-05-01"), oslo)[0] == timedelta(hours=47)


def test_a_rule_moves_within_its_pattern_or_becomes_a_list() -> None:
    weekly = Rule(pattern=Pattern.WEEKLY, starts_on=d("2026-11-16"), weekdays=MONDAY | FRIDAY, count=4)
    assert moved(weekly, 1) == Rule(
        pattern=Pattern.WEEKLY, starts_on=d("2026-11-17"), weekdays=2 | 32, count=4
    )
    monthly = Rule(pattern=Pattern.MONTHLY, starts_on=d("2026-01-30"), day=30, count=3)
    assert moved(monthly, 2).pattern is Pattern.CUSTOM
    assert days_of(moved(monthly, 2)) == [d("2026-02-01"), d("2026-04-01"), d("2026-05-02")]


def test_a_moved_begun_or_ended_rule_keeps_its_days() -> None:
    seed = a_seed()
    source = random.Random(seed)
    for _number in range(RANDOM_RULES // 10):
        rule = random_rule(source)
        days = days_of(rule, most=200)
        if not days:
            continue
        rule = ended(rule, days[-1])
        by = source.randint(-40, 40)
        assert days_of(moved(rule, by)) == [day + timedelta(days=by) for day in days], f"seed {seed}: {rule}"
        middle = source.choice(days)
        between = middle - timedelta(days=source.randint(0, 20))
        for first in (middle, between):
            later = [day for day in days if day >= first]
            assert days_of(begun(rule, first)) == later, f"seed {seed}: {rule}"
        assert days_of(ended(rule, middle)) == [day for day in days if day <= middle], f"seed {seed}: {rule}"
        counted = Rule(pattern=Pattern.DAILY, starts_on=days[0], count=9, cycle=source.randint(1, 4))
        later = days_of(counted)[4]
        assert days_of(begun(counted, later)) == days_of(counted)[4:], f"seed {seed}: {counted}"


def test_what_is_left_out_counts_and_goes_where_the_rule_goes() -> None:
    rule = replace(WEEKS, left_out=(d("2026-03-30"),))
    monday = [d("2026-03-16"), d("2026-03-23"), d("2026-03-30"), d("2026-04-06")]
    assert days_of(rule) == monday
    assert days_left(rule) == [monday[0], monday[1], monday[3]]
    tuesday = [day + timedelta(days=1) for day in monday]
    assert days_left(moved(rule, 1)) == [tuesday[0], tuesday[1], tuesday[3]]
    assert begun(rule, monday[1]).left_out == ended(rule, monday[2]).left_out == (monday[2],)
    assert begun(rule, monday[3]).left_out == ended(rule, monday[1]).left_out == ()
    # What becomes a list of dates has none that nobody wants.
    monthly = Rule(pattern=Pattern.MONTHLY, starts_on=d("2026-01-30"), day=30, count=3)
    assert moved(leaving_out(monthly, [d("2026-03-30")]), 2).dates == (d("2026-02-01"), d("2026-05-02"))


def test_days_are_taken_out_of_a_rule_as_long_as_one_is_left() -> None:
    monday = days_of(WEEKS)
    once = leaving_out(WEEKS, [monday[1], d("2026-03-24")])
    assert once.left_out == (monday[1],)
    assert leaving_out(once, [monday[2]]).left_out == (monday[1], monday[2])
    assert leaving_out(once, monday) is once
    by_hand = of_dates(monday)
    assert leaving_out(by_hand, [monday[3]]) == of_dates(monday[:3])
    assert leaving_out(by_hand, [d("2026-03-24")]) is by_hand
