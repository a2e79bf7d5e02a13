"""What appointments refer to: one tenant's small records, as a snapshot that never changes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from appointed.domain.hours import Holiday, Openings
from appointed.domain.letter import Channel
from appointed.domain.meeting import Features, Redirects
from appointed.domain.principal import Role

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Root of the small records; `id` counts from 1 per tenant and kind.

    The stamps are those of an appointment. Who put a record there by hand left no stamp of its creation.
    """

    id: int
    revision: int = 1
    created_at: datetime | None = None
    created_by: int = 0
    updated_at: datetime | None = None
    updated_by: int = 0
    is_second_shared: bool = False

    @property
    def modified_at(self) -> datetime:
        """Give the second that stands for this revision in HTTP dates; 1970 when nobody knows."""
        return (self.updated_at or self.created_at or EPOCH).replace(microsecond=0)


class AssociateType(StrEnum):
    """What kind of diary owner an associate is."""

    INTERNAL = "internal"
    RESOURCE = "resource"
    EXTERNAL = "external"
    ANONYMOUS = "anonymous"
    SYSTEM = "system"


class Associate(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A user or resource: whoever can own a diary. `group_id` is the home department.

    The time of an exclusive diary is given away only once. `working_hours` None are the department's.
    Who `is_deleted` cannot sign in; `password_set_at` is when an administrator last gave a password.
    """

    name: str
    full_name: str
    type: AssociateType = AssociateType.INTERNAL
    role: Role = Role.AGENT
    group_id: int = 0
    department_ids: tuple[int, ...] = ()
    person_id: int = 0
    rank: int = 0
    tooltip: str = ""
    is_deleted: bool = False
    is_exclusive: bool = False
    working_hours: Openings | None = None
    ej_user_id: int = 0
    user_name: str | None = None
    password_set_at: datetime | None = None


class DataFieldType(StrEnum):
    """What answers to a question are; they are kept as text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    SELECT = "select"


class DataField(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question a department asks its claimants; a SELECT is answered by one of its choices."""

    id: UUID
    name: str
    type: DataFieldType = DataFieldType.TEXT
    is_required: bool = False
    choices: tuple[str, ...] = ()


class Department(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A user group: both contracts' department; `opening_hours` None are the usual ones.

    A claimant who is not there counts as late so many minutes after the start, as a no-show so many after
    the end. Switches and redirects are those a new appointment starts with. Data fields are asked in their
    order. `invites_by` are the ways by which claimants are told of their appointments, and reminded so many
    minutes before (0: not), in a language (ISO 639-1 code), with a word on whom to ask for help.
    Claimants are erased so many days after the end of their appointments; None keeps them.
    """

    uid: UUID
    name: str
    default_associate_id: int
    data_fields: tuple[DataField, ...] = ()
    features: Features = Features()
    opening_hours: Openings | None = None
    holidays: tuple[Holiday, ...] = ()
    late_after_minutes: int = 1
    no_show_after_minutes: int = 10
    redirects: Redirects = Redirects()
    invites_by: tuple[Channel, ...] = ()
    reminder_minutes: int = 0
    language: str = "en"
    support_text: str = ""
    retention_days: int | None = None


class WaitingArea(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where claimants of a department wait, and what they read there.

    It opens so many minutes before an appointment; `opening_hours` None are the department's.
    """

    department_id: int
    name: str
    welcome_text: str = ""
    message: str = ""
    opening_hours: Openings | None = None
    opens_before_minutes: int = 30


class Task(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A type of activity; enums are kept as the contract's own names."""

    value: str
    tooltip: str = ""
    direction: str = "Unknown"
    type: str = "Appointment"
    intent_id: int = 0
    rank: int = 0
    is_deleted: bool = False
    is_default_all_day: bool = False
    is_default_free: bool = False
    is_default_published: bool = False
    color_index: str = "LightBlue"
    default_video_status: str = "NoChange"


class Priority(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How important an appointment is."""

    value: str
    tooltip: str = ""
    rank: int = 0
    is_deleted: bool = False


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal or street address."""

    line1: str = ""
    line2: str = ""
    line3: str = ""
    zip_code: str = ""
    city: str = ""
    county: str = ""
    state: str = ""


class Contact(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A company."""

    name: str
    department: str = ""
    org_number: str = ""
    number: str = ""
    other_number: str = ""
    url: str = ""
    url_name: str | None = None
    phone: str = ""
    email: str = ""
    email_name: str | None = None
    kana_name: str = ""
    associate_id: int = 0
    country_id: int = 0
    country_name: str = ""
    business_name: str = ""
    category_name: str = ""
    street: Address = Address()
    postal: Address = Address()
    is_owner_contact: bool = False


class Person(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person of a company."""

    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    contact_id: int = 0
    salutation: str = ""
    title: str = ""
    position: str = ""
    description: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    country_id: int = 0
    rank: int = 0
    number: str = ""
    category_name: str = ""
    is_retired: bool = False
    associate_id: int = 0
    email_name: str = ""
    kana_first_name: str = ""
    kana_last_name: str = ""
    post1: str = ""
    post2: str = ""
    post3: str = ""
    uses_own_address: bool = False
    ticket_priority_id: int = 0
    support_language_id: int = 0
    support_associate_id: int = 0


class Project(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A project."""

    name: str
    description: str = ""
    number: str = ""
    type_id: int = 0
    type_name: str = ""
    status_id: int = 0
    status_name: str = ""
    associate_id: int = 0
    starts_at: datetime | None = None
    url: str = ""
    url_name: str = ""
    event_id: int = 0


class Sale(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A sale; `amount` and `earning` are in `currency`, percentages 0–100."""

    title: str
    description: str = ""
    number: str = ""
    amount: float = 0.0
    currency: str = ""
    probability: int = 0
    earning: float = 0.0
    earning_percent: float = 0.0
    status: str = "Open"
    sale_at: datetime | None = None
    next_due_at: datetime | None = None
    contact_id: int = 0
    person_id: int = 0
    project_id: int = 0
    associate_id: int = 0
    type_id: int = 0
    type_name: str = ""


class CustomFieldType(StrEnum):
    """What a user-defined field holds."""

    NUMBER = "number"
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    DATE = "date"
    UNLIMITED_DATE = "unlimited_date"
    CHECKBOX = "checkbox"
    LIST = "list"
    DECIMAL = "decimal"


class ListItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice of a list field; one that is deleted stays where it was chosen."""

    id: int
    name: str
    tooltip: str = ""
    is_deleted: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a screen puts a field and its label, in pixels; 0 is for the screen to choose."""

    field_left: int = 0
    field_top: int = 0
    field_width: int = 0
    field_height: int = 0
    label_left: int = 0
    label_top: int = 0
    label_width: int = 0
    label_height: int = 0


class CustomField(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A user-defined field of appointments; `prog_id` is its key on the wire ("SuperOffice:1").

    `draft` is what it shall be from the next publishing on, `is_dropped` says that it shall be no more then;
    one that `is_new` was never published. `rank` 0 stands for the id. What is mandatory is so for screens.
    """

    prog_id: str
    label: str
    type: CustomFieldType
    length: int = 0
    items: tuple[ListItem, ...] = ()
    default: str = ""
    tooltip: str = ""
    short_label: str = ""
    template_variable: str = ""
    format_mask: str = ""
    justification: str = "Default"
    rank: int = 0
    page1_line: int = 0
    is_mandatory: bool = False
    is_read_only: bool = False
    is_indexed: bool = False
    hides_label: bool = False
    place: Place = Place()
    version: int = 1
    is_new: bool = False
    is_dropped: bool = False
    draft: "CustomField | None" = None


class Tenant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One customer of the server. `zone` is the IANA name of the base time zone."""

    id: int
    name: str
    zone: str = "Europe/Oslo"
    default_department_id: int = 1
    is_demo: bool = False
    redirect_hosts: tuple[str, ...] = ()


KINDS: dict[str, type[Record]] = {
    "associate": Associate,
    "department": Department,
    "waiting_area": WaitingArea,
    "task": Task,
    "priority": Priority,
    "contact": Contact,
    "person": Person,
    "project": Project,
    "sale": Sale,
    "custom_field": CustomField,
}


class Directory:
    """All small records of one tenant at one revision. `memo` holds renderings of this very snapshot."""

    def __init__(self, tenant: Tenant, revision: int, records: dict[str, dict[int, Any]]) -> None:
        self.tenant = tenant
        self.revision = revision
        self.zone = ZoneInfo(tenant.zone)
        self._records = records
        self.associates: dict[int, Associate] = records.get("associate", {})
        self.departments: dict[int, Department] = records.get("department", {})
        self.tasks: dict[int, Task] = records.get("task", {})
        self.priorities: dict[int, Priority] = records.get("priority", {})
        self.contacts: dict[int, Contact] = records.get("contact", {})
        self.persons: dict[int, Person] = records.get("person", {})
        self.projects: dict[int, Project] = records.get("project", {})
        self.sales: dict[int, Sale] = records.get("sale", {})
        layout: dict[int, CustomField] = records.get("custom_field", {})
        self.custom_fields = {key: one for key, one in layout.items() if not one.is_new}
        self.memo: dict[Any, Any] = {}

    def records(self, kind: str) -> dict[int, Any]:
        """Give all records of one kind by their ids."""
        return self._records.get(kind, {})

    def followed(
        self, tenant: Tenant, revision: int, changes: Iterable[tuple[str, int, Record | None]]
    ) -> "Directory":
        """Make the snapshot that follows: (kind, id, record), None for one that is gone.

        Kinds without a change are shared with this one.
        """
        records = dict(self._records)
        copied: set[str] = set()
        for kind, key, record in changes:
            if kind not in copied:
                copied.add(kind)
                records[kind] = dict(records.get(kind, {}))
            if record is None:
                records[kind].pop(key, None)
            else:
                records[kind][key] = record
        return Directory(tenant, revision, records)


class View(msgspec.Struct, frozen=True):
    """What a decision may look at besides its rows: the tenant's directory, and now (aware UTC)."""

    directory: Directory
    now: datetime
