"""What can be asked about time zones (GET TimeZone, TimeZone/base, TimeZone/current; Agents TimeZone)."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from starlette.types import ASGIApp

from appointed.domain.errors import RecordNotFound
from appointed.superoffice.archive.catalogue import Columns
from appointed.superoffice.archive.columns import column
from appointed.superoffice.archive.listing import Listing, page_of_things
from appointed.superoffice.archive.meaning import Asked, asked_by
from appointed.superoffice.archive.options import Options, read_options
from appointed.superoffice.archive.record_columns import Block
from appointed.superoffice.archive.rows import Thing
from appointed.superoffice.archive.written import write_page
from appointed.superoffice.carriers.shape import Field, Json, Shape
from appointed.superoffice.carriers.time_zone import time_zone
from appointed.superoffice.countries import country_of_code
from appointed.superoffice.service import Ask
from appointed.superoffice.texts import Language
from appointed.superoffice.zones import ZONES, Zone, zone_of_clock

METADATA = "/api/v1/Archive/$metadata"
ENTITY = "timezone"
Now = tuple[Zone, datetime]


def _country(zone: Zone, language: Language | None) -> str:
    return country_of_code(zone.code[:2], zone.country, language) if zone.country else ""


COLUMNS: Block = (
    column("id", "int", "ID", lambda now, _asked: now[0].id),
    column("timeZone", "string", "Time zone", lambda now, _asked: now[0].code),
    column("country", "string", "Country", lambda now, asked: _country(now[0], asked.manner.language)),
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
    Field("Country", "string", lambda now, ctx: _country(now[0], ctx.language)),
    Field("Bias", "int32", lambda now, _ctx: minutes_of(now[0].info, now[1])),
)


async def zones(ask: Ask) -> ASGIApp:
    """The time zones, as a table: id, code, country, place, minutes east of UTC now, summer time now."""
    options = read_options(ask.request.query_params.multi_items())
    # All are few: they are cut only for who asks for that.
    if "top" not in dict(options.given):
        options = replace(options, top=len(ZONES))
    asked = asked_by(ask.manner, ask.ctx.view)
    # A long filter takes a while, and other requests go on meanwhile.
    page = await asyncio.to_thread(_page, options, asked)
    return write_page(ask.request, page, options, asked, METADATA)


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


def _page(options: Options, asked: Asked) -> Listing:
    now = asked.now.astimezone(UTC)
    things = [Thing(item=(zone, now), key=zone.id, entity=ENTITY) for zone in ZONES]
    return page_of_things(things, _BY_NAME, COLUMNS, options, asked)


def _known(clock: ZoneInfo) -> Zone:
    found = zone_of_clock(clock.key)
    if found is None:
        raise RecordNotFound("time zone", clock.key)
    return found


def _data(zone: Zone, ask: Ask) -> Json:
    return ask.tree(time_zone(zone.id, ask.ctx.view.now.year))
