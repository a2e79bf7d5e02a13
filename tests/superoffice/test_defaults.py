"""What a new appointment starts from."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appointed.domain.directory import Task, View
from appointed.domain.meeting import Meeting
from appointed.domain.principal import Principal
from appointed.superoffice.defaults import default_appointment, default_owner, next_half_hour
from appointed.usecases.demo_data import CLIENT, KARI, OLA
from tests.superoffice.editing import new, patch
from tests.superoffice.rows import DEMO_EYES, DIRECTORY, NAMES, NOW, directory, full


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


VIDEO = 4
FREE_DAY = Task(
    id=77, value="Day off", rank=99, is_default_all_day=True, is_default_free=True, is_default_published=True
)
WITH_FREE_DAY = replace(DEMO_EYES, view=View(directory(), NOW))
WITH_FREE_DAY.view.directory.tasks = {**DIRECTORY.tasks, 77: FREE_DAY}


def flags(body):
    row = new({"Task": {"TaskListItemId": 77}, **body}, WITH_FREE_DAY).appointment
    return row.is_all_day, row.is_free, row.publication.is_published


def test_a_new_row_takes_the_defaults_of_its_task():
    assert flags({}) == (True, True, True)
    assert flags({"IsAlldayEvent": None}) == (True, True, True)
    plain = new({"Title": "x"}, WITH_FREE_DAY).appointment
    assert (plain.is_all_day, plain.is_free, plain.publication.is_published) == (False, False, False)


@pytest.mark.parametrize(("member", "place"), [("isAlldayEvent", 0), ("IsFree", 1), ("IsPublished", 2)])
def test_what_the_caller_says_stands(member, place):
    assert flags({member: False})[place] is False
    assert sum(flags({member: False})) == 2


def test_a_video_task_brings_a_room_unless_an_address_is_given():
    assert new({"Task": {"TaskListItemId": VIDEO}}).appointment.meeting == Meeting(
        id="m", room_name="r", agent_key="a"
    )
    for url in ("", "https://meet.example/1"):
        made = new({"Task": {"TaskListItemId": VIDEO}, "JoinVideomeetUrl": url}).appointment
        assert (made.meeting, made.video_url) == (None, url)
    assert new({"Task": {"TaskListItemId": 1}}).appointment.meeting is None


def test_a_later_change_of_the_task_brings_nothing():
    row = patch({"Task": {"TaskListItemId": 77}}, full(), WITH_FREE_DAY).appointment
    assert (row.task_id, row.is_free, row.meeting) == (77, full().is_free, full().meeting)
