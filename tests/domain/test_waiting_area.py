"""Which waiting area a claimant waits in, and when it is open."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from appointed.domain.directory import Directory, WaitingArea
from appointed.domain.hours import Holiday, Opening
from appointed.domain.waiting_area import hours_today, is_open, waiting_area_of, waiting_areas
from tests.builders import directory

HALL = WaitingArea(id=1, department_id=1, name="Hall")
# A Tuesday, 10:00 in Oslo.
MORNING = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
TUESDAY = (Opening(1, 9 * 60, 10 * 60),)


def known(*areas: WaitingArea, **department: Any) -> Directory:
    found = directory()
    first = replace(found.departments[1], **department)
    changes: list[Any] = [("waiting_area", one.id, one) for one in areas]
    return found.followed(found.tenant, 2, [*changes, ("department", 1, first)])


def test_a_department_has_the_first_of_its_areas() -> None:
    later, other = replace(HALL, id=3), replace(HALL, id=2, department_id=2)
    found = known(later, other, HALL)
    assert waiting_area_of(1, found) == HALL
    assert waiting_area_of(2, found) == other
    assert waiting_area_of(3, found) is None
    assert sorted(waiting_areas(found)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("own", "department", "expected"),
    [
        (None, {}, True),
        (None, {"opening_hours": ()}, False),
        (TUESDAY, {"opening_hours": ()}, False),
        ((Opening(1, 10 * 60, 11 * 60),), {"opening_hours": ()}, True),
        ((), {}, False),
        (None, {"holidays": (Holiday(date(2026, 3, 3)),)}, False),
    ],
)
def test_its_own_hours_come_before_its_departments(
    own: Any, department: dict[str, Any], expected: bool
) -> None:
    area = replace(HALL, opening_hours=own)
    assert is_open(hours_today(area, known(area, **department), MORNING), MORNING) is expected


def test_without_a_department_the_usual_hours_hold() -> None:
    area = replace(HALL, department_id=9)
    hours = hours_today(area, known(area), MORNING)
    assert is_open(hours, MORNING)
    assert [(span.since.hour, span.until.hour) for span in hours] == [(7, 15)]
