"""Looking into diaries: free times, and conflicts on the dates of a series (Agents WebAPI, Appointment)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appointed.domain.appointment import Appointment
from appointed.domain.errors import AppointmentNotFound, InvalidRequest
from appointed.domain.free_time import Wish
from appointed.domain.hours import Slot
from appointed.domain.recurrence import MOST_OCCURRENCES, Pattern, days_left, leaving_out
from appointed.domain.rights import demand_nameable
from appointed.domain.series import left_out_along
from appointed.patching.pointer import fold
from appointed.superoffice.carriers.recurrence import dates_info, series_info
from appointed.superoffice.carriers.shape import Field, Shape, fixed
from appointed.superoffice.dialect import new_of_entity
from appointed.superoffice.given import Given
from appointed.superoffice.service import Ask
from appointed.superoffice.wiretime import read_instant, read_wall
from appointed.usecases.create_appointment import new_names
from appointed.usecases.free_time import MOST_SLOTS, conflicts_on, free_time
from appointed.usecases.read_appointment import read_appointment

Json = Any
HORIZON = timedelta(days=366)
# What `Count` says of as many as there are (superoffice.md §9).
UNLIMITED = -1
# So that every sum of it is in the calendar; what lies there is refused.
LATEST = datetime(9990, 1, 1, tzinfo=UTC)

NEXT_AVAILABLE_TIME: Shape = (
    Field("AvailableTimeStart", "date-time", lambda slot, ctx: ctx.style.instant(slot.free_from)),
    Field("AvailableTimeEnd", "date-time", lambda slot, ctx: ctx.style.instant(slot.free_until)),
    Field("RecommendedTimeStart", "date-time", lambda slot, ctx: ctx.style.instant(slot.starts_at)),
    Field("RecommendedTimeEnd", "date-time", lambda slot, ctx: ctx.style.instant(slot.ends_at)),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


async def next_available_time(ask: Ask) -> Json:
    """The next times that all of these associates have free, as long as from StartTime to EndTime."""
    given = ask.given
    starts_at, ends_at = _instant(ask, "StartTime"), _instant(ask, "EndTime")
    wish = Wish(
        since=starts_at,
        until=starts_at + HORIZON,
        length=ends_at - starts_at,
        is_all_day=given.flag("IsAllDay"),
    )
    if wish.is_all_day and not wish.length:
        wish = replace(wish, length=timedelta(days=1))
    associate_ids = given.numbers("Associates") or (ask.ctx.principal.associate_id,)
    asked = given.number("Count", 1)
    count = MOST_SLOTS if asked == UNLIMITED else asked
    found: tuple[Slot, ...] = await free_time(
        ask.door.store, ask.ctx.principal, ask.ctx.view, associate_ids, wish, count
    )
    return [ask.write(NEXT_AVAILABLE_TIME, slot) for slot in found]


async def calculate_days(ask: Ask) -> Json:
    """The days that a pattern falls on, each with what stands in its way."""
    row = await _row(ask)
    if row.series is None:
        raise InvalidRequest("The appointment has no Recurrence")
    days = days_left(row.series.rule)
    found = await conflicts_on(ask.door.store, row, days, ZoneInfo(row.series.zone))
    return series_info(max(row.series_id, 0), row.series.rule, row.series.on, None, ask.ctx.style, found)


async def validate_days(ask: Ask) -> Json:
    """What stands in the way of an appointment on each of these days."""
    days = _days(ask)
    row = await _row(ask)
    zone = ZoneInfo(row.series.zone) if row.series else ask.directory.zone
    found = await conflicts_on(ask.door.store, row, days, zone)
    return dates_info(days, None, ask.ctx.style, found)


async def _row(ask: Ask) -> Appointment:
    """Read the entity as what it would be; one that stands is no conflict of its own, nor is its series."""
    given = ask.given.carrier("AppointmentEntity") if ask.given.has("AppointmentEntity") else _raw(ask)
    document = dict(given.body)
    names = new_names(ask.door.ids, ask.ctx.view.now)
    made = new_of_entity(_recurring(document), ask.manner.context, ask.ctx.principal)(names, ask.ctx.view)
    # References ask for themselves; a department names its default user too.
    demand_nameable(ask.ctx.principal, made.appointment.owner_id, ask.directory)
    number = given.number("AppointmentId", 0)
    if not number:
        return made.appointment
    try:
        reading, _access = await read_appointment(ask.door.store, ask.ctx.principal, number, is_shown=False)
    except AppointmentNotFound:
        return made.appointment
    return _as_it_stands(made.appointment, reading.row)


def _as_it_stands(made: Appointment, stands: Appointment) -> Appointment:
    known = replace(made, id=stands.id, mother_id=stands.mother_id, series_id=stands.series_id)
    if made.series is None or stands.series is None or made.series.rule.pattern is Pattern.CUSTOM:
        return known
    # The days go back into the series, where whatever is listed is asked for.
    rule = leaving_out(made.series.rule, left_out_along(stands, known))
    return replace(known, series=replace(made.series, rule=rule))


def _raw(ask: Ask) -> Given:
    if not isinstance(ask.given.body, dict):
        raise InvalidRequest("The argument AppointmentEntity is missing.")
    return Given(ask.given.body, ask.given.body)


def _recurring(document: dict[str, Json]) -> dict[str, Json]:
    # What is asked is what the pattern would give, whether or not it is a series yet.
    name = next((key for key in document if fold(key) == "recurrence"), None)
    rule = document.get(name) if name else None
    if name is None or not isinstance(rule, dict):
        return document
    kept = {key: value for key, value in rule.items() if fold(key) != "isrecurrence"}
    is_custom = any(fold(key) == "pattern" and value in ("Custom", 5) for key, value in kept.items())
    if not is_custom:
        kept = {key: value for key, value in kept.items() if fold(key) != "dates"}
    return document | {name: kept | {"IsRecurrence": True}}


def _days(ask: Ask) -> Sequence[date]:
    texts = ask.given.texts("Dates")
    if len(texts) > MOST_OCCURRENCES:
        raise InvalidRequest(f"at most {MOST_OCCURRENCES} dates can be asked for")
    try:
        return [read_wall(text, ask.ctx.style).date() for text in texts]
    except ValueError:
        raise InvalidRequest("Dates must be dates.") from None


def _instant(ask: Ask, name: str) -> datetime:
    try:
        return min(read_instant(ask.given.text(name), ask.ctx.style), LATEST)
    except ValueError:
        raise InvalidRequest(f"The argument {name} must be a date and time.") from None
