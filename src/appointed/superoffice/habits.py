"""What the caller's preferences say of new appointments (Defaults/DefaultAppointment…, DefaultAlarmTime)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from appointed.domain.appointment import Privacy
from appointed.domain.directory import Directory
from appointed.domain.preference import Preference, name_of
from appointed.domain.principal import Principal
from appointed.superoffice.choices import PRIVACIES
from appointed.superoffice.enums import read_enum
from appointed.superoffice.numbers import read_int32
from appointed.usecases.ports import Store
from appointed.usecases.preferences import read_preferences

SECTION: Final = "Defaults"
PREFIX: Final = "DefaultAppointment"
VISIBLE_FOR: Final = PREFIX + "VisibleFor"
MEETING: Final = "Appointment"
# TaskType → its word in the keys of preferences, and how many minutes it lasts until somebody says so.
SETS: Final = {MEETING: ("Appoint", 60), "Phone": ("Phone", 15), "ToDo": ("ToDo", 0)}
ABOUT: Final = ("Length", "TaskId", "Text")
LONGEST_MINUTES: Final = 7 * 24 * 60
ALARM: Final = ("DiaryView", "DefaultAlarmTime")
# How long before its start an alarm rings until somebody says so, and at most; in minutes.
USUAL_ALARM, LONGEST_ALARM = 15, 65_535
_PRIVACY_OF: Final = {wire: privacy for privacy, wire in PRIVACIES.items()}


class Habit(NamedTuple):
    """How new appointments of a kind begin; task 0 is the first of that kind."""

    length: timedelta
    task_id: int = 0
    text: str = ""


class Habits(NamedTuple):
    """How new appointments begin, by TaskType, who sees them, and how long before them an alarm rings."""

    by_type: Mapping[str, Habit]
    privacy: Privacy = Privacy.PUBLIC
    alarm_minutes: int = USUAL_ALARM

    def of(self, type_: str) -> Habit:
        """Give those of a TaskType; what has none of its own is a meeting."""
        return self.by_type.get(type_) or self.by_type[MEETING]


PLAIN: Final = Habits({type_: Habit(timedelta(minutes=minutes)) for type_, (_, minutes) in SETS.items()})
NAMES: Final = (
    name_of(*ALARM),
    name_of(SECTION, VISIBLE_FOR),
    *(name_of(SECTION, f"{PREFIX}{word}{about}") for word, _ in SETS.values() for about in ABOUT),
)


async def read_habits(store: Store, principal: Principal, directory: Directory) -> Habits:
    """Read what counts for the caller; a value that says nothing sensible counts as not set."""
    found = await read_preferences(store, principal, directory, *NAMES)
    return habits_of(found, directory) if found else PLAIN


def habits_of(found: Mapping[str, Preference], directory: Directory) -> Habits:
    """Make habits out of preferences by their names."""

    def value(key: str, section: str = SECTION) -> str:
        kept = found.get(name_of(section, key))
        return kept.value.strip() if kept else ""

    by_type = {
        type_: Habit(
            timedelta(minutes=_number(value(f"{PREFIX}{word}Length"), minutes, LONGEST_MINUTES)),
            _task(value(f"{PREFIX}{word}TaskId"), directory),
            value(f"{PREFIX}{word}Text"),
        )
        for type_, (word, minutes) in SETS.items()
    }
    section, key = ALARM
    alarm = _number(value(key, section), USUAL_ALARM, LONGEST_ALARM)
    return Habits(by_type, _privacy(value(VISIBLE_FOR)), alarm)


def _number(text: str, default: int, most: int) -> int:
    number = read_int32(text)
    return number if number is not None and 0 <= number <= most else default


def _task(text: str, directory: Directory) -> int:
    task = directory.tasks.get(read_int32(text) or 0)
    return task.id if task and not task.is_deleted else 0


def _privacy(text: str) -> Privacy:
    try:
        return _PRIVACY_OF.get(read_enum("AppointmentPrivate", text), Privacy.PUBLIC)
    except ValueError:
        return Privacy.PUBLIC
