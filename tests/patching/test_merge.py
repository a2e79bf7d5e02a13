"""Merge patches become operations, and do what RFC 7396 says but for objects onto arrays."""

import copy

import pytest

from appointed.patching.merge import operations_of, without_nulls
from appointed.patching.operations import Shape, apply, read_operations

PERSON = {"PersonId": 1, "FullName": "Kari"}
ENTITY = {
    "Title": "Talk",
    "Person": PERSON,
    "Contact": None,
    "Links": [{"Id": 1}],
    "CustomFields": {"SuperOffice:1": "a", "x_b": "b"},
}


def shape_of(tokens):
    return Shape.DICTIONARY if tokens == ("CustomFields",) else Shape.RECORD


def spell(tokens, token):
    return {"contactid": "ContactId", "rank": "Rank"}.get(token.lower()) if tokens == ("Person",) else None


def steps(merge):
    return [
        (step.op, step.path) if step.op == "remove" else (step.op, step.path, step.value)
        for step in merge.operations
    ]


def merged(patch, target=ENTITY, **options):
    """Convert and apply, on a record unless told otherwise; gives the result and the unknown names."""
    options = {"shape_of": shape_of, "spell": None} | options
    before = copy.deepcopy((patch, target))
    merge = operations_of(patch, target, **options)
    result = apply(target, merge.operations, **options)
    assert (patch, target) == before
    return result, merge.unknown


def test_each_kind_of_value_has_its_operation():
    patch = {
        "Title": "x",
        "Person": {"FullName": None, "PersonId": 2},
        "Contact": {"ContactId": 3, "Name": None},
        "Links": {"Id": 2},
        "CustomFields": {"x_b": None, "x_c": "c", "x_d": None},
    }
    assert steps(operations_of(patch, ENTITY, shape_of=shape_of)) == [
        ("replace", "/Title", "x"),
        ("remove", "/Person/FullName"),
        ("replace", "/Person/PersonId", 2),
        ("replace", "/Contact", {"ContactId": 3}),
        ("add", "/Links/-", {"Id": 2}),
        ("remove", "/CustomFields/x_b"),
        ("add", "/CustomFields/x_c", "c"),
    ]


def test_operations_are_counted_and_written_as_a_caller_would():
    merge = operations_of({"b": 1, "a": {"x/y": 2}}, {"a": {}})
    assert [(step.index, step.path, step.tokens) for step in merge.operations] == [
        (0, "/b", ("b",)),
        (1, "/a/x~1y", ("a", "x/y")),
    ]


def test_an_empty_patch_does_nothing():
    assert operations_of({}, ENTITY).operations == ()
    assert merged({"Person": {}, "CustomFields": {}}) == (ENTITY, ())


def test_an_object_onto_an_array_is_appended():
    assert merged({"Links": {"Id": 2, "Text": None}})[0]["Links"] == [{"Id": 1}, {"Id": 2}]


def test_an_array_replaces_whatever_stands_there():
    links = [{"Id": None}, None, 5]
    assert merged({"Links": links, "Person": []})[0] == ENTITY | {"Links": links, "Person": []}


def test_an_object_onto_null_makes_the_object():
    assert merged({"Contact": {"ContactId": 1, "Foo": {"Bar": None}}}) == (
        ENTITY | {"Contact": {"ContactId": 1, "Foo": {}}},
        (),
    )


def test_null_makes_a_record_member_null_and_takes_a_dictionary_member_out():
    result, unknown = merged({"title": None, "Contact": None, "customfields": {"X_B": None, "x_none": None}})
    assert result == ENTITY | {"Title": None, "CustomFields": {"SuperOffice:1": "a"}}
    assert unknown == ()


def test_names_ignore_ascii_case_and_keep_the_targets_spelling():
    result, unknown = merged(
        {"title": "x", "PERSON": {"personid": 2}, "customFields": {"superoffice:1": "z"}}
    )
    assert result == ENTITY | {
        "Title": "x",
        "Person": PERSON | {"PersonId": 2},
        "CustomFields": {"SuperOffice:1": "z", "x_b": "b"},
    }
    assert unknown == ()


def test_of_two_names_for_one_member_the_last_counts():
    assert merged({"Title": "a", "title": "b"})[0]["Title"] == "b"
    assert merged({"title": None, "TITLE": "b"})[0]["Title"] == "b"
    assert merged({"CustomFields": {"x_b": None, "X_B": None, "x_n": "1", "X_N": "2"}})[0][
        "CustomFields"
    ] == {
        "SuperOffice:1": "a",
        "x_n": "2",
    }


def test_other_letters_are_other_names():
    assert merged({"T\u0131tle": 1, "LINK\u017f": 1, "\u212aey": 1})[1] == (
        "T\u0131tle",
        "LINK\u017f",
        "\u212aey",
    )


def test_names_that_differ_by_case_alone_stay_apart():
    target = {"a": 1, "A": 2}
    assert merged({"A": 3}, target, shape_of=lambda _: Shape.PLAIN)[0] == {"a": 1, "A": 3}
    assert merged({"A": 3, "b": 4}, target, shape_of=lambda _: Shape.PLAIN)[0] == {"a": 1, "A": 3, "b": 4}
    assert merged({"": 3}, {}, shape_of=lambda _: Shape.PLAIN)[0] == {"": 3}
    assert merged({"": 3, "b": 1}, {"": 1}, shape_of=lambda _: Shape.PLAIN)[0] == {"": 3, "b": 1}


def test_unknown_members_of_records_are_ignored_and_named():
    patch = {"Foo": 1, "person": {"Bar": {"x": 1}, "fullName": "Ola"}, "__proto__": None, "a/b": 2}
    assert merged(patch) == (
        ENTITY | {"Person": {"PersonId": 1, "FullName": "Ola"}},
        ("Foo", "__proto__", "a~1b", "Person/Bar"),
    )


def test_members_that_a_record_can_have_are_taken():
    result, unknown = merged({"Person": {"RANK": 5, "contactId": None, "Foo": 1}}, spell=spell)
    assert result["Person"] == PERSON | {"Rank": 5}
    assert unknown == ("Person/Foo",)


def test_many_new_members_are_no_more_work_than_few():
    patch = {"CustomFields": {f"x_{number}": "v" for number in range(250)}}
    target = ENTITY | {"CustomFields": {f"SuperOffice:{number}": "v" for number in range(250)}}
    assert len(merged(patch, target)[0]["CustomFields"]) == 500


def test_operations_of_a_merge_can_be_sent_as_a_json_patch():
    patch = {"Title": None, "Person": {"FullName": "x"}, "Links": {"Id": 2}}
    merge = operations_of(patch, ENTITY)
    document = [{"op": step.op, "path": step.path, "value": step.value} for step in merge.operations]
    assert apply(ENTITY, read_operations(document)) == apply(ENTITY, merge.operations)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"a": None}, {}),
        ({"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": [None, {"b": None}]}, {"a": [None, {"b": None}]}),
        (None, None),
        (5, 5),
    ],
)
def test_without_nulls(value, result):
    assert without_nulls(value) == result
