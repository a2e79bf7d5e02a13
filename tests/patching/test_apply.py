"""Operations on plain JSON values: RFC 6902, with names that ignore ASCII case."""

import copy

import pytest

from appointed.domain.errors import (
    InvalidPatch,
    InvalidPointer,
    PatchRejected,
    PathNotFound,
    TestFailed,
    TooManyOperations,
)
from appointed.patching.operations import apply, equal, read_operations
from tests.work import steps


def patched(value, *operations, **options):
    before = copy.deepcopy(value)
    steps = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
    try:
        return apply(value, read_operations(steps), **options)
    finally:
        assert equal((), value, before), "the input was changed"


def refused(value, *operations, **options):
    with pytest.raises(PatchRejected) as caught:
        patched(value, *operations, **options)
    return caught.value


def test_no_operations_give_the_value_itself():
    value = {"a": 1}
    assert apply(value, ()) is value


@pytest.mark.parametrize(
    ("value", "operation", "result"),
    [
        ({"a": 1}, ("add", "/b", 2), {"a": 1, "b": 2}),
        ({"a": 1}, ("add", "/a", 2), {"a": 2}),
        ({"a": None}, ("add", "/a", 2), {"a": 2}),
        ({"a": [1]}, ("add", "/a", [2]), {"a": [2]}),
        ({"a": {"x": 1}}, ("add", "/a", {"y": 2}), {"a": {"y": 2}}),
        ({"a": [1, 3]}, ("add", "/a/1", 2), {"a": [1, 2, 3]}),
        ({"a": [1, 3]}, ("add", "/a/0", 0), {"a": [0, 1, 3]}),
        ({"a": [1, 3]}, ("add", "/a/2", 4), {"a": [1, 3, 4]}),
        ({"a": [1, 3]}, ("add", "/a/-", 4), {"a": [1, 3, 4]}),
        ({"a": []}, ("add", "/a/-", {"x": 1}), {"a": [{"x": 1}]}),
        ({"a": [{"x": 1}]}, ("add", "/a/0/y", 2), {"a": [{"x": 1, "y": 2}]}),
        ({"a": [[1]]}, ("add", "/a/0/-", 2), {"a": [[1, 2]]}),
        ({"-": 1}, ("add", "/-", 2), {"-": 2}),
        ({"0": 1}, ("replace", "/0", 2), {"0": 2}),
        ({"a": 1}, ("replace", "/a", None), {"a": None}),
        ({"a": None}, ("replace", "/a", 1), {"a": 1}),
        ({"a": {"b": {"c": 1}}}, ("replace", "/a/b/c", 2), {"a": {"b": {"c": 2}}}),
        ({"a": [1, 2]}, ("replace", "/a/1", 3), {"a": [1, 3]}),
        ({"a": [{"x": 1}]}, ("replace", "/a/0", {}), {"a": [{}]}),
        ({"a": {"x": 1}}, ("replace", "/a", {"y": 2}), {"a": {"y": 2}}),
        ({"a": 1, "b": 2}, ("remove", "/a"), {"b": 2}),
        ({"a": [1, 2, 3]}, ("remove", "/a/1"), {"a": [1, 3]}),
        ({"a": {"b": 1}}, ("remove", "/a/b"), {"a": {}}),
        ({"a": 1}, ("replace", "", {"b": 2}), {"b": 2}),
        ({"a": 1}, ("add", "", [1]), [1]),
        ([1], ("add", "/-", 2), [1, 2]),
        ({"": {"": 1}}, ("replace", "//", 2), {"": {"": 2}}),
    ],
)
def test_one_operation(value, operation, result):
    assert patched(value, operation) == result


@pytest.mark.parametrize(
    ("value", "operation", "error"),
    [
        ({"a": 1}, ("replace", "/b", 2), PathNotFound),
        ({"a": 1}, ("remove", "/b"), PathNotFound),
        ({"a": 1}, ("test", "/b", None), PathNotFound),
        ({"a": 1}, ("add", "/b/c", 2), PathNotFound),
        ({"a": 1}, ("add", "/a/b", 2), PathNotFound),
        ({"a": "text"}, ("test", "/a/0", "t"), PathNotFound),
        ({"a": None}, ("add", "/a/b", 2), PathNotFound),
        ({"a": None}, ("test", "/a/b", None), PathNotFound),
        ({"a": [1]}, ("add", "/a/2", 2), PathNotFound),
        ({"a": [1]}, ("replace", "/a/1", 2), PathNotFound),
        ({"a": [1]}, ("remove", "/a/1"), PathNotFound),
        ({"a": [1]}, ("test", "/a/1", 1), PathNotFound),
        ({"a": [1]}, ("add", "/a/1/b", 2), PathNotFound),
        ({"a": [1]}, ("add", "/a/-/b", 2), InvalidPointer),
        ({"a": [1]}, ("replace", "/a/-", 2), InvalidPointer),
        ({"a": [1]}, ("remove", "/a/-"), InvalidPointer),
        ({"a": [1]}, ("test", "/a/-", 1), InvalidPointer),
        ({"a": [1, 2]}, ("add", "/a/01", 2), InvalidPointer),
        ({"a": [1, 2]}, ("replace", "/a/-1", 2), InvalidPointer),
        ({"a": [1, 2]}, ("remove", "/a/1e0"), InvalidPointer),
        ({"a": [1, 2]}, ("test", "/a/١", 2), InvalidPointer),
        ({"a": [1, 2]}, ("add", "/a/99999999999", 2), InvalidPointer),
        ({"a": [[1]]}, ("add", "/a/00/-", 2), InvalidPointer),
        ({"a": [1]}, ("add", "/a/b", 2), InvalidPointer),
        ({"a": 1}, ("remove", ""), InvalidPatch),
        ({"a": 1}, ("test", "", {"a": 2}), TestFailed),
    ],
)
def test_one_bad_operation(value, operation, error):
    caught = refused(value, ("test", "", value), operation)
    assert (type(caught), caught.index, caught.path) == (error, 1, operation[1])


def test_names_ignore_ascii_case_at_every_level():
    value = {"Person": {"FullName": "a"}, "Links": [{"EntityName": "x"}]}
    assert patched(value, ("replace", "person/fullname", "b"), ("replace", "LINKS/0/entityNAME", "y")) == {
        "Person": {"FullName": "b"},
        "Links": [{"EntityName": "y"}],
    }
    assert patched(value, ("add", "/person", 1), ("test", "PERSON", 1)) == value | {"Person": 1}


def test_exact_operations_tell_names_by_case():
    operations = read_operations([{"op": "add", "path": "/FOO", "value": "BAR"}], exact=True)
    assert apply({"foo": "bar"}, operations) == {"foo": "bar", "FOO": "BAR"}


def test_names_resolve_against_what_earlier_operations_left():
    assert patched({}, ("add", "/Foo", {}), ("add", "/foo/bar", 1), ("replace", "/FOO/BAR", 2)) == {
        "Foo": {"bar": 2}
    }
    assert patched({"a": [1, 2, 3]}, ("remove", "/a/0"), ("replace", "/a/0", 9)) == {"a": [9, 3]}
    assert patched({"a": 1}, ("remove", "/a"), ("add", "/A", 2)) == {"A": 2}
    assert refused({"a": 1}, ("remove", "/a"), ("replace", "/a", 2)).index == 1
    assert patched({"a": 1}, ("replace", "", {"b": {}}), ("add", "/b/c", 1)) == {"b": {"c": 1}}


def test_all_or_nothing():
    value = {"a": 1, "b": [1, {"c": 2}]}
    failed = refused(value, ("replace", "/a", 2), ("add", "/b/1/d", 3), ("remove", "/b/0"), ("test", "/a", 1))
    assert isinstance(failed, TestFailed)
    assert (failed.index, failed.path) == (3, "/a")


def test_the_patchs_own_values_are_never_changed():
    operations = read_operations(
        [
            {"op": "add", "path": "/a", "value": {"list": [1], "deep": {"x": 1}}},
            {"op": "add", "path": "/a/list/-", "value": 2},
            {"op": "replace", "path": "/a/deep/x", "value": 2},
            {"op": "add", "path": "/b", "value": [[]]},
            {"op": "add", "path": "/b/0/-", "value": 1},
        ]
    )
    first = apply({}, operations)
    assert first == {"a": {"list": [1, 2], "deep": {"x": 2}}, "b": [[1]]}
    assert apply({}, operations) == first
    assert operations[0].value == {"list": [1], "deep": {"x": 1}}


def test_what_is_not_changed_is_not_copied():
    value = {"a": {"x": 1}, "b": {"y": [1]}, "c": [{"z": 1}, {"z": 2}]}
    result = patched(value, ("replace", "/a/x", 2), ("replace", "/c/1/z", 3))
    assert result["b"] is value["b"]
    assert result["c"][0] is value["c"][0]
    assert apply(value, read_operations([{"op": "test", "path": "/a/x", "value": 1}])) is value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (60.0, 60),
        ("a", "a"),
        (None, None),
        (True, True),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
        ([], []),
        ((1, "a"), [1, "a"]),
        (2**63, 2**63),
    ],
)
def test_equal(one, other):
    assert equal((), one, other)
    assert equal((), other, one)
    assert patched({"a": one}, ("test", "/a", other)) == {"a": one}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (0, None),
        ("60", 60),
        ([60], 60),
        ("a", "A"),
        ("", None),
        ([1], [True]),
        ([1, 2], [2, 1]),
        ([1], [1, 2]),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"A": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({}, []),
        ({}, None),
        (2**53 + 1, float(2**53)),
    ],
)
def test_not_equal(one, other):
    assert not equal((), one, other)
    assert not equal((), other, one)
    assert isinstance(refused({"a": one}, ("test", "/a", other)), TestFailed)


def test_the_callers_comparer_gets_real_names():
    seen = []

    def same(tokens, actual, expected):
        seen.append((tokens, actual, expected))
        return True

    value = {"Links": [{"Id": 1}], "Title": "a"}
    patched(value, ("test", "links/0/ID", "1"), ("test", "title", None), ("test", "", 5), same=same)
    assert seen == [(("Links", "0", "Id"), 1, "1"), (("Title",), "a", None), ((), value, 5)]


def test_the_callers_comparer_decides():
    assert patched({"a": 1}, ("test", "/a", 2), same=lambda *_: True) == {"a": 1}
    assert isinstance(refused({"a": 1}, ("test", "/a", 1), same=lambda *_: False), TestFailed)


def test_work_is_bounded():
    value = {f"name{number}": 1 for number in range(1000)}
    caught = refused(value, *[("replace", "/NAME999", 2)] * 100)
    assert isinstance(caught, TooManyOperations)
    assert 0 < (caught.index or 0) < 100
    assert caught.path == "/NAME999"


def test_a_big_array_is_copied_once():
    value = {"a": list(range(9_000))}
    result = patched(value, *[("add", "/a/0", 0)] * 100)
    assert len(result["a"]) == 9_100
    # One member of the object and all elements of the array are copied.
    assert patched(value, ("add", "/a/-", 0), budget=9_001)
    assert isinstance(refused(value, ("add", "/a/-", 0), budget=9_000), TooManyOperations)


def test_deep_paths_and_a_full_patch_take_little_work():
    value: dict = {}
    for _ in range(31):
        value = {"a": value, **{f"k{number}": number for number in range(100)}}
    operations = read_operations([{"op": "add", "path": "/A" * 31 + "/b", "value": [1]}] * 100)
    with steps() as work, pytest.raises(TooManyOperations):
        apply(value, operations)
    assert work.number <= 30_000
