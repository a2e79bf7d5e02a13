"""What the lists on one appointment tell of other rows: guests' answers, and appointments that are linked."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_archive import get, rows

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

DAY = "2032-05-03"
TIMES = {"StartDate": f"{DAY}T09:00:00", "EndDate": f"{DAY}T10:00:00"}
BLANK = "0001-01-01T00:00:00"


async def answered(desk: Desk, **members: Any) -> tuple[int, dict[str, int]]:
    """Make a booking that one guest has declined; gives the master's id and each guest's row's."""
    guests = [{"AssociateId": 2}, {"AssociateId": 3}]
    master = await desk.made(Title="Asked", Participants=guests, **TIMES, **members)
    number = master["AppointmentId"]
    family = await desk.served.so(
        "POST", "Agents/Appointment/GetAppointmentRecords", json={"MotherId": number, "RecurrenceRuleId": 0}
    )
    own = {row["AssociateName"]: row["AppointmentId"] for row in family.json()}
    said = {"AppointmentId": own["kari"], "RejectReason": "On leave", "UpdateMode": "OnlyThis"}
    answer = await desk.served.client.post(
        "/api/v1/Agents/Appointment/Reject", json=said, headers=desk.served.basic("kari")
    )
    assert answer.status_code == 204, answer.text
    return number, own


async def told(desk: Desk, path: str) -> dict[int, tuple[str, str]]:
    found = await rows(desk, path)
    return {row["participantAssociateId"]: (row["status"], row["rejectReason"]) for row in found}


@pytest.mark.clause("SO-ARCHIVE-005")
async def test_participants_tell_their_answers_and_why_they_declined(desk: Desk) -> None:
    number, own = await answered(desk)
    everybody = {1: ("Accepted", ""), 2: ("Declined", "On leave"), 3: ("Invitation", "")}
    # The same by the master, by another guest's row, and by the archive's name.
    for path in (f"Appointment/{number}/Participants", f"Appointment/{own['ola']}/Participants"):
        assert await told(desk, path) == everybody
    asked = {"filter": f"appointmentRestrictionId eq {number} and rejectReason contains 'leave'"}
    (found,) = await rows(desk, "Archive/Participants", **asked)
    assert (found["participantAssociateId"], found["status"]) == (2, "Declined")


async def test_the_reason_is_told_to_those_alone_who_may_read_the_guests_row(desk: Desk) -> None:
    number, own = await answered(desk, Private="PrivateUser")
    assert (await told(desk, f"Appointment/{number}/Participants"))[2] == ("Declined", "On leave")
    ola = desk.of("ola")
    assert await told(ola, f"Appointment/{number}/Participants") == {}
    assert (await told(ola, f"Appointment/{own['ola']}/Participants"))[2] == ("Declined", "")
    asked = f"appointmentRestrictionId eq {own['ola']} and rejectReason contains 'leave'"
    assert await rows(ola, "Archive/Participants", filter=asked) == []


@pytest.mark.clause("SO-ARCHIVE-006")
async def test_linked_appointments_are_told_as_lists_tell_them(desk: Desk) -> None:
    shown = {"Title": "Linked", "Task": {"TaskListItemId": 1}, "Completed": "Completed", **TIMES}
    linked = await desk.new(Associate={"AssociateId": 2}, **shown)
    secret = await desk.served.private_of_kari()
    number = await desk.new(
        Links=[
            {"EntityName": "Appointment", "Id": linked},
            {"EntityName": "appointment", "Id": secret, "Description": "Unseen"},
            {"EntityName": "appointment", "Id": 999_999},
            {"EntityName": "document", "Id": linked},
        ]
    )
    names = ["text", "associateId", "date", "time", "type", "completed"]
    for path, asked in (
        (f"Appointment/{number}/Links", {}),
        ("Archive/Links", {"filter": f"sourceAppointmentRestrictionId eq {number}"}),
    ):
        found = await rows(desk, path, **asked)
        told_of = [[row[name] for name in names] for row in found]
        (same,) = await rows(desk, "Appointment", filter=f"appointmentId eq {linked}", select=",".join(names))
        assert told_of[0] == [same[name] for name in names]
        assert (same["text"], same["associateId"], same["completed"]) == ("Linked", "kari", True)
        assert told_of[1] == ["Unseen", "", BLANK, BLANK, "", False]
        assert told_of[2:] == [["", "", BLANK, BLANK, "", False]] * 2
    by_text = await get(
        desk, f"Appointment/{number}/Links", filter="text contains 'Link'", select="appointmentId"
    )
    assert [row["appointmentId"] for row in by_text.json()["value"]] == [linked]
