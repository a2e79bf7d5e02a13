"""Elements of an array named by one of their members, in a JSON Patch and in a merge patch."""

from typing import Any

import pytest

from appointed.domain.errors import InvalidPatch, InvalidPointer, PatchRejected, PathNotFound
from appointed.patching.identity import Identities, Identity, identity_of, is_one
from appointed.patching.merge import operations_of
from appointed.patching.operations import apply, read_operations
from appointed.patching.pointer import Tokens

IDENTITIES: Identities = {"id": ("Id", True), "mail": ("Mail", False)}
PEOPLE: dict[str, Any] = {
    "People": [{"Id": 1, "Mail": "a"}, {"Id": 2, "Mail": "B"}, 7, {"Id": 3, "Mail": "b"}]
}


def by(tokens: Tokens) -> Identities:
    return IDENTITIES if tokens == ("People",) else {}


def patched(op: str, path: str, value: Any = None) -> list[Any]:
    operations = read_operations([{"op": op, "path": path, "value": value}])
    return list(apply(PEOPLE, operations, identities_of=by)["People"])


def test_each_operation_finds_its_element() -> None:
    assert patched("remove", "/People/Id=1") == PEOPLE["People"][1:]
    assert patched("replace", "/People/ID=2", {"Mail": "c"})[1] == {"Id": 2, "Mail": "c"}
    assert patched("add", "/People/id=9", {"x": 1})[-1] == {"Id": 9, "x": 1}
    assert patched("add", "/People/Id=3", {"id": 3})[-1] == {"id": 3}
    assert patched("replace", "/People/Id=1/Mail", "z")[0] == {"Id": 1, "Mail": "z"}
    assert patched("test", "/People/Mail=A/Id", 1) == PEOPLE["People"]


@pytest.mark.parametrize(
    ("op", "path", "value", "error"),
    [
        ("remove", "/People/Id=8", None, PathNotFound),
        # Two go by this address.
        ("remove", "/People/Mail=b", None, PathNotFound),
        ("add", "/People/Mail=b", {}, PathNotFound),
        ("add", "/People/Id=1", {"Id": 2}, InvalidPatch),
        ("add", "/People/Id=1", 5, InvalidPatch),
        ("add", "/People/Name=1", {}, InvalidPointer),
        ("add", "/People/Id=one", {}, InvalidPointer),
    ],
)
def test_what_names_none_or_several_is_refused(
    op: str, path: str, value: Any, error: type[PatchRejected]
) -> None:
    with pytest.raises(error) as caught:
        patched(op, path, value)
    assert (caught.value.index, caught.value.path) == (0, path)


def merged(patch: dict[str, Any]) -> Any:
    merge = operations_of(patch, PEOPLE, identities_of=by)
    return apply(PEOPLE, merge.operations, identities_of=by)["People"]


def test_a_merge_patch_merges_into_elements() -> None:
    assert merged({"People": {"Id=1": {"Mail": "z"}}})[0] == {"Id": 1, "Mail": "z"}
    assert merged({"People": {"Id=9": {"Mail": "n", "x": None}}})[-1] == {"Id": 9, "Mail": "n"}
    assert merged({"People": {"Id=1": None, "Id=8": None}}) == PEOPLE["People"][1:]
    assert merged({"People": {"Id=1": {"Mail": None}}})[0] == {"Id": 1}
    # Any other object is appended, as ever.
    assert merged({"People": {"Id=1": {}, "Id": 9}})[-1] == {"Id=1": {}, "Id": 9}
    with pytest.raises(InvalidPatch):
        merged({"People": {"Id=1": 5}})


def test_identities_are_read_strictly() -> None:
    assert identity_of("ID=007", IDENTITIES) == Identity("Id", 7)
    for token in ("Id", "Id=", "Id=0", "Id=-1", "Id=٣", "Id=" + "1" * 19, "=1", "Other=1"):
        assert identity_of(token, IDENTITIES) is None
    assert not is_one({"Id": True}, Identity("Id", 1))
    assert not is_one({}, Identity("Id", 1))
    assert not is_one({"Mail": 1}, Identity("Mail", "1"))
