"""PUT Appointment/{id}: the whole entity takes the place of the one that stands."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, entity

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

TIMES = {"StartDate": "2030-01-01T10:00:00", "EndDate": "2030-01-01T11:00:00"}


@pytest.mark.clause("SO-OP-008")
async def test_what_was_read_can_be_sent_back(desk: Desk) -> None:
    before = await desk.served.snapshot()
    for number in (1, desk.served.number):
        for zone in ("", "US-NY", "UTC,includeTZOffset"):
            whole = await desk.read(number, SO_TimeZone=zone)
            answer = await desk.call("PUT", number, whole, SO_TimeZone=zone)
            assert entity(answer) == whole
            assert "Appointed-Ignored" not in answer.headers
    assert await desk.served.snapshot() == before


@pytest.mark.clause("SO-OP-009")
async def test_as_the_official_client_sends_it_back(desk: Desk) -> None:
    number = await desk.new(Location="Here", Participants=[{"AssociateId": 2}])
    whole = await desk.read(number)
    camel = {name[0].lower() + name[1:]: value for name, value in whole.items()}
    camel |= {"location": "There", "tableRight": {"mask": 15, "reason": ""}, "uRL": "", "private": 0}
    camel["recurrence"] = whole["Recurrence"] | {"WeekPattern": {"weekdays": 1, "cycle": 1}}
    answer = await desk.call("PUT", number, camel)
    assert entity(answer)["Location"] == "There"
    changed = {name for name, value in answer.json().items() if value != whole[name]}
    assert changed == {"Location", "UpdatedDate", "UpdatedBy"}


@pytest.mark.clause("SO-OP-008")
async def test_what_is_left_out_counts_as_null(desk: Desk) -> None:
    number = await desk.new(
        Location="Here",
        HasAlarm=True,
        Contact={"ContactId": 2},
        Participants=[{"AssociateId": 2}],
        CustomFields={"SuperOffice:1": "Kept"},
    )
    answer = entity(await desk.call("PUT", number, TIMES | {"Title": "Bare"}))
    assert (answer["Title"], answer["Location"], answer["HasAlarm"]) == ("Bare", "", False)
    assert (answer["Contact"], answer["Task"]) == (None, None)
    assert [one["AssociateId"] for one in answer["Participants"]] == [1]
    # Dictionaries name a subset of their keys.
    assert answer["CustomFields"]["SuperOffice:1"] == "Kept"
    assert answer["AppointmentId"] == number


async def test_what_an_appointment_must_have_must_be_there(desk: Desk) -> None:
    number = await desk.new()
    before = await desk.history(number)
    answer = await desk.call("PUT", number, {"Title": "x"})
    assert answer.status_code == 400
    assert set(answer.json()["Problems"]) == {"StartDate", "EndDate"}
    assert await desk.history(number) == before


async def test_what_the_server_keeps_is_ignored_and_named(desk: Desk) -> None:
    number = await desk.new()
    whole = await desk.read(number)
    other = {
        "AppointmentId": 7,
        "CreatedDate": "2001-01-01T00:00:00",
        "MotherId": 3,
        "UpdatedDate": "2001-01-01T00:00:00",
    }
    answer = await desk.call("PUT", number, whole | other)
    assert entity(answer) == whole
    assert set(answer.headers["Appointed-Ignored"].split(", ")) == set(other)


@pytest.mark.parametrize("content", [b"", b"null", b"[]"])
@pytest.mark.clause("SO-OP-010")
async def test_without_an_entity_it_is_refused_in_the_documents_words(desk: Desk, content: bytes) -> None:
    number = await desk.new()
    answer = await desk.call("PUT", number, content=content)
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "missing_body")
    assert answer.json()["ErrorMessage"] == "Bad request. Entity to save is not in request body."


async def test_it_never_creates(desk: Desk) -> None:
    for number in (0, 99_999):
        assert (await desk.call("PUT", number, TIMES)).status_code == 404


@pytest.mark.clause("SO-OP-008")
async def test_a_copy_of_another_names_what_it_did_not_take_over_and_no_more(desk: Desk) -> None:
    whole = await desk.made(
        StartDate="2030-01-03T10:00:00",
        Links=[{"EntityName": "document", "Id": 1}],
        CustomFields={"SuperOffice:1": "a", "SuperOffice:4": "True", "SuperOffice:5": 2, "x_own": "b"},
    )
    number = await desk.new(StartDate="2030-01-05T10:00:00")
    answer = await desk.call("PUT", number, whole)
    named = set(answer.headers["Appointed-Ignored"].split(", "))
    assert named == {"AppointmentId", "CustomFields.x_uid", "CustomFields.x_reference", "_Links"}
    fields = whole["CustomFields"] | {"SuperOffice:1:org": "c", "SuperOffice:5:DisplayText": "d"}
    answer = await desk.call("PUT", number, entity(answer) | {"CustomFields": fields, "Recurrence": {"x": 1}})
    named |= {"Recurrence", "CustomFields.SuperOffice:1:org", "CustomFields.SuperOffice:5:DisplayText"}
    assert set(answer.headers["Appointed-Ignored"].split(", ")) == named - {"AppointmentId", "_Links"}


# What a program changes in the entity that it has read; in dictionaries, by key.
MOVES: dict[str, dict[str, Any]] = {
    "privacy": {"Private": "PrivateUser"},
    "visibility": {"VisibleFor": [{"Visibility": "Associate", "VisibleId": 1}]},
    "completion": {"Completed": "Completed"},
    "status": {"CustomFields": {"x_status": "being_seen"}},
    "no completion": {"Completed": None},
    "owner": {"Associate": {"AssociateId": 2}},
    "department": {"CustomFields": {"x_department": "2"}},
    "field": {"CustomFields": {"SuperOffice:1": "new"}},
    "field by its old name": {"UserDefinedFields": {"SuperOffice:1": "new"}},
    "own field": {"CustomFields": {"x_own": "new"}},
    "own field by its old name": {"ExtraFields": {"x_own": "new"}},
    "description": {"Description": "Other words"},
    "room": {"Participants": [{"AssociateId": 1}, {"AssociateId": 4}]},
    "link": {"JoinVideomeetUrl": "https://meet.example/1"},
    "claimant": {"CustomFields": {"x_claimant_name": "Bo New", "x_claimant_email": "bo@new.example"}},
}
BEGINS = TIMES | {
    "Title": None,
    "Description": "First words",
    "CustomFields": {"x_own": "old", "SuperOffice:1": "old"},
}


@pytest.mark.parametrize("move", MOVES)
async def test_an_older_copy_undoes_nothing_that_its_sender_changed_in_it(desk: Desk, move: str) -> None:
    meets = {"x_claimant_name": "Al Old", "x_claimant_email": "al@old.example"} if move == "claimant" else {}
    done = {"Completed": "Completed"} if move == "no completion" else {}
    number = await desk.new(**BEGINS | done | {"CustomFields": BEGINS["CustomFields"] | meets})
    copy = await desk.read(number)
    for name, value in MOVES[move].items():
        copy[name] = copy[name] | value if name.endswith("Fields") else value
    first = await desk.call("PUT", number, copy)
    stands = entity(first)
    assert first.headers["ETag"] == '"2"'
    again = await desk.call("PUT", number, copy)
    assert (entity(again), again.headers["ETag"]) == (stands, '"2"')
    later = entity(await desk.call("PUT", number, copy | {"Agenda": "More"}))
    assert {name for name in stands if later[name] != stands[name]} == {"Agenda", "UpdatedDate"}


@pytest.mark.parametrize("zone", ["", "US-NY,includeTZOffset"])
async def test_an_older_copy_says_what_its_sender_changes_now(desk: Desk, zone: str) -> None:
    desk = desk.sending(SO_TimeZone=zone)
    number = await desk.new(**BEGINS)
    copy = await desk.read(number)
    await desk.patch(number, {"Location": "Elsewhere"})
    await desk.call("PUT", number, copy | {"Private": "PrivateUser", "Completed": "Completed"})
    stands = await desk.read(number)
    assert (stands["Private"], stands["Completed"], stands["Location"]) == ("PrivateUser", "Completed", "")
    opened = copy | {"VisibleFor": [{"Visibility": "Group", "VisibleId": 1}], "Title": "Said"}
    stands = entity(await desk.call("PUT", number, opened))
    assert (stands["Private"], stands["Title"]) == ("PrivateGroup", "Said")


async def test_the_same_rule_twice_makes_one_series(desk: Desk) -> None:
    number = await desk.new(**BEGINS)
    copy = await desk.read(number)
    copy["Recurrence"] |= {"IsRecurrence": True, "RecurrenceEndType": "Counter", "RecurrenceCounter": 3}
    made = entity(await desk.call("PUT", number, copy))["Recurrence"]
    assert len(made["Dates"]) == 3
    for agenda in ("", "More"):
        again = entity(await desk.call("PUT", number, copy | {"Agenda": agenda}))
        assert again["Recurrence"] == made
    for odd in (5, "x", {"a": 1}, [5], [{}], [[]]):
        await desk.call("PUT", number, copy | {"Recurrence": odd})
        answer = await desk.call("PUT", number, copy | {"Recurrence": copy["Recurrence"] | {"Dates": odd}})
        assert answer.status_code == 400
    copy["Recurrence"] |= {"RecurrenceCounter": 2}
    assert len(entity(await desk.call("PUT", number, copy))["Recurrence"]["Dates"]) == 2


async def test_a_copy_of_no_known_time_is_taken_at_its_word(desk: Desk) -> None:
    number = await desk.new(**BEGINS)
    copy = await desk.read(number)
    await desk.patch(number, {"Private": "PrivateUser"})
    for unknown in ("2001-01-01T00:00:00", "then", 5):
        entity(await desk.call("PUT", number, copy | {"UpdatedDate": unknown}))
        assert (await desk.read(number))["Private"] == "Public"
