"""PATCH Appointment/{id}: the operation `test` reads its value as the member's type (Request Body; 409)."""

from typing import Any

import pytest

from tests.contracts.superoffice.desk import Desk, step

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

MADE = {
    "Title": "Talk",
    "Location": "60",
    "StartDate": "2030-07-01T10:00:00",
    "EndDate": "2030-07-01T11:00:00",
    "ColorIndex": 1,
    "HasAlarm": True,
    "AlarmLeadTime": "01:30:00",
    "Private": "PrivateGroup",
    "Contact": {"ContactId": 2},
    "Task": {"TaskListItemId": 4},
    "Participants": [{"AssociateId": 1}, {"AssociateId": 2}],
    "CustomFields": {"SuperOffice:1": "60", "SuperOffice:2": 60, "SuperOffice:4": True},
}

RIGHT: list[tuple[str, Any]] = [
    ("/Title", "Talk"),
    ("title", "Talk"),
    ("/StartDate", "2030-07-01T10:00:00"),
    ("/StartDate", "2030-07-01T08:00:00Z"),
    ("/StartDate", "2030-07-01T10:00:00+02:00"),
    ("/StartDate", "2030-07-01T04:00:00.000-0400"),
    ("/ColorIndex", 1),
    ("/ColorIndex", 1.0),
    ("/HasAlarm", True),
    ("/AlarmLeadTime", "01:30:00"),
    ("/AlarmLeadTime", "PT1H30M"),
    ("/AlarmLeadTime", "PT90M"),
    ("/Private", "PrivateGroup"),
    ("/Private", "privategroup"),
    ("/Private", 2),
    ("/Contact", {"ContactId": 2}),
    ("/Contact", {"contactId": 2, "Name": "Whatever"}),
    ("/Task/TaskListItemId", 4),
    ("/Person", None),
    ("/Participants/1/AssociateId", 2),
    ("/Participants/1/InvitationStatus", 5),
    ("/CustomFields/SuperOffice:1", "60"),
    ("/CustomFields/SuperOffice:2", 60),
    ("/CustomFields/SuperOffice:2", "60"),
    ("/CustomFields/SuperOffice:2", "[I:60]"),
    ("/CustomFields/SuperOffice:4", True),
    ("/customfields/superoffice:4", "[I:1]"),
    ("/UserDefinedFields/SuperOffice:4", "True"),
]

WRONG: list[tuple[str, Any]] = [
    ("/Title", "talk"),
    ("/Title", None),
    ("/Location", 60),
    ("/StartDate", "2030-07-01T08:00:00"),
    ("/StartDate", 1),
    ("/ColorIndex", True),
    ("/ColorIndex", "1"),
    ("/ColorIndex", 2),
    ("/HasAlarm", 1),
    ("/HasAlarm", "true"),
    ("/HasAlarm", False),
    ("/AlarmLeadTime", "PT1H"),
    ("/AlarmLeadTime", 90),
    ("/Private", 1),
    ("/Private", "Nonsense"),
    ("/Private", True),
    ("/Contact", {"ContactId": "2"}),
    ("/Contact", {"Name": "Fjord Shipping"}),
    ("/Contact", None),
    ("/Contact", 2),
    ("/Person", {}),
    ("/Participants", []),
    ("/Participants/1", {"AssociateId": 2}),
    ("/CustomFields/SuperOffice:1", "61"),
    ("/CustomFields/SuperOffice:2", 61),
    ("/CustomFields", {}),
]


@pytest.mark.clause("SO-PATCH-011")
@pytest.mark.parametrize(("path", "value"), RIGHT)
async def test_what_means_the_same_passes(desk: Desk, path: str, value: Any) -> None:
    number = await desk.new(**MADE)
    answer = await desk.patch(number, [step("test", path, value), step("replace", "/Agenda", "passed")])
    assert answer["Agenda"] == "passed"


@pytest.mark.clause("SO-STATUS-409")
@pytest.mark.parametrize(("path", "value"), WRONG)
async def test_anything_else_is_a_conflict(desk: Desk, path: str, value: Any) -> None:
    number = await desk.new(**MADE)
    operations = [step("replace", "/Agenda", "x"), step("test", path, value)]
    body = await desk.refused(number, operations, 409, "test_failed")
    assert body["OperationIndex"] == 1


@pytest.mark.clause("SO-STATUS-409")
async def test_the_body_says_what_the_page_says(desk: Desk) -> None:
    number = await desk.new()
    body = await desk.refused(number, [step("test", "/Title", "x")], 409, "test_failed")
    text = "Update blocked because a 'test' operation has detected a conflict with the entity value."
    assert body == {
        "Error": True,
        "ErrorType": "SoConflictException",
        "ErrorMessage": text,
        "Message": text,
        "ErrorSource": "Appointed",
        "OperationIndex": 0,
    }


@pytest.mark.clause("SO-PATCH-011")
@pytest.mark.parametrize("path", ["/Nonsense", "/CustomFields/SuperOffice:99", "/Participants/9"])
async def test_a_test_of_nothing_is_a_bad_patch(desk: Desk, path: str) -> None:
    number = await desk.new()
    answer = await desk.call("PATCH", number, [step("test", path, None)])
    assert (answer.status_code, answer.headers["Appointed-Error"]) == (400, "path_not_found")


@pytest.mark.clause("SO-PATCH-011")
async def test_a_whole_answer_passes_as_its_own_test(desk: Desk) -> None:
    number = await desk.new(**MADE)
    entity = await desk.read(number)
    operations = [step("test", f"/{name}", value) for name, value in entity.items()]
    before = await desk.history(number)
    assert await desk.patch(number, operations) == entity
    assert await desk.history(number) == before


@pytest.mark.clause("SO-PATCH-011")
async def test_a_date_is_read_in_the_zone_of_the_header(desk: Desk) -> None:
    number = await desk.new(**MADE)
    operations = [step("test", "/StartDate", "2030-07-01T04:00:00")]
    await desk.patch(number, operations, SO_TimeZone="US-NY")
    await desk.refused(number, operations, 409, "test_failed")
