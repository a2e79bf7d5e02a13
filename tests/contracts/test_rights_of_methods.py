"""Every other way to an appointment asks for the rights that tests/data/rights.tsv gives: agents, batches, series."""

import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace as with_more
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace

from appointed.domain.appointment import Appointment, Kind, Publication
from appointed.domain.directory import Person
from appointed.domain.meeting import Meeting
from appointed.domain.participant import InvitationStatus
from appointed.domain.rights import Access
from appointed.superoffice.agents.appointment_table import APPOINTMENT, REFUSED
from tests.contracts.office import COLLEAGUE, STRANGER, Office, an_office
from tests.contracts.served import SO, serving
from tests.rights_rows import lines, named

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

EVERY = lines("rights")
# One for each access that there is; in full size all lines.
ENOUGH = {
    "guest-own",
    "agent-group",
    "agent-external_old",
    "agent-invited",
    "agent-invited_colleague",
    "agent-other",
    "administrator-group_private",
    "client-other",
    "guest-group",
    "administrator-tenant",
}
IS_FULL = os.environ.get("APPOINTED_TEST_SIZE") == "full"
RIGHTS = EVERY if IS_FULL else [line for line in EVERY if named(line) in ENOUGH]
WORD = "Secret"
HERE = {"contact_id": 2, "project_id": 1, "person_id": 4, "task_id": 1}
HERE |= {"publication": Publication(is_published=True), "agenda": "Secret plan"}
REFERRED = re.compile("Published|Project|Contact|Person")
OPEN_TASK = {"kind": Kind.CHECKLIST}
SPAN = timedelta(minutes=5)
MONTH = 31 * 24 * 60
# An associate is the person of this number more.
PERSON = 100
# What a method is called that stands twice in the table.
CALLED = {"SaveWithParticipants": "Save"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The server with its callers; that lists ask the same of both engines is shown where the matrix is."""
    async with serving(tmp_path_factory.mktemp("methods"), "sqlite:") as served:
        made = await an_office(served)
        await give_persons(made)
        yield made


async def give_persons(office: Office) -> None:
    """Let every user be a person, whose diary can be asked for by that."""
    store = office.served.parts.store
    known = (await store.directory(1)).associates.values()
    users = [replace(who, person_id=PERSON + who.id) for who in known]
    persons = [Person(id=who.person_id, last_name=who.name, associate_id=who.id) for who in users]
    await store.put_records(1, (*users, *persons))


class Way:
    """One way to a row, as a caller."""

    def __init__(self, office: Office, row: Appointment | None, caller: str) -> None:
        self._office, self._caller = office, caller
        self._number, self._uid = (row.id, row.uid) if row else office.foreign
        self._row = row

    async def go(self, method: str) -> httpx.Response:
        """Take the way."""
        if method.startswith("GET /"):
            return await self._office.call(self._caller, SO, "GET", f"/{self._number}{method[4:]}")
        if method == "POST Batch":
            body = {"Items": [{"AppointmentId": self._number, "Patch": {"Title": "Changed"}}]}
            return await self._office.call(self._caller, SO, "POST", "/Batch", json=body)
        body = self._arguments(method)
        query, body = (body, None) if isinstance(body, str) else ("", body)
        headers = self._office.headers[self._caller] | {"Accept": "application/json"}
        path = f"/api/v1/Agents/Appointment/{CALLED.get(method, method)}{query}"
        return await self._office.served.client.post(path, json=body, headers=headers)

    def _arguments(self, method: str) -> Any:
        one = {"AppointmentId": self._number}
        whole = one | {"StartDate": "2041-01-01T10:00:00", "EndDate": "2041-01-01T10:30:00"}
        changed = whole | {"Title": "Changed"}
        move = one | {"NewStartTime": "2041-01-01T10:00:00", "UpdateMode": "OnlyThis"}
        activity = f"appointment_id={self._number}"
        # Whom a row belongs to already it can be given without any right.
        another = "scheduler" if self._caller == "administrator" else "administrator"
        # A guest without a department knows of nobody else, and can give a row to nobody else.
        another = "guest" if self._caller == "guest" else another
        known: dict[str, Any] = {
            "GetAppointmentEntity": f"?appointmentEntityId={self._number}",
            "GetAppointment": f"?appointmentId={self._number}",
            "DeleteAppointmentEntity": f"?appointmentEntityId={self._number}",
            "GetAppointmentFromUID": {"UID": str(self._uid)},
            "GetOrganizerName": {"MotherAppointmentId": self._number},
            "GetAppointmentList": [self._number],
            "GetPublishedAppointments": {"AppointmentIds": [self._number]},
            "GetMyPublishedAppointments": None,
            "GetAppointmentRecords": {"MotherId": self._row.mother_id if self._row else 7},
            "GetAppointmentEmailInvitation": {"Appointment": changed},
            "SaveAppointmentEntity": changed,
            "Save": {"AppointmentEntity": changed},
            "SaveWithParticipants": {
                "AppointmentEntity": whole | {"Participants": [{"EmailAddress": "a@b.example"}]}
            },
            "SaveWithCustomInvitation": {"AppointmentEntity": changed, "Subject": "x", "EmailBody": "y"},
            "UpdateAppointment": {"Id": self._number, "StartTime": "2041-01-01T10:00:00"},
            "UpdateAppointmentWithMode": {"Id": self._number, "Status": "Completed", "UpdateMode": 1},
            "UpdateAppointmentWithModeAndEmail": {"Id": self._number, "StartTime": "2041-01-01T10:00:00"},
            "MoveExtended": {"AppointmentMoveData": move},
            "SetActivityStatus": {"ActivityIdentifier": [activity], "ActivityStatus": "Completed"},
            "ToggleActivity": {"ActivityIdentifier": activity},
            "ToggleActivities": {"ActivityIdentifier": [activity]},
            "ToggleAndSetActivities": {"ActivityIdentifiers": [activity]},
            "SetSeenMany": {"AppointmentIds": [self._number]},
            "AssignTo": one | {"Participant": {"AssociateId": self._office.ids[another]}},
        }
        if method.startswith("Move"):
            known.setdefault(method, move)
        if method in known:
            return known[method]
        return one | self._of_lists(method) if method.startswith("Get") else one

    def _of_lists(self, method: str) -> dict[str, Any]:
        row = self._row
        owner, group = (row.owner_id, row.department_id) if row else (4242, 1)
        # Whoever is responsible for a project is a member of it.
        members = {"GetPerson(Diary|Tasks)": owner, "GetProjectMember": self._office.ids[STRANGER]}
        person = next((PERSON + who for name, who in members.items() if re.match(name, method)), 4)
        found = {"AssociateId": owner, "AssociateIds": [owner], "ContactId": 2, "ProjectId": 1}
        found |= {"PersonId": person, "GroupId": group, "GroupType": 1, "TaskIds": [1]}
        found |= {"TaskId": 1, "TaskHeadingId": 0, "AppointmentType": "Unknown", "Count": -1}
        if row is not None:
            found["StartTime"], found["EndTime"] = (
                moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (row.starts_at - SPAN, row.ends_at + SPAN)
            )
        return found


def allowed(line: dict[str, str], needs: str) -> bool:
    return line["deletes"] == "yes" if needs == "DELETE" else Access[line["access"]] >= Access[needs]


def told(answer: httpx.Response, number: int, *, lists: bool) -> str:
    """Say in a word what an answer gives away: all, some, nothing, or its status when it refuses."""
    if answer.status_code not in (200, 204):
        return str(answer.status_code)
    found = answer.json() if answer.content else True
    if lists:
        found = [one for one in found if one["AppointmentId"] == number]
    if found is None or (lists and found == []):
        return "nothing"
    return "all" if WORD in str(found) else "some"


def expected(line: dict[str, str], way: dict[str, str], *, lists: bool) -> set[str]:
    """Tell what a caller may get to know or do."""
    granted = Access[line["access"]]
    if line["row"] == "tenant":
        # What answers yes or no says no of what is not there.
        return {"nothing", "404"} | ({"some"} if way["method"].startswith("GetAppointmentHave") else set())
    if not allowed(line, way["needs"]):
        is_null = lists or (way["method"] == "GetPublishedAppointment" and granted is Access.TIMES)
        return {"nothing"} if is_null else {"403"}
    if granted < Access.READ:
        return {"some"}
    return {"all"} if lists else {"all", "some"}


def concerns(way: dict[str, str], line: dict[str, str]) -> bool:
    """Tell whether a row is one that a method speaks of."""
    if way["of"] == "own":
        # A program has no diary.
        return line["row"].startswith(("own", "external")) and line["caller"] != "client"
    if way["of"] == "whole":
        return not line["row"].startswith("invited")
    if way["of"] == "others":
        return line["row"].startswith(("group", "other", "tenant"))
    return way["of"] == "any" or line["row"].startswith(way["of"])


METHODS = lines("rights_of_methods")
NO_ROW, BELOW = "has no row to ask about", "tested below"
# Methods without a line, and why.
ELSEWHERE = {
    "CalculateDays": BELOW,
    "CleanUpBookingDeleted": BELOW,
    "CleanUpBookingDeletedWithUpdateMode": BELOW,
    "CleanUpRecurringBookingDeleted": "superoffice/test_agent_bookings.py",
    "CreateAppointmentForUID": BELOW,
    "CreateDefaultAppointmentEntity": NO_ROW,
    "CreateDefaultAppointmentEntityByType": NO_ROW,
    "CreateDefaultAppointmentEntityByTypeAndAssociate": NO_ROW,
    "CreateDefaultReOpenAppointment": BELOW,
    "CreateDefaultRecurrence": NO_ROW,
    "CreateDefaultRecurrenceByDate": NO_ROW,
    "CreateDefaultTaskListItem": NO_ROW,
    "CreateVideoMeetingReservation": NO_ROW,
    "DeleteVideoMeetingReservation": "superoffice/test_video_rooms.py",
    "GetActivityInformationListByDatesAndAssociate": BELOW,
    "GetAlarms": BELOW,
    "GetCanInsertForAssociates": BELOW,
    "GetDayInformationListByDatesAndAssociate": BELOW,
    "GetNextAvailableTime": BELOW,
    "GetRedLetterInformationListByDatesAndAssociate": BELOW,
    "GetTaskListItem": NO_ROW,
    "GetTaskListItems": NO_ROW,
    "GetVideoMeetingConnectedState": NO_ROW,
    "SaveTaskListItem": NO_ROW,
    "UpdateAppointmentFromIcsResponse": "store/test_taking_replies.py",
    "ValidateAppointmentEntity": NO_ROW,
    "ValidateDays": BELOW,
    "WillSendEmail": "a trial of SaveAppointmentEntity",
}


async def test_every_method_has_a_line_or_a_reason_to_have_none() -> None:
    called = (CALLED.get(one["method"], one["method"]) for one in METHODS)
    tested = {name for name in called if " " not in name}
    assert tested & ELSEWHERE.keys() == set()
    assert tested | ELSEWHERE.keys() == APPOINTMENT.keys() - REFUSED.keys()


@pytest.mark.parametrize("way", METHODS, ids=[one["method"] for one in METHODS])
async def test_every_kind_of_caller_and_row(office: Office, way: dict[str, str]) -> None:
    method = way["method"]
    lists = method in APPOINTMENT and APPOINTMENT[method].answers.endswith("[]") and method.startswith("Get")
    # Lists by what a row refers to stay short when few rows do.
    more = (HERE if REFERRED.search(method) else {}) | (OPEN_TASK if method.endswith("Tasks") else {})
    wrong, asked = [], [line for line in RIGHTS if concerns(way, line)]
    for line in asked:
        caller, kind = line["caller"], line["row"]
        room = Meeting(id="R-1", room_name="room", agent_key=f"Sesame-{named(line)}")
        placing = with_more(office, more={"meeting": room} | more)
        row = None if kind == "tenant" else await placing.row(caller, kind)
        answer = await Way(office, row, caller).go(method)
        # A key of its own, since a list tells of more than this row.
        assert f"Sesame-{named(line)}" not in answer.text or Access[line["access"]] >= Access.ANSWER, line
        found = told(answer, row.id if row else office.foreign[0], lists=lists)
        if found not in expected(line, way, lists=lists):
            wrong.append(f"{caller}, {kind}: {found}: {answer.text[:200]}")
    assert wrong == []
    assert asked


DAY = {"StartDate": "2041-02-04T00:00:00", "EndDate": "2041-02-05T00:00:00"}
TIMES = {"StartTime": "2041-02-04T08:00:00", "EndTime": "2041-02-04T09:00:00"}


async def agent_call(office: Office, caller: str, method: str, body: Any) -> httpx.Response:
    headers = office.headers[caller] | {"Accept": "application/json"}
    return await office.served.client.post(f"/api/v1/Agents/Appointment/{method}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("caller", "diary", "status"),
    [
        ("agent", STRANGER, 200),
        ("client", COLLEAGUE, 200),
        ("client", STRANGER, 403),
        ("guest", COLLEAGUE, 403),
    ],
)
async def test_who_may_know_when_somebody_is_free(
    office: Office, caller: str, diary: str, status: int
) -> None:
    who = office.ids[diary]
    entity = {"Associate": {"AssociateId": who}, "Recurrence": {"Pattern": "Daily"}} | DAY
    asked = {
        "GetNextAvailableTime": TIMES | {"Associates": [who]},
        "GetDayInformationListByDatesAndAssociate": DAY | {"AssociateId": who},
        "GetActivityInformationListByDatesAndAssociate": DAY | {"AssociateId": who},
        "GetRedLetterInformationListByDatesAndAssociate": DAY | {"AssociateId": who},
        "ValidateDays": {"AppointmentEntity": entity, "Dates": [DAY["StartDate"]]},
        "CalculateDays": {"AppointmentEntity": entity},
    }
    found = {method: (await agent_call(office, caller, method, body)) for method, body in asked.items()}
    assert {method: answer.status_code for method, answer in found.items()} == dict.fromkeys(asked, status)


async def test_alarms_ring_for_the_own_diary_alone(office: Office) -> None:
    asked = {
        "IncludeInvitations": True,
        "IncludeAllAppointments": True,
        "DefaultAlarmLeadTimeInMinutes": MONTH,
    }
    for line in RIGHTS:
        caller, kind = line["caller"], line["row"]
        if kind == "tenant":
            continue
        row = await office.row(caller, kind)
        alarms = (await agent_call(office, caller, "GetAlarms", asked)).json()["Alarms"]
        # What a program makes is in another's diary; days later no alarm rings any more.
        is_due = row.owner_id == office.ids[caller] and kind not in ("external", "external_old")
        assert (row.id in [one["AppointmentId"] for one in alarms]) is is_due, line


@pytest.mark.parametrize(("caller", "status"), [("agent", 200), ("client", 200), ("guest", 403)])
async def test_who_may_know_what_a_reminder_says_of_a_sale(office: Office, caller: str, status: int) -> None:
    answer = await agent_call(office, caller, "CreateDefaultReOpenAppointment", {"SaleId": 1})
    assert (answer.status_code, "Yearly agreement" in answer.text) == (status, status == 200)


DIARIES = lines("rights_create")


@pytest.mark.parametrize("line", DIARIES, ids=named)
async def test_creating(office: Office, line: dict[str, str]) -> None:
    caller, diary = line["caller"], line["diary"]
    owner = {"own": office.ids[caller], "group": office.ids[COLLEAGUE], "tenant": 4242}.get(
        diary, office.ids[STRANGER]
    )
    if (caller, diary) == ("client", "own"):
        # A program has no diary; what it makes stands in its department's default one.
        owner = office.ids[COLLEAGUE]
    entity = {"Title": "Made", "Associate": {"AssociateId": owner}}
    for method, body in (
        ("SaveAppointmentEntity", entity),
        ("Save", {"AppointmentEntity": entity}),
        ("CreateAppointmentForUID", {"AppointmentEntity": entity, "UID": f"{caller} {diary}"}),
    ):
        answer = await agent_call(office, caller, method, body)
        assert str(answer.status_code) == line["so_create"], (method, answer.text)
    answer = await agent_call(office, caller, "GetCanInsertForAssociates", {"AssociateIds": [owner]})
    assert answer.json() == [line["so_create"] == "200"]


WEEKLY = {"IsRecurrence": True, "Pattern": "Weekly", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
SERIES = {"StartDate": "2041-03-04T10:00:00", "EndDate": "2041-03-04T10:30:00", "Recurrence": WEEKLY}
MODES = {
    "Move": lambda number: {"AppointmentId": number, "NewStartTime": "2041-03-04T11:00:00"},
    "Save": lambda number: {"AppointmentEntity": {"AppointmentId": number, "Title": "All"} | SERIES},
    "UpdateAppointmentWithMode": lambda number: {"Id": number, "EndTime": "2041-03-04T12:00:00"},
    "Delete": lambda number: {"AppointmentId": number},
    "AssignTo": lambda number: {"AppointmentId": number, "Participant": {"AssociateId": 3}},
}


@pytest.mark.parametrize("method", MODES)
async def test_a_series_goes_as_far_as_rights_to_each_of_its_dates(office: Office, method: str) -> None:
    made = await agent_call(office, "agent", "SaveAppointmentEntity", {"Title": "Weekly"} | SERIES)
    number = made.json()["AppointmentId"]
    # One of its dates is somebody else's now, and the agent has no right to change it.
    answer = await office.call("agent", SO, "PATCH", f"/{number + 1}", json={"Private": "PrivateUser"})
    assert answer.status_code == 200, answer.text
    stranger = {"Associate": {"AssociateId": office.ids[STRANGER]}}
    answer = await office.call("administrator", SO, "PATCH", f"/{number + 2}", json=stranger)
    assert answer.status_code == 200, answer.text
    store = office.served.parts.store
    before = [await store.history(1, number + place) for place in range(3)]
    body = MODES[method](number) | {"UpdateMode": "ThisAndForward"}
    answer = await agent_call(office, "scheduler", method, body)
    assert answer.status_code == 403, answer.text
    assert [await store.history(1, number + place) for place in range(3)] == before


async def test_a_batch_stops_at_the_first_without_a_right(office: Office) -> None:
    allowed_one, refused_one = await office.row("agent", "own"), await office.row("agent", "other")
    items = [{"AppointmentId": one.id, "Patch": {"Title": "Changed"}} for one in (allowed_one, refused_one)]
    answer = await office.call("agent", SO, "POST", "/Batch", json={"Items": items})
    assert (answer.status_code, answer.json()["Item"]) == (403, 1)
    assert len(await office.served.parts.store.history(1, allowed_one.id)) == 1


@pytest.mark.parametrize("method", ["CleanUpBookingDeleted", "CleanUpBookingDeletedWithUpdateMode"])
async def test_only_own_rows_of_bookings_called_off_are_cleared_away(office: Office, method: str) -> None:
    off = with_more(office, more={"invitation_status": InvitationStatus.CANCELLED})
    for line in RIGHTS:
        if not line["row"].startswith("invited"):
            continue
        row = await off.row(line["caller"], line["row"])
        await agent_call(office, line["caller"], method, {"AppointmentIds": [row.id]})
        answer = await office.call("administrator", SO, "GET", f"/{row.id}")
        assert (answer.status_code == 404) is (line["deletes"] == "yes"), line
