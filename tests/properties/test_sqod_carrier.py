"""What goes out comes back: AppointmentResource as a view of an appointment, as JSON and as a form."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from appointed.domain.appointment import Appointment
from appointed.domain.directory import DataField, Department, View
from appointed.domain.meeting import Bandwidth, Features, Meeting, Redirects
from appointed.domain.participant import Answer, Claimant
from appointed.domain.rights import EVERY_KEY
from appointed.domain.status import Status
from appointed.http.limits import DEFAULT_LIMITS
from appointed.sqod.carrier import render
from appointed.sqod.dialect import to_edit
from appointed.sqod.forms import parse_multipart, parse_urlencoded
from appointed.sqod.input import cleaned
from appointed.sqod.rules import PATCH, SWITCHES
from appointed.usecases.identifiers import seeded
from tests import builders
from tests.builders import KARI

BASE = "https://video.example"
CASE, OTHER, GONE = UUID(int=201), UUID(int=301), UUID(int=999)

# What is kept was trimmed on its way in, and holds no zero.
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20)
kept = texts.map(cleaned).filter(bool)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
stamps = st.none() | instants
urls = st.none() | st.sampled_from(["https://user.example/", "https://agent.example/å?b=c&d=e#f"])
answers = st.builds(Answer, st.sampled_from([CASE, OTHER, GONE]), st.none() | kept)
claimants = st.none() | st.builds(
    Claimant,
    id=st.just(UUID(int=5)),
    name=st.none() | kept,
    email=st.none() | st.sampled_from(["a@b.example", "o'neil+x@sub.b.example"]),
    phone_number=st.none() | kept,
    born_on=st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    answers=st.lists(answers, max_size=3, unique_by=lambda answer: answer.field_id).map(tuple),
)


@st.composite
def appointments(draw: st.DrawFn) -> Appointment:
    starts_at = draw(instants)
    return builders.appointment(
        starts_at=starts_at,
        ends_at=starts_at + draw(st.timedeltas(timedelta(minutes=1), timedelta(days=365))),
        status=draw(st.sampled_from(Status)),
        department_id=draw(st.sampled_from([1, 2])),
        title=draw(st.none() | texts),
        claimant=draw(claimants),
        is_interpreter_needed=draw(st.booleans()),
        interpreter_language=draw(st.none() | kept),
        meeting=draw(st.none() | st.just(Meeting(id="M1", room_name="room", agent_key="agent"))),
        features=Features(
            **{name: draw(st.booleans()) for name in SWITCHES.values()},
            bandwidth=draw(st.sampled_from(Bandwidth)),
        ),
        redirects=draw(st.builds(Redirects, is_custom=st.booleans(), claimant_url=urls, agent_url=urls)),
        session_started_at=draw(stamps),
        session_ended_at=draw(stamps),
        cancelled_at=draw(stamps),
    )


def view() -> View:
    made = builders.view()
    made.directory.departments[2] = Department(
        id=2,
        uid=UUID(int=102),
        name="Second",
        default_associate_id=KARI,
        data_fields=(DataField(id=OTHER, name="Number"),),
    )
    return made


VIEW = view()


def shown(row: Appointment) -> dict[str, Any]:
    return dict(msgspec.json.decode(msgspec.json.encode(render(row, VIEW.directory, BASE, EVERY_KEY))))


def sendable(row: Appointment) -> dict[str, Any]:
    """Write an appointment as it is shown; the department is shown by object, and meant by id."""
    body = shown(row)
    body["department_id"] = body["department"]["id"]
    if body["claimant"]["name"] is None:
        # What the contract demands cannot be sent back where SuperOffice left it out.
        del body["claimant"]["name"]
    return body


def edited(row: Appointment, values: dict[str, Any]) -> Appointment:
    return to_edit(cleaned(values), seeded("test"))(row, VIEW).appointment


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Write a body as the fields of a form: bracket keys, null as nothing, booleans as words."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        inner = [flat(item, f"{name}[{key}]" if name else str(key)) for key, item in items]
        return {key: text for fields in inner for key, text in fields.items()}
    return {name: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)}


@given(appointments())
@settings(max_examples=100)
def test_sending_the_answer_back_changes_nothing(row: Appointment) -> None:
    assert edited(row, sendable(row)) == row


@given(appointments())
@settings(max_examples=60)
def test_nor_does_sending_it_back_as_a_form(row: Appointment) -> None:
    fields = flat(sendable(row))
    urlencoded = httpx.Request("POST", BASE, data=fields).read()
    assert edited(row, parse_urlencoded(urlencoded, DEFAULT_LIMITS).values) == row
    request = httpx.Request("POST", BASE, files={name: (None, text) for name, text in fields.items()})
    content_type = request.headers["content-type"].encode()
    assert edited(row, parse_multipart(request.read(), content_type, DEFAULT_LIMITS).values) == row


@given(appointments(), st.sampled_from(sorted(PATCH)))
@settings(max_examples=100)
def test_sending_one_member_back_changes_nothing(row: Appointment, name: str) -> None:
    assert edited(row, {name: sendable(row)[name]}) == row


# What of an appointment may differ after each member of a patch was set to another's value.
TOUCHED = {
    "appointment_at": {"starts_at", "ends_at"},
    "duration_in_minutes": {"ends_at"},
    "department_id": {"department_id", "owner_id"},
    "use_custom_post_call_redirect": {"redirects"},
    "custom_user_post_call_redirect_url": {"redirects"},
    "custom_agent_post_call_redirect_url": {"redirects"},
    "features_bandwidth": {"features"},
    **{key: {"features"} for key in SWITCHES},
}


@given(appointments(), appointments(), st.sampled_from(sorted(set(PATCH) - {"status", "claimant"})))
@settings(max_examples=100)
def test_taking_one_member_from_another_changes_that_one_alone(
    row: Appointment, other: Appointment, name: str
) -> None:
    body = sendable(other)
    after = edited(row, {name: body[name]})
    assert sendable(after)[name] == body[name]
    before, now = asdict(row), asdict(after)
    assert {key for key in before if before[key] != now[key]} <= TOUCHED.get(name, {name})
    unlike = {key for key, value in shown(row).items() if value != shown(after)[key]}
    assert unlike <= {name, "meeting", "department"}


@given(appointments(), appointments())
@settings(max_examples=100)
def test_claimants_are_merged_member_by_member(row: Appointment, other: Appointment) -> None:
    body = sendable(other)["claimant"]
    asked = {1: CASE, 2: OTHER}[row.department_id]
    body["data"] = [answer for answer in body["data"] if answer["id"] == str(asked)]
    before, after = shown(row)["claimant"], shown(edited(row, {"claimant": body}))["claimant"]
    for name in ("name", "email", "phone_number", "date_of_birth"):
        assert after[name] == body.get(name, before[name])
    answered = {answer["id"]: answer["value"] for answer in before["data"]}
    answered |= {answer["id"]: answer["value"] for answer in body["data"]}
    assert {answer["id"]: answer["value"] for answer in after["data"]} == answered
