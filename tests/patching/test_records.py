"""Operations on carriers: records with fixed members, and dictionaries in them (PATCH Appointment/{id})."""

import copy

import pytest

from appointed.domain.errors import InvalidPatch, PatchRejected, PathNotFound, TooManyOperations
from appointed.patching.operations import Shape, apply, read_operations

ENTITY = {
    "AppointmentId": 63,
    "Title": "Talk",
    "Person": None,
    "Priority": {"Id": 1, "Value": "Low", "Tooltip": None},
    "Participants": [{"AssociateId": 1, "SendEmail": False}],
    "CustomFields": {"SuperOffice:1": "a", "SuperOffice:2": "b"},
    "ExtraFields": None,
}
OPEN = {("CustomFields",), ("ExtraFields",)}
MEMBERS = {"Person": ("PersonId", "FullName"), "Priority": ("Id", "Value")}


def shape_of(tokens):
    return Shape.DICTIONARY if tokens in OPEN else Shape.RECORD


def spell(tokens, token):
    names = MEMBERS.get(tokens[0], ()) if len(tokens) == 1 else ()
    return next((name for name in names if name.lower() == token.lower()), None)


def patched(*operations, spell=None, value=ENTITY):
    before = copy.deepcopy(value)
    steps = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
    try:
        return apply(value, read_operations(steps), shape_of=shape_of, spell=spell)
    finally:
        assert value == before


def refused(*operations, spell=None):
    with pytest.raises(PatchRejected) as caught:
        patched(*operations, spell=spell)
    return caught.value


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/Title", "x"),
        ("person", {"PersonId": 1}),
        ("Priority/id", 2),
        ("/Priority/Tooltip", "t"),
        ("/Priority", None),
    ],
)
def test_members_that_exist_are_set_even_when_null(op, path, value):
    result = patched((op, path, value), ("test", path, value))
    assert set(result) == set(ENTITY)
    assert result != ENTITY


@pytest.mark.parametrize("op", ["add", "replace", "test", "remove"])
@pytest.mark.parametrize(
    "path",
    [
        "/Nonsense",
        "__proto__",
        "/constructor",
        "/Priority/Foo",
        "/Participants/0/Foo",
        "/../..",
        "/",
        "/Title/x",
    ],
)
def test_members_that_a_record_does_not_have_are_named(op, path):
    caught = refused(("replace", "/Title", "x"), (op, path, 1))
    assert (type(caught), caught.index, caught.path) == (PathNotFound, 1, path)


@pytest.mark.parametrize("op", ["add", "replace", "test", "remove"])
@pytest.mark.parametrize("path", ["/Person/PersonId", "/ExtraFields/x_foobar"])
def test_no_path_leads_through_null(op, path):
    for speller in (None, spell):
        assert isinstance(refused((op, path, 1), spell=speller), PathNotFound)


def test_removing_a_member_makes_it_null():
    result = patched(("remove", "/title"), ("remove", "/Priority/Value"), ("remove", "/CustomFields"))
    assert result == ENTITY | {
        "Title": None,
        "Priority": {"Id": 1, "Value": None, "Tooltip": None},
        "CustomFields": None,
    }


def test_removing_an_element_takes_it_out():
    assert patched(("remove", "/Participants/0"))["Participants"] == []


def test_an_element_is_added_and_then_changed():
    result = patched(
        ("add", "/participants/-", {"AssociateId": 2}), ("replace", "/Participants/1/associateid", 3)
    )
    assert result["Participants"] == [{"AssociateId": 1, "SendEmail": False}, {"AssociateId": 3}]


def test_an_array_replaces_an_array():
    for op in ("add", "replace"):
        assert patched((op, "/Participants", []))["Participants"] == []


def test_an_object_replaces_a_record_whole():
    for op in ("add", "replace"):
        assert patched((op, "/Priority", {"Id": 2}))["Priority"] == {"Id": 2}


def test_a_record_may_take_members_it_can_have():
    operations = (("replace", "/Person", {"personId": 1}), ("replace", "/person/fullname", "Kari"))
    assert isinstance(refused(*operations), PathNotFound)
    assert patched(*operations, spell=spell)["Person"] == {"personId": 1, "FullName": "Kari"}
    assert isinstance(refused(operations[0], ("add", "/Person/Foo", 1), spell=spell), PathNotFound)


def test_a_member_that_a_record_can_have_and_lacks_is_null():
    new = ("replace", "/Priority", {"Id": 2})
    assert patched(new, ("test", "/Priority/value", None), spell=spell)["Priority"] == {"Id": 2}
    assert patched(new, ("remove", "/Priority/Value"), spell=spell)["Priority"] == {"Id": 2, "Value": None}
    assert isinstance(refused(new, ("test", "/Priority/Value/x", 1), spell=spell), PathNotFound)
    assert isinstance(refused(new, ("add", "/Priority/Value/x", 1), spell=spell), PathNotFound)


@pytest.mark.parametrize("op", ["add", "replace"])
def test_an_object_sets_only_the_members_of_a_dictionary_that_it_names(op):
    assert patched((op, "CustomFields", {"SuperOffice:1": "Testing"}))["CustomFields"] == {
        "SuperOffice:1": "Testing",
        "SuperOffice:2": "b",
    }
    assert patched((op, "CustomFields", {})) == ENTITY
    assert patched((op, "CustomFields", {"superoffice:2": None, "x_new": "c", "X_NEW": "d"}))[
        "CustomFields"
    ] == {
        "SuperOffice:1": "a",
        "SuperOffice:2": None,
        "x_new": "d",
    }


def test_work_on_dictionaries_is_bounded():
    value = {"CustomFields": {f"x_{number}": "" for number in range(1000)}}
    operations = read_operations([{"op": "add", "path": "CustomFields", "value": {"x_1": "a"}}] * 100)
    with pytest.raises(TooManyOperations):
        apply(value, operations, shape_of=shape_of)


def test_anything_else_replaces_a_dictionary():
    assert patched(("replace", "CustomFields", None))["CustomFields"] is None
    assert patched(("replace", "ExtraFields", {"x_a": "b"}))["ExtraFields"] == {"x_a": "b"}


@pytest.mark.parametrize("op", ["add", "replace"])
def test_a_dictionary_takes_any_member(op):
    result = patched((op, "CustomFields/x_foobar", "baz"), (op, "customfields/superoffice:1", "c"))
    assert result["CustomFields"] == {"SuperOffice:1": "c", "SuperOffice:2": "b", "x_foobar": "baz"}


def test_a_member_of_a_dictionary_is_taken_out():
    assert patched(("remove", "CustomFields/SUPEROFFICE:1"))["CustomFields"] == {"SuperOffice:2": "b"}
    for operation in (("remove", "CustomFields/x_no"), ("test", "CustomFields/x_no", None)):
        assert isinstance(refused(operation), PathNotFound)


def test_only_an_object_replaces_a_record_at_the_root():
    assert patched(("replace", "", {"Title": "x"}), ("replace", "/title", "y")) == {"Title": "y"}
    for value in (5, None, "x", [], [{}], True):
        caught = refused(("add", "", value))
        assert (type(caught), caught.path) == (InvalidPatch, "")
    assert isinstance(refused(("remove", "")), InvalidPatch)


def test_every_documented_example_works():
    value = ENTITY | {"Associate": {"AssociateId": 1, "Name": "demo"}, "ExtraFields": {}, "Department": "bar"}
    for path in ("/department", "Department", "department", "/Department"):
        assert patched(("replace", path, "foo"), value=value)["Department"] == "foo"
    assert patched(("replace", "Associate", {"AssociateId": "10"}), value=value)["Associate"] == {
        "AssociateId": "10"
    }
    assert patched(("replace", "/Person", {"PersonId": 1}), value=value)["Person"] == {"PersonId": 1}
    assert patched(("replace", "ExtraFields/x_foobar", "baz"), value=value)["ExtraFields"] == {
        "x_foobar": "baz"
    }
