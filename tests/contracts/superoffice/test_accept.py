"""Forms of answers: JSON and XML by `Accept`, and 406 (Request Headers, Accept; docs/contracts/superoffice/xml.md)."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from appointed.app.addresses import error_body
from tests.contracts.superoffice.desk import Desk, step
from tests.contracts.xml_answers import problems

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

JSON, XML = "application/json; charset=utf-8", "application/xml; charset=utf-8"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
DICTIONARIES = {"CustomFields", "ExtraFields", "UserDefinedFields", "FieldProperties", "_Links"}

TYPES = [
    pytest.param(accept, shown, marks=pytest.mark.clause(clause), id=accept)
    for clause, accept, shown in (
        ("SO-HEADER-006", "application/json", JSON),
        ("SO-HEADER-007", "text/json", JSON),
        ("SO-HEADER-008", "application/xml", XML),
        ("SO-HEADER-009", "text/xml", XML),
        ("SO-HEADER-010", "application/json-patch+json", JSON),
        ("SO-HEADER-011", "application/merge-patch+json", JSON),
    )
]


def plain(element: ET.Element, member: str) -> Any:
    """Read an element back by the documented scheme, every plain value as a text."""
    if element.get(NIL) == "true":
        return None
    if member in DICTIONARIES or member.endswith("Rules"):
        return {entry.findtext("Key"): plain(entry[1], "") for entry in element} or ""
    if not len(element):
        return element.text or ""
    return (
        [plain(child, child.tag) for child in element]
        if is_list(element)
        else {child.tag: plain(child, child.tag) for child in element}
    )


def is_list(element: ET.Element) -> bool:
    # The one list whose items have its own name.
    if element.tag == "VisibleFor":
        return element[0].tag == "VisibleFor"
    items = {"Dates", "LocalizedAddress", "Links", "Participants"}
    return element.tag in items or element.tag.startswith("ArrayOf")


def as_texts(value: Any) -> Any:
    """Write JSON's plain values as XML does."""
    if isinstance(value, dict):
        return {name: as_texts(one) for name, one in value.items()} or ""
    if isinstance(value, list):
        return [as_texts(one) for one in value] or ""
    return value if value is None or isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize(("accept", "shown"), TYPES)
async def test_every_type_of_the_page(desk: Desk, accept: str, shown: str) -> None:
    number = await desk.new()
    for method, body in (
        ("GET", None),
        ("PATCH", {"Location": "x"}),
        ("PUT", await desk.read(number)),
        ("POST", {}),
    ):
        at = "" if method == "POST" else number
        answer = await (
            desk.call(method, at, Accept=accept)
            if body is None
            else desk.call(method, at, body, Accept=accept)
        )
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, shown), method
        if shown == XML:
            assert ET.fromstring(answer.content).tag == "AppointmentEntityWithLinks"
        else:
            assert answer.json()["AppointmentId"]


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ("*/*", JSON),
        ("*", JSON),
        ("", JSON),
        ("text/*", JSON),
        ("application/xml;q=0.5, application/json;q=0.4", XML),
        ("application/json;q=0.5, text/xml", XML),
        ("text/html, application/xml;q=0.9, */*;q=0.8", XML),
        ("APPLICATION/XML", XML),
        ("application/json; charset=utf-8", JSON),
        ("nonsense", JSON),
        ("image/png, */*;q=0.1", JSON),
    ],
)
@pytest.mark.clause("SO-SAMPLE-001")
async def test_what_callers_like_best(desk: Desk, accept: str, shown: str) -> None:
    assert (await desk.call("GET", 1, Accept=accept)).headers["Content-Type"] == shown


@pytest.mark.parametrize(
    "accept", ["image/png", "text/html", "application/json;q=0", "application/yaml, text/csv"]
)
async def test_406_when_neither_fits(desk: Desk, accept: str) -> None:
    number = await desk.new()
    before = await desk.history(number)
    for method, at, body in (
        ("GET", number, None),
        ("PATCH", number, {"Location": "x"}),
        ("PUT", number, {"Location": "x"}),
        ("POST", "", {}),
        ("GET", "default", None),
        ("POST", "Validate", {}),
    ):
        answer = await (
            desk.call(method, at, Accept=accept)
            if body is None
            else desk.call(method, at, body, Accept=accept)
        )
        assert (answer.status_code, answer.headers["Appointed-Error"]) == (406, "not_acceptable"), method
        desk.served.assert_body("superoffice", answer)
    assert await desk.history(number) == before


@pytest.mark.clause("SO-HEADER-008")
async def test_the_xml_says_the_same_as_the_json(desk: Desk) -> None:
    await desk.patch(1, {"Agenda": "<b>Æ & ]]> \u0007\r\n</b>", "Links": [{"EntityName": "sale", "Id": 1}]})
    entity = await desk.read(1)
    answer = await desk.call("GET", 1, Accept="application/xml")
    assert answer.text.startswith(
        '<?xml version="1.0" encoding="utf-8"?><AppointmentEntityWithLinks xmlns:xsi='
    )
    root = ET.fromstring(answer.content)
    assert [child.tag for child in root] == list(entity)
    found = {child.tag: plain(child, child.tag) for child in root}
    entity["Agenda"] = entity["Agenda"].replace("\u0007", "\ufffd")
    assert found == as_texts(entity)


@pytest.mark.clause("SO-HEADER-009")
async def test_null_is_nil_and_empty_is_empty(desk: Desk) -> None:
    number = await desk.new(Title="", Participants=[{"AssociateId": 2}])
    text = (await desk.call("GET", number, Accept="text/xml")).text
    assert '<Person xsi:nil="true"/>' in text
    assert "<Title></Title>" in text
    assert "<Links></Links>" in text
    assert "<HasAlarm>false</HasAlarm>" in text
    assert "<Participants><ParticipantInfo><AssociateId>1</AssociateId>" in text
    assert "<Entry><Key>SuperOffice:2</Key><Value>[I:0]</Value></Entry>" in text


async def test_the_default_entity_has_its_own_root(desk: Desk) -> None:
    root = ET.fromstring((await desk.call("GET", "default", Accept="application/xml")).content)
    assert root.tag == "AppointmentEntity"
    assert root.find("_Links") is None


@pytest.mark.clause("SO-ERROR-005")
async def test_failures_in_xml(desk: Desk) -> None:
    number = await desk.new()
    answer = await desk.call("PATCH", number, [step("test", "Title", "x")], Accept="application/xml")
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, XML)
    root = ET.fromstring(answer.content)
    assert root.tag == "Error"
    assert [child.tag for child in root] == [
        "Error",
        "ErrorType",
        "ErrorMessage",
        "Message",
        "ErrorSource",
        "OperationIndex",
    ]
    assert (await desk.call("GET", 99_999, Accept="text/xml")).headers["Content-Type"] == XML
    nobody = await desk.served.client.get(f"/api/v1/Appointment/{number}", headers={"Accept": "text/xml"})
    assert (nobody.status_code, nobody.headers["Content-Type"]) == (401, XML)
    problems = await desk.call("PATCH", number, {"ColorIndex": "red"}, Accept="text/xml")
    assert "<Problems><Entry><Key>ColorIndex</Key>" in problems.text


@pytest.mark.clause("SO-ERROR-005")
@pytest.mark.parametrize(
    ("accept", "shown"),
    [(b"application/xml", XML), (b"", JSON), (b"image/png", JSON), (b"text/html, text/xml;q=0.9", XML)],
)
@pytest.mark.parametrize(
    "code", ["body_too_large", "headers_too_large", "internal", "request_timeout", "store_busy"]
)
async def test_failures_before_any_address_come_in_the_same_forms(
    code: str, accept: bytes, shown: str
) -> None:
    content_type, body = error_body("/api/v1/Appointment/1", 500, code, "id", accept)
    assert content_type == shown
    if shown == XML:
        assert problems(body) == []
    else:
        assert json.loads(body)["Error"] is True
    # The other contract has no XML.
    assert json.loads(error_body("/api/v1/appointments", 500, code, "id", accept)[1])["message"]
