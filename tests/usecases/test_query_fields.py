"""What a query means, row by row."""

from datetime import timedelta

import pytest

from appointed.domain.appointment import Publication
from appointed.domain.errors import InvalidRequest
from appointed.domain.status import Status
from appointed.usecases.query import AllOf, AnyOf, Not, Operator, Order, Test
from appointed.usecases.query_fields import CUSTOM_TYPES, FIELDS, FieldKind, compare, field, holds, place
from tests.builders import START, appointment

ROW = appointment(
    location="Ægir Room",
    person_id=4,
    custom_fields={"SuperOffice:1": "Text", "SuperOffice:2": 5, "SuperOffice:3": True},
    extra_fields={"x_note": "Blue"},
    publication=Publication(is_published=True, published_from=START),
)
NUMBER, TEXT = FieldKind.NUMBER, FieldKind.TEXT


@pytest.mark.parametrize(
    ("operator", "kind", "value", "wanted", "expected"),
    [
        (Operator.EQ, NUMBER, 1, 1, True),
        (Operator.EQ, NUMBER, None, 1, False),
        (Operator.EQ, NUMBER, None, None, True),
        (Operator.EQ, NUMBER, 1, None, False),
        (Operator.NE, NUMBER, 1, 1, False),
        (Operator.NE, NUMBER, None, 1, True),
        (Operator.NE, NUMBER, None, None, False),
        (Operator.NE, NUMBER, 1, None, True),
        (Operator.LT, NUMBER, 1, 2, True),
        (Operator.LT, NUMBER, None, 2, False),
        (Operator.LT, NUMBER, 1, None, False),
        (Operator.LE, NUMBER, 2, 2, True),
        (Operator.GT, NUMBER, 2, 2, False),
        (Operator.GE, NUMBER, 2, 2, True),
        (Operator.IN, NUMBER, 2, (1, 2), True),
        (Operator.IN, NUMBER, None, (1, 2), False),
        (Operator.IN, NUMBER, 1, (), False),
        (Operator.NOT_IN, NUMBER, 2, (1, 2), False),
        (Operator.NOT_IN, NUMBER, None, (1, 2), True),
        (Operator.NOT_IN, NUMBER, 1, (), True),
        (Operator.EQ, TEXT, "ÆgIr", "æGiR", True),
        (Operator.IN, TEXT, "b", ("A", "B"), True),
        (Operator.LT, TEXT, "a", "B", True),
        (Operator.BEGINS, TEXT, "Ægir", "æ", True),
        (Operator.CONTAINS, TEXT, "Ægir", "GI", True),
        (Operator.CONTAINS, TEXT, "Ægir", "%", False),
        (Operator.ENDS, TEXT, "Ægir", "IR", True),
        (Operator.ENDS, TEXT, None, "IR", False),
        (Operator.EQ, FieldKind.WORD, "A", "a", False),
    ],
)
def test_comparing(operator, kind, value, wanted, expected) -> None:
    assert compare(operator, kind, value, wanted) is expected


def test_nodes() -> None:
    yes, no = Test("person_id", Operator.EQ, 4), Test("person_id", Operator.EQ, 5)
    assert holds(AllOf(), ROW)
    assert not holds(AnyOf(), ROW)
    assert holds(AllOf((yes, yes)), ROW)
    assert not holds(AllOf((yes, no)), ROW)
    assert holds(AnyOf((no, yes)), ROW)
    assert holds(Not(no), ROW)
    assert not holds(Not(yes), ROW)
    assert holds(Not(Test("updated_at", Operator.LT, START)), ROW)


def test_every_field_gives_a_value_of_its_kind() -> None:
    types = {"text": str, "word": object, "number": int, "flag": bool, "instant": type(START)}
    for name, known in FIELDS.items():
        value = known.value(ROW)
        assert value is None or isinstance(value, types[known.kind]), name
    assert field("duration_seconds").value(ROW) == 3600
    assert field("active_at").value(ROW) == START
    texts = {"description": "About", "title": "Title"}
    assert field("text").value(appointment(**texts)) == "About"
    assert field("text").value(appointment(title="Title")) == "Title"
    assert field("text").value(ROW) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("custom.text.SuperOffice:1", "Text"),
        ("custom.number.SuperOffice:1", None),
        ("custom.number.SuperOffice:2", 5),
        ("custom.number.SuperOffice:3", None),
        ("custom.flag.SuperOffice:3", True),
        ("custom.flag.SuperOffice:9", False),
        ("custom.text.SuperOffice:9", None),
        ("extra.x_note", "Blue"),
        ("extra.x_other", None),
        ("publication.published_from", START),
        ("publication.published_to", None),
    ],
)
def test_fields_inside(name: str, expected: object) -> None:
    assert field(name).value(ROW) == expected


@pytest.mark.parametrize("name", ["body", "custom.", "custom.text.", "custom.blob.x", "text.x", "", "ID"])
def test_unknown_fields(name: str) -> None:
    with pytest.raises(InvalidRequest):
        field(name)


def test_custom_kinds_are_kinds() -> None:
    assert set(CUSTOM_TYPES) <= set(FieldKind)


def test_places() -> None:
    order = (
        Order(field="location", is_descending=True),
        Order(field="updated_at"),
        Order(field="person_id", ranks=((4, 7),)),
        Order(field="contact_id", ranks=((4, 7),)),
        Order(field="description", seen=Test("status", Operator.EQ, Status.CANCELLED)),
        Order(field="id", seen=AllOf()),
        Order(field="custom.number.nowhere", absent=0),
        Order(field="id", seen=AnyOf(), absent=0),
        Order(field="id", absent=0),
    )
    assert place(ROW, order) == ("Ægir Room", None, 7, 0, None, 10, 0, 0, 10)
    assert place(appointment(location="x" * 101), order[:1]) == ("x" * 100,)
    assert place(ROW, (Order(field="title"),)) == (None,)
    assert field("duration_seconds").value(appointment(ends_at=START + timedelta(seconds=90))) == 90
