"""The appointment: one frozen value that both contracts speak of."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from appointed.domain.meeting import Features, Meeting, Redirects
from appointed.domain.participant import Claimant, InvitationStatus, Participant
from appointed.domain.recurrence import Series
from appointed.domain.status import COMPLETION, Completion, Status


class Kind(StrEnum):
    """Where an appointment is shown: diary, checklist, or as one of the other activities."""

    UNKNOWN = "unknown"
    DIARY = "diary"
    CHECKLIST = "checklist"
    NOTE = "note"
    DOCUMENT = "document"
    SAVED_REPORT = "saved_report"
    BOOKING_FOR_DIARY = "booking_for_diary"
    BOOKING_FOR_CHECKLIST = "booking_for_checklist"
    MERGE_DRAFT = "merge_draft"
    MERGE_FINAL = "merge_final"


class Privacy(StrEnum):
    """Who else may read the contents."""

    PUBLIC = "public"
    OWNER = "owner"
    GROUP = "group"


class AssignmentStatus(StrEnum):
    """How far handing the appointment to another associate has come."""

    UNKNOWN = "unknown"
    NONE = "none"
    ASSIGNING = "assigning"
    SEEN = "seen"
    DECLINED = "declined"


class BookingType(StrEnum):
    """Single, the master of a booking, or a participant's own row of one."""

    UNKNOWN = "unknown"
    NONE = "none"
    OWNER = "owner"
    PARTICIPANT = "participant"


class Caution(StrEnum):
    """A problem that the appointment's reader should know of."""

    OK = "ok"
    NOT_IN_SYNC = "not_in_sync"
    NOT_NOTIFIED_BY_EMAIL = "not_notified_by_email"
    RECURRENCE_PATTERN_NOT_SUPPORTED = "recurrence_pattern_not_supported"
    INCOMING_RECURRENCE_CHANGE_NOT_SUPPORTED = "incoming_recurrence_change_not_supported"
    EXTERNAL_PARTICIPANTS_DATE_TIME_MISMATCH = "external_participants_date_time_mismatch"


class ExternalOwner(StrEnum):
    """An outside system that owns the appointment."""

    NONE = "none"
    OTHER = "other"
    OUTLOOK = "outlook"
    GOOGLE = "google"


class Visibility(StrEnum):
    """Whom a visibility row names."""

    ALL = "all"
    ASSOCIATE = "associate"
    GROUP = "group"


class VisibleFor(msgspec.Struct, frozen=True):
    """One user or group the record is visible for; id 0 with ALL."""

    visibility: Visibility
    id: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing linked to the appointment: `entity` names its kind, `id` its key there.

    `key` never changes and is never used twice in one appointment.
    """

    key: int
    entity: str
    id: int = 0
    description: str = ""
    extra_info: str | None = None


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Publication to the outside: both ends inclusive, None where open."""

    is_published: bool = False
    published_from: datetime | None = None
    published_to: datetime | None = None
    event_at: datetime | None = None


CustomValue = str | int | float | bool | None


class Appointment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One appointment. Instants are aware UTC; durations carry their unit; ids of 0 mean none.

    `title` None means: derived when shown (claimant, reference, or the description's first line).
    `recording_consent` is the claimant's own answer, None until they gave one.
    `arrived_at` is since when who is `waiting` waits; it stays until they come again.
    """

    tenant_id: int
    id: int
    uid: UUID
    reference: str
    link_key: str
    owner_id: int
    department_id: int
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    created_by: int
    revision: int = 1
    updated_at: datetime | None = None
    updated_by: int = 0
    is_second_shared: bool = False

    kind: Kind = Kind.DIARY
    status: Status = Status.SCHEDULED
    is_all_day: bool = False
    is_free: bool = False
    privacy: Privacy = Privacy.PUBLIC

    title: str | None = None
    description: str = ""
    agenda: str = ""
    internal_notes: str = ""
    location: str = ""

    task_id: int = 0
    priority_id: int = 0
    contact_id: int = 0
    person_id: int = 0
    project_id: int = 0
    sale_id: int = 0
    suggested_appointment_id: int = 0
    invited_person_id: int = 0

    series_id: int = 0
    series: Series | None = None
    mother_id: int = 0
    mother_owner_id: int = 0
    booking_type: BookingType = BookingType.NONE
    invitation_status: InvitationStatus = InvitationStatus.ACCEPTED
    assignment_status: AssignmentStatus = AssignmentStatus.NONE
    assigned_by: int = 0
    reject_counter: int = 0
    reject_reason: str = ""
    participants: tuple[Participant, ...] = ()
    last_participant_key: int = 0

    has_alarm: bool = False
    alarm_minutes: int = 0
    lead_minutes: int = 0
    lag_minutes: int = 0
    color_index: int = 0
    is_milestone: bool = False
    preferred_zone: int = 0
    caution: Caution = Caution.OK
    external_owner: ExternalOwner = ExternalOwner.NONE
    video_url: str = ""
    video_meeting_id: str = ""
    links: tuple[Link, ...] = ()
    last_link_key: int = 0
    publication: Publication = Publication()
    visible_for: tuple[VisibleFor, ...] = (VisibleFor(Visibility.ALL),)
    custom_fields: dict[str, CustomValue] = {}
    extra_fields: dict[str, str] = {}

    claimant: Claimant | None = None
    is_interpreter_needed: bool = False
    interpreter_language: str | None = None
    meeting: Meeting | None = None
    features: Features = Features()
    redirects: Redirects = Redirects()
    recording_consent: bool | None = None
    arrived_at: datetime | None = None
    session_started_at: datetime | None = None
    session_ended_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None

    @property
    def active_at(self) -> datetime:
        """The instant to search and show by: the planned start, or the completion once complete."""
        is_done = self.completion is Completion.COMPLETED
        return self.completed_at if is_done and self.completed_at else self.starts_at

    @property
    def completion(self) -> Completion:
        """The step of the diary's own status."""
        return COMPLETION[self.status]

    @property
    def duration(self) -> timedelta:
        """From start to end, lead and lag time not counted."""
        return self.ends_at - self.starts_at

    @property
    def modified_at(self) -> datetime:
        """The whole second that preconditions compare: last change, or creation before the first."""
        return self.updated_at or self.created_at.replace(microsecond=0)

    @property
    def is_booking_row(self) -> bool:
        """Whether this is a participant's own row of somebody's booking."""
        return self.mother_id not in (0, self.id)
