"""What the steps of an event's patch are about, and what they make of a document."""

import pytest

from appointed.domain.events import differences, member_of, replaced

BEFORE = {"title": "a", "participants": [{"key": 1}, {"key": 2}]}


@pytest.mark.parametrize(
    ("path", "member"), [("", ""), ("/title", "title"), ("/participants/12", "participants")]
)
def test_a_path_names_its_member(path: str, member: str) -> None:
    assert member_of(path) == member


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("/title", "b", BEFORE | {"title": "b"}),
        ("/location", "c", BEFORE | {"location": "c"}),
        ("/participants", [], BEFORE | {"participants": []}),
        ("/participants/1", {"key": 3}, BEFORE | {"participants": [{"key": 1}, {"key": 3}]}),
    ],
)
def test_a_step_replaces_a_member_or_one_item_of_it(path: str, value: object, after: object) -> None:
    assert replaced(BEFORE, path, value) == after
    assert BEFORE == {"title": "a", "participants": [{"key": 1}, {"key": 2}]}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("a", "b", [("/name", "a", "b")]),
        ((1, 2), (1, 2, 3), [("/name", (1, 2), (1, 2, 3))]),
        ((1, 2, 3), (1, 4, 5), [("/name/1", 2, 4), ("/name/2", 3, 5)]),
        (None, (1,), [("/name", None, (1,))]),
        ((1,), None, [("/name", (1,), None)]),
    ],
    ids=["plain", "longer", "items", "from nothing", "to nothing"],
)
def test_a_list_that_stays_as_long_differs_by_its_items(old: object, new: object, found: object) -> None:
    assert list(differences("name", old, new)) == found
