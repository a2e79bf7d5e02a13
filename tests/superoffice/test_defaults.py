"""What a new appointment starts from."""

from datetime import UTC, datetime

import pytest

from appointed.domain.directory import View
from appointed.domain.principal import Principal
from appointed.superoffice.defaults import default_appointment, default_owner, next_half_hour
from appointed.usecases.demo_data import CLIENT, KARI, OLA
from tests.superoffice.rows import DIRECTORY, NAMES, NOW, directory


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((10, 0, 0, 0), (10, 0)),
        ((10, 0, 0, 1), (10, 30)),
        ((10, 29, 59, 0), (10, 30)),
        ((10, 30, 0, 0), (10, 30)),
        ((23, 45, 0, 0), (0, 0)),
    ],
)
def test_the_next_half_hour(now, then):
    found = next_half_hour(datetime(2026, 3, 2, *now, tzinfo=UTC))
    assert (found.hour, found.minute, found.second, found.microsecond) == (*then, 0, 0)


def test_people_own_what_they_create_and_clients_leave_it_to_their_department():
    assert default_owner(Principal(1, OLA), DIRECTORY) == OLA
    assert default_owner(Principal(1, CLIENT), DIRECTORY) == 1


def test_a_client_of_no_department_uses_the_tenants():
    one = directory(default_department_id=2)
    client = one.associates[CLIENT]
    one.associates = {
        **one.associates,
        CLIENT: type(client)(id=CLIENT, name="c", full_name="C", type=client.type),
    }
    assert default_owner(Principal(1, CLIENT), one) == KARI


def test_the_first_task_is_a_meeting_that_was_not_deleted():
    row = default_appointment(NAMES, Principal(1, OLA), View(DIRECTORY, NOW))
    assert DIRECTORY.tasks[row.task_id].type == "Appointment"
    empty = directory()
    empty.tasks = {}
    assert default_appointment(NAMES, Principal(1, OLA), View(empty, NOW)).task_id == 0
