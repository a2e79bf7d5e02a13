"""Which operation of a JSON Patch brought a value that is refused (PATCH Appointment/{id}, Response: 400)."""

from appointed.domain.errors import InvalidAppointment
from appointed.patching.operations import Operation, read_operations
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.shape import Json
from appointed.superoffice.problems import wire_path


def blame(error: InvalidAppointment, document: Json) -> None:
    """Set the error's `index` and `path` to the operation that did it; a merge patch has none.

    That is the last one at the place of the first problem that any operation touched; where none names the
    very place, the last one on its member.
    """
    if not isinstance(document, list):
        return
    steps = [step for step in reversed(read_operations(document)) if step.op != "test"]
    for problem in error.problems:
        place = wire_path(problem).split(".")
        for names in (place, place[:1]):
            found = next((step for step in steps if _concerns(step, names)), None)
            if found is not None:
                error.index, error.path = found.index, found.path
                return


def _concerns(step: Operation, place: list[str]) -> bool:
    # Above the place, at it, or below it.
    return all(fold(token) == fold(name) for token, name in zip(step.tokens, place, strict=False))
