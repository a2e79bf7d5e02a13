"""What can be asked about time zones (GET TimeZone, TimeZone/base, TimeZone/current; Agents TimeZone)."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from appointed.domain.errors import InvalidRequest, RecordNotFound
from appointed.superoffice.carriers.shape import Field, Json, Shape
from appointed.superoffice.carriers.time_zone import time_zone
from appointed.superoffice.service import Ask
from appointed.superoffice.zones import ZONES, Zone, zone_of_clock

METADATA = "/api/v1/Archive/$metadata"
ENTITY = "timezone"
# What the archives of this contract can and a list of zones cannot.
_REFUSED = ("$filter", "$orderBy")
_ENOUGH = 1_000_000

COLUMNS: Shape = (
    Field("id", "int32", lambda now, _ctx: now[0].id),
    Field("timeZone", "string", lambda now, _ctx: now[0].code),
    Field("country", "string", lambda now, _ctx: now[0].country),
    Field("region", "string", lambda now, _ctx: now[0].city),
    Field("offset", "int32", lambda now, _ctx: minutes_of(now[0].info, now[1])),
    Field("daylight", "bool", lambda now, _ctx: bool(now[1].astimezone(now[0].info).dst())),
    Field("isActive", "bool", lambda _now, _ctx: True),
)

PREFERRED_TIME_ZONE: Shape = (
    Field("PreferenceId", "int32", lambda _now, _ctx: 0),
    Field("TZLocationId", "int32", lambda now, _ctx: now[0].id),
    Field("LocationCode", "string", lambda now, _ctx: now[0].code),
    Field("Description", "string", lambda now, _ctx: now[0].city or now[0].iana),
    Field("Country", "string", lambda now, _ctx: now[0].country),
    Field("Bias", "int32", lambda now, _ctx: minutes_of(now[0].info, now[1])),
)


async def zones(ask: Ask) -> Json:
    """The time zones, as a table: id, code, country, place, minutes east of UTC now, summer time now."""
    given = ask.given
    for name in _REFUSED:
        if given.text(name, ""):
            raise InvalidRequest(f"The list of time zones has no {name}.")
    first, most = max(given.number("$skip", 0), 0), max(given.number("$top", _ENOUGH), 0)
    wanted = [name.strip().lower() for name in given.text("$select", "").split(",") if name.strip()]
    rows = [_row(zone, ask, wanted) for zone in ZONES[first : first + most]]
    return {"odata.metadata": ask.ctx.base_url + METADATA, "odata.nextLink": None, "value": rows}


async def base_zone(ask: Ask) -> Json:
    """The time zone of all times that name none."""
    return _data(_known(ask.ctx.style.base), ask)


async def current_zone(ask: Ask) -> Json:
    """The time zone of this call's answers: the one that SO-TimeZone names, or else the base zone."""
    return _data(_known(ask.ctx.style.zone), ask)


async def base_zone_id(ask: Ask) -> Json:
    """The id of the base time zone."""
    return _known(ask.ctx.style.base).id


async def preferred_zone(ask: Ask) -> Json:
    """The caller's time zone in short: id, code, place, minutes east of UTC now."""
    return ask.write(PREFERRED_TIME_ZONE, (_known(ask.ctx.style.zone), ask.ctx.view.now))


async def preferred_zone_id(ask: Ask) -> Json:
    """The id of the caller's time zone."""
    return _known(ask.ctx.style.zone).id


async def all_zone_data(ask: Ask) -> Json:
    """Every time zone with its rules in this year."""
    year = ask.ctx.view.now.year
    # Half a second of arithmetic once a year is kept off the loop that answers everyone.
    rendered = await asyncio.to_thread(lambda: [time_zone(zone.id, year) for zone in ZONES])
    return [ask.tree(one) for one in rendered]


async def no_news(_ask: Ask) -> Json:
    """Tells that the zones are as new as this server: they come with it."""
    return False


def minutes_of(clock: ZoneInfo, at: datetime) -> int:
    """Count how many minutes east of UTC a clock is at an instant."""
    return int((at.astimezone(clock).utcoffset() or timedelta()).total_seconds() // 60)


def _row(zone: Zone, ask: Ask, wanted: list[str]) -> Json:
    now = zone, ask.ctx.view.now.astimezone(UTC)
    columns = (field for field in COLUMNS if not wanted or field.name.lower() in wanted)
    cells = {field.name: field.render(now, ask.ctx) for field in columns}
    return {"PrimaryKey": str(zone.id), "EntityName": ENTITY} | cells


def _known(clock: ZoneInfo) -> Zone:
    found = zone_of_clock(clock.key)
    if found is None:
        raise RecordNotFound("time zone", clock.key)
    return found


def _data(zone: Zone, ask: Ask) -> Json:
    return ask.tree(time_zone(zone.id, ask.ctx.view.now.year))
