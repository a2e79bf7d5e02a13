"""Carriers as XML, read back by another's parser."""

import math
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from appointed.superoffice.xml import DICTIONARIES, write_xml

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENTITY = {
    "AppointmentId": 63,
    "Description": 'Tom & "Jerry" <b>',
    "Title": "",
    "Person": None,
    "HasAlarm": True,
    "IsFree": False,
    "Task": {"TaskListItemId": 2, "Value": "Møte"},
    "Address": {
        "Wgs84Latitude": 59.5,
        "LocalizedAddress": [[{"Name": "a"}], [{"Name": "b"}, {"Name": "c"}], []],
    },
    "Participants": [{"AssociateId": 3}, {"AssociateId": 5}],
    "Links": [],
    "VisibleFor": [{"VisibleId": 0}],
    "Recurrence": {"Dates": [{"Date": "2002-03-31T00:00:00"}]},
    "CustomFields": {"SuperOffice:1": "x", "x_status": None},
    "FieldProperties": {"CustomFields.SuperOffice:1": {"FieldRight": {"Mask": "Update", "Reason": ""}}},
    "_Links": {"Self.Simple": "https://www.example.com/api/v1/Appointment/63/Simple"},
}
WRITTEN = (
    "<AppointmentId>63</AppointmentId>"
    '<Description>Tom &amp; "Jerry" &lt;b&gt;</Description>'
    "<Title></Title>"
    '<Person xsi:nil="true"/>'
    "<HasAlarm>true</HasAlarm>"
    "<IsFree>false</IsFree>"
    "<Task><TaskListItemId>2</TaskListItemId><Value>Møte</Value></Task>"
    "<Address><Wgs84Latitude>59.5</Wgs84Latitude><LocalizedAddress>"
    "<ArrayOfLocalizedField><LocalizedField><Name>a</Name></LocalizedField></ArrayOfLocalizedField>"
    "<ArrayOfLocalizedField><LocalizedField><Name>b</Name></LocalizedField>"
    "<LocalizedField><Name>c</Name></LocalizedField></ArrayOfLocalizedField>"
    "<ArrayOfLocalizedField></ArrayOfLocalizedField></LocalizedAddress></Address>"
    "<Participants><ParticipantInfo><AssociateId>3</AssociateId></ParticipantInfo>"
    "<ParticipantInfo><AssociateId>5</AssociateId></ParticipantInfo></Participants>"
    "<Links></Links>"
    "<VisibleFor><VisibleFor><VisibleId>0</VisibleId></VisibleFor></VisibleFor>"
    "<Recurrence><Dates><RecurrenceDate><Date>2002-03-31T00:00:00</Date></RecurrenceDate></Dates></Recurrence>"
    "<CustomFields><Entry><Key>SuperOffice:1</Key><Value>x</Value></Entry>"
    '<Entry><Key>x_status</Key><Value xsi:nil="true"/></Entry></CustomFields>'
    "<FieldProperties><Entry><Key>CustomFields.SuperOffice:1</Key><Value><FieldRight><Mask>Update</Mask>"
    "<Reason></Reason></FieldRight></Value></Entry></FieldProperties>"
    "<_Links><Entry><Key>Self.Simple</Key>"
    "<Value>https://www.example.com/api/v1/Appointment/63/Simple</Value></Entry></_Links>"
)


@pytest.mark.clause("SO-WIRE-014")
def test_an_entity_is_written_member_by_member() -> None:
    root = "AppointmentEntityWithLinks"
    assert write_xml(root, ENTITY).decode() == f'{HEAD}<{root} xmlns:xsi="{XSI}">{WRITTEN}</{root}>'


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ([1, 2], "<int>1</int><int>2</int>"),
        (
            ["a", None, True, 1.5],
            '<string>a</string><X xsi:nil="true"/><boolean>true</boolean><double>1.5</double>',
        ),
        ([{"A": 1}, {"A": 2}], "<X><A>1</A></X><X><A>2</A></X>"),
        ([[1]], "<ArrayOfX><int>1</int></ArrayOfX>"),
        ([], ""),
        ({}, ""),
        (5, "5"),
        ("<", "&lt;"),
    ],
)
def test_lists_name_their_items(value, inside) -> None:
    assert write_xml("ArrayOfX", value).decode() == f'{HEAD}<ArrayOfX xmlns:xsi="{XSI}">{inside}</ArrayOfX>'


def test_a_root_may_be_null() -> None:
    assert write_xml("X", None).decode() == f'{HEAD}<X xmlns:xsi="{XSI}" xsi:nil="true"/>'


def test_other_lists_hold_items() -> None:
    assert b"<Rows><Item><A>1</A></Item></Rows>" in write_xml("X", {"Rows": [{"A": 1}]})


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("odata.metadata", "odata.metadata"),
        ("contact/name", "contact_x002F_name"),
        ("a b", "a_x0020_b"),
        ("1a", "_x0031_a"),
        ("-a", "_x002D_a"),
        ("x:y", "x_x003A_y"),
        ("Å", "_x00C5_"),
        ("<script>", "_x003C_script_x003E_"),
        ("", "_"),
    ],
)
def test_names_that_xml_cannot_have_are_encoded(name, tag) -> None:
    assert f"<{tag}>1</{tag}>".encode() in write_xml("X", {name: 1})


def test_what_xml_cannot_write_is_replaced() -> None:
    text = "a\0b\x08c\x0bd\x1fe\ufffef\uffffg\ud800h"
    assert etree.fromstring(write_xml("X", {"A": text})).findtext("A") == "a�b�c�d�e�f�g�h"
    assert (
        etree.fromstring(write_xml("X", {"CustomFields": {text: 1}})).findtext("*/*/Key") == "a�b�c�d�e�f�g�h"
    )


@pytest.mark.parametrize(
    "text", ["a\r\nb\tc\rd\n", " a ", "]]>", "&amp;", "\u0085\u2028", "\U0001f600", "<!--", "'\""]
)
def test_other_texts_are_read_back_as_they_were(text) -> None:
    assert etree.fromstring(write_xml("X", {"A": text})).findtext("A") == text


class Colour(StrEnum):
    RED = "red"


def test_parts_may_be_encoded_or_typed_already() -> None:
    raw = msgspec.Raw(b'{"Name":"a","Dates":[{"Date":"b"}]}')
    assert write_xml("X", {"Contact": raw}) == write_xml("X", {"Contact": msgspec.json.decode(raw)})
    assert write_xml("X", {"A": Colour.RED, "B": (1, 2)}) == write_xml("X", {"A": "red", "B": [1, 2]})
    with pytest.raises(TypeError):
        write_xml("X", {"A": object()})


def test_the_same_value_is_the_same_document() -> None:
    assert write_xml("X", ENTITY) == write_xml("X", msgspec.json.decode(msgspec.json.encode(ENTITY)))


def plain(value: Any, member: str) -> Any:
    """What a reader of the documented scheme understands; it sees texts, null, records, entries and items."""
    if isinstance(value, dict) and member in DICTIONARIES:
        return [(key, plain(item, "Value")) for key, item in value.items()]
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, member) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else str(value)


def read(element: Any, like: Any, member: str) -> Any:
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if isinstance(like, dict) and member in DICTIONARIES:
        pairs = zip(element, like.values(), strict=True)
        return [(entry.findtext("Key"), read(entry.find("Value"), item, "Value")) for entry, item in pairs]
    if isinstance(like, dict):
        pairs = zip(element, like.items(), strict=True)
        return {child.tag: read(child, item, name) for child, (name, item) in pairs}
    if isinstance(like, list):
        return [read(child, item, member) for child, item in zip(element, like, strict=True)]
    return element.text or ""


TEXTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=6
)
NAMES = st.sampled_from(
    ["Title", "Participants", "Links", "CustomFields", "FieldProperties", "LocalizedAddress", "A"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_every_document_is_well_formed_and_says_what_the_value_says(value) -> None:
    root = etree.fromstring(write_xml("Root", value))
    assert root.tag == "Root"
    assert read(root, value, "Root") == plain(value, "Root")


@given(st.text(), st.text())
def test_no_text_breaks_out_of_its_element(name, text) -> None:
    root = etree.fromstring(write_xml("Root", {name: text, "CustomFields": {text: text}}))
    assert len(root) == 2 - (name == "CustomFields")


def test_numbers_are_neutral() -> None:
    assert b"<A>0.1</A><B>1e+22</B><C>-3</C>" in write_xml("X", {"A": 0.1, "B": 1e22, "C": -3})
    assert math.isclose(float(etree.fromstring(write_xml("X", {"A": math.pi})).findtext("A")), math.pi)
