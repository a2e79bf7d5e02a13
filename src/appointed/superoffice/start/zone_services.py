"""What can be asked about time zones (GET TimeZone, TimeZone/base, TimeZone/current; Agents TimeZone)."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from appointed.domain.errors import RecordNotFound
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.columns import Column, column
from appointed.superoffice.archive.filtering import tester
from appointed.superoffice.archive.links import link
from appointed.superoffice.archive.listing import order_key, selected
from appointed.superoffice.archive.meaning import Asked, asked_by
from appointed.superoffice.archive.options import NAMES, Options, read_options
from appointed.superoffice.archive.record_columns import Block
from appointed.superoffice.carriers.shape import Field, Json, Shape
from appointed.superoffice.carriers.time_zone import time_zone
from appointed.superoffice.service import Ask
from appointed.superoffice.zones import ZONES, Zone, zone_of_clock

METADATA = "/api/v1/Archive/$metadata"
ENTITY = "timezone"
Now = tuple[Zone, datetime]

COLUMNS: Block = (
    column("id", "int", "ID", lambda now, _asked: now[0].id),
    column("timeZone", "string", "Time zone", lambda now, _asked: now[0].code),
    column("country", "string", "Country", lambda now, _asked: now[0].country),
    column("region", "string", "Region", lambda now, _asked: now[0].city),
    column("offset", "int", "Minutes from UTC", lambda now, _asked: minutes_of(now[0].info, now[1])),
    column("daylight", "bool", "Summer time", lambda now, _asked: bool(now[1].astimezone(now[0].info).dst())),
    column("isActive", "bool", "Active", lambda _now, _asked: True),
)
_BY_NAME: Columns = {one.name.lower(): one for one in COLUMNS}

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
    options = read_options(ask.request.query_params.multi_items())
    asked = asked_by(ask.manner, ask.ctx.view)
    # A long filter takes a while, and other requests go on meanwhile.
    found = await asyncio.to_thread(_found, options, asked)
    said = dict(options.given)
    # All are few: they are cut only for who asks for that.
    end = options.skip + options.top if "top" in said else len(found)
    page, columns = found[options.skip : end], selected(options, _BY_NAME, COLUMNS)
    address = ask.ctx.base_url + ask.request.url.path
    return {
        "odata.metadata": ask.ctx.base_url + METADATA,
        "odata.nextLink": link(address, said | {"skip": str(end)}, NAMES)
        if page and end < len(found)
        else None,
        "value": [_row(now, columns, asked) for now in page],
    }


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


def _found(options: Options, asked: Asked) -> list[Now]:
    now = asked.now.astimezone(UTC)
    test = tester(options.tree, _BY_NAME, asked)
    found = [one for zone in ZONES if test(one := (zone, now))]
    for order in reversed(options.orders):
        found.sort(key=order_key(order, _BY_NAME, asked), reverse=order.is_descending)
    return found


def _row(now: Now, columns: list[Column], asked: Asked) -> Json:
    cells = {one.name: one.value(now, asked) for one in columns}
    return {"PrimaryKey": str(now[0].id), "EntityName": ENTITY} | cells


def _known(clock: ZoneInfo) -> Zone:
    found = zone_of_clock(clock.key)
    if found is None:
        raise RecordNotFound("time zone", clock.key)
    return found


def _data(zone: Zone, ask: Ask) -> Json:
    return ask.tree(time_zone(zone.id, ask.ctx.view.now.year))
