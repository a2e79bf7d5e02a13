"""`$select` on every operation that answers an entity (Query String Parameters)."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.contracts.superoffice.desk import Desk, entity

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]


def kept(answer: dict[str, Any]) -> set[str]:
    return {name for name, value in answer.items() if value is not None}


@pytest.mark.clause("SO-SELECT-001", "SO-SELECT-002", "SO-SELECT-004")
@pytest.mark.parametrize(
    "select",
    [
        "Title,Description,AppointmentId",
        "title,DESCRIPTION,appointmentId",
        " Title , ,Description,appointmentid?",
        "Title,Nonsense,Description,AppointmentId",
    ],
)
async def test_the_others_are_null_and_still_there(desk: Desk, select: str) -> None:
    number = await desk.new(Description="Words", HasAlarm=True, ColorIndex=5)
    whole = await desk.read(number)
    answer = await desk.read(number, query=f"?$select={select}")
    assert list(answer) == list(whole)
    assert kept(answer) == {"Title", "Description", "AppointmentId"}
    assert answer["Description"] == "Words"


@pytest.mark.clause("SO-SELECT-001")
async def test_on_every_operation_that_answers_an_entity(desk: Desk) -> None:
    query = "?$select=Location"
    made = entity(await desk.call("POST", body={"Location": "Here"}, query=query))
    assert kept(made) == {"Location"}
    number = await desk.new()
    whole = await desk.read(number)
    for method, body in (("PATCH", {"Location": "a"}), ("PATCH", []), ("PUT", whole), ("GET", None)):
        call = (
            desk.call(method, number, query=query)
            if body is None
            else desk.call(method, number, body, query=query)
        )
        assert kept(entity(await call)) == {"Location"}, method


@pytest.mark.clause("SO-SELECT-001")
async def test_it_only_trims_the_answer(desk: Desk) -> None:
    number = await desk.new()
    answer = await desk.patch(number, {"Location": "a", "Agenda": "b"}, query="?$select=Agenda")
    assert kept(answer) == {"Agenda"}
    assert (await desk.read(number))["Location"] == "a"


@pytest.mark.clause("SO-SELECT-003")
@pytest.mark.parametrize("query", ["", "?$select=", "?$select=*", "?$select=,%20,", "?other=Title"])
async def test_without_it_everything_is_shown(desk: Desk, query: str) -> None:
    answer = await desk.read(1, query=query)
    assert answer == await desk.read(1)
    assert {"Title", "Task", "Participants", "FieldProperties", "_Links"} <= kept(answer)


@pytest.mark.clause("SO-SELECT-005")
async def test_a_nested_name_selects_one_member_of_an_object(desk: Desk) -> None:
    number = await desk.new(Contact={"ContactId": 2}, Participants=[{"AssociateId": 1}, {"AssociateId": 2}])
    answer = await desk.read(
        number, query="?$select=title,contact/name,participants/associateId,person/personid"
    )
    assert kept(answer) == {"Title", "Contact", "Participants"}
    assert kept(answer["Contact"]) == {"Name"}
    assert answer["Contact"]["Name"] == "Fjord Shipping"
    assert [kept(one) for one in answer["Participants"]] == [{"AssociateId"}] * 2
    assert answer["Person"] is None


@pytest.mark.clause("SO-SELECT-005")
async def test_nesting_goes_as_deep_as_the_carriers(desk: Desk) -> None:
    answer = await desk.read(1, query="?$select=Recurrence/WeekPattern/Cycle,CustomFields/SuperOffice:1")
    assert kept(answer["Recurrence"]) == {"WeekPattern"}
    assert answer["Recurrence"]["WeekPattern"] == {"Weekdays": None, "Cycle": 1}
    assert kept(answer["CustomFields"]) == {"SuperOffice:1"}


@pytest.mark.clause("SO-SELECT-005")
async def test_a_member_selected_whole_stays_whole(desk: Desk) -> None:
    whole = (await desk.read(1))["Contact"]
    for select in ("Contact,Contact/Name", "Contact/Name,Contact"):
        assert (await desk.read(1, query=f"?$select={select}"))["Contact"] == whole


@pytest.mark.clause("SO-SELECT-004")
async def test_the_parameters_own_name_ignores_case(desk: Desk) -> None:
    for name in ("$Select", "$SELECT", "%24select"):
        assert kept(await desk.read(1, query=f"?{name}=Title")) == {"Title"}


@pytest.mark.clause("SO-SELECT-002")
async def test_in_xml_what_is_not_selected_is_nil(desk: Desk) -> None:
    answer = await desk.call("GET", 1, query="?$select=Title", Accept="application/xml")
    root = ET.fromstring(answer.content)
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    assert [child.tag for child in root if child.get(nil) != "true"] == ["Title"]
    assert len(root) == len(await desk.read(1))
