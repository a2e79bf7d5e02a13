"""The steps that an agent can take with an appointment, as buttons of its page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from appointed.console.agents.one import Rights
from appointed.domain.appointment import Appointment
from appointed.domain.call import Window
from appointed.domain.status import HAPPENINGS, Happening, Mover, Status, steps
from appointed.usecases.life import is_early


class Step(msgspec.Struct, frozen=True):
    """One button: the happening that it asks for, its text's key, and how it looks."""

    name: Happening
    key: str
    look: str = "second"


START: Final = Step(Happening.ADMITTED, "agents.step.start", "")
ADMIT: Final = Step(Happening.ADMITTED, "agents.step.admit", "")

BUTTONS: Final[Mapping[Happening, Step]] = {
    Happening.ADMITTED: START,
    Happening.MARKED_LATE: Step(Happening.MARKED_LATE, "agents.step.late"),
    Happening.MARKED_NO_SHOW: Step(Happening.MARKED_NO_SHOW, "agents.step.no_show"),
    Happening.COMPLETED: Step(Happening.COMPLETED, "agents.step.complete", ""),
}

# What a page says once a step was taken; cancelling has a page of its own.
DONE: Final[Mapping[Happening, str]] = {
    happening: "admitted" if happening is Happening.ADMITTED else next(iter(HAPPENINGS[happening].values()))
    for happening in BUTTONS
}


def read_step(text: str) -> Happening | None:
    """Read which step a button asks for; None for anything else."""
    return next((happening for happening in BUTTONS if happening == text), None)


def steps_for(row: Appointment, may: Rights) -> tuple[Step, ...]:
    """List the steps that this agent may take now."""
    if not may.may_answer:
        return ()
    found = tuple(BUTTONS[one] for one in steps(Mover.AGENT, row.status) if one in BUTTONS)
    # Who waits is let in; who does not is called.
    return tuple(ADMIT if row.status is Status.WAITING and one is START else one for one in found)


def in_time(found: tuple[Step, ...], row: Appointment, window: Window, now: datetime) -> tuple[Step, ...]:
    """Leave out the steps that it is too early for."""
    return tuple(one for one in found if not is_early(one.name, row, window, now))


def is_cancellable(row: Appointment, may: Rights) -> bool:
    """Tell whether this agent may call the appointment off."""
    return may.may_change and Happening.CANCELLED in steps(Mover.AGENT, row.status)
