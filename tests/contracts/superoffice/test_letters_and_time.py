"""Letters of what is over, of whole days, of many changes in a moment, and of a claimant's series."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from icalendar import Calendar

from appointed.domain.preference import Level, Preference
from tests.contracts.superoffice.test_agent_mail import GUEST, KARI, WEEKLY, Post, posting
from tests.mail.elsewhere import Elsewhere, events

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]

PAST = {"StartDate": "2020-05-05T10:00:00", "EndDate": "2020-05-05T11:00:00"}
WHOLE_DAY = {"StartDate": "2033-05-05T00:00:00", "EndDate": "2033-05-05T23:59:00", "IsAlldayEvent": True}
ASKED = {"SendEmailToParticipants": True, "UpdateMode": "OnlyThis"}
THREE = WEEKLY | {"RecurrenceEndType": "Counter", "RecurrenceCounter": 3}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with posting(tmp_path_factory.mktemp("post"), "sqlite:") as made:
        yield made


async def rows_of(post: Post, saved: dict[str, Any]) -> list[dict[str, Any]]:
    return await post.series(int(saved["Recurrence"]["RecurrenceId"]))


async def test_nobody_is_asked_to_come_to_what_is_over_and_whoever_asks_is_told_so(post: Post) -> None:
    entity = {"Title": "Over", "Participants": [GUEST]} | PAST
    assert await post.call("WillSendEmail", Appointment=entity) is False
    saved = await post.call("SaveWithCustomInvitation", AppointmentEntity=entity, **ASKED)
    assert saved["EmailCreated"] is False
    assert await post.quiet(0) == []


async def test_who_expects_a_time_to_come_hears_that_it_was_another_one(post: Post) -> None:
    saved = await post.invited()
    await post.arrived(1)
    assert await post.call("WillSendEmail", Appointment=saved | PAST) is True
    await post.call("Save", AppointmentEntity=saved | PAST, **ASKED)
    (mail,) = await post.arrived(1)
    assert events(mail)[0]["DTSTART"].dt.year == 2020
    # Of a time that is over another one that is over is no news.
    again = (await post.served.so("GET", f"Appointment/{saved['AppointmentId']}")).json()
    assert await post.call("WillSendEmail", Appointment=again | {"Location": "Elsewhere"}) is False


async def test_who_is_to_have_mail_from_now_on_is_invited_then(post: Post) -> None:
    saved = await post.invited(GUEST | {"SendEmail": False})
    (guest,) = [one for one in saved["Participants"] if one["EmailAddress"]]
    guest["SendEmail"] = True
    assert await post.call("WillSendEmail", Appointment=saved) is True
    saved = await post.call("Save", AppointmentEntity=saved, **ASKED)
    (mail,) = await post.arrived(1)
    assert mail["Subject"].startswith("Invitation")
    assert await post.call("WillSendEmail", Appointment=saved) is False


async def test_dates_of_which_nobody_wants_to_hear_are_not_told_along_with_others(post: Post) -> None:
    guest = Elsewhere()
    saved = await post.invited(GUEST | {"SendEmail": False}, Recurrence=THREE)
    number = (await rows_of(post, saved))[1]["AppointmentId"]
    entity = (await post.served.so("GET", f"Appointment/{number}")).json()
    (one,) = [one for one in entity["Participants"] if one["EmailAddress"]]
    one["SendEmail"] = True
    await post.call("Save", AppointmentEntity=entity, **ASKED)
    (mail,) = await post.arrived(1)
    guest.take(mail)
    assert guest.dates() == ["05-12 10"]


async def test_a_whole_day_is_that_day_on_all_walls(post: Post) -> None:
    wish = Preference(
        level=Level.INDIVIDUAL, owner_id=KARI, section="Mail", key="TimeZone", value="US/Eastern"
    )
    await post.served.parts.store.put_preferences(1, [wish])
    await post.invited({"AssociateId": KARI, "SendEmail": True}, **WHOLE_DAY)
    (mail,) = await post.arrived(1)
    assert mail["Subject"] == "Invitation: Review, Thursday 5 May 2033, all day"


@pytest.mark.parametrize(
    ("zone", "end", "last"),
    [
        ("JP", "2033-05-05T23:59:00", "06"),
        ("IN", "2033-05-07T00:00:00", "07"),
        ("US-CA", "2033-05-06T00:00:00", "06"),
    ],
)
async def test_a_whole_day_that_was_made_elsewhere_is_the_day_that_was_named(
    post: Post, zone: str, end: str, last: str
) -> None:
    entity = {"Title": "Fair", "Participants": [GUEST]} | WHOLE_DAY | {"EndDate": end}
    headers = {"SO-TimeZone": zone}
    sent = {"AppointmentEntity": entity, "SendEmailToParticipants": True}
    answer = await post.served.so("POST", "Agents/Appointment/Save", json=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    (mail,) = await post.arrived(1)
    (event,) = events(mail)
    assert (f"{event['DTSTART'].dt}", f"{event['DTEND'].dt}") == ("2033-05-05", f"2033-05-{last}")
    assert "Thursday 5 May 2033" in mail["Subject"]
    # The day that was told is the day that is answered to.
    event["ATTENDEE"].params["PARTSTAT"] = "ACCEPTED"
    reply = Calendar()
    reply.add("METHOD", "REPLY")
    reply.add_component(event)
    data = base64.b64encode(reply.to_ical()).decode()
    take = {"EmailAddress": "guest@out.example", "IcsData": data}
    assert await post.call("UpdateAppointmentFromIcsResponse", **take) is True


async def test_a_date_that_came_to_take_the_whole_day_without_mail_is_told_with_the_next_letter(
    post: Post,
) -> None:
    at_midnight: dict[str, Any] = {"StartDate": "2033-05-05T00:00:00", "EndDate": "2033-05-06T00:00:00"}
    four = THREE | at_midnight | {"RecurrenceCounter": 4}
    saved = await post.invited(Recurrence=four, **at_midnight)
    await post.arrived(1)
    _first, second, third, last = (row["AppointmentId"] for row in await rows_of(post, saved))
    answer = await post.served.so("PATCH", f"Appointment/{second}", json={"IsAlldayEvent": True})
    assert answer.status_code == 200, answer.text
    await post.call("Delete", AppointmentId=last, SendEmailToParticipants=True)
    (mail,) = await post.arrived(1)
    series, whole_day = events(mail)
    assert ("RRULE" in series, f"{whole_day['DTSTART'].dt}") == (True, "2033-05-12")
    # It is known now: the next letter tells its own date alone.
    await post.call("Delete", AppointmentId=third, SendEmailToParticipants=True)
    (mail,) = await post.arrived(1)
    assert ["RECURRENCE-ID" in event for event in events(mail)] == [True]


async def test_a_series_counts_on_when_the_date_that_counted_most_is_gone(post: Post) -> None:
    guest = Elsewhere()
    saved = await post.invited(Recurrence=THREE)
    told = await post.quiet(1)
    first, second, _third = await rows_of(post, saved)
    number = first["AppointmentId"]
    for step in range(9):
        await post.served.so("PATCH", f"Appointment/{second['AppointmentId']}", json={"Title": f"{step}"})
    for count in (4, 5):
        entity = (await post.served.so("GET", f"Appointment/{number}")).json()
        entity["Recurrence"] |= {"RecurrenceEndType": "Counter", "RecurrenceCounter": count}
        await post.call("Save", AppointmentEntity=entity, **ASKED)
        told += await post.quiet(1)
        if count == 4:
            await post.call("Delete", AppointmentId=second["AppointmentId"], **ASKED)
            told += await post.quiet(1)
    for _to, mail in told:
        guest.take(mail)
    assert len(guest.dates()) == 4


async def test_each_date_of_a_claimants_series_keeps_its_name_whatever_becomes_of_the_series(
    post: Post,
) -> None:
    answer = await post.served.client.patch(
        "/api/v1/departments/1", json={"invite_by_email": True}, headers=post.served.basic("demo")
    )
    assert answer.status_code == 200
    saved = await post.invited(
        Recurrence=THREE, CustomFields={"x_claimant_name": "Jane", "x_claimant_email": "jane@out.example"}
    )
    known = named(await post.arrived(4))
    assert len(known) == 3
    second = (await rows_of(post, saved))[1]
    change = {"StartDate": "2033-05-13T10:00:00", "EndDate": "2033-05-13T11:00:00"}
    path = f"Appointment/{second['AppointmentId']}?updateMode=ThisAndForward"
    assert (await post.served.so("PATCH", path, json=change)).status_code == 200
    moved = named(await post.arrived(2))
    assert moved.keys() < known.keys()
    assert {f"{one:%m-%d}" for one in moved.values()} == {"05-13", "05-20"}


def named(mails: list[Any]) -> dict[str, Any]:
    """Give the start of each date of a claimant's letters by its name."""
    told = [events(mail) for mail in mails if mail["To"] == "Jane <jane@out.example>"]
    assert all(len(one) == 1 and "RECURRENCE-ID" not in one[0] for one in told)
    return {str(one["UID"]): one["DTSTART"].dt for (one,) in told}
