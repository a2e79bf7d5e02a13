"""PUT Appointment/{id}: the whole entity takes the place of the one that stands."""

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
