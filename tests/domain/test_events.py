"""What the steps of an event's patch are about, and what they make of a document."""

import pytest

from appointed.domain.events import member_of, replaced

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
