"""Departments, waiting areas, users and diaries as they are shown (ours: ADRs 0116, 0129, 0152, 0153)."""

from datetime import datetime
from typing import Final

import msgspec

from appointed.domain.directory import Associate, AssociateType, DataField, Department, Directory, WaitingArea
from appointed.domain.hours import Opening, Openings
from appointed.domain.principal import Principal, Role
from appointed.domain.rights import Known, departments_of, known, may_see_department
from appointed.sqod.carrier import DepartmentResource
from appointed.sqod.moments import write_instant
from appointed.sqod.organisation.rules import WAYS, WEEKDAYS
from appointed.sqod.rules import SWITCHES

ROLES: Final = {
    Role.ADMINISTRATOR: "customer_admin",
    Role.DEPARTMENT_ADMINISTRATOR: "department_admin",
    Role.SCHEDULER: "scheduler",
    Role.AGENT: "agent",
}

PERSON: Final = "person"
DIARY_TYPES: Final = {AssociateType.RESOURCE: "resource"}


class DataFieldResource(msgspec.Struct, frozen=True):
    """An appointment data field; only a `select` has choices."""

    id: str
    name: str
    type: str
    required: bool
    choices: list[str]


class OpeningResource(msgspec.Struct, frozen=True):
    """Open on a weekday from a time of day until another, in the customer's time zone."""

    weekday: str
    opens: str
    closes: str


class HolidayResource(msgspec.Struct, frozen=True):
    """A day on which the department is closed."""

    date: str
    name: str | None


class DepartmentDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A department; switches and redirects are those a new appointment starts with.

    Null opening hours are the usual.
    """

    id: int
    uuid: str
    name: str
    default_user_id: int
    late_after_minutes: int
    no_show_after_minutes: int
    invite_by_email: bool
    invite_by_sms: bool
    reminder_minutes: int
    language: str
    support_text: str | None
    retention_days: int | None
    opening_hours: list[OpeningResource] | None
    holidays: list[HolidayResource]
    data_fields: list[DataFieldResource]
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
    created_at: str | None
    updated_at: str | None


class DepartmentEnvelope(msgspec.Struct, frozen=True):
    """What a single department is wrapped in."""

    data: DepartmentDetail


class WaitingAreaResource(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting area; null opening hours are its department's."""

    id: int
    department: DepartmentResource
    name: str
    welcome_text: str | None
    message: str | None
    opening_hours: list[OpeningResource] | None
    opens_before_minutes: int
    created_at: str | None
    updated_at: str | None


class WaitingAreaEnvelope(msgspec.Struct, frozen=True):
    """What a single waiting area is wrapped in."""

    data: WaitingAreaResource


class UserResource(msgspec.Struct, frozen=True, kw_only=True):
    """A user; the first department is the home. Who is not active cannot sign in.

    Guests are told no roles, and of departments those alone that they know of.
    """

    id: int
    name: str
    login: str
    role: str | None
    departments: list[DepartmentResource]
    is_active: bool
    password_set_at: str | None
    created_at: str | None
    updated_at: str | None


class UserEnvelope(msgspec.Struct, frozen=True):
    """What a single user is wrapped in."""

    data: UserResource


class DiaryResource(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of a whole diary, by its owner; null working hours are the department's.

    The time of an exclusive diary is given away once.
    """

    id: int
    name: str
    type: str
    departments: list[DepartmentResource]
    is_exclusive: bool
    working_hours: list[OpeningResource] | None
    created_at: str | None
    updated_at: str | None


class DiaryEnvelope(msgspec.Struct, frozen=True):
    """What a single diary is wrapped in."""

    data: DiaryResource


def show_department(department: Department) -> DepartmentDetail:
    """Show a department."""
    redirects = department.redirects
    return DepartmentDetail(
        id=department.id,
        uuid=str(department.uid),
        name=department.name,
        default_user_id=department.default_associate_id,
        late_after_minutes=department.late_after_minutes,
        no_show_after_minutes=department.no_show_after_minutes,
        **{wire: way in department.invites_by for wire, way in WAYS.items()},
        reminder_minutes=department.reminder_minutes,
        language=department.language,
        support_text=department.support_text or None,
        opening_hours=_openings(department.opening_hours),
        retention_days=department.retention_days,
        holidays=[HolidayResource(day.on.isoformat(), day.name or None) for day in department.holidays],
        data_fields=[_field(field) for field in department.data_fields],
        **{wire: getattr(department.features, name) for wire, name in SWITCHES.items()},
        features_bandwidth=department.features.bandwidth,
        use_custom_post_call_redirect=redirects.is_custom,
        custom_user_post_call_redirect_url=redirects.claimant_url,
        custom_agent_post_call_redirect_url=redirects.agent_url,
        created_at=_stamp(department.created_at),
        updated_at=_stamp(department.updated_at),
    )


def show_user(user: Associate, principal: Principal, directory: Directory) -> UserResource:
    """Show a user, as far as the caller may know."""
    is_whole = known(principal, user, directory) is Known.WHOLE
    departments = _departments(user, directory)
    return UserResource(
        id=user.id,
        name=user.full_name,
        login=user.name,
        role=ROLES[user.role] if is_whole else None,
        departments=[one for one in departments if may_see_department(principal, one.id, directory)],
        is_active=not user.is_deleted,
        password_set_at=_stamp(user.password_set_at) if is_whole else None,
        created_at=_stamp(user.created_at),
        updated_at=_stamp(user.updated_at),
    )


def show_diary(owner: Associate, directory: Directory) -> DiaryResource:
    """Show what holds of an associate's diary."""
    return DiaryResource(
        id=owner.id,
        name=owner.full_name,
        type=DIARY_TYPES.get(owner.type, PERSON),
        departments=_departments(owner, directory),
        is_exclusive=owner.is_exclusive,
        working_hours=_openings(owner.working_hours),
        created_at=_stamp(owner.created_at),
        updated_at=_stamp(owner.updated_at),
    )


def show_waiting_area(area: WaitingArea, directory: Directory) -> WaitingAreaResource:
    """Show a waiting area."""
    department = directory.departments[area.department_id]
    return WaitingAreaResource(
        id=area.id,
        department=DepartmentResource(department.id, department.name),
        name=area.name,
        welcome_text=area.welcome_text or None,
        message=area.message or None,
        opening_hours=_openings(area.opening_hours),
        opens_before_minutes=area.opens_before_minutes,
        created_at=_stamp(area.created_at),
        updated_at=_stamp(area.updated_at),
    )


def _departments(owner: Associate, directory: Directory) -> list[DepartmentResource]:
    found = [directory.departments[key] for key in departments_of(owner) if key in directory.departments]
    return [DepartmentResource(one.id, one.name) for one in found]


def _stamp(instant: datetime | None) -> str | None:
    return write_instant(instant) if instant else None


def _openings(openings: Openings | None) -> list[OpeningResource] | None:
    return None if openings is None else [_opening(one) for one in openings]


def _opening(opening: Opening) -> OpeningResource:
    return OpeningResource(WEEKDAYS[opening.weekday], _time(opening.opens), _time(opening.closes))


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _field(field: DataField) -> DataFieldResource:
    return DataFieldResource(str(field.id), field.name, field.type, field.is_required, list(field.choices))
