"""A full appointment of the demo tenant, and contexts to see it in."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Link, Publication, Visibility, VisibleFor
from appointed.domain.directory import (
    KINDS,
    Associate,
    CustomField,
    CustomFieldType,
    Directory,
    ListItem,
    View,
)
from appointed.domain.participant import Claimant, InvitationStatus, Participant
from appointed.domain.principal import Principal
from appointed.superoffice.context import Context, Manner, NewClaimants
from appointed.superoffice.texts import Language
from appointed.superoffice.wiretime import TimeStyle
from appointed.usecases.create_appointment import NewNames
from appointed.usecases.demo_data import DEMO, KARI, OLA, RECORDS, TENANT
from appointed.usecases.identifiers import seeded

NOW = datetime(2026, 3, 2, 8, 10, 30, 123456, tzinfo=UTC)
OSLO, NEW_YORK, UTC_ZONE = ZoneInfo("Europe/Oslo"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
BASE = "https://crm.example"
GONE = 9

NAMES = NewNames(
    uid=UUID("00000000-0000-7000-8000-000000000001"),
    reference="NEWREFERENCE123",
    link_key="k",
    claimant_id=UUID(int=77),
    meeting_id="m",
    room_name="r",
    agent_key="a",
)

# One field of every type beside the demo tenant's five.
MORE_FIELDS = (
    CustomField(id=6, prog_id="SuperOffice:6", label="Remarks", type=CustomFieldType.LONG_TEXT, length=40),
    CustomField(id=7, prog_id="SuperOffice:7", label="Ever", type=CustomFieldType.UNLIMITED_DATE),
    CustomField(id=8, prog_id="SuperOffice:8", label="Price", type=CustomFieldType.DECIMAL),
    CustomField(
        id=9,
        prog_id="my:list",
        label="Mood",
        type=CustomFieldType.LIST,
        items=(ListItem(1, 'US:"Good";NO:"God";', "fine"), ListItem(2, "Bad")),
    ),
)
EXTRA_PEOPLE = (Associate(id=GONE, name="gone", full_name="Gone Away", is_deleted=True, group_id=1),)


def directory(**tenant: Any) -> Directory:
    kinds: dict[str, dict[int, Any]] = {}
    names = {record: kind for kind, record in KINDS.items()}
    for record in (*RECORDS, *MORE_FIELDS, *EXTRA_PEOPLE):
        kinds.setdefault(names[type(record)], {})[record.id] = record
    return Directory(replace(TENANT, **tenant), 1, kinds)


DIRECTORY = directory()
VIEW = View(DIRECTORY, NOW)

OWNER_ROW = Participant(
    key=1, associate_id=DEMO, person_id=1, contact_id=1, invitation_status=InvitationStatus.ACCEPTED
)
GUEST_ROW = Participant(
    key=2, person_id=4, contact_id=2, send_email=True, invitation_status=InvitationStatus.INVITATION
)
MAIL_ROW = Participant(
    key=4,
    email_address="guest@else.example",
    description="A guest",
    invitation_status=InvitationStatus.INVITATION,
)
CLAIMANT = Claimant(
    id=UUID(int=5),
    name="Jane Roe",
    email="jane@claimant.example",
    phone_number="+447700900102",
    born_on=date(1985, 5, 5),
)


def full(**changes: Any) -> Appointment:
    """An appointment with something in every member."""
    starts_at = datetime(2026, 3, 3, 9, 0, 0, 654321, tzinfo=UTC)
    values: dict[str, Any] = {
        "tenant_id": 1,
        "id": 63,
        "uid": UUID("11111111-2222-4333-8444-555555555555"),
        "reference": "REF63",
        "link_key": "key",
        "owner_id": DEMO,
        "department_id": 1,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "created_at": datetime(2026, 2, 1, 12, 0, 0, 5, tzinfo=UTC),
        "created_by": DEMO,
        "updated_at": datetime(2026, 2, 2, 12, 0, tzinfo=UTC),
        "updated_by": KARI,
        "revision": 3,
        "title": "Title",
        "description": "First line\nsecond line",
        "agenda": "Agenda",
        "internal_notes": "Notes",
        "location": "Room 1",
        "task_id": 1,
        "priority_id": 2,
        "contact_id": 2,
        "person_id": 4,
        "project_id": 1,
        "sale_id": 1,
        "participants": (OWNER_ROW, GUEST_ROW, MAIL_ROW),
        "last_participant_key": 4,
        "has_alarm": True,
        "alarm_minutes": 15,
        "lead_minutes": 5,
        "lag_minutes": 1500,
        "color_index": 3,
        "is_milestone": True,
        "preferred_zone": 261,
        "suggested_appointment_id": 7,
        "reject_reason": "Busy",
        "assigned_by": OLA,
        "video_url": "https://meet.example/1",
        "video_meeting_id": "guid",
        "links": (Link(key=3, entity="document", id=1, description="Offer"),),
        "publication": Publication(is_published=True, event_at=starts_at),
        "visible_for": (VisibleFor(Visibility.ALL),),
        "custom_fields": {
            "SuperOffice:1": "Note",
            "SuperOffice:2": 5,
            "SuperOffice:3": "2026-03-05",
            "SuperOffice:4": True,
            "SuperOffice:5": 2,
            "SuperOffice:6": "Long",
            "SuperOffice:7": "1999-12-31",
            "SuperOffice:8": 1.5,
            "my:list": 1,
        },
        "extra_fields": {"x_foobar": "baz"},
    }
    return Appointment(**(values | changes))


def video(**changes: Any) -> Appointment:
    """The same with a claimant, and without a title of its own."""
    return full(**({"claimant": CLAIMANT, "title": None} | changes))


@dataclass(frozen=True)
class Seen:
    """How somebody looks at rows: who, in which zone and language."""

    by: int = DEMO
    zone: ZoneInfo = OSLO
    tagged: bool = False
    language: Language | None = None
    has_conflict: bool | None = False
    view: View = field(default=VIEW)
    new_claimants: NewClaimants = field(default_factory=lambda: NewClaimants(seeded("claimants")))

    @property
    def principal(self) -> Principal:
        return Principal(1, self.by)

    def context(self, row: Appointment, view: View) -> Context:
        manner = Manner(
            principal=self.principal,
            base_url=BASE,
            style=lambda one: TimeStyle(self.zone, self.tagged, one.zone),
            language=self.language,
            has_conflict=self.has_conflict,
            new_claimants=self.new_claimants,
        )
        return manner.context(row, view)

    def of(self, row: Appointment) -> Context:
        return self.context(row, self.view)


DEMO_EYES = Seen()
