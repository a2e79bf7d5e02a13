"""What the agent's lists of appointments list, row by row: of whom, of what, and when (section 9)."""

from typing import Any

import pytest
import pytest_asyncio

from tests.contracts.served import Served
from tests.contracts.superoffice.test_agent_methods import KARI, OLA, ROOM, guest, made
from tests.contracts.superoffice.test_agents import asked, call

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DEMO, OUTSIDER, NOBODY = 1, 4, 999_999
DAY, LATE = "2035-06-05", "2035-06-09"
RANGE = {"StartTime": f"{DAY}T00:00:00", "EndTime": "2035-06-06T00:00:00", "Count": -1}
WIDE = RANGE | {"EndTime": "2035-07-01T00:00:00"}
OPEN = {"StartTime": "0001-01-01T00:00:00", "EndTime": "9999-12-31T23:59:59", "Count": -1}
ACME, HARBOUR, MEETING, PHONE, TO_DO = 2, 1, 1, 2, 3


def at(hour: int, day: str = DAY) -> dict[str, str]:
    return {"StartDate": f"{day}T{hour:02}:00:00", "EndDate": f"{day}T{hour:02}:30:00"}


OF_ACME: dict[str, Any] = {"Contact": {"ContactId": ACME}}
OF_PROJECT: dict[str, Any] = {"Project": {"ProjectId": HARBOUR}}
TASK: dict[str, Any] = {"Type": "inChecklist", "Task": {"TaskListItemId": TO_DO}}
CALL: dict[str, Any] = {"Task": {"TaskListItemId": PHONE}}
SECRET = {"Private": "PrivateUser"}
LONG_AGO = {"IsPublished": True, "PublishFrom": "2020-01-01T00:00:00", "PublishTo": "2021-01-01T00:00:00"}
TO_COME = {"IsPublished": True, "PublishFrom": "2090-01-01T00:00:00"}
# Rows by a name each: whose they are, and what they are. They begin in this order.
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "kari's": ("kari", at(7)),
    "company": ("demo", at(8) | OF_ACME),
    "company, call": ("demo", at(9) | OF_ACME | CALL),
    "company, task": ("demo", at(10) | OF_ACME | TASK),
    "company, secret": ("kari", at(11) | OF_ACME | SECRET),
    "with kari": ("demo", at(12) | {"Person": {"PersonId": KARI}}),
    "with an outsider": ("demo", at(13) | {"Person": {"PersonId": OUTSIDER}} | TASK),
    "project, ola's": ("ola", at(14) | OF_PROJECT),
    "project, call": ("demo", at(15) | OF_PROJECT | CALL),
    "project, task": ("ola", at(16) | OF_PROJECT | TASK),
    "kari's task": ("kari", at(17) | TASK),
    "later": ("demo", at(9, LATE) | OF_ACME | OF_PROJECT | {"Person": {"PersonId": OUTSIDER}}),
    "published": ("demo", at(10, LATE) | OF_PROJECT | {"IsPublished": True}),
    "published, kari's": ("kari", at(11, LATE) | OF_PROJECT | {"IsPublished": True}),
    "published, secret": ("kari", at(12, LATE) | OF_PROJECT | {"IsPublished": True} | SECRET),
    "published long ago": ("demo", at(13, LATE) | OF_PROJECT | LONG_AGO),
    "to be published": ("demo", at(14, LATE) | OF_PROJECT | TO_COME),
}


class Shelf:
    """The rows of the table above, and who asks for them."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.ids: dict[str, int] = {}

    async def fill(self) -> None:
        for name, (login, members) in ROWS.items():
            answer = await call(
                self.served, "Appointment/SaveAppointmentEntity", {"Title": name} | members, login
            )
            assert answer.status_code == 200, answer.text
            self.ids[name] = answer.json()["AppointmentId"]

    async def listed(self, method: str, body: Any, login: str = "demo") -> list[str]:
        """Give the names of what a method lists, in its order; demo rows of the tenant's own are left out."""
        answer = await call(self.served, f"Appointment/{method}", body, login)
        assert answer.status_code == 200, answer.text
        names = {number: name for name, number in self.ids.items()}
        return [names[row["AppointmentId"]] for row in answer.json() if row["AppointmentId"] in names]


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def shelf(served: Served) -> Shelf:
    made = Shelf(served)
    await made.fill()
    return made


COMPANY = ["company", "company, call", "company, task"]
PROJECT = ["project, ola's", "project, call", "project, task"]
KARIS = ["kari's", "with kari", "kari's task"]
BY: dict[str, dict[str, Any]] = {
    "": {},
    "ByType": {"AppointmentType": "inChecklist"},
    "ByTask": {"TaskId": PHONE},
    "ByTasks": {"TaskIds": [PHONE, TO_DO]},
    "ByTaskHeading": {"TaskHeadingId": 0},
}
# Whose appointments → the arguments → what they are in all, as tasks, as calls, and as either.
OWNED: dict[str, tuple[dict[str, Any], tuple[list[str], list[str], list[str], list[str]]]] = {
    "Contact": ({"ContactId": ACME}, (COMPANY, COMPANY[2:], COMPANY[1:2], COMPANY[1:])),
    "Project": ({"ProjectId": HARBOUR}, (PROJECT, PROJECT[2:], PROJECT[1:2], PROJECT[1:])),
    # Kari is responsible for the project.
    "ProjectMember": ({"PersonId": KARI}, (PROJECT, PROJECT[2:], PROJECT[1:2], PROJECT[1:])),
    "Person": ({"PersonId": KARI}, (KARIS, KARIS[2:], [], KARIS[2:])),
}


@pytest.mark.clause("SO-AGENT-031")
@pytest.mark.parametrize("by", BY, ids=lambda by: by or "all")
@pytest.mark.parametrize("owner", OWNED)
async def test_whose_appointments_and_which(shelf: Shelf, owner: str, by: str) -> None:
    arguments, (every, tasks, calls, either) = OWNED[owner]
    wanted = {"": every, "ByType": tasks, "ByTask": calls, "ByTasks": either, "ByTaskHeading": every}[by]
    body = RANGE | arguments | BY[by]
    method = f"Get{owner}Appointments{by}"
    assert await shelf.listed(method, body) == wanted
    assert await shelf.listed(method, body | {"Count": 1}) == wanted[:1]
    (name,) = arguments
    for nobody in (0, NOBODY):
        assert await shelf.listed(method, body | {name: nobody}) == []
    assert (
        await shelf.listed(method, body | {"StartTime": RANGE["EndTime"], "EndTime": f"{LATE}T00:00"}) == []
    )


@pytest.mark.clause("SO-AGENT-031", "SO-AGENT-032", "SO-AGENT-033")
@pytest.mark.parametrize(
    ("method", "arguments", "wanted"),
    [
        # Whatever the period, and a period without an end.
        ("GetContactAppointments", OPEN | {"ContactId": ACME}, [*COMPANY, "later"]),
        ("GetContactAppointments", {"ContactId": ACME}, [*COMPANY, "later"]),
        # It overlaps: what has begun counts, what begins at the end or has ended does not.
        (
            "GetContactAppointments",
            WIDE | {"ContactId": ACME, "StartTime": f"{DAY}T09:15"},
            [*COMPANY[1:], "later"],
        ),
        ("GetContactAppointments", RANGE | {"ContactId": ACME, "EndTime": f"{DAY}T09:00"}, COMPANY[:1]),
        ("GetContactAppointments", RANGE | {"ContactId": ACME, "StartTime": f"{DAY}T08:30"}, COMPANY[1:]),
        ("GetContactAppointmentsByType", RANGE | {"ContactId": ACME, "AppointmentType": "Unknown"}, COMPANY),
        ("GetContactAppointmentsByType", RANGE | {"ContactId": ACME, "AppointmentType": 1}, COMPANY[:2]),
        ("GetContactAppointmentsByTasks", RANGE | {"ContactId": ACME, "TaskIds": []}, []),
        ("GetContactAppointmentsByTaskHeading", RANGE | {"ContactId": ACME, "TaskHeadingId": 7}, []),
        # Somebody who is no user has nothing of their own: what is with them, and no project.
        ("GetPersonAppointments", RANGE | {"PersonId": OUTSIDER}, ["with an outsider"]),
        (
            "GetPersonAppointments",
            RANGE | {"PersonId": OUTSIDER, "IncludeProjectAppointments": True},
            ["with an outsider"],
        ),
        ("GetProjectMemberAppointments", RANGE | {"PersonId": OLA}, []),
        (
            "GetPersonAppointments",
            RANGE | {"PersonId": KARI, "IncludeProjectAppointments": True},
            ["kari's", "with kari", *PROJECT, "kari's task"],
        ),
        (
            "GetPersonAppointmentsByTask",
            RANGE | {"PersonId": KARI, "IncludeProjectAppointments": True, "TaskId": TO_DO},
            ["project, task", "kari's task"],
        ),
        ("GetPersonDiary", RANGE | {"PersonId": KARI}, ["kari's", "company, secret"]),
        ("GetPersonDiary", RANGE | {"PersonId": OUTSIDER}, []),
        ("GetPersonTasks", {"PersonId": KARI}, ["kari's task"]),
        ("GetPersonTasks", {"PersonId": OUTSIDER, "Count": -1}, []),
        ("GetMyTasks", {"Count": -1}, ["company, task", "with an outsider"]),
        ("GetAssociateDiary", RANGE | {"AssociateId": OLA}, ["project, ola's"]),
        (
            "GetAssociatesDiary",
            RANGE | {"AssociateIds": [OLA, KARI]},
            ["kari's", "company, secret", "project, ola's"],
        ),
        ("GetAssociatesDiary", RANGE | {"AssociateIds": []}, []),
        # The first department has the administrator, Ola and the room, the second Kari.
        (
            "GetDiaryByGroup",
            RANGE | {"GroupId": 1, "GroupType": 0},
            ["company", "company, call", "with kari", "project, ola's", "project, call"],
        ),
        ("GetDiaryByGroup", RANGE | {"GroupId": 2, "GroupType": 0}, ["kari's", "company, secret"]),
        ("GetDiaryByGroup", RANGE | {"GroupId": 2, "GroupType": 0, "Count": 1}, ["kari's"]),
        ("GetDiaryByGroup", RANGE | {"GroupId": 0, "GroupType": 0}, []),
        ("GetAppointmentsByTaskHeading", {"TaskHeadingId": 7}, []),
        # What was published and is no more, or not yet, is not.
        ("GetMyPublishedAppointments", None, ["published"]),
        ("GetPublishedProjectAppointments", {"ProjectId": HARBOUR}, ["published", "published, kari's"]),
        ("GetPublishedProjectAppointments", {"ProjectId": NOBODY}, []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_listed(shelf: Shelf, method: str, arguments: Any, wanted: list[str]) -> None:
    assert await shelf.listed(method, arguments) == wanted


async def test_what_is_private_is_listed_for_its_owner(shelf: Shelf) -> None:
    contact = RANGE | {"ContactId": ACME}
    assert await shelf.listed("GetContactAppointments", contact, "kari") == [*COMPANY, "company, secret"]
    person = RANGE | {"PersonId": KARI}
    assert "company, secret" in await shelf.listed("GetPersonAppointments", person, "kari")
    mine = await shelf.listed("GetMyPublishedAppointments", None, "kari")
    assert mine == ["published, kari's", "published, secret"]
    # Of a diary others see the times alone.
    body = RANGE | {"GroupId": 2, "GroupType": 0}
    titles = [
        row["Title"] for row in (await call(shelf.served, "Appointment/GetDiaryByGroup", body, "ola")).json()
    ]
    assert titles == ["kari's", ""]


async def test_all_under_no_heading_are_the_callers_own(shelf: Shelf) -> None:
    found = await shelf.listed("GetAppointmentsByTaskHeading", {"TaskHeadingId": 0}, "ola")
    assert found == ["project, ola's", "project, task"]


@pytest.mark.clause("SO-AGENT-032")
async def test_published_ones_by_their_ids(shelf: Shelf) -> None:
    ids = list(shelf.ids.values())
    found = await shelf.listed("GetPublishedAppointments", {"AppointmentIds": [*ids, NOBODY]})
    assert found == ["published", "published, kari's"]
    for name, number in shelf.ids.items():
        one = await asked(shelf.served, "Appointment/GetPublishedAppointment", {"AppointmentId": number})
        assert (one and one["AppointmentId"]) == (number if name in found else None), name
        assert one is None or one["IsPublished"] is True


async def test_some_by_their_ids_in_that_order(shelf: Shelf) -> None:
    wanted = ["project, call", "company", "company, secret", "company"]
    numbers = [shelf.ids[name] for name in wanted]
    rows = await asked(shelf.served, "Appointment/GetAppointmentList", [numbers[0], NOBODY, *numbers[1:]])
    assert [row["AppointmentId"] for row in rows] == numbers[:3]
    assert [row["Title"] for row in rows] == ["project, call", "company", ""]


async def test_rows_of_a_booking_of_a_series_and_of_both(served: Served) -> None:
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 2}
    first = await made(served, KARI, Recurrence=rule | {"StartDate": f"{LATE}T00:00:00"}, **at(9, LATE))
    number, series = first["AppointmentId"], first["Recurrence"]["RecurrenceId"]

    async def owners(mother: int, rule_id: int) -> list[int]:
        body = {"MotherId": mother, "RecurrenceRuleId": rule_id}
        return [row["AssociateId"] for row in await asked(served, "Appointment/GetAppointmentRecords", body)]

    assert await owners(0, series) == [DEMO, KARI, DEMO, KARI]
    assert await owners(number, 0) == await owners(number, series) == [DEMO, KARI]
    assert await owners(number, NOBODY) == await owners(0, 0) == []


@pytest.mark.clause("SO-AGENT-034")
async def test_what_a_program_that_keeps_a_diary_in_step_is_told(served: Served) -> None:
    own = await made(
        served,
        KARI,
        ROOM,
        Title="In step",
        Location="Quay",
        Contact={"ContactId": ACME},
        Project={"ProjectId": HARBOUR},
        Sale={"SaleId": 1},
        Person={"PersonId": OUTSIDER},
        HasAlarm=True,
        AlarmLeadTime="00:20:00",
        **at(9, "2035-08-01"),
    )
    await made(served, Type="inChecklist", **at(10, "2035-08-01"))
    span = {"StartTime": "2035-08-01T00:00:00", "EndTime": "2035-08-02T00:00:00"}
    (told,) = await asked(served, "Appointment/GetMySyncAppointments", span, SO_Language="en")
    wanted = {
        "AppointmentId": own["AppointmentId"],
        "AppointmentText": "In step",
        "StartDate": "2035-08-01T09:00:00",
        "EndDate": "2035-08-01T09:30:00",
        "AlarmTime": "2035-08-01T08:40:00",
        "HasAlarm": True,
        "ContactId": ACME,
        "ContactName": "Fjord Shipping",
        "ContactDepartment": "Bergen",
        "PersonId": OUTSIDER,
        "PersonFullName": "Ingrid Strand",
        "ProjectName": "New harbour office",
        "SaleName": "Yearly agreement",
        "TaskName": "Meeting",
        "Location": "Quay",
        "IsBusy": True,
        "IsInvitation": False,
        "IsTentative": False,
        "IsAssignment": False,
        "IsCompleted": False,
        "IsAllDay": False,
    }
    assert {name: told[name] for name in wanted} == wanted
    people = {one["PersonId"]: one for one in told["Participants"]}
    kari = people[KARI]
    assert (kari["PersonFirstName"], kari["ContactName"]) == ("Kari", "Appointed Demo AS")
    assert (kari["EMail"], kari["ParticipantStatus"]) == (["kari@demo.example"], "Booking")
    assert (kari["StreetAddress"]["AddressType"], kari["StreetAddress"]["City"]) == (
        "ContactStreetAddress",
        "OSLO",
    )
    assert kari["PostalAddress"]["AddressType"] == "ContactPostalAddress"
    # The guest's own diary has it as an invitation, which nobody has answered.
    (theirs,) = (await call(served, "Appointment/GetMySyncAppointments", span, "kari")).json()
    assert theirs["AppointmentId"] == (await guest(served, own, KARI))["AppointmentId"]
    assert (theirs["IsInvitation"], theirs["IsTentative"], theirs["IsBusy"]) == (True, True, True)
