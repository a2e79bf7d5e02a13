"""The form of a department: hours in a line, what is sent on, and where problems belong."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.console.agents.department_form import (
    DAYS,
    GROUPS,
    NAMES,
    changes_of,
    hours_text,
    shown,
    sort_problems,
)
from appointed.console.agents.edit_form import Typed
from appointed.domain.directory import Department
from appointed.domain.errors import Problem
from appointed.domain.hours import Holiday, Opening
from tests.builders import directory

FIRST = directory().departments[1]
PEOPLE = (("1", "Ada"), ("2", "Kari"))
LANGUAGES = (("cy", "Cymraeg"), ("en", "English"))
WAS = {f"hours.{day}": "08:00–16:00" if place < 5 else "" for place, day in enumerate(DAYS)}


def fields(department: Department = FIRST, typed: Typed | None = None) -> dict[str, Any]:
    groups = shown(department, PEOPLE, LANGUAGES, typed or Typed())
    return {one.name: one for group in groups for one in group.fields}


def test_a_department_without_hours_shows_the_usual_ones() -> None:
    assert {name: fields()[name].value for name in WAS} == WAS


def test_hours_are_shown_in_a_line_in_their_order() -> None:
    openings = (Opening(2, 780, 1440), Opening(2, 480, 725), Opening(0, 0, 60))
    department = replace(FIRST, opening_hours=openings)
    assert hours_text(department, 2) == "13:00–24:00, 08:00–12:05"
    assert hours_text(department, 0) == "00:00–01:00"
    assert hours_text(department, 1) == ""
    assert hours_text(replace(FIRST, opening_hours=()), 0) == ""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        (" ", []),
        ("8-12", [("08:00", "12:00")]),
        ("8:30 – 12.15 ; 13—24", [("08:30", "12:15"), ("13:00", "24:00")]),
        ("08:00–12:00,,13:00–16:00,", [("08:00", "12:00"), ("13:00", "16:00")]),
        ("8", [("08:00", "")]),
        ("noon-5", [("noon", "05:00")]),
        ("25-26", [("25", "26")]),
        ("8-9-10", [("08:00", "9-10")]),
        ("²-3", [("²", "03:00")]),
    ],
    ids=["closed", "blank", "short", "mixed", "commas", "half", "word", "late", "three", "no-digit"],
)
def test_hours_are_read_leniently_and_what_is_no_time_stays(text: str, rows: list[tuple[str, str]]) -> None:
    none = dict.fromkeys(WAS, "")
    update = changes_of(none | {"hours.sunday": text}, none | {"hours.sunday": "x"})
    assert update == {
        "opening_hours": [{"weekday": "sunday", "opens": opens, "closes": closes} for opens, closes in rows]
    }


def test_one_changed_day_sends_the_whole_week_and_nothing_else() -> None:
    given = WAS | {"hours.friday": "8-12", "name": "First"}
    update = changes_of(given, WAS | {"name": "First"})
    assert list(update) == ["opening_hours"]
    assert [(row["weekday"], row["closes"]) for row in update["opening_hours"]] == [
        ("monday", "16:00"),
        ("tuesday", "16:00"),
        ("wednesday", "16:00"),
        ("thursday", "16:00"),
        ("friday", "12:00"),
    ]


def test_only_what_was_changed_is_sent_on() -> None:
    was = {member.name: member.value(FIRST) for members in GROUPS.values() for member in members}
    assert changes_of(was, was) == {}
    changed = {"name": "New", "late_after_minutes": "5", "features_call_recording_enable": "1"}
    assert changes_of(was | changed, was) == changed


def test_closed_days_are_lines_of_a_day_and_its_name() -> None:
    days = (Holiday(date(2026, 12, 25), "Christmas Day"), Holiday(date(2027, 1, 1)))
    was = {"holidays": fields(replace(FIRST, holidays=days))["holidays"].value}
    assert was == {"holidays": "2026-12-25 Christmas Day\n2027-01-01"}
    given = {"holidays": " 2026-12-25   Boxing  Day \n\n2027-01-01\nsoon"}
    assert changes_of(given, was) == {
        "holidays": [
            {"date": "2026-12-25", "name": "Boxing  Day "},
            {"date": "2027-01-01", "name": ""},
            {"date": "soon", "name": ""},
        ]
    }
    assert changes_of({"holidays": ""}, was) == {"holidays": []}


def test_problems_find_their_fields() -> None:
    rows = [{"weekday": "monday"}, {"weekday": "friday"}]
    problems = [
        Problem("opening_hours.0.opens", "time"),
        Problem("opening_hours.0.closes", "required"),
        Problem("opening_hours.1.closes", "after", allowed="opens"),
        Problem("opening_hours.9.closes", "after"),
        Problem("opening_hours", "most", allowed=70),
        Problem("name", "unique"),
        Problem("name", "max", allowed=219),
        Problem("language", "in"),
        Problem("holidays.3.date", "date"),
        Problem("holidays.4.date", "date"),
        Problem("data_fields.0.id", "exists"),
    ]
    found = sort_problems(problems, {"opening_hours": rows})
    assert {name: [one.rule for one in ones] for name, ones in found.items()} == {
        "hours.monday": ["hours"],
        "hours.friday": ["after"],
        "": ["after", "most", "exists"],
        "name": ["unique", "max"],
        "language": ["language"],
        "holidays": ["holidays"],
    }


def test_what_was_typed_stays_and_what_others_changed_is_shown() -> None:
    typed = Typed(given={"name": "Mine", "support_text": ""}, was={"name": "Old", "support_text": ""})
    now = fields(replace(FIRST, support_text="+44"), typed)
    assert (now["name"].value, now["name"].theirs) == ("Mine", "First")
    assert (now["support_text"].value, now["support_text"].theirs) == ("+44", "+44")
    assert (now["default_user_id"].choices, now["language"].choices) == (PEOPLE, LANGUAGES)
    assert set(now) == NAMES
