"""The patch from one object to another, and its inverse."""

import pytest

from appointed.patching.diff import diff
from appointed.patching.operations import apply, read_operations


def test_only_what_differs_is_named():
    before = {"a": 1, "b": [1], "c": {"x": 1}, "d": None, "m~/n": 1}
    after = {"a": 1, "b": [1, 2], "c": {"x": 1}, "e": None, "m~/n": 2}
    assert diff(before, after) == [
        {"op": "remove", "path": "/d"},
        {"op": "replace", "path": "/b", "value": [1, 2]},
        {"op": "add", "path": "/e", "value": None},
        {"op": "replace", "path": "/m~0~1n", "value": 2},
    ]
    assert diff(after, before) == [
        {"op": "remove", "path": "/e"},
        {"op": "replace", "path": "/b", "value": [1]},
        {"op": "add", "path": "/d", "value": None},
        {"op": "replace", "path": "/m~0~1n", "value": 1},
    ]


def test_nothing_differs():
    assert diff({}, {}) == []
    assert diff({"a": 1, "b": {"x": [1.0]}}, {"b": {"x": [1]}, "a": 1}) == []


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (None, ""), ("1", 1), ([0], [False])])
def test_a_change_of_type_is_a_change(one, other):
    assert diff({"a": one}, {"a": other}) == [{"op": "replace", "path": "/a", "value": other}]


def test_names_that_differ_by_case_alone_come_back():
    before, after = {"A": 1}, {"a": 2, "A": 1}
    assert apply(before, read_operations(diff(before, after), exact=True)) == after
    assert apply(after, read_operations(diff(after, before), exact=True)) == before
