"""POST Appointment/Batch: several patches in one atomic change."""

import asyncio
from typing import Any

import pytest
from lxml import etree

from tests.contracts.superoffice.desk import NOTHING, Desk, step
from tests.contracts.superoffice.test_bookings import KARI, OLA, guest_rows, statuses
from tests.contracts.superoffice.test_held_time import a_room, times
from tests.contracts.xml_answers import problems

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


def item(number: int, patch: Any, **more: Any) -> dict[str, Any]:
    return {"AppointmentId": number, "Patch": patch} | more


async def batch(desk: Desk, *items: Any, **headers: str) -> Any:
    return await desk.call("POST", "Batch", {"Items": list(items)}, **headers)


async def two(desk: Desk, day: str) -> tuple[int, int]:
    """Give two appointments of one exclusive diary, at ten and at eleven."""
    room = {"Associate": {"AssociateId": await a_room(desk)}}
    return await desk.new(**times(day, 10), **room), await desk.new(**times(day, 11), **room)


async def test_two_that_clash_alone_trade_places(desk: Desk) -> None:
    day = "2032-05-03"
    first, second = await two(desk, day)
    assert (await desk.call("PATCH", first, times(day, 11))).status_code == 409
    answer = await batch(desk, item(first, times(day, 11)), item(second, times(day, 10)))
    assert answer.status_code == 200, answer.text
    told = answer.json()["Items"]
    assert [one["AppointmentId"] for one in told] == [first, second]
    assert [one["Entity"]["StartDate"] for one in told] == [f"{day}T11:00:00", f"{day}T10:00:00"]
    for one in told:
        read = await desk.call("GET", one["AppointmentId"])
        assert (read.json(), read.headers["ETag"]) == (one["Entity"], one["ETag"])
        assert len(await desk.history(one["AppointmentId"])) == 2


async def test_all_or_nothing(desk: Desk) -> None:
    first, second = await desk.new(), await desk.new()
    good = [step("replace", "/Title", "Changed"), step("add", "/Links/-", {})][:1]
    for bad, status, code in (
        (item(second, [step("test", "/Title", "Other")]), 409, "test_failed"),
        (item(second, {"EndDate": "never"}), 400, "invalid_value"),
        (item(99_999_999, {"Title": "x"}), 404, "not_found"),
        (item(second, {"Title": "x"}, IfMatch='"9"'), 412, "precondition_failed"),
        (
            item(second, {"Title": "x"}, IfUnmodifiedSince="Mon, 02 Mar 2015 08:00:00 GMT"),
            412,
            "precondition_failed",
        ),
        (item(second, [step("replace", "/AppointmentId", 5)]), 400, "read_only_member"),
    ):
        answer = await batch(desk, item(first, good), bad)
        found = (answer.status_code, answer.headers["Appointed-Error"], answer.json().get("Item"))
        assert found == (status, code, 1) or (found[:1] == (status,) and found[2] == 1), answer.text
        desk.served.assert_body("superoffice", answer)
        assert (await desk.read(first))["Title"] == "Made"
        assert len(await desk.history(first)) == 1


async def test_conditions_hold_for_each_item_and_ignored_is_told(desk: Desk) -> None:
    first, second = await desk.new(), await desk.new()
    answer = await batch(
        desk,
        item(first, {"Title": "One"}, IfMatch='"1"'),
        item(second, {"Title": "Two", "HasConflict": True, "CreatedDate": "2001-01-01T00:00:00"}),
    )
    assert answer.status_code == 200, answer.text
    assert [one["Ignored"] for one in answer.json()["Items"]] == [[], ["CreatedDate"]]
    again = await batch(desk, item(first, {"Title": "Late"}, IfMatch='"1"'))
    assert (again.status_code, again.json()["Item"]) == (412, 0)


async def test_bookings_and_series_change_together(desk: Desk) -> None:
    weekly = {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "WeekPattern": {"Weekdays": "Monday", "Cycle": 1},
        "StartDate": "2032-05-10",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
    }
    series = await desk.new(**times("2032-05-10", 10), Recurrence=weekly)
    booked = await desk.made(**times("2032-05-11", 10), Participants=[{"AssociateId": KARI}])
    plain = await desk.new(**times("2032-05-12", 10))
    other = await desk.new(**times("2032-05-13", 10))
    answer = await batch(
        desk,
        item(series, {"Title": "All"}, UpdateMode="ThisAndForward"),
        item(booked["AppointmentId"], {"Location": "There"}),
        item(plain, [step("add", "/Participants/-", {"AssociateId": OLA})]),
        item(other, [step("add", "/Participants/-", {"AssociateId": KARI})]),
    )
    assert answer.status_code == 200, answer.text
    titles = [(await desk.read(series + place))["Title"] for place in range(3)]
    assert titles == ["All"] * 3
    (kari,) = (await guest_rows(desk, booked, 1)).values()
    assert kari["Location"] == "There"
    last = [one["Entity"] for one in answer.json()["Items"][2:]]
    assert [set(statuses(one)) for one in last] == [{1, OLA}, {1, KARI}]
    assert all(one["MotherId"] == one["AppointmentId"] for one in last)


async def test_a_dry_run_writes_nothing_and_says_everything(desk: Desk) -> None:
    first, second = await two(desk, "2032-05-04")
    items = item(first, times("2032-05-04", 11)), item(second, times("2032-05-04", 10))
    answer = await batch(desk, *items, Prefer="dry-run")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "dry-run")
    told = answer.json()
    assert (told["dry_run"], {one["id"] for one in told["changes"]}) == (True, {first, second})
    assert len(told["result"]["Items"]) == 2
    assert len(await desk.history(first)) == 1


async def test_the_same_request_is_done_once(desk: Desk) -> None:
    number = await desk.new()
    items = item(number, [step("replace", "/Title", "Once")])
    first = await batch(desk, items, Idempotency_Key=f"batch-{number}")
    second = await batch(desk, items, Idempotency_Key=f"batch-{number}")
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await desk.history(number)) == 2


async def test_rights_count_for_every_item(desk: Desk) -> None:
    mine = await desk.new(Private="PrivateUser")
    kari = await desk.of("kari").new()
    answer = await batch(desk.of("kari"), item(kari, {"Title": "x"}), item(mine, {"Title": "x"}))
    assert (answer.status_code, answer.json()["Item"]) == (403, 1)


async def test_many_swaps_at_once_leave_every_time_held_once(desk: Desk) -> None:
    day = "2032-05-05"
    first, second = await two(desk, day)
    swaps = (
        batch(desk, item(first, times(day, 10 + turn % 2)), item(second, times(day, 11 - turn % 2)))
        for turn in range(12)
    )
    assert {answer.status_code for answer in await asyncio.gather(*swaps)} == {200}
    starts = {(await desk.read(number))["StartDate"] for number in (first, second)}
    assert starts == {f"{day}T10:00:00", f"{day}T11:00:00"}


@pytest.mark.parametrize(
    "body",
    [
        NOTHING,
        [],
        {},
        {"Items": []},
        {"Items": {}},
        {"Items": "x"},
        "x",
        {"Items": [1]},
        {"Items": [{"AppointmentId": 1}]},
        {"Items": [{"Patch": {}}]},
        {"Items": [{"AppointmentId": "x", "Patch": {}}]},
        {"Items": [{"AppointmentId": 1, "Patch": "x"}]},
        {"Items": [{"AppointmentId": 1, "Patch": {}, "IfMatch": 1}]},
        {"Items": [{"AppointmentId": 1, "Patch": {}, "UpdateMode": "Sometimes"}]},
        {"Items": [{"AppointmentId": 1, "Patch": {}}] * 2},
        {"Items": [{"AppointmentId": number, "Patch": {}} for number in range(1, 102)]},
        {"Items": [{"AppointmentId": 1, "Patch": [{"op": "move", "path": "/Title", "from": "/Id"}]}]},
    ],
)
async def test_bad_batches_are_refused(desk: Desk, body: Any) -> None:
    answer = await desk.call("POST", "Batch", body)
    assert answer.status_code == 400, answer.text
    desk.served.assert_body("superoffice", answer)


async def test_an_array_alone_will_do_and_the_answer_may_be_xml(desk: Desk) -> None:
    number = await desk.new()
    assert (await desk.call("POST", "batch/", [item(number, {"Title": "x"})])).status_code == 200
    sent = [item(number, {"Title": "y", "CreatedDate": "2001-01-01"})]
    answer = await desk.call("POST", "Batch", sent, Accept="application/xml")
    (told,) = etree.fromstring(answer.content).findall("Items/Item")
    assert (told.findtext("AppointmentId"), told.findtext("Entity/Title")) == (str(number), "y")
    assert [one.text for one in told.findall("Ignored/string")] == ["CreatedDate"]
    assert problems(answer.content.replace(b"<Title>", b"<Title><b/>")) != []
    answer = await desk.call("POST", "Batch", [item(0, {})], Accept="application/xml")
    assert etree.fromstring(answer.content).findtext("Item") == "0"


async def test_a_busy_room_declines_within_a_batch_too(desk: Desk) -> None:
    day, room = "2032-05-06", await a_room(desk)
    await desk.made(**times(day, 10), Participants=[{"AssociateId": room}])
    first, second = await desk.new(**times(day, 10)), await desk.new(**times(day, 12))
    invite = [step("add", "/Participants/-", {"AssociateId": room})]
    items = item(first, invite), item(second, invite)
    strict = await batch(desk, *items, Prefer="handling=strict")
    assert (strict.status_code, strict.headers["Appointed-Error"]) == (409, "time_held")
    answer = await batch(desk, *items)
    assert answer.status_code == 200, answer.text
    told = [statuses(one["Entity"])[room] for one in answer.json()["Items"]]
    assert told == ["Declined", "Accepted"]
    held = await batch(desk, item(second, times(day, 10)), item(first, {"Title": "x"}))
    assert (held.status_code, len(held.json()["Offers"])) == (409, 3)


async def test_items_of_one_series_follow_each_other(desk: Desk) -> None:
    weekly = {
        "IsRecurrence": True,
        "Pattern": "Weekly",
        "WeekPattern": {"Weekdays": "Monday", "Cycle": 1},
        "StartDate": "2032-05-17",
        "RecurrenceEndType": "Counter",
        "RecurrenceCounter": 3,
    }
    first = await desk.new(**times("2032-05-17", 10), Recurrence=weekly)
    new = await desk.new(**times("2032-05-17", 15))
    answer = await batch(
        desk,
        item(first, {"Title": "All"}, UpdateMode="ThisAndForward"),
        item(first + 1, {"Location": "Second"}),
        item(first + 2, {"Title": "Last"}),
        item(new, {"Recurrence": weekly}),
    )
    assert answer.status_code == 200, answer.text
    rows = [await desk.read(first + place) for place in range(3)]
    assert [row["Title"] for row in rows] == ["All", "All", "Last"]
    assert rows[1]["Location"] == "Second"
    assert len(await desk.history(first + 2)) == 2
    assert answer.json()["Items"][3]["Entity"]["Recurrence"]["RecurrenceCounter"] == 3
    stopped = await batch(desk, item(first + 1, {"Title": "End"}, UpdateMode="StopRecurrence"))
    assert stopped.status_code == 200, stopped.text
    assert (await desk.call("GET", first + 2)).status_code == 404
