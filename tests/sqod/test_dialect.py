"""Requests as edits (Patch update conventions; bad input 7, 8, 18, 26, 36)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appointed.domain import errors as e
from appointed.domain.directory import DataField, Department
from appointed.domain.errors import Forbidden
from appointed.domain.meeting import Bandwidth, Features, Meeting, Redirects
from appointed.domain.participant import Answer, Claimant
from appointed.domain.rights import EVERY_KEY
from appointed.domain.status import Status
from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.carrier import render
from appointed.sqod.dialect import to_cancellation, to_draft, to_edit
from appointed.sqod.forms import nest
from appointed.sqod.input import cleaned
from appointed.sqod.rules import PATCH
from appointed.usecases.change_appointment import Call, change_appointment
from appointed.usecases.create_appointment import create_appointment, new_names
from appointed.usecases.identifiers import seeded
from tests import builders
from tests.builders import ADMIN, CLIENT, KARI, NOW, START
from tests.data import sqod as data
from tests.usecases.fake_store import FakeStore

CASE, OTHER, GONE = UUID(int=201), UUID(int=301), UUID(int=999)
JANE = Claimant(
    id=UUID(int=5),
    name="Jane",
    email="jane@example.com",
    phone_number="+44",
    born_on=date(1990, 1, 1),
    answers=(Answer(CASE, "C-1"), Answer(GONE, "old")),
)
ROW = builders.appointment(
    claimant=JANE,
    is_interpreter_needed=True,
    interpreter_language="English",
    meeting=Meeting(id="M1", room_name="room", agent_key="agent"),
    features=Features(call_recording=True, bandwidth=Bandwidth.LOW),
    redirects=Redirects(is_custom=True, claimant_url="https://a.example/", agent_url="https://b.example/"),
)


def view(**tenant):
    made = builders.View(builders.directory(**tenant), NOW)
    made.directory.departments[2] = Department(
        id=2,
        uid=UUID(int=102),
        name="Second",
        default_associate_id=KARI,
        data_fields=(DataField(id=OTHER, name="Number"),),
        features=Features(call_recording=True, screen_sharing=False, bandwidth=Bandwidth.MEDIUM),
    )
    return made


def edited(given, row=ROW, **tenant):
    return to_edit(cleaned(given), seeded("test"))(row, view(**tenant)).appointment


def problems(given, row=ROW, **tenant):
    with pytest.raises(e.InvalidAppointment) as caught:
        edited(given, row, **tenant)
    return [(problem.path, problem.rule) for problem in caught.value.problems]


def claimant(**changes):
    return replace(ROW, claimant=replace(JANE, **changes))


HOUR = timedelta(hours=1)

# (given, the members that differ afterwards)
CHANGES = [
    ({}, {}),
    ({"unknown": 1, "id": "x", "reference": "y", "created_at": "z", "tenant_id": 2, "department": ""}, {}),
    ({"appointment_at": "2026-03-03T09:00:00"}, {}),
    (
        {"appointment_at": "2026-03-03T12:00:00+01:00"},
        {"starts_at": START + 2 * HOUR, "ends_at": START + 3 * HOUR},
    ),
    ({"duration_in_minutes": "60"}, {}),
    ({"duration_in_minutes": 30}, {"ends_at": START + HOUR / 2}),
    (
        {"appointment_at": "2026-03-04 09:00", "duration_in_minutes": 30},
        {"starts_at": START + 24 * HOUR, "ends_at": START + 24 * HOUR + HOUR / 2},
    ),
    ({"department_id": 1}, {}),
    ({"department_id": None}, {}),
    ({"department_id": 2}, {"department_id": 2, "owner_id": KARI}),
    ({"department_id": "2"}, {"department_id": 2, "owner_id": KARI}),
    ({"department_id": str(UUID(int=102)).upper()}, {"department_id": 2, "owner_id": KARI}),
    ({"is_interpreter_needed": "off"}, {"is_interpreter_needed": False}),
    ({"is_interpreter_needed": ""}, {"is_interpreter_needed": False}),
    ({"is_interpreter_needed": None}, {"is_interpreter_needed": False}),
    ({"interpreter_language": " Welsh "}, {"interpreter_language": "Welsh"}),
    ({"interpreter_language": ""}, {"interpreter_language": None}),
    ({"interpreter_language": None}, {"interpreter_language": None}),
    ({"status": "waiting"}, {"status": Status.WAITING}),
    ({"status": "cancelled"}, {"status": Status.CANCELLED}),
    ({"status": None}, {}),
    ({"status": ""}, {}),
    ({"features_bandwidth": "high"}, {"features": Features(call_recording=True)}),
    ({"features_bandwidth": ""}, {}),
    (
        {"features_call_recording_enable": "false", "features_messages_chat_enable": 0},
        {"features": Features(messages_chat=False, bandwidth=Bandwidth.LOW)},
    ),
    (
        {"use_custom_post_call_redirect": False},
        {"redirects": Redirects(claimant_url="https://a.example/", agent_url="https://b.example/")},
    ),
    (
        {"custom_user_post_call_redirect_url": ""},
        {"redirects": Redirects(is_custom=True, agent_url="https://b.example/")},
    ),
    (
        {"custom_agent_post_call_redirect_url": None},
        {"redirects": Redirects(is_custom=True, claimant_url="https://a.example/")},
    ),
]


@pytest.mark.parametrize(("given", "changes"), CHANGES)
def test_what_is_given_changes_and_nothing_else(given, changes):
    assert edited(given) == replace(ROW, **changes)


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({}, {}),
        ({"name": "Jane Roe"}, {"name": "Jane Roe"}),
        (
            {"name": "Jane Roe", "email": "j@example.org", "phone_number": None},
            {"name": "Jane Roe", "email": "j@example.org", "phone_number": None},
        ),
        ({"email": ""}, {"email": None}),
        ({"phone_number": 447700900123}, {"phone_number": "447700900123"}),
        ({"date_of_birth": "1991-02-03"}, {"born_on": date(1991, 2, 3)}),
        ({"date_of_birth": None}, {"born_on": None}),
        ({"data": None}, {}),
        ({"data": []}, {}),
        (
            {"data": [{"id": str(CASE), "value": "C-2"}]},
            {"answers": (Answer(CASE, "C-2"), Answer(GONE, "old"))},
        ),
        (
            {"data": {"0": {"id": str(CASE), "value": ""}}},
            {"answers": (Answer(CASE, None), Answer(GONE, "old"))},
        ),
        ({"data": [{"id": str(CASE)}]}, {}),
        ({"data": [{"id": str(GONE), "value": 5}]}, {"answers": (Answer(CASE, "C-1"), Answer(GONE, "5"))}),
        (
            {"data": [{"id": str(CASE), "value": "a"}, {"id": str(CASE), "value": "b"}]},
            {"answers": (Answer(CASE, "b"), Answer(GONE, "old"))},
        ),
    ],
)
def test_the_claimant_is_merged(given, changes):
    assert edited({"claimant": given}) == claimant(**changes)


def test_answers_are_added_by_their_id():
    row = claimant(answers=())
    after = edited({"claimant": {"data": [{"id": str(CASE), "value": "new"}]}}, row)
    assert after == claimant(answers=(Answer(CASE, "new"),))


def test_a_claimant_comes_into_being_when_something_is_said_of_them():
    row = replace(ROW, claimant=None)
    made = edited({"claimant": {"name": "Jane"}}, row).claimant
    assert (made.name, made.email) == ("Jane", None)
    assert made.id.version == 4
    for nothing in ({}, {"email": None, "phone_number": ""}, {"data": [{"id": str(CASE)}]}):
        assert edited({"claimant": nothing}, row) == row


def test_running_an_edit_again_makes_the_same():
    edit = to_edit({"claimant": {"name": "Jane"}}, seeded("test"))
    row = replace(ROW, claimant=None)
    assert edit(row, view()) == edit(row, view())


def test_a_duration_sent_back_as_shown_keeps_its_seconds():
    row = replace(ROW, ends_at=START + timedelta(minutes=60, seconds=30))
    assert edited({"duration_in_minutes": 60}, row) == row
    moved = edited({"duration_in_minutes": 60, "appointment_at": "2026-03-03T10:00:00Z"}, row)
    assert moved.duration == row.duration
    assert edited({"duration_in_minutes": 61}, row).duration == timedelta(minutes=61)


def test_an_owner_who_belongs_to_the_new_department_stays():
    row = replace(ROW, owner_id=KARI)
    assert edited({"department_id": 2}, row) == replace(row, department_id=2)
    # The same department again moves nobody, not even an owner from elsewhere.
    assert edited({"department_id": 1}, row) == row


def written(row):
    return msgspec.to_builtins(render(row, view().directory, "https://video.example", EVERY_KEY))


def test_everything_that_is_shown_can_be_sent_back_and_changes_nothing():
    row = replace(ROW, ends_at=START + timedelta(minutes=45, seconds=1, microseconds=7))
    shown = written(row)
    # The document's own conflict: departments are shown by object, and meant by id.
    shown["department_id"] = shown["department"]["id"]
    assert edited(shown, row) == row


def attempt(given):
    """Give the row after an edit and the members that problems name."""
    try:
        return edited(given), set()
    except e.InvalidAppointment as error:
        return ROW, {problem.path.split(".")[0] for problem in error.problems}


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*PATCH, "x"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
        | st.sampled_from(["2026-01-01", "true", "late", "low", "https://c.example/", "5"])
        | st.dictionaries(
            st.sampled_from(["name", "email", "data", "0"]), st.text(max_size=3) | st.lists(st.none())
        ),
    )
)
def test_any_request_is_an_edit_or_problems_with_words(given):
    after, blamed = attempt(given)
    assert blamed <= given.keys()
    touched = {name for name in given if name in PATCH}
    before, shown = written(ROW), written(after)
    assert {name for name in shown if shown[name] != before[name]} <= touched | {"meeting", "department"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"department_id": 99}, [("department_id", "exists")]),
        ({"department_id": "nowhere"}, [("department_id", "exists")]),
        ({"department_id": str(GONE)}, [("department_id", "exists")]),
        ({"claimant": {"data": [{"id": str(OTHER), "value": "x"}]}}, [("claimant.data.0.id", "exists")]),
        (
            {"claimant": {"email": "x", "data": {"7": {"id": str(OTHER)}}}},
            [("claimant.email", "email"), ("claimant.data.7.id", "exists")],
        ),
        (
            {"custom_user_post_call_redirect_url": "http://a.example"},
            [("custom_user_post_call_redirect_url", "url_not_allowed")],
        ),
    ],
)
def test_what_the_directory_does_not_know_is_named(given, expected):
    assert problems(given) == expected


def test_data_fields_are_those_of_the_department_it_goes_to():
    for place, field, value in ((-1, OTHER, "x"), (0, CASE, "C-3")):
        data = [{"id": str(field), "value": value}]
        after = edited({"department_id": 2, "claimant": {"data": data}})
        assert after.claimant.answers[place] == Answer(field, value)


BAD_URLS = [
    "javascript:alert(1)",
    "data:text/html,x",
    "https://user@a.example/",
    "https:\\\\a.example",
    "//a.example/",
    "https://a.example/\r\nX: y",
    "http://a.example/",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_redirect_leads_only_to_public_https(url):
    name = "custom_agent_post_call_redirect_url"
    assert problems({name: url}) == [(name, "url_not_allowed")]
    with pytest.raises(e.UrlNotAllowed):
        edited({name: url})


def test_a_list_of_redirect_hosts_is_strict_but_what_stands_may_stay():
    name = "custom_agent_post_call_redirect_url"
    hosts = ("ok.example",)
    assert problems({name: "https://c.example/"}, redirect_hosts=hosts) == [(name, "url_not_allowed")]
    after = edited({name: "https://ok.example/x"}, redirect_hosts=hosts)
    assert after.redirects.agent_url == "https://ok.example/x"
    assert edited({name: "https://b.example/"}, redirect_hosts=hosts) == ROW


def test_nothing_leaves_cancelled():
    row = replace(ROW, status=Status.CANCELLED)
    assert problems({"status": "scheduled"}, row) == [("status", "step")]
    assert edited({"status": "cancelled"}, row) == row
    assert edited({"interpreter_language": "Welsh"}, row).interpreter_language == "Welsh"


def test_every_problem_comes_at_once_in_the_tables_order():
    row = replace(ROW, status=Status.CANCELLED)
    given = {
        "custom_user_post_call_redirect_url": "http://x.example",
        "features_bandwidth": "huge",
        "status": "late",
        "claimant": {"data": [{"id": str(OTHER)}, {}], "name": None},
        "department_id": 99,
        "duration_in_minutes": 0,
        "appointment_at": "2026-02-30",
    }
    assert problems(given, row) == [
        ("appointment_at", "date"),
        ("duration_in_minutes", "between"),
        ("department_id", "exists"),
        ("status", "step"),
        ("claimant.name", "required"),
        ("claimant.data.1.id", "required"),
        ("claimant.data.0.id", "exists"),
        ("features_bandwidth", "in"),
        ("custom_user_post_call_redirect_url", "url_not_allowed"),
    ]


def test_the_calendar_has_an_end():
    late = datetime(9999, 12, 31, tzinfo=UTC)
    row = replace(ROW, starts_at=late, ends_at=late)
    assert problems({"duration_in_minutes": 525_600}, row) == [("duration_in_minutes", "calendar")]
    last = edited({"appointment_at": "9997-12-31T23:59:59Z", "duration_in_minutes": 525_600}, row)
    assert last.ends_at.year == 9998


def draft(given, principal=None, **tenant):
    names = new_names(seeded("test"), NOW)
    made = to_draft(cleaned(given), principal or builders.principal(CLIENT))(names, view(**tenant))
    return names, made.appointment


LEAST = {
    "appointment_at": "2026-04-20T09:00:00.000000",
    "duration_in_minutes": "60",
    "claimant": {"name": "Jane"},
}


def test_the_least_that_can_be_created():
    names, row = draft(LEAST)
    assert (row.starts_at, row.duration) == (datetime(2026, 4, 20, 9, 0, tzinfo=UTC), HOUR)
    assert row.claimant == Claimant(id=names.claimant_id, name="Jane")
    assert row.reference == names.reference
    assert (row.uid, row.link_key, row.id) == (names.uid, names.link_key, -1)
    assert row.meeting == Meeting(id=names.meeting_id, room_name=names.room_name, agent_key=names.agent_key)
    assert (row.status, row.title) == (Status.SCHEDULED, None)
    # The client's home, its default associate, and its own switches.
    assert (row.department_id, row.owner_id, row.created_by, row.created_at) == (2, KARI, CLIENT, NOW)
    assert row.features == Features(call_recording=True, screen_sharing=False, bandwidth=Bandwidth.MEDIUM)
    assert row.redirects == Redirects()
    assert (row.is_interpreter_needed, row.interpreter_language) == (False, None)


def test_a_department_brings_its_default_associate():
    _names, row = draft(LEAST | {"department_id": "1"}, builders.principal(ADMIN))
    assert (row.department_id, row.owner_id, row.features) == (1, ADMIN, Features())
    # Whoever may not write in that diary is told so before anything else.
    with pytest.raises(Forbidden):
        draft({"department_id": "1"})


def test_without_a_home_the_tenants_default_counts():
    view_of = view(default_department_id=1)
    associate = view_of.directory.associates[ADMIN]
    view_of.directory.associates[ADMIN] = msgspec.structs.replace(associate, group_id=0)
    made = to_draft(cleaned(LEAST), builders.principal(ADMIN))(new_names(seeded("x"), NOW), view_of)
    assert (made.appointment.department_id, made.appointment.created_by) == (1, ADMIN)


def test_all_that_can_be_given_at_creation():
    _names, row = draft(
        LEAST
        | {
            "reference": 123,
            "is_interpreter_needed": "yes",
            "interpreter_language": "Welsh",
            "claimant": {
                "name": "Jane",
                "email": "j@example.org",
                "phone_number": "+44",
                "date_of_birth": "1990-01-01",
                "data": [{"id": str(OTHER), "value": "7"}],
            },
            "features_screen_sharing_enable": True,
            "features_bandwidth": "low",
            "use_custom_post_call_redirect": 1,
            "custom_user_post_call_redirect_url": "https://c.example/",
            "status": "late",
        }
    )
    assert (row.reference, row.is_interpreter_needed, row.interpreter_language) == ("123", True, "Welsh")
    assert row.claimant.answers == (Answer(OTHER, "7"),)
    assert (row.claimant.email, row.claimant.born_on) == ("j@example.org", date(1990, 1, 1))
    assert row.features == Features(call_recording=True, bandwidth=Bandwidth.LOW)
    assert row.redirects == Redirects(is_custom=True, claimant_url="https://c.example/")
    assert row.status is Status.SCHEDULED


def test_null_at_creation_is_the_default():
    nulls = dict.fromkeys(
        (
            "reference",
            "is_interpreter_needed",
            "interpreter_language",
            "department_id",
            "features_bandwidth",
            "custom_user_post_call_redirect_url",
            "custom_agent_post_call_redirect_url",
            "status",
        ),
        "",
    )
    people = {
        "claimant": {"name": "Jane", "email": "", "phone_number": None, "date_of_birth": "", "data": ""}
    }
    assert draft(LEAST | nulls | people) == draft(LEAST)


def test_every_problem_of_a_creation_comes_at_once():
    given = {
        "department_id": 99,
        "features_breakout_room_enable": "",
        "claimant": {"data": [{"id": str(CASE)}]},
    }
    with pytest.raises(e.InvalidAppointment) as caught:
        draft(given)
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [
        ("appointment_at", "required"),
        ("duration_in_minutes", "required"),
        ("department_id", "exists"),
        ("claimant.name", "required"),
        ("claimant.data.0.id", "exists"),
        ("features_breakout_room_enable", "required"),
    ]


async def test_the_form_of_the_helpdesk_is_answered_as_it_shows():
    given = cleaned(nest(list(data.CREATE_FORM), DEFAULT_LIMITS).values)
    store, names = FakeStore(), new_names(seeded("test"), NOW)
    who = builders.principal(CLIENT)
    outcome = await create_appointment(store, Call(principal=who, door="sqod"), names, to_draft(given, who))
    shown = written(outcome.rows[0])
    assert {name: shown[name] for name in data.CREATE_ANSWER} == data.CREATE_ANSWER
    assert shown["url"].startswith("https://video.example" + data.CREATE_URL_START + "&key=")
    assert shown["claimant"] | {"data": None} == {
        "name": "John Doe",
        "date_of_birth": "1990-01-01",
        "phone_number": "+442071234567",
        "email": "test@test.com",
        "data": None,
    }
    sent = dict(data.CREATE_FORM)
    for name in shown:
        if name.endswith("_enable"):
            assert shown[name] is (sent[name] == "true")
    assert shown["features_bandwidth"] == "high"
    assert shown["custom_agent_post_call_redirect_url"] == "https://www.sampleurl.co.uk"
    assert shown["meeting"]["room_url"]


async def test_an_edit_goes_through_the_one_write_path():
    store = FakeStore(rows={10: ROW})
    call = Call(principal=builders.principal(ADMIN), door="sqod", hides_foreign=True)
    outcome = await change_appointment(store, call, ROW.uid, to_edit({"status": "being_seen"}, seeded("x")))
    assert outcome.rows[0].status is Status.BEING_SEEN
    assert outcome.rows[0].session_started_at == NOW
    with pytest.raises(e.AppointmentNotFound):
        await change_appointment(store, call, GONE, to_edit({"status": "gone"}, seeded("x")))
    with pytest.raises(e.InvalidAppointment):
        await change_appointment(store, call, ROW.uid, to_edit({"status": "gone"}, seeded("x")))


def test_cancelling_keeps_the_first_reason():
    cancelled = to_cancellation({"cancellation_reason": "Booking declined — no"})(ROW, view()).appointment
    assert cancelled == replace(ROW, status=Status.CANCELLED, cancellation_reason="Booking declined — no")
    assert to_cancellation({"cancellation_reason": "other"})(cancelled, view()).appointment == cancelled
    assert to_cancellation({})(ROW, view()).appointment.cancellation_reason is None
    with pytest.raises(e.InvalidAppointment):
        to_cancellation({"cancellation_reason": ["x"]})(ROW, view())
