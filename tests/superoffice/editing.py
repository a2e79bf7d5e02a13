"""Short ways to run a dialect on a row."""

from typing import Any

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment
from appointed.superoffice.dialect import edit_of_entity, edit_of_patch, new_of_entity
from appointed.usecases.change_appointment import Edited
from tests.superoffice.rows import DEMO_EYES, NAMES, Seen, full


def patch(body: Any, row: Appointment | None = None, seen: Seen = DEMO_EYES) -> Edited:
    return edit_of_patch(body, seen.context)(full() if row is None else row, seen.view)


def put(body: Any, row: Appointment | None = None, seen: Seen = DEMO_EYES) -> Edited:
    return edit_of_entity(body, seen.context)(full() if row is None else row, seen.view)


def new(body: Any, seen: Seen = DEMO_EYES) -> Edited:
    return new_of_entity(body, seen.context, seen.principal)(NAMES, seen.view)


def replaced(path: str, value: Any, row: Appointment | None = None, seen: Seen = DEMO_EYES) -> Appointment:
    return patch([{"op": "replace", "path": path, "value": value}], row, seen).appointment


def problems(body: Any, row: Appointment | None = None, seen: Seen = DEMO_EYES) -> dict[str, str]:
    try:
        patch(body, row, seen)
    except InvalidAppointment as error:
        return {problem.path: problem.rule for problem in error.problems}
    return {}
