"""The demo tenant as tables: who and what is in it, and when. Fixed, so that anyone can script against it."""

from datetime import datetime, time
from uuid import UUID

from msgspec.structs import replace

from appointed.domain.directory import (
    Address,
    Associate,
    AssociateType,
    Contact,
    CustomField,
    CustomFieldType,
    DataField,
    Department,
    ListItem,
    Person,
    Project,
    Record,
    Sale,
    Tenant,
)
from appointed.domain.principal import Role
from appointed.domain.status import Status
from appointed.usecases.stock_lists import PRIORITIES, TASKS, TEXTS

TENANT = Tenant(id=1, name="Demo", zone="Europe/Oslo", default_department_id=1, is_demo=True)

DEMO, KARI, OLA, ROOM, CLIENT = 1, 2, 3, 4, 5
MEETING, CALL, ERRAND, VIDEO = 1, 2, 3, 4

LOGINS = {"demo": DEMO, "kari": KARI, "ola": OLA}
CLIENT_ID = "demo"

# Who wrote the records that appointments refer to, and who changed them last: type and id, and two pairs.
WRITTEN: dict[tuple[type[Record], int], tuple[str, int, str, int]] = {
    (Contact, 1): ("2024-01-08T08:00:00Z", DEMO, "", 0),
    (Contact, 2): ("2024-01-15T09:30:00Z", KARI, "2025-03-10T13:15:00Z", OLA),
    (Contact, 3): ("2024-02-05T10:00:00Z", OLA, "2025-06-02T07:45:00Z", DEMO),
    (Person, 1): ("2024-01-08T08:05:00Z", DEMO, "", 0),
    (Person, 2): ("2024-01-08T08:10:00Z", DEMO, "", 0),
    (Person, 3): ("2024-01-08T08:15:00Z", DEMO, "", 0),
    (Person, 4): ("2024-01-15T09:35:00Z", KARI, "2025-03-10T13:20:00Z", OLA),
    (Person, 5): ("2024-01-15T09:40:00Z", KARI, "", 0),
    (Person, 6): ("2024-02-05T10:10:00Z", OLA, "", 0),
    (Project, 1): ("2024-03-04T12:00:00Z", KARI, "2025-05-19T11:30:00Z", DEMO),
    (Sale, 1): ("2024-04-02T09:00:00Z", KARI, "2025-09-01T14:00:00Z", KARI),
}

_UNSTAMPED: tuple[Record, ...] = (
    Department(
        id=1,
        uid=UUID("0d000000-0000-4000-8000-000000000001"),
        name="Demo department",
        default_associate_id=DEMO,
        data_fields=(
            DataField(id=UUID("0f000000-0000-4000-8000-000000000001"), name="Case number"),
            DataField(id=UUID("0f000000-0000-4000-8000-000000000002"), name="Preferred name"),
        ),
    ),
    Department(
        id=2,
        uid=UUID("0d000000-0000-4000-8000-000000000002"),
        name="Second department",
        default_associate_id=KARI,
        data_fields=(
            DataField(id=UUID("0f000000-0000-4000-8000-000000000003"), name="Member number"),
            DataField(id=UUID("0f000000-0000-4000-8000-000000000004"), name="Remarks"),
        ),
    ),
    Associate(
        id=DEMO, name="demo", full_name="Demo Administrator", role=Role.ADMINISTRATOR, group_id=1, person_id=1
    ),
    Associate(id=KARI, name="kari", full_name="Kari Nordmann", group_id=2, person_id=2),
    Associate(id=OLA, name="ola", full_name="Ola Nordmann", group_id=1, person_id=3),
    Associate(
        id=ROOM,
        name="Meeting room 1",
        full_name="Meeting room 1",
        type=AssociateType.RESOURCE,
        group_id=1,
        is_exclusive=True,
    ),
    Associate(
        id=CLIENT,
        name="demo client",
        full_name="Demo client",
        type=AssociateType.SYSTEM,
        role=Role.SCHEDULER,
        group_id=1,
        department_ids=(2,),
    ),
    *TASKS,
    *PRIORITIES,
    Contact(
        id=1,
        name="Appointed Demo AS",
        org_number="999888777",
        number="10001",
        phone="+47 22 00 00 01",
        email="post@demo.example",
        associate_id=DEMO,
        country_id=578,
        country_name="Norway",
        category_name=TEXTS["own_company"],
        street=Address(line1="Karl Johans gate 1", zip_code="0154", city="OSLO"),
        postal=Address(line1="Postboks 1", zip_code="0101", city="OSLO"),
        is_owner_contact=True,
    ),
    Contact(
        id=2,
        name="Fjord Shipping",
        department="Bergen",
        number="10002",
        phone="+47 55 00 00 02",
        email="hello@fjord.example",
        associate_id=KARI,
        country_id=578,
        country_name="Norway",
        business_name="Transport",
        category_name=TEXTS["customer"],
        street=Address(line1="Bryggen 2", zip_code="5003", city="BERGEN"),
    ),
    Contact(
        id=3,
        name="Tyne Consulting",
        number="10003",
        phone="+44 191 000 0003",
        email="office@tyne.example",
        associate_id=OLA,
        country_id=826,
        country_name="United Kingdom",
        business_name="Consulting",
        category_name=TEXTS["prospect"],
        street=Address(line1="3 Quayside", zip_code="NE1 3DX", city="Newcastle"),
    ),
    Person(
        id=1,
        first_name="Demo",
        last_name="Administrator",
        contact_id=1,
        associate_id=1,
        email="demo@demo.example",
    ),
    Person(
        id=2, first_name="Kari", last_name="Nordmann", contact_id=1, associate_id=2, email="kari@demo.example"
    ),
    Person(
        id=3, first_name="Ola", last_name="Nordmann", contact_id=1, associate_id=3, email="ola@demo.example"
    ),
    Person(id=4, first_name="Ingrid", last_name="Strand", contact_id=2, email="ingrid@fjord.example", rank=1),
    Person(id=5, first_name="Per", last_name="Holm", contact_id=2, email="per@fjord.example", rank=2),
    Person(id=6, first_name="Alice", last_name="Grey", contact_id=3, email="alice@tyne.example", rank=1),
    Project(
        id=1,
        name="New harbour office",
        number="P-1",
        type_id=1,
        type_name="Internal",
        status_id=1,
        status_name="Planned",
        associate_id=KARI,
        description="Moving to the harbour.",
    ),
    Sale(
        id=1,
        title="Yearly agreement",
        number="S-1",
        amount=120_000.0,
        currency="NOK",
        probability=60,
        contact_id=2,
        person_id=4,
        project_id=1,
        associate_id=KARI,
    ),
    CustomField(id=1, prog_id="SuperOffice:1", label="Note", type=CustomFieldType.SHORT_TEXT, length=99),
    CustomField(id=2, prog_id="SuperOffice:2", label="Seats", type=CustomFieldType.NUMBER, length=10),
    CustomField(id=3, prog_id="SuperOffice:3", label="Follow up on", type=CustomFieldType.DATE, length=12),
    CustomField(id=4, prog_id="SuperOffice:4", label="Catering", type=CustomFieldType.CHECKBOX, length=2),
    CustomField(
        id=5,
        prog_id="SuperOffice:5",
        label="Channel",
        type=CustomFieldType.LIST,
        length=15,
        items=(ListItem(1, "Office"), ListItem(2, "Phone"), ListItem(3, "Video")),
    ),
)


def _stamped(record: Record) -> Record:
    created_at, created_by, updated_at, updated_by = WRITTEN.get((type(record), record.id), ("", 0, "", 0))
    return replace(
        record,
        revision=2 if updated_at else 1,
        created_at=datetime.fromisoformat(created_at) if created_at else None,
        created_by=created_by,
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
        updated_by=updated_by,
    )


RECORDS: tuple[Record, ...] = tuple(map(_stamped, _UNSTAMPED))

# Appointment 1 comes from its own table in plant_demo; these follow. (day offset, start, minutes, owner,
# task, title, contact, person); weekdays are whatever today makes them.
DIARY = (
    (-28, time(9, 0), 60, DEMO, MEETING, "Quarterly review", 2, 4),
    (-27, time(10, 30), 30, KARI, CALL, "Call about the agreement", 2, 5),
    (-26, time(13, 0), 90, OLA, MEETING, "Planning", 0, 0),
    (-24, time(8, 30), 45, KARI, MEETING, "Site visit", 2, 4),
    (-22, time(11, 0), 30, DEMO, CALL, "Ring the landlord", 0, 0),
    (-21, time(14, 0), 60, OLA, MEETING, "Introduction", 3, 6),
    (-19, time(9, 0), 120, ROOM, MEETING, "Room: board", 1, 1),
    (-17, time(12, 0), 45, KARI, MEETING, "Lunch talk", 0, 0),
    (-15, time(15, 30), 30, DEMO, CALL, "Status call", 3, 6),
    (-13, time(10, 0), 60, OLA, MEETING, "Draft offer", 3, 6),
    (-12, time(8, 0), 60, KARI, MEETING, "Budget", 0, 0),
    (-10, time(9, 30), 90, ROOM, MEETING, "Room: training", 1, 2),
    (-8, time(13, 30), 30, DEMO, CALL, "Call back", 2, 5),
    (-7, time(10, 0), 60, OLA, MEETING, "Retrospective", 0, 0),
    (-5, time(9, 0), 60, KARI, MEETING, "Handover", 2, 4),
    (-3, time(16, 0), 30, DEMO, CALL, "Supplier call", 0, 0),
    (-2, time(11, 30), 60, OLA, MEETING, "Interview", 0, 0),
    (-1, time(9, 0), 45, KARI, MEETING, "Weekly plan", 0, 0),
    (0, time(8, 0), 30, DEMO, MEETING, "Morning round", 0, 0),
    (0, time(13, 0), 60, KARI, MEETING, "Overlap: design", 2, 4),
    (0, time(13, 30), 60, KARI, MEETING, "Overlap: sales", 3, 6),
    (1, time(14, 0), 60, OLA, MEETING, "Workshop", 2, 5),
    (2, time(9, 0), 120, ROOM, MEETING, "Room: interviews", 1, 3),
    (2, time(15, 0), 30, DEMO, CALL, "Follow-up call", 2, 4),
    (3, time(10, 0), 60, KARI, MEETING, "Contract talk", 3, 6),
    (5, time(12, 30), 45, OLA, MEETING, "Tasting", 0, 0),
    (6, time(8, 30), 90, DEMO, MEETING, "Strategy", 1, 1),
    (8, time(9, 30), 30, KARI, CALL, "Check-in", 2, 5),
    (9, time(13, 0), 60, OLA, MEETING, "Demonstration", 3, 6),
    (11, time(10, 0), 120, ROOM, MEETING, "Room: workshop", 1, 2),
    (13, time(14, 30), 30, DEMO, CALL, "Bank", 0, 0),
    (15, time(9, 0), 60, KARI, MEETING, "Kick-off", 2, 4),
    (17, time(11, 0), 60, OLA, MEETING, "Walk-through", 0, 0),
    (20, time(13, 0), 45, DEMO, MEETING, "Coffee", 3, 6),
    (22, time(9, 30), 60, KARI, MEETING, "Review", 2, 5),
    (24, time(10, 0), 30, OLA, CALL, "Order call", 0, 0),
    (26, time(15, 0), 60, DEMO, MEETING, "Summary", 2, 4),
    (28, time(9, 0), 60, KARI, MEETING, "Month's end", 0, 0),
)

# (first day offset, days, owner, title)
ALL_DAY = ((-14, 1, DEMO, "Office closed"), (4, 2, KARI, "Fair in Bergen"), (18, 1, OLA, "Course"))

# (day offset, owner, title)
ERRANDS = ((-6, DEMO, "Send the minutes"), (1, KARI, "Order badges"), (7, OLA, "Write the report"))

# (day offset, start, minutes, department, claimant, e-mail, phone, born, status)
VIDEO_CALLS = (
    (
        -20,
        time(9, 0),
        30,
        1,
        "John Doe",
        "john@claimant.example",
        "+447700900101",
        "1990-01-01",
        Status.COMPLETE,
    ),
    (
        -18,
        time(10, 0),
        30,
        2,
        "Jane Roe",
        "jane@claimant.example",
        "+447700900102",
        "1985-05-05",
        Status.NO_SHOW,
    ),
    (-11, time(11, 0), 45, 1, "Mary Major", "mary@claimant.example", None, None, Status.CANCELLED),
    (
        -9,
        time(9, 30),
        30,
        2,
        "Rhys Evans",
        "rhys@claimant.example",
        "+447700900104",
        "1972-12-24",
        Status.COMPLETE,
    ),
    (
        -4,
        time(14, 0),
        60,
        1,
        "Priya Shah",
        "priya@claimant.example",
        "+447700900105",
        "1999-09-09",
        Status.COMPLETE,
    ),
    (
        0,
        time(9, 0),
        30,
        1,
        "Omar Aziz",
        "omar@claimant.example",
        "+447700900106",
        "1968-03-17",
        Status.BEING_SEEN,
    ),
    (0, time(9, 30), 30, 1, "Lena Berg", "lena@claimant.example", "+447700900107", None, Status.WAITING),
    (0, time(10, 0), 30, 2, "Tom Hill", "tom@claimant.example", None, "2001-07-30", Status.LATE),
    (
        0,
        time(15, 0),
        30,
        1,
        "Ana Costa",
        "ana@claimant.example",
        "+447700900109",
        "1994-11-02",
        Status.SCHEDULED,
    ),
    (
        1,
        time(11, 0),
        30,
        2,
        "Gwen Price",
        "gwen@claimant.example",
        "+447700900110",
        "1980-02-29",
        Status.SCHEDULED,
    ),
    (3, time(13, 0), 45, 1, "Noah King", "noah@claimant.example", None, None, Status.SCHEDULED),
    (
        7,
        time(10, 30),
        30,
        2,
        "Sara Lund",
        "sara@claimant.example",
        "+4790000112",
        "1977-06-15",
        Status.SCHEDULED,
    ),
    (10, time(9, 0), 60, 1, "Ivan Petrov", "ivan@claimant.example", "+447700900113", None, Status.SCHEDULED),
    (
        16,
        time(14, 0),
        30,
        2,
        "Mei Chen",
        "mei@claimant.example",
        "+447700900114",
        "1992-10-10",
        Status.CANCELLED,
    ),
    (21, time(9, 0), 30, 1, "Emma Fox", "emma@claimant.example", None, "1988-08-08", Status.SCHEDULED),
    (
        27,
        time(11, 0),
        30,
        2,
        "Karl Moe",
        "karl@claimant.example",
        "+4790000116",
        "1959-04-01",
        Status.SCHEDULED,
    ),
)
