"""References: the id wins, names count only without one."""

import pytest
from msgspec.structs import replace

from appointed.domain.directory import View
from appointed.superoffice.render import entity_tree
from appointed.usecases.stock_lists import TEXTS
from tests.superoffice.editing import new, patch, problems, replaced
from tests.superoffice.rows import DEMO_EYES, NOW, Seen, directory, full


@pytest.mark.parametrize(
    ("path", "value", "attribute", "expected"),
    [
        ("Task", {"Value": "Phone call"}, "task_id", 2),
        ("Task", {"Value": "TELEFONSAMTALE"}, "task_id", 2),
        ("Task", {"TaskListItemId": 0, "Value": TEXTS["todo"]}, "task_id", 3),
        ("Priority", {"Value": "Høy"}, "priority_id", 3),
        ("Associate", {"AssociateId": 0, "FullName": "Ola Nordmann"}, "owner_id", 3),
        ("Contact", {"Name": "Tyne Consulting"}, "contact_id", 3),
        ("Contact", {"ContactId": 0, "FullName": "Fjord Shipping, Bergen"}, "contact_id", 2),
        ("Person", {"FullName": "Alice Grey"}, "person_id", 6),
        ("Person", {"Email": "PER@fjord.example"}, "person_id", 5),
        ("Project", {"Name": "new harbour office"}, "project_id", 1),
        ("Sale", {"Title": "Yearly agreement"}, "sale_id", 1),
    ],
)
def test_a_name_finds_its_record(path, value, attribute, expected):
    row = full(task_id=0, priority_id=0, contact_id=0, person_id=0, project_id=0, sale_id=0)
    assert getattr(replaced(path, value, row), attribute) == expected


def test_the_id_wins_over_stale_names():
    body = {"Task": {"TaskListItemId": 2}}
    assert patch(body).appointment.task_id == 2
    assert replaced("Task", {"TaskListItemId": 2, "Value": "To-do"}).task_id == 2


def test_a_name_beside_an_unchanged_id_changes_nothing_and_is_named():
    edited = patch({"Task": {"Value": "Phone call"}, "associate": {"fullName": "Kari Nordmann"}})
    assert edited.appointment == full()
    assert edited.ignored == ("Associate.FullName", "Task.Value")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"Contact": {"City": "Oslo"}}, ("Contact.City",)),
        ({"contact": {"contactid": "2", "address": {"street": {"city": "Oslo"}}}}, ("Contact.Address",)),
        ([{"op": "replace", "path": "Task/Deleted", "value": True}], ("Task.Deleted",)),
        ([{"op": "replace", "path": "Task", "value": {"Value": "MEETING", "Rank": 7}}], ("Task.Rank",)),
        ({"Associate": {"AssociateId": 1, "GroupIdx": 2, "Rank": 0}}, ("Associate.GroupIdx",)),
    ],
    ids=["merged", "below", "operation", "by name", "one of them"],
)
def test_what_belongs_to_the_record_beside_it_changes_nothing_and_is_named(body, named):
    edited = patch(body)
    assert (edited.appointment, edited.ignored) == (full(), named)


@pytest.mark.parametrize(
    "body",
    [
        {"Task": {"TaskListItemId": 1, "ColorIndex": 0, "Type": 1, "Tooltip": None}},
        [{"op": "replace", "path": "Task", "value": {"Value": "MEETING"}}],
        [{"op": "replace", "path": "Task", "value": {"TaskListItemId": 1, "TableRight": {"Mask": 15}}}],
        {"Task": {"Nonsense": 1}},
    ],
    ids=["spellings", "the name it was found by", "rights", "unknown"],
)
def test_what_says_nothing_else_is_not_named(body):
    edited = patch(body)
    assert (edited.appointment, edited.ignored) == (full(), ())


def test_the_texts_of_a_record_that_became_the_right_one_meanwhile_are_not_named():
    """Who is invited follows the owner, as long as nobody else is."""
    row = full(owner_id=2)
    invited = entity_tree(row, DEMO_EYES.of(row))["InvitedPerson"]
    made = new({"Title": "x", "Associate": {"AssociateId": 2}, "InvitedPerson": invited})
    assert (made.appointment.invited_person_id, made.ignored) == (0, ())


def test_an_id_of_zero_alone_clears():
    assert patch({"Sale": {"SaleId": 0}}).appointment.sale_id == 0
    assert replaced("Task/TaskListItemId", 0).task_id == 0
    assert replaced("Associate/AssociateId", 0, full(owner_id=2)).owner_id == 1


def test_a_nested_id_of_zero_with_a_name_looks_it_up():
    operations = [
        {"op": "replace", "path": "Task/TaskListItemId", "value": 0},
        {"op": "replace", "path": "task/value", "value": "Phone call"},
    ]
    assert patch(operations).appointment.task_id == 2


def test_merge_reaches_a_reference_that_is_null():
    assert patch({"Person": {"PersonId": 1}}, full(person_id=0)).appointment.person_id == 1


def test_a_deleted_record_is_found_by_no_name():
    assert problems({"Associate": None, "AssignedBy": {"Name": "gone"}}, full(assigned_by=0)) == {
        "AssignedBy.Name": "exists"
    }


def test_a_name_that_two_share_is_refused():
    twins = directory()
    twins.contacts = {**twins.contacts, 50: replace(twins.contacts[3], id=50)}
    body = [{"op": "replace", "path": "Contact", "value": {"Name": "Tyne Consulting"}}]
    assert problems(body, full(), Seen(view=View(twins, NOW))) == {"Contact.Name": "unique"}
