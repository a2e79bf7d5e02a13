"""The table of rules."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from appointed.domain.errors import AppointedError, Problem
from appointed.domain.participant import Participant
from appointed.domain.status import Status
from appointed.domain.validity import FIRST, LAST, LONGEST, NUMBER_RANGES, REFERENCES, TEXT_LIMITS, problems
from tests.builders import START, appointment, directory


def broken(before, **changes) -> list[tuple[str, str]]:
    after = replace(before, **changes) if before else appointment(**changes)
    return [(problem.path, problem.rule) for problem in problems(before, after, directory())]


@pytest.mark.parametrize("name", TEXT_LIMITS)
def test_texts_have_a_longest(name) -> None:
    text = ("https://" if name == "video_url" else "").ljust(TEXT_LIMITS[name], "x")
    assert broken(appointment(), **{name: text}) == []
    assert broken(appointment(), **{name: text + "x"}) == [(name, "longest")]


@pytest.mark.parametrize("url", ["", "https://meet.example/x?y#z", "HTTP://intranet/room"])
def test_a_video_url_is_a_web_address_or_empty(url) -> None:
    assert broken(appointment(video_url="https://old.example"), video_url=url) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " https://x.example", "data:text/html,x", "https://", "https://x y", "x"]
)
def test_a_video_url_is_nothing_that_a_browser_would_run(url) -> None:
    assert broken(appointment(), video_url=url) == [("video_url", "url_not_allowed")]


@pytest.mark.parametrize("name", NUMBER_RANGES)
def test_numbers_have_a_range(name) -> None:
    low, high = NUMBER_RANGES[name]
    before = appointment(**{name: low + 1})
    assert broken(before, **{name: low}) == broken(before, **{name: high}) == []
    assert broken(before, **{name: low - 1}) == broken(before, **{name: high + 1}) == [(name, "range")]


@pytest.mark.parametrize("name", REFERENCES)
def test_references_exist(name) -> None:
    assert broken(appointment(), **{name: 9999}) == [(name, "exists")]


def test_what_stands_is_not_judged_again() -> None:
    old = appointment(location="x" * 999, task_id=77, ends_at=START + 2 * LONGEST)
    assert broken(old, title="new") == []
    assert len(broken(None, location="x" * 999, task_id=77, ends_at=START + 2 * LONGEST)) == 3


def test_an_appointment_ends_within_a_year() -> None:
    assert broken(appointment(), ends_at=START + LONGEST) == []
    assert broken(appointment(), ends_at=START + LONGEST + timedelta(minutes=1)) == [("ends_at", "longest")]


def test_the_outermost_years_are_left_to_zones_and_what_follows_from_a_time() -> None:
    second = timedelta(seconds=1)
    for begins, ends, wrong in (
        (FIRST, FIRST + second, []),
        (FIRST - second, FIRST, ["starts_at"]),
        (LAST - 2 * second, LAST - second, []),
        (LAST - second, LAST, ["ends_at"]),
    ):
        assert broken(None, starts_at=begins, ends_at=ends) == [(name, "calendar") for name in wrong]
    old = appointment(starts_at=LAST, ends_at=LAST + second)
    assert broken(old, title="another") == []


def test_participants_have_a_most() -> None:
    rows = tuple(Participant(key=n) for n in range(501))
    assert broken(appointment(), participants=rows[:500]) == []
    assert broken(appointment(), participants=rows) == [("participants", "most")]


def test_cancelled_is_left_by_nobody() -> None:
    assert broken(appointment(status=Status.CANCELLED), status=Status.WAITING) == [("status", "step")]


def test_errors_tell_their_data() -> None:
    class Sample(AppointedError):
        def __init__(self, field: str) -> None:
            self.field = field

    assert str(Sample("x")) == "Sample(field='x')"
    assert Problem("a", "b") == Problem("a", "b", None, None)
