"""Video rooms that are reserved first and saved with an appointment (AppointmentAgent; sections 9 and 10.9)."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contracts.served import Served
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_agents import asked, call
from tests.contracts.superoffice.test_both_contracts import booked

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

TIMES = {"StartDate": "2034-05-08T10:00:00", "EndDate": "2034-05-08T11:00:00"}


async def reserved(served: Served, login: str = "demo") -> dict[str, Any]:
    """Reserve a room as clients do, and give the members that they save."""
    answer = await call(served, "Appointment/CreateVideoMeetingReservation", None, login)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert set(found) == {"VideoMeetingId", "VideoMeetingUrl"}
    return {
        "JoinVideomeetUrl": found["VideoMeetingUrl"],
        "CentralserviceVideomeetId": found["VideoMeetingId"],
    }


async def opened(served: Served, url: str) -> int:
    """Open an address like a browser."""
    answer = await served.client.get(urlsplit(url).path)
    return answer.status_code


async def released(served: Served, meeting_id: str, login: str = "demo") -> int:
    body = {"VideoMeetingId": meeting_id}
    answer = await call(served, "Appointment/DeleteVideoMeetingReservation", body, login)
    return answer.status_code


@pytest.mark.clause("SO-AGENT-024")
async def test_a_reserved_room_becomes_the_appointments(served: Served, desk: Desk) -> None:
    room = await reserved(served)
    assert await opened(served, room["JoinVideomeetUrl"]) == 404
    made = await desk.made(**TIMES, **room)
    number = made["AppointmentId"]
    assert made["CentralserviceVideomeetId"] == room["CentralserviceVideomeetId"]
    # Both addresses, that of the reservation and the appointment's own, lead to the page of its call.
    assert made["JoinVideomeetUrl"] != room["JoinVideomeetUrl"]
    assert f"/1-{number}-" in made["JoinVideomeetUrl"]
    assert await opened(served, made["JoinVideomeetUrl"]) == 200
    assert await opened(served, room["JoinVideomeetUrl"]) == 200
    assert await opened(served, room["JoinVideomeetUrl"][:-1] + "?") == 404
    # The other contract sees the same room.
    meeting = (await desk.seen_by_sqod(number))["meeting"]
    assert meeting["room_url"] == made["JoinVideomeetUrl"]
    assert meeting["id"] == room["CentralserviceVideomeetId"]
    # What was read can be saved, and changes nothing.
    assert await desk.patch(number, made) == made
    assert await desk.read(number) == made


async def test_a_copy_has_a_room_and_a_claimant_of_its_own(desk: Desk) -> None:
    number, _uid = await booked(desk)
    stands = await desk.read(number)
    tried = await desk.call("POST", body=stands, Prefer="dry-run")
    assert tried.json()["result"]["JoinVideomeetUrl"] == ""
    answer = await desk.call("POST", body=stands)
    copy = answer.json()
    assert answer.status_code == 200, copy
    named = answer.headers["Appointed-Ignored"].split(", ")
    assert {"JoinVideomeetUrl", "CentralserviceVideomeetId"} < set(named)
    assert f"/1-{copy['AppointmentId']}-" in copy["JoinVideomeetUrl"]
    assert copy["CentralserviceVideomeetId"] not in ("", stands["CentralserviceVideomeetId"])
    # The claimant among the participants is no guest beside the claimant.
    assert (copy["Participants"], copy["BookingType"]) == (stands["Participants"], "None")
    assert copy["CustomFields"]["x_claimant_name"] == stands["CustomFields"]["x_claimant_name"]
    meeting = (await desk.seen_by_sqod(copy["AppointmentId"]))["meeting"]
    assert meeting["id"] == copy["CentralserviceVideomeetId"]


async def test_the_key_of_another_room_is_no_outside_address(desk: Desk) -> None:
    number, _uid = await booked(desk)
    stands = await desk.read(number)
    url = stands["JoinVideomeetUrl"]
    other = await desk.made(JoinVideomeetUrl="https://meet.example/1", CentralserviceVideomeetId="g")
    answer = await desk.call("PATCH", other["AppointmentId"], {"JoinVideomeetUrl": url})
    assert answer.json() == other
    assert answer.headers["Appointed-Ignored"] == "JoinVideomeetUrl"
    # Nor does that room's id come without it.
    room = {name: stands[name] for name in ("JoinVideomeetUrl", "CentralserviceVideomeetId")}
    for method, body in (("PATCH", room), ("PUT", other | room)):
        answer = await desk.call(method, other["AppointmentId"], body)
        assert answer.json() == other
        assert answer.headers["Appointed-Ignored"].split(", ") == list(room)
    # An appointment's own room comes back by its address.
    await desk.replace(number, "JoinVideomeetUrl", "https://meet.example/1")
    back = await desk.call("PATCH", number, {"JoinVideomeetUrl": url})
    assert (back.json()["JoinVideomeetUrl"], "Appointed-Ignored" in back.headers) == (url, False)
    assert (await desk.stored(number)).video_url == ""


async def test_a_reservation_is_for_one_new_appointment(served: Served, desk: Desk) -> None:
    room = await reserved(served)
    await desk.made(**TIMES, **room)
    again = await desk.call("POST", body={"Title": "Twice"} | TIMES | room)
    assert again.status_code == 400
    served.assert_body("superoffice", again)


async def test_of_a_series_only_the_first_date_has_the_reserved_room(served: Served, desk: Desk) -> None:
    room = await reserved(served)
    rule = {"IsRecurrence": True, "Pattern": "Weekly", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    made = await desk.made(**TIMES, **room, Recurrence=rule | {"StartDate": TIMES["StartDate"]})
    body = {"MotherId": 0, "RecurrenceRuleId": made["Recurrence"]["RecurrenceId"]}
    rows = await asked(served, "Appointment/GetAppointmentRecords", body)
    urls = [(await desk.read(row["AppointmentId"]))["JoinVideomeetUrl"] for row in rows]
    assert len(set(urls)) == 3
    assert [await opened(served, url) for url in urls] == [200, 200, 200]


async def test_a_reservation_saved_into_an_appointment_that_stands(served: Served, desk: Desk) -> None:
    number = await desk.new(**TIMES)
    uid = (await desk.read(number))["CustomFields"]["x_uid"]
    room = await reserved(served)
    after = await desk.patch(number, room)
    assert after["CentralserviceVideomeetId"] == room["CentralserviceVideomeetId"]
    assert after["CustomFields"]["x_uid"] == uid
    assert await opened(served, after["JoinVideomeetUrl"]) == 200
    # Its own address counts from now on, and emptying that takes the room away.
    assert await opened(served, room["JoinVideomeetUrl"]) == 404
    blank = await desk.patch(number, {"JoinVideomeetUrl": None, "CentralserviceVideomeetId": None})
    assert (blank["JoinVideomeetUrl"], blank["CentralserviceVideomeetId"]) == ("", "")
    assert (await desk.seen_by_sqod(number))["meeting"] is None
    assert await opened(served, after["JoinVideomeetUrl"]) == 404


@pytest.mark.clause("SO-AGENT-025")
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "standing"])
async def test_giving_a_room_back_takes_it_from_the_appointment(
    served: Served, desk: Desk, is_new: bool
) -> None:
    room = await reserved(served)
    meeting_id = room["CentralserviceVideomeetId"]
    made = await desk.made(**TIMES, **(room if is_new else {}))
    number = made["AppointmentId"]
    made = await desk.patch(number, room)
    # Nobody else's: a colleague may not change it, or finds nothing in their own diary.
    assert await released(served, meeting_id, "kari") == (403 if is_new else 204)
    assert (await desk.read(number))["JoinVideomeetUrl"] == made["JoinVideomeetUrl"]
    assert await released(served, meeting_id) == 204
    assert (await desk.read(number))["JoinVideomeetUrl"] == ""
    assert await opened(served, made["JoinVideomeetUrl"]) == 404
    # Again, or one that nobody saved: nothing is left to do.
    assert await released(served, meeting_id) == 204
    assert await released(served, "no such room") == 204


async def test_a_claimants_room_stays(served: Served, desk: Desk) -> None:
    # A reserved room may outdo the one it had, but whoever has a link to it is not left outside.
    number, _uid = await booked(desk)
    room = await reserved(served)
    before = await desk.read(number)
    after = await desk.patch(number, room)
    assert after["CentralserviceVideomeetId"] == room["CentralserviceVideomeetId"]
    answer = await desk.call("PATCH", number, {"JoinVideomeetUrl": ""})
    assert answer.json()["JoinVideomeetUrl"] == after["JoinVideomeetUrl"]
    assert answer.headers["Appointed-Ignored"] == "JoinVideomeetUrl"
    assert before["JoinVideomeetUrl"] != after["JoinVideomeetUrl"]
    assert await released(served, room["CentralserviceVideomeetId"]) == 400
    assert (await desk.read(number))["JoinVideomeetUrl"] == after["JoinVideomeetUrl"]


@pytest.mark.clause("SO-AGENT-026")
async def test_system_users_reserve_no_room_and_give_none_back(served: Served, desk: Desk) -> None:
    held = await desk.made(**TIMES, **await reserved(served))
    body = {"VideoMeetingId": held["CentralserviceVideomeetId"]}
    for method in ("CreateVideoMeetingReservation", "DeleteVideoMeetingReservation"):
        path = f"/api/v1/Agents/Appointment/{method}"
        answer = await served.client.post(path, json=body, headers=served.bearer)
        assert answer.status_code == 403
        served.assert_body("superoffice", answer)
    assert await desk.read(held["AppointmentId"]) == held


async def test_another_tenants_reservation_is_an_address_like_any_other(served: Served, desk: Desk) -> None:
    room = await reserved(served)
    url = room["JoinVideomeetUrl"].replace("/room/1-", "/room/2-")
    made = await desk.made(**TIMES, JoinVideomeetUrl=url)
    assert made["JoinVideomeetUrl"] == url
    assert made["CentralserviceVideomeetId"] == ""


@pytest.mark.clause("SO-AGENT-027")
async def test_a_sale_that_waits_makes_a_reminder(served: Served, desk: Desk) -> None:
    draft = await asked(served, "Appointment/CreateDefaultReOpenAppointment", {"SaleId": 1})
    assert (draft["AppointmentId"], draft["Type"], draft["Sale"]["SaleId"]) == (0, "inChecklist", 1)
    assert draft["Title"] == "Yearly agreement"
    related = (draft["Contact"]["ContactId"], draft["Person"]["PersonId"], draft["Project"]["ProjectId"])
    assert related == (2, 4, 1)
    saved = await asked(served, "Appointment/SaveAppointmentEntity", draft)
    assert saved["AppointmentId"] > 0
    assert saved["Sale"]["SaleId"] == 1
    wrong = await call(served, "Appointment/CreateDefaultReOpenAppointment", {"SaleId": 9999})
    assert wrong.status_code == 400


async def test_without_a_meeting_server_nobody_is_connected(served: Served) -> None:
    state = await asked(served, "Appointment/GetVideoMeetingConnectedState")
    assert state == {"IsConnected": False, "ProviderId": "Appointed", "LoginUrl": ""}
