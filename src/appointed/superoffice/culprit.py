"""Which operation of a JSON Patch brought a value that is refused (PATCH Appointment/{id}, Response: 400)."""

from collections.abc import Callable

from appointed.domain.errors import InvalidAppointment
from appointed.patching.operations import Operation, read_operations
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.problems import wire_path


def blame(error: InvalidAppointment, document: Json) -> None:
    """Set the error's `index` and `path` to the operation that did it; a merge patch has none.

    That is the last one at the place of the first problem that any operation touched; where none names the
    very place, the last one above or below it, or else on its member.
    """
    if not isinstance(document, list):
        return
    steps = [step for step in reversed(read_operations(document)) if step.op != "test"]
    for problem in error.problems:
        place = fold(wire_path(problem))
        for is_meant in (_is_at(place), _is_about(place), _is_about(place.partition(".")[0])):
            found = next((step for step in steps if is_meant(_place_of(step))), None)
            if found is not None:
                error.index, error.path = found.index, found.path
                return


def _place_of(step: Operation) -> str:
    # As problems write it: keys may have dots of their own.
    return ".".join(map(fold, step.tokens))


def _is_at(place: str) -> Callable[[str], bool]:
    return lambda at: at == place


def _is_about(place: str) -> Callable[[str], bool]:
    # Above the place, at it, or below it.
    return lambda at: not at or f"{place}.".startswith(f"{at}.") or at.startswith(f"{place}.")
