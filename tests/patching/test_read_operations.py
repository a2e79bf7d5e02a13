"""A JSON Patch document is read whole before anything is applied."""

import pytest

from appointed.domain.errors import (
    InvalidPatch,
    InvalidPointer,
    OperationNotSupported,
    PatchRejected,
    TooManyOperations,
)
from appointed.patching.operations import MOST_OPERATIONS, Operation, read_operations, touched

GOOD = {"op": "replace", "path": "/Title", "value": "x"}


def test_operations_keep_their_order_place_and_spelling():
    document = [{"op": "test", "path": "title", "value": None}, {"op": "remove", "path": "/Links/0"}]
    assert read_operations(document) == (
        Operation("test", ("title",), None, 0, "title"),
        Operation("remove", ("Links", "0"), None, 1, "/Links/0"),
    )


def test_no_operations():
    assert read_operations([]) == ()


@pytest.mark.parametrize("names", [("OP", "Path", "vaLue"), ("op", "PATH", "Value"), ("Op", "path", "value")])
def test_names_of_an_operations_own_members_ignore_ascii_case(names):
    (plainly,) = read_operations([{"op": "add", "path": "/a", "value": 1}])
    assert read_operations([dict(zip(names, ("add", "/a", 1), strict=True))]) == (plainly,)


def test_other_members_are_ignored():
    assert read_operations([GOOD | {"from": "/b", "xyz": 123}]) == read_operations([GOOD])


def test_remove_needs_no_value_and_ignores_one():
    with_value, without = read_operations(
        [{"op": "remove", "path": "/a", "value": 1}, {"op": "remove", "path": "/a"}]
    )
    assert (with_value.op, with_value.tokens) == (without.op, without.tokens)


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (5, InvalidPatch),
        (None, InvalidPatch),
        ([], InvalidPatch),
        ("remove", InvalidPatch),
        ({}, InvalidPatch),
        ({"path": "/a", "value": 1}, InvalidPatch),
        ({"op": None, "path": "/a", "value": 1}, InvalidPatch),
        ({"op": 5, "path": "/a", "value": 1}, InvalidPatch),
        ({"op": ["add"], "path": "/a", "value": 1}, InvalidPatch),
        ({"op": {"add": 1}, "path": "/a", "value": 1}, InvalidPatch),
        ({"op": "spam", "path": "/a", "value": 1}, InvalidPatch),
        ({"op": "", "path": "/a", "value": 1}, InvalidPatch),
        ({"op": "Add", "path": "/a", "value": 1}, InvalidPatch),
        ({"op": "add", "value": 1}, InvalidPatch),
        ({"op": "add", "path": None, "value": 1}, InvalidPatch),
        ({"op": "add", "path": ["a"], "value": 1}, InvalidPatch),
        ({"op": "add", "path": "/a"}, InvalidPatch),
        ({"op": "replace", "path": "/a"}, InvalidPatch),
        ({"op": "test", "path": "/a"}, InvalidPatch),
        ({"op": "add", "OP": "remove", "path": "/a"}, InvalidPatch),
        ({"op": "move", "from": "/a", "path": "/b"}, OperationNotSupported),
        ({"op": "copy", "from": "/a", "path": "/b"}, OperationNotSupported),
        ({"op": "move"}, OperationNotSupported),
        ({"op": "add", "path": "/~2", "value": 1}, InvalidPointer),
        ({"op": "remove", "path": "/a~"}, InvalidPointer),
    ],
)
def test_a_bad_operation_is_named(entry, error):
    with pytest.raises(PatchRejected) as caught:
        read_operations([GOOD, entry])
    assert type(caught.value) is error
    assert caught.value.index == 1
    path = entry.get("path") if isinstance(entry, dict) else None
    assert caught.value.path in (None, path)
    assert caught.value.reason


def test_a_bad_operation_is_named_with_its_path():
    for entry in ({"op": "spam", "path": "/a"}, {"op": "add", "path": "/a"}, {"op": "move", "path": "/a"}):
        with pytest.raises(PatchRejected) as caught:
            read_operations([entry])
        assert caught.value.path == "/a"


def test_a_patch_has_at_most_100_operations():
    assert len(read_operations([GOOD] * 100)) == 100
    with pytest.raises(TooManyOperations) as caught:
        read_operations([GOOD] * 101)
    assert caught.value.index == MOST_OPERATIONS == 100


def test_the_members_touched_are_named_once_and_folded():
    paths = ["/Title", "title", "Person/PersonId", "/CUSTOMFIELDS/x", "/\u212a"]
    operations = read_operations([{"op": "remove", "path": path} for path in paths])
    assert touched(operations) == {"title", "person", "customfields", "\u212a"}
    assert touched(()) == set()


def test_the_root_is_touched_under_the_empty_name():
    assert "" in touched(read_operations([{"op": "add", "path": "", "value": {}}, GOOD]))
