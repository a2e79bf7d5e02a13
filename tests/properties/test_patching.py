"""What holds for every patch: against the RFC's own algorithm, and against the jsonpatch library."""

import copy
from typing import Any

import jsonpatch
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from appointed.domain.errors import PatchRejected
from appointed.patching.merge import operations_of
from appointed.patching.operations import MOST_OPERATIONS, Shape, apply, equal, read_operations
from appointed.patching.pointer import fold, member_of, parse, write

many = settings(max_examples=200, deadline=None, derandomize=True)

# Few and short names, so that patches meet what they patch; none differ by case alone.
names = st.sampled_from(["a", "b", "c/d", "m~n", "", "0", "é"])
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.sampled_from(["", "a", "60"])
)
# Values on which Python's and JSON's equality agree, and in which the library cannot look for an index.
plain_scalars = st.one_of(st.none(), st.integers(2, 9), st.just(""))


def values(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=12,
    )


def objects(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(names, values(leaves), max_size=4)


def places(value: Any) -> list[tuple[str, ...]]:
    """All paths into a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((str(key), *rest) for key, item in inner for rest in places(item))]


@st.composite
def patches(draw: st.DrawFn, document: Any, leaves: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    """Draw operations that mostly point at something: a place, beside it, or below it."""
    operations = []
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.sampled_from(places(document)))
        more = draw(st.one_of(st.just(()), st.tuples(names | st.sampled_from(["-", "1", "2", "01"]))))
        op = draw(st.sampled_from(["add", "replace", "remove", "test"]))
        operation = {"op": op, "path": write(place + more)}
        if op != "remove":
            operation["value"] = draw(values(leaves))
        operations.append(operation)
    return operations


def rfc7396(target: Any, patch: Any) -> Any:
    """RFC 7396 §2, but for an object onto an array, which is added to it."""
    if not isinstance(patch, dict):
        return patch
    if isinstance(target, list):
        return [*target, rfc7396({}, patch)]
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = rfc7396(result.get(name), value)
    return result


def applied(document: Any, operations: list[dict[str, Any]], **options: Any) -> Any:
    """The result, or the class of the refusal."""
    try:
        return apply(document, read_operations(operations), **options)
    except PatchRejected as error:
        refusal = error
    assert refusal.index is not None
    assert refusal.path == operations[refusal.index]["path"]
    return type(refusal)


@many
@given(objects(scalars), objects(scalars))
def test_merging_by_operations_equals_rfc_7396(target, patch):
    before = copy.deepcopy((target, patch))
    merge = operations_of(patch, target)
    assert equal((), apply(target, merge.operations), rfc7396(target, patch))
    assert equal((), [target, patch], list(before))
    assert merge.unknown == ()


@many
@given(objects(scalars), objects(scalars))
def test_merging_ignores_the_case_of_names(target, patch):
    def shouted(value: Any) -> Any:
        ascii_only = str.maketrans("abcdmn", "ABCDMN")
        return (
            {name.translate(ascii_only): shouted(item) for name, item in value.items()}
            if type(value) is dict
            else value
        )

    ours = apply(target, operations_of(shouted(patch), target).operations)
    assert equal((), folded(ours), folded(rfc7396(target, patch)))


def folded(value: Any) -> Any:
    if isinstance(value, list):
        return [folded(item) for item in value]
    return {fold(name): folded(item) for name, item in value.items()} if isinstance(value, dict) else value


@many
@given(st.data(), objects(scalars), st.sampled_from(Shape))
def test_a_patch_never_changes_its_input_nor_itself(data, document, shape):
    operations = data.draw(patches(document, scalars))
    before = copy.deepcopy((document, operations))
    first = applied(document, operations, shape_of=lambda _: shape)
    event("refused" if isinstance(first, type) else "applied")
    assert equal((), [document, operations], list(before))
    again = applied(document, operations, shape_of=lambda _: shape)
    assert first is again if isinstance(first, type) else equal((), first, again)


@many
@given(st.data(), objects(plain_scalars))
def test_the_jsonpatch_library_agrees(data, document):
    operations = data.draw(patches(document, plain_scalars))
    # The library forgets the document when the root is removed, where we refuse.
    assume(not any(operation["path"] == "" and operation["op"] == "remove" for operation in operations))
    ours = applied(document, operations)
    try:
        theirs = jsonpatch.apply_patch(document, operations)
    except Exception:  # noqa: BLE001 - it refuses with whatever Python's containers raise
        assert isinstance(ours, type), ours
    else:
        assert not isinstance(ours, type), ours
        assert equal((), ours, theirs)
    event("refused" if isinstance(ours, type) else "applied")


@many
@given(st.data(), objects(plain_scalars), objects(plain_scalars))
def test_the_jsonpatch_librarys_own_patches_apply(data, before, after):
    operations = [
        step for step in jsonpatch.make_patch(before, after).patch if step["op"] not in ("move", "copy")
    ]
    assume(len(operations) == len(jsonpatch.make_patch(before, after).patch) <= MOST_OPERATIONS)
    assert equal((), applied(before, operations), after)


@many
@given(st.data(), objects(scalars))
def test_a_record_keeps_its_members(data, document):
    operations = [step for step in data.draw(patches(document, scalars)) if step["path"]]
    result = applied(document, operations, shape_of=lambda _: Shape.RECORD)
    assert isinstance(result, type) or result.keys() == document.keys()


@many
@given(st.lists(st.text(st.sampled_from("ab~/-0é"), max_size=3), max_size=6).map(tuple))
def test_pointers_are_written_and_read_alike(tokens):
    assert parse(write(tokens)) == tokens


@many
@given(st.text(max_size=300))
def test_any_text_is_a_pointer_or_refused(text):
    try:
        tokens = parse(text)
    except PatchRejected:
        assert "~" in text or len(text.encode("utf-8", "surrogatepass")) > 256 or text.count("/") >= 32
    else:
        assert write(tokens).removeprefix("/") == text.removeprefix("/")


@many
@given(st.text(max_size=20), st.text(max_size=20))
def test_folding_is_of_ascii_alone(one, other):
    assert fold(one) == one.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    assert (member_of({one: 1}, other) == one) == (fold(one) == fold(other))


json_like = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@many
@given(
    st.lists(
        json_like | st.fixed_dictionaries({"op": json_like, "path": json_like, "value": json_like}),
        max_size=4,
    )
)
def test_any_document_is_a_patch_or_refused(document):
    try:
        operations = read_operations(document)
    except PatchRejected as error:
        named = error.index
    else:
        named = len(operations) - 1
    assert named in range(-1, len(document))
