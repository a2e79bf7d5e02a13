"""`Prefer: dry-run` on every write of both contracts: what would happen, and nothing happens."""

from typing import Any

import httpx
import pytest
from lxml import etree

from tests.contracts.superoffice.desk import Desk
from tests.contracts.superoffice.test_series import rows, series
from tests.contracts.xml_answers import problems

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

PREFER = {"Prefer": "dry-run"}
KARI, ROOM = 2, 4


def found(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Preference-Applied"] in ("dry-run", "dry-run, handling=strict")
    assert "ETag" not in answer.headers
    body = dict(answer.json())
    assert (body["dry_run"], body["status"]) == (True, status)
    return body


DAILY = {"IsRecurrence": True, "Pattern": "Daily", "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}


async def count(desk: Desk) -> tuple[int, str]:
    """Tell how much has happened so far; the tests of this package share one store, one after another."""
    events, position = await desk.served.parts.store.events(1, "", 100_000)
    return len(events), position


async def test_a_patch_would_change_this_and_tell_whom(desk: Desk) -> None:
    times = {"StartDate": "2034-01-03T10:00:00", "EndDate": "2034-01-03T11:00:00"}
    number = await desk.new(Participants=[{"AssociateId": KARI}], **times)
    before = await count(desk)
    asked = {"StartDate": "2034-01-03T09:00:00", "Nonsense": 1}
    body = found(await desk.call("PATCH", number, asked, Prefer="dry-run"))
    assert body["result"]["StartDate"] == "2034-01-03T09:00:00"
    master, guest = sorted(body["changes"], key=lambda one: int(one["id"]))
    assert (master["id"], master["kind"], guest["owner_id"]) == (number, "changed", KARI)
    assert {"op": "replace", "path": "/starts_at", "value": "2034-01-03T08:00:00Z"} in master["patch"]
    assert not {"/revision", "/updated_at"} & {step["path"] for step in master["patch"]}
    assert [(one["kind"], one["associate_id"]) for one in body["notices"]] == [("moved", KARI)]
    assert await count(desk) == before
    assert (await desk.read(number))["StartDate"] == "2034-01-03T10:00:00"


async def test_a_post_would_make_all_of_these(desk: Desk) -> None:
    await desk.new(StartDate="2034-02-07T10:30:00", EndDate="2034-02-07T11:30:00")
    before = await count(desk)
    asked = {
        "Title": "Dry",
        "StartDate": "2034-02-06T10:00:00",
        "EndDate": "2034-02-06T11:00:00",
        "Recurrence": DAILY,
        "Participants": [{"AssociateId": KARI}, {"EmailAddress": "a@example.org"}, {"AssociateId": ROOM}],
    }
    body = found(await desk.call("POST", body=asked, Prefer="dry-run"))
    assert [one["kind"] for one in body["changes"]] == ["created"] * 9
    assert {one["id"] for one in body["changes"]} == {None}
    own = [one for one in body["changes"] if one["owner_id"] == 1]
    assert [(one["starts_at"][:10], one["has_conflict"]) for one in own] == [
        ("2034-02-06", False),
        ("2034-02-07", True),
        ("2034-02-08", False),
    ]
    # The room has answered already; nobody reads its mail.
    assert len(body["notices"]) == 6
    assert {one["kind"] for one in body["notices"]} == {"invited"}
    assert await count(desk) == before


async def test_the_result_names_what_is_in_the_way_as_the_write_does(desk: Desk) -> None:
    times = {"StartDate": "2034-02-21T10:00:00", "EndDate": "2034-02-21T11:00:00"}
    await desk.new(StartDate="2034-02-22T10:30:00", EndDate="2034-02-22T11:30:00")
    number = await desk.new(Recurrence=DAILY, **times)
    single = await desk.new(StartDate="2034-02-24T10:00:00", EndDate="2034-02-24T11:00:00")
    for at, asked in (
        (number, {"Recurrence": DAILY | {"RecurrenceCounter": 5}}),
        (number, {"Recurrence": {"IsRecurrence": False}}),
        (single, {"StartDate": "2034-02-22T10:00:00", "EndDate": "2034-02-22T12:00:00"}),
        (single, {"Recurrence": DAILY}),
    ):
        would = found(await desk.call("PATCH", at, asked, Prefer="dry-run"))["result"]["Recurrence"]
        made = (await desk.patch(at, asked))["Recurrence"]
        assert would["Dates"] == made["Dates"]
        # A series that is not made has no id.
        assert would["RecurrenceId"] in (0, made["RecurrenceId"])


async def test_dates_that_become_a_new_series_stand_in_the_way_of_none_of_its_own(desk: Desk) -> None:
    first = await desk.new(Recurrence=DAILY, StartDate="2034-03-14T10:00:00", EndDate="2034-03-14T11:00:00")
    on = {"query": "?updateMode=ThisAndForward"}
    later = {"StartDate": "2034-03-16T10:30:00", "EndDate": "2034-03-16T11:30:00"}
    would = found(await desk.call("PATCH", first + 1, later, Prefer="dry-run", **on))["result"]
    made = (await desk.call("PATCH", first + 1, later, **on)).json()
    assert [(one["Date"][:10], one["IsConflict"]) for one in made["Recurrence"]["Dates"]] == [
        ("2034-03-16", False),
        ("2034-03-17", False),
    ]
    assert would["Recurrence"]["Dates"] == made["Recurrence"]["Dates"]


async def test_a_delete_would_take_these(desk: Desk) -> None:
    first = await series(desk)
    _one, two, _three, _four = await rows(desk, first)
    before = await count(desk)
    number = two["AppointmentId"]
    answer = await desk.call("DELETE", number, query="?updateMode=ThisAndForward", Prefer="dry-run")
    body = found(answer, 204)
    assert body["result"] is None
    assert sorted(one["kind"] for one in body["changes"]) == ["changed", "deleted", "deleted", "deleted"]
    assert await count(desk) == before
    assert len(await rows(desk, first)) == 4
    shifted = {"StartDate": "2031-03-25T10:00:00", "EndDate": "2031-03-25T11:00:00"}
    answer = await desk.call("PATCH", number, shifted, query="?updateMode=2", Prefer="dry-run")
    moved = next(one for one in found(answer)["changes"] if one["id"] == number)
    # Which number the new series will have, nobody knows yet.
    assert {"op": "replace", "path": "/series_id", "value": None} in moved["patch"]


async def test_a_put_that_changes_nothing(desk: Desk) -> None:
    number = await desk.new(StartDate="2034-05-05T10:00:00", EndDate="2034-05-05T11:00:00")
    entity = await desk.read(number)
    body = found(await desk.call("PUT", number, entity, Prefer="dry-run"))
    assert (body["changes"], body["notices"]) == ([], [])
    assert body["result"] == entity


async def test_in_xml_the_answer_stands_whole_inside(desk: Desk) -> None:
    number = await desk.new(StartDate="2034-05-06T10:00:00", EndDate="2034-05-06T11:00:00")
    asked = {"Title": "Dry & wet", "EndDate": "2034-05-06T12:00:00", "CreatedDate": "2001-01-01"}
    answer = await desk.call("PATCH", number, asked, Prefer="dry-run", Accept="application/xml")
    assert answer.headers["Preference-Applied"] == "dry-run"
    told = etree.fromstring(answer.content)
    assert (told.tag, told.findtext("status")) == ("DryRun", "200")
    assert told.findtext("result/AppointmentEntityWithLinks/Title") == "Dry & wet"
    assert [one.text for one in told.findall("ignored/string")] == ["CreatedDate"]
    (change,) = told.findall("changes/DryRunChange")
    assert (change.findtext("id"), change.findtext("kind")) == (str(number), "changed")
    steps = {step.findtext("path"): step.findtext("value") for step in change.findall("patch/DryRunStep")}
    assert steps["/title"] == "Dry & wet"
    gone = await desk.call("DELETE", number, Prefer="dry-run", Accept="text/xml")
    told = etree.fromstring(gone.content)
    assert (told.findtext("status"), len(told.findall("result/*"))) == ("204", 0)


async def test_the_schema_judges_the_answer_inside(desk: Desk) -> None:
    number = await desk.new()
    answer = await desk.call("PATCH", number, {"Title": "x"}, Prefer="dry-run", Accept="application/xml")
    whole = answer.content.decode()
    assert problems(whole.encode()) == []
    for right, wrong in (
        ("<AppointmentId>", "<AppointmentId>one"),
        ("<status>200", "<status>fine"),
        ("<path>/title</path>", ""),
        ("<kind>changed", "<kind>moved"),
        ("</result>", "<Title></Title></result>"),
    ):
        assert right in whole
        assert problems(whole.replace(right, wrong, 1).encode()) != [], right


async def test_exceptions_that_would_be_lost_are_named(desk: Desk) -> None:
    first = await series(desk)
    *_others, last = await rows(desk, first)
    await desk.patch(last["AppointmentId"], {"Title": "Exception"})
    shorter = {"Recurrence": {"RecurrenceEndType": "Counter", "RecurrenceCounter": 2}}
    body = found(await desk.call("PATCH", first["AppointmentId"], shorter, Prefer="dry-run"))
    gone = {one["id"]: one["is_lost"] for one in body["changes"] if one["kind"] == "deleted"}
    assert gone == {last["AppointmentId"]: True, last["AppointmentId"] - 1: False}


async def test_what_can_be_no_request_at_all_is_refused(desk: Desk) -> None:
    number = await desk.new()
    for status, path, body, login in (
        (400, number, {"AlarmLeadTime": "soon"}, ""),
        (400, number, [{"op": "move", "path": "/Title", "from": "/Location"}], ""),
        (404, 999_999, {"Title": "x"}, ""),
        (403, number, {"Title": "x"}, "kari"),
    ):
        who = desk.served.basic(login) if login else {}
        answer = await desk.call("PATCH", path, body, Prefer="dry-run", **who)
        assert answer.status_code == status, answer.text
        assert "Preference-Applied" not in answer.headers


async def test_what_stands_in_the_way_just_now_is_told(desk: Desk) -> None:
    number = await desk.new()
    found_other = [{"op": "test", "path": "/Title", "value": "Other"}]
    stale = {"If_Match": '"7"'}
    for status, code, body, headers in (
        (412, "precondition_failed", {"Title": "x"}, stale),
        (409, "test_failed", found_other, {}),
    ):
        real = await desk.call("PATCH", number, body, **{**headers, "Accept": "application/json"})
        assert (real.status_code, real.headers["Appointed-Error"]) == (status, code)
        told = found(await desk.call("PATCH", number, body, Prefer="dry-run", **headers), status)
        assert (told["refused"], told["result"]) == (code, real.json())
        assert (told["changes"], told["notices"]) == ([], [])
    in_xml = {"Prefer": "dry-run", "Accept": "application/xml"}
    answer = await desk.call("PATCH", number, {"Title": "x"}, **in_xml, **stale)
    assert problems(answer.content) == []
    tree = etree.fromstring(answer.content)
    assert (tree.findtext("status"), tree.findtext("refused")) == ("412", "precondition_failed")
    assert tree.findtext("result/Error/ErrorMessage")
    # Whoever reads tries nothing.
    read = await desk.call("GET", number, Prefer="dry-run", **stale)
    assert read.status_code == 412
    sq = desk.served.sq
    real = await desk.served.so("DELETE", "departments/1")
    assert real.headers["Appointed-Error"] == "record_in_use"
    told = found(await desk.served.so("DELETE", "departments/1", headers=PREFER), 409)
    assert (told["refused"], told["result"]) == ("record_in_use", real.json())
    seen = await desk.seen_by_sqod(number)
    answer = await sq("POST", f"/{seen['id']}/cancel", json={}, headers=PREFER | {"If-Match": '"7"'})
    assert found(answer, 412)["refused"] == "precondition_failed"


async def test_each_date_says_whether_its_time_is_held(desk: Desk) -> None:
    day = {"StartDate": "2034-07-05T10:00:00", "EndDate": "2034-07-05T11:00:00"}
    held = await desk.new(Associate={"AssociateId": ROOM}, **day)
    before = await count(desk)
    asked = {
        "StartDate": "2034-07-03T10:30:00",
        "EndDate": "2034-07-03T11:30:00",
        "LeadTime": "00:15:00",
        "Participants": [{"AssociateId": ROOM}],
        "Recurrence": DAILY | {"RecurrenceCounter": 4},
    }
    told = found(await desk.call("POST", body=asked, Prefer="dry-run, handling=strict"), 409)
    rooms = [one for one in told["changes"] if one["owner_id"] == ROOM]
    assert [(one["starts_at"][:10], one["is_held"], one["has_conflict"]) for one in rooms] == [
        ("2034-07-03", False, False),
        ("2034-07-04", False, False),
        ("2034-07-05", True, True),
        ("2034-07-06", False, False),
    ]
    assert told["result"]["Held"]["StartDate"] == "2034-07-05T08:00:00Z"
    (row,) = [
        one for one in told["changes"] if one["starts_at"][:10] == "2034-07-04" and one["owner_id"] != ROOM
    ]
    assert not row["is_held"]
    # Whoever does not insist has the room decline that date.
    told = found(await desk.call("POST", body=asked, Prefer="dry-run"))
    assert (told["refused"], [one["is_held"] for one in told["changes"]]) == (None, [False] * 8)
    assert await count(desk) == before
    assert (await desk.read(held))["StartDate"] == day["StartDate"]


async def test_the_other_contract_has_the_same_form(desk: Desk) -> None:
    number = await desk.new(StartDate="2034-03-03T10:00:00", EndDate="2034-03-03T11:00:00")
    seen = await desk.seen_by_sqod(number)
    before = await count(desk)
    sq = desk.served.sq
    body = found(await sq("PATCH", f"/{seen['id']}", json={"duration_in_minutes": 30}, headers=PREFER))
    assert body["result"]["data"]["duration_in_minutes"] == 30
    assert [one["id"] for one in body["changes"]] == [number]
    body = found(await sq("POST", f"/{seen['id']}/cancel", json={}, headers=PREFER))
    assert {step["path"] for step in body["changes"][0]["patch"]} >= {"/status", "/cancelled_at"}
    claimant = {"name": "Dry Run"}
    made = {"appointment_at": "2034-03-04 10:00:00", "duration_in_minutes": 20, "claimant": claimant}
    body = found(await sq("POST", json=made | {"department_id": 1}, headers=PREFER), 201)
    assert body["changes"][0]["kind"] == "created"
    assert await count(desk) == before
