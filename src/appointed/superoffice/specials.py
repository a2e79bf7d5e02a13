"""The entity's members that are no plain kind: each one's way out and in."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.recurrence import Pattern, Rule, Series, days_left, of_dates
from appointed.domain.rights import Access
from appointed.domain.status import STATUS_OF
from appointed.domain.time_of_day import day_of
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.associate import associate
from appointed.superoffice.carriers.custom import read_dictionary
from appointed.superoffice.carriers.recurrence import FirstDay, recurrence, series_info
from appointed.superoffice.carriers.shape import Json, Rendered
from appointed.superoffice.carriers.time_zone import time_zone
from appointed.superoffice.choices import COMPLETION_OF, COMPLETIONS
from appointed.superoffice.context import NO_BLOCKERS, Context
from appointed.superoffice.defaults import default_owner
from appointed.superoffice.enums import read_enum
from appointed.superoffice.members import (
    Member,
    Sent,
    is_gone,
    note_stale,
    read_changed,
    read_flag,
)
from appointed.superoffice.numbers import read_int32
from appointed.superoffice.recurrence_ignored import without_effect
from appointed.superoffice.recurrence_rule import RuleReader, with_dates
from appointed.superoffice.references import ASSOCIATE, UNREADABLE, resolve
from appointed.superoffice.wiretime import read_open
from appointed.superoffice.zones import zone_by_id


def title(row: Appointment, ctx: Context) -> Json:
    """Write the title, or what stands for one: the claimant, else the description's first line."""
    if row.title is not None:
        return ctx.text(row.title)
    if row.claimant is None:
        return ctx.text(row.description.partition("\n")[0].strip())
    return row.claimant.name or f"SQOD {row.reference}"


def created_at(row: Appointment, ctx: Context) -> Json:
    """Write when the row was created; never, as long as it is not kept."""
    return ctx.style.stamp(row.created_at if row.id > 0 else None)


def read_title(sent: Sent, row: Appointment) -> Appointment:
    """Set the title; without one it is derived again."""
    if sent.value is not None and not isinstance(sent.value, str):
        sent.wrong("string")
        return row
    return replace(row, title=sent.value or None)


def read_owner(sent: Sent, row: Appointment) -> Appointment:
    """Set whose diary it is in; null means the caller's own."""
    key = resolve(ASSOCIATE, sent.value, sent.before, sent.path, sent.ctx, sent.notes)
    owner_id = key or default_owner(sent.ctx.principal, sent.ctx.directory)
    if owner_id == row.owner_id:
        note_stale(ASSOCIATE, sent)
        return row
    if key == UNREADABLE or is_gone(ASSOCIATE, owner_id, sent):
        return row
    return replace(row, owner_id=owner_id)


def invitee(row: Appointment, ctx: Context) -> int:
    """Give the person to show as invited: the owner's own, unless somebody else is."""
    owner = ctx.directory.associates.get(row.owner_id)
    return row.invited_person_id or (owner.person_id if owner else 0)


def mother_owner(row: Appointment, ctx: Context) -> Rendered | None:
    """Render the owner of the booking's master, which a single appointment is itself."""
    return associate(row.mother_owner_id if row.is_booking_row else row.owner_id, ctx)


def read_completed(sent: Sent, row: Appointment) -> Appointment:
    """Move the status; where several share a step, the step alone moves nothing."""
    try:
        name = "NotStarted" if sent.value is None else read_enum("ActivityStatus", sent.value)
    except ValueError:
        sent.wrong("enum", tuple(COMPLETIONS.values()))
        return row
    completion = COMPLETION_OF[name]
    return row if completion is row.completion else replace(row, status=STATUS_OF[completion])


def first_day(row: Appointment, ctx: Context) -> Rendered:
    """Render the rule of the appointment's series, or the one that it would follow.

    Who may see the times alone sees those of a single one.
    """
    if row.series is not None and ctx.access >= Access.READ:
        clash = row.series.on if ctx.has_conflict else None
        tree = series_info(row.series_id, row.series.rule, row.series.on, clash, ctx.style, ctx.blockers)
        return tree, msgspec.Raw(msgspec.json.encode(tree))
    day = row.starts_at.astimezone(ctx.style.base).date()
    has_conflict = bool(ctx.has_conflict) and ctx.access >= Access.READ
    named = ctx.blockers.get(day, ()) if has_conflict else ()
    return recurrence(FirstDay(day, has_conflict, ctx.style, named))


def read_recurrence(sent: Sent, row: Appointment) -> Appointment:
    """Read the rule of a series; one that recurs makes a series, one that does no more leaves it."""
    if sent.value is None:
        if row.series is not None:
            sent.notes.ignore(sent.path)
        return row
    if not isinstance(sent.value, dict):
        sent.wrong("object")
        return row
    flags = [value for name, value in sent.value.items() if fold(name) == "isrecurrence"]
    recurs = read_flag(flags[-1]) if flags else False
    if recurs is None:
        sent.notes.wrong("Recurrence.IsRecurrence", "boolean", flags[-1])
    elif recurs:
        return _with_rule(sent, row)
    elif row.series is not None:
        return replace(row, series=None)
    elif not any(
        sent.same("RecurrenceInfo", _undated(stands), _undated(sent.value), sent.ctx)
        for stands in (sent.before or {}, _on_its_day(row, sent.ctx))
    ):
        sent.notes.ignore(sent.path)
    return row


def _on_its_day(row: Appointment, ctx: Context) -> Json:
    """Render the rule that goes with a start which came along; one without a next year is refused later."""
    try:
        return first_day(row, ctx)[0]
    except OverflowError:
        return {}


def _with_rule(sent: Sent, row: Appointment) -> Appointment:
    before = sent.before or {}
    is_same = row.series is not None and sent.same(
        "RecurrenceInfo", _undated(before), _undated(sent.value), sent.ctx
    )
    zone = _zone_of(row, sent.ctx)
    first = day_of(row, ZoneInfo(zone))

    def wrong(path: str, rule: str, value: Any, allowed: Any = None, /) -> None:
        sent.notes.wrong(f"Recurrence.{path}", rule, value, allowed)

    reader = RuleReader(sent.value, first, sent.ctx.style, wrong)
    rule = row.series.rule if row.series is not None and is_same else reader.rule()
    if rule is None:
        return row
    if row.series is not None and rule.pattern is not Pattern.CUSTOM:
        # What somebody took out stays out, until a day is asked for.
        rule = replace(rule, left_out=row.series.rule.left_out)
    days = reader.dates()
    was = RuleReader(before, first, sent.ctx.style, wrong).dates()
    # One date is what every single appointment shows; chosen by hand it would make no series.
    is_single = row.series is None and len(set(days)) == 1
    if set(days) != set(was) and not is_single:
        rule = _picked(rule, days, row.series, first)
    if row.series is not None:
        if not is_same:
            _note_without_effect(sent, rule, row.series_id, row.series)
        return row if rule == row.series.rule else replace(row, series=replace(row.series, rule=rule))
    return replace(row, series=Series(rule=rule, zone=zone, on=rule.starts_on))


def _picked(rule: Rule, days: list[date], series: Series | None, first: date) -> Rule:
    picked = with_dates(rule, days)
    if series is None or not picked.left_out or first == series.on:
        return picked
    # Days that were out go along with a date that moves: the same ones, picked again, stay in a list.
    return of_dates(days_left(picked)) if picked.left_out == series.rule.left_out else picked


def _note_without_effect(sent: Sent, rule: Rule, series_id: int, series: Series) -> None:
    after = series_info(series_id, rule, series.on, None, sent.ctx.style, NO_BLOCKERS)

    def same(kind: str, one: Json, other: Json) -> bool:
        return sent.same(kind, one, other, sent.ctx)

    for name in without_effect(rule, sent.value, sent.before or {}, after, same):
        sent.notes.ignore(f"{sent.path}.{name}")


def _zone_of(row: Appointment, ctx: Context) -> str:
    chosen = zone_by_id(row.preferred_zone) if row.preferred_zone else None
    return chosen.iana if chosen else ctx.directory.tenant.zone


def _undated(value: dict[str, Any]) -> dict[str, Any]:
    # Conflicts are computed, so the dates may differ between reading and sending back.
    return {name: member for name, member in value.items() if fold(name) != "dates"}


def read_zone(sent: Sent, row: Appointment) -> Appointment:
    """Set the preferred time zone by its id; 0 is none. It is the clock of the row's series too."""
    key = 0 if sent.value is None else read_int32(sent.value)
    if key is None or (key and zone_by_id(key) is None):
        sent.wrong("integer" if key is None else "exists")
        return row
    row = replace(row, preferred_zone=key)
    if row.series is None:
        return row
    return replace(row, series=replace(row.series, zone=_zone_of(row, sent.ctx)))


def zone_data(row: Appointment, _ctx: Context) -> Rendered | None:
    """Render the preferred time zone; None without one."""
    return time_zone(row.preferred_zone, row.starts_at.year) if row.preferred_zone else None


def published(name: str, member: str, *, is_end: bool = False) -> Member[Appointment]:
    """Make a date of publication, open at its end where none is kept."""

    def write(row: Appointment, ctx: Context) -> Json:
        at = getattr(row.publication, member)
        return ctx.style.open_end(at) if is_end else ctx.style.open_start(at)

    def read(sent: Sent, row: Appointment) -> Appointment:
        try:
            is_open = read_open(sent.value, sent.ctx.style) is None
        except ValueError:
            sent.wrong("date")
            return row
        at = None if is_open else read_changed(sent)
        if at is None and not is_open:
            return row
        return replace(row, publication=replace(row.publication, **{member: at}))

    return Member(name=name, type="date-time", write=write, read=read)


def read_is_published(sent: Sent, row: Appointment) -> Appointment:
    """Switch the publication."""
    value = read_flag(sent.value)
    if value is None:
        sent.wrong("boolean")
        return row
    return replace(row, publication=replace(row.publication, is_published=value))


def dictionary(
    name: str,
    write: Callable[[Appointment, Context], Json],
    raw: Callable[[Appointment, Context], Json] | None = None,
) -> Member[Appointment]:
    """Make one of the three dictionaries of custom values."""

    def read(sent: Sent, row: Appointment) -> Appointment:
        return read_dictionary(name, sent.value, sent.before or {}, row, sent.ctx, sent.notes)

    return Member(name=name, type="map<string,string>", write=write, raw=raw, read=read, empty={})
