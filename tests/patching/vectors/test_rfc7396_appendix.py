"""RFC 7396's own examples; the one that puts an object onto an array differs on purpose."""

import json
from pathlib import Path

import pytest

from appointed.patching.merge import operations_of
from appointed.patching.operations import apply

TABLE = json.loads((Path(__file__).parents[2] / "data" / "rfc7396_appendix.json").read_text())
CASES = [
    pytest.param(case["original"], case["patch"], case["result"], id=str(n))
    for n, case in enumerate(TABLE["cases"])
]
DIRECT = [case for case in CASES if isinstance(case.values[0], dict) and isinstance(case.values[1], dict)]

# PATCH Appointment/{id}: an object given where an array stands is added to it.
APPENDED = {"13": [1, 2, {"a": "b"}]}


def merged(target, patch):
    return apply(target, operations_of(patch, target).operations)


def test_the_table_is_whole():
    assert len(CASES) == 15
    assert len(DIRECT) == 10


@pytest.mark.parametrize(("original", "patch", "result"), DIRECT)
def test_at_the_root(original, patch, result):
    assert merged(original, patch) == result


@pytest.mark.parametrize(("original", "patch", "result"), CASES)
def test_inside_a_member(original, patch, result, request):
    expected = APPENDED.get(request.node.callspec.id, result)
    after = merged({"member": original, "other": 1}, {"member": patch})
    assert after == {"other": 1} | ({} if expected is None else {"member": expected})
