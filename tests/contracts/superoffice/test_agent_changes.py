"""What the agent's methods change: invitations, times, owners, how far things have come (section 9)."""

import asyncio
from typing import Any

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.test_agent_methods import (
    KARI,
    OLA,
    WEEKLY,
    done,
    entity,
    guest,
    made,
    records,
)
from tests.contracts.superoffice.test_agents import asked, call

# What is written and asked here by SQL of its own, other files show on both engines.
pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("served", ["sqlite"], indirect=True),
]

DEMO, NOBODY = 1, 999_999
MONDAYS = ["2033-03-07", "2033-03-14", "2033-03-21", "2033-03-28"]


async def of_kari(served: Served, mother: int, series: int = 0) -> list[dict[str, Any]]:
    return [row for row in await records(served, mother, series) if row["AssociateId"] == KARI]


def said(rows: list[dict[str, Any]]) -> list[str]:
    return [row["InvitationStatus"] for row in rows]


def named(numbers: list[int]) -> list[str]:
    return [f"appointment_id={number}" for number in numbers]


def days(rows: list[dict[str, Any]]) -> list[str]:
    return [row["StartDate"][:10] for row in rows]


@pytest.mark.clause("SO-AGENT-035", "SO-AGENT-036")
@pytest.mark.parametrize("by_master", [True, False], ids=["master", "own"])
async def test_several_are_seen_at_once(served: Served, by_master: bool) -> None:
    masters = [await made(served, KARI, OLA) for _twice in range(2)]
    own = [(await guest(served, one, KARI))["AppointmentId"] for one in masters]
    numbers = [one["AppointmentId"] for one in masters] if by_master else own
    await done(served, "SetSeenMany", {"AppointmentIds": [*numbers, numbers[0]]}, "kari")
    for one in masters:
        rows = {
            row["AssociateId"]: row["InvitationStatus"] for row in await records(served, one["AppointmentId"])
        }
        assert rows == {DEMO: "Accepted", KARI: "Seen", OLA: "Invitation"}
    await done(served, "SetSeenMany", {"AppointmentIds": []}, "kari")


@pytest.mark.clause("SO-AGENT-036", "SO-AGENT-038")
@pytest.mark.parametrize("method", ["SetSeenMany", "SetActivityStatus", "ToggleActivities"])
async def test_what_is_one_change_takes_at_most_a_hundred(served: Served, method: str) -> None:
    numbers = list(range(1, 102))
    seen, other = {"AppointmentIds": numbers}, {"ActivityIdentifier": named(numbers)}
    answer = await call(served, f"Appointment/{method}", seen if method == "SetSeenMany" else other)
    assert answer.status_code == 400
    assert "1 to 100 items" in answer.json()["Message"]


@pytest.mark.clause("SO-AGENT-036")
@pytest.mark.parametrize(("other", "status"), [("absent", 404), ("ola's", 403)])
async def test_all_are_seen_or_none(served: Served, other: str, status: int) -> None:
    master, ola = await made(served, KARI), await made(served, OLA, Private="PrivateUser")
    number = (await guest(served, master, KARI))["AppointmentId"]
    last = {"absent": NOBODY, "ola's": (await guest(served, ola, OLA))["AppointmentId"]}[other]
    answer = await call(served, "Appointment/SetSeenMany", {"AppointmentIds": [number, last]}, "kari")
    assert (answer.status_code, answer.json()["Item"]) == (status, 1)
    assert said(await of_kari(served, master["AppointmentId"])) == ["Invitation"]


@pytest.mark.clause("SO-AGENT-036")
@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("OnlyThis", ["Invitation", "Seen", "Seen", "Invitation"]),
        ("ThisAndForward", ["Invitation", "Seen", "Seen", "Seen"]),
    ],
)
async def test_later_dates_are_seen_too(served: Served, mode: str, wanted: list[str]) -> None:
    series = (await made(served, KARI, Recurrence=WEEKLY))["Recurrence"]["RecurrenceId"]
    own = [row["AppointmentId"] for row in await of_kari(served, 0, series)]
    await done(served, "SetSeenMany", {"AppointmentIds": own[1:3], "UpdateMode": mode}, "kari")
    assert said(await of_kari(served, 0, series)) == wanted


@pytest.mark.parametrize("by", ["", "WithEmailConfirmation", "WithSmtpEmailConfirmation"])
@pytest.mark.parametrize(("verb", "status"), [("Accept", "Accepted"), ("Reject", "Declined")])
async def test_an_answer_is_kept_by_each_way_of_giving_it(
    served: Served, verb: str, status: str, by: str
) -> None:
    series = (await made(served, KARI, Recurrence=WEEKLY))["Recurrence"]["RecurrenceId"]
    own = await of_kari(served, 0, series)
    body = {"AppointmentId": own[1]["AppointmentId"], "UpdateMode": "ThisAndForward", "RejectReason": "Ill"}
    await done(served, verb + by, body, "kari")
    after = await of_kari(served, 0, series)
    assert said(after) == ["Invitation", status, status, status]
    assert [row["RejectReason"] for row in after] == ["", *(["Ill" if verb == "Reject" else ""] * 3)]
    kinds = {"Accepted": "inDiary", "Declined": "BookingForDiary"}
    assert [row["Type"] for row in after] == ["BookingForDiary", *([kinds[status]] * 3)]


@pytest.mark.clause("SO-AGENT-037")
@pytest.mark.parametrize(
    ("mode", "place", "left"),
    [
        ("OnlyThis", 1, [MONDAYS[0], *MONDAYS[2:]]),
        ("ThisAndForward", 1, MONDAYS[:1]),
        ("ThisAndForward", 0, []),
        (None, 3, MONDAYS[:3]),
    ],
    ids=["one", "later", "all", "without-a-mode"],
)
async def test_what_was_called_off_is_cleared_away(
    served: Served, mode: str | None, place: int, left: list[str]
) -> None:
    first = await made(served, KARI, OLA, Recurrence=WEEKLY)
    series = first["Recurrence"]["RecurrenceId"]
    own = [row["AppointmentId"] for row in await of_kari(served, 0, series)]
    body = {"AppointmentIds": [own[place], NOBODY], "UpdateMode": mode}
    await done(served, "CleanUpBookingDeletedWithUpdateMode", body, "kari")
    # Nothing is called off yet.
    assert len(await records(served, 0, series)) == 12
    await done(served, "Delete", {"AppointmentId": first["AppointmentId"], "UpdateMode": "ThisAndForward"})
    await done(served, "CleanUpBookingDeletedWithUpdateMode", body, "kari")
    assert days(await of_kari(served, 0, series)) == left
    assert [row["AssociateId"] for row in await records(served, 0, series)].count(OLA) == 4


@pytest.mark.clause("SO-AGENT-037")
async def test_all_of_the_callers_rows_that_were_called_off(served: Served) -> None:
    await call(served, "Appointment/CleanUpRecurringBookingDeleted", None, "kari")
    bookings = [await made(served, KARI, OLA), await made(served, KARI, OLA, Recurrence=WEEKLY)]
    standing = await made(served, KARI)
    own = [(await guest(served, one, KARI))["AppointmentId"] for one in (*bookings, standing)]
    for one in own:
        await done(served, "SetSeen", {"AppointmentId": one, "UpdateMode": "ThisAndForward"}, "kari")
    for one in bookings:
        await done(served, "Delete", {"AppointmentId": one["AppointmentId"], "UpdateMode": "ThisAndForward"})
    count = await call(served, "Appointment/CleanUpRecurringBookingDeleted", None, "kari")
    assert count.json() == 1 + 4
    assert (await call(served, "Appointment/CleanUpRecurringBookingDeleted", None, "kari")).json() == 0
    numbers = [row["AppointmentId"] for row in await asked(served, "Appointment/GetAppointmentList", own)]
    assert numbers == own[2:]


@pytest.mark.clause("SO-AGENT-035")
@pytest.mark.parametrize("by_master", [True, False], ids=["master", "guest's"])
@pytest.mark.parametrize("method", ["Move", "MoveWithEmail", "MoveExtended"])
async def test_a_booking_moves_by_any_of_its_rows(served: Served, method: str, by_master: bool) -> None:
    master = await made(served, KARI, Recurrence=WEEKLY)
    series = master["Recurrence"]["RecurrenceId"]
    rows = {row["AssociateId"]: row for row in (await records(served, 0, series))[2:4]}
    number = rows[DEMO if by_master else KARI]["AppointmentId"]
    move = {"AppointmentId": number, "NewStartTime": "2033-03-14T15:00:00", "UpdateMode": "ThisAndForward"}
    body = {"AppointmentMoveData": move} if method == "MoveExtended" else move
    refused = await call(served, f"Appointment/{method}", body, "kari")
    assert refused.status_code == 403
    moved = await asked(served, f"Appointment/{method}", body)
    assert moved["AppointmentId"] == rows[DEMO]["AppointmentId"]
    after = await records(served, 0, series)
    assert [(row["AssociateId"], row["StartDate"][11:13], row["EndDate"][11:13]) for row in after] == [
        (who, *hours)
        for hours in (("10", "11"), ("15", "16"), ("15", "16"), ("15", "16"))
        for who in (DEMO, KARI)
    ]


async def test_a_move_says_whether_it_takes_all_day_and_blocks(served: Served) -> None:
    number = (await made(served))["AppointmentId"]
    move = {"AppointmentId": number, "NewStartTime": "2033-03-09T00:00:00"}
    flags = {"IsAlldayEvent": True, "IsFree": True}
    moved = await asked(served, "Appointment/MoveExtended", {"AppointmentMoveData": move | flags})
    assert {name: moved[name] for name in flags} == flags
    # What is not said stays.
    moved = await asked(served, "Appointment/MoveExtended", {"AppointmentMoveData": move})
    assert {name: moved[name] for name in flags} == flags
    moved = await asked(served, "Appointment/MoveExtended", {"AppointmentMoveData": move | {"IsFree": False}})
    assert (moved["IsAlldayEvent"], moved["IsFree"]) == (True, False)


@pytest.mark.clause("SO-AGENT-035")
@pytest.mark.parametrize("by_master", [True, False], ids=["master", "guest's"])
@pytest.mark.parametrize("who", [{"AssociateId": OLA}, {"PersonId": 3}], ids=["associate", "person"])
async def test_a_booking_is_handed_over_by_any_of_its_rows(
    served: Served, who: dict[str, int], by_master: bool
) -> None:
    master = await made(served, KARI)
    number = master["AppointmentId"] if by_master else (await guest(served, master, KARI))["AppointmentId"]
    given = await asked(served, "Appointment/AssignTo", {"AppointmentId": number, "Participant": who})
    assert given["AppointmentId"] == master["AppointmentId"]
    assert (given["Associate"]["AssociateId"], given["AssignmentStatus"]) == (OLA, "Assigning")
    assert given["AssignedBy"]["AssociateId"] == DEMO


@pytest.mark.clause("SO-AGENT-040")
@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ({"StartTime": "2033-03-14T08:00:00"}, {"StartDate": "T08:00:00", "EndDate": "T09:00:00"}),
        ({"EndTime": "2033-03-14T13:00:00"}, {"StartDate": "T10:00:00", "EndDate": "T13:00:00"}),
        ({"StartTime": "0001-01-01T00:00:00", "Type": 2}, {"StartDate": "T10:00:00", "Type": "inChecklist"}),
        ({"Type": "Unknown", "Status": "Started"}, {"Type": "inDiary", "Completed": "Started"}),
        ({"Status": 0, "AssociateId": OLA}, {"Completed": "NotStarted", "AssociateId": OLA}),
    ],
    ids=["start", "end", "type", "status", "owner"],
)
@pytest.mark.parametrize(
    ("method", "mode"),
    [
        ("UpdateAppointment", {}),
        ("UpdateAppointmentWithMode", {"UpdateMode": "OnlyThis"}),
        ("UpdateAppointmentWithMode", {"UpdateMode": "ThisAndForward"}),
        ("UpdateAppointmentWithModeAndEmail", {"UpdateMode": "ThisAndForward"}),
    ],
    ids=["plain", "this", "forward", "forward-with-mail"],
)
async def test_a_quick_update_sets_what_is_given(
    served: Served, method: str, mode: dict[str, str], members: dict[str, Any], wanted: dict[str, Any]
) -> None:
    series = (await made(served, Recurrence=WEEKLY))["Recurrence"]["RecurrenceId"]
    before = await records(served, 0, series)
    number = before[1]["AppointmentId"]
    answer = await asked(served, f"Appointment/{method}", {"Id": number} | members | mode)
    after = await records(served, 0, series)
    assert answer == after[1]

    def shown(row: dict[str, Any]) -> dict[str, Any]:
        return {name: row[name][10:] if name.endswith("Date") else row[name] for name in wanted}

    unchanged = shown(before[0])
    later = wanted if mode.get("UpdateMode") == "ThisAndForward" else unchanged
    assert [shown(row) for row in after] == [unchanged, wanted, later, later]


@pytest.mark.clause("SO-AGENT-038")
@pytest.mark.parametrize(
    ("method", "before", "after", "answer"),
    [
        ("ToggleActivities", ["Completed", "NotStarted"], ["Started", "Completed"], "Started"),
        ("ToggleActivities", ["Started", "Completed"], ["Completed", "Started"], "Completed"),
        # The first leads; the answer names what was left out.
        ("ToggleAndSetActivities", ["Completed", "NotStarted"], ["Started", "Started"], []),
        ("ToggleAndSetActivities", ["NotStarted", "Completed"], ["Completed", "Completed"], []),
        ("ToggleAndSetActivities", ["Started", "Started"], ["Completed", "Completed"], []),
    ],
)
async def test_activities_are_toggled(
    served: Served, method: str, before: list[str], after: list[str], answer: Any
) -> None:
    numbers = [(await made(served, Completed=step))["AppointmentId"] for step in before]
    name = "ActivityIdentifiers" if "Set" in method else "ActivityIdentifier"
    assert await asked(served, f"Appointment/{method}", {name: named(numbers)}) == answer
    assert [(await entity(served, one))["Completed"] for one in numbers] == after
    absent = await call(served, f"Appointment/{method}", {name: named([numbers[0], NOBODY])})
    assert absent.status_code == 404
    assert (await entity(served, numbers[0]))["Completed"] == after[0]


@pytest.mark.clause("SO-AGENT-038")
@pytest.mark.parametrize("method", ["ToggleActivity", "ToggleActivities", "ToggleAndSetActivities"])
async def test_two_who_toggle_at_once_both_count(served: Served, method: str) -> None:
    number = (await made(served))["AppointmentId"]
    name = "ActivityIdentifiers" if "Set" in method else "ActivityIdentifier"
    body = {name: named([number])[0] if method == "ToggleActivity" else named([number])}
    await asyncio.gather(*(asked(served, f"Appointment/{method}", body) for _who in range(4)))
    assert (await entity(served, number))["Completed"] == "Started"
    assert len(await served.parts.store.history(1, number)) == 5, "made once, and changed four times"


@pytest.mark.clause("SO-AGENT-038")
async def test_one_activity_is_toggled_and_several_are_set(served: Served) -> None:
    numbers = [(await made(served))["AppointmentId"] for _twice in range(2)]
    one = {"ActivityIdentifier": f" Appointment_ID={numbers[0]}"}
    assert await asked(served, "Appointment/ToggleActivity", one) == "Completed"
    for status in ("Started", 1, "Completed"):
        body = {"ActivityIdentifier": named(numbers), "ActivityStatus": status}
        await done(served, "SetActivityStatus", body)
        wanted = {1: "NotStarted"}.get(status, status)
        assert [(await entity(served, one))["Completed"] for one in numbers] == [wanted] * 2
    assert await asked(served, "Appointment/ToggleActivity", one) == "Started"


@pytest.mark.clause("SO-AGENT-039")
async def test_an_appointment_of_ones_own_becomes_a_task(served: Served) -> None:
    plain = await made(served, Location="Quay", Project={"ProjectId": 1})
    task = await asked(
        served, "Appointment/ConvertAppointmentToTask", {"AppointmentId": plain["AppointmentId"]}
    )
    kept = ("AppointmentId", "StartDate", "EndDate", "Title", "Location", "Associate", "Project", "Completed")
    assert {name: task[name] for name in kept} == {name: plain[name] for name in kept}
    assert task["Type"] == "inChecklist"
    tasks = [row["AppointmentId"] for row in await asked(served, "Appointment/GetMyTasks", {"Count": -1})]
    assert plain["AppointmentId"] in tasks
    span = {"StartTime": f"{MONDAYS[0]}T00:00:00", "EndTime": "2033-03-08T00:00:00"}
    diary = [row["AppointmentId"] for row in await asked(served, "Appointment/GetMyDiary", span)]
    assert plain["AppointmentId"] not in diary
    series = await made(served, Recurrence=WEEKLY)
    await asked(served, "Appointment/ConvertAppointmentToTask", {"AppointmentId": series["AppointmentId"]})
    kinds = [row["Type"] for row in await records(served, 0, series["Recurrence"]["RecurrenceId"])]
    assert kinds == ["inChecklist", "inDiary", "inDiary", "inDiary"]


@pytest.mark.clause("SO-AGENT-039")
@pytest.mark.parametrize(
    "guest_of", [{"AssociateId": KARI}, {"EmailAddress": "a@out.example"}], ids=["associate", "address"]
)
async def test_what_others_come_to_becomes_no_task(served: Served, guest_of: dict[str, Any]) -> None:
    master = await made(served, Participants=[guest_of])
    body = {"AppointmentId": master["AppointmentId"]}
    answer = await call(served, "Appointment/ConvertAppointmentToTask", body)
    assert (answer.status_code, "other participants" in answer.json()["Message"]) == (400, True)
    assert (await entity(served, master["AppointmentId"]))["Type"] == "inDiary"
