"""The form for editing: what is sent on, what stays exactly as it is, and where problems belong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.console.agents.edit_form import (
    Typed,
    changes_of,
    instant_text,
    show_field,
    shown,
    sort_problems,
    values_of,
)
from appointed.console.look.pages import load_pages
from appointed.domain.errors import Problem
from appointed.domain.participant import Answer, Claimant
from tests.builders import appointment, directory

LONDON = ZoneInfo("Europe/London")
# Twice in that night the clock shows half past one; this is the second time.
AGAIN = datetime(2026, 10, 25, 1, 30, 17, tzinfo=UTC)
FIELD = "claimant.data.00000000-0000-0000-0000-0000000000c9"
JANE = Claimant(id=appointment().uid, name="Jane", answers=())


def test_a_time_that_the_clock_shows_twice_is_not_moved_by_being_seen() -> None:
    row = appointment(starts_at=AGAIN, ends_at=AGAIN + timedelta(minutes=30, seconds=9), claimant=JANE)
    was = values_of(row, directory(), LONDON)
    assert was["appointment_at"] == "2026-10-25T01:30"
    assert changes_of(was, was, LONDON) == {}
    assert changes_of(was | {"status": "late"}, was, LONDON) == {"status": "late"}


def test_wall_times_follow_the_rule_of_calendars() -> None:
    assert instant_text("2026-10-25T01:30", LONDON) == "2026-10-25T00:30:00Z", "the first of the two"
    assert instant_text("2026-03-29T01:30", LONDON) == "2026-03-29T01:30:00Z", "skipped: the offset before"
    for text in ("", "soon", "2026-02-30T10:00", "9999-12-31T23:59"):
        assert instant_text(text, ZoneInfo("Etc/GMT+12")) == text


def test_only_what_was_changed_is_sent_on() -> None:
    was = {"claimant.name": "Jane", "claimant.email": "", FIELD: "A", "status": "late", "unknown": "x"}
    given = was | {"claimant.email": "a@b.example", FIELD: "B"}
    assert changes_of(given, was, LONDON) == {
        "claimant": {
            "email": "a@b.example",
            "data": [{"id": FIELD.removeprefix("claimant.data."), "value": "B"}],
        }
    }


def test_problems_find_their_fields() -> None:
    sent = {"claimant": {"data": [{"id": "a", "value": ""}, {"id": "b", "value": ""}]}}
    problems = [
        Problem("claimant.data.1.value", "required"),
        Problem("claimant.data.7.value", "required"),
        Problem("claimant.data.x", "required"),
        Problem("starts_at", "date"),
        Problem("ends_at", "longest"),
        Problem("claimant.email", "email"),
        Problem("title", "longest"),
    ]
    found = sort_problems(problems, sent)
    assert {name: len(ones) for name, ones in found.items()} == {
        "claimant.data.b": 1,
        "": 3,
        "appointment_at": 1,
        "duration_in_minutes": 1,
        "claimant.email": 1,
    }


def test_what_was_typed_stays_and_what_others_changed_is_shown() -> None:
    row = appointment(department_id=1, claimant=JANE, interpreter_language="BSL")
    was = values_of(row, directory(), LONDON) | {"interpreter_language": "", "claimant.name": "Janet"}
    typed = Typed(given=was | {"claimant.name": "Joan", "claimant.email": "typed"}, was=was)
    fields = {one.name: one for group in shown(row, directory(), LONDON, typed) for one in group.fields}
    assert (fields["claimant.name"].value, fields["claimant.name"].theirs) == ("Joan", "Jane")
    assert (fields["claimant.email"].value, fields["claimant.email"].theirs) == ("typed", None)
    assert (fields["interpreter_language"].value, fields["interpreter_language"].theirs) == ("BSL", "BSL")
    assert FIELD in fields


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_a_field_of_one_line_would_drop_gets_more_lines(end: str) -> None:
    row = appointment(claimant=replace(JANE, name=f"Jane{end}Roe ", phone_number="1"))
    typed = Typed(given={"claimant.name": "Jane\nRoe"}, was={"claimant.name": "Jane\nRoe"})
    for back in (None, typed):
        fields = {one.name: one for group in shown(row, directory(), LONDON, back) for one in group.fields}
        name = fields["claimant.name"]
        assert (name.look, name.value, name.was, name.theirs) == ("textarea", "Jane\nRoe", "Jane\nRoe", None)
        assert fields["claimant.phone_number"].look == "tel"


@pytest.mark.parametrize(("text", "look"), [("", "date"), ("1980-02-03", "date"), ("last spring", "text")])
def test_what_is_no_day_is_no_field_for_a_day(text: str, look: str) -> None:
    assert show_field("claimant.data.x", "date", text, Typed()).look == look


def test_answers_of_other_departments_are_no_fields() -> None:
    other = Answer(appointment().uid, "kept")
    row = appointment(department_id=1, claimant=Claimant(id=JANE.id, name="Jane", answers=(other,)))
    assert [name for name in values_of(row, directory(), LONDON) if name.startswith("claimant.data.")] == [
        FIELD
    ]


def test_every_field_and_choice_has_a_text_in_every_language() -> None:
    pages = load_pages(("appointed.console.agents", "appointed.console.claimants"))
    row = appointment(department_id=1, claimant=JANE)
    groups = shown(row, directory(), LONDON)
    for language in pages.languages.by_code.values():
        for group in groups:
            assert language.text(f"agents.group.{group.name}")
            for field in group.fields:
                assert field.label or language.text(f"agents.field.{field.name}")
                for _value, label in field.choices or ():
                    assert not label.startswith("=") or language.text(f"agents.{label[1:]}")
