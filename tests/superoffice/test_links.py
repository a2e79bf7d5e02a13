"""Links keep their ids, by id and by what they point to."""

import pytest

from appointed.domain.appointment import Link
from appointed.superoffice.render import entity_tree
from tests.superoffice.editing import patch, problems
from tests.superoffice.rows import DEMO_EYES, full

OLD = full().links[0]


def with_list(items):
    return patch([{"op": "add", "path": "Links", "value": items}]).appointment.links


def test_the_same_list_changes_nothing():
    assert with_list(entity_tree(full(), DEMO_EYES.of(full()))["Links"]) == (OLD,)


def test_links_are_found_by_what_they_point_to():
    found = with_list(
        [{"entityName": "Document", "id": 1, "extraInfo": "x"}, {"EntityName": "sale", "Id": "1"}]
    )
    assert found == (
        Link(key=3, entity="Document", id=1, extra_info="x"),
        Link(key=4, entity="sale", id=1),
    )


def test_an_unknown_id_is_a_new_link():
    assert with_list([{"LinkId": 99, "EntityName": "sale", "Id": 1}])[0].key == 4


def test_an_id_that_a_link_does_not_get_is_named():
    same = {"LinkId": 99, "EntityName": OLD.entity, "Id": OLD.id}
    found = patch([{"op": "add", "path": "Links", "value": [same, {"EntityName": "sale", "Id": 1}]}])
    assert [link.key for link in found.appointment.links] == [OLD.key, 4]
    assert found.ignored == ("Links.0.LinkId",)


def test_two_to_one_target_are_two():
    assert [link.key for link in with_list([{"EntityName": "document", "Id": 1}] * 2)] == [3, 4]


def test_null_removes_them():
    assert patch({"Links": None}).appointment.links == ()


def test_appending():
    assert [link.key for link in patch({"Links": {"EntityName": "sale", "Id": 1}}).appointment.links] == [
        3,
        4,
    ]


@pytest.mark.parametrize(
    ("item", "path", "rule"),
    [
        (5, "Links.0", "object"),
        ({"Id": 1}, "Links.0.EntityName", "required"),
        ({"EntityName": "sale", "Id": "x"}, "Links.0.Id", "integer"),
        ({"EntityName": "Sale", "Id": 99_999}, "Links.0.Id", "exists"),
        ({"EntityName": "person", "Id": 99_999}, "Links.0.Id", "exists"),
        ({"EntityName": "sale", "LinkId": -1}, "Links.0.LinkId", "integer"),
        ({"EntityName": "sale", "Description": 5}, "Links.0.Description", "string"),
        ({"EntityName": "sale", "ExtraInfo": "x" * 4001}, "Links.0.ExtraInfo", "string"),
    ],
)
def test_wrong_links_are_problems(item, path, rule):
    assert problems([{"op": "replace", "path": "Links", "value": [item]}]) == {path: rule}


def test_a_link_that_stood_before_may_stay_when_its_record_is_gone():
    row = full(links=(Link(key=7, entity="sale", id=99_999),))
    kept = [{"EntityName": "sale", "Id": 99_999}, {"EntityName": "project", "Id": 1}]
    assert [link.id for link in patch({"Links": kept}, row).appointment.links] == [99_999, 1]


def test_too_many_are_a_problem():
    assert problems({"Links": [{"EntityName": "sale"}] * 501}) == {"Links": "array"}


def test_the_key_of_a_removed_link_is_not_given_again():
    row = full(last_link_key=9)
    found = patch({"Links": {"EntityName": "sale", "Id": 1}}, row).appointment.links
    assert [link.key for link in found] == [3, 10]
