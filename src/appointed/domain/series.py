"""A series: appointments under one rule, each a row of its own; how the others follow when one changes.

Everything here takes the diary's own rows of a series, not its guests' rows, and answers what to write. A row
that differs from the one that is changed keeps what it differs in: that is what makes it an exception.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import InvalidAppointment, Problem
from appointed.domain.follow import DICTIONARIES, SHARED, follow, who
from appointed.domain.recurrence import (
    MOST_OCCURRENCES,
    Pattern,
    Rule,
    Series,
    Wall,
    begun,
    days_left,
    days_of,
    ended,
    leaving_out,
    moved,
    narrowed,
    wall_of,
)
from appointed.domain.series_zone import rezoned
from appointed.domain.status import Status
from appointed.domain.time_of_day import day_of, put, time_of_day

Rows = Sequence[Appointment]
Rename = Callable[[Appointment, int], Appointment]
"""(row, id) -> the same under names of its own (UUID, reference, keys, room), created now by the caller."""


class Reach(StrEnum):
    """How far a change of one occurrence goes; STOP changes it alone and deletes all after it."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"
    STOP = "stop"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of a series writes. `lost` are those of the deletions that were exceptions."""

    replacements: tuple[Appointment, ...] = ()
    creations: tuple[Appointment, ...] = ()
    deletions: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()


# A new occurrence has no past of its own.
FRESH: dict[str, Any] = {
    "status": Status.SCHEDULED,
    "reject_counter": 0,
    "reject_reason": "",
    "recording_consent": None,
    "arrived_at": None,
    "session_started_at": None,
    "session_ended_at": None,
    "completed_at": None,
    "cancelled_at": None,
    "cancellation_reason": None,
}


def start(head: Appointment, rename: Rename, first_id: int = -2) -> Plan:
    """Make the series that a single appointment's new rule asks for; `head` becomes the first occurrence.

    The series and its new rows get ids from `first_id` down, for the store to replace.
    Raises InvalidAppointment when the rule has no day or too many.
    """
    series = _series(head)
    days = demand_days(series.rule)
    ids = count(first_id, -1)
    first = _at(replace(head, series_id=next(ids)), days[0], series.rule)
    if len(days) == 1:
        return Plan(replacements=(_single(first),))
    made = tuple(_copy(first, day, rename, next(ids)) for day in days[1:])
    return Plan(replacements=(first,), creations=made)


def change(
    rows: Rows, before: Appointment, after: Appointment, reach: Reach, rename: Rename, first_id: int = -2
) -> Plan:
    """Let the others follow a change of one occurrence; `rows` are all of the series, `before` among them.

    A new rule goes for the following ones at least; it, another day and another zone end the old rule before
    them. The zone of a series is not one row's to change. A row that is to be in no series ends it.
    Raises InvalidAppointment.
    """
    if after.series is None:
        earlier, chosen = _parted(rows, before, Reach.FOLLOWING)
        plan = _without([row for row in chosen if row.id != before.id], earlier, before)
        return _only_real(replace(plan, replacements=(*plan.replacements, _single(after))), rows)
    zone = _series(before).zone
    if reach is Reach.STOP:
        return _stopped(rows, before, _in_zone(after, zone))
    has_rule = after.series.rule != _series(before).rule
    if reach is Reach.THIS and not has_rule:
        return Plan(replacements=(_in_zone(after, zone),))
    kept, chosen = _parted(rows, before, reach)
    is_rezoned = after.series.zone != zone
    if is_rezoned:
        chosen = rezoned(chosen, before, after.series.zone)
        before = next(row for row in chosen if row.id == before.id)
    if has_rule:
        plan = _replanned(kept, chosen, before, after, rename, first_id)
    elif _days_between(before, after) or (is_rezoned and kept):
        plan = _shifted(kept, chosen, before, after, first_id)
    else:
        plan = Plan(replacements=tuple(_followed(before, after, row) for row in chosen))
    return _only_real(plan, rows)


def _in_zone(row: Appointment, zone: str) -> Appointment:
    return replace(row, series=replace(_series(row), zone=zone)) if _series(row).zone != zone else row


def _stopped(rows: Rows, before: Appointment, after: Appointment) -> Plan:
    """Keep this one as it is after the change, and those before it; delete all others."""
    earlier, chosen = _parted(rows, before, Reach.FOLLOWING)
    later = [row for row in chosen if row.id != before.id]
    return _only_real(_without(later, [*earlier, after], before), rows)


def delete(rows: Rows, before: Appointment, reach: Reach) -> Plan:
    """Remove one occurrence, or it and all that follow, or all; what is left keeps a rule that says so.

    STOP keeps this one and removes what follows.
    """
    if reach is Reach.STOP:
        return _stopped(rows, before, before)
    if reach is not Reach.THIS:
        kept, chosen = _parted(rows, before, reach)
        return _only_real(_without(chosen, kept, before), rows)
    rest = [row for row in sorted(rows, key=_on) if row.id != before.id]
    if rest:
        rest = _with_rule(rest, narrowed(_series(before).rule, [_on(row) for row in rest]))
    remaining = tuple(map(_single, rest)) if len(rest) == 1 else tuple(rest)
    return _only_real(Plan(replacements=remaining, deletions=(before.id,)), rows)


def _without(gone: Rows, kept: Rows, pattern: Appointment) -> Plan:
    return Plan(
        replacements=_closed(kept),
        deletions=tuple(row.id for row in gone),
        lost=tuple(row.id for row in gone if is_exception(row, pattern)),
    )


def demand_days(rule: Rule) -> list[date]:
    """List a rule's days that are left; raises InvalidAppointment when there are none or too many."""
    days = days_of(rule, MOST_OCCURRENCES + 1)
    if not days:
        raise InvalidAppointment((Problem("series", "empty"),))
    if len(days) > MOST_OCCURRENCES:
        raise InvalidAppointment((Problem("series", "most", len(days), MOST_OCCURRENCES),))
    return days_left(rule) if rule.left_out else days


def _parted(rows: Rows, before: Appointment, reach: Reach) -> tuple[list[Appointment], list[Appointment]]:
    ordered = sorted(rows, key=_on)
    if reach is Reach.ALL:
        return [], ordered
    return [row for row in ordered if _on(row) < _on(before)], [
        row for row in ordered if _on(row) >= _on(before)
    ]


def _replanned(
    kept: Rows, chosen: Rows, before: Appointment, after: Appointment, rename: Rename, first_id: int
) -> Plan:
    first = _on(chosen[0])
    days = timedelta(_days_into(before, after, first))
    standing = {row.id: _on(row) + days for row in chosen}
    rule = replace(_begun(before, after, first, first + days), left_out=())
    out = _taken_out(before, after, chosen, days)
    pairs = _paired({*standing.values(), *out}, demand_days(rule)) if _keeps_out(before, after) else {}
    if standing[before.id] in pairs:
        standing = {row_id: pairs.get(day, day) for row_id, day in standing.items()}
        out = {pairs[day] for day in out if day in pairs}
    rule = leaving_out(rule, out)
    places, free = _matched(standing, before.id, demand_days(rule))
    ids = count(first_id, -1)
    series_id = next(ids) if kept else before.series_id
    is_moved = _days_between(before, after) != 0
    placed = [
        _placed(
            replace(_followed(before, after, row), series_id=series_id),
            places[row.id],
            rule,
            is_apart=_is_apart(row) or (is_moved and row.id == before.id),
        )
        for row in chosen
        if row.id in places
    ]
    pattern = next(row for row in placed if row.id == before.id)
    made = tuple(_copy(pattern, day, rename, next(ids)) for day in free)
    stays = _single_if_alone(placed) if not made else tuple(placed)
    left = [row for row in chosen if row.id not in places]
    return Plan(
        replacements=(*_closed(kept), *stays),
        creations=made,
        deletions=tuple(row.id for row in left),
        lost=tuple(row.id for row in left if is_exception(row, before)),
    )


def _taken_out(before: Appointment, after: Appointment, chosen: Rows, by: timedelta) -> set[date]:
    """Name the days that a new rule does without: those it says, and those that had no date any more."""
    first, standing = _on(chosen[0]), {_on(row) for row in chosen}
    former, said = _series(before).rule, _series(after).rule.left_out
    missing = (day for day in days_left(former) if day >= first and day not in standing)
    # Days that a caller picked by hand are meant as they are; those of the former rule go along.
    own = {day + by for day in said if day >= first} if _keeps_out(before, after) else set(said)
    return own | {day + by for day in missing}


def _keeps_out(before: Appointment, after: Appointment) -> bool:
    return _series(before).rule.left_out == _series(after).rule.left_out


def _paired(old: set[date], new: list[date]) -> dict[date, date]:
    """Pair the days of two rules in order, where each of the new is between its pair's neighbours; else none.

    So Mondays become Tuesdays, those that are left out among them; nothing says which day a week becomes.
    """
    days = sorted(old)
    before, behind = zip(days, new[1:], strict=False), zip(new, days[1:], strict=False)
    is_alike = all(one < other for one, other in (*before, *behind))
    return dict(zip(days, new, strict=False)) if is_alike else {}


def left_out_along(before: Appointment, after: Appointment) -> set[date]:
    """Name the days that a row's new rule does without, which the former did without, wherever it is now."""
    by = timedelta(_days_into(before, after, _on(before)))
    return {day + by for day in _series(before).rule.left_out}


def _begun(before: Appointment, after: Appointment, since: date, first: date) -> Rule:
    """Let a new rule begin on a day; a count has the old rule's days before `since` counted off."""
    rule = _series(after).rule
    if rule.starts_on >= first:
        return rule
    if rule.pattern is Pattern.CUSTOM:
        return begun(rule, first)
    over = sum(day < since for day in days_of(_series(before).rule))
    left = None if rule.count is None else max(rule.count - over, 0)
    return begun(replace(rule, starts_on=first, count=left), first)


def _days_into(before: Appointment, after: Appointment, first: date) -> int:
    """Count the days by which a row goes that is moved to a day of its new rule: the others go along."""
    day = date_of(after)
    is_moved = _days_between(before, after) != 0
    is_of_rule = is_moved and day in days_of(_begun(before, after, first, min(first, day)))
    return (day - _on(before)).days if is_of_rule else 0


def _matched(standing: dict[int, date], own: int, days: list[date]) -> tuple[dict[int, date], list[date]]:
    """Give each row a day of a rule, its own where the rule has it; rows and days may be left over.

    The one that is changed (`own`) stays: where there is no day for it, another makes room.
    """
    wanted, taken = set(days), {day: row_id for row_id, day in standing.items()}
    free = [day for day in days if day not in taken]
    loose = [row_id for row_id, day in standing.items() if day not in wanted]
    if own in loose[len(free) :]:
        rest = [row_id for row_id in loose if row_id != own]
        if not free:
            free = [next((day for day in days if day >= standing[own]), days[-1])]
            rest.append(taken[free[0]])
        loose = [*rest[: len(free) - 1], own, *rest[len(free) - 1 :]]
    stays = {row_id: day for row_id, day in standing.items() if row_id not in set(loose)}
    return stays | dict(zip(loose, free, strict=False)), free[len(loose) :]


def _shifted(kept: Rows, chosen: Rows, before: Appointment, after: Appointment, new_id: int) -> Plan:
    days = _days_between(before, after)
    series = _series(before)
    rule = moved(begun(series.rule, _on(chosen[0])) if kept else series.rule, days)
    series_id = new_id if kept else before.series_id
    placed = [
        _placed(
            replace(_followed(before, after, row), series_id=series_id),
            # Beyond the calendar's end this is an OverflowError, and nothing piles up there.
            _on(row) + timedelta(days),
            rule,
            is_apart=_is_apart(row) or row.id == before.id,
        )
        for row in chosen
    ]
    return Plan(replacements=(*_closed(kept), *_single_if_alone(placed)))


def _followed(before: Appointment, after: Appointment, row: Appointment) -> Appointment:
    if row.id == before.id:
        return after
    row = follow(before, after, row)
    old, own = _wall(before), _wall(row)
    if _shown(before) == _shown(after) or (own.start, own.length) != (old.start, old.length):
        return row
    return put(row, date_of(row), _wall(after), ZoneInfo(_series(row).zone))


def _placed(row: Appointment, day: date, rule: Rule, *, is_apart: bool) -> Appointment:
    """Put a row on a day of a rule; one that stands apart from its day stays where somebody put it."""
    return _under(row, rule, day) if is_apart or date_of(row) == day else _at(row, day, rule)


def _at(row: Appointment, day: date, rule: Rule) -> Appointment:
    """Put a row on a day of a rule, at its own time of day."""
    return _under(put(row, day, _wall(row), ZoneInfo(_series(row).zone)), rule, day)


def _under(row: Appointment, rule: Rule, day: date) -> Appointment:
    return replace(row, series=replace(_series(row), rule=rule, on=day))


def _copy(row: Appointment, day: date, rename: Rename, new_id: int) -> Appointment:
    made = replace(rename(row, new_id), id=new_id, mother_id=0, **FRESH)
    return _at(made, day, _series(row).rule)


def _closed(rows: Rows) -> tuple[Appointment, ...]:
    """End the rule of rows with the last of them; a row alone is a series no more."""
    if len(rows) < 2:
        return tuple(map(_single, rows))
    return tuple(_with_rule(rows, ended(_series(rows[0]).rule, _on(rows[-1]))))


def _with_rule(rows: Rows, rule: Rule) -> list[Appointment]:
    return [replace(row, series=replace(_series(row), rule=rule)) for row in rows]


def _single(row: Appointment) -> Appointment:
    return replace(row, series=None, series_id=0)


def _single_if_alone(rows: Rows) -> tuple[Appointment, ...]:
    return tuple(map(_single, rows)) if len(rows) == 1 else tuple(rows)


def _only_real(plan: Plan, rows: Rows) -> Plan:
    standing = {row.id: row for row in rows}
    real = tuple(row for row in plan.replacements if standing.get(row.id) != row)
    return replace(plan, replacements=real)


def is_exception(row: Appointment, pattern: Appointment) -> bool:
    """Tell whether an occurrence differs from another in anything but its day."""
    same = all(getattr(row, name) == getattr(pattern, name) for name in (*SHARED, *DICTIONARIES))
    is_with = {who(one) for one in row.participants} == {who(one) for one in pattern.participants}
    return not (same and is_with) or _wall(row) != _wall(pattern) or _is_apart(row)


def _is_apart(row: Appointment) -> bool:
    """Tell whether a row was moved away from its day of the rule."""
    return date_of(row) != _on(row)


def _series(row: Appointment) -> Series:
    if row.series is None:
        raise ValueError("the appointment is in no series")
    return row.series


def _on(row: Appointment) -> date:
    return _series(row).on


def date_of(row: Appointment) -> date:
    """Give the day on which an occurrence begins, by the clock of its series."""
    return day_of(row, ZoneInfo(_series(row).zone))


def _wall(row: Appointment) -> Wall:
    return time_of_day(row, ZoneInfo(_series(row).zone))


def _shown(row: Appointment) -> Wall:
    return wall_of(row.starts_at, row.ends_at, ZoneInfo(_series(row).zone), is_all_day=row.is_all_day)


def _days_between(before: Appointment, after: Appointment) -> int:
    zone = ZoneInfo(_series(before).zone)
    return (day_of(after, zone) - day_of(before, zone)).days
