"""Bookings by POST, PUT, PATCH and DELETE: each guest has a row of their own in their diary."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

KARI, OLA, ROOM = 2, 3, 4


async def booking(desk: Desk, day: str, *guests: dict[str, Any], **members: Any) -> dict[str, Any]:
    time = {"StartDate": f"{day}T10:00:00", "EndDate": f"{day}T11:00:00"}
    return await desk.made(**({"Title": "Booked", "Participants": list(guests)} | time | members))


async def guest_rows(desk: Desk, master: dict[str, Any], count: int) -> dict[int, dict[str, Any]]:
    """Give the guests' rows by whose they are; their ids follow the master's."""
    found = {}
    for number in range(master["AppointmentId"] + 1, master["AppointmentId"] + 1 + count):
        answer = await desk.call("GET", number)
        if answer.status_code == 200 and answer.json()["MotherId"] == master["AppointmentId"]:
            found[answer.json()["Associate"]["AssociateId"]] = answer.json()
    return found


def statuses(entity: dict[str, Any]) -> dict[int, str]:
    return {one["AssociateId"]: one["InvitationStatus"] for one in entity["Participants"]}


@pytest.mark.clause(
    "SO-PROP-Participants", "SO-PROP-InvitedPerson-4", "SO-PROP-MotherId-1", "SO-PROP-MotherAssociate-1"
)
async def test_guests_get_rows_of_their_own(desk: Desk) -> None:
    master = await booking(desk, "2032-01-05", {"AssociateId": KARI}, {"AssociateId": ROOM})
    assert (master["MotherId"], master["BookingType"]) == (master["AppointmentId"], "Owner")
    assert statuses(master) == {1: "Accepted", KARI: "Invitation", ROOM: "Accepted"}
    found = await guest_rows(desk, master, 2)
    assert set(found) == {KARI, ROOM}
    kari = found[KARI]
    assert (kari["BookingType"], kari["InvitationStatus"], kari["Type"]) == (
        "Participant",
        "Invitation",
        "BookingForDiary",
    )
    assert (kari["Title"], kari["StartDate"]) == ("Booked", master["StartDate"])
    assert kari["MotherAssociate"]["AssociateId"] == 1
    assert statuses(kari) == statuses(master)


async def test_a_patch_invites_moves_and_calls_off(desk: Desk) -> None:
    number = await desk.new(StartDate="2032-01-06T10:00:00", EndDate="2032-01-06T11:00:00")
    master = await desk.patch(number, {"Participants": [{"AssociateId": OLA}]})
    assert statuses(master) == {1: "Accepted", OLA: "Invitation"}
    (ola,) = (await guest_rows(desk, master, 1)).values()
    moved = await desk.patch(
        number, {"StartDate": "2032-01-06T12:00:00", "EndDate": "2032-01-06T13:00:00", "Location": "Here"}
    )
    ola = await desk.read(ola["AppointmentId"])
    assert (ola["StartDate"], ola["Location"]) == (moved["StartDate"], "Here")
    assert (await desk.call("DELETE", number)).status_code == 204
    ola = await desk.read(ola["AppointmentId"])
    assert ola["InvitationStatus"] == "Cancelled"


async def test_a_guest_who_deletes_their_row_has_declined(desk: Desk) -> None:
    master = await booking(desk, "2032-01-07", {"AssociateId": KARI})
    (kari,) = (await guest_rows(desk, master, 1)).values()
    assert (await desk.of("kari").call("DELETE", kari["AppointmentId"])).status_code == 204
    after = await desk.read(master["AppointmentId"])
    assert statuses(after)[KARI] == "Declined"
    assert after["RejectCounter"] == 1


async def test_who_had_declined_is_done_with_a_booking_that_goes(desk: Desk) -> None:
    master = await booking(desk, "2032-01-08", {"AssociateId": KARI}, {"AssociateId": OLA})
    number = master["AppointmentId"]
    found = await guest_rows(desk, master, 2)
    kari, ola = (found[who]["AppointmentId"] for who in (KARI, OLA))
    agent, hers = "/api/v1/Agents/Appointment", desk.served.basic("kari")
    client = desk.served.client
    await client.post(f"{agent}/Reject", json={"AppointmentId": kari}, headers=hers)
    assert (await desk.call("DELETE", number)).status_code == 204
    assert (await desk.call("GET", kari)).status_code == 404
    left = await desk.read(ola)
    assert (left["InvitationStatus"], left["MotherId"]) == ("Cancelled", number)
    # As long as somebody is told of its end, one can ask who had invited.
    for who, name in (("ola", "Demo Administrator"), ("kari", "Demo Administrator")):
        mother = {"MotherAppointmentId": number}
        answer = await client.post(f"{agent}/GetOrganizerName", json=mother, headers=desk.served.basic(who))
        assert answer.json() == name
    assert (await desk.of("ola").call("DELETE", ola)).status_code == 204
    answer = await client.post(
        f"{agent}/GetOrganizerName", json={"MotherAppointmentId": number}, headers=hers
    )
    assert answer.json() is None


async def test_a_guest_who_leaves_this_and_following_loses_all_of_them(desk: Desk) -> None:
    day = "2032-03-01"
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 4}
    master = await booking(desk, day, {"AssociateId": KARI}, Recurrence=rule)
    # Each date's row is followed by its guest's.
    dates = [master["AppointmentId"] + place for place in range(0, 8, 2)]
    kari, hers = desk.of("kari"), [number + 1 for number in dates]
    alarm = {"HasAlarm": True, "AlarmLeadTime": "PT5M"}
    await kari.patch(hers[1], alarm, query="?updateMode=ThisAndForward")
    assert [(await kari.read(number))["HasAlarm"] for number in hers] == [False, True, True, True]
    agent = {"AppointmentId": hers[3], "UpdateMode": "ThisAndForward"}
    headers = desk.served.basic("kari")
    answer = await desk.served.client.post("/api/v1/Agents/Appointment/Delete", json=agent, headers=headers)
    assert answer.status_code == 204
    assert (await kari.call("DELETE", hers[1], query="?updateMode=ThisAndForward")).status_code == 204
    assert [(await kari.call("GET", number)).status_code for number in hers] == [200, 404, 404, 404]
    entities = [await desk.read(number) for number in dates]
    assert [statuses(entity)[KARI] for entity in entities] == ["Invitation"] + ["Declined"] * 3
    assert [entity["RejectCounter"] for entity in entities] == [0, 1, 1, 1]


async def test_a_busy_room_declines_and_the_save_succeeds(desk: Desk) -> None:
    taken = await booking(desk, "2032-01-08", {"AssociateId": ROOM})
    assert statuses(taken)[ROOM] == "Accepted"
    guests = [{"AssociateId": ROOM}, {"AssociateId": KARI}]
    body = {name: taken[name] for name in ("StartDate", "EndDate")} | {"Participants": guests}
    tried = (await desk.call("POST", body=body, Prefer="dry-run")).json()
    told = {one["associate_id"]: one["kind"] for one in tried["notices"]}
    assert told == {ROOM: "declined", KARI: "invited"}
    second = await booking(desk, "2032-01-08", *guests)
    assert statuses(second) == {1: "Accepted", ROOM: "Declined", KARI: "Invitation"}
    assert second["RejectCounter"] == 1


async def test_without_a_mail_server_no_mail_is_promised(desk: Desk) -> None:
    guest = {"EmailAddress": "a@example.org", "SendEmail": True}
    asked = (await desk.call("GET", "default")).json() | {"Title": "Asked", "Participants": [guest]}
    answer = await desk.served.so("POST", "Agents/Appointment/WillSendEmail", json={"Appointment": asked})
    assert (answer.status_code, answer.json()) == (200, False)


async def test_a_strict_caller_is_refused_instead(desk: Desk) -> None:
    await booking(desk, "2032-01-09", {"AssociateId": ROOM})
    body = {
        "Title": "Strict",
        "StartDate": "2032-01-09T10:30:00",
        "EndDate": "2032-01-09T11:30:00",
        "Participants": [{"AssociateId": ROOM}],
    }
    answer = await desk.call("POST", body=body, Prefer="handling=strict")
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (409, "time_held")
    answer = await desk.call("POST", body=body)
    assert statuses(answer.json())[ROOM] == "Declined"


async def test_a_series_books_the_room_each_time_it_can(desk: Desk) -> None:
    await booking(desk, "2032-02-10", {"AssociateId": ROOM})
    rule = {
        "IsRecurrence": True,
        "Pattern": "Daily",
        "StartDate": "2032-02-09T00:00:00",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
    }
    first = await booking(desk, "2032-02-09", {"AssociateId": ROOM}, {"AssociateId": OLA}, Recurrence=rule)
    number = first["AppointmentId"]
    found = [await desk.call("GET", number + place) for place in range(1, 10)]
    entities = [first] + [answer.json() for answer in found if answer.status_code == 200]
    masters = [one for one in entities if one["MotherId"] == one["AppointmentId"]]
    assert [one["StartDate"][:10] for one in masters] == ["2032-02-09", "2032-02-10", "2032-02-11"]
    assert [statuses(one)[ROOM] for one in masters] == ["Accepted", "Declined", "Accepted"]
    guests = [one for one in entities if one["BookingType"] == "Participant"]
    assert sorted(one["Associate"]["AssociateId"] for one in guests) == [OLA] * 3 + [ROOM] * 3
    # Who moves the whole series takes the guests along, and the room looks again.
    await desk.patch(
        number,
        {"StartDate": "2032-02-09T15:00:00", "EndDate": "2032-02-09T16:00:00"},
        query="?updateMode=ThisAndForward",
    )
    again = [await desk.read(one["AppointmentId"]) for one in masters]
    assert [statuses(one)[ROOM] for one in again] == ["Accepted"] * 3
    moved = [await desk.read(one["AppointmentId"]) for one in guests]
    assert {one["StartDate"][11:] for one in moved} == {"15:00:00"}


async def test_a_series_that_meets_itself_has_the_room_as_often_as_it_can(desk: Desk) -> None:
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    long = {"StartDate": "2032-02-16T10:00:00", "EndDate": "2032-02-17T11:00:00", "Recurrence": rule}
    first = await booking(desk, "2032-02-16", {"AssociateId": ROOM}, **long)
    found = [await desk.call("GET", first["AppointmentId"] + place) for place in range(1, 6)]
    masters = [first] + [one.json() for one in found if one.json().get("BookingType") == "Owner"]
    assert [statuses(one)[ROOM] for one in masters] == ["Accepted", "Declined", "Accepted"]


@pytest.mark.clause("SO-CARRIER-011")
async def test_a_room_that_comes_names_the_place(desk: Desk) -> None:
    master = await booking(desk, "2032-03-02", {"AssociateId": ROOM}, {"AssociateId": KARI})
    name = master["Location"]
    assert name == (await desk.stored(master["AppointmentId"])).location != ""
    assert {one["Location"] for one in (await guest_rows(desk, master, 2)).values()} == {name}
    declined = await booking(desk, "2032-03-02", {"AssociateId": ROOM})
    assert (statuses(declined)[ROOM], declined["Location"]) == ("Declined", "")
    # The other contract moves it to where the room has time.
    number = declined["AppointmentId"]
    moved = {"appointment_at": "2032-03-03T10:00:00+00:00"}
    answer = await desk.served.sq("PATCH", f"/{(await desk.stored(number)).uid}", json=moved)
    assert answer.status_code == 200, answer.text
    assert (await desk.read(number))["Location"] == name
    assert (await desk.patch(number, {"Participants": []}))["Location"] == ""
    told = await booking(desk, "2032-03-04", {"AssociateId": ROOM}, Location="At home")
    assert told["Location"] == "At home"


@pytest.mark.clause("SO-CARRIER-011")
async def test_each_date_of_a_series_takes_place_where_its_room_comes(desk: Desk) -> None:
    await booking(desk, "2032-03-10", {"AssociateId": ROOM})
    rule = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    first = await booking(desk, "2032-03-09", Recurrence=rule)
    dates = [first["AppointmentId"] + place for place in range(3)]
    assert [(await desk.read(number))["Location"] for number in dates] == ["", "", ""]
    change = {"Participants": [{"AssociateId": ROOM}]}
    name = (await desk.patch(dates[0], change, query="?updateMode=ThisAndForward"))["Location"]
    assert name
    assert [(await desk.read(number))["Location"] for number in dates] == [name, "", name]
