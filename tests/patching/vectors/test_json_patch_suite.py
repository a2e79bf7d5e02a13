"""The community's JSON Patch records (npm package json-patch-test-suite), and where we differ on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest

from appointed.domain.errors import InvalidPatch, OperationNotSupported, PatchRejected, PathNotFound
from appointed.patching.operations import Shape, apply, equal, plain, read_operations

PACKAGE = Path(__file__).parents[2] / "clients" / "node_modules" / "json-patch-test-suite"
REFUSED = object()


def records(name: str) -> list[dict[str, Any]]:
    path = PACKAGE / name
    if not path.exists():
        pytest.fail(f"{path} is missing: run npm ci --prefix tests/clients", pytrace=False)
    return json.loads(path.read_text())


# The records that their authors disabled take part as well: all of them have one right answer.
ALL = {
    f"{name}-{number}": record
    for name in ("spec_tests", "tests")
    for number, record in enumerate(records(f"{name}.json"))
}

# PATCH Appointment/{id}: "move" and "copy" not supported.
MOVE_OR_COPY = {
    "spec_tests-6",
    "spec_tests-7",
    "tests-44",
    "tests-45",
    "tests-55",
    "tests-56",
    "tests-57",
    "tests-58",
}

# PATCH Appointment/{id}: the path is case insensitive, the leading slash optional.
# Records of the suite's later versions, with its answers and ours.
LENIENT = [
    (
        {"foo": "bar"},
        {"op": "add", "path": "/FOO", "value": "BAR"},
        {"foo": "bar", "FOO": "BAR"},
        {"foo": "BAR"},
    ),
    ({"foo": "bar"}, {"op": "remove", "path": "/Foo"}, REFUSED, {}),
    ({"foo": "bar"}, {"op": "test", "path": "/fOO", "value": "bar"}, REFUSED, {"foo": "bar"}),
    ({}, {"op": "add", "path": "foo", "value": "bar"}, REFUSED, {"foo": "bar"}),
    ({"foo": {"a": 1}}, {"op": "replace", "path": "foo/a", "value": 2}, REFUSED, {"foo": {"a": 2}}),
]

# A carrier's members are fixed: none can be added, one that is removed is null, and it stays an object.
CLOSED: dict[str, Any] = {
    "spec_tests-1": PathNotFound,
    "spec_tests-3": {"baz": None, "foo": "bar"},
    "spec_tests-10": PathNotFound,
    "spec_tests-11": PathNotFound,
    "tests-8": PathNotFound,
    "tests-9": PathNotFound,
    "tests-10": InvalidPatch,
    "tests-11": PathNotFound,
    "tests-12": PathNotFound,
    "tests-13": PathNotFound,
    "tests-14": PathNotFound,
    "tests-17": PathNotFound,
    "tests-18": PathNotFound,
    "tests-19": PathNotFound,
    "tests-20": PathNotFound,
    "tests-30": {"foo": 1, "bar": None},
    "tests-31": {"foo": 1, "baz": [{"qux": None}]},
    "tests-46": {"foo": None},
}


def suites_answer(record: dict[str, Any]) -> Any:
    return REFUSED if "error" in record else record.get("expected", record["doc"])


def our_answer(record: dict[str, Any], shape: Shape = Shape.PLAIN, *, exact: bool = False) -> Any:
    """What we make of it: a value, or the class of the refusal."""
    try:
        return apply(record["doc"], read_operations(record["patch"], exact=exact), shape_of=lambda _: shape)
    except PatchRejected as error:
        return type(error)


def agree(ours: Any, theirs: Any) -> bool:
    return theirs is REFUSED if isinstance(ours, type) else theirs is not REFUSED and equal((), ours, theirs)


def test_the_suite_is_whole():
    assert len(ALL) == 95
    assert {"doc", "patch"} <= set.intersection(*map(set, ALL.values()))


@pytest.mark.parametrize("name", sorted(ALL.keys() - MOVE_OR_COPY))
@pytest.mark.parametrize("exact", [False, True])
def test_we_agree_with_the_suite(name, exact):
    record = ALL[name]
    before = json.dumps(record)
    assert agree(our_answer(record, exact=exact), suites_answer(record)), record
    assert json.dumps(record) == before


def test_move_and_copy_are_refused():
    using = {
        name
        for name, record in ALL.items()
        if any(step.get("op") in ("move", "copy") for step in record["patch"])
    }
    assert {our_answer(ALL[name]) for name in using} == {OperationNotSupported}
    assert {
        name for name in using if not agree(OperationNotSupported, suites_answer(ALL[name]))
    } == MOVE_OR_COPY


@pytest.mark.parametrize(("doc", "operation", "theirs", "ours"), LENIENT)
def test_paths_are_read_leniently(doc, operation, theirs, ours):
    assert our_answer({"doc": doc, "patch": [operation]}) == ours
    assert ours != theirs


@pytest.mark.parametrize("name", sorted(ALL.keys() - MOVE_OR_COPY))
def test_on_carriers_only_the_listed_records_differ(name):
    ours = our_answer(ALL[name], Shape.RECORD)
    if name in CLOSED:
        assert ours == CLOSED[name]
        assert not agree(ours, suites_answer(ALL[name]))
    else:
        assert agree(ours, suites_answer(ALL[name])), ALL[name]


def test_objects_are_plain_unless_the_caller_says_otherwise():
    assert plain(()) is Shape.PLAIN
