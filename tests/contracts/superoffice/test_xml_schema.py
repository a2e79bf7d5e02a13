"""Every answer of this contract as XML, judged by the published schema (Request Headers, Accept)."""

import re
from typing import Any

import pytest
from lxml import etree

from appointed.superoffice.agents.table import AGENTS
from appointed.superoffice.service import root_of
from tests.contracts.superoffice.desk import Desk
from tests.contracts.xml_answers import problems, schema

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

XML = {"Accept": "application/xml"}
# What stands for a parameter in a path, by its name, then by its place.
VALUES = {
    "id": "1",
    "listname": "associate",
    "name": "task",
    "provider": "FindAppointment",
    "resource": "SR_YES",
    "sr_id": "SR_YES",
    "section": "Functions",
    "key": "Default",
    "prefLevel": "SystemWide",
    "isoLangCode": "no",
}


async def described(desk: Desk) -> dict[str, Any]:
    answer = await desk.served.client.get("/openapi/superoffice.json")
    return dict(answer.json()["paths"])


async def test_the_schema_is_published(desk: Desk) -> None:
    answer = await desk.served.client.get("/openapi/superoffice.xsd")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/xml")
    etree.XMLSchema(etree.fromstring(answer.content))
    assert (await desk.served.client.get("/openapi/other.xsd")).status_code == 404


@pytest.mark.clause("SO-WIRE-014")
async def test_every_address_that_can_be_read_answers_in_xml(desk: Desk) -> None:
    read = 0
    for path, operations in (await described(desk)).items():
        if "get" not in operations or "/Agents/" in path:
            continue
        filled = re.sub(r"\{(\w+)\}", lambda name: VALUES.get(name[1], "1"), path)
        sent = desk.served.basic("demo") | XML
        answer = await desk.served.client.get(filled, headers=sent)
        if answer.status_code == 204:
            continue
        # The client's hook has judged it by now.
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8", (filled, answer.text)
        assert answer.status_code in (200, 404), (filled, answer.text)
        read += answer.status_code == 200
    assert read > 40


# What methods of agents are called with: by the argument's name, else by its type.
SPECIFICATION = {"Section": "Functions", "Key": "Default"}
PREFERENCE = {"Specification": SPECIFICATION | {"PrefLevel": "Individual"}, "RawValue": "1"}
FIELD = {"FieldType": "Date", "FieldLabel": "Due"}
BY_NAME: dict[str, Any] = {
    "ProviderName": "FindAppointment",
    "OwnerType": "Appointment",
    "FieldType": "Date",
    "UserName": "kari",
    "Preference": PREFERENCE,
    "Preferences": [PREFERENCE],
    "Specifications": [SPECIFICATION],
    "TableName": "appointment",
    "FieldName": "title",
    "Restrictions": "",
    "Restriction": [],
    "PageSize": 5,
    "Options": "GrandTotal=true",
    **SPECIFICATION,
}
LEFT_OUT = {"SortOrder", "Entities", "Columns", "Context"}
BY_KIND = {"int32": 1, "string": "task", "bool": False, "int32[]": [1], "string[]": ["task"]}
RAW = {
    "int32[]": [1],
    "UserDefinedFieldInfo": FIELD,
    "ContactEntity": {"Name": "New"},
    "PersonEntity": {"Lastname": "New"},
    "ProjectEntity": {"Name": "New"},
    "SaleEntity": {"Heading": "New"},
}
# The Appointment agent's methods are walked where their arguments are, webhooks' where somebody answers them.
WALKED = [
    (agent, method)
    for agent, methods in AGENTS.items()
    for method, service in methods.items()
    if service.answers and agent not in ("Appointment", "Webhook")
]


@pytest.mark.clause("SO-WIRE-014")
async def test_every_method_of_an_agent_answers_in_xml(desk: Desk) -> None:
    lists = await desk.served.so("GET", "List", headers={"Accept": "application/json"})
    task = next(one["Id"] for one in lists.json() if one["Name"].lower() == "task")
    field = await desk.served.so("POST", "Agents/UserDefinedFieldInfo/SaveUserDefinedFieldInfo", json=FIELD)
    known = BY_NAME | {"UdListDefinitionId": task, "Info": field.json()}
    for agent, method in WALKED:
        service = AGENTS[agent][method]
        arguments = (part.partition(":") for part in service.body.split())
        body = {
            name: known.get(name, BY_KIND.get(kind)) for name, _, kind in arguments if name not in LEFT_OUT
        }
        query = f"?{service.query.partition(':')[0]}=1" if service.query else ""
        answer = await desk.served.so(
            "POST",
            f"Agents/{agent}/{method}{query}",
            json=RAW.get(service.raw) if service.raw else body,
            headers=XML,
        )
        # The client's hook has judged it by now.
        assert answer.status_code == 200, (agent, method, answer.text)
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        assert etree.fromstring(answer.content).tag == root_of(service.answers), (agent, method)
    assert len(WALKED) > 70


@pytest.mark.parametrize(
    ("method", "at", "body", "root"),
    [
        ("POST", "", {"Title": "Made"}, "AppointmentEntityWithLinks"),
        ("PATCH", 1, {"Location": "<Oslo> & \u0007"}, "AppointmentEntityWithLinks"),
        ("POST", "Validate", {"Location": "x" * 300}, "Dictionary"),
        ("POST", "Validate", {"Title": "x"}, "Dictionary"),
        ("PATCH", 1, [{"op": "replace", "path": "AppointmentId", "value": 7}], "Error"),
        ("PATCH", 1, {"Location": 7, "StartDate": "no date"}, "Error"),
        ("GET", 99_999, None, "Error"),
        ("GET", "default", None, "AppointmentEntity"),
    ],
)
async def test_changes_and_failures(desk: Desk, method: str, at: int | str, body: Any, root: str) -> None:
    caller = desk.sending(**XML)
    answer = await (caller.call(method, at) if body is None else caller.call(method, at, body))
    tree = etree.fromstring(answer.content)
    assert tree.tag == root
    assert problems(answer.content) == []


@pytest.mark.parametrize(
    "query",
    [
        "?$select=appointmentId,contact/name,associate/fullName,date&$top=3",
        "?$filter=date%20gt%20'2020-01-01'&$mode=Full",
        "?$format=xml",
    ],
)
async def test_lists(desk: Desk, query: str) -> None:
    answer = await desk.sending(**XML).call("GET", "", query=query)
    assert (answer.status_code, etree.fromstring(answer.content).tag) == (200, "ODataSlimResponse")


@pytest.mark.parametrize("zone", ["", "UTC,includeTZOffset", "NO,includeTZOffset", "AU-ACT"])
@pytest.mark.parametrize("select", ["", "?$select=Title,Contact/Name,Recurrence"])
async def test_in_every_manner(desk: Desk, zone: str, select: str) -> None:
    for number in range(1, 12):
        answer = await desk.sending(**XML, SO_TimeZone=zone, SO_Language="de").call(
            "GET", number, query=select
        )
        assert problems(answer.content) == []


WRONG = [
    ("<AppointmentId>1</AppointmentId>", "<AppointmentId>one</AppointmentId>"),
    ("<Type>inDiary</Type>", "<Type>InDiary</Type>"),
    ("<Entry><Key>", "<Entry><Name>"),
    ("<ParticipantInfo>", "<Item>"),
    ("<HasAlarm>", "<Alarm>"),
]


@pytest.mark.parametrize(("right", "wrong"), WRONG)
async def test_the_schema_finds_what_is_wrong(desk: Desk, right: str, wrong: str) -> None:
    text = (await desk.sending(**XML).call("GET", 1)).text
    assert right in text
    broken = text.replace(right, wrong)
    for tag in re.findall(r"<(\w+)>", right):
        other = re.findall(r"<(\w+)>", wrong)[re.findall(r"<(\w+)>", right).index(tag)]
        broken = broken.replace(f"</{tag}>", f"</{other}>") if tag != other else broken
    assert not schema().validate(etree.fromstring(broken.encode()))
