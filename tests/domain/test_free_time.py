"""Free times: by hand where it matters, and against a walk over every minute."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from appointed.domain.directory import Associate, Department, Directory, Tenant
from appointed.domain.free_time import SeriesWish, Wish, hours_of, slots, walls
from appointed.domain.hours import (
    DAY_MINUTES,
    USUAL,
    Holiday,
    Hours,
    Opening,
    Slot,
    Span,
    common,
    merged,
    without,
)
from appointed.domain.recurrence import Wall
from tests.seeds import a_seed

OSLO = ZoneInfo("Europe/Oslo")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
USUAL_HOURS = Hours((USUAL,), frozenset())


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Give an instant by the clock in Oslo in March 2026; the 2nd is a Monday, the 29th changes the clock."""
    return datetime(2026, 3, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


def wish(**more: object) -> Wish:
    values: dict[str, object] = {"since": at(2, 0), "until": at(9, 0), "length": HOUR}
    return Wish(**(values | more))  # type: ignore[arg-type] # a test's own words


def starts(wanted: Wish, *busy: Span, hours: Hours = USUAL_HOURS) -> list[datetime]:
    return [slot.starts_at for slot in slots(wanted, hours, busy, OSLO)]


def test_times_follow_each_other_within_the_hours() -> None:
    found = starts(wish(until=at(3, 9)))
    assert found == [at(2, hour) for hour in range(8, 16)] + [at(3, 8)]


def test_a_slot_tells_the_whole_free_time() -> None:
    first, *_rest = slots(wish(), USUAL_HOURS, [Span(at(2, 7), at(2, 9)), Span(at(2, 12), at(2, 13))], OSLO)
    assert first == Slot(at(2, 9), at(2, 10), at(2, 9), at(2, 12))


def every(*days: date, hour: int = 10, **more: object) -> SeriesWish:
    values: dict[str, object] = {
        "days": days,
        "wall": Wall(time(hour), HOUR, is_all_day=False),
        "zone": OSLO,
        "since": MONDAY - DAY,
    }
    return SeriesWish(**(values | more))  # type: ignore[arg-type] # a test's own words


def times(wanted: SeriesWish, *busy: Span, hours: Hours = USUAL_HOURS) -> list[str]:
    return [f"{wall.start:%H:%M}" for wall in walls(wanted, hours, busy, OSLO)]


TUESDAYS = tuple(date(2026, 3, 3) + n * timedelta(weeks=1) for n in range(5))


def test_a_time_for_a_series_is_free_on_each_of_its_dates_and_the_next_come_first() -> None:
    busy = Span(at(10, 10), at(10, 11)), Span(at(17, 12, 30), at(17, 13)), Span(at(31, 9), at(31, 10))
    assert times(every(*TUESDAYS), *busy) == ["11:00", "13:00", "14:00", "15:00", "08:00"]
    # Lead and lag count, and on a day on which all is closed anything goes.
    apart = {"lead": 30 * MINUTE, "lag": 15 * MINUTE}
    assert times(every(*TUESDAYS, **apart), *busy) == ["13:30", "14:30"]
    sunday = date(2026, 3, 8)
    assert times(every(sunday, hour=7), Span(at(8, 9), at(9, 0)))[:3] == ["07:00", "08:00", "00:00"]
    assert times(every(sunday, TUESDAYS[0], hour=7))[:1] == ["08:00"]


def test_times_for_what_takes_none_are_no_twins() -> None:
    nothing = Wall(time(15, 58), timedelta(), is_all_day=False)
    assert times(every(*TUESDAYS, wall=nothing))[:4] == ["15:58", "15:59", "16:00", "08:00"]


def test_no_date_of_a_series_is_put_into_the_past() -> None:
    assert times(every(*TUESDAYS, since=at(3, 13, 20))) == ["13:20", "14:20"]
    assert times(every(*TUESDAYS, since=at(5, 0))) == []


def test_a_time_for_a_series_is_free_by_the_instant_where_the_clock_changes() -> None:
    night = date(2026, 3, 28), date(2026, 3, 29)
    # From two to three there is nothing on the 29th: two o'clock is three o'clock, which is taken.
    found = times(every(*night, hour=1), Span(at(29, 3), at(29, 4)), hours=Hours((), frozenset()))
    assert found[:2] == ["01:00", "04:00"]
    autumn = date(2026, 10, 24), date(2026, 10, 25)
    first, second = (datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1))
    hours = Hours((), frozenset())
    assert times(every(*autumn, hour=2), Span(second, second + HOUR), hours=hours)[0] == "02:00"
    assert times(every(*autumn, hour=2), Span(first, first + HOUR), hours=hours)[0] == "03:00"


def test_times_for_a_series_agree_with_a_look_at_every_minute() -> None:
    seed = a_seed()
    source = random.Random(seed)
    for _round in range(30):
        days = tuple(sorted({date(2026, 3, source.randint(2, 28)) for _day in range(4)}))
        busy = [
            Span(since, since + source.randint(1, 120) * MINUTE)
            for since in (at(day.day, source.randint(7, 16), source.randint(0, 59)) for day in days)
        ]
        length = source.choice((20, 45, 90)) * MINUTE
        wish = every(*days, wall=Wall(time(source.randint(8, 15)), length, is_all_day=False))
        hours = Hours(((*USUAL, Opening(5, 9 * 60, 20 * 60), Opening(6, 9 * 60, 20 * 60)),), frozenset())
        found = times(wish, *busy, hours=hours)
        free = {
            f"{minute // 60:02}:{minute % 60:02}"
            for minute in range(DAY_MINUTES)
            if all(
                any(
                    span.since <= start and start + length <= span.until
                    for span in without(hours.spans(day, OSLO), merged(busy))
                )
                for day in days
                for start in [at(day.day, minute // 60, minute % 60)]
            )
        }
        assert set(found) <= free, f"seed {seed}"
        assert bool(found) == bool(free), f"seed {seed}"


def test_touching_is_free_and_seconds_are_rounded_up() -> None:
    busy = Span(at(2, 8), at(2, 9)), Span(at(2, 10), at(2, 16))
    assert starts(wish(until=at(3, 0)), *busy) == [at(2, 9)]
    odd = Span(at(2, 8), at(2, 9) + timedelta(seconds=1))
    assert starts(wish(until=at(3, 0)), odd, busy[1]) == []
    assert starts(wish(until=at(3, 0)), odd)[0] == at(2, 9, 1)


def test_lead_and_lag_keep_off_others_but_may_lie_outside_of_hours() -> None:
    lead_and_lag = wish(until=at(3, 0), lead=HOUR, lag=HOUR, length=2 * HOUR)
    assert starts(lead_and_lag)[0] == at(2, 8)
    assert starts(lead_and_lag, Span(at(2, 10), at(2, 11))) == [at(2, 12), at(2, 14)]


def test_weekends_and_holidays_are_closed() -> None:
    hours = Hours((USUAL,), frozenset({date(2026, 3, 6)}))
    assert starts(wish(since=at(5, 15), until=at(10, 0)), hours=hours)[:2] == [at(5, 15), at(9, 8)]


def test_whole_days_are_free_from_midnight_to_midnight() -> None:
    wanted = wish(until=at(14, 0), length=DAY, is_all_day=True)
    found = list(slots(wanted, USUAL_HOURS, [Span(at(3, 20), at(3, 21))], OSLO))
    assert [slot.starts_at for slot in found] == [at(day, 0) for day in (2, 4, 5, 6, 9, 10, 11, 12, 13)]
    assert found[1] == Slot(at(4, 0), at(5, 0), at(4, 0), at(7, 0))
    two = wish(until=at(14, 0), length=DAY + MINUTE, is_all_day=True)
    assert starts(two) == [at(2, 0), at(4, 0), at(9, 0), at(11, 0)]
    assert starts(wish(since=at(2, 1), until=at(4, 0), length=DAY, is_all_day=True)) == [at(3, 0)]


def test_where_every_day_is_taken_there_is_no_whole_day() -> None:
    wanted = wish(until=at(4, 0), length=DAY, is_all_day=True)
    assert starts(wanted, Span(at(2, 9), at(2, 10)), Span(at(3, 9), at(3, 10))) == []


def test_a_day_of_23_hours_is_whole() -> None:
    hours = Hours(((Opening(6, 0, DAY_MINUTES),),), frozenset())
    wanted = wish(since=at(28, 0), until=at(31, 0), length=DAY, is_all_day=True)
    (found,) = slots(wanted, hours, (), OSLO)
    assert found.ends_at - found.starts_at == 23 * HOUR


def test_hours_are_of_everyone_and_of_their_departments() -> None:
    late = tuple(Opening(day, 12 * 60, 20 * 60) for day in range(5))
    department = Department(
        id=1,
        uid=UUID(int=1),
        name="D",
        default_associate_id=1,
        opening_hours=(Opening(0, 9 * 60, 14 * 60),),
        holidays=(Holiday(date(2026, 3, 9), "Closed"),),
    )
    ada = Associate(id=1, name="a", full_name="A", group_id=1, working_hours=late)
    bob = Associate(id=2, name="b", full_name="B", group_id=1)
    eve = Associate(id=3, name="e", full_name="E", group_id=9)
    directory = Directory(Tenant(id=1, name="T"), 1, {"department": {1: department}})
    week = wish(until=at(17, 0))
    assert starts(week, hours=hours_of([ada], directory)) == [at(2, 12), at(2, 13), at(16, 12), at(16, 13)]
    assert starts(week, hours=hours_of([bob], directory))[0] == at(2, 9)
    assert starts(week, hours=hours_of([eve], directory))[0] == at(2, 8)
    assert starts(week, hours=hours_of([ada, eve], directory))[0] == at(2, 12)


def test_spans_are_joined_and_cut() -> None:
    a, b, c, d = (MONDAY + hour * HOUR for hour in range(4))
    assert merged([Span(c, d), Span(a, b), Span(b, c), Span(d, d)]) == [Span(a, d)]
    assert list(common([Span(a, c)], [Span(b, d)])) == [Span(b, c)]
    assert list(without([Span(a, d)], [Span(b, c)])) == [Span(a, b), Span(c, d)]


ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("seed", range(6))
def test_a_walk_over_every_minute_finds_the_same(zone_name: str, seed: int) -> None:
    luck, zone = random.Random(f"{zone_name}{seed}"), ZoneInfo(zone_name)
    # About the days on which clocks change.
    day = datetime(2026, luck.choice((3, 4, 10, 11)), luck.randrange(1, 28), tzinfo=UTC)
    since = day + luck.randrange(DAY_MINUTES) * MINUTE
    wanted = Wish(
        since=since,
        until=since + luck.randrange(1, 6) * DAY,
        length=luck.choice((5, 30, 60, 90, 300)) * MINUTE,
        lead=luck.choice((0, 0, 15, 60)) * MINUTE,
        lag=luck.choice((0, 0, 15)) * MINUTE,
    )
    hours = Hours(
        tuple(_openings(luck) for _one in range(luck.randrange(1, 3))),
        frozenset({(since + DAY).date()} if luck.random() < 0.3 else ()),
    )
    busy = []
    for _one in range(luck.randrange(25)):
        begin = since + luck.randrange(-300, 5 * DAY_MINUTES) * MINUTE
        busy.append(Span(begin, begin + luck.choice((10, 45, 120, 600)) * MINUTE))
    found = [(slot.starts_at, slot.ends_at) for slot in slots(wanted, hours, busy, zone)]
    assert found == list(_walked(wanted, hours, busy, zone))


def _openings(luck: random.Random) -> tuple[Opening, ...]:
    # The clock changes between midnight and four.
    made = []
    for weekday in range(7):
        opens = luck.randrange(4 * 60, 12 * 60)
        if luck.random() < 0.8:
            made.append(Opening(weekday, opens, luck.randrange(opens + 1, DAY_MINUTES + 1)))
        if luck.random() < 0.2:
            made.append(Opening(weekday, 0, DAY_MINUTES))
    return tuple(made)


def _walked(
    wanted: Wish, hours: Hours, busy: list[Span], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    def is_good(minute: datetime) -> bool:
        wall = minute.astimezone(zone)
        clock = wall.time().hour * 60 + wall.time().minute
        is_open = wall.date() not in hours.closed and all(
            any(one.weekday == wall.weekday() and one.opens <= clock < one.closes for one in openings)
            for openings in hours.openings
        )
        return is_open and not any(s.since - wanted.lag <= minute < s.until + wanted.lead for s in busy)

    length, run, minute = wanted.length // MINUTE, 0, wanted.since
    while minute < wanted.until:
        run = run + 1 if is_good(minute) else 0
        minute += MINUTE
        if run == length:
            yield minute - wanted.length, minute
            run = 0
