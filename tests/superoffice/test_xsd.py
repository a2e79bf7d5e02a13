"""The XML Schema out of the OpenAPI document."""

from collections import defaultdict
from typing import Any

import pytest
from lxml import etree

from appointed.superoffice.openapi import document
from appointed.superoffice.xml import write_xml
from appointed.superoffice.xsd import LOOSE, answers_of, xml_schema

XML, JSON = "application/xml", "application/json"


def described(schema: dict[str, Any], root: str = "Thing", **known: Any) -> etree.XMLSchema:
    content = {JSON: {"schema": schema}, XML: {"schema": {"xml": {"name": root}}}}
    paths = {"/x": {"parameters": [], "get": {"responses": {"200": {"content": content}, "204": {}}}}}
    return etree.XMLSchema(etree.fromstring(xml_schema({"paths": paths, "components": {"schemas": known}})))


def holds(schema: dict[str, Any], value: Any, root: str = "Thing", **known: Any) -> bool:
    return bool(described(schema, root, **known).validate(etree.fromstring(write_xml(root, value))))


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
PAIR = {"type": "object", "properties": {"A": NUMBER, "B": TEXT}, "required": ["A", "B"]}
OPEN = {"type": "object", "properties": {"A": NUMBER, "B": TEXT}, "required": ["A"]}
LINK = {"$ref": "#/components/schemas/Link"}


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        (PAIR, {"A": 1, "B": "x"}, {"A": "x", "B": "x"}),
        (PAIR, {"A": 1, "B": ""}, {"A": 1}),
        (PAIR, {"A": 1, "B": "x"}, {"B": "x", "A": 1}),
        (PAIR, None, {"A": None, "B": "x"}),
        (OPEN, {"B": "x", "A": 1}, {"B": "x"}),
        (OPEN, {"A": 1}, {"A": 1, "C": 2}),
        ({"anyOf": [PAIR, {"type": "null"}]}, None, {"A": 1}),
        ({"type": "string", "enum": ["a", "b&"]}, "b&", "c"),
        ({"type": "string", "pattern": r"^\d{2}$"}, "12", "123"),
        ({"const": True}, True, False),
        ({"type": "boolean"}, True, "yes"),
        ({"type": "number"}, 1.5, "x"),
    ],
)
def test_values(schema: dict[str, Any], right: Any, wrong: Any) -> None:
    assert holds(schema, right)
    assert not holds(schema, wrong)


def test_what_is_not_described_may_hold_anything() -> None:
    for schema in ({"type": "object"}, PAIR | {"additionalProperties": True}, {}):
        assert holds(schema, {"contact/name": {"x": [1, None]}})
    row = PAIR | {"additionalProperties": True}
    assert holds({"type": "array", "items": LINK}, [{"a/b": 1}, {}], "ArrayOfRow", Link=row)
    assert not holds({"type": "array", "items": LINK}, [7], "ArrayOfRow", Link=row)


def test_nullable_members_and_kinds_in_a_list() -> None:
    schema = {"type": "object", "properties": {"A": {"type": ["integer", "null"]}}, "required": ["A"]}
    assert holds(schema, {"A": None})
    assert holds(schema, {"A": 3})
    assert not holds(schema, {"A": "x"})


def test_arrays_name_their_items() -> None:
    links = {
        "type": "object",
        "properties": {"Links": {"type": "array", "items": LINK}},
        "required": ["Links"],
    }
    assert holds(links, {"Links": [{"A": 1, "B": "x"}, {"A": 2, "B": "y"}]}, Link=PAIR)
    assert not holds(links, {"Links": [{"A": 1}]}, Link=PAIR)
    assert holds({"type": "array", "items": LINK}, [{"A": 1, "B": "x"}], "ArrayOfLink", Link=PAIR)
    numbers = {"type": "object", "properties": {"N": {"type": "array", "items": NUMBER}}}
    assert holds(numbers, {"N": [1, 2]})
    assert not holds(numbers, {"N": ["x"]})
    nested = {
        "type": "object",
        "properties": {"Links": {"type": "array", "items": {"type": "array", "items": LINK}}},
    }
    assert holds(nested, {"Links": [[{"A": 1, "B": "x"}], []]}, Link=PAIR)


def test_dictionaries_are_entries() -> None:
    fields = {
        "type": "object",
        "properties": {"CustomFields": {"type": "object", "additionalProperties": TEXT}},
    }
    assert holds(fields, {"CustomFields": {"SuperOffice:1": "x", "x_foo": ""}})
    assert holds(fields | {"required": ["CustomFields"]}, {"CustomFields": {}})
    typed = {
        "type": "object",
        "properties": {"FieldProperties": {"type": "object", "additionalProperties": LINK}},
    }
    assert holds(typed, {"FieldProperties": {"a": {"A": 1, "B": "x"}}}, Link=PAIR)
    assert not holds(typed, {"FieldProperties": {"a": {"A": 1}}}, Link=PAIR)


def test_a_root_stands_for_one_type() -> None:
    found = defaultdict(set)
    for answer in answers_of(document()):
        content = answer.get("content", {})
        if XML in content:
            schema = content.get(JSON, {"schema": TEXT})["schema"]
            plain = schema["anyOf"][0] if schema.get("anyOf") else schema
            found[content[XML]["schema"]["xml"]["name"]].add(str(plain))
    assert {root for root, kinds in found.items() if len(kinds) > 1} <= LOOSE
    assert len(found) > 30


def test_every_answer_in_json_has_its_form_in_xml() -> None:
    shared = document()["components"]["responses"]
    assert [name for name, answer in shared.items() if not {JSON, XML} <= answer["content"].keys()] == []
    missing = [
        path
        for path, operations in document()["paths"].items()
        for verb, operation in operations.items()
        if verb != "parameters"
        for status, answer in operation["responses"].items()
        if JSON in answer.get("content", {}) and XML not in answer["content"] and status[0] in "245"
    ]
    assert missing == []
