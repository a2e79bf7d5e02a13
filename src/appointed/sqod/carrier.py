"""The appointment as SQOD shows it (AppointmentResource); all 29 members always, null where empty."""

from datetime import datetime

import msgspec

from appointed.domain.appointment import Appointment
from appointed.domain.directory import DataField, Directory
from appointed.domain.meeting import Place, agent_url
from appointed.domain.meeting import claimant_url as claimant_address
from appointed.domain.participant import Answer, Claimant
from appointed.domain.rights import Keys
from appointed.sqod.moments import write_instant, write_second
from appointed.sqod.rules import SWITCHES

FIELDS_MEMO = "sqod.data_fields"


class DepartmentResource(msgspec.Struct, frozen=True):
    """DepartmentResource."""

    id: int
    name: str


class AnswerResource(msgspec.Struct, frozen=True):
    """One item of AppointmentClaimantResource.data; without name and type once its field is gone."""

    id: str
    value: str | None
    name: str | None
    type: str | None
    required: bool


class ClaimantResource(msgspec.Struct, frozen=True):
    """AppointmentClaimantResource."""

    name: str | None = None
    phone_number: str | None = None
    email: str | None = None
    date_of_birth: str | None = None
    data: list[AnswerResource] = []


class MeetingResource(msgspec.Struct, frozen=True):
    """Meeting; `room_url` opens the room for the agent, null for who may not join."""

    id: str | None
    room_name: str | None
    room_url: str | None
    start_date: str
    end_date: str


class AppointmentResource(msgspec.Struct, frozen=True, kw_only=True):
    """AppointmentResource, in the document's order."""

    id: str
    reference: str
    appointment_at: str
    duration_in_minutes: int
    is_interpreter_needed: bool
    interpreter_language: str | None
    status: str
    url: str | None
    created_at: str
    cancelled_at: str | None
    cancellation_reason: str | None
    department: DepartmentResource | None
    claimant: ClaimantResource
    meeting: MeetingResource | None
    session_started_at: str | None
    session_ended_at: str | None
    features_call_recording_enable: bool
    features_breakout_room_enable: bool
    features_webcam_access_agent_enable: bool
    features_webcam_access_claimant_enable: bool
    features_webcam_background_blurring_enable: bool
    features_microphone_access_enable: bool
    features_screen_sharing_enable: bool
    features_messages_chat_enable: bool
    features_participant_list_enable: bool
    features_bandwidth: str
    use_custom_post_call_redirect: bool
    custom_user_post_call_redirect_url: str | None
    custom_agent_post_call_redirect_url: str | None


class Envelope(msgspec.Struct, frozen=True):
    """What every single answer is wrapped in."""

    data: AppointmentResource


def render(row: Appointment, directory: Directory, base_url: str, keys: Keys) -> AppointmentResource:
    """Show one appointment; `base_url` (no trailing slash) starts its links; `keys` are told."""
    switches = {wire: getattr(row.features, name) for wire, name in SWITCHES.items()}
    return AppointmentResource(
        id=str(row.uid),
        reference=row.reference,
        appointment_at=write_instant(row.starts_at),
        duration_in_minutes=minutes_of(row),
        is_interpreter_needed=row.is_interpreter_needed,
        interpreter_language=row.interpreter_language,
        status=row.status,
        url=claimant_url(row, base_url) if keys.claimant else None,
        created_at=write_instant(row.created_at),
        cancelled_at=_stamp(row.cancelled_at),
        cancellation_reason=row.cancellation_reason,
        department=_department(row, directory),
        claimant=_claimant(row.claimant, directory),
        meeting=_meeting(row, base_url, keys),
        session_started_at=_stamp(row.session_started_at),
        session_ended_at=_stamp(row.session_ended_at),
        **switches,
        features_bandwidth=row.features.bandwidth,
        use_custom_post_call_redirect=row.redirects.is_custom,
        custom_user_post_call_redirect_url=row.redirects.claimant_url,
        custom_agent_post_call_redirect_url=row.redirects.agent_url,
    )


def _stamp(instant: datetime | None) -> str | None:
    return write_instant(instant) if instant else None


def minutes_of(row: Appointment) -> int:
    """Give the duration in whole minutes, the last one begun not counted."""
    return int(row.duration.total_seconds()) // 60


def claimant_url(row: Appointment, base_url: str) -> str:
    """Give the claimant's link: references can be guessed, the key after it cannot."""
    return claimant_address(Place(row.tenant_id, row.id, row.link_key), row.reference, base_url)


def _department(row: Appointment, directory: Directory) -> DepartmentResource | None:
    department = directory.departments.get(row.department_id)
    return DepartmentResource(department.id, department.name) if department else None


def _claimant(claimant: Claimant | None, directory: Directory) -> ClaimantResource:
    if claimant is None:
        return ClaimantResource()
    return ClaimantResource(
        claimant.name,
        claimant.phone_number,
        claimant.email,
        claimant.born_on.isoformat() if claimant.born_on else None,
        _answers(claimant.answers, directory) if claimant.answers else [],
    )


def _answers(answers: tuple[Answer, ...], directory: Directory) -> list[AnswerResource]:
    fields = data_fields(directory)
    rendered = []
    for answer in answers:
        field = fields.get(str(answer.field_id))
        name, kind, is_required = (
            (field.name, field.type, field.is_required) if field else (None, None, False)
        )
        rendered.append(AnswerResource(str(answer.field_id), answer.value, name, kind, is_required))
    return rendered


def data_fields(directory: Directory) -> dict[str, DataField]:
    """Give the data fields of all departments by their UUIDs as text."""
    fields: dict[str, DataField] | None = directory.memo.get(FIELDS_MEMO)
    if fields is None:
        departments = directory.departments.values()
        fields = {str(field.id): field for department in departments for field in department.data_fields}
        directory.memo[FIELDS_MEMO] = fields
    return fields


def _meeting(row: Appointment, base_url: str, keys: Keys) -> MeetingResource | None:
    start, end = write_second(row.starts_at), write_second(row.ends_at)
    if row.meeting is not None:
        if not keys.room:
            return MeetingResource(row.meeting.id, None, None, start, end)
        room_url = agent_url(row.meeting, row.tenant_id, row.id, base_url)
        return MeetingResource(row.meeting.id, row.meeting.room_name, room_url, start, end)
    if row.video_url:
        return MeetingResource(row.video_meeting_id or None, None, row.video_url, start, end)
    return None
