"""Bookings, series, lists and alarms through the agent Appointment, as people use them."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.test_agent_methods import (
    KARI,
    OLA,
    RANGE,
    ROOM,
    SPAN,
    WEEKLY,
    done,
    entity,
    guest,
    made,
    records,
    times,
)
from tests.contracts.superoffice.test_agents import asked, call

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


def statuses(row: dict[str, Any]) -> dict[int, str]:
    return {one["AssociateId"]: one["InvitationStatus"] for one in row["Participants"]}


@pytest.mark.clause("SO-AGENT-035")
@pytest.mark.parametrize("names_master", [True, False])
async def test_a_guest_sees_accepts_and_declines(served: Served, names_master: bool) -> None:
    master = await made(served, KARI)
    number = master["AppointmentId"]
    own = number if names_master else (await guest(served, master, KARI))["AppointmentId"]
    for method, status, counter in (
        ("SetSeen", "Seen", 0),
        ("Accept", "Accepted", 0),
        ("Reject", "Declined", 1),
    ):
        await done(served, method, {"AppointmentId": own, "RejectReason": "Ill"}, "kari")
        after = await entity(served, number)
        assert (statuses(after)[KARI], after["RejectCounter"]) == (status, counter)
    assert (await guest(served, master, KARI))["RejectReason"] == "Ill"
    answer = await call(served, "Appointment/AcceptRejected", {"AppointmentId": number}, "kari")
    assert answer.status_code == 403
    after = await asked(served, "Appointment/AcceptRejected", {"AppointmentId": number})
    assert statuses(after)[KARI] == "Hidden"


async def test_nobody_else_answers(served: Served) -> None:
    master = await made(served, KARI, Private="PrivateUser")
    for number in (master["AppointmentId"], (await guest(served, master, KARI))["AppointmentId"]):
        answer = await call(served, "Appointment/Accept", {"AppointmentId": number}, "ola")
        assert answer.status_code == 403
    answer = await call(served, "Appointment/Accept", {"AppointmentId": 999999})
    assert answer.status_code == 404
    assert statuses(await entity(served, master["AppointmentId"]))[KARI] == "Invitation"


async def test_an_answer_goes_on_where_it_was_alike(served: Served) -> None:
    master = await made(served, KARI, Recurrence=WEEKLY)
    series = master["Recurrence"]["RecurrenceId"]
    rows = [one for one in await records(served, 0, series) if one["AssociateId"] == KARI]
    assert [one["InvitationStatus"] for one in rows] == ["Invitation"] * 4
    await done(served, "Reject", {"AppointmentId": rows[2]["AppointmentId"]}, "kari")
    body = {"AppointmentId": rows[1]["AppointmentId"], "UpdateMode": "ThisAndForward"}
    await done(served, "Accept", body, "kari")
    rows = [one for one in await records(served, 0, series) if one["AssociateId"] == KARI]
    assert [one["InvitationStatus"] for one in rows] == ["Invitation", "Accepted", "Declined", "Accepted"]


async def test_an_assignment_goes_back_and_is_acknowledged(served: Served) -> None:
    number = (await made(served))["AppointmentId"]
    body = {"AppointmentId": number, "Participant": {"AssociateId": OLA}}
    given = await asked(served, "Appointment/AssignTo", body)
    assert (given["Associate"]["AssociateId"], given["AssignmentStatus"]) == (OLA, "Assigning")
    await done(served, "SetSeen", {"AppointmentId": number}, "ola")
    assert (await entity(served, number))["AssignmentStatus"] == "Seen"
    await done(served, "Reject", {"AppointmentId": number, "RejectReason": "No time"}, "ola")
    back = await entity(served, number)
    assert (back["Associate"]["AssociateId"], back["AssignmentStatus"]) == (1, "Declined")
    after = await asked(served, "Appointment/AcceptRejected", {"AppointmentId": number})
    assert (after["Associate"]["AssociateId"], after["AssignmentStatus"]) == (1, "None")
    await asked(served, "Appointment/AssignTo", body)
    await done(served, "Accept", {"AppointmentId": number}, "ola")
    kept = await entity(served, number)
    assert (kept["Associate"]["AssociateId"], kept["AssignmentStatus"]) == (OLA, "None")
    nobody = await call(served, "Appointment/AssignTo", body | {"Participant": {"EmailAddress": "a@b.cc"}})
    assert nobody.status_code == 400


async def test_the_rest_of_a_series_moves_and_stops(served: Served) -> None:
    first = await made(served, KARI, Recurrence=WEEKLY)
    series = first["Recurrence"]["RecurrenceId"]
    masters = [one for one in await records(served, 0, series) if one["AssociateId"] == 1]
    body = {"AppointmentId": masters[2]["AppointmentId"], "NewStartTime": "2033-03-21T14:00:00"}
    moved = await asked(served, "Appointment/Move", body | {"UpdateMode": "ThisAndForward"})
    assert (moved["StartDate"], moved["EndDate"]) == ("2033-03-21T14:00:00", "2033-03-21T15:00:00")
    found = [one for one in await records(served, 0, series) if one["AssociateId"] == KARI]
    assert [one["StartDate"][11:13] for one in found] == ["10", "10", "14", "14"]
    assert all(one["IsRecurrence"] and one["RecurringPattern"] == "Weekly" for one in found)
    whole = await entity(served, masters[1]["AppointmentId"])
    await asked(served, "Appointment/Save", {"AppointmentEntity": whole, "UpdateMode": "StopRecurrence"})
    left = await records(served, 0, series)
    assert sorted({one["StartDate"][:10] for one in left if one["AssociateId"] == 1}) == [
        "2033-03-07",
        "2033-03-14",
    ]
    called_off = [one for one in left if one["InvitationStatus"] == "Cancelled"]
    assert {one["AssociateId"] for one in called_off} == {KARI}
    ids = [one["AppointmentId"] for one in called_off]
    answer = await call(served, "Appointment/CleanUpBookingDeleted", {"AppointmentIds": ids}, "kari")
    assert answer.json() == len(ids) == 2
    await done(served, "Delete", {"AppointmentId": first["AppointmentId"], "UpdateMode": "ThisAndForward"})
    # An administrator may delete them, but they stand in somebody else's diary.
    assert await asked(served, "Appointment/CleanUpRecurringBookingDeleted") == 0
    answer = await call(served, "Appointment/CleanUpRecurringBookingDeleted", None, "kari")
    assert answer.json() == 2
    assert await records(served, 0, series) == []


async def test_a_status_is_toggled_for_all_or_none(served: Served) -> None:
    numbers = [(await made(served))["AppointmentId"] for _ in range(2)]
    names = [f"appointment_id={number}" for number in numbers]
    assert await asked(served, "Appointment/ToggleAppointmentStatus", {"AppointmentId": numbers[0]}) == (
        "Completed"
    )
    assert await asked(served, "Appointment/ToggleActivities", {"ActivityIdentifier": names}) == "Started"
    assert [(await entity(served, one))["Completed"] for one in numbers] == ["Started", "Completed"]
    body = {"ActivityIdentifier": [names[0], "appointment_id=999999"], "ActivityStatus": "Completed"}
    assert (await call(served, "Appointment/SetActivityStatus", body)).status_code == 404
    assert (await entity(served, numbers[0]))["Completed"] == "Started"
    wrong = body | {"ActivityIdentifier": ["sale_id=1"]}
    assert (await call(served, "Appointment/SetActivityStatus", wrong)).status_code == 400


async def test_lists_keep_to_what_they_are_asked_and_what_may_be_seen(served: Served) -> None:
    day = {"StartTime": "2034-06-05T00:00:00", "EndTime": "2034-06-06T00:00:00", "Count": -1}
    at = times("2034-06-05")
    project = {"Project": {"ProjectId": 1}}
    body = {"Title": "Secret"} | at | project | {"Private": "PrivateUser"}
    private = (await call(served, "Appointment/SaveAppointmentEntity", body, "kari")).json()
    public = await made(served, **at, **project, Task={"TaskListItemId": 2})
    task = await made(served, **at, Type="inChecklist")

    async def ids(method: str, extra: dict[str, Any]) -> list[int]:
        return [one["AppointmentId"] for one in await asked(served, f"Appointment/{method}", day | extra)]

    number = public["AppointmentId"]
    assert await ids("GetProjectAppointments", {"ProjectId": 1}) == [number]
    assert await ids("GetProjectAppointmentsByTask", {"ProjectId": 1, "TaskId": 1}) == []
    assert await ids("GetProjectAppointmentsByTasks", {"ProjectId": 1, "TaskIds": [1, 2]}) == [number]
    assert await ids("GetProjectAppointmentsByTaskHeading", {"ProjectId": 1, "TaskHeadingId": 7}) == []
    assert await ids("GetMyDiary", {}) == [number]
    assert await ids("GetMyAppointments", {}) == [number, task["AppointmentId"]]
    assert await ids("GetMyAppointments", {"Count": 1}) == [number]
    assert task["AppointmentId"] in await ids("GetMyTasks", {})
    (shown,) = await asked(served, "Appointment/GetAssociateDiary", day | {"AssociateId": KARI})
    assert (shown["AppointmentId"], shown["Title"], shown["StartDate"]) == (
        private["AppointmentId"],
        "",
        at["StartDate"],
    )
    infos = await asked(served, "Appointment/GetAssociatesDiaryInfo", day | {"AssociateIds": [1, KARI]})
    assert [(one["Title"], one["IsPrivate"]) for one in infos] == [("", True), ("Met", False)]
    assert [one["AppointmentId"] for one in infos] == [private["AppointmentId"], number]


async def test_days_and_alarms(served: Served) -> None:
    await made(served, ROOM, **times("2034-06-07"), IsFree=True)
    body = {"AssociateId": 1, "StartDate": "2034-06-06T00:00:00", "EndDate": "2034-06-07T00:00:00"}
    name = "ListByDatesAndAssociate"
    before, day = await asked(served, f"Appointment/GetActivityInformation{name}", body)
    assert (before["Date"], before["ActivityInformation"]["NumBusyActivities"]) == (body["StartDate"], 0)
    assert day["ActivityInformation"]["NumFreeActivities"] == 1
    assert day["ActivityInformation"]["PercentageBusy"] == 0
    now = served.parts.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    due = await made(served, StartDate=now, EndDate=now, HasAlarm=True, AlarmLeadTime="00:15:00")
    alarms = await asked(served, "Appointment/GetAlarms", {})
    assert due["AppointmentId"] in [one["AppointmentId"] for one in alarms["Alarms"]]
    await asked(served, "Appointment/ToggleAppointmentStatus", {"AppointmentId": due["AppointmentId"]})
    alarms = await asked(served, "Appointment/GetAlarms", {})
    assert due["AppointmentId"] not in [one["AppointmentId"] for one in alarms["Alarms"]]


async def test_drafts_and_uids(served: Served) -> None:
    like = await made(served, KARI, **times("2031-01-09", 13))
    draft = await asked(
        served, "Appointment/CreateAppointmentEntityFromExisting", {"AppointmentId": like["AppointmentId"]}
    )
    # Late in the evening of UTC it is tomorrow where the tenant is.
    today = served.parts.clock().astimezone(ZoneInfo("Europe/Oslo")).date().isoformat()
    assert draft["AppointmentId"] <= 0
    assert draft["StartDate"] == f"{today}T13:00:00"
    assert KARI in statuses(draft)
    body = {"AppointmentEntity": {"Title": "Theirs"} | times("2031-01-10"), "UID": "040000008200E00074C5"}
    theirs = await asked(served, "Appointment/CreateAppointmentForUID", body)
    assert await asked(served, "Appointment/CreateAppointmentForUID", body) is None
    found = await asked(served, "Appointment/GetAppointmentFromUID", {"UID": body["UID"]})
    assert found["AppointmentId"] == theirs["AppointmentId"]
    own = {"AppointmentId": theirs["AppointmentId"]}
    uid = await asked(served, "Appointment/GetUIDFromAppointmentId", own)
    again = await asked(served, "Appointment/GetAppointmentFromUID", {"UID": uid})
    assert again["AppointmentId"] == theirs["AppointmentId"]
    assert await asked(served, "Appointment/GetOrganizerName", {"MotherAppointmentId": 999999}) is None


async def test_only_administrators_save_tasks(served: Served) -> None:
    saved = await asked(served, "Appointment/SaveTaskListItem", {"Value": "Visit", "Type": "Phone"})
    assert saved["TaskListItemId"] > 0
    # Nothing begins with it unasked.
    tasks = await asked(served, "Appointment/GetTaskListItems", {"IncludeDeleted": False})
    assert tasks[-1]["TaskListItemId"] == saved["TaskListItemId"]
    begun = await asked(served, "Appointment/CreateDefaultAppointmentEntity")
    assert begun["Task"]["TaskListItemId"] == tasks[0]["TaskListItemId"] == 1
    changed = await asked(
        served,
        "Appointment/SaveTaskListItem",
        {"TaskListItemId": saved["TaskListItemId"], "IsDefaultFree": True},
    )
    assert (changed["Value"], changed["IsDefaultFree"]) == ("Visit", True)
    for login, body, status in (
        ("ola", {"Value": "Mine"}, 403),
        ("demo", {"Value": " "}, 400),
        ("demo", {"TaskListItemId": 9999, "Value": "x"}, 404),
    ):
        assert (await call(served, "Appointment/SaveTaskListItem", body, login)).status_code == status


async def test_quick_updates(served: Served) -> None:
    number = (await made(served))["AppointmentId"]
    body = {"Id": number, "StartTime": "2033-04-04T08:00:00", "Status": 3}
    after = await asked(served, "Appointment/UpdateAppointment", body)
    assert (after["StartDate"], after["EndDate"]) == ("2033-04-04T08:00:00", "2033-04-04T09:00:00")
    assert after["Completed"] == "Completed"
    refused = await call(served, "Appointment/UpdateAppointment", {"Id": number, "Status": 9})
    assert refused.status_code == 400
    assert len(await asked(served, "Appointment/GetMyDiary", RANGE | SPAN)) > 0


async def test_columns_of_series_and_bookings(served: Served) -> None:
    master = await made(served, KARI, Recurrence=WEEKLY, Title="Columned")
    series = master["Recurrence"]["RecurrenceId"]
    answer = await served.so(
        "GET",
        "Appointment?$select=recurring,booking,recurrenceRuleId,associateId"
        f"&$filter=recurrenceRuleId eq {series} and recurring eq true and booking eq true",
    )
    rows = answer.json()["value"]
    assert len(rows) == 8
    assert {(one["recurring"], one["booking"], one["recurrenceRuleId"]) for one in rows} == {
        (True, True, series)
    }


@pytest.mark.parametrize("method", ["Delete", "Save"])
async def test_what_is_tried_by_an_agent_changes_nothing(served: Served, method: str) -> None:
    number = (await made(served, KARI))["AppointmentId"]
    before = (await served.so("GET", f"Appointment/{number}")).json()
    path, body = {
        "Delete": ("Delete", {"AppointmentId": number, "UpdateMode": "OnlyThis"}),
        "Save": ("SaveAppointmentEntity", before | {"Title": "Tried"}),
    }[method]
    snapshot = await served.snapshot()
    answer = await call(served, f"Appointment/{path}", body, Prefer="dry-run")
    assert answer.status_code in (200, 204), answer.text
    assert await served.snapshot() == snapshot
    assert (await served.so("GET", f"Appointment/{number}")).json() == before
