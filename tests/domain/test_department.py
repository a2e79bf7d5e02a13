"""Departments are found in every spelling, and take their appointments with them."""

from uuid import UUID

import pytest

from appointed.domain.department import find_department, move_to_department
from tests.builders import KARI, OLA, appointment, directory


@pytest.mark.parametrize("reference", [2, "2", " 2 ", "02", str(UUID(int=102)), UUID(int=102).hex])
def test_a_department_is_found_by_number_text_and_uuid(reference):
    found = find_department(directory(), reference)
    assert found is not None
    assert found.id == 2


@pytest.mark.parametrize(
    "reference", [None, True, 2.0, 99, "99", "", "Second", "²", "9" * 40, [2], {"id": 2}]
)
def test_anything_else_is_no_department(reference):
    assert find_department(directory(), reference) is None


def test_an_owner_who_belongs_there_stays():
    view = directory()
    row = move_to_department(appointment(owner_id=KARI, department_id=1), view.departments[2], view)
    assert (row.department_id, row.owner_id) == (2, KARI)


def test_an_owner_from_elsewhere_hands_over_to_the_departments_default():
    view = directory()
    row = move_to_department(appointment(owner_id=OLA), view.departments[2], view)
    assert (row.department_id, row.owner_id) == (2, KARI)


def test_a_deleted_owner_hands_over_too():
    view = directory()
    row = move_to_department(appointment(owner_id=77), view.departments[1], view)
    assert (row.department_id, row.owner_id) == (1, 1)
