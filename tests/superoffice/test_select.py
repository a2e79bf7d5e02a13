"""`$select` on carriers."""

import copy

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointed.superoffice.select import Selection, parse_select

CARRIER = {
    "AppointmentId": 63,
    "Description": "x",
    "Contact": {"ContactId": 4, "Name": "Kebab", "Address": {"Street": {"City": "OSLO", "Zipcode": "1"}}},
    "Person": None,
    "IsFree": False,
    "Participants": [{"AssociateId": 3, "PersonId": 11}, {"AssociateId": 5, "PersonId": 12}],
    "CustomFields": {"SuperOffice:1": "a", "SuperOffice:2": "b"},
}


def selected(text: str) -> dict[str, object]:
    selection = parse_select(text)
    assert selection is not None
    return selection.trimmed(CARRIER)


def only(**kept: object) -> dict[str, object]:
    return dict.fromkeys(CARRIER) | kept


@pytest.mark.parametrize(
    "text",
    [
        "AppointmentId,Contact,Description,Person",
        "appointmentid,CONTACT,description,person",
        " AppointmentId , Contact,,Description\t,Person?",
        "?AppointmentId,Contact?,Description,Person,",
        "AppointmentId,Contact,Contact/Name,Description,Person",
        "AppointmentId,Contact/Name,Contact,Description,Person",
        "AppointmentId,Contact,Description,Person,Nonsense,nested/nonsense,Count(category):Footer",
        "/AppointmentId,Contact/,Description,Person",
    ],
)
def test_selected_members_keep_their_value_and_others_are_null(text) -> None:
    assert selected(text) == only(AppointmentId=63, Contact=CARRIER["Contact"], Description="x")
    assert list(selected(text)) == list(CARRIER)


def test_only_named_members_of_a_nested_carrier_keep_theirs() -> None:
    assert selected("contact/name") == only(Contact={"ContactId": None, "Name": "Kebab", "Address": None})
    assert selected("Contact/Address/Street/City,contact/contactid") == only(
        Contact={"ContactId": 4, "Name": None, "Address": {"Street": {"City": "OSLO", "Zipcode": None}}}
    )


def test_lists_are_trimmed_item_by_item() -> None:
    assert selected("Participants/PersonId") == only(
        Participants=[{"AssociateId": None, "PersonId": 11}, {"AssociateId": None, "PersonId": 12}]
    )


def test_one_custom_field_can_be_selected() -> None:
    assert selected("CustomFields/superoffice:2") == only(
        CustomFields={"SuperOffice:1": None, "SuperOffice:2": "b"}
    )


def test_parts_of_what_has_none_are_the_thing_itself() -> None:
    assert selected("Person/Name,IsFree/x") == only(Person=None, IsFree=False)


def test_encoded_parts_are_trimmed_too() -> None:
    raw = msgspec.Raw(msgspec.json.encode(CARRIER["Contact"]))
    selection = parse_select("contact/name")
    assert selection is not None
    assert selection.trimmed({"Contact": raw}) == {
        "Contact": {"ContactId": None, "Name": "Kebab", "Address": None}
    }
    whole = parse_select("contact")
    assert whole is not None
    assert whole.trimmed({"Contact": raw})["Contact"] is raw


@pytest.mark.parametrize("text", ["", " ", ",", "?", " , ?", "*", "Description,*", "/"])
def test_naming_nothing_selects_everything(text) -> None:
    assert parse_select(text) is None


def test_naming_only_what_is_unknown_selects_nothing() -> None:
    assert selected("nonsense") == only()


def test_a_selection_says_what_it_keeps() -> None:
    selection = parse_select("Name,category/id")
    assert selection is not None
    assert selection.keeps("name")
    assert selection.keeps("Category")
    assert not selection.keeps("Id")


def test_the_carrier_itself_does_not_change() -> None:
    before = copy.deepcopy(CARRIER)
    selected("contact/name,participants/personid")
    assert before == CARRIER


@given(st.text(alphabet="abAB,/?* :", max_size=40))
def test_any_text_is_read_and_selecting_twice_changes_nothing(text) -> None:
    selection = parse_select(text)
    carrier = {"a": {"a": 1, "B": [{"b": 2}]}, "B": {"b": None}, "AB": 3}
    if selection is not None:
        once = selection.trimmed(carrier)
        assert selection.trimmed(once) == once
        assert list(once) == list(carrier)


def test_hostile_lists_are_cut() -> None:
    assert isinstance(parse_select("a/" * 100_000), Selection)
    assert isinstance(parse_select("a," * 100_000), Selection)
