"""The form of a user: what is sent on, and where problems belong."""

import pytest
from msgspec.structs import replace

from appointed.console.agents.edit_form import Typed
from appointed.console.agents.user_form import Offered, changes_of, shown, sort_problems, values_of
from appointed.domain.errors import Problem
from appointed.domain.principal import Role
from tests.builders import OLA, directory

DEPARTMENTS = tuple(directory().departments.values())
OFFERED = Offered(roles=tuple(Role), departments=DEPARTMENTS)
OLA_ALONE = directory().associates[OLA]
WAS = {
    "name": "Ola O",
    "role": "agent",
    "home": "1",
    "password": "",
    "is_active": "1",
    "department.1": "0",
    "department.2": "0",
}
FILLED = {
    "name": "New",
    "login": "new",
    "role": "agent",
    "home": "1",
    "department.1": "0",
    "department.2": "1",
}


def test_fields_are_those_of_the_user_and_of_who_looks() -> None:
    assert values_of(OLA_ALONE, OFFERED) == WAS
    both = replace(OLA_ALONE, department_ids=(2, 1), is_deleted=True)
    assert values_of(both, OFFERED) == WAS | {"department.2": "1", "is_active": "0"}
    self = Offered(roles=(), departments=DEPARTMENTS[:1], has_password=False, has_state=False)
    assert list(values_of(OLA_ALONE, self)) == ["name", "role", "home", "department.1"]


def test_a_new_user_begins_as_an_agent_of_the_first_department() -> None:
    values = values_of(None, OFFERED)
    assert (values["role"], values["home"], values["name"], values["login"]) == ("agent", "1", "", "")
    assert "is_active" not in values
    assert values_of(None, Offered(roles=(), departments=()))["home"] == ""


def test_only_what_was_changed_is_sent_on() -> None:
    assert changes_of(WAS, WAS, "", is_new=False) == {}
    assert changes_of(WAS | {"role": "scheduler"}, WAS, "", is_new=False) == {"role": "scheduler"}
    assert changes_of(WAS | {"is_active": "0"}, WAS, "", is_new=False) == {"is_active": "0"}
    assert changes_of(WAS, WAS, " blanks count ", is_new=False) == {"password": " blanks count "}


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({"department.2": "1"}, ["1", "2"]),
        ({"home": "2"}, ["2"]),
        ({"home": "2", "department.1": "1", "department.2": "1"}, ["2", "1"]),
        ({"home": ""}, []),
    ],
    ids=["one-more", "another-home", "home-and-others", "none"],
)
def test_departments_are_sent_as_a_list_whose_first_is_the_home(
    changes: dict[str, str], sent: list[str]
) -> None:
    assert changes_of(WAS | changes, WAS, "", is_new=False) == {"department_ids": sent}


def test_everything_of_a_new_user_is_sent_on() -> None:
    assert changes_of(FILLED, FILLED, "", is_new=True) == {
        "name": "New",
        "login": "new",
        "role": "agent",
        "password": "",
        "department_ids": ["1", "2"],
    }


def test_problems_find_their_fields() -> None:
    rules = {"department_ids.1": "exists", "department_ids": "required", "login": "unique", "other": "x"}
    found = sort_problems(Problem(path, rule) for path, rule in rules.items())
    assert {name: [one.rule for one in ones] for name, ones in found.items()} == {
        "home": ["exists", "required"],
        "login": ["unique"],
        "": ["x"],
    }


def test_what_was_typed_stays_but_for_a_password() -> None:
    typed = Typed(given={"name": "Olav", "password": "secret"}, was={"name": "Ola O", "password": ""})
    fields = {one.name: one for group in shown(OLA_ALONE, OFFERED, typed) for one in group.fields}
    assert (fields["name"].value, fields["name"].theirs) == ("Olav", None)
    assert (fields["department.2"].label, fields["department.2"].look) == ("Second", "checkbox")
    assert fields["home"].choices == (("1", "First"), ("2", "Second"))
    assert fields["role"].choices is not None
    assert len(fields["role"].choices) == len(Role)
    assert (fields["password"].value, fields["password"].is_required) == ("", False)
    new = {one.name: one for group in shown(None, OFFERED, Typed()) for one in group.fields}
    assert new["password"].is_required
    homeless = shown(replace(OLA_ALONE, group_id=0), OFFERED, Typed())
    assert homeless[1].fields[1].choices == (("", ""), ("1", "First"), ("2", "Second"))
