"""AppointmentResource: every member, always."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from appointed.domain.directory import DataField, Department
from appointed.domain.meeting import Bandwidth, Features, Meeting, Redirects
from appointed.domain.participant import Answer, Claimant
from appointed.domain.rights import EVERY_KEY, Keys
from appointed.domain.status import Status
from appointed.sqod.carrier import Envelope, render
from tests import builders
from tests.data import sqod as data

BASE = "https://video.example"
FIELD, GONE = UUID(int=201), UUID(int=999)

FULL = builders.appointment(
    uid=UUID("9a0f170e-0aa0-47db-ab14-4ddcdcbad061"),
    reference="A/7 & é",
    link_key="s3cret_-",
    starts_at=datetime(2026, 3, 3, 9, 0, 0, 250, tzinfo=UTC),
    ends_at=datetime(2026, 3, 3, 10, 0, 30, tzinfo=UTC),
    status=Status.CANCELLED,
    is_interpreter_needed=True,
    interpreter_language="English",
    claimant=Claimant(
        id=UUID(int=5),
        name="John Doe",
        email="john@example.com",
        phone_number="+44",
        born_on=date(1990, 1, 1),
        answers=(Answer(FIELD, "C-1"), Answer(GONE, None)),
    ),
    meeting=Meeting(id="M1", room_name="room", agent_key="agent"),
    features=Features(
        call_recording=True, webcam_access_claimant=False, messages_chat=False, bandwidth=Bandwidth.LOW
    ),
    redirects=Redirects(is_custom=True, claimant_url="https://a.example/", agent_url="https://b.example/"),
    session_started_at=datetime(2026, 3, 3, 9, 1, tzinfo=UTC),
    session_ended_at=datetime(2026, 3, 3, 9, 2, tzinfo=UTC),
    cancelled_at=datetime(2026, 3, 3, 9, 3, tzinfo=UTC),
    cancellation_reason="Booking declined — no",
)


def shown(row, directory=None, keys=EVERY_KEY):
    envelope = Envelope(render(row, directory or builders.directory(), BASE, keys))
    return msgspec.json.decode(msgspec.json.encode(envelope))["data"]


TYPES = {str: "string", int: "integer", bool: "boolean", type(None): "null", dict: "object", list: "array"}


def demand_types(value, table):
    assert list(value) == list(table)
    for name, allowed in table.items():
        assert TYPES[type(value[name])] in allowed, name


@pytest.mark.clause("SQ-SAMPLE-read")
@pytest.mark.parametrize("row", [FULL, builders.appointment()])
def test_all_29_members_stand_in_the_documents_order_and_types(row):
    value = shown(row)
    assert len(data.RESOURCE) == 29
    demand_types(value, data.RESOURCE)
    demand_types(value["department"], data.DEPARTMENT)
    demand_types(value["claimant"], data.CLAIMANT)
    for answer in value["claimant"]["data"]:
        demand_types(answer, data.ANSWER)
    if value["meeting"]:
        demand_types(value["meeting"], data.MEETING)


def test_a_full_appointment():
    assert shown(FULL) == {
        "id": "9a0f170e-0aa0-47db-ab14-4ddcdcbad061",
        "reference": "A/7 & é",
        "appointment_at": "2026-03-03T09:00:00.000250Z",
        "duration_in_minutes": 60,
        "is_interpreter_needed": True,
        "interpreter_language": "English",
        "status": "cancelled",
        "url": f"{BASE}/client-web/schedule/pre-call/summary?reference=A%2F7%20%26%20%C3%A9&key=1-10-s3cret_-",
        "created_at": "2026-03-02T08:00:00.123456Z",
        "cancelled_at": "2026-03-03T09:03:00.000000Z",
        "cancellation_reason": "Booking declined — no",
        "department": {"id": 1, "name": "First"},
        "claimant": {
            "name": "John Doe",
            "phone_number": "+44",
            "email": "john@example.com",
            "date_of_birth": "1990-01-01",
            "data": [
                {"id": str(FIELD), "value": "C-1", "name": "Case", "type": "text", "required": False},
                {"id": str(GONE), "value": None, "name": None, "type": None, "required": False},
            ],
        },
        "meeting": {
            "id": "M1",
            "room_name": "room",
            "room_url": f"{BASE}/agent-web/room/1-10-agent",
            "start_date": "2026-03-03T09:00:00Z",
            "end_date": "2026-03-03T10:00:30Z",
        },
        "session_started_at": "2026-03-03T09:01:00.000000Z",
        "session_ended_at": "2026-03-03T09:02:00.000000Z",
        "features_call_recording_enable": True,
        "features_breakout_room_enable": False,
        "features_webcam_access_agent_enable": True,
        "features_webcam_access_claimant_enable": False,
        "features_webcam_background_blurring_enable": True,
        "features_microphone_access_enable": True,
        "features_screen_sharing_enable": True,
        "features_messages_chat_enable": False,
        "features_participant_list_enable": True,
        "features_bandwidth": "low",
        "use_custom_post_call_redirect": True,
        "custom_user_post_call_redirect_url": "https://a.example/",
        "custom_agent_post_call_redirect_url": "https://b.example/",
    }


def test_an_appointment_without_claimant_and_meeting():
    value = shown(builders.appointment(department_id=77))
    assert value["claimant"] == {
        "name": None,
        "phone_number": None,
        "email": None,
        "date_of_birth": None,
        "data": [],
    }
    assert value["meeting"] is None
    assert value["department"] is None
    assert (value["status"], value["cancelled_at"], value["cancellation_reason"]) == ("scheduled", None, None)


def test_a_video_url_of_the_diary_is_a_meeting():
    row = builders.appointment(video_url="https://meet.example/x", video_meeting_id="V1")
    meeting = {
        "id": "V1",
        "room_name": None,
        "room_url": "https://meet.example/x",
        "start_date": "2026-03-03T09:00:00Z",
        "end_date": "2026-03-03T10:00:00Z",
    }
    assert shown(row)["meeting"] == meeting
    assert shown(replace(row, video_meeting_id=""))["meeting"] == meeting | {"id": None}
    own = replace(row, meeting=Meeting(id="M1", room_name="room", agent_key="agent"))
    assert shown(own)["meeting"]["room_url"] == f"{BASE}/agent-web/room/1-10-agent"


def test_a_key_that_is_not_told_is_null_and_all_members_stay():
    whole = shown(FULL)
    for keys in (Keys(room=False, claimant=False), Keys(room=True, claimant=False)):
        value = shown(FULL, keys=keys)
        assert {**value, "url": whole["url"], "meeting": whole["meeting"]} == whole
        assert value["url"] is None
        told = whole["meeting"] if keys.room else whole["meeting"] | {"room_name": None, "room_url": None}
        assert value["meeting"] == told


def test_an_address_that_somebody_wrote_is_no_key_of_ours():
    row = builders.appointment(video_url="https://meet.example/x")
    meeting = shown(row, keys=Keys(room=False, claimant=False))["meeting"]
    assert meeting["room_url"] == "https://meet.example/x"


@pytest.mark.parametrize("status", Status)
def test_every_status_is_one_of_the_documents(status):
    assert shown(builders.appointment(status=status))["status"] in data.STATUSES
    assert len(Status) == len(data.STATUSES)


def test_minutes_are_whole():
    row = builders.appointment(ends_at=builders.START + timedelta(minutes=59, seconds=59))
    assert shown(row)["duration_in_minutes"] == 59


def test_data_fields_are_kept_with_their_directory():
    old = builders.directory()
    assert shown(FULL, old)["claimant"]["data"][1]["name"] is None
    new = builders.directory()
    new.departments[2] = Department(
        id=2,
        uid=UUID(int=102),
        name="Second",
        default_associate_id=2,
        data_fields=(DataField(id=GONE, name="Later", type="number", is_required=True),),
    )
    answer = shown(FULL, new)["claimant"]["data"][1]
    assert (answer["name"], answer["type"], answer["required"]) == ("Later", "number", True)
