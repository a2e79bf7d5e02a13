"""The form that books a claimant: how it is read, what is sent on, and what stands in its fields."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appointed.console.agents.booking_form import (
    Booking,
    bookable,
    groups_of,
    is_own_choice,
    read_booking,
    update_of,
)
from appointed.console.agents.booking_pages import told_by
from appointed.console.agents.edit_form import Typed
from appointed.domain.directory import DataField, DataFieldType, Department, View
from appointed.domain.errors import Problem
from appointed.domain.letter import Channel
from appointed.domain.meeting import Bandwidth, Features
from tests.builders import ADMIN, CLIENT, KARI, NOW, OLA, directory, principal

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 3, 2)
CASE, AGE, WISH = UUID(int=201), UUID(int=301), UUID(int=302)
ASKING = Department(
    id=3,
    uid=UUID(int=103),
    name="Asking",
    default_associate_id=ADMIN,
    features=Features(screen_sharing=False, bandwidth=Bandwidth.LOW),
    data_fields=(
        DataField(id=AGE, name="Age", type=DataFieldType.NUMBER, is_required=True),
        DataField(id=WISH, name="Wish", type=DataFieldType.SELECT, choices=("tea", "coffee")),
    ),
)


def read(who: int = ADMIN, **values: str) -> Booking:
    named = {name.replace("__", "."): text for name, text in values.items()}
    may = bookable(principal(who), directory())
    return read_booking(named, may, principal(who), directory(), TODAY)


def typed(**fields: str) -> dict[str, str]:
    """Make what a browser sends of fields that were empty."""
    named = {name.replace("__", "."): text for name, text in fields.items()}
    return named | {f"was.{name}": "" for name in named}


def booking(**changes: Any) -> Booking:
    values: dict[str, Any] = {"department": ASKING, "since": TODAY, "minutes": "30"} | changes
    return Booking(**values)


@pytest.mark.parametrize(
    ("who", "names"),
    [(ADMIN, ["First", "Second"]), (OLA, ["First"]), (KARI, ["Second"]), (CLIENT, ["Second"])],
    ids=["administrator", "agent", "other-agent", "program"],
)
def test_departments_are_offered_whose_diary_one_may_write_in(who: int, names: list[str]) -> None:
    assert [one.name for one in bookable(principal(who), directory())] == names


def test_an_empty_form_asks_for_half_an_hour_at_home_from_today_on() -> None:
    found = read(KARI)
    assert (found.department.name, found.since, found.minutes) == ("Second", TODAY, "30")
    assert (found.slot, found.own, found.typed) == ("", "", Typed())


@pytest.mark.parametrize(
    ("given", "name"),
    [("1", "First"), ("2", "Second"), ("9", "First"), ("²", "First"), ("", "First")],
    ids=["one", "two", "unknown", "no-number", "none"],
)
def test_a_department_is_one_of_the_list_or_home(given: str, name: str) -> None:
    assert read(department=given).department.name == name


@pytest.mark.parametrize(
    ("given", "since"),
    [
        ("2026-03-09", date(2026, 3, 9)),
        ("2026-03-01", TODAY),
        ("9999-01-01", TODAY),
        ("soon", TODAY),
    ],
    ids=["later", "past", "end-of-time", "no-day"],
)
def test_times_are_looked_for_from_today_at_the_earliest(given: str, since: date) -> None:
    assert read(since=given).since == since


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("45", 45), ("0", 1), ("99999", 1440), ("x", 30), ("", 30), ("²", 30)],
    ids=["plain", "nothing", "too-long", "no-number", "empty", "no-digit"],
)
def test_a_length_that_cannot_be_looked_for_stays_as_it_was_typed(given: str, minutes: int) -> None:
    found = read(minutes=given)
    assert (found.minutes, found.length) == (given, timedelta(minutes=minutes))
    assert found.asked(LONDON).length == timedelta(minutes=minutes)


def test_times_hold_for_the_department_and_the_length_that_they_were_shown_for() -> None:
    assert read(department="2", minutes="45").wish == "2/45"
    assert read(department="2", minutes="45").asked(LONDON).owner_id == KARI


@pytest.mark.parametrize(
    ("slot", "at"),
    [
        ("2026-03-03T09:00:00Z", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("own", None),
        ("", None),
        ("soonZ", None),
        ("2026-03-03T09:00:00", None),
        ("9999-12-31T23:59:00Z", None),
    ],
    ids=["offered", "own", "none", "no-time", "no-zone", "end-of-time"],
)
def test_a_chosen_time_is_an_instant(slot: str, at: datetime | None) -> None:
    assert read(slot=slot).chosen_at == at


def test_what_was_typed_is_sent_on_and_what_the_department_says_is_not() -> None:
    values = typed(claimant__name=" Jane ", claimant__email="", interpreter_language="Cymraeg")
    values |= {"features_bandwidth": "high", "was.features_bandwidth": "high"}
    found = read(**values, slot="own", own="2026-07-01T10:30", minutes="45")
    assert update_of(found, LONDON) == {
        "appointment_at": "2026-07-01T09:30:00Z",
        "duration_in_minutes": "45",
        "department_id": 1,
        "claimant": {"name": "Jane", "data": []},
        "interpreter_language": "Cymraeg",
    }


def test_a_question_that_must_be_answered_is_sent_even_without_an_answer() -> None:
    name = f"claimant.data.{WISH}"
    answered = booking(typed=Typed(given={name: "tea", "claimant.name": "J"}, was={name: ""}))
    data = update_of(answered, LONDON)["claimant"]["data"]
    assert data == [{"id": str(AGE), "value": ""}, {"id": str(WISH), "value": "tea"}]


def test_answers_to_another_departments_questions_are_not_sent() -> None:
    name = f"claimant.data.{CASE}"
    found = booking(typed=Typed(given={name: "C-1"}, was={name: ""}))
    assert [one["id"] for one in update_of(found, LONDON)["claimant"]["data"]] == [str(AGE)]


@pytest.mark.parametrize(
    ("slot", "own", "sent"),
    [
        ("", "", ""),
        ("own", "", ""),
        ("", "2026-03-03T10:00", "2026-03-03T10:00:00Z"),
        ("own", "soon", "soon"),
        ("2026-03-03T09:00:00Z", "2026-03-04T10:00", "2026-03-03T09:00:00Z"),
    ],
    ids=["nothing", "own-but-empty", "typed-alone", "no-time", "chosen"],
)
def test_the_time_is_the_chosen_one_else_the_typed_one(slot: str, own: str, sent: str) -> None:
    assert update_of(booking(slot=slot, own=own), LONDON)["appointment_at"] == sent


def fields_of(found: Booking) -> dict[str, Any]:
    groups = groups_of(found, principal(), View(directory(), NOW), LONDON)
    return {field.name: field for group in groups for field in group.fields}


def test_fields_begin_as_the_department_has_them_with_its_own_questions() -> None:
    small = directory()
    small.departments[3] = ASKING
    groups = groups_of(booking(), principal(), View(small, NOW), LONDON)
    assert [group.name for group in groups] == ["claimant", "data", "interpreter", "meeting", "after"]
    fields = {field.name: field for group in groups for field in group.fields}
    assert (fields["features_screen_sharing_enable"].value, fields["features_bandwidth"].value) == (
        "0",
        "low",
    )
    age, wish = fields[f"claimant.data.{AGE}"], fields[f"claimant.data.{WISH}"]
    assert (age.label, age.is_required, wish.is_required) == ("Age", True, False)
    assert wish.choices == (("", ""), ("tea", "tea"), ("coffee", "coffee"))
    assert not any(is_own_choice(group) for group in groups)


def test_what_was_typed_stays_when_the_department_changes_and_the_rest_follows_it() -> None:
    name, on = "claimant.name", "features_screen_sharing_enable"
    other, given = "features_messages_chat_enable", {"claimant.name": "Jane"}
    was = {name: "", on: "1", other: "1"}
    found = booking(typed=Typed(given=given | {on: "1", other: "0"}, was=was))
    fields = fields_of(found)
    assert (fields[name].value, fields[other].value) == ("Jane", "0")
    assert fields[on].value == "0", "untouched, it is what the new department says"
    assert fields[on].theirs is None


def test_a_group_with_a_choice_or_a_problem_is_open() -> None:
    name = "custom_user_post_call_redirect_url"
    problems = {name: [Problem(name, "url_not_allowed")]}
    for back in (Typed(given={name: "x"}, was={name: ""}), Typed(problems=problems)):
        groups = groups_of(booking(typed=back), principal(), View(directory(), NOW), LONDON)
        assert [group.name for group in groups if is_own_choice(group)] == ["after"]


@pytest.mark.parametrize(
    ("invites", "channels", "told"),
    [
        ((), {"email", "sms"}, "none"),
        (("email",), set(), "none"),
        (("email", "sms"), {"sms"}, "sms"),
        (("email",), {"email", "sms"}, "email"),
        (("email", "sms"), {"email", "sms"}, "both"),
    ],
    ids=["nobody-asked", "no-way-out", "one-way", "one-wish", "both"],
)
def test_the_page_says_how_the_claimant_is_told(
    invites: tuple[str, ...], channels: set[str], told: str
) -> None:
    department = replace(ASKING, invites_by=tuple(map(Channel, invites)))
    assert told_by(department, frozenset(map(Channel, channels))) == told
