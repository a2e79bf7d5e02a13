"""A time that an exclusive diary has given away: who refuses, what the refusal tells, and what it offers."""

from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Associate, AssociateType
from appointed.usecases.ports import ById
from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_bookings import KARI, ROOM, booking, guest_rows, statuses
from tests.contracts.xml_answers import problems

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

STRICT = {"Prefer": "handling=strict"}


def times(day: str, hour: int) -> dict[str, str]:
    return {"StartDate": f"{day}T{hour:02}:00:00", "EndDate": f"{day}T{hour + 1:02}:00:00"}


async def a_room(desk: Desk) -> int:
    """Give an exclusive diary of its own."""
    room = Associate(
        id=0, name="r", full_name="R", type=AssociateType.RESOURCE, group_id=1, is_exclusive=True
    )
    (number,) = await desk.served.parts.store.put_records(1, (room,))
    return number


async def moved(desk: Desk, number: int, day: str, hour: int, **headers: str) -> Any:
    return await desk.call("PATCH", number, times(day, hour), **headers)


async def test_a_strict_booking_is_refused_with_the_next_free_times(desk: Desk) -> None:
    day, room = "2032-02-02", await a_room(desk)
    first = await booking(desk, day, {"AssociateId": room})
    body = {"Title": "Late"} | times(day, 10) | {"Participants": [{"AssociateId": room}]}
    answer = await desk.call("POST", body=body, **STRICT)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (409, "time_held")
    told = answer.json()
    (row,) = (await guest_rows(desk, first, 1)).values()
    assert told["Held"] == {
        "AssociateId": room,
        "AppointmentId": row["AppointmentId"],
        "StartDate": "2032-02-02T09:00:00Z",
        "EndDate": "2032-02-02T10:00:00Z",
        "Title": "Booked",
    }
    # Ten o'clock in Oslo is taken, so eleven, twelve and one are next.
    starts = [offer["StartDate"] for offer in told["Offers"]]
    assert starts == [f"2032-02-02T{hour}:00:00Z" for hour in (10, 11, 12)]
    offered = {step["path"][1:]: step["value"] for step in told["Offers"][0]["Patch"]}
    assert offered == {name: told["Offers"][0][name] for name in ("StartDate", "EndDate")}
    second = await desk.made(**(body | offered))
    assert statuses(second)[room] == "Accepted"


async def test_an_exclusive_diary_refuses_and_its_offer_can_be_sent(desk: Desk) -> None:
    day, room = "2032-02-03", {"Associate": {"AssociateId": await a_room(desk)}}
    await desk.made(**times(day, 10), **room)
    second = (await desk.made(**times(day, 12), **room))["AppointmentId"]
    answer = await moved(desk, second, day, 10)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (409, "time_held")
    offers = answer.json()["Offers"]
    # What is moved does not stand in its own way.
    assert [offer["StartDate"] for offer in offers] == [f"{day}T{hour}:00:00Z" for hour in (10, 11, 12)]
    after = await desk.patch(second, offers[0]["Patch"])
    assert after["StartDate"] == f"{day}T11:00:00"
    assert (await desk.call("POST", body=times(day, 10) | room)).status_code == 409


async def test_who_is_exclusive_can_be_asked_by_many_and_accepts_one(desk: Desk) -> None:
    day = "2032-02-04"
    store = desk.served.parts.store
    kari = (await store.directory(1)).associates[KARI]
    await store.put_records(1, (replace(kari, is_exclusive=True),))
    guests = {"Participants": [{"AssociateId": KARI}]}
    first, second = [(await desk.made(**times(day, 10), **guests))["AppointmentId"] for _time in range(2)]
    answers = [
        await desk.served.client.post(
            "/api/v1/Agents/Appointment/Accept",
            json={"AppointmentId": master + 1},
            headers=desk.served.basic(who),
        )
        for master, who in ((second, "kari"), (first, "kari"), (first, "demo"))
    ]
    await store.put_records(1, (kari,))
    assert [answer.status_code for answer in answers] == [204, 409, 409], answers[0].text
    assert answers[1].headers["Appointed-Error"] == "time_held"
    # Whoever was invited cannot move it, and who invited them can.
    assert [len(answer.json().get("Offers", ())) for answer in answers[1:]] == [0, 3]
    offer = answers[2].json()["Offers"][0]["Patch"]
    assert (await desk.patch(first, offer))["StartDate"] == f"{day}T11:00:00"


async def test_a_booking_is_not_moved_away_from_its_room(desk: Desk) -> None:
    day, room = "2032-02-04", await a_room(desk)
    await booking(desk, day, {"AssociateId": room})
    second = await desk.made(**times(day, 13), Participants=[{"AssociateId": room}, {"AssociateId": KARI}])
    answer = await moved(desk, second["AppointmentId"], day, 10)
    assert answer.status_code == 409
    assert len(answer.json()["Offers"]) == 3
    assert statuses(await desk.read(second["AppointmentId"]))[room] == "Accepted"
    assert (await moved(desk, second["AppointmentId"], day, 14)).status_code == 200


async def test_a_series_that_clashes_once_is_offered_times_that_are_free_on_all_its_dates(
    desk: Desk,
) -> None:
    diary = {"Associate": {"AssociateId": await a_room(desk)}}
    await desk.made(**times("2032-02-17", 10), **diary)
    await desk.made(**times("2032-02-24", 12), **diary)
    weekly = {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "WeekPattern": {"Weekdays": "Tuesday", "Cycle": 1},
        "StartDate": "2032-02-10T00:00:00",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
    }
    body = times("2032-02-10", 10) | diary | {"Recurrence": weekly}
    answer = await desk.call("POST", body=body)
    assert answer.status_code == 409
    assert answer.json()["Held"]["StartDate"] == "2032-02-17T09:00:00Z"
    offers = answer.json()["Offers"]
    assert [one["StartDate"] for one in offers] == [f"2032-02-10T{hour}:00:00Z" for hour in (10, 12, 13)]
    offered = {name: offers[1][name] for name in ("StartDate", "EndDate")}
    number = (await desk.made(**(body | offered)))["AppointmentId"]
    # The same for a move of all its dates, which are in nobody's way of their own.
    move, query = times("2032-02-10", 10), "?updateMode=ThisAndForward"
    refused = await desk.call("PATCH", number, move, query=query)
    assert refused.status_code == 409
    starts = [one["StartDate"] for one in refused.json()["Offers"]]
    assert starts == [f"2032-02-10T{hour}:00:00Z" for hour in (10, 12, 13)]
    await desk.patch(number, refused.json()["Offers"][0]["Patch"], query=query)
    assert (await desk.read(number))["StartDate"] == "2032-02-10T11:00:00"


async def test_a_series_that_meets_itself_is_offered_nothing(desk: Desk) -> None:
    diary = {"Associate": {"AssociateId": await a_room(desk)}}
    daily = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    long = {"StartDate": "2032-02-10T10:00:00", "EndDate": "2032-02-11T11:00:00", "Recurrence": daily}
    answer = await desk.call("POST", body=long | diary)
    assert (answer.status_code, "Offers" in answer.json()) == (409, False)


async def test_a_series_that_moves_lets_the_room_decline_one_date(desk: Desk) -> None:
    room = await a_room(desk)
    await booking(desk, "2032-02-10", {"AssociateId": room})
    weekly = {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "WeekPattern": {"Weekdays": "Tuesday", "Cycle": 1},
        "StartDate": "2032-02-03",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
    }
    first = await desk.made(
        **times("2032-02-03", 14), Participants=[{"AssociateId": room}], Recurrence=weekly
    )
    number = first["AppointmentId"]
    answer = await desk.call("PATCH", number, times("2032-02-03", 10), query="?updateMode=ThisAndForward")
    assert answer.status_code == 200, answer.text
    reading = await desk.served.parts.store.read(1, ById((number,)))
    series = reading.row.series_id
    found = {}
    for other in range(number, number + 6):
        row = (await desk.served.parts.store.read(1, ById((other,)))).row
        if row.series_id == series and not row.is_booking_row:
            found[str(row.starts_at.date())] = statuses(await desk.read(other))[room]
    assert found == {"2032-02-03": "Accepted", "2032-02-10": "Declined", "2032-02-17": "Accepted"}


async def test_a_stranger_sees_times_alone(desk: Desk) -> None:
    day, room = "2032-02-05", {"Associate": {"AssociateId": await a_room(desk)}}
    await desk.made(**times(day, 10), **room, Private="PrivateUser", Title="Secret")
    answer = await desk.of("kari").call("POST", body={"Title": "Mine"} | times(day, 10) | room)
    assert answer.status_code == 409
    assert answer.json()["Held"]["Title"] is None
    assert "Secret" not in answer.text
    assert len(answer.json()["Offers"]) == 3


async def test_xml_tells_the_same(desk: Desk) -> None:
    day, room = "2032-02-06", {"Associate": {"AssociateId": await a_room(desk)}}
    await desk.made(**times(day, 10), **room)
    answer = await desk.call("POST", body=times(day, 10) | room, Accept="application/xml")
    assert answer.status_code == 409
    assert answer.text.count("<TimeOffer>") == 3
    assert problems(answer.content) == []


async def test_the_demo_room_is_exclusive_and_a_person_is_not(desk: Desk) -> None:
    records = (await desk.served.parts.store.directory(1)).associates
    assert records[ROOM].is_exclusive
    assert not records[KARI].is_exclusive
    first = await desk.made(**times("2032-02-09", 10), Associate={"AssociateId": KARI})
    second = await desk.made(**times("2032-02-09", 10), Associate={"AssociateId": KARI})
    assert (await desk.read(first["AppointmentId"]))["HasConflict"]
    assert second["HasConflict"]


async def test_that_all_or_nothing_counted_is_confirmed(desk: Desk) -> None:
    number = await desk.new(**times("2032-04-01", 10))
    entity = (await desk.call("GET", number)).json()
    uid = entity["CustomFields"]["x_uid"]
    batch = {"body": [{"AppointmentId": number, "Patch": {"Title": "y"}}]}
    so, sqod = desk.served.so, desk.served.sq
    answers = {
        "patch": await desk.call("PATCH", number, {"Title": "x"}, **STRICT),
        "put": await desk.call("PUT", number, entity | {"Title": "z"}, **STRICT),
        "batch": await desk.call("POST", "Batch", **batch, **STRICT),
        "post": await desk.call("POST", body=times("2032-04-01", 12), **STRICT),
        "agent": await so(
            "POST", "Agents/Appointment/Save", json={"AppointmentEntity": entity}, headers=STRICT
        ),
        "sqod": await sqod("PATCH", f"/{uid}", json={"duration_in_minutes": 30}, headers=STRICT),
        "sqod, tried": await sqod(
            "PATCH",
            f"/{uid}",
            json={"duration_in_minutes": 30},
            headers={"Prefer": "dry-run, handling=strict"},
        ),
    }
    confirmed = {name: answer.headers.get("Preference-Applied") for name, answer in answers.items()}
    expected = dict.fromkeys(answers, "handling=strict")
    assert confirmed == expected | {"sqod, tried": "dry-run, handling=strict"}
    assert all(answer.is_success for answer in answers.values())
    # What takes no time, and who does not ask, has nothing confirmed.
    others = (
        await desk.call("POST", body=times("2032-04-01", 14), Prefer="handling=lenient"),
        await desk.call("DELETE", number, **STRICT),
    )
    assert [answer.status_code for answer in others] == [200, 204]
    assert not any("Preference-Applied" in answer.headers for answer in others)
