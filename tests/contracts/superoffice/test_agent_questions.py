"""What the agent's methods answer about drafts, bookings, days and alarms (section 9)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from appointed.domain.directory import Associate, Department
from appointed.domain.hours import Holiday, Opening
from tests.contracts.served import Served
from tests.contracts.superoffice.test_agent_methods import (
    KARI,
    OLA,
    ROOM,
    done,
    guest,
    made,
    records,
    times,
)
from tests.contracts.superoffice.test_agents import asked, call

# What is written and asked here by SQL of its own, other files show on both engines.
pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("served", ["sqlite"], indirect=True),
]

DEMO, NOBODY = 1, 999_999


@pytest.mark.clause("SO-AGENT-041")
@pytest.mark.parametrize(
    ("kind", "type_", "task", "minutes"),
    [("Appointment", "inDiary", 1, 60), ("Phone", "inDiary", 2, 15), ("ToDo", "inChecklist", 3, 0)],
)
async def test_a_draft_of_each_type(served: Served, kind: str, type_: str, task: int, minutes: int) -> None:
    draft = await asked(served, "Appointment/CreateDefaultAppointmentEntityByType", {"Type": kind})
    theirs = await asked(
        served,
        "Appointment/CreateDefaultAppointmentEntityByTypeAndAssociate",
        {"Type": kind, "AssociateId": OLA},
    )
    for one, owner in ((draft, DEMO), (theirs, OLA)):
        assert (one["AppointmentId"], one["Type"], one["Task"]["TaskListItemId"]) == (0, type_, task)
        assert one["Associate"]["AssociateId"] == owner
    clock = served.parts.clock
    lasts = [await asked(served, "Appointment/CreateDefaultAppointmentEntityByType", {"Type": kind})][0]
    begins, ends = (lasts[name][11:16] for name in ("StartDate", "EndDate"))
    length = (int(ends[:2]) - int(begins[:2])) * 60 + int(ends[3:]) - int(begins[3:])
    assert length % (24 * 60) == minutes
    assert abs(date.fromisoformat(lasts["StartDate"][:10]) - clock().date()) <= timedelta(days=1)
    # A draft that is saved is what it said.
    saved = await asked(served, "Appointment/SaveAppointmentEntity", theirs | {"Title": "Theirs"})
    assert saved["AppointmentId"] > 0
    assert (saved["Type"], saved["Associate"]["AssociateId"]) == (type_, OLA)


@pytest.mark.clause("SO-AGENT-041")
async def test_a_pattern_begins_on_its_day(served: Served) -> None:
    day = {"StartDate": "2033-03-09T13:00:00"}
    made_here = await asked(served, "Appointment/CreateDefaultRecurrenceByDate", day)
    wednesday = "2033-03-09T00:00:00"
    assert (made_here["StartDate"], made_here["IsRecurrence"]) == (wednesday, False)
    assert [one["Date"] for one in made_here["Dates"]] == [wednesday]
    assert made_here["WeekPattern"] == {"Weekdays": "Wednesday", "Cycle": 1}
    assert (made_here["MonthPattern"]["Day"], made_here["YearPattern"]["Cycle"]) == (9, 3)
    today = await asked(served, "Appointment/CreateDefaultRecurrence")
    again = await asked(
        served, "Appointment/CreateDefaultRecurrenceByDate", {"StartDate": today["StartDate"]}
    )
    assert today == again
    assert abs(date.fromisoformat(today["StartDate"][:10]) - served.parts.clock().date()) <= timedelta(days=1)
    # A series of the default pattern is weekly, on that weekday.
    rule = made_here | {"IsRecurrence": True, "RecurrenceEndType": "Counter", "RecurrenceCounter": 2}
    first = await made(served, Recurrence=rule, **times("2033-03-09"))
    assert [
        row["StartDate"][:10] for row in await records(served, 0, first["Recurrence"]["RecurrenceId"])
    ] == [
        "2033-03-09",
        "2033-03-16",
    ]


async def test_types_of_activity(served: Served) -> None:
    blank = await asked(served, "Appointment/CreateDefaultTaskListItem")
    assert (blank["TaskListItemId"], blank["Value"], blank["Deleted"]) == (0, "", False)
    new = {
        "Value": "Once",
        "Type": "Phone",
        "Direction": "Incoming",
        "ColorIndex": "DarkRed",
        "Deleted": True,
    }
    saved = await asked(served, "Appointment/SaveTaskListItem", blank | new)
    assert {name: saved[name] for name in new} == new
    number = saved["TaskListItemId"]
    assert await asked(served, f"Appointment/GetTaskListItem?taskListItemId={number}") == saved
    listed = {
        with_deleted: await asked(served, "Appointment/GetTaskListItems", {"IncludeDeleted": with_deleted})
        for with_deleted in (False, True)
    }
    assert {one["TaskListItemId"] for one in listed[False]} == {1, 2, 3, 4}
    assert {one["TaskListItemId"] for one in listed[True]} == {1, 2, 3, 4, number}


async def test_questions_about_a_booking(served: Served) -> None:
    quiet = await made(served, KARI, ROOM)
    mailed = await made(served, Participants=[{"EmailAddress": "a@out.example", "SendEmail": True}])
    alone = await made(served)
    has_mail = "Appointment/GetAppointmentHaveParticipantsWithEmail"
    for one, wanted in ((quiet, False), (mailed, True), (alone, False)):
        assert await asked(served, has_mail, {"AppointmentId": one["AppointmentId"]}) is wanted
    number, own = quiet["AppointmentId"], (await guest(served, quiet, KARI))["AppointmentId"]
    uid = quiet["CustomFields"]["x_uid"]
    of_mother = {"AppointmentId": own, "UseMotherId": True}
    assert await asked(served, "Appointment/GetUIDFromAppointmentId", of_mother) == uid
    assert await asked(served, "Appointment/GetUIDFromAppointmentId", {"AppointmentId": number}) == uid
    found = await asked(served, "Appointment/GetAppointmentFromUID", {"UID": uid})
    assert found["AppointmentId"] == number
    for asked_of in (number, own):
        answer = await call(served, "Appointment/GetOrganizerName", {"MotherAppointmentId": asked_of}, "kari")
        assert answer.json() == "Demo Administrator"
    known = {"AssociateIds": [OLA, KARI, NOBODY, DEMO, OLA]}
    assert await asked(served, "Appointment/GetCanInsertForAssociates", known) == [
        True,
        True,
        False,
        True,
        True,
    ]
    answer = await call(served, "Appointment/GetCanInsertForAssociates", known, "ola")
    assert answer.json() == [True, False, False, True, True]


async def somebody(served: Served) -> int:
    """Give an associate who works from 8 to 16, where the 9th of March is a holiday."""
    store = served.parts.store
    week = tuple(Opening(weekday, 8 * 60, 16 * 60) for weekday in range(5))
    home = Department(
        id=0,
        uid=UUID(int=91_000),
        name="Open",
        default_associate_id=1,
        holidays=(Holiday(date(2034, 3, 9), "Fishers' day"),),
    )
    (group,) = await store.put_records(1, (home,))
    worker = Associate(id=0, name="worker", full_name="W", group_id=group, working_hours=week)
    return int((await store.put_records(1, (worker,)))[0])


@pytest.mark.clause("SO-AGENT-042")
async def test_how_full_days_are_and_which_are_holidays(served: Served) -> None:
    who = await somebody(served)
    owner = {"Associate": {"AssociateId": who}}
    await made(served, **times("2034-03-08", 10), **owner)
    await made(served, **times("2034-03-08", 11), **owner, Private="PrivateUser")
    await made(served, **times("2034-03-08", 14), **owner, IsFree=True)
    # It lasts over night, into the next day's first hours. On a holiday nobody works: the whole day counts.
    over = {"StartDate": "2034-03-09T23:00:00", "EndDate": "2034-03-10T12:00:00"}
    await made(served, **over, **owner)
    body = {"AssociateId": who, "StartDate": "2034-03-07T15:00:00", "EndDate": "2034-03-10T01:00:00"}
    name = "ListByDatesAndAssociate"
    summary = {"TableRight": None, "FieldProperties": {}}
    busy = [(0, 0, 0), (2, 1, 25), (1, 0, 4), (1, 0, 50)]
    filled = ("NumBusyActivities", "NumFreeActivities", "PercentageBusy")
    activity = [dict(zip(filled, one, strict=True)) | summary for one in busy]
    red = [{"IsOwnCountryHoliday": day == 2, "IsOtherCountryHoliday": False} | summary for day in range(4)]
    dates = [f"2034-03-{day:02}T00:00:00" for day in range(7, 11)]
    found = await asked(served, f"Appointment/GetDayInformation{name}", body)
    assert [(one["Date"], one["ActivityInformation"], one["RedLetterInformation"]) for one in found] == list(
        zip(dates, activity, red, strict=True)
    )
    found = await asked(served, f"Appointment/GetActivityInformation{name}", body)
    assert [(one["Date"], one["ActivityInformation"]) for one in found] == list(
        zip(dates, activity, strict=True)
    )
    found = await asked(served, f"Appointment/GetRedLetterInformation{name}", body)
    assert [(one["Date"], one["RedLetterInformation"]) for one in found] == list(zip(dates, red, strict=True))
    texts = [one["RedLetterDetails"]["OwnCountryDayTexts"] for one in found]
    assert texts == [[], [], ["Fishers' day"], []]


@pytest.mark.clause("SO-AGENT-042")
@pytest.mark.parametrize("kind", ["Day", "Activity", "RedLetter"])
async def test_days_of_nobody_named_are_the_callers_own(served: Served, kind: str) -> None:
    day = {"StartDate": "2034-04-04T00:00:00", "EndDate": "2034-04-04T00:00:00"}
    number = (await made(served, **times("2034-04-04")))["AppointmentId"]
    method = f"Appointment/Get{kind}InformationListByDatesAndAssociate"
    own = await asked(served, method, day | {"AssociateId": DEMO})
    assert await asked(served, method, day | {"AssociateId": 0}) == own
    if kind != "RedLetter":
        assert own[0]["ActivityInformation"]["NumBusyActivities"] == 1
    await done(served, "Delete", {"AppointmentId": number})


@pytest.mark.clause("SO-AGENT-043")
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, {"with"}),
        ({"IncludeInvitations": True}, {"with", "invited"}),
        # Without an alarm it rings when the caller says, for all alike.
        ({"IncludeAllAppointments": True}, {"with"}),
        ({"IncludeAllAppointments": True, "DefaultAlarmLeadTimeInMinutes": 30}, {"with", "without"}),
        (
            {
                "IncludeAllAppointments": True,
                "IncludeInvitations": True,
                "DefaultAlarmLeadTimeInMinutes": 600,
            },
            {"with", "without", "invited", "later"},
        ),
    ],
    ids=["alarms", "invitations", "all-at-once", "all-before", "everything"],
)
async def test_which_alarms_ring(served: Served, given: dict[str, Any], wanted: set[str]) -> None:
    now = served.parts.clock()

    def soon(minutes: int) -> dict[str, str]:
        at = now + timedelta(minutes=minutes)
        return {"StartDate": f"{at:%Y-%m-%dT%H:%M:%SZ}", "EndDate": f"{at:%Y-%m-%dT%H:%M:%SZ}"}

    alarm = {"HasAlarm": True, "AlarmLeadTime": "00:15:00"}
    rows = {
        "with": await made(served, **soon(12), **alarm),
        "without": await made(served, **soon(12)),
        "later": await made(served, **soon(300)),
        "far": await made(served, **soon(300), **alarm),
    }
    body = {"Title": "Come", "Participants": [{"AssociateId": DEMO}]} | soon(12) | alarm
    invited = (await call(served, "Appointment/SaveAppointmentEntity", body, "kari")).json()
    rows["invited"] = await guest(served, invited, DEMO)
    found = await asked(served, "Appointment/GetAlarms", given)
    ids = {one["AppointmentId"] for one in found["Alarms"]}
    assert {name for name, row in rows.items() if row["AppointmentId"] in ids} == wanted
    (ring,) = [one for one in found["Alarms"] if one["AppointmentId"] == rows["with"]["AppointmentId"]]
    assert ring["StartTime"] == rows["with"]["StartDate"]
    assert (found["PollingInterval"], found["SilentAfter"]) == (5, 1440)
