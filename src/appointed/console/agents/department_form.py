"""The form that changes a department: what stands in its fields, and what of it was changed."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from appointed.console.agents.edit_form import OFF, ON, SWITCHES, Group, Look, Typed, show_field
from appointed.domain.directory import Department
from appointed.domain.errors import Problem
from appointed.domain.hours import DAY_MINUTES, USUAL, Holiday, Opening
from appointed.domain.letter import Channel
from appointed.domain.meeting import Bandwidth

HOURS: Final = "hours."
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROWS: Final = "opening_hours"
HOLIDAYS: Final = "holidays"
# Hours are written in one line; a part of it is a time of day, a dash, and another.
_BETWEEN: Final = re.compile(r"\s*[-–—]\s*")
_TIME: Final = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?", re.ASCII)

Choices = tuple[tuple[str, str], ...]


class Member(msgspec.Struct, frozen=True):
    """One field: its member, its look, and what stands in it for a department."""

    name: str
    look: Look
    value: Callable[[Department], str]
    is_required: bool = False


def _flag(is_on: bool) -> str:
    return ON if is_on else OFF


def _text(name: str) -> Callable[[Department], str]:
    return lambda one: str(getattr(one, name))


def _number(name: str) -> Member:
    return Member(name, Look.NUMBER, _text(name), is_required=True)


def _way(channel: Channel) -> Member:
    return Member(f"invite_by_{channel}", Look.SWITCH, lambda one: _flag(channel in one.invites_by))


def _hours(weekday: int) -> Member:
    return Member(HOURS + DAYS[weekday], Look.TEXT, lambda one: hours_text(one, weekday))


def _switch(name: str) -> Member:
    return Member(f"features_{name}_enable", Look.SWITCH, lambda one: _flag(getattr(one.features, name)))


def _redirect(side: str, name: str) -> Member:
    return Member(
        f"custom_{side}_post_call_redirect_url",
        Look.URL,
        lambda one: getattr(one.redirects, name) or "",
    )


GROUPS: Final[Mapping[str, tuple[Member, ...]]] = {
    "department": (
        Member("name", Look.TEXT, _text("name"), is_required=True),
        Member("default_user_id", Look.CHOICE, _text("default_associate_id")),
    ),
    "grace": (_number("late_after_minutes"), _number("no_show_after_minutes")),
    "hours": tuple(_hours(weekday) for weekday in range(len(DAYS))),
    "holidays": (Member(HOLIDAYS, Look.LINES, lambda one: "\n".join(_line(day) for day in one.holidays)),),
    "telling": (
        _way(Channel.EMAIL),
        _way(Channel.SMS),
        _number("reminder_minutes"),
        Member("language", Look.CHOICE, _text("language"), is_required=True),
        Member("support_text", Look.LINES, _text("support_text")),
        Member("retention_days", Look.NUMBER, lambda one: str(one.retention_days or "")),
    ),
    "meeting": (
        *(_switch(name) for name in SWITCHES),
        Member("features_bandwidth", Look.CHOICE, lambda one: one.features.bandwidth),
    ),
    "after": (
        Member("use_custom_post_call_redirect", Look.SWITCH, lambda one: _flag(one.redirects.is_custom)),
        _redirect("user", "claimant_url"),
        _redirect("agent", "agent_url"),
    ),
}
NAMES: Final = frozenset(member.name for members in GROUPS.values() for member in members)


def hours_text(department: Department, weekday: int) -> str:
    """Write when a department is open on a weekday, 0 for Monday; "" when it is closed."""
    openings = USUAL if department.opening_hours is None else department.opening_hours
    return ", ".join(_span(one) for one in openings if one.weekday == weekday)


def changes_of(given: Mapping[str, str], was: Mapping[str, str]) -> dict[str, Any]:
    """Make a partial update of the fields that are not as they were; hours go together."""
    changed = {name: text for name, text in given.items() if text != was.get(name, "")}
    update: dict[str, Any] = {name: text for name, text in changed.items() if not name.startswith(HOURS)}
    if len(update) < len(changed):
        rows = [row for day in DAYS for row in _rows(day, given.get(HOURS + day, was.get(HOURS + day, "")))]
        update[ROWS] = rows
    if HOLIDAYS in update:
        lines = (line.split(maxsplit=1) for line in update[HOLIDAYS].splitlines() if line.strip())
        update[HOLIDAYS] = [{"date": day, "name": "".join(name)} for day, *name in lines]
    return update


def sort_problems(problems: Iterable[Problem], sent: Mapping[str, Any]) -> dict[str, list[Problem]]:
    """Put each problem to the field that it is about, "" for those about none."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        day = _day_of(problem.path, sent)
        if day:
            # However the hours of a day cannot be read, it is told once how they are written.
            told = Problem(HOURS + day, problem.rule if problem.rule == "after" else "hours")
            found[HOURS + day] = [told]
        elif problem.path.startswith(f"{HOLIDAYS}."):
            found[HOLIDAYS] = [Problem(HOLIDAYS, "holidays")]
        elif problem.path == "language":
            found["language"] = [Problem("language", "language")]
        else:
            found.setdefault(problem.path if problem.path in NAMES else "", []).append(problem)
    return found


def shown(department: Department, people: Choices, languages: Choices, typed: Typed) -> list[Group]:
    """Lay out the form for a department as it is now; what was typed stays, whatever went wrong with it."""
    choices: Mapping[str, Choices] = {
        "default_user_id": people,
        "language": languages,
        "features_bandwidth": tuple((one.value, f"=bandwidth.{one}") for one in Bandwidth),
    }
    return [
        Group(
            group,
            tuple(
                show_field(
                    one.name,
                    one.look,
                    one.value(department),
                    typed,
                    is_required=one.is_required,
                    choices=choices.get(one.name),
                )
                for one in members
            ),
        )
        for group, members in GROUPS.items()
    ]


def _span(one: Opening) -> str:
    return f"{_clock(one.opens)}–{_clock(one.closes)}"


def _line(day: Holiday) -> str:
    return f"{day.on} {day.name}".strip()


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _rows(day: str, text: str) -> Iterator[dict[str, str]]:
    """Read a line of hours; what is no time stays as it is, and will be refused."""
    for part in filter(None, (one.strip() for one in re.split("[,;]", text))):
        opens, *rest = _BETWEEN.split(part, maxsplit=1)
        yield {"weekday": day, "opens": _time(opens), "closes": _time("".join(rest))}


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    minute = int(found[1]) * 60 + int(found[2] or 0)
    return _clock(minute) if minute <= DAY_MINUTES else text


def _day_of(path: str, sent: Mapping[str, Any]) -> str:
    name, _dot, rest = path.partition(".")
    index, rows = rest.partition(".")[0], sent.get(ROWS, ())
    is_row = name == ROWS and index.isdigit() and int(index) < len(rows)
    return str(rows[int(index)]["weekday"]) if is_row else ""
